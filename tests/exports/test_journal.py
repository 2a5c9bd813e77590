"""The journal in open formats: other tools accept it, their balances are ours, and nothing in it can be run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data as bean
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.accounts import beancount_account, hledger_account, path_of
from exports.journal import FORMATS, to_beancount, to_csv, to_hledger, to_jsonl
from ledger.model import Entry, Posting, Recorded
from ledger.money import decimals, to_minor, to_text

NOW = dt.datetime(2025, 4, 8, 9, 30, tzinfo=dt.UTC)
SIGNS = st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"], exclude_characters=":")
ODD = st.sampled_from(["reserves", "zed", "Z5fZ", "a  b", "é;%", "-x"])
PART = st.one_of(st.text(SIGNS, min_size=1, max_size=8), ODD).map(str.strip).filter(bool)
ROOT = st.sampled_from(["assets", "liabilities", "equity", "reserves", "income", "expenses"])
PATHS = st.builds(lambda root, parts: ":".join([root, *parts]), ROOT, st.lists(PART, min_size=1, max_size=3))
WORDS = st.one_of(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=15),
                  st.sampled_from(['a "b" \\', "x, date:2020-13-45 [2020-02-31]", "=1+1", "; y", "two\nlines", "\\"]))


def recorded(number: int, date: dt.date, postings: Sequence[Posting], *, kind: str = "expenditure", memo: str = "",
             reference: str = "", reverses: int | None = None, details: str = "") -> Recorded:
    """An entry as the books give it."""
    entry = Entry(kind, date, reference or f"R{number}", memo, tuple(postings), details, reverses)
    return Recorded(number, NOW, "ab" * 32, "FY2025-Q1", entry)


@st.composite
def entries(draw: st.DrawFn) -> list[Recorded]:
    """Balanced entries in recorded order, whose dates go back and forth."""
    paths = draw(st.lists(PATHS, min_size=2, max_size=5, unique=True))
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        amounts = draw(st.lists(st.integers(-10**9, 10**9), max_size=3))
        amounts = [*amounts, -sum(amounts)] if amounts else []
        postings = [Posting(draw(st.sampled_from(paths)), amount, draw(WORDS), draw(WORDS), units=draw(
            st.integers(-10**7, 10**7))) for amount in amounts]
        found.append(recorded(number, draw(st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1))), postings,
                              memo=draw(WORDS), reference=draw(WORDS), details=draw(WORDS)))
    return found


def sums(journal: Sequence[Recorded]) -> dict[str, int]:
    """The balance of each account, of those that are not zero."""
    found: Counter[str] = Counter()
    for line in journal:
        for posting in line.entry.postings:
            found[posting.account] += posting.amount
    return {path: amount for path, amount in found.items() if amount}


def bean_sums(text: str, currency: str) -> dict[str, int]:
    """The balances that beancount finds, which must accept the text without a word."""
    loaded, errors, _ = loader.load_string(text)
    assert errors == []
    found: Counter[str] = Counter()
    for entry in loaded:
        if isinstance(entry, bean.Transaction):
            for posting in entry.postings:
                assert posting.units is not None
                found[path_of(posting.account)] += to_minor(posting.units.number, currency)  # type: ignore[arg-type]
    return {path: amount for path, amount in found.items() if amount}


@pytest.mark.parametrize("currency", ["GBP", "ISK", "KWD"])
@settings(max_examples=25, deadline=None)
@given(journal=entries())
def test_beancount_finds_our_balances(currency: str, journal: list[Recorded]) -> None:
    assert bean_sums("".join(to_beancount('The "pool"', currency, [], journal)), currency) == sums(journal)


@pytest.mark.skipif(not shutil.which("hledger"), reason="hledger is not installed")
@pytest.mark.parametrize("currency", ["GBP", "ISK", "KWD"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(journal=entries())
def test_hledger_accepts_and_finds_our_balances(currency: str, journal: list[Recorded], tmp_path: Path) -> None:
    file = tmp_path / "pool.journal"
    file.write_text("".join(to_hledger("The ; pool", currency, [], journal)), encoding="utf-8")
    environment = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    subprocess.run(["hledger", "check", "--strict", "-f", str(file)], check=True, env=environment)
    run = subprocess.run(["hledger", "balance", "--flat", "-N", "-O", "csv", "-f", str(file)], check=True,
                         capture_output=True, text=True, env=environment, encoding="utf-8")
    found = {row[0]: row[1] for row in list(csv.reader(io.StringIO(run.stdout)))[1:]}
    ours = {hledger_account(path): f"{to_text(amount, currency)}{'' if decimals(currency) else '.'} {currency}"
            for path, amount in sums(journal).items()}
    assert {k: v.replace(".", "") for k, v in found.items()} == {k: v.replace(".", "") for k, v in ours.items()}


@given(PATHS)
def test_beancount_account_can_be_undone(path: str) -> None:
    assert path_of(beancount_account(path)) == path


@given(PATHS, PATHS)
def test_no_two_accounts_meet(one: str, other: str) -> None:
    if one != other:
        assert beancount_account(one) != beancount_account(other)
        assert hledger_account(one) != hledger_account(other)


@pytest.mark.parametrize(("path", "account"), [
    ("assets:bank:core", "Assets:Bank:Core"), ("reserves:general:council", "Equity:Reserves:General:Council"),
    ("equity:reserves:x", "Equity:Z72Zeserves:X"), ("expenses:community-beds", "Expenses:Community-beds"),
    ("income:contributions:nhs:NHS minimum", "Income:Contributions:Nhs:Z4eZZ48ZZ53ZZ20Zminimum"),
    ("liabilities:due-to:24-7", "Liabilities:Due-to:24-7")])
def test_beancount_account(path: str, account: str) -> None:
    assert beancount_account(path) == account


JOURNAL = [
    recorded(1, dt.date(2025, 4, 3), [
        Posting("assets:bank:core", 100),
        Posting("income:contributions:nhs:minimum", -100, fund="core", partner="nhs", source="@SUM(A1)")], memo="=1+1"),
    recorded(2, dt.date(2025, 4, 1), [Posting("assets:bank:core", -100, units=1_500_000),
             Posting("income:contributions:nhs:minimum", 100)], reverses=1, reference="-R2"),
    recorded(3, dt.date(2025, 4, 2), [], kind="activity", details='{"units": "3"}')]


def test_memoranda_are_kept() -> None:
    loaded, errors, _ = loader.load_string("".join(to_beancount("Pool", "GBP", ["liabilities:providers"], JOURNAL)))
    assert errors == []
    custom = [entry for entry in loaded if isinstance(entry, bean.Custom)]
    assert [entry.meta["reference"] for entry in custom] == ["R3"]
    assert custom[0].meta["details"] == '{"units": "3"}'
    opened = {path_of(entry.account): entry.date for entry in loaded if isinstance(entry, bean.Open)}
    assert opened == {"liabilities:providers": dt.date(2025, 4, 1), "assets:bank:core": dt.date(2025, 4, 1),
                      "income:contributions:nhs:minimum": dt.date(2025, 4, 1)}
    assert "; 2025-04-02 memorandum 3" in "".join(to_hledger("Pool", "GBP", [], JOURNAL))


def test_beancount_links_a_reversal_to_what_it_undoes() -> None:
    loaded, _, _ = loader.load_string("".join(to_beancount("Pool", "GBP", [], JOURNAL)))
    links = {entry.meta["reference"]: entry.links for entry in loaded if isinstance(entry, bean.Transaction)}
    assert links == {"R1": {"entry-1"}, "-R2": {"entry-2", "entry-1"}}


def test_csv_has_every_number_and_runs_nothing() -> None:
    rows = list(csv.DictReader(io.StringIO("".join(to_csv("Pool", "GBP", [], JOURNAL)), newline="")))
    assert [row["number"] for row in rows] == ["1", "1", "2", "2", "3"]
    assert [row["amount"] for row in rows] == ["1.00", "-1.00", "-1.00", "1.00", ""]
    assert rows[0]["memo"] == "'=1+1"
    assert rows[1]["source"] == "'@SUM(A1)"
    assert rows[2]["reference"] == "'-R2"
    assert rows[2]["units"] == "1.5"
    assert rows[4]["details"] == '{"units": "3"}'


def test_json_lines_leave_nothing_out() -> None:
    lines = [json.loads(line) for line in to_jsonl("Pool", "GBP", [], JOURNAL)]
    assert lines[0]["postings"][1] == {"account": "income:contributions:nhs:minimum", "amount": "-1.00",
                                       "fund": "core", "partner": "nhs", "source": "@SUM(A1)"}
    assert lines[1]["reverses"] == 1
    assert lines[2]["postings"] == []


@pytest.mark.parametrize("name", FORMATS)
def test_exports_stream(name: str) -> None:
    """The first pieces come before the last entry is read."""
    def endless() -> object:
        number = 0
        while True:
            number += 1
            assert number < 50, "the export reads ahead"
            yield JOURNAL[0]
    pieces = FORMATS[name]("Pool", "GBP", ["assets:bank:core"], endless())  # type: ignore[arg-type]
    for _ in range(5):
        assert next(pieces)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_book_is_exported(name: str) -> None:
    text = "".join(FORMATS[name]("Pool", "GBP", ["assets:bank:core"], []))
    if name == "beancount":
        assert loader.load_string(text)[1] == []
