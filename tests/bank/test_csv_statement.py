"""CSV statements in the forms that banks give: separators, decimal marks, days, columns, order; else refused."""

from __future__ import annotations

import datetime as dt

import pytest

from contributions.bank.csv_statement import read_csv_statement
from contributions.bank.model import Read
from contributions.bank.statements import assemble
from ledger.errors import Refused


def read(given: str | bytes, currency: str = "GBP", **named: str) -> Read:
    content = given if isinstance(given, bytes) else given.encode()
    return assemble(read_csv_statement(content, currency, "bank.csv", named), currency)


def refused(given: str | bytes, currency: str = "GBP", **named: str) -> str:
    with pytest.raises(Refused) as caught:
        read(given, currency, **named)
    return "\n".join(caught.value.faults[0].lines())


def told(found: Read) -> list[tuple[str, int, str]]:
    return [(line.booked.isoformat(), line.amount, line.text) for line in found.lines]


WANTED = [("2024-04-04", 400_000_00, "Pool April"), ("2024-04-15", -250_50, "REA-2024-04")]
FORMS = {
    "plain": "Date,Amount,Description\n2024-04-04,400000.00,Pool April\n2024-04-15,-250.50,REA-2024-04\n",
    "British": 'Date,Details,Money out,Money in,Balance\n04/04/2024,Pool April,,"£400,000.00","£401,000.00"\n'
               '15/04/2024,REA-2024-04,£250.50,,"£400,749.50"\n',
    "newest first": 'Date,Details,Paid out,Paid in,Balance\n15/04/2024,REA-2024-04,250.50,,"400,749.50"\n'
                    '04/04/2024,Pool April,,"400,000.00","401,000.00"\n',
    "American": "Posting Date,Amount,Memo\n04/04/2024,400000.00,Pool April\n04/15/2024,(250.50),REA-2024-04\n",
    "German": "Buchungstag;Verwendungszweck;Betrag\n04.04.24;Pool April;400.000,00\n15.04.24;REA-2024-04;-250,50\n",
    "Swedish": "Bokföringsdag;Belopp;Meddelande\n2024-04-04;400 000,00;Pool April\n2024-04-15;−250,50;REA-2024-04\n",
    "minus behind": "Date\tText\tAmount\n20240404\tPool April\t400000.00\n20240415\tREA-2024-04\t250.50-\n",
    "debit or credit": "Date|Amount|Dr/Cr|Narrative\n2024-04-04|400000.00|CR|Pool April\n"
                       "2024-04-15|250.50|DR|REA-2024-04\n",
    "a preamble": 'Account statement\n"Account","1234"\n\nDate,Amount,Description\n2024-04-04,400000.00,Pool April\n'
                  "2024-04-15,-250.50,REA-2024-04\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_that_banks_give(form: str) -> None:
    assert told(read(FORMS[form])) == WANTED


def test_encodings() -> None:
    text = "Bokföringsdag;Belopp;Meddelande\n2024-04-04;1,00;Räkning\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert told(read(text.encode(encoding))) == [("2024-04-04", 100, "Räkning")]


def test_balances_open_and_close_it() -> None:
    (statement,) = read(FORMS["newest first"]).statements
    assert (statement.opening, statement.closing) == (1_000_00, 400_749_50)
    assert (statement.starts, statement.ends) == (dt.date(2024, 4, 4), dt.date(2024, 4, 15))
    assert read(FORMS["plain"]).statements[0].closing is None


def test_a_balance_that_does_not_follow_is_refused_at_its_line() -> None:
    said = refused(FORMS["British"].replace("400,749.50", "400,749.51"))
    assert "bank.csv:3: 'REA-2024-04' is not a line whose balance follows" in said


def test_names_references_accounts_and_other_currencies() -> None:
    found = read("IBAN,Date,Amount,Currency,Name,Reference,Transaction ID\n"
                 "GB1,2024-04-04,5.00,GBP,Council,INV-7,T1\nGB2,2024-04-04,6.00,EUR,Council,,T2\n")
    (line,) = found.lines
    assert (line.account, line.name, line.references, line.id) == ("GB1", "Council", ("INV-7",), "T1")
    assert found.other[0].lines()[0].startswith("bank.csv:3, Currency: the line is in EUR")


def test_columns_can_be_said() -> None:
    text = "Posted,Worth,Why,Also\n2024-04-04,5.00,a,b\n"
    assert "no column of the file can be told to be the booking date" not in refused(text)  # Posted is known
    assert told(read(text, amount="Worth", text="Why+Also")) == [("2024-04-04", 500, "a; b")]
    assert "amount ('Value')" in refused(text, amount="Value")
    assert "'amuont' (one of date" in refused(text, amuont="Worth")


def test_the_same_line_has_the_same_id_in_another_file() -> None:
    one, other = "2024-04-04,5.00,a\n", "2024-04-05,6.00,b\n"
    first = read(f"Date,Amount,Text\n{one}{one}{other}")
    later = read(f"Date,Amount,Text\n{other}")
    assert len({line.id for line in first.lines}) == 3
    assert first.lines[2].id == later.lines[0].id


def test_isk_has_no_decimals() -> None:
    found = read("Date;Amount;Text\n2024-04-04;1.250.000;x\n2024-04-05;-3.000;y\n", "ISK")
    assert [line.amount for line in found.lines] == [1_250_000, -3_000]


@pytest.mark.parametrize(("cells", "wanted"), [
    (["1,234"], [1234_00]), (["1.234", "5"], [1234_00, 5_00]), (["1.234,5", "6"], [1234_50, 6_00]),
    (["1,234.50", "1,000"], [1234_50, 1000_00]), (["0.5"], [50]), (["12,00", "1.000,00"], [12_00, 1000_00]),
    (["1'234.50"], [1234_50]), (["+7.00"], [7_00]), (["1,00,000.00"], [100_000_00]),
    (["5.00 CR", "5.00 DR", "5.00Dr.", "£5.00 OD"], [5_00, -5_00, -5_00, -5_00]),
    (["5,00 H", "5,00 S"], [5_00, -5_00])])
def test_marks_of_thousands_and_decimals_are_told_by_the_file(cells: list[str], wanted: list[int]) -> None:
    rows = "".join(f'2024-04-04,"{cell}",x\n' for cell in cells)
    assert [line.amount for line in read(f"Date,Amount,Text\n{rows}").lines] == wanted


@pytest.mark.parametrize(("word", "wanted"), [
    ("Deposit", 5_00), ("Withdrawal", -5_00), ("Cargo", -5_00), ("Abono", 5_00), ("Uit", -5_00), ("otto", -5_00),
    ("Cr.", 5_00), ("DBIT", -5_00), ("", 5_00)])
def test_whether_money_came_in_or_went_out_is_told_by_a_word(word: str, wanted: int) -> None:
    (line,) = read(f"Date,Amount,Type\n2024-04-04,5.00,{word}\n", direction="Type").lines
    assert line.amount == wanted


@pytest.mark.parametrize("day", ["04 Apr 2024", "4-Apr-24", "4 April 2024", "04/04/2024", "2024/04/04", "04.04.24"])
def test_days_as_banks_write_them(day: str) -> None:
    assert told(read(f"Date,Amount,Text\n{day},5.00,x\n")) == [("2024-04-04", 5_00, "x")]


UNCLEAR = {
    "a word that says neither": ("Date,Amount,Dr/Cr\n2024-04-04,5.00,PAYMENT\n",
                                 "bank.csv:2, Dr/Cr: 'PAYMENT' is not a word for money in or out that goes with"),
    "a credit below zero": ("Date,Amount,Dr/Cr\n2024-04-04,-5.00,CR\n", "'CR' is not a word for money in or out"),
    "a minus and CR": ("Date,Amount,Text\n2024-04-04,-5.00 CR,x\n", "'-5.00 CR' is not an amount"),
    "a decimal point after a decimal comma": ("Date;Amount;Text\n2024-04-04;12,50;x\n2024-04-05;12.50;y\n",
                                              "bank.csv:3, Amount: '12.50' is not an amount"),
    "several points": ("Date,Amount,Text\n2024-04-04,12.34.56,x\n", "'12.34.56' is not an amount"),
    "a year of three digits": ("Date,Amount,Text\n4/4/202,1.00,x\n", "'4/4/202' is not a date"),
    "no such month": ("Date,Amount,Text\n4 Abc 2024,1.00,x\n", "'4 Abc 2024' is not a date"),
    "no columns": ("one\ntwo\n", "it has no line of column names"),
    "no amount": ("Date,Description\n2024-04-04,x\n", "can be told to be the amount; it has Date, Description"),
    "day and month both ways": ("Date,Amount,Text\n15/04/2024,1.00,x\n04/16/2024,1.00,y\n",
                                "bank.csv:3, Date: '04/16/2024' is not a date written like 15/04/2024"),
    "no day": ("Date,Amount,Text\n2024-04-04,1.00,x\n31/02/2024,1.00,x\n",
               "bank.csv:3, Date: '31/02/2024' is not a date"),
    "no number": ("Date,Amount,Text\n2024-04-04,much,x\n", "bank.csv:2, Amount: 'much' is not an amount"),
    "too fine": ("Date,Amount,Text\n2024-04-04,1.5555,x\n", "'1.5555' is not an amount"),
    "in and out": ("Date,Debit,Credit,Text\n2024-04-04,1.00,2.00,x\n", "is not one amount, either in or out"),
    "a row of nothing but columns": (f"Date,Amount{',x' * 200}\n2024-04-04,1.00\n",
                                     "can be told to be the booking date"),
    "zero bytes": ("Date,Amount\n2024-04-04,\0\n", "it is no text file"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_unclear_is_refused_with_its_place(name: str) -> None:
    text, wanted = UNCLEAR[name]
    assert wanted in refused(text)
