"""Poolbook beside its peers in one command: `python -m benchmarks.peers [--entries 200000] [--runs 5]`.

Every contender has one turn, then every contender the next, so that a noisy neighbour troubles all alike. Prints two
tables, posting and balances, and with `--markdown FILE` writes them there. A peer that this machine cannot run is
named with the reason. Ends with status 1 where an aim is missed: four times django-hordak, twenty times hledger.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from api.database import connect
from benchmarks.peers import workload
from benchmarks.peers.contenders import (
    CONTENDERS,
    POSTING,
    RUN_POOLBOOK,
    SUMMING,
    Contender,
    Missing,
    Stage,
    Turn,
    call,
)
from benchmarks.peers.table import Outcome, markdown, rows, text
from tests import postgres

AIMS = {("Poolbook, PostgreSQL", "django-hordak, PostgreSQL", POSTING): 4.0,
        ("Poolbook, SQLite", "hledger", SUMMING): 20.0}
"""How many times as fast as whom: posting from plain rows; summing as a program that starts for it, as hledger is."""


@contextmanager
def stage(entries: int) -> Iterator[Stage]:
    """The work in every form, a server that commits durably, and books of ours to sum."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="pb-peers-")))
        workload.write(folder, entries)
        server = ending.enter_context(postgres.server(()))
        made = Stage(folder, server, entries)
        with connect(server).execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
            conn.exec_driver_sql("DROP DATABASE IF EXISTS poolbook_books WITH (FORCE)")
            conn.exec_driver_sql("CREATE DATABASE poolbook_books")
        made.books = {"sqlite": f"sqlite:///{folder / 'books.db'}", "postgresql": make_url(server).set(
            database="poolbook_books").render_as_string(hide_password=False)}
        for url in made.books.values():
            call([*RUN_POOLBOOK, "post", folder / "rows.csv", str(entries), url])
        yield made


def play(on: Stage, runs: int, wanted: Sequence[str]) -> list[Outcome]:
    """So many rounds in which everybody has a turn; who cannot take part is asked once."""
    taking = [one for one in CONTENDERS if not wanted or any(word in one.name.lower() for word in wanted)]
    turns: dict[Contender, list[Turn]] = {one: [] for one in taking}
    missing: dict[Contender, str] = {}
    for number in range(1, runs + 1):
        began = time.perf_counter()
        for one in taking:
            if one in missing:
                continue
            try:
                turns[one].append(one.run(on, min(one.entries or on.entries, on.entries)))
            except Missing as why:
                missing[one] = str(why)
                turns[one].clear()
        print(f"round {number} of {runs}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return [Outcome(one, turns[one], missing.get(one, "")) for one in taking]


def aims(outcomes: Sequence[Outcome]) -> list[str]:
    """What was aimed at and what came of it; a missed aim says MISSED."""
    found = {(one.contender.name, one.contender.work): one for one in outcomes if one.turns}
    told = []
    for (ours, peer, work), aim in AIMS.items():
        if (ours, work) in found and (peer, work) in found:
            times = found[ours, work].rate / found[peer, work].rate
            told.append(f"{work}: {ours} is {times:.1f} × {peer} (aim {aim:g}){'' if times >= aim else ' MISSED'}"
                        f"{_alone(found[ours, work], found[peer, work]) if work == SUMMING else ''}")
        else:
            told.append(f"{work}: {ours} beside {peer} was not measured")
    return told


def _alone(ours: Outcome, peer: Outcome) -> str:
    """How it is where the program runs already."""
    return f"; {peer.seconds / ours.inside:,.0f} × in a program that runs" if ours.inside else ""


def machine() -> str:
    """On what all this was measured."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("wanted", nargs="*", help="only contenders with this in their name")
    given = parser.parse_args()
    with stage(given.entries) as on:
        outcomes = play(on, given.runs, [word.lower() for word in given.wanted])
    about = f"Medians of {given.runs} turns each, by turns; entries of two postings over 21 accounts; {machine()}."
    tables = {work: rows(outcomes, work) for work in (POSTING, SUMMING)}
    told = aims(outcomes)
    print("\n\n".join([about, *(f"{work}\n{text(lines)}" for work, lines in tables.items()), "\n".join(told)]))
    if given.markdown:
        parts = [about, *(f"**{work.capitalize()}**\n\n{markdown(lines)}" for work, lines in tables.items()),
                 "\n".join(f"- {line}" for line in told)]
        given.markdown.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    if any("MISSED" in line for line in told):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
