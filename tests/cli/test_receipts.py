"""Receipts on the command line: given by a host, checked by a partner on a machine of its own, and by an auditor."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.settings import Settings
from api.signing import PublicKeyUnreadable, SigningKeyMissing, SigningKeyUnreadable, public_text, signing_key
from tests.cli.conftest import Ledger, faults, poolbook

Q1 = "statement-FY2024-Q1.json"


@pytest.fixture
def given(closed: Ledger, tmp_path: Path) -> Path:
    """A partner's folder with a receipt for the first quarter's statement, the statement, and no ledger."""
    folder = tmp_path / "partner"
    folder.mkdir()
    closed.done("receipt", "FY2024-Q1", "--out", folder / "first.json")
    closed.done("statement", "FY2024-Q1", "--out", folder)
    return folder


def later(ledger: Ledger, folder: Path) -> Path:
    """The ledger goes on, and the partner gets a second receipt."""
    rows = [f"2024-07-{day:02},expenditure,beds,1.00,INV-2-{day}" for day in range(1, 20)]
    ledger.done("import", ledger.write("more.csv", "date,event,service,amount,reference", *rows))
    ledger.done("close", "FY2024-Q2")
    ledger.done("receipt", "FY2024-Q2", "--since", folder / "first.json", "--out", folder / "second.json")
    return folder / "second.json"


def verified(*words: object, status: int = 0) -> Any:
    """What `poolbook verify WORDS --json` says without a ledger."""
    result = poolbook("verify", *words, "--json")
    assert (result.exit_code, result.stderr) == (status, "")
    return json.loads(result.stdout)


def test_a_receipt_is_small_and_says_what_it_shows(closed: Ledger, given: Path) -> None:
    receipt = json.loads((given / "first.json").read_text())
    assert (given / "first.json").stat().st_size < 4_000
    assert receipt["entries"] == closed.done("verify")["ledger"]["entries"]
    shown = receipt["seen"][0]["content"]
    assert (shown["kind"], shown["reference"]) == ("statement", "FY2024-Q1/1")
    told = closed("receipt", "--out", given / "head.json").stdout
    assert f"for the first {receipt['entries']} entries of millbrook.\nSigned by the key {receipt['key']}" in told
    assert closed("key", "public").stdout.strip() == receipt["key"]


def test_a_partner_checks_without_a_ledger(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(given)
    key = json.loads((given / "first.json").read_text())["key"]
    done = verified("--receipt", "first.json", "--statement", Q1, "--key", key)
    assert done["sound"]
    assert "ledger" not in done
    assert [line.partition(":")[0] for line in done["proved"]] == [
        "first.json", "first.json", Q1, "There is no ledger here to compare with"]
    told = poolbook("verify", "--receipt", "first.json")
    assert told.exit_code == 0
    assert told.stdout.startswith("The receipt holds:\n  first.json: the host of millbrook signed on ")
    assert f"by the key {key}; compare it with the one that you noted." in told.stdout


def test_a_partner_proves_the_extract_that_it_was_given(closed: Ledger, given: Path) -> None:
    """The chain covers each partner's extract; its seal keeps the others from testing guesses of its figures."""
    closed.done("receipt", "FY2024-Q1", "--partner", "nhs", "--out", given / "own.json")
    closed.done("statement", "FY2024-Q1", "--partner", "nhs", "--out", given)
    extract = given / "statement-FY2024-Q1-nhs.json"
    proved = verified("--offline", "--receipt", given / "own.json", "--statement", extract)["proved"]
    assert any("the statement FY2024-Q1/1, extract for nhs that entry" in line for line in proved)
    document = json.loads(extract.read_text())
    assert document["extract"]["partner"] == "nhs"
    unsealed = {key: value for key, value in document.items() if key != "extract"}
    extract.write_text(json.dumps(unsealed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert verified("--offline", "--receipt", given / "own.json", "--statement", extract, status=1)["findings"]


def test_a_partner_s_own_ledger_of_something_else_is_left_alone(closed: Ledger, given: Path, case: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(given)
    text = (case / "agreement.yaml").read_text().replace("id: millbrook, name: Millbrook", "id: ashford, name: Ashford")
    (given / "other.yaml").write_text(text)
    assert poolbook("init").exit_code == poolbook("apply", "other.yaml").exit_code == 0
    done = verified("--receipt", "first.json")
    assert "ledger" not in done
    assert "no ledger here" in done["proved"][-1]
    named = poolbook("verify", "--receipt", "first.json", "--json", database="poolbook.db")
    assert [one["code"] for one in faults(named)] == ["partnership-unknown"]


def test_a_later_receipt_proves_that_nothing_changed_since(closed: Ledger, given: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    second = later(closed, given)
    monkeypatch.chdir(given)
    done = verified("--receipt", second.name, "--since", "first.json", "--statement", Q1)
    assert done["sound"]
    assert any("are in the later one, unchanged and in the same order" in line for line in done["proved"])
    assert verified("--receipt", "first.json", "--receipt", second.name)["proved"]
    closed.done("receipt", "--out", given / "third.json")
    apart = verified("--receipt", "third.json", "--since", "first.json", status=1)
    assert "have a receipt made with --since" in apart["findings"][0]


def test_an_auditor_compares_with_the_ledger(closed: Ledger, given: Path) -> None:
    later(closed, given)
    done = closed.done("verify", "--receipt", given / "second.json", "--since", given / "first.json")
    assert done["sound"]
    assert done["ledger"]["entries"] > 20
    assert "still holds exactly what each receipt was given for" in done["proved"][-1]
    assert "ledger" not in closed.done("verify", "--receipt", given / "first.json", "--offline")


@pytest.mark.parametrize(("change", "words"), [
    (lambda text: text.replace('"entries": ', '"entries": 1'), "its signature does not fit"),
    (lambda text: text.replace("FY2024-Q1/1", "FY2024-Q1/2"), "is not proved"),
])
def test_a_receipt_that_was_altered_is_found(given: Path, change: Any, words: str,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(given)
    (given / "first.json").write_text(change((given / "first.json").read_text()))
    done = verified("--receipt", "first.json", status=1)
    assert not done["sound"]
    assert words in done["findings"][0]
    told = poolbook("verify", "--receipt", "first.json")
    assert told.exit_code == 1
    assert told.stdout.startswith("Not everything holds:\n  first.json: ")


def test_another_statement_and_another_key_are_found(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(given)
    (given / Q1).write_text((given / Q1).read_text().replace("1900.50", "1900.51"))
    done = verified("--receipt", "first.json", "--statement", Q1, status=1)
    assert f"{Q1}: no receipt here shows this document" in done["findings"][0]
    other = public_text(Ed25519PrivateKey.generate())
    done = verified("--receipt", "first.json", "--key", other, status=1)
    assert "not by the one that was noted" in done["findings"][0]
    assert [one["code"] for one in faults(poolbook("verify", "--receipt", "first.json", "--key", "abc", "--json"))] == [
        PublicKeyUnreadable.code]


def test_entries_are_shown_by_number_and_to_a_partner_only_its_own(imported: Ledger, tmp_path: Path) -> None:
    """The council's money is not shown to the NHS; what names nobody, as spending does, is."""
    references = {row["reference"]: row["number"] for row in map(json.loads, imported(
        "export", "--format", "jsonl").stdout.splitlines()) if "reference" in row}
    council, nhs, beds = (references[name] for name in ("RCT-1", "RCT-2", "INV-1"))
    out = tmp_path / "receipt.json"
    imported.done("receipt", nhs, beds, "--partner", "nhs", "--out", out)
    shown = {one["content"]["reference"] for one in json.loads(out.read_text())["seen"]}
    assert shown == {"RCT-2", "INV-1"}
    out.unlink()
    hidden = imported("receipt", council, "--partner", "nhs", "--out", out, "--json")
    nowhere = imported("receipt", 9_999, "--partner", "nhs", "--out", out, "--json")
    assert [one["code"] for one in faults(hidden)] == [one["code"] for one in faults(nowhere)] == ["entry-unknown"]
    assert not out.exists()


@pytest.mark.parametrize(("words", "code"), [
    (("FY2024-Q2",), "statement-missing"), (("FY2024-Q1/2",), "statement-missing"),
    (("FY2024-M1",), "period-name-wrong"), (("--partner", "nsh"), "partner-unknown"),
    (("soon",), "not-to-be-shown"), (("FY2024-Q1/x",), "not-to-be-shown"), (("9" * 30,), "not-to-be-shown"),
    (("--since", "nowhere.json"), "file-unreadable"), (("--since", "empty.json"), "receipt-unreadable")])
def test_what_cannot_be_shown_is_refused(closed: Ledger, words: tuple[str, ...], code: str) -> None:
    closed.write("empty.json", "{}")
    assert [one["code"] for one in faults(closed("receipt", *words, "--out", "r.json", "--json"))] == [code]
    assert not Path("r.json").exists()


def test_a_receipt_of_other_books_is_nothing_to_go_on_from(closed: Ledger, given: Path, case: Path) -> None:
    """Another ledger of the same partnership does not begin with what the receipt was given for."""
    other = Ledger(closed.folder, closed.folder / "other.db")
    other.done("init")
    other.done("apply", case / "agreement.yaml")
    other.done("import", *sorted(case.glob("*.csv")), other.write(
        "more.csv", "date,event,service,amount,reference", "2024-04-05,expenditure,beds,1.00,INV-0"))
    other.done("close", "FY2024-Q1")
    refused = other("receipt", "--since", given / "first.json", "--out", "r.json", "--json")
    assert [one["code"] for one in faults(refused)] == ["since-unknown"]
    found = other("verify", "--receipt", given / "first.json")
    assert found.exit_code == 1
    assert "are not the ones that it was given for" in found.stdout


@pytest.mark.parametrize("words", [("--since", "a.json"), ("--statement", "a.json"), ("--key", "ab"), ("--offline",)])
def test_what_goes_with_a_receipt_does_not_go_alone(closed: Ledger, words: tuple[str, ...]) -> None:
    assert faults(closed("verify", *words, "--json"))[0]["code"] == "usage"


# ---------------------------------------------------------------------------------------------------- the signing key

def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def test_an_embedded_ledger_keeps_its_key_beside_it(closed: Ledger, given: Path) -> None:
    kept = Path(f"{closed.file}.signing-key")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    first = closed("key", "public").stdout
    shutil.copyfile(kept, f"{kept}.copy")
    kept.unlink()
    assert closed("key", "public").stdout != first
    shutil.move(f"{kept}.copy", kept)
    assert closed("key", "public").stdout == first


def test_no_key_is_made_where_there_is_no_ledger() -> None:
    assert [one["code"] for one in faults(poolbook("key", "public", "--json"))] == ["database-not-ready"]
    assert not list(Path().iterdir())


def test_a_server_is_told_its_key(sqlite_url: str) -> None:
    key = Ed25519PrivateKey.generate()
    for text in (pem(key), pem(key).replace("\n", "\\n")):
        assert public_text(signing_key(Settings(signing_key=text))) == public_text(key)
    with pytest.raises(SigningKeyMissing):
        signing_key(Settings(database="postgresql://nowhere/books"))
    for wrong in ("secret", pem(key)[:-40], pem(generate_private_key(65537, 2048))):
        with pytest.raises(SigningKeyUnreadable):
            signing_key(Settings(signing_key=wrong))
    assert "PRIVATE" not in repr(Settings(signing_key=pem(key)))
