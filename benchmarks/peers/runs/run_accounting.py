"""python-accounting on SQLite, as its own guide posts: a journal entry, its line item, `post`; one commit in the end.

Run by the interpreter of its own environment: `python run_accounting.py ROWS COUNT FILE`. Its periods are calendar
years and it opens the present one alone, so days of the year are kept and the year is its own.
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

warnings.simplefilter("ignore")

from python_accounting.database.session import get_session  # noqa: E402
from python_accounting.models import Account, Base, Currency, Entity, LineItem  # noqa: E402
from python_accounting.transactions import JournalEntry  # noqa: E402
from sqlalchemy import create_engine  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[1]))
from workload import DAYS, read  # noqa: E402


def main() -> None:
    rows = read(sys.argv[1], int(sys.argv[2]))
    engine = create_engine(f"sqlite:///{sys.argv[3]}")
    Base.metadata.create_all(engine)
    with get_session(engine) as session:
        entity = Entity(name="Northshire")
        session.add(entity)
        session.commit()
        pound = Currency(name="Pound", code="GBP", entity_id=entity.id)
        session.add(pound)
        session.commit()
        kinds = Account.AccountType
        accounts = {name: Account(name=name, account_type=kinds.BANK if name == "bank" else kinds.OPERATING_EXPENSE,
                                  currency_id=pound.id, entity_id=entity.id)
                    for name in ("bank", *dict.fromkeys(row[2] for row in rows))}
        session.add_all(accounts.values())
        session.commit()
        first = dt.datetime(entity.reporting_period.calendar_year, 1, 2)  # noqa: DTZ001 - it takes no time zone
        began = time.perf_counter()
        for n, (_date, reference, service, pence) in enumerate(rows):
            entry = JournalEntry(narration="Invoice of the month", reference=reference, entity_id=entity.id,
                                 transaction_date=first + dt.timedelta(days=n % DAYS),
                                 account_id=accounts["bank"].id, credited=True)
            session.add(entry)
            session.flush()
            line = LineItem(narration="Invoice", account_id=accounts[service].id, amount=Decimal(pence) / 100,
                            entity_id=entity.id)
            session.add(line)
            session.flush()
            entry.line_items.add(line)
            session.add(entry)
            entry.post(session)
        session.commit()
        posted = time.perf_counter() - began
        last = first.replace(month=12, day=31)
        balances = {name: int(account.closing_balance(session, last) * 100) for name, account in accounts.items()}
    print(json.dumps({"version": importlib.metadata.version("python-accounting"), "posted": posted,
                      "balances": balances}))


if __name__ == "__main__":
    main()
