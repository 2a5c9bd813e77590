"""Where the cells of a statement's tables lead: a name to its working and clause, a figure to how it comes about.

A cell is found by what its table, column and row are called, so their order does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.web.sources import ENTRIES
from api.web.sources.course import forecast_at, taken
from commissioning.statement import FundLine, PartnerLine, ReserveLine, ServiceLine, Statement
from exports.view import Column, Table
from ledger.language import N_, _

Line = ServiceLine | PartnerLine | FundLine | ReserveLine
HEADS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "services": ("services", {
        N_("Plan to date"): "budget", N_("Actual to date"): "actual", N_("Variance to date"): "variance",
        N_("Committed, not yet spent"): "committed", N_("Annual budget"): "annual_budget", N_("Forecast"): "forecast",
        N_("Forecast variance"): "forecast_variance"}),
    "off-plan": ("services", {N_("Forecast variance"): "forecast_variance"}),
    "asked": ("partners", {
        N_("Amount due under the agreement"): "liability", N_("Paid or credited"): "paid",
        N_("Settlement"): "settlement", N_("Settlement, indicative"): "settlement"}),
    "partners": ("partners", {
        N_("Share of plan"): "share_of_budget", N_("Share of actual"): "share_of_actual",
        N_("Share of variance"): "share_of_variance", N_("Share of variance on the forecast"): "forecast_share"}),
    "contributions": ("partners", {
        N_("Agreed for the year"): "contribution_agreed", N_("Contribution due"): "contribution_due",
        N_("Contribution paid"): "contribution_paid", N_("In kind or to providers"): "otherwise",
        N_("Overdue"): "overdue", N_("Beyond what is due"): "beyond",
        N_("Earlier settlements brought forward"): "brought_forward", N_("Earlier settlements settled"): "settled"}),
    "funds": ("funds", {
        N_("Opening"): "opening", N_("Received"): "received", N_("Paid"): "paid", N_("Closing"): "closing",
        N_("Uncommitted in the plan"): "uncommitted"}),
    "reserves": ("reserves", {
        N_("Opening"): "opening", N_("Drawn"): "drawn", N_("Added"): "added", N_("Closing"): "closing"}),
}
MATRICES: Mapping[str, str] = {N_("Actual by partner"): "actual", N_("Variance by partner"): "variance",
                               N_("Budget by partner"): "budget"}


@dataclass(frozen=True, slots=True)
class Leads:
    """The links of one statement's page: `base` is its address, `query` (`?issue=2`) keeps to the issue or draft."""

    statement: Statement
    base: str
    query: str = ""

    @property
    def here(self) -> str:
        """The statement's own page."""
        return f"{self.base}{self.query}"

    def figure(self, path: str) -> str:
        """The page of how a figure comes about; of one that entries add up to, the page of those."""
        root, _first, rest = path.partition("/")
        name, _second, attribute = rest.rpartition("/")
        entries = ENTRIES.get((root, attribute)) if "/" not in name else None
        return self._at(f"{root}/{name}/{entries}" if entries else f"figures/{path}")

    def cell(self, table: Table, row: int | None, column: int) -> str:
        """Where a cell leads (`row` None: in the total); empty where nothing is behind it."""
        part = next((part for name, part in MATRICES.items() if table.name == _(name)), "")
        if part:
            return self._part(table, row, column, part)
        found = HEADS.get(table.key)
        if found is None:
            return (self._course(table, row, column) or self._entries(table, row)) if column and row is not None else ""
        root, heads = found
        attribute = _attribute(table.columns[column], heads)
        if row is None:
            return self.figure(f"totals/{attribute}") if root == "services" and attribute else ""
        line = self._line(root, table, row)
        if line is None:
            return ""
        if column == 0:
            return self._at(f"{root}/{line.id}") if root in ("services", "partners") else ""
        if isinstance(line, ReserveLine) and table.columns[column].group in line.by_partner:
            attribute = f"by_partner/{table.columns[column].group}"
        return self.figure(f"{root}/{line.id}/{attribute}") if attribute else ""

    def _part(self, table: Table, row: int | None, column: int, part: str) -> str:
        """In a table of services by partners: one partner's part, what no partner bears, or the whole."""
        group = table.columns[column].group
        if row is None:
            return self.figure(f"parts/{group}/{part}") if self._is_partner(group) else (
                self.figure(f"totals/{part}") if column and not group else "")
        line = self._line("services", table, row)
        if line is None or group == "others":
            return ""
        if column == 0:
            return self._at(f"services/{line.id}")
        if not self._is_partner(group):
            return self.figure(f"services/{line.id}/{group or part}")
        there = isinstance(line, ServiceLine) and group in line.partners
        return self.figure(f"services/{line.id}/partners/{group}/{part}") if there else ""

    def _course(self, table: Table, row: int, column: int) -> str:
        """In a table of the year's course: how that figure comes about, or the statement that it was taken from."""
        s = self.statement
        path = ""
        if table.key == "measures":
            keys = [key for key, _amount in taken(s)]
            path = "totals/variance" if not row else f"measures/{keys[row - 1]}/{('takes', 'left')[column - 1]}"
        elif table.key == "gap":
            group = table.columns[column].group
            fund = [line.id for line in s.funds if line.gap is not None][row]
            path = f"gaps/{fund}/{group}".rstrip("/") if group != "others" else ""
        elif table.key == "savings" and column > 3:
            path = f"outcomes/{s.outcomes[row].id}/{('value', 'expected', 'risk')[column - 4]}"
        elif table.key == "outcomes" and column > 2:
            pairs = [(one.id, who) for one in s.outcomes for who in dict.fromkeys([*one.paid, *one.gains])
                     if one.paid.get(who, 0) or one.gains.get(who, 0)]
            name, who = pairs[row]
            path = f"outcomes/{name}/{('paid', 'gained', 'difference')[column - 3]}/{who}"
        elif table.key == "forecasts":
            return self._forecast(row, column)
        return self.figure(path) if path else ""

    def _forecast(self, row: int, column: int) -> str:
        """A forecast of an earlier period leads to that period's statement, a change to the two that it is between."""
        earlier = self.statement.earlier_forecasts
        figure = {1: "annual_budget", 2: "forecast", 3: "forecast_variance"}.get(column, "")
        if figure and row < len(earlier):
            pool = self.base.partition("/statements/")[0]
            return pool + forecast_at(earlier[row].period, earlier[row].issue, figure)
        if figure:
            return self.figure(f"totals/{figure}")
        period = earlier[row].period if row < len(earlier) else self.statement.period
        return self.figure(f"forecasts/{period}/change") if row and column == 5 else ""

    def _entries(self, table: Table, row: int) -> str:
        """In a table whose figures stand nowhere else in the statement: the search that finds their entries."""
        s, asked = self.statement, {}
        if table.key == "repayments":
            asked = {"account": f"liabilities:repayable:{s.repayments[row].partner}"}
        elif table.key == "claims":
            asked = {"account": "assets:claims"}
        elif table.key == "changes":
            asked = {"reference": s.plan_changes[row].reference}
        elif table.key.startswith("pot-"):
            asked = {"account": f"expenses:distribution:{table.key.removeprefix('pot-')}"}
        return f"{self.base.partition('/statements/')[0]}/entries?{urlencode(asked)}" if any(asked.values()) else ""

    def _is_partner(self, name: str) -> bool:
        return any(line.id == name for line in self.statement.partners)

    def _line(self, root: str, table: Table, row: int) -> Line | None:
        lines: Sequence[Line] = getattr(self.statement, root)
        said = table.rows[row][0]
        if row < len(lines) and said == _name(lines[row]):
            return lines[row]
        return next((line for line in lines if _name(line) == said), None)

    def _at(self, path: str) -> str:
        return f"{self.base}/{path}{self.query}"


def _name(line: Line) -> str:
    return line.name or line.id if isinstance(line, ServiceLine | PartnerLine) else line.id


def _attribute(column: Column, heads: Mapping[str, str]) -> str:
    return next((attribute for head, attribute in heads.items() if column.head == _(head)), "")
