"""Exposure: drawn years go through the penny engine, the same seed gives the same figures, faults are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.errors import SharesNot100
from allocation.terms import NumberUnreadable, TermsWrong
from api.commands.scenario import base_of_case
from commissioning.closing.assemble import statement
from commissioning.closing.position import work_out
from commissioning.exposure.draws import MILLION, draw
from commissioning.exposure.expose import NoYearWorkedOut, ServiceNotSimulated, as_data, changed, expose, spread, years
from commissioning.exposure.terms import (
    ChanceUnclear,
    ChanceWrong,
    CorrelationsImpossible,
    CorrelationWrong,
    FactorUnknown,
    Uncertainty,
)
from commissioning.exposure.year import Ground
from commissioning.scenario.base import Base, with_cost
from commissioning.scenario.run import KNOWN_AT
from ledger.errors import PoolbookError
from ledger.money import round_half_up, to_minor

ROOT = Path(__file__).parents[2]
AGREEMENT = """
poolbook: 1
partnership: {id: pool, name: Pool, currency: GBP, year_starts: 04-01, periods: quarter}
partners: {council: {name: Council, kind: municipality}, nhs: {name: NHS, kind: health}}
reserves: {general: {fund: core, opening: {council: 30, nhs: 20}}}
agreements:
  - id: one
    reference: the agreement
    effective: 2024-04-01
    signed: 2024-03-12
    funds: {core: {kind: pooled, host: council}}
    contributions:
      - {fund: core, partner: council, source: base, kind: cash, amount: 600, instalments: annual}
      - {fund: core, partner: nhs, source: base, kind: cash, amount: 400, instalments: annual}
    services:
      beds: {fund: core, name: Beds, lead: nhs, budget: 700}
      visits: {fund: core, name: Visits, lead: council, budget: 300}
    rules:
      - id: risk
        reference: Schedule 3
        applies_to: {fund: core}
        overspend: OVERSPEND
        underspend: [{return: {by: contribution}}]
"""
CAPPED = "[{reserve: general}, {share: {by: equal}, caps: {nhs: 40}}]"


def terms(services: Mapping[str, Any], draws: int = 100, seed: int = 7, correlations: Any = ()) -> Uncertainty:
    return Uncertainty.model_validate({"draws": draws, "seed": seed, "services": services,
                                       "correlations": list(correlations)})


def refusal(**data: Any) -> PoolbookError:
    with pytest.raises(ValidationError) as caught:
        Uncertainty.model_validate({"seed": 1, **data})
    found = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(found, PoolbookError)
    return found


def base_with(tmp_path: Path, overspend: str) -> Base:
    """A year that has just begun and is expected to cost what is planned."""
    (tmp_path / "agreement.yaml").write_text(AGREEMENT.replace("OVERSPEND", overspend), encoding="utf-8")
    (tmp_path / "forecasts.csv").write_text("date,event,service,amount,reference\n"
                                            "2024-04-01,forecast,beds,700,F-1\n"
                                            "2024-04-01,forecast,visits,300,F-2\n", encoding="utf-8")
    return base_of_case(tmp_path)


SOME = {"demand": {"normal": {"mean": 1, "sd": 8}}, "price": {"triangular": {"low": -2, "mode": 1, "high": 9}},
        "timing": {"discrete": {"0": 60, "-1": 10, "3": 30}}}


# ------------------------------------------------------------------------------------------- the same penny engine

@pytest.mark.parametrize(("case", "year"), [
    ("northshire-2024", "FY2024"), ("northshire-2024", "FY2025"), ("scottish-borders-2018", None),
    ("jobcentre-germany", None), ("norrtalje", None), ("salford-2006", None), ("bystrom-oulu", None),
    ("bolzano-access-point", None), ("stay-on-track-belgium", None), ("hospital-district-finland", None)])
def test_every_drawn_year_is_shared_as_a_close_would(case: str, year: str | None) -> None:
    """Year by year against the whole position and its statement, from books with those costs in them."""
    base = base_of_case(ROOT / "examples" / case, year)
    ground, services = Ground.of(base), dict.fromkeys(cost.service for cost in base.costs)
    for costs in years(base.costs, terms(dict.fromkeys(services, SOME), draws=8)):
        known = base.known
        for cost, amount in zip(base.costs, costs, strict=True):
            known = with_cost(known, base.planned, cost, amount - cost.amount)
        position = work_out(base.agreement, base.period, known)
        closed, outcome = statement(position, base.head, KNOWN_AT, 1), ground.run(costs)
        assert outcome.dues == tuple(line.liability for line in closed.partners)
        gaps = [fund.gap for fund in closed.funds if fund.gap]
        assert outcome.calls == tuple(
            line.share_of_actual - line.share_of_budget + sum(gap.partners.get(line.id, 0) for gap in gaps)
            for line in closed.partners)
        assert outcome.reserves == tuple(line.closing for line in closed.reserves)
        assert outcome.parked == (closed.contested, closed.unallocated)


def test_a_year_as_expected_is_the_base_itself(tmp_path: Path) -> None:
    base = base_with(tmp_path, CAPPED)
    outcome = Ground.of(base).run([cost.amount for cost in base.costs])
    assert (outcome.calls, outcome.dues, outcome.reserves) == ((0, 0), (600_00, 400_00), (50_00,))
    assert not any(outcome.reached)


def test_what_a_board_is_told(tmp_path: Path) -> None:
    """Beds cost 700 or, half of the time, 20 percent more: 50 from the reserve, 45 each, of which nhs bears 40."""
    base = base_with(tmp_path, CAPPED)
    found = expose(base, terms({"beds": {"demand": {"discrete": {"0": 50, "20": 50}}}}, draws=400))
    council, nhs = found.partners
    dear = council.called
    assert 150 < dear < 250
    assert (council.call.least, council.call.most, nhs.call.most) == (0, 50_00, 40_00)
    assert (council.due.p10, council.due.p90) == (600_00, 650_00)
    assert found.reserves[0].exhausted == dear
    assert (found.reserves[0].opening, found.reserves[0].left.least) == (50_00, 0)
    cap, = found.limits
    assert (cap.limit.rule, cap.limit.step, cap.limit.partner, cap.limit.amount) == ("risk", 2, "nhs", 40_00)
    assert cap.reached == dear
    assert found.services["beds"].p90 == 840_00
    assert council.transfer + nhs.transfer == 0
    borne, plan = Fraction(50_00 * dear, 400), Fraction(90_00 * dear, 400) * Fraction(60, 100)
    assert abs(council.transfer - (borne - plan)) < 1, "beyond six tenths of what both bear"
    assert found.parked["unallocated"].most == 0


def test_what_all_caps_leave_is_told(tmp_path: Path) -> None:
    base = base_with(tmp_path, "[{share: {by: equal}, up_to: 30, caps: {nhs: 10, council: 10}}]")
    found = expose(base, terms({"visits": {"price": {"uniform": {"low": 10, "high": 10}}}}, draws=10))
    assert [(one.limit.partner, one.limit.amount, one.reached) for one in found.limits] == [
        ("nhs", 10_00, 10), ("council", 10_00, 10), ("", 30_00, 0)]
    assert found.parked["unallocated"].p50 == 10_00


def test_years_that_a_rule_cannot_share_are_counted(tmp_path: Path) -> None:
    claims = "[{share: {by: claims, claims: {council: 50, nhs: 50}, rule: talmud}}]"
    base = base_with(tmp_path, claims)
    found = expose(base, terms({"beds": {"demand": {"discrete": {"10": 50, "20": 50}}}}, draws=50))
    (why, times), = found.failed.items()
    assert why == "140.00 is to be divided among claims that total only 100.00"
    assert times + found.years == 50
    with pytest.raises(NoYearWorkedOut, match="none of 20 drawn years"):
        expose(base, terms({"beds": {"demand": {"discrete": {"20": 100}}}}, draws=20))


def test_a_service_that_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    base = base_with(tmp_path, CAPPED)
    with pytest.raises(ServiceNotSimulated) as caught:
        expose(base, terms({"bed": SOME}))
    assert caught.value.advice.endswith("(did you mean beds?)")
    tariff = base_of_case(ROOT / "examples" / "discharge-fees-sweden")
    service = next(iter(tariff.planned[0].version.services))
    with pytest.raises(ServiceNotSimulated, match="case by case"):
        expose(tariff, terms({service: SOME}))


def test_as_data_is_plain_and_the_same_each_time(tmp_path: Path) -> None:
    base, asked = base_with(tmp_path, CAPPED), terms({"beds": SOME, "visits": SOME})
    text = json.dumps(as_data(expose(base, asked), "GBP"))
    assert text == json.dumps(as_data(expose(base, asked), "GBP"))
    data = json.loads(text)
    assert (data["seed"], data["draws"], data["years"]) == (7, 100, 100)
    nhs = data["partners"]["nhs"]
    low, middle, high = (to_minor(nhs["due"][name], "GBP") for name in ("p10", "p50", "p90"))
    assert low <= middle <= high
    assert sum(to_minor(one["transfer"], "GBP") for one in data["partners"].values()) == 0
    assert data["limits"][0]["partner"] == "nhs"
    assert data["reserves"]["general"]["opening"] == "50.00"


# ------------------------------------------------------------------------------------------------------- the draws

def test_the_same_seed_draws_the_same() -> None:
    one = draw(terms({"beds": SOME, "visits": SOME}))
    assert one == draw(terms({"beds": SOME, "visits": SOME}))
    assert one != draw(terms({"beds": SOME, "visits": SOME}, seed=8))
    assert one["beds.demand"] == draw(terms({"other": SOME, "beds": SOME}))["beds.demand"], "a stream of its own"
    assert one["beds.demand"][:3] == [10_365_642, 4_820_172, 5_543_371], "as it was when this was written"


@pytest.mark.parametrize(("chance", "mean", "p10", "p90"), [
    ({"normal": {"mean": 2, "sd": 5}}, "2", "-4.408", "8.408"),
    ({"lognormal": {"mean": 0, "sd": 30}}, "0", "-34.12", "39.39"),
    ({"triangular": {"low": -10, "mode": 0, "high": 20}}, "10/3", "-4.523", "12.254"),
    ({"uniform": {"low": -10, "high": 30}}, "10", "-6", "26"),
    ({"discrete": {"-5": 20, "0": 50, "12": 30}}, "2.6", "-5", "12")], ids=lambda value: str(value)[:20])
def test_distributions_come_out_as_stated(chance: Any, mean: str, p10: str, p90: str) -> None:
    """Means and deciles by their textbook formulas, within what 20,000 draws can miss."""
    values = draw(terms({"beds": {"demand": chance}}, draws=20_000))["beds.demand"]
    found = spread(values)
    for value, expected in ((found.mean, mean), (found.p10, p10), (found.p90, p90)):
        assert abs(value - Fraction(expected) * MILLION) < MILLION * 6 // 10


def test_correlated_factors_go_together() -> None:
    """Rank correlation of a Gaussian copula is 6/π·asin(r/2): 0.786 for 0.8; whatever the distributions."""
    asked = terms({"beds": {"demand": {"normal": {"sd": 5}}, "price": {"uniform": {"low": 0, "high": 9}}},
                   "visits": {"demand": {"triangular": {"low": -3, "mode": 0, "high": 30}}}}, draws=4000,
                  correlations=[{"between": ["beds.demand", "visits.demand"], "is": "0.8"},
                                {"between": ["beds.demand", "beds.price"], "is": "-1"},
                                {"between": ["beds.price", "visits.demand"], "is": "-0.8"}])
    found = draw(asked)
    assert ranked(found["beds.demand"], found["beds.price"]) == -1
    assert abs(ranked(found["beds.demand"], found["visits.demand"]) - Fraction("0.786")) < Fraction(3, 100)
    alone = draw(terms({"visits": {"demand": {"triangular": {"low": -3, "mode": 0, "high": 30}}}}, draws=4000))
    assert abs(spread(found["visits.demand"]).p50 - spread(alone["visits.demand"]).p50) < MILLION


def ranked(one: list[int], other: list[int]) -> Fraction:
    """Spearman's rank correlation, of numbers without ties."""
    ranks = [{value: i for i, value in enumerate(sorted(values))} for values in (one, other)]
    count = len(one)
    apart = sum((ranks[0][a] - ranks[1][b]) ** 2 for a, b in zip(one, other, strict=True))
    return 1 - Fraction(6 * apart, count * (count**2 - 1))


@pytest.mark.parametrize(("amount", "changes", "becomes"), [
    (700_00, (0, 0, 0), 700_00), (700_00, (20, 0, 0), 840_00), (700_00, (10, 10, 0), 847_00),
    (700_00, (0, 0, 3), 525_00), (700_00, (0, 0, -3), 875_00), (700_00, (-150, 0, 0), 0), (700_00, (0, 0, 40), 0),
    (-10_00, (50, 0, 0), -15_00), (1, (50, 0, 0), 2)])
def test_a_cost_with_changes(amount: int, changes: tuple[int, int, int], becomes: int) -> None:
    assert changed(amount, *(change * MILLION for change in changes)) == becomes


@given(st.lists(st.integers(-10**9, 10**9), min_size=1, max_size=40))
def test_percentiles_are_amounts_that_occurred(values: list[int]) -> None:
    found = spread(values)
    for percent, at in ((10, found.p10), (50, found.p50), (90, found.p90)):
        assert at in values
        assert 100 * sum(value <= at for value in values) >= percent * len(values)
        assert 100 * sum(value < at for value in values) < percent * len(values)
    assert found.mean == round_half_up(Fraction(sum(values), len(values)))


# ---------------------------------------------------------------------------------------------------- the refusals

ONE = {"beds": {"demand": {"normal": {"sd": 5}}}}
THREE = {name: {"demand": {"normal": {"sd": 5}}} for name in "abc"}


def pairs(ab: str, ac: str, bc: str) -> list[dict[str, Any]]:
    return [{"between": [f"{x}.demand", f"{y}.demand"], "is": by} for x, y, by in
            (("a", "b", ab), ("a", "c", ac), ("b", "c", bc))]


@pytest.mark.parametrize(("data", "kind"), [
    ({"services": {"beds": {"demand": {}}}}, ChanceUnclear),
    ({"services": {"beds": {"demand": {"normal": {"sd": 5}, "uniform": {"low": 0, "high": 1}}}}}, ChanceUnclear),
    ({"services": {"beds": {"demand": {"uniform": {"low": 2, "high": 1}}}}}, ChanceWrong),
    ({"services": {"beds": {"demand": {"triangular": {"low": 2, "mode": 1, "high": 3}}}}}, ChanceWrong),
    ({"services": {"beds": {"demand": {"lognormal": {"mean": -100, "sd": 3}}}}}, ChanceWrong),
    ({"services": {"beds": {"timing": {"lognormal": {"sd": 3}}}}}, ChanceWrong),
    ({"services": {"beds": {"demand": {"discrete": {"0": 50, "5": 49}}}}}, SharesNot100),
    ({"services": {"beds": {"demand": {"normal": {"sd": "5e3"}}}}}, NumberUnreadable),
    ({"services": {"beds": {"demand": {"normal": {"mean": 0.5, "sd": 1}}}}}, NumberUnreadable),
    ({"services": {}}, TermsWrong), ({"services": {"beds": {}}}, TermsWrong),
    ({"services": ONE, "correlations": [{"between": ["beds.demand", "bed.demand"], "is": 1}]}, FactorUnknown),
    ({"services": ONE, "correlations": [{"between": ["beds.demand", "beds.demand"], "is": 1}]}, CorrelationWrong),
    ({"services": THREE, "correlations": pairs("1.1", "0", "0")}, CorrelationWrong),
    ({"services": THREE, "correlations": [*pairs("0", "0", "0"), *pairs("0", "0", "0")]}, CorrelationWrong),
    ({"services": THREE, "correlations": pairs("1", "1", "-1")}, CorrelationsImpossible),
    ({"services": THREE, "correlations": pairs("-0.51", "-0.51", "-0.51")}, CorrelationsImpossible),
    ({"services": THREE, "correlations": pairs("0.9", "0.9", "0.6")}, CorrelationsImpossible)], ids=str)
def test_what_cannot_be_drawn_is_refused(data: dict[str, Any], kind: type[PoolbookError]) -> None:
    assert isinstance(refusal(**data), kind)


def test_correlations_at_the_very_edge_are_drawn() -> None:
    """Three factors can each be at -1/2 to the others, and no further: then they sum to nothing."""
    found = draw(terms(THREE, correlations=pairs("-0.5", "-0.5", "-0.5")))
    assert all(abs(sum(year)) <= 3 for year in zip(*found.values(), strict=True))


def test_an_uncertainty_reads_from_yaml() -> None:
    text = "{seed: 2026, services: {beds: {demand: {normal: {mean: -1.5, sd: 5}}, timing: {discrete: {0: 70, 3: 30}}}}}"
    from commissioning.agreement.reading import load
    found = Uncertainty.model_validate(load(text).data)
    assert found == Uncertainty.model_validate(yaml.load(text, Loader=yaml.BaseLoader))
    assert found.services["beds"].demand is not None
    assert found.draws == 1000
