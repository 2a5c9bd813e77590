"""Processor time of this process, of programs that it ran and of a PostgreSQL server beside it.

What work took, whoever else was at work: on a free machine it is the time that passes, but for waiting on the disk; on
a shared one it is what can be compared.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

TICK = os.sysconf("SC_CLK_TCK")
Clock = Callable[[], float]


def clock(engine: Engine) -> Clock:
    """Seconds of processor time so far, ours and all of the server's; of a server elsewhere, the time that passes."""
    if engine.dialect.name != "postgresql":
        return lambda: sum(os.times()[:4])
    with engine.connect() as conn:
        backend = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        local = conn.exec_driver_sql("SELECT inet_server_addr() IS NULL").scalar_one()
    if not local or not Path(f"/proc/{backend}/stat").exists():
        return time.perf_counter
    postmaster = _stat(str(backend))[1]
    return lambda: sum(os.times()[:4]) + _of_server(postmaster)


def _of_server(postmaster: str) -> float:
    """Of the postmaster's processes, those that are there and those that have ended."""
    ticks = sum(map(int, _stat(postmaster)[13:15]))
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            stat = _stat(folder.name)
            if stat and stat[1] == postmaster:
                ticks += sum(map(int, stat[11:13]))
    return ticks / TICK


def _stat(process: str) -> list[str]:
    """The figures of a process after its name, which may hold anything; none for one that has just ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
