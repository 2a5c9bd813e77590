"""The entries behind a figure of a statement, and the proof that they add up to it.

What an entry puts into a figure is measured by the code that made the figure (`commissioning.books.figures`), entry by
entry here and over all of them there; so a list that adds up shows that nothing else went into the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from commissioning.books.figures import Figures, Paid, figures
from commissioning.closing.known import movements_of
from commissioning.statement import FundLine, PartnerLine, ServiceLine, Statement
from exports.facts import counted_as_paid
from ledger import store
from ledger.language import _
from ledger.model import Book, Period, Recorded

PAGE = 100  # entries on one page


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a statement: what it is, how much, where its postings are found, and what they put into it."""

    words: str
    amount: int
    measure: Callable[[Figures], int]
    service: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """Entries with what each puts into a figure. `before`: what came on earlier pages; `seen`: what all put into it.

    While more pages follow, `seen` is what the ledger's kept sums say; on the last page, what the entries add up to.
    `seen` differs from the figure's amount only for one who may not see every posting behind it.
    """

    figure: Figure
    lines: tuple[tuple[Recorded, int], ...]
    before: int
    seen: int
    next: int | None

    @property
    def after(self) -> int:
        """What the entries up to the end of this page put into the figure."""
        return self.before + sum(amount for _, amount in self.lines)


def service_figure(line: ServiceLine) -> Figure:
    """What a service cost to date."""
    return Figure(_("Actual to date of {name}").format(name=line.name or line.id), line.actual,
                  lambda found: found.actuals.get(line.id, 0), service=line.id)


def partner_figure(line: PartnerLine, name: str) -> Figure:
    """What a partner has paid: `contribution` in cash, or `paid`, all that counts as paid."""
    of, who = f"assets:contributions-receivable:{line.id}", line.name or line.id
    if name == "contribution":
        return Figure(_("Contribution paid by {name}").format(name=who), line.contribution_paid,
                      lambda found: found.partners.get(line.id, Paid()).cash, account=of)
    return Figure(_("Paid by or credited to {name}").format(name=who), counted_as_paid(line),
                  lambda found: _credited(found.partners.get(line.id, Paid())), account=of)


def _credited(paid: Paid) -> int:
    return paid.cash + paid.in_kind + paid.direct - paid.held


def fund_figure(line: FundLine, name: str) -> Figure:
    """What a fund's bank `received` or `paid`."""
    bank = f"assets:bank:{line.id}"
    if name == "received":
        return Figure(_("Received by fund {name}").format(name=line.id), line.received,
                      lambda found: found.banks[line.id].received, account=bank)
    return Figure(_("Paid by fund {name}").format(name=line.id), line.paid,
                  lambda found: found.banks[line.id].paid, account=bank)


def behind(conn: Connection, book: Book, statement: Statement, figure: Figure, after: int = 0) -> Behind:
    """A page of the entries behind a figure, as known to the statement, from the one after number `after` on."""
    found = store.entries(conn, book, service=figure.service, account=figure.account, start=statement.starts,
                          end=statement.ends, after=after, limit=PAGE + 1, upto=statement.entries)
    period = Period(0, statement.period, statement.starts, statement.ends)
    page = found[:PAGE]
    measured = [(one, figure.measure(figures((), movements_of([one.entry], period)))) for one in page]
    before = _kept(conn, book, statement, figure, after) if after else 0
    more = page[-1].number if len(found) > PAGE else None
    seen = _kept(conn, book, statement, figure, statement.entries) if more else (
        before + sum(amount for _, amount in measured))
    return Behind(figure, tuple(line for line in measured if line[1]), before, seen, more)


def _kept(conn: Connection, book: Book, statement: Statement, figure: Figure, upto: int) -> int:
    """The figure after so many entries, by the sums that the ledger keeps: the same cost however many there are."""
    numbers = [p.number for p in store.periods(conn, book) if statement.starts <= p.starts and p.ends <= statement.ends]
    return figure.measure(figures((), store.movements(conn, book, numbers[0], numbers[-1], upto)))
