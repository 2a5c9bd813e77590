"""Reads a bank statement in ISO 20022 camt.053, versions 001.02 to 001.13, with the habits that banks have.

An entry is one line; a batch whose transactions state their amounts, and total the entry's, is a line for each. Only
booked entries are taken. The sign goes by the credit or debit indicator alone: an entry that reverses another already
carries the reversal's own (ISO 20022, ReversalIndicator).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import islice

from contributions.bank import refusals as no
from contributions.bank.model import BankLine, Page, day_of
from contributions.bank.xml_tree import Node, read_xml
from ledger.errors import PoolbookError, Refused, replace_file
from ledger.language import Said
from ledger.money import to_minor

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.053\.001\.(?:0[2-9]|1[0-3]))")
_AMOUNT = re.compile(r"\+?(\d+(\.\d*)?|\.\d+)")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(T.*|Z|[+-]\d{2}:\d{2})?")
SILENT = frozenset({"", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "NONE"})
"""What banks write where they have no reference to give."""


def read_camt053(content: bytes, currency: str, file: str = "") -> list[Page]:
    """The pages of a file. Raises `Refused` with what is wrong, at its line and element."""
    try:
        root, namespace = read_xml(content)
        _known(root, namespace)
        header = root.must("BkToCstmrStmt").find("GrpHdr")
        return [_page(stmt, header, currency, file) for stmt in root.must("BkToCstmrStmt").all("Stmt")]
    except PoolbookError as error:
        raise Refused([replace_file(error, file)]) from None


def _known(root: Node, namespace: str) -> None:
    if _NAMESPACE.fullmatch(namespace) and root.name == "Document":
        return
    found = namespace.rpartition(":")[2] or f"<{root.name}> without a namespace"
    raise no.BankMessageOther(root.place(), found=found)


def _page(stmt: Node, header: Node | None, currency: str, file: str) -> Page:
    number, last = _paging(stmt, header)
    account = _account(stmt)
    opening, closing, starts, ends = _balances(stmt, currency, number, last)
    lines: list[BankLine] = []
    other: list[PoolbookError] = []
    waiting = 0
    for entry in stmt.all("Ntry"):
        status = (entry.says("Sts", "Cd") or entry.says("Sts") or entry.says("Sts", "Prtry")).upper()
        if status != "BOOK":
            if not status:
                raise no.BankElementMissing(entry.place(), element="Sts")
            waiting += 1
            continue
        amount = entry.must("Amt")
        if amount.attributes.get("Ccy", currency) != currency:
            other.append(no.BankCurrencyOther(entry.place(file), found=amount.attributes["Ccy"], currency=currency))
            continue
        lines += _lines(entry, account, currency, ends, file)
    return Page(account, stmt.must("Id").text, number, last, starts, ends, opening, closing, tuple(lines), waiting,
                tuple(other), _foreign(stmt, currency), _sequence(stmt), stmt.place(file))


def _foreign(stmt: Node, currency: str) -> bool:
    """Whether the account is in another currency, by its balances."""
    return any(amount.attributes.get("Ccy", currency) != currency for amount in stmt.all("Bal", "Amt"))


def _sequence(stmt: Node) -> int:
    """Its place among the statements of a day, where the bank numbers them."""
    said = stmt.says("ElctrncSeqNb") or stmt.says("LglSeqNb")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0


def _account(stmt: Node) -> str:
    account = stmt.must("Acct")
    found = account.says("Id", "IBAN") or account.says("Id", "Othr", "Id")
    if not found:
        raise no.BankElementMissing(account.place(), element="Id/IBAN")
    return found.replace(" ", "")


def _paging(stmt: Node, header: Node | None) -> tuple[int, bool]:
    """Which page it is, and whether the last; a message that is paged but holds several statements pages none."""
    said = stmt.find("StmtPgntn")
    if said is None and header is not None and stmt.parent and len(list(islice(stmt.parent.all("Stmt"), 2))) == 1:
        said = header.find("MsgPgntn")
    if said is None:
        return 1, True
    number = said.must("PgNb")
    if not number.text.isascii() or not number.text.isdigit() or not 1 <= int(number.text[:6]) <= 99_999:
        raise no.BankValueWrong(number.place(), found=number.text, wanted=Said("the number of a page"))
    return int(number.text), said.says("LastPgInd") in ("true", "1")


Balances = tuple[int | None, int | None, dt.date | None, dt.date | None]


def _balances(stmt: Node, currency: str, number: int, last: bool) -> Balances:
    """Opening and closing balance, and the days they are of; a page in the middle has interim ones."""
    found: dict[str, list[tuple[int, dt.date]]] = {}
    if _foreign(stmt, currency):
        return None, None, None, None
    for balance in stmt.all("Bal"):
        amount = balance.must("Amt")
        code = balance.says("Tp", "CdOrPrtry", "Cd")
        found.setdefault(code, []).append((_signed(balance, amount, currency), _date(balance.must("Dt"))))
    between = found.get("ITBD", [])
    for before, day in found.pop("PRCD", []):  # what it closed with before, the day before
        found.setdefault("OPBD", []).append((before, day + dt.timedelta(days=1)))
    opening = found["OPBD"][0] if "OPBD" in found else None
    closing = found["CLBD"][-1] if "CLBD" in found else None
    if opening is None and number > 1 and between:
        opening = between[0]
    if closing is None and not last and between:
        closing = between[-1]
    starts = _day(stmt, "FrDtTm") or (opening[1] if opening else None)
    ends = _day(stmt, "ToDtTm") or (closing[1] if closing else None)
    return opening[0] if opening else None, closing[0] if closing else None, starts, ends


def _day(stmt: Node, which: str) -> dt.date | None:
    found = stmt.find("FrToDt", which)
    return _date(found) if found is not None else None


def _signed(of: Node, amount: Node, currency: str) -> int:
    sign = of.must("CdtDbtInd")
    if sign.text not in ("CRDT", "DBIT"):
        raise no.BankValueWrong(sign.place(), found=sign.text, wanted=Said("CRDT or DBIT"))
    return _minor(amount, currency) * (1 if sign.text == "CRDT" else -1)


def _minor(amount: Node, currency: str) -> int:
    if not _AMOUNT.fullmatch(amount.text):
        raise no.BankValueWrong(amount.place(), found=amount.text, wanted=Said("an amount"))
    whole, _, part = amount.text.lstrip("+").partition(".")
    try:
        return to_minor(f"{whole or '0'}.{part or '0'}", currency)
    except PoolbookError as error:
        raise error.at(amount.place()) from None


def _date(node: Node) -> dt.date:
    """A day, from an element that is one or that holds one (`Dt` or `DtTm`)."""
    said = node.text or node.says("Dt") or node.says("DtTm")
    found = _DATE.fullmatch(said)
    try:
        if found is None:
            raise ValueError
        return day_of(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise no.BankValueWrong(node.place(), found=said, wanted=Said("a date")) from None


def _lines(entry: Node, account: str, currency: str, ends: dt.date | None, file: str) -> Iterator[BankLine]:
    """The line of an entry, or one for each transaction of a batch that says what each came to."""
    whole = _signed(entry, entry.must("Amt"), currency)
    dated = entry.find("BookgDt") or entry.find("ValDt")
    booked = _date(dated) if dated is not None else ends
    if booked is None:
        raise no.BankElementMissing(entry.place(), element="BookgDt")
    reference = _spoken(entry.says("AcctSvcrRef")) or _spoken(entry.says("NtryRef"))
    reverses = entry.says("RvslInd") in ("true", "1")
    details = list(entry.all("NtryDtls", "TxDtls"))
    parts = [_part(one, entry, currency) for one in details]
    said = [part for part in parts if part is not None]
    if len(details) < 2 or len(said) < len(details) or sum(said) != whole:
        names = _join(_name(one, whole) for one in details)
        yield BankLine(account, booked, whole, names, _text(entry, details), _references(entry, details), reference,
                       reverses, place=entry.place(file))
        return
    for n, (one, amount) in enumerate(zip(details, said, strict=True), 1):
        own = _spoken(one.says("Refs", "AcctSvcrRef")) or (f"{reference}/{n}" if reference else "")
        yield BankLine(account, booked, amount, _name(one, amount), _text(entry, [one]), _references(entry, [one]), own,
                       reverses, place=one.place(file))


def _part(details: Node, entry: Node, currency: str) -> int | None:
    """What one transaction of an entry came to in the account's currency, where it says so."""
    ways = (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt"))
    amount = next((found for way in ways if (found := details.find(*way)) is not None), None)
    if amount is None or amount.attributes.get("Ccy", currency) != currency:
        return None
    return _signed(details if details.find("CdtDbtInd") else entry, amount, currency)


def _name(details: Node, amount: int) -> str:
    """Who is at the other end: the debtor of money that came in, the creditor of what went out."""
    roles = ("Dbtr", "UltmtDbtr") if amount > 0 else ("Cdtr", "UltmtCdtr")
    parties = [details.find("RltdPties", role) for role in roles]
    return _join(p.says("Nm") or p.says("Pty", "Nm") for p in parties if p is not None)


def _text(entry: Node, details: list[Node]) -> str:
    """What the payer and the bank wrote, without structure."""
    told: list[str] = []
    for one in details:
        told += [node.text for node in one.all("RmtInf", "Ustrd")]
        told += [node.text for node in one.all("RmtInf", "Strd", "AddtlRmtInf")]
        told.append(one.says("AddtlTxInf"))
    return _join([*told, entry.says("AddtlNtryInf")])


def _references(entry: Node, details: list[Node]) -> tuple[str, ...]:
    """What the payer gave to be recognised by: the creditor's reference, document numbers, the end-to-end id."""
    ways = (("RmtInf", "Strd", "CdtrRefInf", "Ref"), ("RmtInf", "Strd", "RfrdDocInf", "Nb"), ("Refs", "EndToEndId"),
            ("Refs", "InstrId"), ("Refs", "PmtInfId"))
    found = [_spoken(node.text) for one in details for way in ways for node in one.all(*way)]
    found += [_spoken(node.text) for node in entry.all("NtryDtls", "Btch", "PmtInfId")]
    return tuple(dict.fromkeys(one for one in found if one))


def _spoken(reference: str) -> str:
    return "" if reference.upper() in SILENT else reference


def _join(texts: Iterator[str] | list[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


