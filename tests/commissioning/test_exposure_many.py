"""Many years at once on arrays: on every draw the same pennies as the engine, for examples and random agreements."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.steps.share import capped
from api.commands.scenario import base_of_case
from commissioning.agreement.reading import read_agreement
from commissioning.books.figures import OPENING
from commissioning.books.memoranda import Memoranda
from commissioning.books.postings import reserve
from commissioning.closing.position import Known
from commissioning.exposure.expose import years
from commissioning.exposure.many import MOST_COST, MOST_WEIGHT, Many, _capped, _split
from commissioning.exposure.terms import Uncertainty
from commissioning.exposure.year import Ground
from commissioning.scenario.base import Base, with_cost
from ledger.model import Head, Movement
from ledger.money import split

ROOT = Path(__file__).parents[2]
PARTNERS, SERVICES = ("ash", "birch", "cedar", "dove"), ("beds", "visits", "day", "night", "own", "hosted")


def drawn(base: Base, draws: int, seed: int, sd: int = 12) -> list[list[int]]:
    chances = {"demand": {"normal": {"mean": 0, "sd": sd}}}
    services = dict.fromkeys((cost.service for cost in base.costs), chances)
    return list(years(base.costs, Uncertainty.model_validate({"draws": draws, "seed": seed, "services": services})))


@pytest.mark.parametrize("case", [
    "northshire-2024", "kotitori-tampere", "salford-2006", "scottish-borders-2018", "norrtalje", "torbay-2015",
    "galicia-early-intervention", "finsam-sweden", "oxfordshire-2013-rounded", "curcubeu-arad"])
def test_examples_on_every_draw(case: str) -> None:
    base = base_of_case(ROOT / "examples" / case)
    ground = Ground.of(base)
    many, costs = Many.of(ground), drawn(base, 60, 3)
    assert many is not None
    assert many.run(costs) == [ground.run(year) for year in costs]


@pytest.mark.parametrize("case", ["jobcentre-germany", "bolzano-access-point", "stay-on-track-belgium"])
def test_what_is_not_for_arrays_is_left_to_the_engine(case: str) -> None:
    assert Many.of(Ground.of(base_of_case(ROOT / "examples" / case))) is None


@pytest.mark.parametrize("seed", range(60))
def test_random_agreements_on_every_draw(seed: int) -> None:
    base = random_base(seed)
    ground = Ground.of(base)
    many, costs = Many.of(ground), drawn(base, 40, seed, 25)
    assert many is not None
    found = many.run(costs)
    assert found == [ground.run(year) for year in costs]
    assert any(any(one.calls) for one in found), "something is shared"


@pytest.mark.parametrize("step", [
    {"offset": {"services": ["night"]}}, {"gain_after": {"partner": "ash", "others": "10%"}},
    {"share": {"by": "claims", "claims": {"ash": 900, "birch": 900}, "rule": "cea"}},
    {"return": {"by": "equal"}, "ring_fenced_first": True},
    {"share": {"by": "fixed", "percent": {"ash": "100/3", "birch": "200/3"}, "else": "last_agreed"}}], ids=str)
def test_steps_that_are_not_for_arrays(step: dict[str, Any]) -> None:
    side = "underspend" if {"return", "gain_after"} & set(step) else "overspend"
    assert Many.of(Ground.of(bare(agreement({side: [step]}, Random(1), second=True)))) is None


def test_costs_beyond_all_measure_go_through_the_engine() -> None:
    ground = Ground.of(random_base(2))
    many = Many.of(ground)
    assert many is not None
    huge = [MOST_COST * 4, *[0] * (len(ground.base.costs) - 1)]
    assert many.run([huge]) == [ground.run(huge)]


AMOUNTS = st.integers(0, 10**14)
WEIGHTS = st.lists(st.one_of(st.integers(0, 9), st.integers(0, MOST_WEIGHT // 8)), min_size=1, max_size=8).filter(any)


@given(st.lists(AMOUNTS, min_size=1, max_size=5), WEIGHTS)
def test_a_split_on_arrays_is_the_split(amounts: list[int], weights: list[int]) -> None:
    found = _split(np.array(amounts), np.broadcast_to(np.array(weights), (len(amounts), len(weights))))
    assert found.tolist() == [split(amount, weights) for amount in amounts]


@given(st.lists(st.one_of(AMOUNTS, st.integers(0, 60)), min_size=1, max_size=5), WEIGHTS, st.data())
def test_caps_on_arrays_are_the_caps(amounts: list[int], weights: list[int], data: st.DataObject) -> None:
    caps = data.draw(st.lists(st.one_of(st.just(-1), st.integers(0, 40), AMOUNTS), min_size=len(weights),
                              max_size=len(weights)))
    found = _capped(np.array(amounts), np.array(weights), np.array(caps))
    shares = {str(i): Fraction(weight, sum(weights)) for i, weight in enumerate(weights)}
    limits = {str(i): cap for i, cap in enumerate(caps) if cap >= 0}
    for amount, parts in zip(amounts, found.tolist(), strict=True):
        taken = capped(amount, shares, limits)
        assert parts == [taken.get(str(i), 0) for i in range(len(weights))]


# ------------------------------------------------------------------------------------------------ random agreements

def random_base(seed: int) -> Base:
    random = Random(seed)
    lists = {"overspend": steps(random, "overspend"), "underspend": steps(random, "underspend")}
    return bare(agreement(lists, random))


def steps(random: Random, side: str) -> list[dict[str, Any]]:
    kinds = {"overspend": ["reserve", "absorb", "share", "share", "share", "recover", "dispute", "repay"],
             "underspend": ["to_reserve", "return", "share", "carry_forward", "absorb"]}[side]
    found, tier = [], 0
    for _ in range(random.randint(1, 5)):
        kind = random.choice(kinds)
        terms: Any = {"reserve": "general", "absorb": {"partner": random.choice(PARTNERS)}, "recover": {"plan": 50},
                      "dispute": "rest", "repay": {"partner": random.choice(PARTNERS), "years": 3},
                      "to_reserve": "general", "carry_forward": {"services": ["beds", "day"]}}.get(kind)
        step: dict[str, Any] = {kind: terms if terms is not None else basis(random)}
        if kind == "to_reserve":
            step["owned"] = basis(random)
        if random.random() < 1 / 2 and kind != "dispute":
            step["up_to"] = random.choice([random.randint(0, 300), "3%", "0.77%"])
        if kind == "share":
            step |= {"caps": {p: random.choice([random.randint(0, 90), 0, "4%"]) for p in PARTNERS
                              if random.random() < 1 / 3}}
            step |= random.choice([{}, {"excess": "dispute"}, {"excess": {"partner": random.choice(PARTNERS)}}])
            tier += random.randint(1, 600)
            step |= {"until_variance": tier} if random.random() < 1 / 3 else {}
        found.append(step)
    return found


def basis(random: Random) -> dict[str, Any]:
    return random.choice([
        {"by": "contribution"}, {"by": "equal"}, {"by": "equal", "ceiling": {"ash": "17.3"}},
        {"by": "fixed", "percent": {"ash": "100/3", "birch": "100/3", "dove": "100/3"}},
        {"by": "weight", "values": {p: random.randint(0, 10**6) + 1 for p in PARTNERS}},
        {"by": "contribution", "round_percent": 1, "floor": {"cedar": 20}},
        {"by": "parties", "parties": [{"partner": "ash", "percent": 40}, {"group": "woods", "percent": 60}]}])


def agreement(lists: dict[str, Any], random: Random, second: bool = False) -> str:
    """The text of an agreement with one rule, or two that share a reserve; YAML reads what `str` writes of it."""
    lines = [{"fund": "core", "partner": p, "source": "base", "kind": "cash", "amount": random.randint(100, 9000),
              "instalments": "annual"} for p in PARTNERS]
    whole = sum(int(str(line["amount"])) for line in lines)
    parts = split(whole * 100, [random.randint(1, 9) for _ in SERVICES])
    services = {name: {"fund": "core", "name": name, "lead": random.choice(PARTNERS),
                       "budget": f"{part // 100}.{part % 100:02d}"} for name, part in zip(SERVICES, parts, strict=True)}
    services["own"]["line"], services["hosted"]["line"] = "own", "host_bears"
    rules = [{"id": "risk", "reference": "S1", "applies_to": {"fund": "core"}, **lists}]
    if second or random.random() < 1 / 3:
        rules.append({"id": "night", "reference": "S2", "applies_to": {"services": ["night"]},
                      "overspend": [{"reserve": "general"}, {"share": {"by": "equal"}}]})
    return str({
        "poolbook": 1, "partnership": {"id": "p", "name": "P", "currency": "GBP", "year_starts": "04-01",
                                       "periods": "quarter"},
        "partners": {p: {"name": p, "kind": "municipality"} for p in PARTNERS},
        "groups": {"woods": {"members": ["birch", "cedar", "dove"], "shares": {"by": "equal"}}},
        "reserves": {"general": {"fund": "core", "opening": {"ash": 120, "birch": 77}}},
        "agreements": [{"id": "a", "reference": "A", "effective": "2024-04-01", "signed": "2024-03-01",
                        "funds": {"core": {"kind": "pooled", "host": "birch"}}, "contributions": lines,
                        "services": services, "rules": rules}]}).replace("True", "true")


def bare(text: str) -> Base:
    """A year of an agreement whose costs are its budgets, without books."""
    agreed = read_agreement(text)
    period = agreed.calendar.year(2024).periods()[-1]
    opening = [Movement(reserve("general", p), OPENING, "core", p, "", "", "", 0, 0, amount, 0)
               for p, amount in agreed.reserves["general"].opening.items()]
    base = Base(text, agreed, period, period, Known(opening, [], [[]], Memoranda(), [[]]), Head(0, ""))
    known = base.known
    for cost in base.costs:
        known = with_cost(known, base.planned, cost, base.planned[0].version.services[cost.service].budget)
    return Base(text, agreed, period, period, known, base.head)
