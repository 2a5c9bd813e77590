"""What the shares were when they could last be worked out: for `else: last_agreed`, where every figure is zero.

Looks back from version to version, the latest first: at the same rule, list and position, on the figures of that year.
Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from allocation.basis import Basis
from allocation.model import Shares
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Agreement, Rule
from commissioning.agreement.plan import Stretch, stretches
from commissioning.books.figures import figures
from ledger.calendar import Year
from ledger.errors import PoolbookError
from ledger.model import Movement

COST = "cost"


@dataclass(frozen=True, slots=True)
class Past:
    """A version's days in some year, with what its partners had paid by fund and used by service."""

    stretch: Stretch
    received: Mapping[tuple[str, str], int]
    units: Mapping[tuple[str, str], int]


def looks_back(terms: BaseModel) -> bool:
    """Whether any share of an agreement, or of a part of one, is to be as it last was."""
    return _mentions(terms)


def _mentions(value: Any) -> bool:
    if isinstance(value, Basis) and value.otherwise == "last_agreed":
        return True
    if isinstance(value, BaseModel):
        return any(_mentions(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Mapping):
        return any(map(_mentions, value.values()))
    return isinstance(value, tuple) and any(map(_mentions, value))


def pasts(agreement: Agreement, year: Year, before: Sequence[Movement]) -> tuple[Past, ...] | None:
    """Every version's days in the years before one, the latest first; None where no share looks back."""
    if not looks_back(agreement):
        return None
    found: list[Past] = []
    first = agreement.calendar.year_of(agreement.versions()[0].effective)
    for number in range(year.number - 1, first.number - 1, -1):
        then = agreement.calendar.year(number)
        periods = {p.number for p in then.periods()}
        known = figures((), [m for m in before if m.period in periods])
        found += [Past(s, known.received, known.units) for s in reversed(stretches(agreement, then))]
    return tuple(found)


def last_shares(rule: Rule, side: str, past: Sequence[Past] | None) -> tuple[Shares | None, ...]:
    """For each step of a rule's list (or its cost) what its basis last gave; None where it never could."""
    if not past:
        return ()
    return tuple(_last(rule.id, side, place, basis, past) if basis is not None else None
                 for place, basis in enumerate(_bases(rule, side)))


def _bases(rule: Rule, side: str) -> list[Basis | None]:
    if side == COST:
        return list(rule.cost.bases()) if rule.cost is not None else []
    return [step.basis() for step in rule.steps(side)]


def _last(rule_id: str, side: str, place: int, basis: Basis, earlier: Sequence[Past]) -> Shares | None:
    for past in earlier:
        version = past.stretch.version
        rule = next((rule for rule in version.rules if rule.id == rule_id), None)
        if rule is None:
            continue
        then = _bases(rule, side)[place:place + 1]
        facts = past.stretch.facts(covered_by(version, rule), past.received, past.units)
        try:
            return (then[0] if then and then[0] is not None else basis).shares(replace(facts, amount=1))
        except PoolbookError:
            continue  # it could not be worked out then either
    return None
