"""The shapes of proposals and of who recorded what, as they go over HTTP and as `--json` speaks them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Literal

from pydantic import Field

from api.shapes.base import Shape, Words
from commissioning.proposals.model import Proposal
from commissioning.proposals.store import Recording


class DecisionOut(Shape):
    """How a proposal ended, who ended it and why; `entry`: the memorandum by which the chain covers an approval."""

    by: str
    person: str
    at: dt.datetime
    reason: str
    entry: int | None


class ProposalOut(Shape):
    """A change that waits, or waited, for a second person. Until it is approved it has changed nothing."""

    number: int
    kind: str = Field(description="entries, events, reversal, agreement, close or reopen")
    status: Literal["open", "approved", "rejected", "withdrawn"]
    because: str = Field(description="Why it waits")
    outcome: list[str] = Field(description="What it would do: in words and figures, then by kind of entry")
    entries: int = Field(description="How many entries it would record, memoranda included")
    made_by: str = Field(description="The key or the sign-in with which it was asked for")
    person: str = Field(description="The person behind it, who cannot approve it")
    made_at: dt.datetime
    sha256: str = Field(description="Over the request as it is kept; an approval puts it into the chain")
    decision: DecisionOut | None = None
    statement: dict[str, Any] | None = Field(None, description="The statement that a close which waits would issue")
    request: dict[str, Any] | None = Field(None, description="All that was asked for, where one proposal is read")


class ProposalsOut(Shape):
    """Proposals in order; `next` is what to ask `after` for more, if there are any."""

    items: list[ProposalOut]
    next: int | None


class RejectionIn(Shape):
    """Why a proposal is not to be done."""

    reason: Words = ""


class RecordingOut(Shape):
    """Who recorded the entries from `first` to `last`."""

    first: int
    last: int
    actor: str
    person: str
    at: dt.datetime


class RecordingsOut(Shape):
    """Who recorded what, in the order of the entries; `next` is what to ask `after` for more."""

    items: list[RecordingOut]
    next: int | None


def proposal_out(found: Proposal, *, whole: bool = False) -> ProposalOut:
    """A proposal as people read it; `whole` with all that was asked for."""
    ended = found.decision
    decision = None if ended is None else DecisionOut(by=ended.by.id, person=ended.by.person, at=ended.at,
                                                      reason=ended.reason, entry=ended.entry)
    return ProposalOut.model_validate({
        "number": found.number, "kind": found.request.kind, "status": found.status, "because": found.outcome.because,
        "outcome": list(found.outcome.words), "entries": found.outcome.entries, "made_by": found.maker.id,
        "person": found.maker.person, "made_at": found.made_at, "sha256": found.sha256, "decision": decision,
        "statement": json.loads(found.outcome.statement) if found.outcome.statement and not ended else None,
        "request": dict(found.request.content) if whole else None})


def recording_out(found: Recording) -> RecordingOut:
    """Who recorded some entries."""
    return RecordingOut(first=found.first, last=found.last, actor=found.by.id, person=found.by.person, at=found.at)
