"""A day with the bank file: suggestions, a yes, posting once and no more, and bank and books that tie to the penny."""

from __future__ import annotations

import csv
import io
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, event

from tests.bank.files import IBAN, OTHER, Entry, Stmt, Tx, camt
from tests.cli.conftest import Ledger, StartLedger, faults
from tests.cli.test_proposals import Pair

# Millbrook by then: 2,500.00 received (RCT-1, RCT-2); invoices 1,900.50, 800.00 and 1,700.00; nothing paid
RECEIVED = (Entry("1000.00", "2024-04-05", "B-1", [Tx("MILLBROOK COUNCIL")]),
            Entry("1500.00", "2024-04-08", "B-2", [Tx("NHS MILLBROOK")]))
PAID = (Entry("-1900.50", "2024-06-03", "B-3", [Tx("Beds Ltd", ["INV-1"])]),
        Entry("-800.00", "2024-06-28", "B-4", [Tx("Respite Ltd", ref="INV-2")]))


@pytest.fixture
def ledger(ledger_at: StartLedger) -> Ledger:
    return ledger_at("imported")


def statement(ledger: Ledger, *entries: Entry, name: str = "bank.xml", opening: str = "0.00", **more: Any) -> Path:
    path = ledger.folder / name
    path.write_bytes(camt([Stmt("S-1", opening, entries, day="2024-07-31", **more)]))
    return path


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def write(path: Path, found: list[dict[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(found[0]))
    writer.writeheader()
    writer.writerows(found)
    path.write_text(out.getvalue(), encoding="utf-8")


def ties(done: dict[str, Any]) -> None:
    for one in done["reconciled"]:
        told = {key: Decimal(one[key]) for key in ("bank", "books", "not_in_books", "not_at_bank", "later",
                                                   "brought_forward")}
        assert told["bank"] == (told["books"] + told["not_in_books"] - told["not_at_bank"] + told["later"]
                                + told["brought_forward"])


def test_what_is_posted_is_seen_and_what_is_not_is_suggested(ledger: Ledger) -> None:
    file = statement(ledger, *RECEIVED, *PAID, Entry("12.34", "2024-06-28", "B-5", text="interest"))
    done = ledger.done("bank", "import", file, "--out", ledger.folder / "m.csv")
    assert [(row["line"], row["strength"], row["event"], row["against"]) for row in rows(ledger.folder / "m.csv")] == [
        ("B-1", "in the books", "", ""), ("B-2", "in the books", "", ""), ("B-3", "certain", "payment", "INV-1"),
        ("B-4", "certain", "payment", "INV-2"), ("B-5", "unmatched", "", "")]
    (purse,) = done["reconciled"]
    assert (purse["bank"], purse["books"], purse["not_in_books"], purse["brought_forward"]) == (
        "-188.16", "2500.00", "-2688.16", "0.00")
    ties(done)
    assert [one["line"] for one in done["unmatched"]] == ["B-5"]


def test_nothing_is_posted_without_a_yes_and_twice_posts_nothing_twice(ledger: Ledger) -> None:
    file, out = statement(ledger, *RECEIVED, *PAID), ledger.folder / "m.csv"
    before = ledger.state()
    ledger.done("bank", "import", file, "--out", out)
    assert ledger.state() == before
    assert ledger.done("bank", "post", out)["posted"] == 0
    found = rows(out)
    next(row for row in found if row["line"] == "B-3")["accept"] = "yes"
    write(out, found)
    done = ledger.done("bank", "post", out)
    assert (done["posted"], done["lines"], [one["line"] for one in done["left"]], done["left_total"]) == (
        1, 1, ["B-4"], "-800.00")
    assert ledger.done("bank", "post", out, "--accept", "certain")["posted"] == 1
    again = ledger.done("bank", "post", out, "--accept", "certain")
    assert (again["posted"], again["skipped"]) == (0, 2)
    done = ledger.done("bank", "import", file)
    assert done["strengths"] == {"in the books": 4}
    (purse,) = done["reconciled"]
    assert (purse["bank"], purse["books"], purse["lines"], purse["entries"]) == ("-200.50", "-200.50", [], [])


def test_a_workbook_of_suggestions_comes_back(ledger: Ledger) -> None:
    file, out = statement(ledger, *PAID, Entry("5.00", "2024-06-28", "0012", text="=1+1")), ledger.folder / "m.xlsx"
    ledger.done("bank", "import", file, "--out", out)
    book = openpyxl.load_workbook(out)
    sheet = book["Matches"]
    assert sheet["A8"].value == "0012"
    heads = {cell.value: cell.column for cell in sheet[5]}
    for row, cells in ((6, {"accept": "yes"}), (8, {"accept": "yes", "event": "income", "fund": "core", "amount": 5})):
        for name, value in cells.items():
            sheet.cell(row, heads[name], value)
    book.save(out)
    done = ledger.done("bank", "post", out)
    assert (done["posted"], [one["line"] for one in done["left"]]) == (2, ["B-4"])
    sheet.cell(7, heads["accept"], "yes")
    sheet.cell(7, heads["partner"], "nsh")
    book.save(out)
    (fault,) = faults(ledger("bank", "post", out, "--json"))
    assert (fault["code"], fault["place"]) == ("partner-unknown", {"file": "m.xlsx", "field": "Matches!M7"})


def test_one_line_shared_out_over_rows_must_come_to_it(ledger: Ledger) -> None:
    file, out = statement(ledger, Entry("400.00", "2024-07-05", "B-9", text="various")), ledger.folder / "m.csv"
    ledger.done("bank", "import", file, "--out", out)
    (row,) = rows(out)
    first = {**row, "accept": "yes", "event": "contribution", "partner": "council", "amount": "300"}
    second = {**row, "accept": "yes", "event": "income", "fund": "core", "amount": "90.00"}
    write(out, [first, second])
    (fault,) = faults(ledger("bank", "post", out, "--json"))
    assert fault["message"] == "the accepted rows of bank line B-9 move 390.00 at the bank, and the line itself 400.00"
    assert fault["place"] == {"file": "m.csv", "line": 2, "field": "amount"}
    write(out, [first, {**second, "amount": "100.00"}])
    assert ledger.done("bank", "post", out)["posted"] == 2
    assert ledger.done("bank", "import", file)["strengths"] == {"in the books": 1}


def test_a_cost_paid_without_an_invoice_is_two_rows(ledger: Ledger) -> None:
    file, out = statement(ledger, Entry("-77.00", "2024-07-05", "B-9", text="card")), ledger.folder / "m.csv"
    ledger.done("bank", "import", file, "--out", out)
    (row,) = rows(out)
    write(out, [{**row, "accept": "yes", "event": "expenditure", "service": "beds", "amount": "77.00"},
                {**row, "accept": "yes", "event": "payment", "fund": "core", "amount": "77.00"}])
    assert ledger.done("bank", "post", out)["posted"] == 2
    assert ledger.done("bank", "import", file)["reconciled"][0]["books"] == "2423.00"


WRONG = {
    "accept": ({"accept": "perhaps"}, "bank-accept-unclear", "accept"),
    "no event": ({"accept": "yes", "event": ""}, "bank-event-missing", "event"),
    "unknown event": ({"accept": "yes", "event": "gift"}, "event-unknown", "event"),
    "the sign of a payment": ({"accept": "yes", "amount": "-1900.50"}, "amount-sign", "amount"),
    "a partner that holds the cash": ({"accept": "yes", "event": "income", "partner": "nhs", "against": ""},
                                      "bank-rows-differ", "amount"),
    "a day that a spreadsheet changed": ({"accept": "yes", "booked": "03/06/2024"}, "date-unreadable", "booked"),
    "an amount in words": ({"accept": "yes", "bank_amount": "much"}, "amount-unreadable", "bank_amount"),
}


@pytest.mark.parametrize("name", WRONG)
def test_rows_that_are_not_right_are_refused_at_their_place(ledger: Ledger, name: str) -> None:
    out = ledger.folder / "m.csv"
    ledger.done("bank", "import", statement(ledger, *PAID), "--out", out)
    changed, code, field = WRONG[name]
    found = rows(out)
    found[0] |= changed
    write(out, found)
    before = ledger.state()
    (fault,) = faults(ledger("bank", "post", out, "--json"))
    assert (fault["code"], fault["place"]) == (code, {"file": "m.csv", "line": 2, "field": field})
    assert ledger.state() == before


def test_a_file_without_the_columns_is_refused(ledger: Ledger) -> None:
    (fault,) = faults(ledger("bank", "post", ledger.write("m.csv", "line,accept", "B-1,yes"), "--json"))
    assert fault["code"] == "bank-rows-column"


def test_semicolons_between_cells_are_read_as_well(ledger: Ledger) -> None:
    out = ledger.folder / "m.csv"
    ledger.done("bank", "import", statement(ledger, *PAID), "--out", out)
    found = rows(out)
    found[0]["accept"] = "x"
    out.write_text("\n".join([";".join(found[0]), *(";".join(row.values()) for row in found)]), encoding="utf-8")
    assert ledger.done("bank", "post", out)["posted"] == 1


def test_instalments_that_were_paid_are_not_expected_again(ledger: Ledger) -> None:
    file = statement(ledger, Entry("1000.00", "2024-07-02", "B-6", [Tx("MILLBROOK COUNCIL")]),
                     Entry("1400.00", "2024-07-03", "B-7", [Tx("NHS MILLBROOK")]))
    out = ledger.folder / "m.csv"
    ledger.done("bank", "import", file, "--out", out)
    first, second = rows(out)
    assert (first["strength"], first["partner"], first["amount"]) == ("certain", "council", "1000.00")
    assert "due on 1 July 2024" in first["why"]
    assert (second["strength"], second["partner"], second["amount"]) == ("possible", "nhs", "1400.00")
    assert ledger.done("bank", "post", out, "--accept", "possible", "--accept", "certain")["posted"] == 2


def test_a_payment_that_came_back_is_reversed(ledger: Ledger) -> None:
    out = ledger.folder / "m.csv"
    ledger.done("bank", "import", statement(ledger, *RECEIVED, *PAID), "--out", out)
    ledger.done("bank", "post", out, "--accept", "certain")
    back = Entry("800.00", "2024-07-03", "B-8", [Tx("Respite Ltd", ref="INV-2")], reversal=True)
    whole = statement(ledger, *RECEIVED, *PAID, back)
    done = ledger.done("bank", "import", whole, "--out", out)
    ties(done)
    row = next(row for row in rows(out) if row["line"] == "B-8")
    assert (row["strength"], row["event"], row["against"]) == ("likely", "reversal", "payment:B-4")
    assert ledger.done("bank", "post", out, "--accept", "likely")["posted"] == 1
    done = ledger.done("bank", "import", whole)
    assert (done["strengths"], done["reconciled"][0]["books"]) == ({"in the books": 5}, "599.50")


def test_an_invoice_is_paid_in_parts_one_statement_after_the_other(ledger: Ledger) -> None:
    out = ledger.folder / "m.csv"
    for ref, day, amount, strength in (("P-1", "2024-07-05", "-900.00", "possible"),
                                       ("P-2", "2024-08-05", "-1000.50", "certain")):
        entry = Entry(amount, day, ref, [Tx("Somebody", ["INV-1"])])
        ledger.done("bank", "import", statement(ledger, entry), "--out", out)
        (row,) = rows(out)
        assert (row["strength"], row["event"], row["against"], row["amount"]) == (
            strength, "payment", "INV-1", amount.removeprefix("-"))
        assert ledger.done("bank", "post", out, "--accept", strength)["posted"] == 1
    ledger.done("bank", "import", statement(ledger, Entry("-5.00", "2024-08-06", "P-3", [Tx("", ["INV-1"])])),
                "--out", out)
    assert [row["strength"] for row in rows(out)] == ["unmatched"], "it is paid"


def test_a_reference_that_the_bank_uses_again_next_month_is_posted_apart(ledger: Ledger) -> None:
    out = ledger.folder / "m.csv"
    for day, amount in (("2024-04-30", "12.00"), ("2024-05-31", "13.00")):
        file = statement(ledger, Entry(amount, day, "INT", text="interest"), name=f"{day}.xml")
        ledger.done("bank", "import", file, "--out", out)
        (row,) = rows(out)
        write(out, [{**row, "accept": "yes", "event": "income", "fund": "core", "amount": amount}])
        assert ledger.done("bank", "post", out)["posted"] == 1
        assert ledger.done("bank", "import", file)["strengths"] == {"in the books": 1}


def test_settlements_come_after_a_year_and_instalments_of_it_no_more(ledger: Ledger) -> None:
    for quarter in (1, 2, 3, 4):
        ledger.done("close", f"FY2024-Q{quarter}")
    told = ledger.done("statement", "FY2024-Q4")
    owed = {line: Decimal(said["settlement"]) for line, said in told["partners"].items()}
    file = ledger.folder / "bank.xml"
    entries = [Entry(str(owed["council"]), "2025-05-02", "B-20", [Tx("Millbrook Council", ["settlement"])]),
               Entry(str(owed["nhs"]), "2025-05-02", "B-21", [Tx("NHS Millbrook", ["settlement"])])]
    file.write_bytes(camt([Stmt("S", "2500.00", entries, day="2025-05-31")]))
    out = ledger.folder / "m.csv"
    done = ledger.done("bank", "import", file, "--out", out)
    ties(done)
    assert [(row["event"], row["partner"], Decimal(row["amount"]), row["source"], row["strength"])
            for row in rows(out)] == [("settlement", p, owed[p], "FY2024-Q4", "certain") for p in ("council", "nhs")]
    assert ledger.done("bank", "post", out, "--accept", "certain")["posted"] == 2
    assert ledger.done("bank", "import", file)["reconciled"][0]["lines"] == []


def test_only_some_accounts_and_the_fund_they_hold(ledger: Ledger) -> None:
    file = ledger.folder / "two.xml"
    file.write_bytes(camt([Stmt("A", "0.00", RECEIVED, day="2024-07-31"),
                           Stmt("B", "50.00", [Entry("1.00", "2024-04-05", "X")], account=OTHER, day="2024-07-31")]))
    done = ledger.done("bank", "import", file, "--account", f"{IBAN}=core")
    assert [(one["accounts"], one["funds"], one["bank"], one["books"]) for one in done["reconciled"]] == [
        ([IBAN], ["core"], "2500.00", "2500.00")]
    (fault,) = faults(ledger("bank", "import", file, "--account", "GB00", "--json"))
    assert fault["code"] == "bank-account-unknown"


def test_lines_in_another_currency_are_told_and_end_with_status_2(ledger: Ledger) -> None:
    file = ledger.folder / "two.xml"
    file.write_bytes(camt([Stmt("A", "0.00", RECEIVED, day="2024-07-31"),
                           Stmt("B", "0", [Entry("1.00", "2024-04-05", "X", currency="EUR")], account=OTHER,
                                currency="EUR")]))
    result = ledger("bank", "import", file)
    assert result.exit_code == 2
    assert "Bank, closing balance on 31 July 2024: 2,500.00" in result.stdout, "the pool's own account ties"
    assert "two.xml:" in result.stdout
    assert "the line is in EUR, and the pool's books are in GBP" in result.stdout


def _income(ledger: Ledger) -> tuple[Path, list[dict[str, str]]]:
    """A statement with 40.00 of line B-9, and the rows of that line as they were posted."""
    file = statement(ledger, *RECEIVED, Entry("40.00", "2024-07-05", "B-9", text="thing"))
    out = ledger.folder / "m.csv"
    ledger.done("bank", "import", file, "--out", out)
    row = next(row for row in rows(out) if row["line"] == "B-9")
    found = [{**row, "accept": "yes", "event": "income", "fund": "core", "amount": "40.00"}]
    write(out, found)
    assert ledger.done("bank", "post", out)["posted"] == 1
    return file, found


@pytest.mark.parametrize("change", [
    [{"event": "contribution", "partner": "council", "source": "base"}], [{"amount": "15.00"}, {"amount": "25.00"}]])
def test_a_line_is_not_posted_as_something_else_before_it_is_undone(ledger: Ledger,
                                                                    change: list[dict[str, str]]) -> None:
    file, (row,) = _income(ledger)
    out, before = ledger.folder / "m.csv", ledger.state()
    write(out, [{**row, **one} for one in change])
    (fault,) = faults(ledger("bank", "post", out, "--json"))
    assert (fault["code"], fault["facts"]["line"], ledger.state()) == ("bank-line-posted", "B-9", before)
    undo = ledger.folder / "undo.csv"
    undo.write_text("date,event,against,reference\n2024-07-05,reversal,income:B-9,U-1\n")
    ledger.done("import", undo)
    assert ledger.done("bank", "post", out)["posted"] == len(change)
    assert ledger.done("bank", "post", out)["skipped"] == len(change)
    (purse,) = ledger.done("bank", "import", file)["reconciled"]
    assert (purse["bank"], purse["books"], purse["lines"]) == ("2540.00", "2540.00", [])


def test_what_was_undone_since_it_was_posted_is_said(ledger: Ledger) -> None:
    file, _ = _income(ledger)
    undo, out = ledger.folder / "undo.csv", ledger.folder / "m.csv"
    undo.write_text("date,event,against,reference\n2024-07-05,reversal,income:B-9,U-1\n")
    ledger.done("import", undo)
    ledger.done("bank", "import", file, "--out", out)
    assert "That was undone since." in next(row["why"] for row in rows(out) if row["line"] == "B-9")


def test_lines_of_two_accounts_with_one_reference_are_two(ledger: Ledger) -> None:
    file, out = ledger.folder / "two.csv", ledger.folder / "m.csv"
    file.write_text("Date,Amount,Account,Transaction ID,Description\n"
                    "2024-07-05,100.00,A1,0001,x\n2024-07-05,100.00,A2,0001,x\n")
    ledger.done("bank", "import", file, "--out", out)
    write(out, [{**row, "accept": "yes", "event": "income", "fund": "core", "amount": "100.00"} for row in rows(out)])
    assert ledger.done("bank", "post", out)["posted"] == 2
    assert ledger.done("bank", "post", out)["skipped"] == 2
    assert ledger.done("bank", "import", file)["strengths"] == {"in the books": 2}


def test_a_line_of_nothing_is_nothing_to_post(ledger: Ledger) -> None:
    done = ledger.done("bank", "import", statement(ledger, Entry("0.00", "2024-07-05", "Z", text="a new rate")))
    assert (done["strengths"], done["unmatched"]) == ({"nothing to post": 1}, [])


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_that_no_books_have_is_no_date(ledger: Ledger, day: str) -> None:
    file = ledger.folder / "far.csv"
    file.write_text(f"Date,Amount,Description\n{day},5.00,x\n")
    (fault,) = faults(ledger("bank", "import", file, "--json"))
    assert (fault["code"], fault["facts"]["found"]) == ("bank-value-wrong", day)
    file.write_bytes(camt([Stmt("S", "0.00", [Entry("5.00", day, "X")])]))
    (fault,) = faults(ledger("bank", "import", file, "--json"))
    assert (fault["code"], fault["facts"]["found"]) == ("bank-value-wrong", day)


def test_what_is_left_is_read_before_anything_is_posted(ledger: Ledger) -> None:
    out = ledger.folder / "m.csv"
    file = statement(ledger, Entry("5.00", "2024-07-05", "X"),
                     Entry("-1900.50", "2024-07-06", "Y", [Tx("", ["INV-1"])]))
    ledger.done("bank", "import", file, "--out", out)
    first, *others = rows(out)
    write(out, [{**first, "bank_amount": "five"}, *others])
    before = ledger.state()
    (fault,) = faults(ledger("bank", "post", out, "--accept", "certain", "--json"))
    assert (fault["code"], fault["place"]["field"], ledger.state()) == ("amount-unreadable", "bank_amount", before)


def test_what_people_are_told(ledger: Ledger) -> None:
    file = statement(ledger, *RECEIVED, *PAID, Entry("12.34", "2024-06-28", "B-5", text="interest"),
                     Entry("1.00", "2024-07-31", "B-6", status="PDNG"))
    told = ledger("bank", "import", file).stdout
    assert told.splitlines()[:2] == ["5 bank lines: 2 in the books, 2 certain and 1 unmatched.",
                                     "1 entry is not booked yet and was left out."]
    assert "Bank, closing balance on 31 July 2024: −188.16" in told
    assert "2024-06-28             12.34  interest" in told
    assert told.endswith("\n\nTo see why, and to accept what is right, add: --out matches.xlsx\n")
    out = ledger.folder / "m.csv"
    assert ledger("bank", "import", file, "--out", out).stdout.endswith(f"then: poolbook bank post {out}\n")
    assert ledger("bank", "post", out).stdout.splitlines()[:2] == [
        "No row says yes under accept, so nothing is posted.", "Lines left, −2,688.16 in all:"]
    csv_file = ledger.write("bank.csv", "Date,Amount,Description", "2024-04-05,1000.00,MILLBROOK COUNCIL")
    assert "says no balances" in ledger("bank", "import", csv_file).stdout


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_posted_bank_and_books_tie(ledger: Ledger, seed: int) -> None:
    """Lines of any kind and entries by hand, some of them the same money: the difference is always explained."""
    rng = random.Random(seed)
    texts = ["MILLBROOK COUNCIL", "NHS MILLBROOK", "INV-3", "INV-1", ""]
    entries = [Entry(f"{rng.choice((-1, 1)) * rng.choice((1000, 1500, 800, 1700, 250, 77)):.2f}",
                     f"2024-{rng.randint(4, 7):02}-{rng.randint(1, 28):02}", rng.choice(("", f"R-{n}")),
                     [Tx(rng.choice(texts))], reversal=rng.random() < 0.1) for n in range(14)]
    by_hand = [f"2024-{rng.randint(4, 8):02}-{rng.randint(1, 28):02},payment,core,{rng.choice((800, 1700, 250))},P-{n}"
               for n in range(4)]
    ledger.done("import", ledger.write("hand.csv", "date,event,fund,amount,reference", *by_hand))
    file, out = statement(ledger, *entries, opening="123.45"), ledger.folder / "m.csv"
    done = ledger.done("bank", "import", file, "--out", out)
    ties(done)
    assert sum(done["strengths"].values()) == len(entries) == len({row["line"] for row in rows(out)})
    posted = ledger.done("bank", "post", out, "--accept", "certain", "--accept", "likely", "--accept", "possible")
    after = ledger.done("bank", "import", file)
    ties(after)
    assert len(posted["left"]) == done["strengths"].get("unmatched", 0)
    assert after["strengths"].get("in the books", 0) >= posted["lines"]
    assert ledger.done("verify")["sound"]


@pytest.mark.parametrize(("codes", "day"), [(("PRCD", "CLBD"), "2024-05-31"), (("OPBD", "CLBD"), "2024-05-31"),
                                            (("OPBD", "CLBD"), "2024-06-01")])
def test_an_opening_balance_is_of_the_day_or_of_the_day_before(ledger: Ledger, codes: tuple[str, str],
                                                               day: str) -> None:
    """An entry of the day before the first line is no difference, however the bank dates what it opened with."""
    ledger.done("import", ledger.write("p.csv", "date,event,fund,amount,reference",
                                       "2024-05-31,payment,core,100.00,P-1"))
    file = statement(ledger, *PAID, opening="2400.00", codes=codes)
    file.write_bytes(file.read_bytes().replace(b"<Dt>2024-07-31</Dt>", f"<Dt>{day}</Dt>".encode(), 1))
    (purse,) = ledger.done("bank", "import", file)["reconciled"]
    assert (purse["from"], purse["brought_forward"], purse["not_at_bank"]) == ("2024-06-01", "0.00", "0.00")


def test_entries_that_the_bank_has_not_seen_are_listed(ledger: Ledger) -> None:
    rows_by_hand = [f"2024-06-{n:02},payment,core,{n}.00,P-{n}" for n in range(1, 24)]
    ledger.done("import", ledger.write("p.csv", "date,event,fund,amount,reference", *rows_by_hand))
    told = ledger("bank", "import", statement(ledger, Entry("5.00", "2024-05-01", "X"))).stdout
    listed = told.partition("In the books and not at the bank:\n")[2].partition("\n\n")[0].splitlines()
    assert len(listed) == 21
    assert listed[0].split() == ["2024-06-01", "−1.00", "entry", listed[0].split()[3], "P-1"]
    assert listed[-1] == "  and 3 more: see --json"


def test_what_differed_before_the_first_line_has_a_line_of_its_own(ledger: Ledger) -> None:
    file = statement(ledger, *PAID, opening="2399.00")
    (purse,) = ledger.done("bank", "import", file)["reconciled"]
    assert purse["brought_forward"] == "-101.00"
    assert "Difference brought forward from before the first line: −101.00" in ledger("bank", "import", file).stdout


def test_a_fund_that_is_not_there_is_refused(ledger: Ledger) -> None:
    (fault,) = faults(ledger("bank", "import", statement(ledger, *PAID), "--account", f"{IBAN}=cores", "--json"))
    assert (fault["code"], fault["facts"]["hint"]) == ("fund-unknown", " (did you mean core?)")


def test_a_dry_run_keeps_nothing(ledger: Ledger) -> None:
    out = ledger.folder / "m.csv"
    ledger.done("bank", "import", statement(ledger, *PAID), "--out", out)
    before = ledger.state()
    assert ledger.done("bank", "post", out, "--accept", "certain", "--dry-run")["posted"] == 2
    assert ledger.state() == before


def test_what_waits_for_a_second_person_waits_here_too(pair: Pair) -> None:
    file = statement(pair.ledger, Entry("2000.00", "2024-04-05", "B-1", [Tx("MILLBROOK COUNCIL", ["two quarters"])]))
    out = pair.ledger.folder / "m.csv"
    pair.ledger.done("bank", "import", file, "--out", out)
    proposal = pair.waiting("bank", "post", out, "--accept", "possible")
    assert pair("approve", proposal["number"], who="ben").exit_code == 0
    assert pair.ledger.done("bank", "import", file)["strengths"] == {"in the books": 1}


def test_the_books_are_asked_for_many_lines_at_once(ledger: Ledger) -> None:
    entries = [Entry("1.00", "2024-07-05", f"B-{n}", text="thing") for n in range(200)]
    file, out, asked = statement(ledger, *entries), ledger.folder / "m.csv", 0

    def count(*_: Any) -> None:
        nonlocal asked
        asked += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        ledger.done("bank", "import", file, "--out", out)
        write(out, [{**row, "accept": "yes", "event": "income", "fund": "core", "amount": "1.00"} for row in rows(out)])
        assert ledger.done("bank", "post", out)["posted"] == 200
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert asked < 200
