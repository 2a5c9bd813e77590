"""The whole journal as plain text that other tools read and check: beancount, hledger, CSV and JSON lines.

Each function streams: it holds one entry at a time, and of the accounts only their names and first dates. Entries
without postings (memoranda: activity, forecasts, closings) are kept as beancount `custom` lines and hledger comments,
so that the export has every number of the chain.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from commissioning.events.spreadsheet import harmless
from exports.accounts import beancount_account, hledger_account
from exports.statement import moment
from ledger.model import Entry, Posting, Recorded
from ledger.money import decimals, to_text
from ledger.units import units_text

WORDS = ("fund", "partner", "service", "source", "cost_class", "case")
CSV_HEAD = ("number", "date", "recorded_at", "period", "belongs_to", "kind", "reference", "memo", "reverses", "line",
            "account", "amount", "currency", *WORDS, "units", "details", "hash")
UNUSED_FROM = dt.date(1970, 1, 1)  # an account without any entry has no first date of its own

_NOT_IN_TAG = re.compile(r"[%,;\[\]]|(?<!\d\d):|[^\S ]")


def to_beancount(name: str, currency: str, accounts: Iterable[str], entries: Iterable[Recorded]) -> Iterator[str]:
    """The journal for beancount; accounts are opened on the date of their first use (beancount sorts by date)."""
    yield f"option \"title\" {_quoted(name)}\noption \"operating_currency\" \"{currency}\"\n"
    first: dict[str, dt.date] = {}
    for recorded in entries:
        for posting in recorded.entry.postings:
            first[posting.account] = min(first.get(posting.account, recorded.entry.date), recorded.entry.date)
        yield _beancount_entry(recorded, currency)
    opening = min(first.values(), default=UNUSED_FROM)
    for path in dict.fromkeys([*accounts, *first]):
        opened = first.get(path, opening)
        yield f"\n{opened} open {beancount_account(path)} {currency}\n  account: {_quoted(path)}\n"


def to_hledger(name: str, currency: str, accounts: Iterable[str], entries: Iterable[Recorded]) -> Iterator[str]:
    """The journal for hledger, with commodity and accounts declared so that strict checks pass."""
    sample = f"1000.{'0' * decimals(currency)} {currency}"
    yield f"; {_line(name)}\ndecimal-mark .\ncommodity {sample}\n\n"
    declared: set[str] = set()
    for path in accounts:
        declared.add(path)
        yield _hledger_declared(path)
    for recorded in entries:
        for path in dict.fromkeys(posting.account for posting in recorded.entry.postings):
            if path not in declared:
                declared.add(path)
                yield _hledger_declared(path)
        yield _hledger_entry(recorded, currency)


def to_csv(name: str, currency: str, accounts: Iterable[str], entries: Iterable[Recorded]) -> Iterator[str]:
    """The journal as CSV, a row for each posting; text that a spreadsheet would run begins with an apostrophe."""
    del name, accounts  # a table of postings names its accounts row by row
    yield _row(CSV_HEAD)
    for recorded in entries:
        entry = recorded.entry
        start = [str(recorded.number), entry.date.isoformat(), moment(recorded.recorded_at),
                 *map(harmless, (recorded.period, entry.belongs_to, entry.kind, entry.reference, entry.memo)),
                 "" if entry.reverses is None else str(entry.reverses)]
        for line, posting in enumerate(entry.postings, 1):
            yield _row([*start, str(line), harmless(posting.account), to_text(posting.amount, currency), currency,
                        *(harmless(getattr(posting, word)) for word in WORDS), _units(posting.units),
                        harmless(entry.details), recorded.content_hash])
        if not entry.postings:
            blank = [""] * (len(CSV_HEAD) - len(start) - 2)
            yield _row([*start, *blank, harmless(entry.details), recorded.content_hash])


def to_jsonl(name: str, currency: str, accounts: Iterable[str], entries: Iterable[Recorded]) -> Iterator[str]:
    """The journal as one JSON object a line; nothing is escaped or left out."""
    del name, accounts
    for recorded in entries:
        entry = recorded.entry
        data = {"number": recorded.number, "date": entry.date.isoformat(), "recorded_at": moment(recorded.recorded_at),
                "period": recorded.period, "belongs_to": entry.belongs_to, "kind": entry.kind,
                "reference": entry.reference, "memo": entry.memo, "reverses": entry.reverses, "currency": currency,
                "postings": [_posting_data(posting, currency) for posting in entry.postings],
                "details": entry.details, "hash": recorded.content_hash}
        yield json.dumps(data, ensure_ascii=False) + "\n"


Exporter = Callable[[str, str, Iterable[str], Iterable[Recorded]], Iterator[str]]

FORMATS: Mapping[str, Exporter] = MappingProxyType(
    {"beancount": to_beancount, "hledger": to_hledger, "csv": to_csv, "jsonl": to_jsonl})


def _about(posting: Posting) -> list[tuple[str, str]]:
    """The words beside a posting's account that say anything."""
    words = [(word.replace("_", "-"), str(getattr(posting, word))) for word in WORDS if getattr(posting, word)]
    return [*words, *([("units", _units(posting.units))] if posting.units else [])]


def _entry_facts(recorded: Recorded) -> list[tuple[str, str]]:
    entry = recorded.entry
    facts = [("kind", entry.kind), ("reference", entry.reference), ("period", recorded.period),
             ("belongs-to", entry.belongs_to), ("reverses", "" if entry.reverses is None else str(entry.reverses)),
             ("recorded-at", moment(recorded.recorded_at)), ("details", entry.details),
             ("hash", recorded.content_hash)]
    return [(key, value) for key, value in facts if value]


def _units(units: int) -> str:
    """Units as decimal text; nothing for none."""
    return units_text(units) if units else ""


def _posting_data(posting: Posting, currency: str) -> dict[str, str]:
    about = {word: getattr(posting, word) for word in WORDS if getattr(posting, word)}
    units = {"units": _units(posting.units)} if posting.units else {}
    return {"account": posting.account, "amount": to_text(posting.amount, currency), **about, **units}


def _quoted(text: str) -> str:
    """A beancount string: quotes, backslashes and line ends escaped."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\n").replace("\r", "\n")
    return '"' + plain.replace("\n", "\\n").replace("\t", "\\t") + '"'


def _beancount_entry(recorded: Recorded, currency: str) -> str:
    entry = recorded.entry
    facts = "".join(f"  {key}: {_quoted(value)}\n" for key, value in _entry_facts(recorded))
    if not entry.postings:
        words = f"{_quoted(entry.kind)} {_quoted(entry.memo)}"
        return f"\n{entry.date} custom \"memorandum\" {words}\n  number: {recorded.number}\n{facts}"
    links = f"^entry-{recorded.number}" + ("" if entry.reverses is None else f" ^entry-{entry.reverses}")
    lines = "".join(_beancount_posting(posting, currency) for posting in entry.postings)
    return (f"\n{entry.date} * {_quoted(_said(entry))} {links}\n  number: {recorded.number}\n{facts}{lines}")


def _said(entry: Entry) -> str:
    return entry.memo or f"{entry.kind} {entry.reference}".strip()


def _beancount_posting(posting: Posting, currency: str) -> str:
    about = "".join(f"    {key}: {_quoted(value)}\n" for key, value in _about(posting))
    return f"  {beancount_account(posting.account)}  {to_text(posting.amount, currency)} {currency}\n{about}"


def _line(text: str) -> str:
    """Text on one line that begins no comment of its own."""
    return " ".join(re.sub(r"[;\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def _tags(facts: Iterable[tuple[str, str]]) -> str:
    """hledger tags; what would end a tag, or be read as a date or another tag, is written as % and its number."""
    return ", ".join(f"{key}:{_NOT_IN_TAG.sub(lambda c: f'%{ord(c.group()):x}.', value)}" for key, value in facts)


def _hledger_declared(path: str) -> str:
    kind = {"assets": "A", "liabilities": "L", "equity": "E", "reserves": "E", "income": "R", "expenses": "X"}
    return f"\naccount {hledger_account(path)}  ; type:{kind[path.partition(':')[0]]}\n"


def _hledger_entry(recorded: Recorded, currency: str) -> str:
    entry = recorded.entry
    facts = _tags(_entry_facts(recorded))
    if not entry.postings:
        return f"\n; {entry.date} memorandum {recorded.number} {_line(_said(entry))}\n;   {facts}\n"
    lines = "".join(_hledger_posting(posting, currency) for posting in entry.postings)
    return f"\n{entry.date} * ({recorded.number}) {_line(_said(entry))}\n    ; {facts}\n{lines}"


def _hledger_posting(posting: Posting, currency: str) -> str:
    about = f"  ; {_tags(_about(posting))}" if _about(posting) else ""
    return f"    {hledger_account(posting.account)}  {to_text(posting.amount, currency)} {currency}{about}\n"


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
