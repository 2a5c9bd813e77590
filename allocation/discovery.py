"""How kinds of rule are found: every module of a folder holds one, and a new file is all that a new kind needs."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, Union

from pydantic import BeforeValidator, Discriminator, Tag
from pydantic_core import PydanticCustomError

from allocation.terms import Rule
from ledger.language import Said

R = TypeVar("R", bound=Rule)
LONGEST_WORD = 100  # characters of a misspelt word; beyond it nothing is near, and to compare it takes long
TAG = "kind:"
"""Marks the union's own part of a fault's location, which stands in no file."""


def discover(package: str, path: Iterable[str], base: type[R]) -> dict[str, type[R]]:
    """The one subclass of `base` that each module of the folder defines, by its name."""
    found: dict[str, type[R]] = {}
    for info in pkgutil.iter_modules(path):
        module = importlib.import_module(f"{package}.{info.name}")
        kinds = [kind for kind in vars(module).values()
                 if isinstance(kind, type) and issubclass(kind, base) and kind.__module__ == module.__name__]
        assert len(kinds) == 1, f"{module.__name__} holds exactly one kind of rule"
        assert kinds[0].name not in found, f"{kinds[0].name} is defined once"
        found[kinds[0].name] = kinds[0]
    return dict(sorted(found.items()))


def union_of(kinds: Mapping[str, type[Rule]], which: Any) -> Any:
    """The type «any of these kinds», told apart by `which(data)`, which answers a name or raises why there is none."""
    def tag(value: Any) -> str:
        try:
            return TAG + (value.name if isinstance(value, Rule) else which(value))
        except PydanticCustomError:
            return TAG + "none"  # a discriminator may not raise: the member below raises in its place

    members = tuple(Annotated[kind, Tag(TAG + name)] for name, kind in kinds.items())
    none = Annotated[Any, BeforeValidator(which), Tag(TAG + "none")]
    return Annotated[Union[(*members, none)], Discriminator(tag)]


def near(word: str, known: Iterable[str]) -> str:
    """« (did you mean …?)» for a misspelt word, or nothing."""
    words = list(known)  # where the word itself is among them it is not misspelt, but stands where it should not
    close = get_close_matches(word, words, 1) if len(word) <= LONGEST_WORD and word not in words else []
    return Said(" (did you mean {word}?)", word=close[0]) if close else ""
