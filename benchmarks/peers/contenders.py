"""Who takes part, what each is asked to do, and how: one process a turn, so that none inherits another's memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks import bulk_posting
from benchmarks.peers import environments, workload

RUNS = Path(__file__).parent / "runs"
RUN_POOLBOOK = (sys.executable, "-m", "benchmarks.peers.runs.run_poolbook")
ROOT = Path(__file__).parents[2]
POSTING, SUMMING = "posting", "balances"


class Missing(Exception):
    """A peer that cannot take part here; the text says why."""


class Failed(Exception):
    """A run that ended with a fault: what it wrote on standard error."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: how long it took for how many entries, and what the peer calls its version."""

    seconds: float
    entries: int
    version: str
    inside: float | None = None  # of that: from ready-made entries on, or summing alone


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the work."""

    name: str
    work: str  # POSTING or SUMMING
    how: str  # in words, for the table
    run: Callable[[Stage, int], Turn]
    entries: int | None = None  # where the whole would take too long; rates are compared
    limit: str = ""  # which contender is this one's machine limit


@dataclass
class Stage:
    """Where the turns are played: a folder with the work in every form, a PostgreSQL server, and books to sum."""

    folder: Path
    server: str
    entries: int
    books: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def fresh(self, kind: str) -> Iterator[Engine]:
        """An empty database of this kind, gone in the end."""
        with bulk_posting.fresh_sqlite() if kind == "sqlite" else bulk_posting.fresh_postgresql(self.server) as engine:
            yield engine


def call(command: Sequence[str | Path]) -> dict[str, Any]:
    """What a run told in JSON."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failed(done.stderr.strip() or "it failed without a word")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def peer(name: str, *command: str | Path) -> dict[str, Any]:
    """What a peer's run told, by the interpreter of its own environment; one that fails does not take part."""
    try:
        return call([environments.python(name), *command])
    except environments.CannotInstall as why:
        raise Missing(f"cannot be installed here: {why}") from why
    except Failed as why:
        raise Missing(f"it failed: {str(why).splitlines()[-1][:200]}") from why


def checked(told: dict[str, Any], entries: int) -> dict[str, Any]:
    """What was told, once its balances are found to be the right ones."""
    wanted = workload.balances(entries)
    found = {name: abs(pence) for name, pence in told["balances"].items() if pence}
    assert found == {name: abs(pence) for name, pence in wanted.items()}, (found, wanted)
    return told


def poolbook_posts(kind: str) -> Callable[[Stage, int], Turn]:
    def run(stage: Stage, entries: int) -> Turn:
        with stage.fresh(kind) as engine:
            told = checked(call([*RUN_POOLBOOK, "post",
                                 stage.folder / "rows.csv", str(entries), url_of(engine)]), entries)
        return Turn(told["posted"], entries, told["version"], told["inside"])
    return run


def limit(kind: str) -> Callable[[Stage, int], Turn]:
    """The machine's own limit for the same rows, as `benchmarks.bulk_posting` measures it."""
    def run(stage: Stage, entries: int) -> Turn:
        raw = bulk_posting.raw_sqlite if kind == "sqlite" else bulk_posting.raw_postgresql
        with stage.fresh(kind) as engine, engine.connect() as conn:
            version = ".".join(map(str, conn.dialect.server_version_info or ()))
            conn.rollback()
            return Turn(raw(engine, list(bulk_posting.invoices(entries))).passed, entries, version)
    return run


def python_peer(name: str, script: str, kind: str = "") -> Callable[[Stage, int], Turn]:
    """A ledger that is a Python library, in its own environment: on PostgreSQL, or on a file of its own making."""
    def run(stage: Stage, entries: int) -> Turn:
        with ExitStack() as ending:
            target = stage.folder / f"{name}.db"
            ending.callback(target.unlink, missing_ok=True)
            where = url_of(ending.enter_context(stage.fresh(kind))) if kind else target
            told = checked(peer(name, RUNS / script, stage.folder / "rows.csv", str(entries), where), entries)
        return Turn(told["posted"], entries, told["version"])
    return run


def poolbook_sums(kind: str) -> Callable[[Stage, int], Turn]:
    """Every balance by a program that starts for it, over books that are there."""
    def run(stage: Stage, entries: int) -> Turn:
        began = time.perf_counter()
        told = call([*RUN_POOLBOOK, "balances", stage.books[kind]])
        took = time.perf_counter() - began
        checked(told, entries)
        return Turn(took, entries, told["version"], told["inside"])
    return run


def beancount(stage: Stage, entries: int) -> Turn:
    peer("beancount", "-c", "print('{}')")  # not while the clock runs
    began = time.perf_counter()
    told = peer("beancount", RUNS / "run_beancount.py", stage.folder / "books.beancount")
    took = time.perf_counter() - began
    return Turn(took, entries, checked(told, entries)["version"])


def journal_reader(program: str) -> Callable[[Stage, int], Turn]:
    """hledger or ledger: the whole run from the journal to every balance."""
    def run(stage: Stage, entries: int) -> Turn:
        if not shutil.which(program):
            raise Missing(f"not on this machine: apt-get install {program}")
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        began = time.perf_counter()
        done = subprocess.run([program, "-f", stage.folder / "books.journal", "bal", "--flat"], capture_output=True,
                              text=True, check=True)
        took = time.perf_counter() - began
        lines = [line.split() for line in done.stdout.splitlines() if len(line.split()) == 3]
        checked({"balances": {name: workload.pence(amount) for amount, _currency, name in lines}}, entries)
        return Turn(took, entries, version.split(",")[0].split()[1].split("-")[0])
    return run


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


CONTENDERS = (
    Contender("COPY, keys, Σ = 0 trigger", POSTING, "PostgreSQL's own limit, text ready-made", limit("postgresql")),
    Contender("executemany, keys only", POSTING, "SQLite's own limit, tuples ready-made", limit("sqlite")),
    Contender("Poolbook, PostgreSQL", POSTING, "all checks, chain and balances", poolbook_posts("postgresql"),
              limit="COPY, keys, Σ = 0 trigger"),
    Contender("Poolbook, SQLite", POSTING, "all checks, chain and balances", poolbook_posts("sqlite"),
              limit="executemany, keys only"),
    Contender("django-hordak, PostgreSQL", POSTING, "bulk_create, its own benchmark's way",
              python_peer("django-hordak", "run_hordak.py", "postgresql"), limit="COPY, keys, Σ = 0 trigger"),
    Contender("piecash, SQLite", POSTING, "objects, one save", python_peer("piecash", "run_piecash.py"),
              entries=10_000, limit="executemany, keys only"),
    Contender("python-accounting, SQLite", POSTING, "its guide's way, one commit",
              python_peer("python-accounting", "run_accounting.py"), entries=1_000, limit="executemany, keys only"),
    Contender("Poolbook, PostgreSQL", SUMMING, "a process that starts, reads them, ends", poolbook_sums("postgresql")),
    Contender("Poolbook, SQLite", SUMMING, "a process that starts, reads them, ends", poolbook_sums("sqlite")),
    Contender("ledger", SUMMING, "bal, the whole run", journal_reader("ledger")),
    Contender("hledger", SUMMING, "bal, the whole run", journal_reader("hledger")),
    Contender("beancount", SUMMING, "load, check, realize", beancount),
)
