"""Suggestions for a bank's lines as rows that an officer edits: in CSV, for a workbook, or as plain data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from commissioning.bank.rows import COLUMNS, IN_BOOKS, NOTHING, UNMATCHED
from commissioning.bank.service import Suggested
from commissioning.events.spreadsheet import harmless_cell
from contributions.bank.model import BankLine
from contributions.bank.suggestion import Expected, Match
from exports.bank.words import why
from ledger.money import to_text

LONGEST_NOTE = 200


def rows(suggested: Suggested) -> list[dict[str, str]]:
    """A row for each event that is suggested, and one for each other line; in the bank's order, `accept` empty."""
    matches = {line: match for found in suggested.found for match in found.matches for line in match.lines}
    return [{**dict.fromkeys(COLUMNS, ""), **_about(line, suggested), **cells}
            for line in suggested.lines for cells in _cells(line, matches.get(line), suggested)]


def _about(line: BankLine, suggested: Suggested) -> dict[str, str]:
    return {"line": line.id, "bank_account": line.account, "booked": line.booked.isoformat(), "name": line.name,
            "bank_amount": to_text(line.amount, suggested.currency), "text": line.text or "; ".join(line.references)}


def _cells(line: BankLine, match: Match | None, suggested: Suggested) -> Iterator[dict[str, str]]:
    """What is said and suggested for a line, beside what the bank says."""
    if match is None:
        yield {"strength": UNMATCHED if line.amount else NOTHING}
        return
    said = {"why": why(match, suggested.partners, suggested.currency)}
    if match.undoes is not None:
        yield said | {"strength": match.strength, "event": "reversal", "note": _note(line),
                      "against": f"{match.undoes.kind}:{match.undoes.reference}"}
    elif not match.expected:
        yield said | {"strength": IN_BOOKS if match.booked else NOTHING}
    else:
        for item, amount in _parts(line, match):
            yield said | {"strength": match.strength, "note": _note(line), **_event(item, amount, suggested.currency)}


def _parts(line: BankLine, match: Match) -> list[tuple[Expected, int]]:
    """Each expectation with its part of the line; those that would be posted alike are one."""
    if len(match.expected) == 1:
        return [(match.expected[0], line.amount)]
    parts: dict[tuple[str, ...], tuple[Expected, int]] = {}
    for item in match.expected:
        first, amount = parts.get(item.posts, (item, 0))
        parts[item.posts] = (first, amount + item.amount)
    return list(parts.values())


def _event(item: Expected, amount: int, currency: str) -> dict[str, str]:
    """The event for a part; what a payment pays is positive though the bank goes down, a settlement has its sign."""
    signed = -amount if item.kind == "payment" else amount
    return {"event": item.kind, "fund": item.fund, "partner": item.partner, "source": item.source,
            "for": item.beneficiary, "against": item.reference, "amount": to_text(signed, currency)}


def _note(line: BankLine) -> str:
    return "; ".join(part for part in (line.name, line.text) if part)[:LONGEST_NOTE]


def to_csv(found: Sequence[Mapping[str, str]]) -> str:
    """The rows as CSV that a spreadsheet shows and never runs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([harmless_cell(row[column]) for column in COLUMNS] for row in found)
    return out.getvalue()
