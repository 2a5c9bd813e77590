"""`poolbook scenario exposure` and `scenario divide`: what follows from chances, and from ways of dividing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.commands.files import read_text
from api.commands.scenario import base_of_case
from api.commands.session import Told
from commissioning.agreement.reading import read_terms
from exports import words
from exports.words import counted, listed, plain
from ledger.language import _, ngettext
from ledger.money import decimals, to_minor


def exposure(case: Path, chances: Path, year: str | None) -> Told:
    """Each partner's call and due in ten, fifty and ninety of a hundred years, in words and as data."""
    from commissioning.exposure.expose import as_data, expose
    from commissioning.exposure.terms import Uncertainty

    base = base_of_case(case, year)
    terms = read_terms(Uncertainty, read_text(chances), chances.name, base.agreement.currency)
    data = as_data(expose(base, terms), base.agreement.currency)
    return lambda: "\n".join(_exposed(data, base.agreement.currency)), data


def _exposed(data: Mapping[str, Any], currency: str) -> Iterator[str]:
    def money(text: str) -> str:
        return plain(to_minor(text, currency), currency)

    yield _("{years} of {draws} drawn years worked out (seed {seed}). Amounts in {currency}.").format(
        years=counted(data["years"]), draws=counted(data["draws"]), seed=data["seed"], currency=currency)
    yield _("What a partner bears beyond its plan (−: is spared), at most, in one year of ten; in half; in nine of "
            "ten:")
    for partner, one in data["partners"].items():
        yield "  " + _("{partner}: {p10}; {p50}; {p90}; called in {chance} % of years; expected transfer {transfer}"
                       ).format(partner=partner, **{key: money(one["call"][key]) for key in ("p10", "p50", "p90")},
                                chance=one["chance_of_call"], transfer=money(one["transfer"]))
    for reserve, one in data["reserves"].items():
        yield "  " + _("reserve {name} of {amount}: exhausted in {chance} % of years").format(
            name=reserve, amount=money(one["opening"]), chance=one["chance_exhausted"])
    for one in data["limits"]:
        what = "{kind} {partner}" if one["partner"] else "{kind}"
        yield "  " + _("{limit} in {rule} ({amount}): reached in {chance} % of years").format(
            limit=what.format(kind=one["kind"], partner=one["partner"]), rule=one["rule"], amount=money(one["amount"]),
            chance=one["chance_reached"])
    for one in data["failed"]:
        yield "  " + ngettext("{count} year could not be worked out: {because}",
                              "{count} years could not be worked out: {because}", one["years"]).format(
            count=counted(one["years"]), because=one["because"])


def divide(file: Path, currency: str) -> Told:
    """A pot or a cost divided by every method that can answer, in words and as data."""
    from allocation.negotiation.asked import Asked, answered
    from allocation.negotiation.table import as_data

    decimals(currency)  # refuses one that there is not, before every amount does
    data = as_data(answered(read_terms(Asked, read_text(file), file.name, currency), currency))
    return lambda: "\n".join(_divided(data, currency)), data


def _divided(data: Mapping[str, Any], currency: str) -> Iterator[str]:
    def money(text: str) -> str:
        return words.money(to_minor(text, currency), currency)

    for one in data["methods"]:
        parts = "; ".join(f"{party} {money(amount)}" for party, amount in one["amounts"].items())
        alone = [_("{members} would do better alone by {amount}").format(
            members=listed(o["members"]), amount=money(o["by"])) for o in one["objections"]]
        yield "; ".join([f"{one['title']}: {parts}", *alone])
        yield f"    {one['words']}"
    for left in data["left_out"]:
        yield _("{method}: not worked out, {because}").format(method=left["title"], because=left["because"])
