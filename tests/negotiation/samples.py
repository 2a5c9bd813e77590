"""A small negotiation: today's rules, a scenario and two other agreements for one year of an example."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from allocation.negotiation.asked import Asked, answered
from allocation.negotiation.table import Division
from api.commands.scenario import base_of_case
from commissioning.agreement.reading import read_terms
from commissioning.exposure.terms import Uncertainty
from commissioning.negotiation.chances import Chances, weigh_chances
from commissioning.negotiation.options import Option, other_rules, scenario, today
from commissioning.negotiation.record import Record, read_record
from commissioning.negotiation.weighed import Weighed, weigh
from commissioning.scenario.base import Base
from exports.pack.build import pack
from exports.pack.model import Pack

CASE = Path(__file__).parents[2] / "examples" / "northshire-2024"
TEXT = (CASE / "agreement.yaml").read_text(encoding="utf-8")
OTHER_SHARES = TEXT.replace("percent: {council: 45, nhs: 45, district: 10}",
                            "percent: {council: 50, nhs: 40, district: 10}").replace(
    "{reserve: general, up_to: 250000}", "{reserve: general, up_to: 100000}")
EQUAL = TEXT.replace("{share: {by: contribution}, until_variance: 600000}",
                     "{share: {by: equal}, until_variance: 600000}")
HIGHER = {"contributions.1.amount": Fraction(4_900_000), "growth.home-care": Fraction(10)}
RECORD = """\
principles:
  - {text: Each partner bears what its own residents use, source: Board paper 12, date: 2026-05-01}
inputs:
  - {input: rules.core-risk.overspend.4.share.percent.council, source: Needs review, date: 2026-06-30,
     disputed_by: nhs, because: it rests on the population of 2019}
later_years:
  - {growth: 4, source: Medium-term plan, date: 2026-07-01}
  - {growth: 2.5}
offers:
  - {date: 2026-09-15, by: council, option: shares, offer: accept if the reserve stays}
  - {date: 2026-09-01, by: nhs, option: equal, offer: "=accept()", answer: rejected}
"""
CHANCES: Mapping[str, Any] = {"reablement": {"demand": {"normal": {"mean": 2, "sd": 5}}},
                              "community-beds": {"price": {"triangular": {"low": -5, "mode": 0, "high": 12}}}}
FAIR = """\
cost: 900000
parties: [council, nhs, district]
weights: {council: 40, nhs: 55, district: 5}
claims: {council: 400000, nhs: 500000, district: 200000}
alone: {council: 400000, nhs: 450000, district: 200000, council+nhs: 720000, council+district: 560000,
        nhs+district: 600000}
baseline: {council: 380000, nhs: 420000, district: 100000}
methods:
  - {method: hold_harmless, max_loss_percent: 5, target: shapley}
  - {method: pace_of_change, limits: {min_growth: "-10%", max_growth: "10%"}, target: proportional}
"""
WHEN = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


@cache
def base() -> Base:
    """The first year of the example, which overspends."""
    return base_of_case(CASE, "FY2024")


def rules() -> list[Option]:
    """Options that change rules only, after today's."""
    return [today(base()), other_rules("shares", base(), OTHER_SHARES), other_rules("equal", base(), EQUAL)]


def options() -> list[Option]:
    """Today's rules, a scenario that supposes other costs, and one other agreement."""
    return [today(base()), scenario("higher", base(), HIGHER), other_rules("shares", base(), OTHER_SHARES)]


def terms(services: Mapping[str, Any] = CHANCES, draws: int = 200) -> Uncertainty:
    """What is stated of the chances of services."""
    return Uncertainty.model_validate({"seed": 7, "draws": draws, "services": services, "correlations": [
        {"between": ["reablement.demand", "community-beds.price"], "is": "0.6"}] if services is CHANCES else []})


def record(text: str = RECORD, file: str = "record.yaml") -> Record:
    """A record read for the example."""
    return read_record(text, file, base().agreement, today(base()).levers)


@cache
def weighed() -> Weighed:
    """Today's rules, a scenario that supposes other costs, and one other agreement, with two years to come."""
    return weigh(options(), (), record().grown)


@cache
def chances() -> Chances:
    """What follows from chances under each."""
    return weigh_chances(options(), terms())


@cache
def division() -> Division:
    """A cost that every method divides."""
    return answered(read_terms(Asked, FAIR, "fair.yaml", "GBP"), "GBP")


@cache
def small() -> Pack:
    """The pack of those."""
    return pack(weighed(), record(), WHEN, chances(), division())
