"""Chances beside options: the same years drawn for all, each shared by that option's own rules."""

from __future__ import annotations

import pytest

from commissioning.exposure.expose import expose
from commissioning.exposure.year import Ground
from commissioning.negotiation.chances import weigh_chances
from commissioning.negotiation.options import work
from commissioning.scenario.run import base_with
from ledger.errors import Refused
from tests.negotiation.samples import base, options, terms

CERTAIN = {"reablement": {"demand": {"discrete": {"0": 100}}}}


def test_a_year_without_surprise_is_the_option_itself() -> None:
    """With nothing drawn, every option owes what it owes in the pack, scenarios with their other costs too."""
    for option in options():
        changed, _ = base_with(option.base, option.levers, option.values)
        outcome = Ground.of(changed).run([cost.amount for cost in changed.costs])
        assert dict(zip(base().agreement.partners, outcome.dues, strict=True)) == work(option).due, option.name


def test_every_option_meets_the_same_years() -> None:
    """Under other rules each service costs the same in every drawn year; under today's it is today's exposure."""
    found = weigh_chances(options(), terms())
    today, higher, shares = found.exposures
    assert today == expose(base(), terms())
    assert shares.services == today.services
    assert higher.services["reablement"] == today.services["reablement"]
    assert higher.services["home-care"].p50 > today.services["home-care"].p50, "it supposes ten percent more"
    assert [one.call for one in shares.partners] != [one.call for one in today.partners]


def test_certain_costs_have_one_outcome() -> None:
    found = weigh_chances(options()[:1], terms(CERTAIN, draws=5))
    for partner in found.exposures[0].partners:
        assert partner.call.p10 == partner.call.p90
        assert partner.called in (0, 5)


def test_a_refusal_names_the_option() -> None:
    with pytest.raises(Refused) as caught:
        weigh_chances(options(), terms({"reablment": CERTAIN["reablement"]}))
    (error,) = caught.value.faults
    assert (error.code, error.place.file) == ("service-not-simulated", "Today")
