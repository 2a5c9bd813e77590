"""A report as values: its tables with the meaning of every column, and the view that the PDF and the workbook draw.

A table is written twice: for people (names, dates and amounts in words) and as CSV (ids, ISO dates, decimal strings).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from commissioning.reports.books import Books
from commissioning.statement import Statement
from exports.facts import Facts
from exports.view import Column, Foot, KeyFigure, Table, View
from exports.words import Kind, Value, cell, clock, day, percent
from ledger.language import _, ngettext

Cell = str | int | bool | dt.date | Fraction | None
"""Amounts in minor units, counts, shares of one as fractions, words, days, answers; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name in the CSV, its heading, what it means. Where not `shown` it is for programs only: an id."""

    id: str
    head: str
    meaning: str
    kind: Kind = Kind.TEXT
    group: str = ""
    summed: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Ties:
    """What must hold in each row: the `plus` columns, by name, less the `minus` ones equal `result`."""

    words: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]
    result: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a report: a part of a file's name, a short name, what it says, columns and rows."""

    id: str
    name: str
    heading: str
    caption: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ties: tuple[Ties, ...] = ()
    note: str = ""
    empty: str = ""
    brief: bool = True  # also in the PDF
    totalled: bool = True

    def table(self) -> Table:
        """As people read it."""
        shown = [i for i, one in enumerate(self.fields) if one.shown]
        fields = [self.fields[i] for i in shown]
        at = {one.id: place for place, one in enumerate(fields)}
        rows = tuple(tuple(_said(row[i]) for i in shown) for row in self.rows)
        return Table(self.name, self.heading, self.caption,
                     tuple(Column(one.head, one.kind, one.group, one.summed) for one in fields), rows,
                     self._total(fields, rows),
                     tuple(Foot(tie.words, tuple(at[name] for name in tie.plus), tuple(at[name] for name in tie.minus),
                                at[tie.result]) for tie in self.ties if rows), self.note, self.brief, self.empty)

    def sum(self, name: str) -> int:
        """What a column of amounts comes to."""
        at = next(i for i, one in enumerate(self.fields) if one.id == name)
        return sum(value for row in self.rows if isinstance(value := row[at], int))

    def without(self, *names: str) -> Sheet:
        """The same table without these columns, and without what ties them to others."""
        keep = [i for i, one in enumerate(self.fields) if one.id not in names]
        ties = tuple(tie for tie in self.ties if not {*tie.plus, *tie.minus, tie.result} & set(names))
        return replace(self, fields=tuple(self.fields[i] for i in keep), ties=ties,
                       rows=tuple(tuple(row[i] for i in keep) for row in self.rows))

    def _total(self, fields: Sequence[Field], rows: Sequence[Sequence[Value]]) -> tuple[Value, ...] | None:
        if not self.totalled or len(rows) < 2 or not any(one.summed for one in fields):
            return None
        return (_("Total"), *(sum(row[i] for row in rows if isinstance(row[i], int)) if one.summed else None  # type: ignore[misc]
                              for i, one in enumerate(fields) if i))


def _said(value: Cell) -> Value:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Fraction):
        return percent(value.numerator, value.denominator)
    return day(value) if isinstance(value, dt.date) else value


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must be one figure: what the report says, and what the statement or the ledger says."""

    words: str
    here: int
    there: int

    @property
    def holds(self) -> bool:
        return self.here == self.there


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least to be spent from a source, of one partner, on these services (none: on any)."""

    source: str
    amount: int
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a report may be told that the agreement language has no words for. Each default is said in the report."""

    gross: bool = True
    agents: tuple[str, ...] = ()
    vat: Mapping[str, str] = field(default_factory=dict)
    minimums: tuple[Minimum, ...] = ()
    days: int = 30
    theirs: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is made from. `partner`: for this one alone; then `statement` is its extract of `whole`."""

    statement: Statement
    whole: Statement
    books: Books
    facts: Facts
    partner: str = ""
    options: Options = Options()
    since: Mapping[str, str] = field(default_factory=dict)  # from which period on a service's variance is contested

    @property
    def mine(self) -> tuple[str, ...]:
        """The partners that the report may show by name."""
        return tuple(line.id for line in self.statement.partners)

    @property
    def final(self) -> bool:
        return not self.statement.indicative


@dataclass(frozen=True, slots=True)
class Report:
    """A report made: what it is called, its tables, and what people read over them."""

    id: str
    asked: Asked
    view: View
    sheets: tuple[Sheet, ...]
    checks: tuple[Check, ...]

    @property
    def stem(self) -> str:
        """What its files' names begin with: `ageing-FY2024-Q4`, for one partner `ageing-FY2024-Q4-nhs`."""
        return "-".join(word for word in (self.id, self.asked.statement.period, self.asked.partner) if word)


def when(facts: Facts) -> str:
    """The period in words: `the year 2024/25`, or `the year 2024/25 to 30 June 2024`."""
    year = _("the year {year}").format(year=facts.year)
    if facts.whole_year:
        return year
    return _("{year} to {day}").format(year=year, day=day(facts.statement.ends))


def made(name: str, asked: Asked, title: str, verdict: Sequence[str], figures: Sequence[KeyFigure],
         sheets: Sequence[Sheet], checks: Sequence[Check], notes: Sequence[str] = ()) -> Report:
    """The report with its checks as the last table. `title` says what it is, without the pool's name and the period."""
    s = asked.statement
    every = (*sheets, _checks(checks))
    whole_title = _("{pool}: {title}, {period}").format(pool=s.name or s.partnership, title=title,
                                                        period=when(asked.facts))
    tables = tuple(sheet.table() for sheet in every)
    view = View(title=whole_title, status=asked.facts.status, standing=asked.facts.standing, verdict=tuple(verdict),
                figures=tuple(figures), asked=tables[0], chart=None, tables=tables,
                working=Table("", "", "", (), ()), steps=(), notes=(*notes, *_basis(asked)),
                ledger=_ledger(asked, checks), currency=s.currency,
                reference=_("{pool}, {report} {period}, issue {issue}. Ledger head {head}").format(
                    pool=s.name or s.partnership, report=name, period=s.period, issue=s.issue, head=s.head[:12]))
    return Report(name, asked, view, every, tuple(checks))


def _checks(checks: Sequence[Check]) -> Sheet:
    failed = sum(not one.holds for one in checks)
    heading = ngettext("Checks: {failed} of {count} fails", "Checks: {failed} of {count} fail", failed).format(
        failed=failed, count=len(checks)) if failed else ngettext(
            "Checks: the one there is holds", "Checks: all {count} hold", len(checks)).format(count=len(checks))
    fields = (Field("check", _("Check"), _("What must be one figure")),
              Field("here", _("This report"), _("What the report says"), Kind.MONEY),
              Field("there", _("Statement or ledger"), _("What the statement or the ledger says"), Kind.MONEY),
              Field("holds", _("Holds"), _("Whether the two are the same")))
    return Sheet("checks", _("Checks"), heading, _("What ties this report to the statement and the ledger"), fields,
                 tuple((one.words, one.here, one.there, one.holds) for one in checks), totalled=False)


def _ledger(asked: Asked, checks: Sequence[Check]) -> tuple[tuple[str, str], ...]:
    s = asked.statement
    held, entries = sum(one.holds for one in checks), cell(s.entries, Kind.COUNT, s.currency)
    return ((_("Drawn from"), _("the statement for {period}, issue {issue}, and the first {entries} entries of the "
                                "ledger").format(period=s.period, issue=s.issue, entries=entries)),
            (_("Ledger head"), s.head), (_("As known at"), clock(s.known_at)),
            (_("Reconciliation"), _("{held} of {count} checks hold").format(held=held, count=len(checks))))


def _basis(asked: Asked) -> tuple[str, ...]:
    s = asked.statement
    own = (_("This report is for {partner}: other partners' own figures are left out.").format(
        partner=asked.facts.name(asked.partner)),) if asked.partner else ()
    return (*own, _("Amounts are in {currency}, from {first} to {last}, net of recoverable VAT.").format(
        currency=s.currency, first=day(s.starts), last=day(s.ends)))
