"""How Poolbook refuses: one error class per cause, with a stable code, the facts, the place and the remedy.

An error class states its sentence once, as a template over its facts, which is said in the reader's language; the
command line prints it with file and line, HTTP sends it as RFC 9457 problem details. Every module's errors derive from
`PoolbookError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ledger.language import _


@dataclass(frozen=True, slots=True)
class Place:
    """Where in somebody's file or request a fault stands. `line` counts from 1; `field` is a key or column."""

    file: str = ""
    line: int | None = None
    field: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file or 'line '}{':' if self.file else ''}{self.line}"
        return ", ".join(part for part in (where, self.field) if part)


NOWHERE = Place()
MOST_FAULTS = 1_000  # told at once: nobody reads on, and whoever sends rubbish must not make us work for it
LONGEST_FACT = 2_000  # characters of somebody's file that a message repeats


class PoolbookError(Exception):
    """One refusal. Subclasses set `code`, `what`, `remedy` (templates over the facts) and, for HTTP, `status`."""

    code: ClassVar[str]
    what: ClassVar[str]
    remedy: ClassVar[str]
    status: ClassVar[int] = 422

    def __init__(self, place: Place = NOWHERE, *, index: int | None = None, **facts: object) -> None:
        self.place = place
        self.index = index  # position, from 0, of the item at fault in the sequence that was handed over
        self.facts: Mapping[str, object] = {name: _short(fact) for name, fact in facts.items()}
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What is wrong, in one sentence, with the facts filled in."""
        return _(self.what).format(**self.facts)

    @property
    def advice(self) -> str:
        """What to do about it, in one sentence."""
        return _(self.remedy).format(**self.facts)

    def at(self, place: Place) -> PoolbookError:
        """The same error, with the place where its cause stands (a place already known wins)."""
        known = self.place
        merged = Place(known.file or place.file, known.line if known.line is not None else place.line,
                       known.field or place.field)
        return type(self)(merged, index=self.index, **self.facts)

    def lines(self) -> list[str]:
        """The error as the command line prints it: place and fault, then the remedy."""
        where = f"{self.place}: " if str(self.place) else ""
        return [f"{where}{self.message}  [{self.code}]", f"    {self.advice}"]

    def as_data(self) -> dict[str, Any]:
        """The error as plain data for `--json` and for problem details."""
        place = {k: v for k, v in (("file", self.place.file), ("line", self.place.line),
                                   ("field", self.place.field)) if v}
        return {"code": self.code, "message": self.message, "remedy": self.advice,
                **({"place": place} if place else {}), "facts": {k: str(v) for k, v in self.facts.items()}}

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _short(fact: object) -> object:
    """A fact as it is told; one that was cut before is left alone."""
    return f"{fact[:LONGEST_FACT]}…" if isinstance(fact, str) and len(fact) > LONGEST_FACT + 1 else fact


class Refused(Exception):
    """One or more faults found together; nothing of what was asked has been recorded."""

    def __init__(self, faults: Iterable[PoolbookError]) -> None:
        self.faults = tuple(faults)
        assert self.faults, "a refusal names at least one fault"
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @property
    def status(self) -> int:
        """The HTTP status of the whole refusal: that of its first fault."""
        return self.faults[0].status

    def in_file(self, file: str) -> Refused:
        """The same refusal with the file named wherever it was not yet."""
        return Refused(replace_file(fault, file) for fault in self.faults)


def replace_file(fault: PoolbookError, file: str) -> PoolbookError:
    """The same fault, with its file named if it was not."""
    if fault.place.file:
        return fault
    return type(fault)(replace(fault.place, file=file), index=fault.index, **fault.facts)


def catalogue(root: type[PoolbookError] = PoolbookError) -> Iterator[type[PoolbookError]]:
    """Every error class that has a code, for the documentation and for the test that holds it complete."""
    for sub in root.__subclasses__():
        if "code" in vars(sub):
            yield sub
        yield from catalogue(sub)
