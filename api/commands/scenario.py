"""`poolbook scenario`: a year of a case as a workbook that calculates, and what it says when it is back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.commands.case import read_case
from api.commands.files import read_bytes
from api.commands.session import Session, Told, now, write_file
from api.database import connect, migrate
from commissioning import service
from commissioning.agreement.model import Agreement
from commissioning.scenario import run as scenario
from commissioning.scenario.base import Base
from commissioning.scenario.books import base_at, year_of
from exports.statement import to_json
from ledger import store as books_store
from ledger.calendar import Year
from ledger.errors import Refused
from ledger.language import _
from ledger.model import Period

if TYPE_CHECKING:
    from exports.scenario.report import Report


def base_of_case(folder: Path, year_name: str | None = None) -> Base:
    """The base of a scenario of a case's last year, or of the year named: run in a ledger in memory, nothing kept.

    That ledger's clock stands at the day after the year, so that the same case gives the same base.
    """
    case = read_case(folder)
    if case.unreadable:
        raise Refused(case.unreadable)
    first = case.agreement.versions()[0].effective
    year = year_of(case.agreement, year_name, max((event.date for event in case.events), default=first))
    engine = connect("sqlite://")
    migrate(engine)
    with engine.connect() as conn:
        moment = dt.datetime.combine(year.next().starts, dt.time(), dt.UTC)
        book = service.apply(conn, case.text, "agreement.yaml", moment).book
        service.import_events(conn, book, case.events, moment)
        service.reach(conn, book, case.agreement, [year.ends])
        for period in _before(case.agreement, year):
            service.close(conn, book, period.id, moment, to_json)
        return base_at(conn, book, f"FY{year.number}")


def _before(agreement: Agreement, year: Year) -> list[Period]:
    found: list[Period] = []
    one = agreement.calendar.year_of(agreement.versions()[0].effective)
    while one.number < year.number:
        found += one.periods()
        one = one.next()
    return found


def new(session: Session, folder: Path | None, out: Path, year: str | None) -> Mapping[str, Any]:
    """Writes the workbook of a year of a case; without a case, of the books as they are now."""
    from exports.scenario.render import to_xlsx
    from exports.scenario.workbook import workbook

    if folder is not None:
        made = workbook(base_of_case(folder, year))
    else:
        with session.looking() as conn:
            made = workbook(base_at(conn, session.book(conn), year))
    write_file(out, to_xlsx(made))
    return {"file": str(out), "partnership": made.baseline.statement.partnership, "year": made.base.period.id[:6],
            "as_at": made.base.as_at.id, "inputs": len(made.levers), "results": len(made.results()),
            "constants": {path: sorted(reasons) for path, reasons in made.constants().items()}}


def read(file: Path, case: Path | None) -> Told:
    """What a returned workbook says and the engine makes of it: in words, and as data."""
    from exports.scenario.report import as_data, in_words

    report = _report(file, case)
    data = as_data(report)
    return lambda: in_words(data, report), data


def keep(session: Session, file: Path, name: str) -> Told:
    """What a workbook of these books says, kept under a name with who worked it out and from which entries."""
    from api.commands.proposals import acting
    from api.shapes.scenarios import ScenarioRead
    from commissioning.scenario import store
    from exports.scenario.back import base_in, read_back
    from exports.scenario.report import as_data, in_words, worked_out

    content = read_bytes(file)
    try:
        stated = base_in(content)
        with session.writing() as conn:
            book = session.book(conn)
            books_store.lock(conn, book)
            actor, _proved = acting(session, conn, book.id, "scenario")
            base = base_at(conn, book, stated.period.id[:6], stated.head.entries)
            report = worked_out(read_back(content, base, book.id))
            read = ScenarioRead.model_validate(as_data(report))
            number = store.keep(conn, book, store.Kept(
                name, read.year, base.head.entries, base.head.hash, hashlib.sha256(content).hexdigest(),
                read.model_dump_json(), actor.id, (), now()))
    except Refused as refused:
        raise refused.in_file(file.name) from None
    data = {**as_data(report), "kept": number}
    return lambda: "\n".join([in_words(data, report), _("Kept as number {number}: {name}.").format(
        number=number, name=name)]), data


def draft(file: Path, out: Path, case: Path | None) -> Mapping[str, Any]:
    """Writes the agreement file with the scenario's terms, as a draft."""
    report = _report(file, case)
    returned = report.returned
    text = scenario.draft(returned.made.base, returned.made.levers, returned.values)
    write_file(out, text.encode())
    levers = returned.made.levers
    kept = [path for path in returned.values if levers[path].form != "year"]
    return {"file": str(out), "terms": kept, "left_out": [path for path in returned.values if path not in kept],
            "lacks": [fault.as_data() for fault in report.result.lacks]}


def _report(file: Path, case: Path | None) -> Report:
    from exports.scenario.back import read_back
    from exports.scenario.report import worked_out

    content = read_bytes(file)
    try:
        base = base_of_case(case, _named_year(content)) if case is not None else None
        return worked_out(read_back(content, base, str(case or "")))
    except Refused as refused:
        raise refused.in_file(file.name) from None


def _named_year(content: bytes) -> str:
    """The year that a workbook says it is of, so that the case can be run for it."""
    from exports.scenario.back import base_in

    return base_in(content).period.id[:6]
