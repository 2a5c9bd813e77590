"""Methods of division: one file a kind. `AnyMethod` is the type of a method in somebody's list of options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from allocation.discovery import discover, near, union_of
from allocation.negotiation.method import Method, MethodUnknown
from allocation.terms import carry

ALL: Mapping[str, type[Method]] = discover(__name__, __path__, Method)


def _which(value: Any) -> str:
    name = value.get("method") if isinstance(value, Mapping) else value
    if not isinstance(name, str) or name not in ALL:
        raise carry(MethodUnknown(name=name, known=", ".join(ALL), hint=near(str(name), ALL)))
    return name


def _spelled_out(value: Any) -> Any:
    """A method without terms may be a bare word: `talmud` says `{method: talmud}`."""
    return {"method": value} if isinstance(value, str) else value


if TYPE_CHECKING:
    AnyMethod = Method
else:
    AnyMethod = Annotated[union_of(ALL, _which), BeforeValidator(_spelled_out)]
    for _kind in ALL.values():  # a method may move towards another: its type is known only now
        _kind.model_rebuild(_types_namespace={"AnyMethod": AnyMethod})
