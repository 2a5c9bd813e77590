"""A contribution line that states a total and a basis instead of a partner and an amount: what each partner gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from allocation.basis import Basis, shared_out
from allocation.model import Facts
from commissioning.agreement.model import Agreement, Contribution, Version
from ledger.errors import PoolbookError


def amounts(agreement: Agreement, version: Version, terms: Contribution) -> Mapping[str, int]:
    """What each partner gives of a line's total in a full year, in minor units; a total of nothing is nothing of each.

    Partners that the fund's other lines name share it; all do where there are none. Raises the errors of
    `allocation.errors` where the basis cannot be worked out.
    """
    assert terms.by is not None, "the line states a basis"
    assert terms.total is not None, "and a total"
    named = {line.partner for line in version.contributions if line.partner and line.fund == terms.fund}
    taking = tuple(p for p in agreement.partners if p in named) or tuple(agreement.partners)
    facts = Facts(tuple(agreement.partners), taking, currency=agreement.currency, amount=terms.total,
                  groups=agreement.parties)
    return shared_out(terms.total, terms.by, facts) or dict.fromkeys(_sharing(terms.by, facts), 0)


def _sharing(by: Basis, facts: Facts) -> Iterable[str]:
    """Whom a basis divides among, as far as it can tell without an amount."""
    try:
        return by.shares(replace(facts, amount=1))
    except PoolbookError:
        return facts.taking_part
