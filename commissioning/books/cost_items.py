"""What cost rules look at: the year's cost event by event, or summed where a rule asks no more. Pure.

A rule that shares a service's whole cost, or its cost by class, needs only sums (movements); a rule about cases needs
the events themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from allocation.cost import CostItem
from allocation.costs.shared import Shared
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Rule, Version
from commissioning.books.figures import is_cost
from commissioning.events.model import Event, details_of
from ledger.model import Movement, Recorded

SIGNS = {"expenditure": 1, "accrual": 1, "in_kind": 1, "activity": 0, "refund": -1, "user_charge": -1, "income": -1}
"""Which events are cost items, and whether their amount raises the cost or lowers it."""
KINDS = (*SIGNS, "reversal", "adjustment", "journal")


def cost_rules(version: Version) -> list[Rule]:
    """The rules of a version that share cost rather than variance."""
    return [rule for rule in version.rules if rule.cost is not None]


def by_event(version: Version) -> bool:
    """Whether a version has a rule that must see each event."""
    return any(not isinstance(rule.cost, Shared) for rule in cost_rules(version))


def cost_services(version: Version) -> set[str]:
    """The services whose cost is shared."""
    return {service for rule in cost_rules(version) for service in covered_by(version, rule)}


def from_movements(movements: Iterable[Movement], services: Collection[str]) -> list[CostItem]:
    """One item for each service, class and payer."""
    return [CostItem(m.service, m.amount, cost_class=m.cost_class, payer=m.partner)
            for m in movements if m.service in services and is_cost(m.account)]


def from_entries(entries: Iterable[Recorded], services: Collection[str],
                 undone: Mapping[int, Recorded]) -> list[CostItem]:
    """One item for each event on these services, and for each line of a journal entry or adjustment on their cost.

    `undone`: the entries that reversals among these undo; some may lie in an earlier year or version.
    """
    return [item for recorded in entries for item in _items(recorded, undone) if item.service in services]


def _items(recorded: Recorded, undone: Mapping[int, Recorded]) -> Iterator[CostItem]:
    entry = recorded.entry
    if entry.kind in SIGNS:
        yield _of_event(recorded)
        return
    original = undone.get(entry.reverses or 0)
    if original is not None and original.entry.kind in SIGNS:
        item = _of_event(original)
        yield replace(item, amount=-item.amount, units=None if item.units is None else -item.units, date=entry.date,
                      number=recorded.number, undoes=original.number)
        return
    for line in entry.postings:
        if line.service and is_cost(line.account):
            yield CostItem(line.service, line.amount, line.units or None, line.cost_class, line.case, line.partner,
                           "", entry.date, recorded.number, entry.reverses or 0)


def _of_event(recorded: Recorded) -> CostItem:
    """An event as a cost item: what it says, with the sign that its kind gives it."""
    entry, says = recorded.entry, details_of(recorded.entry.details)
    used_by = says.get("partner", "") if entry.kind == "activity" else ""
    payer = "" if entry.kind == "accrual" else says.get("partner", "")  # what is not yet invoiced nobody has paid
    return CostItem(says.get("service", ""), SIGNS[entry.kind] * says.get("amount", 0), says.get("units"),
                    says.get("cost_class", ""), says.get("case", ""), payer,
                    says.get("beneficiary", used_by), entry.date, recorded.number)


def days_before(entries: Iterable[Recorded], services: Collection[str]) -> dict[str, int]:
    """Each case's units before the year: opening units, and those of earlier years' events. Millionths."""
    found: dict[str, int] = {}
    undone = {r.entry.reverses for r in entries if r.entry.kind == "reversal"}
    for recorded in entries:
        if recorded.entry.kind in ("opening_units", *SIGNS) and recorded.number not in undone:
            says = details_of(recorded.entry.details)
            counts = recorded.entry.kind == "opening_units" or says.get("service") in services
            if counts and says.get("case") and says.get("units"):
                found[says["case"]] = found.get(says["case"], 0) + says["units"]
    return found


def lacks(event: Event, version: Version) -> tuple[str, ...]:
    """The columns without which the cost rule of an event's service cannot place it."""
    if event.event not in SIGNS:
        return ()
    used_by = event.partner if event.event == "activity" else ""
    item = CostItem(event.service, event.amount or 0, event.units, event.cost_class, event.case, event.partner,
                    event.beneficiary or used_by, event.date)
    rules = [rule for rule in cost_rules(version) if event.service in covered_by(version, rule)]
    return tuple(column for rule in rules if rule.cost for column in rule.cost.lacks(item))
