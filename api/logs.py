"""What the server tells those who run it: one line a request, with its id on every other line that it causes.

What a request turns out to be (who made it, what it entered, why it was refused) becomes known deep inside; `told()`
is where it is put down. Bodies, headers and parameters of statements are never logged: they hold keys and lines of
partners.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

REQUESTS = logging.getLogger("poolbook.requests")
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
QUIET = ("sqlalchemy", "psycopg", "asyncio", "multipart")  # at DEBUG these tell rows, parameters and addresses


@dataclass(slots=True)
class Told:
    """What is known of the request under way."""

    request: str = ""
    partnership: str = ""
    actor: str = ""
    code: str = ""
    entries: tuple[int, int] | None = None  # the first and the last entry that it made
    closes: int = 0

    def facts(self) -> dict[str, Any]:
        """What is worth a place in the log."""
        named = {"partnership": self.partnership, "actor": self.actor, "code": self.code}
        made = {"entries": list(self.entries)} if self.entries else {}
        return {key: value for key, value in named.items() if value} | made


_TOLD: ContextVar[Told | None] = ContextVar("told", default=None)


def told() -> Told:
    """Where to put down what is known of the request under way; outside of one, what nobody reads."""
    return _TOLD.get() or Told()


def begin(asked: str) -> Told:
    """A request begins, under the id that it brings if that is sane, else under a new one."""
    found = Told(request=asked if _SANE.fullmatch(asked) else uuid.uuid4().hex)
    _TOLD.set(found)
    return found


def configure(level: str, form: str, quiet: Collection[str] = QUIET) -> None:
    """Sends the log of the whole process to standard error, in that format; of the quiet ones only what is grave."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson() if form == "json" else AsText())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in quiet:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class AsJson(logging.Formatter):
    """One JSON object a line: when, how grave, what, and the facts."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"at": _when(record), "level": record.levelname.lower(), "message": record.getMessage(),
                           **_facts(record), **_trace(self, record)}, ensure_ascii=False, default=str)


class AsText(logging.Formatter):
    """One line for people; what went wrong below it."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{key}={json.dumps(value, ensure_ascii=False, default=str)}"
                         for key, value in _facts(record).items())
        message = json.dumps(record.getMessage(), ensure_ascii=False)[1:-1]  # nobody writes lines of their own
        line = f"{_when(record)} {record.levelname:<7} {message} {facts}".rstrip()
        return "\n".join([line, *_trace(self, record).values()])


def _when(record: logging.LogRecord) -> str:
    return logging.Formatter.formatTime(_PLAIN, record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z"


def _facts(record: logging.LogRecord) -> Mapping[str, Any]:
    given: Mapping[str, Any] | None = getattr(record, "facts", None)
    under_way = _TOLD.get()
    request = {"request": under_way.request} if under_way else {}
    return given if given is not None else {"logger": record.name, **request}


def _trace(form: logging.Formatter, record: logging.LogRecord) -> dict[str, str]:
    return {"trace": form.formatException(record.exc_info)} if record.exc_info else {}


_PLAIN = logging.Formatter()
_PLAIN.converter = time.gmtime
