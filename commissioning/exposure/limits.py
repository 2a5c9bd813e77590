"""The limits of an agreement that a year may reach: what a partner bears at most in a step, and what a step takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from allocation.step import Step, contribution_limits, limit_in_minor
from commissioning.apportionment.borne import Spent
from commissioning.apportionment.by_rule import shared_services
from commissioning.statement import WorkingLine


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `step` counts from 1 in the rule's list for that side; `partner` is empty where the step is limited.

    `amount`: minor units, as the year's last version has it.
    """

    rule: str
    reference: str
    side: str
    step: int
    name: str
    partner: str
    amount: int


def limits(spent: Sequence[Spent]) -> list[Limit]:
    """Every cap and every `up_to` of the rules of a year's versions, in the order of the file."""
    found: dict[tuple[str, str, int, str], Limit] = {}
    for one in spent:
        for rule in one.stretch.version.rules:
            services = shared_services(one.stretch.version, rule) if rule.cost is None else []
            facts = one.stretch.facts(services)
            annual = sum(one.stretch.full_budget(service) for service in services)
            for side in ("overspend", "underspend"):
                for place, step in enumerate(rule.steps(side), 1):
                    amounts = {**contribution_limits(getattr(step, "caps", {}), facts), **_own(step, annual)}
                    for partner, amount in amounts.items():
                        found[rule.id, side, place, partner] = Limit(rule.id, rule.reference, side, place, step.name,
                                                                     partner, amount)
    return list(found.values())


def _own(step: Step, annual: int) -> dict[str, int]:
    limit = limit_in_minor(step.up_to, annual)
    return {} if limit is None else {"": limit}


def reached(known: Sequence[Limit], working: Iterable[WorkingLine]) -> list[bool]:
    """Whether each limit was reached, by the working of a year: its steps stand in order behind a rule's variance."""
    taken: dict[tuple[str, str, int], int] = {}
    borne: dict[tuple[str, str, int, str], int] = {}
    rule, side, place = "", "", 0
    for line in working:
        if not line.rule:
            continue
        if line.step == "variance":
            rule, side, place = line.rule, "overspend" if line.amount_in >= 0 else "underspend", 0
        elif line.rule == rule and not line.step.startswith("spread to "):
            place += 1
            taken[rule, side, place] = taken.get((rule, side, place), 0) + abs(line.amount_in - line.remaining)
            for who, amount in line.out.items():
                borne[rule, side, place, who] = borne.get((rule, side, place, who), 0) + abs(amount)
    return [_at(limit, taken.get((limit.rule, limit.side, limit.step), 0),
                borne.get((limit.rule, limit.side, limit.step, limit.partner), 0)) for limit in known]


def _at(limit: Limit, taken: int, borne: int) -> bool:
    """A limit of nothing is reached only where its step was used."""
    return taken > 0 and (borne if limit.partner else taken) >= limit.amount
