"""Share bases: one file a kind. `AnyBasis` is the type of a basis in an agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from allocation.basis import Basis
from allocation.discovery import discover, near, union_of
from allocation.errors import BasisUnknown
from allocation.terms import carry
from ledger.language import Said

ALL: Mapping[str, type[Basis]] = discover(__name__, __path__, Basis)


def _which(value: Any) -> str:
    name = value.get("by") if isinstance(value, Mapping) else value
    if not isinstance(name, str) or name not in ALL:
        raise carry(BasisUnknown(name=Said("nothing") if name is None else name, known=", ".join(ALL),
                                 hint=near(str(name), ALL)))
    return name


def _spelled_out(value: Any) -> Any:
    """A basis without keys may be a bare word: `share: equal` says `share: {by: equal}`."""
    return {"by": value} if isinstance(value, str) else value


if TYPE_CHECKING:
    AnyBasis = Basis
else:
    AnyBasis = Annotated[union_of(ALL, _which), BeforeValidator(_spelled_out)]
    for _kind in ALL.values():  # a basis may hold another: its type is known only now
        _kind.model_rebuild(_types_namespace={"AnyBasis": AnyBasis})
