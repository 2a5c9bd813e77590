"""django-hordak on PostgreSQL, as its own benchmark posts: bulk_create of transactions, then of legs, 25,000 at a time.

Run by the interpreter of its own environment: `python run_hordak.py ROWS COUNT postgresql://...`.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

sys.path.insert(0, str(Path(__file__).parents[1]))
from workload import read

SAVED = 25_000  # transactions at a time: hordak's `create_benchmark_transactions` saves at 50,000 legs


def prepare(url: str) -> None:
    """Sets Django up over an empty database and makes the tables."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path.strip("/"),
                               "HOST": host, "PORT": parts.port or "", "USER": unquote(parts.username or ""),
                               "PASSWORD": unquote(parts.password or "")}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DEFAULT_CURRENCY="GBP", HORDAK_INTERNAL_CURRENCY="GBP", HORDAK_CURRENCIES=["GBP"], CURRENCIES=["GBP"],
        USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def main() -> None:
    rows = read(sys.argv[1], int(sys.argv[2]))
    prepare(sys.argv[3])
    from django.db import transaction
    from hordak.models import Account, Leg, Transaction
    from moneyed import Money

    accounts = {"bank": Account.objects.create(name="bank", code="1", type="AS", currencies=["GBP"])}
    for number, name in enumerate(dict.fromkeys(row[2] for row in rows)):
        accounts[name] = Account.objects.create(name=name, code=f"2{number:02}", type="EX", currencies=["GBP"])
    began = time.perf_counter()
    for start in range(0, len(rows), SAVED):
        heads, legs = [], []
        for date, reference, service, pence in rows[start:start + SAVED]:
            amount = Money(f"{pence // 100}.{pence % 100:02}", "GBP")
            head = Transaction(date=date, description=reference)
            heads.append(head)
            legs += [Leg(transaction=head, account=accounts[service], debit=amount),
                     Leg(transaction=head, account=accounts["bank"], credit=amount)]
        with transaction.atomic():
            Transaction.objects.bulk_create(heads)
            Leg.objects.bulk_create(legs)
    posted = time.perf_counter() - began
    began = time.perf_counter()
    balances = {one.name: int(one.balance["GBP"].amount * 100) for one in Account.objects.with_balances()}
    took = time.perf_counter() - began
    print(json.dumps({"version": importlib.metadata.version("django-hordak"), "posted": posted, "balances": balances,
                      "balanced": took}))


if __name__ == "__main__":
    main()
