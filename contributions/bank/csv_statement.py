"""Reads a bank statement in CSV, as banks' web sites give it: which column is what is told by its name, or said.

The separator, the line of column names, the decimal mark and the order of day and month are found out from the file as
a whole, and where two readings are possible the file is refused rather than guessed at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from contributions.bank import refusals as no
from contributions.bank.csv_columns import columns_of
from contributions.bank.csv_values import Amounts, Dates
from contributions.bank.model import BankLine, Page, clean
from ledger.errors import Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.language import Said

MOST_BYTES = 20_000_000
MOST_PREAMBLE = 40  # lines that banks put before the names of the columns
MOST_COLUMNS = 200
Rows = list[tuple[int, list[str]]]
OUT = frozenset({"d", "dr", "db", "dbit", "debit", "debet", "débit", "débito", "debito", "dare", "soll", "s", "out",
                 "af", "uit", "cargo", "uttag", "ut", "otto", "withdrawal", "money out", "paid out", "-"})
IN = frozenset({"c", "cr", "crdt", "credit", "kredit", "crédit", "crédito", "credito", "avere", "haben", "h", "in",
                "bij", "abono", "insättning", "pano", "deposit", "money in", "paid in", "+"})
"""How banks call what went out and what came in, in a column of its own; any other word is asked about."""


def read_csv_statement(content: bytes, currency: str, file: str = "",
                       named: Mapping[str, str] | None = None) -> list[Page]:
    """The pages of a file: one for each account in it. `named`: which column is what, as `{"date": "Posted"}`.

    Raises `Refused` with what is wrong, at its line and column.
    """
    if len(content) > MOST_BYTES:
        raise Refused([no.BankFileTooLarge(Place(file), limit=Said("{most:,} bytes", most=MOST_BYTES))])
    try:
        header, columns, rows = _table(_decoded(content), file, named or {})
        return _pages(header, columns, rows, currency, file)
    except PoolbookError as error:
        raise Refused([error.at(Place(file))]) from None


def _decoded(content: bytes) -> str:
    """Text in UTF-8, UTF-16 or, as older exports are, in Windows' Western alphabet."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _table(text: str, file: str, named: Mapping[str, str]) -> tuple[list[str], dict[str, list[int]], Rows]:
    """The names of the columns, which of them is what, and the rows below with their lines."""
    if "\0" in text:
        raise no.BankFileUnreadable(fault=Said("it is no text file"))
    best: PoolbookError | None = None
    for separator in (",", ";", "\t", "|"):
        rows = _rows(text, separator, file)
        for at, (_, row) in enumerate(rows[:MOST_PREAMBLE]):
            names = [cell.strip() for cell in row[:MOST_COLUMNS + 1]]
            if not 2 <= len([name for name in names if name]) <= MOST_COLUMNS:
                continue
            try:
                return names, columns_of(names, named), rows[at + 1:]
            except no.BankColumnsUnclear as error:
                best = best if best and len(str(best.facts["columns"])) >= len(", ".join(names)) else error
    raise best or no.BankFileUnreadable(fault=Said("it has no line of column names, separated by commas or semicolons"))


def _rows(text: str, separator: str, file: str) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    found: Rows = []
    line = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((line + 1, row))
            line = reader.line_num
    except csv.Error as error:
        raise no.BankFileUnreadable(Place(file, reader.line_num), fault=foreign(str(error))) from None
    return found


class _Cells:
    """The cells of a row by what they are."""

    def __init__(self, header: Sequence[str], columns: Mapping[str, Sequence[int]], line: int,
                 row: Sequence[str]) -> None:
        self.header, self.columns, self.line, self.row = header, columns, line, row

    def all(self, what: str) -> list[str]:
        cells = [clean(self.row[n]) for n in self.columns.get(what, ()) if n < len(self.row)]
        return [cell for cell in cells if cell]

    def one(self, what: str) -> str:
        return next(iter(self.all(what)), "")

    def place(self, what: str, file: str = "") -> Place:
        return Place(file, self.line, self.header[self.columns[what][0]] if what in self.columns else "")


def _pages(header: Sequence[str], columns: Mapping[str, Sequence[int]], rows: Rows, currency: str,
           file: str) -> list[Page]:
    cells = [_Cells(header, columns, line, row) for line, row in rows]
    cells = [row for row in cells if row.one("date") or row.one("amount") or row.one("debit") or row.one("credit")]
    dates = Dates.told((row.one("date"), row.place("date")) for row in cells)
    kinds = ("amount", "debit", "credit", "balance")
    amounts = Amounts.told([cell for row in cells for what in kinds if (cell := row.one(what))], currency)
    by_account: dict[str, list[_Cells]] = {}
    for row in cells:
        by_account.setdefault(row.one("account").replace(" ", ""), []).append(row)
    return [_page(account, some, dates, amounts, file) for account, some in by_account.items()]


def _page(account: str, rows: Sequence[_Cells], dates: Dates, amounts: Amounts, file: str) -> Page:
    lines: list[BankLine] = []
    balances: list[int | None] = []
    other: list[PoolbookError] = []
    for row in rows:
        said = row.one("currency").upper()
        if said and said != amounts.currency:
            other.append(no.BankCurrencyOther(row.place("currency", file), found=said, currency=amounts.currency))
            continue
        booked = dates.read(row.one("date"), row.place("date"))
        lines.append(BankLine(account, booked, _amount(row, amounts), row.one("name"), "; ".join(row.all("text")),
                              tuple(row.all("payer_reference")), row.one("reference"), place=Place(file, row.line)))
        said = row.one("balance")
        balances.append(amounts.read(said, row.place("balance")) if said else None)
    lines, opening, closing = _in_order(lines, balances, file)
    days = [line.booked for line in lines]
    return Page(account, file or "CSV", starts=min(days, default=None), ends=max(days, default=None), opening=opening,
                closing=closing, lines=tuple(lines), other=tuple(other), foreign=not lines and bool(other),
                place=Place(file))


def _amount(row: _Cells, amounts: Amounts) -> int:
    """What moved, more than zero where it came in: from one signed column, or from two of which one is filled."""
    if said := row.one("amount"):
        amount = amounts.read(said, row.place("amount"))
        direction = row.one("direction")
        if not direction:
            return amount
        word = direction.casefold().rstrip(".")
        if word in OUT:
            return -abs(amount)
        if word not in IN or amount < 0:
            raise no.BankValueWrong(row.place("direction"), found=direction,
                                    wanted=Said("a word for money in or out that goes with the amount"))
        return amount
    out, into = row.one("debit"), row.one("credit")
    went = abs(amounts.read(out, row.place("debit"))) if out else 0
    came = amounts.read(into, row.place("credit")) if into else 0
    if (went and came) or not (out or into):
        raise no.BankValueWrong(row.place("debit" if "debit" in row.columns else "amount"), found=out or into,
                                wanted=Said("one amount, either in or out"))
    return came - went


def _in_order(lines: list[BankLine], balances: Sequence[int | None],
              file: str) -> tuple[list[BankLine], int | None, int | None]:
    """Lines from the oldest on, with the balances before and after them; refused where they do not tie.

    Banks list either way, which the balances tell; without balances the days do.
    """
    known = [balance for balance in balances if balance is not None]
    if not lines or len(known) < len(lines):
        up = not lines or lines[0].booked <= lines[-1].booked
        return (lines if up else lines[::-1]), None, None
    forward = _breaks(lines, known)
    backward = _breaks(lines[::-1], known[::-1])
    if forward is None:
        return lines, known[0] - lines[0].amount, known[-1]
    if backward is None:
        return lines[::-1], known[-1] - lines[-1].amount, known[0]
    at = forward if lines[0].booked <= lines[-1].booked else backward
    raise no.BankValueWrong(Place(file, at.place.line), found=at.text or at.name,
                            wanted=Said("a line whose balance follows from the one before it"))


def _breaks(lines: Sequence[BankLine], balances: Sequence[int]) -> BankLine | None:
    """The first line whose balance is not the one before it and its amount."""
    steps: Iterator[tuple[BankLine, int, int]] = zip(lines[1:], balances[:-1], balances[1:], strict=True)
    return next((line for line, before, after in steps if before + line.amount != after), None)
