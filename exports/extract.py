"""The extract of a statement that one partner may see: its own lines and columns beside the pool's totals.

Other partners' columns, contributions, reserves and gains are left out, and steps of the working that are about
another partner alone; every total of the pool stays, so that the extract still ties to the whole. A step's reasons
are withheld where they name another partner.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from commissioning.statement import Extract, PartnerLine, Previous, Statement, WorkingLine
from exports.statement import to_json
from ledger.errors import PoolbookError

V = TypeVar("V")


class PartnerNotInStatement(PoolbookError):
    code = "partner-not-in-statement"
    what = "the statement has no partner {partner!r}"
    remedy = "name one of its partners: {known}"
    status = 404


def digests(statement: Statement, document: str) -> dict[str, str]:
    """The SHA-256 of every partner's extract as JSON; the chain covers them with the whole document."""
    return {line.id: _sha256(to_json(for_partner(statement, line.id, document))) for line in statement.partners}


def for_partner(statement: Statement, partner: str, document: str = "") -> Statement:
    """The statement as `partner` (an id) may see it. `document`: the whole as JSON, where it is at hand."""
    own = next((line for line in statement.partners if line.id == partner), None)
    if own is None:
        known = ", ".join(line.id for line in statement.partners)
        raise PartnerNotInStatement(partner=partner, known=known)
    others = tuple(line for line in statement.partners if line.id != partner)
    hidden = frozenset(line.id for line in others)
    return replace(
        statement,
        extract=Extract(partner, _sha256(f"{document or to_json(statement)}\n{partner}")[:32]),
        partners=(own,),
        services=tuple(replace(s, partners=_without(s.partners, hidden)) for s in statement.services),
        reserves=tuple(replace(r, by_partner=_without(r.by_partner, hidden)) for r in statement.reserves),
        funds=tuple(replace(f, gap=replace(f.gap, partners=_without(f.gap.partners, hidden)) if f.gap else None)
                    for f in statement.funds),
        notes=tuple(note for note in statement.notes if not _names(note.text, others)),
        previous=_previous(statement.previous, own.id),
        plan_changes=tuple(replace(change, text="") if _names(change.text, others) else change
                           for change in statement.plan_changes),
        repayments=tuple(line for line in statement.repayments if line.partner not in hidden),
        distributions={pot: _without(parts, hidden) for pot, parts in statement.distributions.items()},
        outcomes=tuple(replace(o, gains=_without(o.gains, hidden), paid=_without(o.paid, hidden))
                       for o in statement.outcomes),
        working=tuple(_step(line, own, others) for line in statement.working
                      if not _names(line.step, others) or _names(line.step, (own,))))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _previous(before: Previous | None, own: str) -> Previous | None:
    return before and replace(before, forecast_shares={p: share for p, share in before.forecast_shares.items()
                                                       if p == own})


def is_extract(statement: Statement) -> bool:
    """Whether partners' columns were left out: then a service's row no longer foots to its actual."""
    return any(sum(p.actual for p in s.partners.values()) + s.reserves + s.offset + s.recovered
               + s.carried_forward + s.contested + s.unallocated != s.actual for s in statement.services)


def _without(parts: Mapping[str, V], hidden: frozenset[str]) -> dict[str, V]:
    return {key: value for key, value in parts.items() if key not in hidden}


def _names(text: str, partners: tuple[PartnerLine, ...]) -> bool:
    """Whether a text names any of the partners, by id or name, as a word of its own."""
    words = frozenset(word for line in partners for word in (line.id, line.name) if word)
    return bool(words) and _any_of(words).search(text) is not None


@lru_cache(maxsize=256)
def _any_of(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(words)))})(?![\w-])")


def _step(line: WorkingLine, own: PartnerLine, others: tuple[PartnerLine, ...]) -> WorkingLine:
    """A step with one partner's part; what a reserve took of another partner (`reserve x: other`) goes too."""
    hidden = frozenset(key for key in line.out for other in others
                       if key == other.id or key.endswith((f": {other.id}", f":{other.id}")))
    because = (f"Only the part of {own.name} is shown; the partnership's own statement has the whole step."
               if _names(line.because, others) else line.because)
    return replace(line, out=_without(line.out, hidden), because=because)
