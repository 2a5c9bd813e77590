"""What a statement tells the board beside its figures: the pool manager's notes, and what has moved the plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from commissioning.closing.position import Position
from commissioning.statement import Note, PlanChange


def notes(position: Position) -> Iterable[Note]:
    """What the pool manager has told of the period itself."""
    for one in position.memoranda.notes:
        if one.date >= position.period.starts:
            says = one.says
            yield Note(says["event"], one.date, says.get("service", ""), says["note"], says.get("beneficiary", ""),
                       says.get("source", ""))


def plan_changes(position: Position) -> Iterable[PlanChange]:
    """What has moved the plan since the year began: what last year left, virements, versions that took over."""
    told = position.memoranda
    for service, amount in told.carried_in.items():
        if amount and service in position.planned[0].version.services:
            yield PlanChange("carried_forward", position.year.starts, service, amount, "")
    changes = [PlanChange("virement", one.date, one.says["service"], one.says["amount"], one.says["reference"],
                          one.says.get("note", "")) for one in told.virements]
    changes += [PlanChange("version", stretch.window.starts, "", 0, stretch.version.reference or stretch.version.id)
                for stretch in position.begun[1:]]
    yield from sorted(changes, key=lambda change: change.date)
