"""Examples run once a session each, and their reports."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from api.commands.reports import Given, together
from api.database import connect, migrate
from commissioning import store
from docs.make_gallery import EXAMPLES, run
from exports.reports.model import Report
from ledger import service as books
from ledger import store as books_store

PLAIN = Given()
FOLDER = tempfile.TemporaryDirectory(prefix="poolbook-reports-")  # gone when the session ends
HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
THEIRS = """\
partner,figure,amount
council,payable,327000.00
nhs,payable,300000.00
nhs,expenditure,6940000.00
"""
KEPT = (
    ("northshire-2024", "FY2024-M12", "annual-return", ""),
    ("northshire-2024", "FY2024-M12", "partner-accounts", "nhs"),
    ("northshire-2024", "FY2024-M12", "balances", ""), ("northshire-2024", "FY2024-M12", "reserves", ""),
    ("northshire-2024", "FY2024-M11", "ageing", "nhs"), ("northshire-2024", "FY2024-M12", "settlement-notice", "nhs"),
    ("northshire-2024", "FY2024-M11", "settlement-notice", "district"),
    ("jobcentre-germany", "FY2024-Q2", "claims", ""), ("better-care-fund-england", "FY2025-Q4", "bcf-return", ""))
"""Reports of three examples whose CSV files are kept: example, period, report, partner."""


@cache
def ledger(example: str) -> Engine:
    """A ledger with the example, every period closed; always at the same moment."""
    engine = connect(f"sqlite:///{Path(FOLDER.name) / example}.db")
    migrate(engine)
    run(EXAMPLES / example, engine)
    return engine


def report(example: str, period: str, name: str, partner: str = "", given: Given = PLAIN) -> Report:
    """One report of an example."""
    return reports(example, period, [(name, partner)], given)[0]


def reports(example: str, period: str, wanted: Sequence[tuple[str, str]], given: Given = PLAIN) -> list[Report]:
    """Reports of an example, by name and partner."""
    with ledger(example).connect() as conn:
        return together(conn, books.list_books(conn)[0], wanted, period, given=given)


def periods(example: str) -> list[str]:
    """The periods that were closed, in order."""
    with ledger(example).connect() as conn:
        book = books.list_books(conn)[0]
        closed = {one.period_number for one in store.issues(conn, book)}
        return [p.id for p in books_store.periods(conn, book) if p.number in closed]


def kept(example: str, period: str, name: str, partner: str) -> Report:
    """A report of `KEPT`; the agreement of balances has figures that partners sent."""
    given = Given(balances=("theirs.csv", THEIRS)) if name == "balances" else PLAIN
    return report(example, period, name, partner, given)
