"""Settings by environment: one table of variables, defaults and meanings; `python -m api.settings` prints it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from api.refusals import SettingNotOneOf, SettingWrong

YES_NO = {"yes": True, "no": False}


def database_url(text: str) -> str:
    """A database URL: as given, or for a plain file name that of the SQLite file."""
    return text if "://" in text else f"sqlite:///{text}"


def _setting(variable: str, default: Any, meaning: str, *, secret: bool = False, allowed: tuple[str, ...] = ()) -> Any:
    return field(default=default, repr=not secret, metadata={
        "variable": variable, "meaning": meaning, "allowed": tuple(YES_NO) if isinstance(default, bool) else allowed})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is told from outside. Each field names its variable and says what it means."""

    database: str = _setting(
        "POOLBOOK_DATABASE", "sqlite:///poolbook.db",
        "Where the ledger is: postgresql://..., sqlite:///FILE, or the plain name of an SQLite file")
    read_database: str = _setting(
        "POOLBOOK_READ_DATABASE", "",
        "A hot standby of a PostgreSQL POOLBOOK_DATABASE, from which balances, entries and statements are read over "
        "HTTP; without it, from the database itself")
    secret: str = _setting(
        "POOLBOOK_SECRET", "",
        "32 or more characters under which API keys are hashed; an SQLite file without it keeps its own in FILE.secret",
        secret=True)
    signing_key: str = _setting(
        "POOLBOOK_SIGNING_KEY", "",
        "Ed25519 private key (PEM) that signs receipts; an SQLite file without it keeps its own in FILE.signing-key",
        secret=True)
    public_url: str = _setting(
        "POOLBOOK_PUBLIC_URL", "", "The address at which people reach this server, for example https://pool.example.org")
    oidc_issuer: str = _setting(
        "POOLBOOK_OIDC_ISSUER", "", "The OpenID Connect provider with which people sign in, as it names itself: https://...")
    oidc_audience: str = _setting(
        "POOLBOOK_OIDC_AUDIENCE", "", "For whom its tokens must be made; without it, for POOLBOOK_OIDC_CLIENT_ID")
    oidc_client_id: str = _setting(
        "POOLBOOK_OIDC_CLIENT_ID", "", "What the provider calls this server, where people sign in with a browser")
    oidc_client_secret: str = _setting(
        "POOLBOOK_OIDC_CLIENT_SECRET", "", "The secret that the provider gave this server, if it gave one", secret=True)
    max_body: int = _setting(
        "POOLBOOK_MAX_BODY", 10_000_000, "The most bytes that the body of one request may have")
    key_rate: int = _setting(
        "POOLBOOK_KEY_RATE", 6_000,
        "Requests a minute that one API key or sign-in may make, even all at once; each process counts for itself")
    address_rate: int = _setting(
        "POOLBOOK_ADDRESS_RATE", 300,
        "Requests a minute that one network address may make without a key, or with one not yet known to be good")
    log_level: str = _setting(
        "POOLBOOK_LOG_LEVEL", "info", "From which weight on things are logged to standard error",
        allowed=("debug", "info", "warning", "error"))
    log_format: str = _setting(
        "POOLBOOK_LOG_FORMAT", "json", "Whether a line of the log is one JSON object or plain text",
        allowed=("json", "text"))
    metrics_token: str = _setting(
        "POOLBOOK_METRICS_TOKEN", "",
        "Where set, /metrics answers only to the header Authorization: Bearer TOKEN", secret=True)
    metrics_by_partnership: bool = _setting(
        "POOLBOOK_METRICS_BY_PARTNERSHIP", False,
        "Whether /metrics counts entries and closes by partnership, and so tells its readers which ones there are")


def from_environment(environment: Mapping[str, str] = os.environ, database: str | None = None) -> Settings:
    """The settings that the environment holds; `database`, where given, is used in place of the environment's."""
    given: dict[str, Any] = {}
    for one in fields(Settings):
        text = environment.get(one.metadata["variable"], "").strip()
        if text:
            given[one.name] = _read(one.metadata["variable"], text, one.default, one.metadata["allowed"])
    if database:
        given["database"] = database
    if "database" in given:
        given["database"] = database_url(given["database"])
    return Settings(**given)


def _read(variable: str, text: str, default: object, allowed: tuple[str, ...]) -> str | int | bool:
    if allowed:
        if text.lower() not in allowed:
            raise SettingNotOneOf(variable=variable, text=text, allowed=", ".join(allowed))
        return YES_NO[text.lower()] if isinstance(default, bool) else text.lower()
    return _number(variable, text) if isinstance(default, int) else text


def _number(variable: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**40:
        raise SettingWrong(variable=variable, text=text)
    return int(text)


def reference() -> str:
    """The page docs/settings.md."""
    return "\n".join([
        "# Settings", "",
        "Everything that a server is told from outside, by environment variable. `python -m api.settings >",
        "docs/settings.md` makes this page from `api/settings.py`; a test holds it complete. An empty variable counts",
        "as unset; a value that cannot be is refused before anything starts.", "",
        "| variable | default | meaning |", "|---|---|---|", *_rows(), ""])


def _rows() -> Iterator[str]:
    for one in fields(Settings):
        allowed, default = one.metadata["allowed"], one.default
        shown = "`yes`" if default is True else "`no`" if default is False else f"`{default}`" if default else "none"
        words = f" ({' or '.join(allowed)})" if allowed else ""
        yield f"| `{one.metadata['variable']}` | {shown} | {one.metadata['meaning']}{words} |"


if __name__ == "__main__":
    print(reference(), end="")
