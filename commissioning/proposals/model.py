"""Four eyes as values: who asks for what, what it would do, and how it ended; and how each is kept as text."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: with which key or sign-in, and the person behind it. Two keys of one person are one person."""

    id: str
    person: str

    def is_person(self, other: Actor) -> bool:
        """Whether two are the same person, however the name was capitalised."""
        return self.id == other.id or same_name(self.person) == same_name(other.person)


def same_name(name: str) -> str:
    """A person's name as it is compared: neither capitals, spaces nor how its letters are coded make two of one."""
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())


@dataclass(frozen=True, slots=True)
class Request:
    """A change that is asked for: its kind and all that it takes to do it, now or once it is approved."""

    kind: str
    content: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The request as it is kept: canonical JSON."""
        return canonical({"kind": self.kind, **self.content})

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def request_of(text: str) -> Request:
    """A request as it was kept."""
    content = json.loads(text)
    return Request(content.pop("kind"), content)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request would do: in words, in how many entries, and the SHA-256 over what these say.

    `statement`: the document that a close would issue, from which its verdict is said in other languages.
    """

    words: tuple[str, ...]
    entries: int
    sha256: str
    because: str = ""  # why it waits
    statement: str = ""

    def same(self, other: Outcome) -> bool:
        return (self.words, self.entries, self.sha256) == (other.words, other.entries, other.sha256)

    @property
    def text(self) -> str:
        return canonical({"words": self.words, "entries": self.entries, "sha256": self.sha256,
                          "because": self.because, "statement": self.statement})


def outcome_of_text(text: str) -> Outcome:
    """An outcome as it was kept."""
    kept = json.loads(text)
    return Outcome(tuple(kept["words"]), kept["entries"], kept["sha256"], kept["because"], kept.get("statement", ""))


@dataclass(frozen=True, slots=True)
class Decision:
    """How a proposal ended: approved, rejected, or withdrawn by its maker; `entry` is the approval's memorandum."""

    verdict: str
    by: Actor
    at: dt.datetime
    reason: str = ""
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request that waits, or waited, for a second person."""

    number: int
    request: Request
    outcome: Outcome
    maker: Actor
    made_at: dt.datetime
    sha256: str
    decision: Decision | None = None

    @property
    def status(self) -> str:
        return self.decision.verdict if self.decision else "open"


def canonical(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
