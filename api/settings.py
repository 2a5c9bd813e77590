"""Settings by environment: one table of variables, defaults and meanings; and how a database is named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from api.refusals import SettingWrong


def database_url(text: str) -> str:
    """A database URL: as given, or for a plain file name that of the SQLite file."""
    return text if "://" in text else f"sqlite:///{text}"


def _setting(variable: str, default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"variable": variable, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is told from outside. Each field names its variable and says what it means."""

    database: str = _setting(
        "POOLBOOK_DATABASE", "sqlite:///poolbook.db",
        "Where the ledger is: postgresql://..., sqlite:///FILE, or the plain name of an SQLite file")
    secret: str = _setting(
        "POOLBOOK_SECRET", "",
        "32 or more characters under which API keys are hashed; an SQLite file without it keeps its own in FILE.secret",
        secret=True)
    max_body: int = _setting(
        "POOLBOOK_MAX_BODY", 10_000_000, "The most bytes that the body of one request may have")


def from_environment(environment: Mapping[str, str] = os.environ, database: str | None = None) -> Settings:
    """The settings that the environment holds; `database`, where given, is used in place of the environment's."""
    given: dict[str, Any] = {}
    for one in fields(Settings):
        text = environment.get(one.metadata["variable"], "").strip()
        if text:
            given[one.name] = _number(one.metadata["variable"], text) if isinstance(one.default, int) else text
    if database:
        given["database"] = database
    if "database" in given:
        given["database"] = database_url(given["database"])
    return Settings(**given)


def _number(variable: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**40:
        raise SettingWrong(variable=variable, text=text)
    return int(text)
