"""Makes the bank file of an example: `python -m tests.bank.example`."""

from __future__ import annotations

from pathlib import Path

from tests.bank.files import Entry, Stmt, Tx, camt

FILE = Path("examples/northshire-2024/bank/2024-04.xml")
ENTRIES = (
    Entry("490000.00", "2024-04-04", "0404-000117", (
        Tx("NORTHSHIRE COUNCIL", ("POOL CONTRIBUTION APR 24",), amount="400000.00", end_to_end="NC-88213"),
        Tx("ASHFORD VALE DISTRICT COUNCIL", ("Q1 core fund",), amount="90000.00")), text="BACS credits"),
    Entry("750000.00", "2024-04-05", "0405-000021", (
        Tx("NHS NORTHSHIRE", ("April base budget and discharge grant",), end_to_end="NOTPROVIDED"),)),
    Entry("-350000.00", "2024-04-29", "0429-000003", (Tx("Home First CIC", ref="REA-2024-04"),)),
    Entry("-200000.00", "2024-04-29", "0429-000004", (Tx("Oakdale Home Care Ltd", ("HOM-2024-04",)),)),
    Entry("200000.00", "2024-04-30", "0430-000001", (Tx("Oakdale Home Care Ltd", ("HOM-2024-04",)),), reversal=True,
          text="Returned: account closed"),
    Entry("-310000.00", "2024-04-30", "", (Tx("BED SERVICES PARTNERSHIP", ("community beds april BED-2024-04",)),)),
    Entry("1234.56", "2024-04-30", "0430-000002", text="GROSS INTEREST TO 30APR"),
    Entry("-41000.00", "2024-05-01", "", (Tx("Northshire Council", ("Pool office April",)),), status="PDNG"))


def content() -> bytes:
    """April 2024 at the bank of Northshire's core fund: a batch, a payment for two instalments, one that came back."""
    return camt([Stmt("2024-004", "400000.00", ENTRIES)])


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(content())
