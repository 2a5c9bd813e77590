"""How long a command takes from cold: each in a process of its own, over a small ledger, aim half a second.

`python -m benchmarks.startup [--runs 7] [--imports COMMAND]` prints the median of each; with `--imports` what one
command imports and how long each package takes of it, dearest first.
"""

from __future__ import annotations

import argparse
import collections
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

AIM = 0.5
CASE = Path(__file__).parents[1] / "examples" / "scottish-borders-2018"
PROGRAM = ("-c", "from api.cli import main; main()")
BOOKS, FRESH = "books.db", "fresh.db"
COMMANDS = {
    "--help": (), "init": ("--database", FRESH), "verify": ("--database", BOOKS),
    "statement": ("FY2018-Q1", "--database", BOOKS), "proposals": ("--database", BOOKS),
    "key": ("list", "--database", BOOKS), "export": ("--format", "hledger", "--database", BOOKS),
    "import": (str(CASE / "payments.csv"), "--database", BOOKS, "--dry-run"),
    "apply": (str(CASE / "agreement.yaml"), "--database", BOOKS, "--dry-run"),
}


def prepare(folder: Path) -> None:
    """A ledger as small as a pool's usually is, with one quarter closed."""
    run(folder, ["run", str(CASE), "--through", "FY2018-Q1", "--out", str(folder), "--database", BOOKS])


def run(folder: Path, command: list[str], *options: str) -> tuple[float, float, str]:
    """Seconds that one command took, seconds of a processor's work in it, and what it wrote on standard error."""
    if FRESH in command:
        (folder / FRESH).unlink(missing_ok=True)
    began, worked = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *options, *PROGRAM, *command], cwd=folder, capture_output=True, text=True)
    took = time.perf_counter() - began
    assert done.returncode == 0, (command, done.stderr[-500:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - worked.ru_utime - worked.ru_stime, done.stderr


def imports(told: str) -> list[tuple[str, float]]:
    """Seconds of importing by package, from what `-X importtime` told; each package's own modules only."""
    spent: collections.Counter[str] = collections.Counter()
    for micros, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)", told):
        spent[name.split(".")[0]] += int(micros)
    return [(name, micros / 1e6) for name, micros in spent.most_common(15)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--imports", choices=COMMANDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pb-start-") as name:
        folder = Path(name)
        prepare(folder)
        if given.imports:
            *_, told = run(folder, [given.imports, *COMMANDS[given.imports]], "-X", "importtime")
            print("\n".join(f"{package:<24}{seconds * 1000:>7.0f} ms" for package, seconds in imports(told)))
            return
        spans: dict[str, list[tuple[float, float]]] = {one: [] for one in COMMANDS}
        for _ in range(given.runs):
            for one, options in COMMANDS.items():
                spans[one].append(run(folder, [one, *options])[:2])
    for one, turns in spans.items():
        took, worked = zip(*turns, strict=True)
        print(f"startup   poolbook {one:<12}{statistics.median(took):.2f} s (aim {AIM}; spread {min(took):.2f}-"
              f"{max(took):.2f}), of it at work {statistics.median(worked):.2f} s", flush=True)


if __name__ == "__main__":
    main()
