"""A virtual environment of its own for each peer, made on first use from a hashed requirements file.

Peers want other versions of what Poolbook uses (piecash: SQLAlchemy 1.4), so none of them is ever installed beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"


class CannotInstall(Exception):
    """A peer that this machine cannot install; the text says why."""


def python(name: str) -> Path:
    """The interpreter of a peer's environment."""
    wanted = REQUIREMENTS / f"{name}.txt"
    mark = sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = _cache() / f"{name}-{mark}"
    interpreter = home / "bin" / "python"
    if not (home / "complete").exists():
        print(f"Installing {name} (once) ...", file=sys.stderr, flush=True)
        venv.create(home, with_pip=True, clear=True)
        # The file is complete, down to the last dependency: nothing that it does not name may come along.
        done = subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                               "--require-hashes", "--no-deps", "-r", wanted], capture_output=True, text=True)
        if done.returncode:
            raise CannotInstall((done.stderr.strip().splitlines() or ["pip failed"])[-1][:200])
        (home / "complete").touch()
    return interpreter


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "poolbook-peers"
