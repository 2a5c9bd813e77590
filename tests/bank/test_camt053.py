"""camt.053 files as several banks write them are read; malformed and hostile ones are refused with the place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contributions.bank.camt053 import read_camt053
from contributions.bank.model import Read
from contributions.bank.statements import assemble
from ledger.errors import Refused
from tests.bank.files import IBAN, OTHER, Entry, Stmt, Tx, camt

VERSIONS = ("02", "08", "13")


def read(*files: bytes, currency: str = "GBP") -> Read:
    return assemble([page for n, content in enumerate(files, 1)
                     for page in read_camt053(content, currency, f"bank-{n}.xml")], currency)


def refused(*files: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(*files)
    return "\n".join(line for fault in caught.value.faults for line in fault.lines()[:1])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plain_statement(version: str) -> None:
    found = read(camt([Stmt("S-1", "1000.00", [
        Entry("400000.00", "2024-04-04", "B-1", [Tx("NORTHSHIRE COUNCIL", ["Pool April"], end_to_end="E-7")]),
        Entry("-250.50", "2024-04-05", "B-2", [Tx("Home First CIC", ref="REA-2024-04")], text="BACS")])], version))
    (statement,) = found.statements
    assert (statement.account, statement.opening, statement.closing) == (IBAN, 1000_00, 400749_50)
    one, other = statement.lines
    assert (one.id, one.amount, one.name, one.text, one.references) == (
        "B-1", 400000_00, "NORTHSHIRE COUNCIL", "Pool April", ("E-7",))
    assert (other.amount, other.name, other.text, other.references) == (
        -250_50, "Home First CIC", "BACS", ("REA-2024-04",))
    assert other.place.file == "bank-1.xml"
    assert other.place.field == "Document/BkToCstmrStmt/Stmt[1]/Ntry[2]"


@pytest.mark.parametrize("version", ["03", "04", "05", "06", "07", "09", "10", "11", "12"])
def test_every_version_between(version: str) -> None:
    assert [line.amount for line in read(camt([Stmt("S", "0", [Entry("1.00", "2024-04-04")])], version)).lines] == [100]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_is_a_line_for_each_transaction(version: str) -> None:
    found = read(camt([Stmt("S", "0", [Entry("30.00", "2024-04-04", "B-1", [
        Tx("A", ["one"], amount="10.00"), Tx("B", ["two"], amount="20.00", servicer="B-1-X")])])], version))
    assert [(line.id, line.amount, line.name) for line in found.lines] == [("B-1/1", 10_00, "A"), ("B-1-X", 20_00, "B")]


def test_a_batch_whose_parts_do_not_total_it_stays_one_line() -> None:
    found = read(camt([Stmt("S", "0", [Entry("29.50", "2024-04-04", "B-1", [
        Tx("A", ["one"], amount="10.00"), Tx("B", ["two"], amount="20.00")], text="less charges")])]))
    (line,) = found.lines
    assert (line.id, line.amount, line.name, line.text) == ("B-1", 29_50, "A; B", "one; two; less charges")


def test_a_reversal_has_its_own_sign() -> None:
    found = read(camt([Stmt("S", "100.00", [
        Entry("-40.00", "2024-04-04", "B-1"), Entry("40.00", "2024-04-08", "B-2", reversal=True)])]))
    assert [(line.amount, line.reversal) for line in found.lines] == [(-40_00, False), (40_00, True)]


@pytest.mark.parametrize("version", VERSIONS)
def test_pending_entries_are_left_out_and_counted(version: str) -> None:
    found = read(camt([Stmt("S", "0", [Entry("5.00", "2024-04-04", status="PDNG"), Entry("7.00", "2024-04-04")])],
                      version))
    assert ([line.amount for line in found.lines], found.waiting) == ([7_00], 1)


def test_several_accounts_in_one_message() -> None:
    found = read(camt([Stmt("A", "0", [Entry("1.00", "2024-04-04", "R")]),
                       Stmt("B", "0", [Entry("2.00", "2024-04-04", "R")], account=OTHER)]))
    assert [(s.account, s.lines[0].id) for s in found.statements] == [(IBAN, "R"), (OTHER, "R")]


def test_pages_of_a_statement_in_several_messages() -> None:
    one = camt([Stmt("S", "10.00", [Entry("1.00", "2024-04-04")], codes=("OPBD", "ITBD"))], "02", page=(1, False))
    two = camt([Stmt("S", "11.00", [Entry("2.00", "2024-04-05")], codes=("ITBD", "ITBD"))], "02", page=(2, False))
    three = camt([Stmt("S", "13.00", [Entry("4.00", "2024-04-06")], codes=("ITBD", "CLBD"))], "02", page=(3, True))
    (statement,) = read(three, one, two).statements
    assert (statement.opening, statement.closing, [line.amount for line in statement.lines]) == (
        10_00, 17_00, [100, 200, 400])
    assert "[bank-page-missing]" in refused(one, three)
    assert "page 2 is missing" in refused(one, three)
    assert "page 3 is missing" in refused(one, two)


def test_pages_of_a_statement_in_one_message() -> None:
    content = camt([Stmt("S", "10.00", [Entry("1.00", "2024-04-04")], page=(1, False), codes=("OPBD", "ITBD")),
                    Stmt("S", "11.00", [Entry("2.00", "2024-04-05")], page=(2, True), codes=("ITBD", "CLBD"))])
    (statement,) = read(content).statements
    assert (statement.opening, statement.closing, len(statement.lines)) == (10_00, 13_00, 2)


def test_whole_balances_repeated_on_every_page() -> None:
    content = camt([Stmt("S", "10.00", [Entry("1.00", "2024-04-04")], "13.00", page=(1, False)),
                    Stmt("S", "10.00", [Entry("2.00", "2024-04-05")], "13.00", page=(2, True))])
    (statement,) = read(content).statements
    assert (statement.opening, statement.closing) == (10_00, 13_00)


@pytest.mark.parametrize("ref", ["", "NONREF", "NOTPROVIDED"])
def test_a_line_without_a_reference_has_the_same_id_wherever_it_is_read(ref: str) -> None:
    entries = [Entry("5.00", "2024-04-04", ref, [Tx("A", ["x"])]), Entry("5.00", "2024-04-04", ref, [Tx("A", ["x"])]),
               Entry("6.00", "2024-04-04", ref)]
    first = read(camt([Stmt("S", "0", entries)], "08"))
    again = read(camt([Stmt("T", "1.00", [Entry("1.00", "2024-04-03", "R"), *entries])], "02"))
    ids = [line.id for line in first.lines]
    assert len(set(ids)) == 3
    assert [line.id for line in again.lines][1:] == ids


def test_the_same_file_twice_counts_once() -> None:
    content = camt([Stmt("S", "0", [Entry("5.00", "2024-04-04", "R"), Entry("5.00", "2024-04-04")])])
    found = read(content, content)
    assert (len(found.lines), found.again) == (2, 2)


def test_statements_that_overlap_share_lines() -> None:
    shared = [Entry("5.00", "2024-04-04", "R-2")]
    one = camt([Stmt("S", "0", [Entry("1.00", "2024-04-03", "R-1"), *shared], day="2024-04-04")])
    two = camt([Stmt("T", "1.00", [*shared, Entry("2.00", "2024-04-05", "R-3")], day="2024-04-05")])
    found = read(two, one)
    assert [line.id for line in found.lines] == ["R-1", "R-2", "R-3"]
    assert (found.again, found.statements[0].opening, found.statements[1].closing) == (1, 0, 8_00)


def test_a_statement_within_another_adds_nothing_and_leaves_no_gap() -> None:
    first, second, third = (Entry(f"{n}0.00", f"2024-04-{n}5", f"R{n}") for n in (0, 1, 2))
    month = camt([Stmt("M", "5.00", (first, second, third))])
    for within in (Stmt("D", "5.00", (second,), day="2024-04-15"), Stmt("D", "15.00", (third,), day="2024-04-25"),
                   Stmt("D", "5.00", (first,), day="2024-04-05"), Stmt("D", "15.00", (), day="2024-04-20")):
        for files in ((month, camt([within])), (camt([within]), month)):
            found = read(*files)
            assert [(one.id, one.opening, one.closing) for one in found.statements] == [("M", 5_00, 35_00)]
            assert found.again == len(within.entries)
    assert "one is missing" in refused(camt([Stmt("D", "7.00", (), day="2024-04-30")]), month)


def test_a_reference_that_the_bank_uses_again_is_told_apart() -> None:
    one = camt([Stmt("S", "0", [Entry("-1.00", "2024-04-30", "CHG"), Entry("-2.00", "2024-04-30", "CHG")])])
    two = camt([Stmt("T", "-3.00", [Entry("-3.00", "2024-05-31", "CHG")], day="2024-05-31")])
    ids = [line.id for line in read(one, two).lines]
    assert ids[:2] == ["CHG", "CHG#2"]
    assert ids[2].startswith("CHG~")
    assert len(read(one, two).lines) == 3


def test_a_line_in_another_currency_is_refused_and_the_others_go_on() -> None:
    found = read(camt([Stmt("A", "0", [Entry("1.00", "2024-04-04")]),
                       Stmt("B", "0", [Entry("9.00", "2024-04-04", currency="EUR")], account=OTHER, currency="EUR")]))
    assert [line.amount for line in found.lines] == [1_00]
    assert [fault.code for fault in found.other] == ["bank-currency-other"]
    assert found.other[0].place.field.endswith("Stmt[2]/Ntry[1]")


def test_balances_that_do_not_tie() -> None:
    told = refused(camt([Stmt("S-9", "10.00", [Entry("1.00", "2024-04-04")], "12.00")]))
    assert "S-9" in told
    assert "opens with 10.00, its lines come to 1.00, and it closes with 12.00, which is 1.00 off" in told


def test_a_statement_missing_between_two() -> None:
    one = camt([Stmt("S", "0", [Entry("1.00", "2024-04-03")], day="2024-04-03")])
    three = camt([Stmt("U", "5.00", [Entry("1.00", "2024-04-05")], day="2024-04-05")])
    assert "between statements S and U" in refused(one, three)


PLAIN = camt([Stmt("S", "0", [Entry("1.00", "2024-04-04", "R", [Tx("A", ["x"])])])])
DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda b: b"", "[bank-xml-broken]"),
    "no XML": (lambda b: b"date,amount\n", "bank-1.xml:1: the XML cannot be read from here on"),
    "cut off": (lambda b: b[:-40], "[bank-xml-broken]"),
    "unclosed": (lambda b: b.replace(b"</Sts>", b""), "bank-1.xml:4"),
    "another message": (lambda b: b.replace(b"camt.053", b"camt.052"), "the file holds camt.052.001.08"),
    "an unknown version": (lambda b: b.replace(b"001.08", b"001.99"), "the file holds camt.053.001.99"),
    "no namespace": (lambda b: b.replace(b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b""),
                     "<Document> without a namespace"),
    "a document type": (lambda b: b.replace(b"<Document", b'<!DOCTYPE Document SYSTEM "x.dtd"><Document', 1),
                        "[bank-xml-active]"),
    "entities": (lambda b: b.replace(b"<Document", b'<!DOCTYPE d [<!ENTITY a "aaaa">]><Document', 1)
                 .replace(b">x<", b">&a;<"), "[bank-xml-active]"),
    "too deep": (lambda b: b.replace(b"<Ustrd>x</Ustrd>", b"<a>" * 60 + b"</a>" * 60), "[bank-file-too-large]"),
    "no amount": (lambda b: b.replace(b'<Ntry><Amt Ccy="GBP">1.00</Amt>', b"<Ntry>"),
                  "Ntry[1]: Amt is missing"),
    "amount in words": (lambda b: b.replace(b'<Ntry><Amt Ccy="GBP">1.00', b'<Ntry><Amt Ccy="GBP">one'),
                        "Ntry[1]/Amt: 'one' is not an amount"),
    "amount too fine": (lambda b: b.replace(b'<Ntry><Amt Ccy="GBP">1.00', b'<Ntry><Amt Ccy="GBP">1.001'),
                        "Ntry[1]/Amt: 1.001 has more than the 2 decimals of GBP"),
    "no sign": (lambda b: b.replace(b"CRDT</CdtDbtInd><Sts>", b"PLUS</CdtDbtInd><Sts>"),
                "Ntry[1]/CdtDbtInd: 'PLUS' is not CRDT or DBIT"),
    "no status": (lambda b: b.replace(b"<Sts><Cd>BOOK</Cd></Sts>", b""), "Ntry[1]: Sts is missing"),
    "no day": (lambda b: b.replace(b"2024-04-04", b"2024-02-30"), "BookgDt: '2024-02-30' is not a date"),
    "no account": (lambda b: b.replace(IBAN.encode(), b""), "Acct: Id/IBAN is missing"),
    "no id": (lambda b: b.replace(b"<Id>S</Id>", b""), "Stmt[1]: Id is missing"),
    "page in words": (lambda b: b.replace(b"<CreDtTm>2024-04-30", b"<StmtPgntn><PgNb>first</PgNb><LastPgInd>true"
                                          b"</LastPgInd></StmtPgntn><CreDtTm>2024-04-30"),
                      "'first' is not the number of a page"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_malformed_and_hostile_files_are_refused_with_the_place(name: str) -> None:
    spoil, wanted = DAMAGE[name]
    content = spoil(PLAIN)
    assert content != PLAIN
    assert wanted in refused(content)


def test_a_bomb_of_elements_is_refused() -> None:
    content = PLAIN.replace(b"<Ustrd>x</Ustrd>", b"<Ustrd/>" * 600_000)
    assert "500,000 elements" in refused(content)
    assert "20,000,000 bytes" in refused(b" " * 20_000_001)
