"""Every figure in a statement's tables leads on, to what it says: to entries, or to parts that add up to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from api.database import connect
from api.web import behind
from api.web.leads import Leads
from api.web.sources import ENTRIES, source
from api.web.sources.course import taken
from api.web.sources.partners import of_partner
from commissioning import store
from commissioning.statement import Gap, PartnerLine, Statement
from docs.make_gallery import run
from exports.present import present
from exports.statement import from_json
from exports.view import Table
from exports.words import Kind
from ledger import service as books
from tests.web.test_behind import EXAMPLES, SOME

MONEY = (Kind.MONEY, Kind.VARIANCE, Kind.SETTLEMENT)
NOWHERE = {"changes"}
"""A table of which some rows, new versions of the agreement, have no entry of their own."""


@pytest.fixture(scope="module", params=[*SOME, "boiler-on-prescription"])
def statements(request: pytest.FixtureRequest, sqlite_template: Path,
               tmp_path_factory: pytest.TempPathFactory) -> list[Statement]:
    """The statements of an example, the first, a middle and the last one."""
    path = tmp_path_factory.mktemp("sources") / "books.db"
    shutil.copyfile(sqlite_template, path)
    engine = connect(f"sqlite:///{path}")
    run(EXAMPLES / request.param, engine)
    with engine.connect() as conn:
        issued = store.issues(conn, books.list_books(conn)[0])
    engine.dispose()
    return [from_json(issued[n].document) for n in sorted({0, len(issued) // 2, len(issued) - 1})]


def figures(table: Table) -> Iterator[tuple[int | None, int, int]]:
    """Every amount of a table that is not nothing: its row (None in the total), its column, and itself."""
    rows: list[tuple[int | None, tuple[object, ...]]] = list(enumerate(table.rows))
    for row, values in rows + ([(None, table.total)] if table.total else []):
        for column, said in enumerate(values):
            if isinstance(said, int) and said and table.columns[column].kind in MONEY:
                yield row, column, said


def reached(statement: Statement, path: str) -> int:
    """The amount of the figure at the end of an address below a statement."""
    if path.startswith("figures/"):
        found = source(statement, path.removeprefix("figures/"))
        assert found is not None, path
        assert not found.parts or sum(part.amount for part in found.parts) == found.amount, path
        return found.amount
    root, name, entries = path.split("/")
    attribute = next(one for (of, one), there in ENTRIES.items() if (of, there) == (root, entries))
    line = next(line for line in getattr(statement, root) if line.id == name)
    return of_partner(line, attribute) if isinstance(line, PartnerLine) else int(getattr(line, attribute))


def test_every_figure_of_a_table_leads_to_itself(statements: list[Statement]) -> None:
    led = 0
    for statement in statements:
        leads, view = Leads(statement, ""), present(statement)
        unled = set()
        for table in (view.asked, *view.tables):
            for row, column, amount in figures(table):
                to = unquote(leads.cell(table, row, column)).lstrip("/")
                led += bool(to)
                if to.startswith(("entries?", "statements/")):  # of another page or statement
                    continue
                if to:
                    assert reached(statement, to) == amount, (table.name, row, column, to)
                elif row is not None:
                    unled.add((table.key or table.name, table.columns[column].head))
        stray = {(name, head) for name, head in unled if name not in NOWHERE}
        assert not {one for one in stray if not one[1].startswith("Forecast at ")}, statement.period
    assert led > 10


def test_an_earlier_forecast_leads_to_the_statement_that_told_it(statements: list[Statement]) -> None:
    known = {(one.period, one.issue): one for one in statements}
    for one in statements:
        leads = Leads(one, "/pools/x/statements/now")
        table = next((table for table in present(one).tables if table.key == "forecasts"), None)
        for row, earlier in enumerate(one.earlier_forecasts if table else ()):
            assert table is not None
            to = leads.cell(table, row, 2)
            assert to == f"/pools/x/statements/{earlier.period}/figures/totals/forecast?issue={earlier.issue}"
            if (earlier.period, earlier.issue) in known:
                there = source(known[earlier.period, earlier.issue], "totals/forecast")
                assert there is not None
                assert there.amount == earlier.forecast


def test_parts_lead_to_figures_that_there_are(statements: list[Statement]) -> None:
    for statement in statements:
        waiting = [f"totals/{name}" for name in ("variance", "actual", "forecast_variance")]
        waiting += [f"partners/{line.id}/{name}" for line in statement.partners
                    for name in ("settlement", "due_now", "outstanding", "liability", "share_of_actual")]
        waiting += [f"measures/{key}/left" for key, _amount in taken(statement)]
        waiting += [f"outcomes/{one.id}/{what}" for one in statement.outcomes for what in ("value", "risk")]
        waiting += [f"outcomes/{one.id}/difference/{who}" for one in statement.outcomes for who in one.gains]
        waiting += [f"gaps/{line.id}/" for line in statement.funds if line.gap is not None]
        waiting += [f"{root}/{line.id}/closing" for root in ("funds", "reserves") for line in getattr(statement, root)]
        seen = set(waiting)
        while waiting:
            found = source(statement, waiting.pop())
            assert found is not None
            for part in found.parts:
                if part.to and part.to not in seen:
                    there = source(statement, part.to)
                    assert there is not None, part.to
                    assert abs(there.amount) == abs(part.amount), part.to
                    seen.add(part.to)
                    waiting.append(part.to)


def test_a_gap_leads_to_who_bears_it(statements: list[Statement]) -> None:
    one = statements[-1]
    fund, partner = one.funds[0], one.partners[0].id
    short = replace(fund, gap=Gap(100, {partner: 60}, {"contested": 40}))
    statement = replace(one, funds=(short, *one.funds[1:]))
    table = next(table for table in present(statement).tables if table.key == "gap")
    leads = Leads(statement, "")
    found = {amount: reached(statement, leads.cell(table, row, column).lstrip("/"))
             for row, column, amount in figures(table) if row is not None}
    assert found == {60: 60, 40: 40, 100: 100}
    assert source(statement, f"gaps/{fund.id}/nobody") is None


def test_what_is_no_figure_has_no_source(statements: list[Statement]) -> None:
    one = statements[0]
    service, partner = one.services[0].id, one.partners[0].id
    for path in ("", "totals", "totals/none", "services", "services/none/actual", f"services/{service}/none",
                 f"services/{service}/partners/none/actual", f"services/{service}/partners/{partner}/none",
                 "measures/none/left", "measures/partners/none", "gaps/none/", "outcomes/none/value",
                 "forecasts/none/change", f"partners/{partner}/name", "funds/none/paid", "working/1/amount_in"):
        assert source(one, path) is None, path


def test_every_figure_with_entries_has_a_page_of_them(statements: list[Statement]) -> None:
    one = statements[-1]
    for line in one.services:
        assert behind.service_figure(line).amount == line.actual
    for partner in one.partners:
        assert behind.partner_figure(partner, "paid").amount == of_partner(partner, "paid")
