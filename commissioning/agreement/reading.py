"""Reads an agreement file: YAML (or JSON, which is YAML) into values, and every fault onto its line.

All scalars stay text until the terms say what they are, so no number passes through a float and no partner called
`no` becomes false. What an alias stands for is read in each of its places. Tags, merge keys and doubled keys are
refused; size and nesting are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from allocation.discovery import TAG
from commissioning.agreement import checks
from commissioning.agreement.model import Agreement
from commissioning.refusals.files import (
    KeyMissing,
    KeyTwice,
    KeyUnknown,
    ValueEmpty,
    ValueNotAllowed,
    ValueWrong,
    YamlMerge,
    YamlTooLarge,
    YamlUnreadable,
)
from ledger.errors import Place, PoolbookError, Refused
from ledger.foreign import finding, foreign
from ledger.language import Said
from ledger.money import CURRENCIES, CurrencyUnknown

MAX_BYTES = 500_000
MAX_DEPTH = 40
MAX_NODES = 50_000
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # escapes can write what a file cannot hold
NULLS = frozenset({"", "null", "Null", "NULL", "~"})
Path = tuple[str | int, ...]

T = TypeVar("T", bound=BaseModel)


@dataclass(slots=True)
class Document:
    """A file as plain data, and the line on which each of its keys and items stands; `values`: how many it has."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    values: int = 0

    def place(self, path: Path) -> Place:
        """Where a path stands; where it is missing from the file, where its parent stands."""
        known = tuple(path)
        while known and known not in self.lines:
            known = known[:-1]
        return Place(line=self.lines.get(known, 1), field=dotted(path))


def dotted(path: Path) -> str:
    """The path as people write it: `agreements[0].rules[1].applies_to`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_agreement(text: str, file: str = "") -> Agreement:
    """The agreement that a file states. Raises `Refused` with every fault found, each with file and line."""
    agreement, document = _stated(text, file)
    wrong = [fault.at(document.place(path)) for path, fault in checks.faults(agreement)]
    if wrong:
        raise Refused(sorted(wrong, key=lambda fault: fault.place.line or 0)).in_file(file)
    return agreement


def read_applied(text: str) -> Agreement:
    """The agreement of a file that was applied before, and so was found right then.

    It is not looked at again: checks that came later would lock the books, even against a file that puts it right.
    """
    return _stated(text, "")[0]


def _stated(text: str, file: str) -> tuple[Agreement, Document]:
    document = load(text, file)
    currency = _currency(document, file)
    try:
        return Agreement.model_validate(document.data, context={"currency": currency}), document
    except ValidationError as error:
        raise Refused(_faults(error, document)).in_file(file) from None


def read_terms(kind: type[T], text: str, file: str, currency: str) -> T:
    """Terms of another kind that a file states. Raises `Refused` with every fault found, each with file and line."""
    document = load(text, file)
    try:
        return kind.model_validate(document.data, context={"currency": currency})
    except ValidationError as error:
        raise Refused(_faults(error, document)).in_file(file) from None


def load(text: str, file: str = "") -> Document:
    """The YAML document as plain data of mappings, lists, text and None, with lines."""
    document = Document()
    try:
        document.data = _value(nodes(text), (), document)
    except Refused as refused:
        raise refused.in_file(file) from None
    return document


@lru_cache(maxsize=4)  # one text is read as terms, as inputs, to be edited: scenarios of one file follow each other
def nodes(text: str) -> yaml.Node | None:
    """The file as it stands, which nobody changes."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused([YamlTooLarge(limit=Said("{most:,} bytes", most=MAX_BYTES))])
    try:
        found: yaml.Node | None = _Bounded(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(line=mark.line + 1 if mark else None)
        raise Refused([YamlUnreadable(place, fault=foreign(error.problem or ""))]) from None
    except yaml.YAMLError as error:
        raise Refused([YamlUnreadable(fault=foreign(str(error).splitlines()[0]))]) from None
    return found


class _Bounded(yaml.SafeLoader):
    """Refuses each part of a file as it is met, before anything is built of it: it costs no more than is read."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth, self.nodes = 0, 0

    def get_event(self) -> yaml.Event:
        event: yaml.Event = super().get_event()  # type: ignore[no-untyped-call]
        place = Place(line=event.start_mark.line + 1 if event.start_mark else None)
        if isinstance(event, yaml.NodeEvent):
            self._judge(event, place)
        if isinstance(event, yaml.CollectionStartEvent):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Refused([YamlTooLarge(place, limit=Said("{most} levels", most=MAX_DEPTH))])
        elif isinstance(event, yaml.CollectionEndEvent):
            self.depth -= 1
        return event

    def _judge(self, event: yaml.NodeEvent, place: Place) -> None:
        tag = getattr(event, "tag", None)
        self.nodes += 1
        if tag:
            raise Refused([YamlUnreadable(place, fault=Said("the tag {tag} is not allowed", tag=tag))])
        if self.nodes > MAX_NODES:
            raise Refused([YamlTooLarge(place, limit=Said("{most:,} values", most=MAX_NODES))])
        if isinstance(event, yaml.ScalarEvent) and _UNUSABLE.search(event.value):
            raise Refused([YamlUnreadable(place, fault=Said("it holds a character that is no part of any text"))])


def _value(node: yaml.Node | None, path: Path, document: Document) -> Any:
    if node is None:
        return None
    document.lines.setdefault(path, node.start_mark.line + 1)
    document.values += 1  # counted once more, and the levels with them, for aliases repeat what they stand for
    if document.values > MAX_NODES:
        raise Refused([YamlTooLarge(document.place(path), limit=Said("{most:,} values", most=MAX_NODES))])
    if len(path) > MAX_DEPTH:
        raise Refused([YamlTooLarge(document.place(path[:1]), limit=Said("{most} levels", most=MAX_DEPTH))])
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), document) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return None if node.style is None and node.value in NULLS else node.value


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise Refused([YamlUnreadable(Place(line=line), fault=Said("a key must be a plain word"))])
        if key.value == "<<":
            raise Refused([YamlMerge(Place(line=line, field=dotted(path)))])
        if key.value in found:
            raise Refused([KeyTwice(Place(line=line, field=dotted(path)), key=key.value)])
        document.lines[(*path, key.value)] = line
        found[key.value] = _value(value, (*path, key.value), document)
    return found


def _currency(document: Document, file: str) -> str:
    """The currency, needed to read amounts; `GBP` while it is missing, which is a fault of its own."""
    partnership = document.data.get("partnership") if isinstance(document.data, Mapping) else None
    currency = partnership.get("currency") if isinstance(partnership, Mapping) else None
    if currency is None:
        return "GBP"
    if currency not in CURRENCIES:
        place = document.place(("partnership", "currency"))
        raise Refused([CurrencyUnknown(place, currency=currency)]).in_file(file)
    return str(currency)


def _faults(error: ValidationError, document: Document) -> Iterator[PoolbookError]:
    """Each of Pydantic's findings as one of our errors, in the order of the file."""
    found: dict[tuple[object, ...], PoolbookError] = {}
    for one in error.errors(include_url=False):
        fault = _fault(one, document)
        missing = fault.message if isinstance(fault, KeyMissing) else ""
        found.setdefault((fault.place, missing), fault)  # a union says the same twice, the plainer sentence first
    yield from sorted(found.values(), key=lambda fault: fault.place.line or 0)


def _fault(one: Any, document: Document) -> PoolbookError:
    path = _path(one["loc"], document.data)
    place, last = document.place(path), str(path[-1]) if path else ""
    context, kind = one.get("ctx") or {}, one["type"]
    if "error" in context and isinstance(context["error"], PoolbookError):
        return context["error"].at(place)
    if kind == "missing":
        return KeyMissing(document.place(path[:-1]), key=last)
    if kind == "extra_forbidden":
        return KeyUnknown(place, key=last, hint=_hint(last))
    if kind == "literal_error":
        allowed = context["expected"].replace("'", "").replace(" or ", ", ")
        return ValueNotAllowed(place, value=one["input"], allowed=allowed)
    if one["input"] is None:
        return ValueEmpty(place, fault=finding(one))
    return ValueWrong(place, value=_short(one["input"]), fault=finding(one))


def _path(location: tuple[str | int, ...], data: Any) -> Path:
    """Pydantic's location without what stands in no file: the tags of unions and the marks of keys."""
    path: list[str | int] = []
    here = data
    for i, part in enumerate(location):
        last = i == len(location) - 1
        if isinstance(part, str) and (part.startswith(TAG) or part == "[key]"):
            continue
        inside = (isinstance(here, Mapping) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here))
        if not inside and not last:
            continue
        if not inside and not isinstance(here, Mapping):
            continue
        path.append(part)
        here = here[part] if inside else None
    return tuple(path)


def _hint(word: str) -> str:
    """The nearest key that might have been meant, of every key of the language; one of these is not misspelt."""
    close = [] if word in KEYS else get_close_matches(word, KEYS, 1, 0.75)
    return Said(" (did you mean {word}?)", word=close[0]) if close else ""


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        return Said("a list") if isinstance(value, list) else Said("a mapping")
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _keys(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    """Every key that the language knows, for «did you mean»."""
    if model in seen:
        return
    seen.add(model)
    for name, info in model.model_fields.items():
        yield info.alias or name
        for inner in _models(info.annotation):
            yield from _keys(inner, seen)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


KEYS = tuple(sorted(set(_keys(Agreement, set()))))
