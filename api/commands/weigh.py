"""`poolbook scenario exposure` and `scenario divide`: what follows from chances, and from ways of dividing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.commands.files import read_text
from api.commands.scenario import base_of_case
from commissioning.reading import read_terms
from ledger.money import grouped, to_minor

Told = tuple[str, Mapping[str, Any]]


def exposure(case: Path, chances: Path, year: str | None) -> Told:
    """Each partner's call and due in ten, fifty and ninety of a hundred years, in words and as data."""
    from commissioning.exposure import as_data, expose
    from commissioning.exposure_terms import Uncertainty

    base = base_of_case(case, year)
    terms = read_terms(Uncertainty, read_text(chances), chances.name, base.agreement.currency)
    data = as_data(expose(base, terms), base.agreement.currency)
    return "\n".join(_exposed(data, base.agreement.currency)), data


def _exposed(data: Mapping[str, Any], currency: str) -> Iterator[str]:
    def money(text: str) -> str:
        return grouped(to_minor(text, currency), currency)

    yield f"{data['years']:,} of {data['draws']:,} drawn years worked out (seed {data['seed']}). Amounts in {currency}."
    yield "What a partner bears beyond its plan (-: is spared), at most, in one year of ten; in half; in nine of ten:"
    for partner, one in data["partners"].items():
        call = one["call"]
        yield (f"  {partner}: {money(call['p10'])}; {money(call['p50'])}; {money(call['p90'])}; called in "
               f"{one['chance_of_call']} % of years; expected transfer {money(one['transfer'])}")
    for reserve, one in data["reserves"].items():
        yield f"  reserve {reserve} of {money(one['opening'])}: exhausted in {one['chance_exhausted']} % of years"
    for one in data["limits"]:
        whose = f" of {one['partner']}" if one["partner"] else ""
        yield (f"  {one['kind']}{whose} in {one['rule']} ({money(one['amount'])}): reached in "
               f"{one['chance_reached']} % of years")
    for one in data["failed"]:
        yield f"  {one['years']} years could not be worked out: {one['because']}"


def divide(file: Path, currency: str) -> Told:
    """A pot or a cost divided by every method that can answer, in words and as data."""
    from allocation.negotiation.asked import Asked, answered
    from allocation.negotiation.table import as_data

    data = as_data(answered(read_terms(Asked, read_text(file), file.name, currency), currency))
    return "\n".join(_divided(data)), data


def _divided(data: Mapping[str, Any]) -> Iterator[str]:
    for one in data["methods"]:
        parts = ", ".join(f"{party} {amount}" for party, amount in one["amounts"].items())
        alone = "".join(f"; {' and '.join(o['members'])} would do better alone by {o['by']}" for o in one["objections"])
        yield f"{one['title']}: {parts}{alone}"
        yield f"    {one['words']}"
    for left in data["left_out"]:
        yield f"{left['title']}: not worked out, {left['because']}"
