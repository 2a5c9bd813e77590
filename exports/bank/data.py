"""Suggestions and how bank and books tie as plain data, for `--json` and HTTP."""

from __future__ import annotations

from typing import Any

from commissioning.bank.rows import UNMATCHED
from commissioning.bank.service import Reconciled, Suggested
from contributions.bank.model import BankLine
from contributions.bank.suggestion import Booked
from exports.bank.rows import rows
from exports.bank.words import tied
from exports.words import plain
from ledger.money import to_text


def to_data(suggested: Suggested) -> dict[str, Any]:
    """Everything that is suggested. Amounts are decimal strings; `rows` are what an officer edits and posts."""
    found = rows(suggested)
    lines = {(row["bank_account"], row["line"]): row["strength"] for row in found}
    counts = {strength: list(lines.values()).count(strength) for strength in dict.fromkeys(lines.values())}
    return {"currency": suggested.currency, "statements": [
        {"account": one.account, "statement": one.id, "from": _day(one.starts), "to": _day(one.ends),
         "opening": _amount(one.opening, suggested), "closing": _amount(one.closing, suggested),
         "lines": len(one.lines)} for one in suggested.read.statements],
        "lines": len(lines), "strengths": counts, "not_booked": suggested.read.waiting, "again": suggested.read.again,
        "unmatched": [_line(line, suggested) for line in suggested.lines
                      if lines[line.account, line.id] == UNMATCHED],
        "reconciled": [_reconciled(one, suggested) for one in suggested.reconciled], "rows": found,
        "refused": [fault.as_data() for fault in suggested.read.other]}


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _amount(minor: int | None, suggested: Suggested) -> str | None:
    return None if minor is None else to_text(minor, suggested.currency)


def _line(line: BankLine, suggested: Suggested) -> dict[str, str]:
    return {"line": line.id, "account": line.account, "booked": str(line.booked), "name": line.name, "text": line.text,
            "amount": to_text(line.amount, suggested.currency)}


def _entry(entry: Booked, suggested: Suggested) -> dict[str, Any]:
    return {"entry": entry.number, "kind": entry.kind, "reference": entry.reference, "date": str(entry.date),
            "amount": to_text(entry.amount, suggested.currency)}


def _reconciled(one: Reconciled, suggested: Suggested) -> dict[str, Any]:
    return {"accounts": list(one.accounts), "funds": list(one.funds), "from": _day(one.starts), "to": _day(one.ends),
            "bank": _amount(one.bank, suggested), "books": _amount(one.books, suggested),
            "not_in_books": _amount(one.not_in_books, suggested), "not_at_bank": _amount(one.not_at_bank, suggested),
            "later": _amount(one.later, suggested), "brought_forward": _amount(one.brought_forward, suggested),
            "lines": [_line(line, suggested) for line in one.lines],
            "entries": [_entry(entry, suggested) for entry in one.entries],
            "words": [f"{words}: {plain(amount, suggested.currency)}" for words, amount in tied(
                one, suggested.currency)]}
