"""Makes camt.053 files as banks write them, checked against the standard's own schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import xmlschema

XSD = Path(__file__).parent / "xsd"
IBAN, OTHER = "GB33BUKB20201555555555", "GB94BARC10201530093459"


@dataclass(frozen=True)
class Tx:
    """A transaction inside an entry; an amount of its own where it is one of several."""

    name: str = ""
    text: Sequence[str] = ()
    ref: str = ""
    end_to_end: str = ""
    servicer: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Entry:
    amount: str  # signed: more than zero came in
    booked: str
    ref: str = ""
    txs: Sequence[Tx] = ()
    status: str = "BOOK"
    reversal: bool = False
    text: str = ""
    currency: str = "GBP"


@dataclass(frozen=True)
class Stmt:
    id: str
    opening: str
    entries: Sequence[Entry] = ()
    closing: str | None = None  # None: what it comes to
    account: str = IBAN
    day: str = "2024-04-30"
    currency: str = "GBP"
    page: tuple[int, bool] | None = None
    codes: tuple[str, str] = ("OPBD", "CLBD")
    more: str = field(default="")


@cache
def schema(version: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(XSD / f"camt.053.001.{version}.xsd")


def camt(stmts: Sequence[Stmt], version: str = "08", page: tuple[int, bool] | None = None) -> bytes:
    """A file in a version of the message, valid by its schema. `page`: of the message."""
    paging = _paging("MsgPgntn", page) if page else ""
    text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.'
            f'{version}"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2024-05-01T06:00:00</CreDtTm>{paging}'
            f"</GrpHdr>\n{''.join(_stmt(one, version) for one in stmts)}</BkToCstmrStmt></Document>\n")
    if version in ("02", "08", "13"):
        schema(version).validate(text)
    return text.encode()


def _paging(tag: str, page: tuple[int, bool]) -> str:
    return f"<{tag}><PgNb>{page[0]}</PgNb><LastPgInd>{str(page[1]).lower()}</LastPgInd></{tag}>"


def _stmt(one: Stmt, version: str) -> str:
    moved = sum(Decimal(e.amount) for e in one.entries if e.status == "BOOK" and e.currency == one.currency)
    closing = one.closing if one.closing is not None else str(Decimal(one.opening) + moved)
    paging = _paging("StmtPgntn", one.page) if one.page else ""
    return (f"<Stmt><Id>{one.id}</Id>{paging}<CreDtTm>{one.day}T20:00:00</CreDtTm>"
            f"<Acct><Id><IBAN>{one.account}</IBAN></Id><Ccy>{one.currency}</Ccy></Acct>"
            f"{_bal(one.codes[0], one.opening, one)}{_bal(one.codes[1], closing, one)}\n"
            f"{''.join(_entry(e, version) for e in one.entries)}</Stmt>\n")


def _bal(code: str, amount: str, of: Stmt) -> str:
    return (f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amt(amount, of.currency)}"
            f"<Dt><Dt>{of.day}</Dt></Dt></Bal>")


def _amt(signed: str, currency: str) -> str:
    value = Decimal(signed)
    return f'<Amt Ccy="{currency}">{abs(value)}</Amt><CdtDbtInd>{"CRDT" if value >= 0 else "DBIT"}</CdtDbtInd>'


def _entry(e: Entry, version: str) -> str:
    status = f"<Cd>{e.status}</Cd>" if int(version) >= 7 else e.status
    reversal = "<RvslInd>true</RvslInd>" if e.reversal else ""
    ref = f"<AcctSvcrRef>{e.ref}</AcctSvcrRef>" if e.ref else ""
    details = f"<NtryDtls>{''.join(_tx(t, e, version) for t in e.txs)}</NtryDtls>" if e.txs else ""
    text = f"<AddtlNtryInf>{escape(e.text)}</AddtlNtryInf>" if e.text else ""
    return (f"<Ntry>{_amt(e.amount, e.currency)}{reversal}<Sts>{status}</Sts><BookgDt><Dt>{e.booked}</Dt></BookgDt>"
            f"{ref}<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>{details}{text}</Ntry>\n")


def _tx(t: Tx, e: Entry, version: str) -> str:
    refs = "".join(f"<{tag}>{escape(value)}</{tag}>" for tag, value in (("AcctSvcrRef", t.servicer),
                                                                       ("EndToEndId", t.end_to_end)) if value)
    signed = t.amount or e.amount
    amount = _amt(signed, e.currency) if int(version) >= 3 else (
        f'<AmtDtls><TxAmt><Amt Ccy="{e.currency}">{abs(Decimal(signed))}</Amt></TxAmt></AmtDtls>' if t.amount else "")
    role = "Dbtr" if Decimal(signed) > 0 else "Cdtr"
    name = f"<Nm>{escape(t.name)}</Nm>" if int(version) < 8 else f"<Pty><Nm>{escape(t.name)}</Nm></Pty>"
    party = f"<RltdPties><{role}>{name}</{role}></RltdPties>" if t.name else ""
    said = "".join(f"<Ustrd>{escape(text)}</Ustrd>" for text in t.text)
    said += f"<Strd><CdtrRefInf><Ref>{t.ref}</Ref></CdtrRefInf></Strd>" if t.ref else ""
    remit = f"<RmtInf>{said}</RmtInf>" if said else ""
    return f"<TxDtls>{f'<Refs>{refs}</Refs>' if refs else ''}{amount}{party}{remit}</TxDtls>"
