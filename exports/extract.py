"""The extract of a statement that one partner may see: its own lines and columns beside the pool's totals.

Other partners' columns, contributions, reserves and gains are left out, and steps of the working that are about
another partner alone; every total of the pool stays, so that the extract still ties to the whole. A step's reasons
are withheld where they name another partner.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from commissioning.statement import PartnerLine, Previous, Statement, WorkingLine
from ledger.errors import PoolbookError

V = TypeVar("V")


class PartnerNotInStatement(PoolbookError):
    code = "partner-not-in-statement"
    what = "the statement has no partner {partner!r}"
    remedy = "name one of its partners: {known}"
    status = 404


def for_partner(statement: Statement, partner: str) -> Statement:
    """The statement as `partner` (an id) may see it."""
    own = next((line for line in statement.partners if line.id == partner), None)
    if own is None:
        known = ", ".join(line.id for line in statement.partners)
        raise PartnerNotInStatement(partner=partner, known=known)
    others = tuple(line for line in statement.partners if line.id != partner)
    hidden = frozenset(line.id for line in others)
    return replace(
        statement,
        partners=(own,),
        services=tuple(replace(s, partners=_without(s.partners, hidden)) for s in statement.services),
        reserves=tuple(replace(r, by_partner=_without(r.by_partner, hidden)) for r in statement.reserves),
        funds=tuple(replace(f, gap=replace(f.gap, partners=_without(f.gap.partners, hidden)) if f.gap else None)
                    for f in statement.funds),
        notes=tuple(note for note in statement.notes if not _names(note.text, others)),
        previous=_previous(statement.previous, own.id),
        repayments=tuple(line for line in statement.repayments if line.partner not in hidden),
        distributions={pot: _without(parts, hidden) for pot, parts in statement.distributions.items()},
        outcomes=tuple(replace(o, gains=_without(o.gains, hidden), paid=_without(o.paid, hidden))
                       for o in statement.outcomes),
        working=tuple(_step(line, own, others) for line in statement.working
                      if not _names(line.step, others) or _names(line.step, (own,))))


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
    words = {word for line in partners for word in (line.id, line.name) if word}
    return any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) for word in words)


def _step(line: WorkingLine, own: PartnerLine, others: tuple[PartnerLine, ...]) -> WorkingLine:
    """A step with one partner's part; what a reserve took of another partner (`reserve x: other`) goes too."""
    hidden = frozenset(key for key in line.out for other in others
                       if key == other.id or key.endswith((f": {other.id}", f":{other.id}")))
    because = (f"Only the part of {own.name} is shown; the partnership's own statement has the whole step."
               if _names(line.because, others) else line.because)
    return replace(line, out=_without(line.out, hidden), because=because)
