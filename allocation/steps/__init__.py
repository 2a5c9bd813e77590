"""Variance steps: one file a kind. `AnyStep` is the type of a step in an agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from allocation.discovery import discover, near, union_of
from allocation.errors import StepAmbiguous, StepUnknown
from allocation.step import Step
from allocation.terms import carry
from ledger.language import Said

ALL: Mapping[str, type[Step]] = discover(__name__, __path__, Step)


def _which(value: Any) -> str:
    keys = [str(key) for key in value] if isinstance(value, Mapping) else [str(value)]
    kinds = [key for key in keys if key in ALL]
    if len(kinds) > 1:
        raise carry(StepAmbiguous(keys=", ".join(kinds)))
    if not kinds:
        raise carry(StepUnknown(keys=", ".join(keys) or Said("(none)"), known=", ".join(ALL),
                                hint=near(keys[0], ALL) if keys else ""))
    return kinds[0]


if TYPE_CHECKING:
    AnyStep = Step
else:
    AnyStep = union_of(ALL, _which)
