"""Secrets of an embedded ledger: each a small file beside the SQLite file, made once, whole, for its owner's eyes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import make_url


def kept_beside(database: str, suffix: str, made: Callable[[], str]) -> str | None:
    """The secret beside an SQLite file, made where there is none yet; None for a database that is no file."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    path = Path(f"{url.database}{suffix}")
    if not path.exists():
        _make(path, made())
    return path.read_text(encoding="utf-8").strip()


def _make(path: Path, text: str) -> None:
    """Writes a new secret whole, readable by its owner alone; of two processes that try, the first one wins."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{text.strip()}\n")
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
