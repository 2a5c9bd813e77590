"""piecash: all transactions as objects, then one save into a GnuCash book on SQLite.

Run by the interpreter of its own environment: `python run_piecash.py ROWS COUNT BOOK`.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import sys
import time
import warnings
from decimal import Decimal
from pathlib import Path

warnings.simplefilter("ignore")  # piecash is of the days of SQLAlchemy 1.4, and is told so at every import

import piecash  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[1]))
from workload import read  # noqa: E402


def main() -> None:
    rows = read(sys.argv[1], int(sys.argv[2]))
    book = piecash.create_book(sys.argv[3], currency="GBP", overwrite=True)
    pound = book.default_currency
    accounts = {name: piecash.Account(name, "BANK" if name == "bank" else "EXPENSE", parent=book.root_account,
                                      commodity=pound) for name in ("bank", *dict.fromkeys(row[2] for row in rows))}
    book.save()
    began = time.perf_counter()
    for date, reference, service, pence in rows:
        amount = Decimal(pence) / 100
        piecash.Transaction(currency=pound, description="Invoice of the month", num=reference,
                            post_date=dt.date.fromisoformat(date),
                            splits=[piecash.Split(account=accounts[service], value=amount),
                                    piecash.Split(account=accounts["bank"], value=-amount)])
    book.save()
    posted = time.perf_counter() - began
    balances = {name: int(account.get_balance() * 100) for name, account in accounts.items()}
    print(json.dumps({"version": importlib.metadata.version("piecash"), "posted": posted, "balances": balances}))


if __name__ == "__main__":
    main()
