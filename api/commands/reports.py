"""`poolbook report` and the reports over HTTP: which statement a report rests on, for whom it is, what was stated."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from allocation.discovery import near
from api.commands.files import read_text
from api.commands.session import Session, write_file
from commissioning import store
from commissioning.agreement.model import Agreement
from commissioning.closing.known import current, issued
from commissioning.reports.balances import read_theirs
from commissioning.reports.books import Books, books_of, with_entries
from commissioning.reports.claims import contested_since
from commissioning.reports.refusals import ReportNameUnknown, ReportOptionWrong
from exports.extract import for_partner
from exports.facts import facts
from exports.reports import catalogue
from exports.reports.model import Asked, Minimum, Options, Report
from exports.statement import from_json
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.model import Book
from ledger.money import to_minor


@dataclass(frozen=True, slots=True)
class Given:
    """What was stated for a report, as text; `balances` is a file's name and text. `options` reads it."""

    net: bool = False
    agents: Sequence[str] = ()
    vat: Sequence[str] = ()
    minimums: Sequence[str] = ()
    days: int = 30
    balances: tuple[str, str] | None = None

    def options(self, agreement: Agreement) -> Options:
        """The options as values. Raises the fault of what cannot be read or names what is not there."""
        services = list(dict.fromkeys(name for version in agreement.versions() for name in version.services))
        for name in self.agents:
            _known("agent", name, services)
        theirs = {} if self.balances is None else read_theirs(
            self.balances[1], agreement.currency, agreement.partners, self.balances[0])
        return Options(not self.net, tuple(self.agents), dict(_regime(text, services) for text in self.vat),
                       tuple(_minimum(text, agreement, services) for text in self.minimums), self.days, theirs)


def _regime(text: str, services: Collection[str]) -> tuple[str, str]:
    service, mark, regime = (part.strip() for part in text.partition("="))
    if not mark or not regime:
        raise ReportOptionWrong(option="vat", text=text, form=Said("SERVICE=REGIME, for example beds=exempt"))
    _known("vat", service, services)
    return service, regime


def make(conn: Connection, book: Book, name: str, period: str, partner: str = "", *, given: Given = Given(),
         known_at: dt.datetime | None = None) -> Report:
    """One report on a period that was closed, as `together` makes it."""
    return together(conn, book, [(name, partner)], period, given=given, known_at=known_at)[0]


def together(conn: Connection, book: Book, wanted: Sequence[tuple[str, str]], period: str, *, given: Given = Given(),
             known_at: dt.datetime | None = None) -> list[Report]:
    """Reports on a period that was closed, by name and partner; what the whole pool's books say is read once for all.

    `book` is open to all eyes; a report for a partner has only what this one may see, `""` is the whole pool. Refuses
    an unknown report, partner or period, one without a statement, and options that name what is not there.
    """
    kinds = [(catalogue.report(name), partner) for name, partner in wanted]
    document = issued(conn, book, period, known_at=known_at).document
    whole = from_json(document)
    statements = {"": whole}
    for kind, partner in kinds:
        catalogue.for_whom(kind, partner, whole)
        statements.setdefault(partner, for_partner(whole, partner, document) if partner else whole)
    options = given.options(current(conn, book, whole.entries))  # what is refused costs little
    books = books_of(conn, book, whole.period, whole.entries)
    since = _since(conn, book, books, whole.entries) if any(kind.name == "claims" for kind, _ in kinds) else {}
    said = {partner: facts(statement) for partner, statement in statements.items()}
    return [kind.build(Asked(statements[partner], whole, with_entries(conn, book, books, kind.needs, partner),
                             said[partner], partner, options, since)) for kind, partner in kinds]


def _since(conn: Connection, book: Book, books: Books, entries: int) -> dict[str, str]:
    """From which period of the year on each service's variance has been contested."""
    told: list[dict[str, Any]] = []
    for period in (p for p in books.position.year.periods() if p.number <= books.position.period.number):
        known = [one for one in store.issues(conn, book, period) if one.entry_number <= entries + 1]
        told += [json.loads(known[-1].document)] if known else []
    return contested_since(told)


def _minimum(text: str, agreement: Agreement, services: Collection[str]) -> Minimum:
    """`SOURCE=AMOUNT` or `SOURCE=AMOUNT:service,service`."""
    source, mark, rest = text.rpartition("=")
    amount, _colon, on = rest.partition(":")
    try:
        least = to_minor(amount.strip(), agreement.currency) if mark else -1
    except PoolbookError:
        least = -1
    if least < 0:
        raise ReportOptionWrong(option="minimum", text=text,
                                form=Said("SOURCE=AMOUNT, or SOURCE=AMOUNT:service,service for what must go to these"))
    named = {line.source for version in agreement.versions() for line in version.contributions}
    _known("minimum", source.strip(), sorted(named))
    names = tuple(name.strip() for name in on.split(",") if name.strip())
    for name in names:
        _known("minimum", name, services)
    return Minimum(source.strip(), least, names)


def _known(option: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise ReportNameUnknown(option=option, name=name, known=", ".join(known), hint=near(name, known))


def write(session: Session, name: str, period: str, out: Path, formats: tuple[str, ...], partner: str | None,
          given: Given, balances: Path | None, known_at: dt.datetime | None) -> dict[str, Any]:
    """Writes a report's files into a folder; one that is made for one partner is made for each, unless one is named."""
    from exports.reports.faces import files

    if balances is not None:
        given = replace(given, balances=(balances.name, read_text(balances)))
    with session.looking() as conn:
        book = session.book(conn)
        whom = [partner or ""]
        if catalogue.report(name).for_one and not partner:
            whom = [line.id for line in from_json(issued(conn, book, period, known_at=known_at).document).partners]
        reports = together(conn, book, [(name, one) for one in whom], period, given=given, known_at=known_at)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for report in reports:
        for file, content in files(report, formats).items():
            write_file(out / file, content)
            written.append(str(out / file))
    return {"report": name, "period": reports[0].asked.statement.period, "files": written,
            "checks_hold": all(check.holds for report in reports for check in report.checks)}
