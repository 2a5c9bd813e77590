"""Settings by environment, and how a database is named: a URL, or the plain name of an SQLite file."""

from __future__ import annotations


def database_url(text: str) -> str:
    """A database URL: as given, or for a plain file name that of the SQLite file."""
    return text if "://" in text else f"sqlite:///{text}"
