"""The results' sheet: every figure of the year's statement by its path, baseline beside scenario.

`figures` lists them from a statement, so that the engine's result can be set beside the workbook's, cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from commissioning.books.figures import Paid
from commissioning.statement import COLUMNS, Statement
from exports.scenario.bench import Bench
from exports.scenario.borne import Amounts, Year
from exports.scenario.model import FIRST, MOST_TERMS, Column, Formula, Sheet, Term, plus
from exports.statement import PART, PARTNER, RESERVE, SERVICE, TOTALS
from ledger.money import decimals

BASELINE, SCENARIO = 3, 4
_COLUMNS = (Column("Number", "whole", 10), Column("Figure", width=52), Column("Whose", width=42),
            Column("Baseline", "money", 20), Column("Scenario", "money", 20), Column("Change", "money", 18),
            Column("Follows the inputs", width=24), Column("Name", width=60))
_WORDS = {"liability": "amount due under the agreement", "contribution_due": "contribution due",
          "contribution_paid": "contribution paid", "share_of_budget": "share of budget",
          "share_of_actual": "share of cost", "share_of_variance": "share of variance",
          "forecast_share": "forecast share of variance", "due_now": "due now", "brought_forward": "brought forward",
          "annual_budget": "budget for the year", "actual": "cost", "carried_forward": "carried forward",
          "reserves": "borne by reserves", "variance": "variance", "forecast": "forecast",
          "committed": "committed", "outstanding": "outstanding", "settled": "settled", "by_partner": "closing balance"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a statement: its path, what it is, whose, and the amount in minor units."""

    path: str
    words: str
    who: str
    amount: int


def figures(statement: Statement) -> Iterator[Figure]:
    """Every figure of a statement's partners, services, reserves and totals."""
    for partner in statement.partners:
        for key in PARTNER:
            yield Figure(f"partners.{partner.id}.{key}", _words(key), partner.name, getattr(partner, key))
    for service in statement.services:
        for key in (*SERVICE, *COLUMNS):
            yield Figure(f"services.{service.id}.{key}", _words(key), service.name, getattr(service, key))
        for who, part in service.partners.items():
            for key in PART:
                yield Figure(f"services.{service.id}.partners.{who}.{key}", f"{_words(key)}: {who}", service.name,
                             getattr(part, key))
    for reserve in statement.reserves:
        for key in RESERVE:
            yield Figure(f"reserves.{reserve.id}.{key}", _words(key), reserve.id, getattr(reserve, key))
        for who, amount in reserve.by_partner.items():
            yield Figure(f"reserves.{reserve.id}.by_partner.{who}", f"{_words('by_partner')}: {who}", reserve.id,
                         amount)
    for key in TOTALS:
        yield Figure(f"totals.{key}", f"total {_words(key)}", "", getattr(statement.totals, key))
    yield Figure("unallocated", "unallocated", "", statement.unallocated)
    yield Figure("contested", "contested", "", statement.contested)


def _words(key: str) -> str:
    return _WORDS.get(key, key.replace("_", " "))


def results(bench: Bench, year: Year, baseline: Statement) -> Sheet:
    """Writes the sheet; a figure that no formula makes keeps the engine's baseline."""
    sheet = bench.book.sheet(Sheet("Results", "Results", "Every figure of the year's final statement, in the currency; "
                                   "each has a name to which other workbooks may link.", _COLUMNS))
    terms = _terms(bench, year, baseline)
    places = decimals(baseline.currency)
    for number, figure in enumerate(figures(baseline), 1):
        row = sheet.next_row
        here, base = sheet.ref(SCENARIO, row), sheet.ref(BASELINE, row)
        term = terms.get(figure.path, figure.amount)
        amount = Decimal(figure.amount).scaleb(-places)
        sheet.add(number, figure.words, figure.who, amount, Formula(f"=({term})/{bench.scale}", amount),
                  Formula(f"=ROUND({here}-{base},{places})"), None, bench.book.name("out", figure.path, here))
    reasons = bench.book.reasons()
    for i, values in enumerate(sheet.rows, FIRST + 1):
        cell = sheet.ref(SCENARIO, i)
        values[6] = "partly: see Notes" if (cell.sheet, cell.column, cell.row) in reasons else "yes"
    return sheet


def _terms(bench: Bench, year: Year, baseline: Statement) -> Mapping[str, Term]:
    """What each figure is, in minor units, by path."""
    found: dict[str, Term] = {}
    _services(bench, year, baseline, found)
    _partners(bench, year, baseline, found)
    _reserves(bench, year, baseline, found)
    return found


def _sum(bench: Bench, terms: list[Term], what: str, who: str) -> Term:
    return plus(terms) if len(terms) <= MOST_TERMS // 4 else bench.total("Shares", what, who, terms)


def _services(bench: Bench, year: Year, baseline: Statement, found: dict[str, Term]) -> None:
    totals: dict[str, list[Term]] = {key: [] for key in ("budget", "actual", *COLUMNS)}
    for service in baseline.services:
        path, row = f"services.{service.id}", year.row(service.id)
        budget, actual = (bench.line("Shares", f"{service.name}: {what}", "", plus(terms.get(service.id, [])))
                          for what, terms in (("budget", year.budgets), ("cost", year.actuals)))
        found.update({f"{path}.budget": budget, f"{path}.annual_budget": budget, f"{path}.actual": actual,
                      f"{path}.forecast": actual, f"{path}.variance": f"{actual}-{budget}"})
        totals["budget"].append(budget)
        totals["actual"].append(actual)
        for column in COLUMNS:
            if row.columns.get(column):
                ref = bench.line("Shares", f"{service.name}: {column.replace('_', ' ')}", "", plus(row.columns[column]))
                found[f"{path}.{column}"] = ref
                totals[column].append(ref)
            else:
                found[f"{path}.{column}"] = 0
        for who in service.partners:
            part_budget = bench.line("Shares", f"{service.name}: budget", who, plus(row.budget.get(who, [])))
            variance = bench.line("Shares", f"{service.name}: variance", who, plus(row.variance.get(who, [])))
            found.update({f"{path}.partners.{who}.budget": part_budget, f"{path}.partners.{who}.variance": variance,
                          f"{path}.partners.{who}.actual": f"{part_budget}+{variance}"})
    budget, actual = (bench.total("Shares", f"all services: {key}", "", totals[key]) for key in ("budget", "actual"))
    found.update({"totals.budget": budget, "totals.annual_budget": budget, "totals.actual": actual,
                  "totals.forecast": actual, "totals.variance": f"{actual}-{budget}"})
    for column in ("unallocated", "contested"):
        totals[column] += [term for row in year.gaps.values() for term in row.columns.get(column, [])]
        found[column] = bench.total("Shares", f"all services: {column}", "", totals[column])


def _partners(bench: Bench, year: Year, baseline: Statement, found: dict[str, Term]) -> None:
    for partner in baseline.partners:
        p, path = partner.id, f"partners.{partner.id}"
        paid = year.position.figures.partners.get(p, Paid())

        def summed(what: str, *some: Amounts, who: str = p) -> Term:
            terms = [term for amounts in some for term in amounts.get(who, [])]
            return bench.total("Shares", what, who, terms)

        rows, all_rows = year.rows.values(), [*year.rows.values(), *year.gaps.values()]
        due, owed = summed("contribution due", year.due), summed("contribution owed in itself", year.owed)
        share = summed("share of variance", *(row.kept for row in all_rows))
        cost = summed("share of cost", *(row.cost for row in rows))
        budget = summed("share of budgets", *(row.budget for row in rows))
        variance = summed("all variance", *(row.variance for row in rows))
        directly = bench.line("Shares", "paid to providers", p, plus([paid.direct, *year.more_paid.get(p, [])]),
                              "as the books have it, and what more its own services cost")
        liability = bench.line("Shares", "amount due under the agreement", p, f"{owed}+{share}+{cost}",
                               "contribution + share of variance + share of cost")
        found.update({
            f"{path}.contribution_due": due, f"{path}.contribution_paid": paid.cash,
            f"{path}.outstanding": f"{due}-({paid.cash})",
            f"{path}.share_of_budget": budget, f"{path}.share_of_actual": f"{budget}+{variance}",
            f"{path}.share_of_variance": share, f"{path}.forecast_share": share, f"{path}.liability": liability,
            f"{path}.settlement": f"{liability}-({paid.cash + paid.in_kind - paid.held})-{directly}",
            f"{path}.due_now": f"{due}-({paid.cash + paid.in_kind})-{directly}"})


def _reserves(bench: Bench, year: Year, baseline: Statement, found: dict[str, Term]) -> None:
    books = year.position.figures
    for reserve in baseline.reserves:
        name, path = reserve.id, f"reserves.{reserve.id}"
        sums: dict[str, list[Term]] = {"opening": [], "drawn": [], "added": [], "closing": []}
        for p in reserve.by_partner:
            opening = bench.minor(f"reserves.{name}.{p}", books.reserves[name][p])
            ups = plus([*year.added.get(name, {}).get(p, []), books.put_in[name][p]])
            downs = plus([*year.drawn.get(name, {}).get(p, []), books.taken_out[name][p]])
            closing = bench.line("Shares", f"reserve {name}: closing balance", p, f"{opening}+({ups})-({downs})")
            for key, term in zip(sums, (opening, f"({downs})", f"({ups})", closing), strict=True):
                sums[key].append(term)
            found[f"{path}.by_partner.{p}"] = closing
        for key, terms in sums.items():
            found[f"{path}.{key}"] = bench.total("Shares", f"reserve {name}: {key}", "", terms)
