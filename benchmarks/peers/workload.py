"""The work that every ledger is given: invoices of twenty services, two postings each, and what must come out.

The same rows are a CSV file for those that are called from Python and a journal for those that read one.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

START, DAYS, SERVICES = dt.date(2024, 4, 1), 360, 20
BANK = "bank"
Row = tuple[str, str, str, int]  # date, reference, service, pence


def rows(count: int) -> Iterator[Row]:
    """So many invoices over a year: a service's cost, paid from the bank."""
    for n in range(count):
        yield ((START + dt.timedelta(days=n % DAYS)).isoformat(), f"INV-{n:07}", f"service-{n % SERVICES}", 1000 + n)


def balances(count: int) -> dict[str, int]:
    """What the accounts must come to, in pence: whoever comes to anything else did other work."""
    found = dict.fromkeys((f"service-{n}" for n in range(min(SERVICES, count))), 0)
    for _date, _reference, service, pence in rows(count):
        found[service] += pence
    return {**found, BANK: -sum(found.values())}


def write(folder: Path, count: int) -> None:
    """The work in every form: rows.csv, books.journal (hledger and ledger) and books.beancount."""
    with (folder / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows(count))
    _journal(folder / "books.journal", count, "", _plain)
    opened = "".join(f"2024-01-01 open {name}\n" for name in (_beancount(BANK), *(
        _beancount(f"service-{n}") for n in range(SERVICES))))
    _journal(folder / "books.beancount", count, opened, _txn)


def read(path: str, count: int) -> list[Row]:
    """The first rows of the CSV file."""
    with Path(path).open(newline="") as file:
        return [(one[0], one[1], one[2], int(one[3])) for one, _ in zip(csv.reader(file), range(count), strict=False)]


def pence(text: str) -> int:
    """An amount as pence: 12.34 or -12.34."""
    return int(text.replace(".", "").replace(",", ""))


def _journal(path: Path, count: int, start: str, of: Callable[[Row], str]) -> None:
    with path.open("w") as file:
        file.write(start)
        file.writelines(map(of, rows(count)))


def _amount(pence_: int) -> str:
    return f"{pence_ // 100}.{pence_ % 100:02}"


def _plain(row: Row) -> str:
    date, reference, service, amount = row
    return (f"{date} ({reference}) Invoice of the month\n    {service}  {_amount(amount)} GBP\n"
            f"    {BANK}  -{_amount(amount)} GBP\n\n")


def _txn(row: Row) -> str:
    date, reference, service, amount = row
    return (f'{date} * "Invoice of the month" ^{reference}\n  {_beancount(service)}  {_amount(amount)} GBP\n'
            f"  {_beancount(BANK)}  -{_amount(amount)} GBP\n\n")


def _beancount(name: str) -> str:
    return f"{'Assets' if name == BANK else 'Expenses'}:{name.capitalize()}"
