"""What the tables of a statement share: the total under a table, a row for each partner, words for none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from commissioning.statement import PartnerLine
from exports.facts import Facts
from exports.view import Column
from exports.words import Value
from ledger.language import _

Rows = tuple[tuple[Value, ...], ...]


def total(columns: Sequence[Column], rows: Rows, word: str = "") -> tuple[Value, ...] | None:
    """The total row: the sum of each summed column; none where there is nothing to add up."""
    if len(rows) < 1 or not any(column.summed for column in columns):
        return None
    sums = [sum(value for row in rows if isinstance(value := row[i], int)) if column.summed else None
            for i, column in enumerate(columns)]
    return (word or _("Total"), *sums[1:])


def partner_rows(facts: Facts, cells: Callable[[PartnerLine], Iterable[Value]]) -> Rows:
    """A row for each partner, with its name before its cells."""
    return tuple((line.name or line.id, *cells(line)) for line in facts.statement.partners)


def partner_total(facts: Facts, columns: Sequence[Column], rows: Rows) -> tuple[Value, ...] | None:
    """The total of all partners; an extract has one partner and no total."""
    return None if facts.extract else total(columns, rows)


def other_partners(facts: Facts) -> list[str]:
    """The head of the column in which an extract puts together what is not its partner's."""
    return [_("Other partners")] if facts.extract else []


def no_partners() -> str:
    """What stands in place of a table of partners without any."""
    return _("The statement names no partner.")


def no_services() -> str:
    """What stands in place of a table of services without any."""
    return _("The pool has no services in this period.")
