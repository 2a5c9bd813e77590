"""One invoice, from a row in a file to the line that says what a partner owes. Read it from top to bottom.

Northshire Council and NHS Northshire keep one budget for care at home: 100 pounds a year, of which the council gives 40
and NHS 60. If it is overspent they share the overspend as they share the budget. In May an invoice of 110 comes in.
"""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import Engine

from commissioning import service
from commissioning.events.reading import read_csv
from exports.statement import to_json
from ledger import store

AGREEMENT = """
poolbook: 1
partnership: {id: northshire, name: Northshire, currency: GBP, year_starts: 04-01, periods: quarter}
partners:
  council: {name: Northshire Council}
  nhs: {name: NHS Northshire}
agreements:
  - id: s75-2024
    reference: Section 75 agreement of 12 March 2024
    effective: 2024-04-01
    signed: 2024-03-12
    funds: {core: {kind: pooled, host: council}}
    contributions:
      - {fund: core, partner: council, source: base budget, amount: 40, instalments: quarterly}
      - {fund: core, partner: nhs, source: base budget, amount: 60, instalments: quarterly}
    services: {home-care: {fund: core, name: Care at home, lead: council, budget: 100}}
    rules:
      - id: core-risk
        reference: Schedule 3, paragraph 4
        applies_to: {fund: core}
        overspend: [{share: {by: contribution}}]
        underspend: [{return: {by: contribution}}]
"""

EVENTS = """date,event,service,amount,reference,note
2024-05-14,expenditure,home-care,110.00,INV-0001,Care at home in April and May
"""

QUARTERS = ("FY2024-Q1", "FY2024-Q2", "FY2024-Q3", "FY2024-Q4")


def test_an_invoice_becomes_what_two_partners_owe(sqlite_engine: Engine) -> None:
    now = dt.datetime(2025, 4, 8, 9, 30, tzinfo=dt.UTC)
    with sqlite_engine.connect() as conn:

        # 1. The agreement is put in force. It opens the books: accounts, and periods into which events can be dated.
        applied = service.apply(conn, AGREEMENT, "agreement.yaml", now)
        book = applied.book
        assert applied.changes == ("opens the books of Northshire (northshire) in GBP",
                                   "adds the version s75-2024 (signed), in force from 2024-04-01")

        # 2. A row of the file is read as an event. Amounts are whole pence from here on.
        events, faults = read_csv(EVENTS, book.currency, "events.csv")
        assert not faults
        [invoice] = events
        assert (invoice.event, invoice.service, invoice.amount) == ("expenditure", "home-care", 11_000)

        # 3. The event becomes an entry of the ledger: two postings that balance. Nobody has paid yet; the pool owes it.
        service.import_events(conn, book, events, now)
        recorded = store.find(conn, book, "expenditure", "INV-0001")
        assert recorded is not None
        assert [(line.account, line.amount) for line in recorded.entry.postings] == [
            ("expenses:home-care", 11_000), ("liabilities:providers", -11_000)]

        # 4. The ledger keeps the sum of every account by period, so that no report walks through history.
        may = [m for m in store.movements(conn, book) if m.account == "expenses:home-care"]
        assert [(m.period, m.service, m.amount) for m in may] == [(202401, "home-care", 11_000)]

        # 5. Closing the first quarter posts what fell due, and issues a statement. Its shares are a warning, no bill.
        june = json.loads(service.close(conn, book, "FY2024-Q1", now, to_json).document)
        assert june["totals"]["budget"] == "25.00"  # a quarter of the plan
        assert june["totals"]["variance"] == "85.00"
        assert june["indicative"] is True
        assert june["partners"]["council"]["contribution_due"] == "10.00"  # and NHS: 15.00

        # 6. Nothing can be dated into a closed quarter any more. The year goes on; no other cost comes.
        for quarter in QUARTERS[1:3]:
            service.close(conn, book, quarter, now, to_json)

        # 7. Closing the year settles: 10 over, shared 40 to 60. This the ledger posts.
        march = json.loads(service.close(conn, book, "FY2024-Q4", now, to_json).document)
        assert march["totals"]["variance"] == "10.00"
        council = march["partners"]["council"]
        assert council["share_of_variance"] == "4.00"
        assert council["liability"] == "44.00"  # its contribution of 40 and its share of 4
        assert council["settlement"] == "44.00"  # as it has paid nothing at all

        # 8. The statement shows its working, for a pocket calculator.
        share = next(line for line in march["working"] if line["step"] == "share")
        assert (share["in"], share["out"], share["remaining"]) == ("10.00", {"council": "4.00", "nhs": "6.00"}, "0.00")
        assert share["reference"] == "Schedule 3, paragraph 4"

        # 9. What the statement says the council owes is what the books say it owes.
        owed = sum(m.amount for m in store.movements(conn, book) if m.account == "assets:due-from:council")
        assert owed == 4_400

        # 10. And nobody has altered anything since.
        assert service.verify(conn, book) == []
