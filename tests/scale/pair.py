"""A primary and its hot standby, two real PostgreSQL clusters, and the load that a server over both is put under."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg

from tests.survival import scene
from tests.survival.postmaster import Postmaster, _as_user
from tests.survival.server import Server, served

BOOKS, STANDBY = "books", "standby"
PATIENCE = 60  # seconds after which what never comes has failed


class Standby(Postmaster):
    """A cluster that follows another one, as `pg_basebackup` makes it."""

    def follow(self, primary: Postmaster) -> None:
        """Copies the primary, which goes on working, and begins to follow it."""
        self.home.chmod(0o777)
        command = [self.binaries / "pg_basebackup", "-h", primary.home, "-U", "postgres", "-D", self.data,
                   "--wal-method=stream", "--write-recovery-conf", "--checkpoint=fast"]
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, **_as_user())
        self.start()

    def promote(self) -> None:
        """Makes it the primary, and waits until it is."""
        self.sql("SELECT pg_promote(true)")


@dataclass
class Pair:
    """Both clusters, and how a server reaches them."""

    primary: Postmaster
    standby: Standby

    def url(self, session: str = "read-write", database: str = BOOKS) -> str:
        """Whichever of the two is the primary; with `prefer-standby` the one that follows, while there is one."""
        hosts = "&".join(f"host={quote(str(one.home))}" for one in (self.primary, self.standby))
        return f"postgresql://postgres@/{database}?{hosts}&target_session_attrs={session}"

    def synchronous(self) -> None:
        """From now on a commit is acknowledged only when the standby has it too."""
        self.primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
        self.primary.sql("SELECT pg_reload_conf()")
        until(lambda: asked(self.primary.url, "SELECT sync_state FROM pg_stat_replication") == "sync")

    def caught_up(self) -> None:
        """Waits until the standby shows whatever the primary has committed by now."""
        wanted = asked(self.primary.url, "SELECT pg_current_wal_lsn()::text")
        until(lambda: bool(asked(self.standby.url, f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'::pg_lsn")))


@contextmanager
def pair() -> Iterator[Pair]:
    """Both clusters at work with PostgreSQL's own settings for durability, gone in the end."""
    homes = [Path(tempfile.mkdtemp(prefix=f"pb-{name}-")) for name in ("primary", STANDBY)]
    primary, standby = Postmaster(homes[0]), Standby(homes[1], (f"cluster_name={STANDBY}",))
    try:
        primary.make()
        primary.start()
        primary.sql(f"CREATE DATABASE {BOOKS}")
        standby.follow(primary)
        yield Pair(primary, standby)
    finally:
        for one in (standby, primary):
            one.stop()
        for home in homes:
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def server(both: Pair) -> Iterator[Server]:
    """A server that writes to the primary, whichever it is, and reads from the standby while there is one."""
    os.environ["POOLBOOK_READ_DATABASE"] = both.url("prefer-standby")
    try:
        with served(both.url()) as running:
            yield running
    finally:
        del os.environ["POOLBOOK_READ_DATABASE"]


@dataclass
class Poster:
    """A client that posts one entry after the other, and repeats each under its key until it is acknowledged."""

    url: str
    bearer: str
    name: str
    acknowledged: dict[str, float] = field(default_factory=dict)  # by reference, when it was heard
    stop: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        with httpx.Client(base_url=self.url, timeout=20) as client:
            for number in itertools.count():
                reference = f"{self.name}-{number}"
                while not self._posted(client, reference):
                    if self.stop.is_set():
                        return
                if self.stop.is_set():
                    return

    def _posted(self, client: httpx.Client, reference: str) -> bool:
        try:
            answer = client.post(f"{scene.PATH}/entries", json=entry(reference), headers={
                "Authorization": f"Bearer {self.bearer}", "Idempotency-Key": reference})
        except httpx.TransportError:
            return False
        if answer.status_code == 201:
            self.acknowledged[reference] = time.monotonic()
        elif answer.status_code < 500:
            self.faults.append(answer.text)
            self.stop.set()
        else:
            time.sleep(0.02)  # the database changes hands
        return answer.status_code == 201

    def ended(self) -> dict[str, float]:
        """What was acknowledged, once it has stopped."""
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        assert not self.faults, self.faults[0]
        return self.acknowledged


def entry(reference: str) -> dict[str, object]:
    """An invoice for beds."""
    return {"date": "2024-05-14", "reference": reference, "memo": "By hand", "postings": [
        {"account": "expenses:beds", "amount": "10.00"}, {"account": "liabilities:providers", "amount": "-10.00"}]}


def asked(url: str, sql: str) -> object:
    """One value."""
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(sql.encode()).fetchone()
        return row[0] if row else None


def until(there: object) -> None:
    """Waits for what is sure to come."""
    ends = time.monotonic() + PATIENCE
    assert callable(there)
    while not there():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.02)
