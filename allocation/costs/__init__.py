"""Cost rules: one file a kind. `AnyCost` is the type of `cost:` in an agreement, told apart by `by`.

`tariff`, `duration` and `unit_price` have their own files; every share basis is a cost rule too, through `shared`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from allocation.bases import ALL as BASES
from allocation.cost import CostRule
from allocation.discovery import discover, near, union_of
from allocation.errors import BasisUnknown
from allocation.terms import carry
from ledger.language import Said

ALL: Mapping[str, type[CostRule]] = discover(__name__, __path__, CostRule)


def _which(value: Any) -> str:
    name = value.get("by") if isinstance(value, Mapping) else value
    if isinstance(name, str) and name in BASES:
        return "shared"
    known = [*BASES, *(kind for kind in ALL if kind != "shared")]
    if not isinstance(name, str) or name not in known:
        raise carry(BasisUnknown(name=Said("nothing") if name is None else name, known=", ".join(known),
                                 hint=near(str(name), known)))
    return name


if TYPE_CHECKING:
    AnyCost = CostRule
else:
    AnyCost = union_of(ALL, _which)
