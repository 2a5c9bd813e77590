"""Cost rule `unit_price` in cells: each month's units of each payer × the price, unless their mean is free."""

from __future__ import annotations

from typing import cast

from allocation.costs.unit_price import UnitPrice
from commissioning.scenario.cases import CaseRow
from exports.scenario.costs.given import Cases, Table, cell
from exports.scenario.model import Column, Formula, Ref, plus, times_half_up

_COLUMNS = (Column("Number", "whole", 10), Column("Rule", width=30), Column("Service", width=30),
            Column("Month", width=12), Column("Payer", width=24), Column("Units", "whole", 16),
            Column("Units in all services", "whole", 18), Column("Cases", "whole", 12),
            Column("Charged: 1, free: 0", "whole", 14), Column("Price", "whole", 18), Column("Charge", "whole", 18))
_NOTE = ("Units × price, rounded half up; nothing where the mean of the month's units over all cases is not above the "
         "free mean. Units in the parts of a unit that the inputs have.")


def write(at: Cases) -> None:
    terms = cast("UnitPrice", at.one.rule.cost)
    table = at.sheet("UnitPrices", "Charges by unit and month", _NOTE, _COLUMNS)
    months: dict[tuple[str, str], list[CaseRow]] = {}
    for row in at.one.rows:
        if row.when:
            months.setdefault((row.when, row.who), []).append(row)
    for rows in months.values():
        _month(at, terms, table, rows)
    for service in at.one.services:
        for cost in at.costs(service):
            at.put(service, terms.payee, cost)


def _month(at: Cases, terms: UnitPrice, table: Table, rows: list[CaseRow]) -> None:
    """A payer's charges for a month, service by service."""
    used = [row for row in rows if "units" in row.changes]
    cases = next((at.row(row, "cases") for row in rows if "cases" in row.changes), None)
    every, price, scale = [at.row(row, "units") for row in used], at.own("price"), at.row_scale(used[0], "units")
    for row in used:
        charge = table.at(10)
        table.add(at.one.rule.id, row.service, row.when, row.who, cell(at.row(row, "units")),
                  Formula(f"={plus(every)}"), None if cases is None else cell(cases),
                  Formula(f"={_charged(at, table, cases, scale)}"), cell(price),
                  Formula(f"={table.at(8)}*{times_half_up(str(table.at(5)), str(table.at(9)), scale)}"))
        at.put(row.service, row.who, charge)
        at.put(row.service, terms.payee, f"(-{charge})")


def _charged(at: Cases, table: Table, cases: Ref | None, scale: int) -> str:
    """1 where all units are charged: their mean is above the free one, or there is none."""
    if cases is None:
        return "1"
    free, fine = at.own("free_units_mean"), at.scale("free_units_mean")
    return f"IF({table.at(6)}*{fine}>{free}*{table.at(7)}*{scale},1,0)"
