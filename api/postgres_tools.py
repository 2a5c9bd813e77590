"""PostgreSQL's own pg_dump and pg_restore, run without a password on their command line."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL, Engine, text

from api import row_security
from api.backup_refusals import BackupUnreadable, ToolFailed, ToolMissing
from api.database import not_later
from ledger.errors import Refused
from ledger.language import Said

_OURS = (" POLICY ", " ROW SECURITY ", " ACL ", " DEFAULT ACL ")  # what row_security applies anew after a restore

_NUMBER = re.compile(r"^(?:COPY|INSERT INTO) \S*alembic_version .*\n\s*(?:\(')?(\w+)", re.MULTILINE)


def dump(engine: Engine, file: Path) -> None:
    """The whole database at one moment, in PostgreSQL's custom format."""
    run("pg_dump", ["--format=custom", "--no-owner", *_as_owner(engine), f"--file={file}"], engine.url)
    run("pg_restore", ["--list", str(file)])


def restore(engine: Engine, file: Path) -> None:
    """Puts a dump into an empty database, all or nothing; grants and policies are applied anew for who is here.

    One of a later Poolbook is refused before anything of it is put there.
    """
    listed = run("pg_restore", ["--list", str(file)])
    if " alembic_version " not in listed:
        shown = engine.url.render_as_string(hide_password=True)
        raise Refused([BackupUnreadable(file=file, database=shown, fault=Said("it is none that Poolbook wrote"))])
    not_later(_version(file))
    kept = [line for line in listed.splitlines() if not any(word in line for word in _OURS)]
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        chosen.write("\n".join(kept) + "\n")
        chosen.flush()
        run("pg_restore", ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
                           f"--use-list={chosen.name}", str(file)], engine.url)
    with engine.begin() as conn:
        row_security.secure(conn)


def _version(file: Path) -> str:
    """The last migration that the dumped database had seen, from its rows as COPY or as INSERT."""
    told = run("pg_restore", ["--data-only", "--table=alembic_version", "--file=-", str(file)])
    found = _NUMBER.search(told)
    return found[1] if found else ""


def _as_owner(engine: Engine) -> Sequence[str]:
    """An owner is held to row-level security like the server, sees all by it, and must say that this is meant."""
    with engine.connect() as conn:
        free = conn.scalar(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"))
    return () if free else ("--enable-row-security", "--rows-per-insert=1000")


def run(tool: str, options: Sequence[str], url: URL | None = None) -> str:
    """What a tool prints; refuses with its last words where it fails, or with the command where it is missing."""
    words = [tool, *options]
    environment = dict(os.environ)
    if url is not None:
        if url.password:
            environment["PGPASSWORD"] = str(url.password)
        plain = url.set(drivername="postgresql")._replace(password=None).render_as_string()
        words += [f"--dbname={plain}"]
    command = shlex.join(words)
    path = shutil.which(tool)
    if path is None:
        raise Refused([ToolMissing(tool=tool, command=command)])
    done = subprocess.run([path, *words[1:]], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        fault = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise Refused([ToolFailed(tool=tool, fault=fault, command=command)])
    return done.stdout
