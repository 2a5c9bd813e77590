"""The order of a rule's steps is an input: what it does, how it comes back, and where it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
import yaml

from api.commands.scenario import base_of_case
from commissioning.agreement.reading import read_agreement
from commissioning.exposure.levers import tornado
from commissioning.negotiation.moves import drivers, sensitivity
from commissioning.negotiation.options import compare, scenario, today
from commissioning.scenario import order as scenario_order
from commissioning.scenario.base import Base
from commissioning.scenario.refusals import ScenarioOrderDoubled
from commissioning.scenario.run import draft, run
from commissioning.scenario.text import reordered
from exports.scenario.back import read_back
from exports.scenario.order import stays
from exports.scenario.render import to_xlsx
from exports.scenario.report import worked_out
from exports.scenario.workbook import Workbook, workbook
from ledger.errors import Refused
from tests.commissioning.test_exposure import base_with
from tests.scenario.calculators import calculated
from tests.scenario.damage import numbers
from tests.scenario.test_figures import differences

STEPS = """
          # the pool first
          - reserve: general   # what was put by
            up_to: 30
          # then the partners,
          # one before the other
          - {absorb: {partner: council}, up_to: 45}   # the host
          - share:
              by: fixed
              percent: {council: 25, nhs: 75}
            caps: {nhs: 60}
            excess: others

          - dispute: rest"""
LIST = "rules.risk.overspend"


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return base_with(tmp_path, STEPS)


def order(*places: int, at: str = LIST) -> dict[str, Fraction]:
    """The inputs that differ from the baseline, for steps that run at these places."""
    return {f"{at}.{n}.order": Fraction(place) for n, place in enumerate(places, 1) if n != place}


def borne(base: Base, made: Workbook, values: Mapping[str, Fraction]) -> dict[str, int]:
    return {p.id: p.share_of_variance for p in run(base, made.levers, values).statement.partners}


def test_every_order_is_the_engines_to_the_penny(base: Base) -> None:
    made = workbook(base)
    assert not made.constants()
    found = set()
    for places in permutations(range(1, 5)):
        values = {"actual.beds": Fraction(890), **order(*places)}
        assert differences(made, values) == {}, places
        found.add(tuple(borne(base, made, values).values()))
    assert len(found) > 3, "the order matters here"


def test_a_step_takes_its_limits_shares_and_switch_along(base: Base) -> None:
    """190 over: the council's 45 first, then the reserve's 30; the share is off, so 115 are contested."""
    made = workbook(base)
    values = {"actual.beds": Fraction(890), f"{LIST}.3.on": Fraction(0), **order(2, 1, 3, 4)}
    text = draft(base, made.levers, values)
    steps = read_agreement(text).versions()[0].rules[0].overspend
    assert [step.name for step in steps] == ["absorb", "reserve", "share", "dispute"]
    assert [step.up_to for step in steps] == [45_00, 30_00, 0, None]
    assert calculated(made, values)["contested"] == 115_00
    assert run(base, made.levers, values).statement.contested == 115_00


def test_a_draft_has_the_steps_in_their_order_with_their_comments(base: Base) -> None:
    made = workbook(base)
    text = draft(base, made.levers, order(4, 2, 1, 3))
    was, now = (yaml.safe_load(one)["agreements"][0]["rules"][0]["overspend"] for one in (base.text, text))
    assert now == [was[2], was[1], was[3], was[0]]
    unsigned = base.text.replace("signed: 2024-03-12", "signed: null")
    assert sorted(text.splitlines()) == sorted(unsigned.splitlines()), "the same lines"
    lines = [line.strip() for line in text.splitlines()]
    assert lines.index("# the pool first") + 1 == lines.index("- reserve: general   # what was put by")
    assert lines.index("# then the partners,") + 2 == next(
        n for n, line in enumerate(lines) if line.startswith("- {absorb") and line.endswith("# the host"))


@pytest.mark.parametrize("text", [
    "a: {b: [{x: 1}, {y: [2, 3]}, {z: \"4\"}]}\n", "a:\n  b:\n  - x: 1\n  - y:\n    - 2\n    - 3\n\n  - z: '4'\n",
    "a:\n  b:\n    # first\n    - x: 1\n    - {y: [2,\n          3]}  # last\n    - z: \"4\"\n  # beside\n",
    "a: {b: [{x: 1},\n  {y: [2, 3]}, # of y\n  {z: \"4\"}]}",
    "a:\r\n  b:\r\n    - x: 1\r\n    - y: [2, 3]\r\n    - z: >\r\n        4\r\n",
])
def test_items_of_a_list_change_places_however_it_is_written(text: str) -> None:
    was = yaml.safe_load(text)["a"]["b"]
    for turned in permutations(range(3)):
        assert yaml.safe_load(reordered(text, {("a", "b"): turned}))["a"]["b"] == [was[i] for i in turned]
    assert reordered(text, {("a", "b"): (0, 1, 2)}) == text


def typed(made: Workbook, places: Mapping[str, int]) -> bytes:
    """The workbook with places typed in."""
    cells = made.entries()
    return numbers("Inputs", {f"G{cells[path].row}": str(place) for path, place in places.items()})(to_xlsx(made))


def test_it_comes_back(base: Base) -> None:
    made = workbook(base)
    returned = read_back(typed(made, {f"{LIST}.1.order": 3, f"{LIST}.3.order": 1}), base)
    assert dict(returned.values) == order(3, 2, 1, 4)
    assert [step.name for step in worked_out(returned).result.agreement.versions()[0].rules[0].overspend] == [
        "share", "absorb", "reserve", "dispute"]


def test_a_doubled_place_is_refused_at_its_cell_and_by_the_engine(base: Base) -> None:
    made = workbook(base)
    content = typed(made, {f"{LIST}.1.order": 2})
    with pytest.raises(Refused) as refused:
        read_back(content)
    fault, = refused.value.faults
    assert str(fault.place) == made.entries()[f"{LIST}.1.order"].address
    assert fault.message == "two steps of this list are to run as number 2, and none as number 1"
    with pytest.raises(ScenarioOrderDoubled, match=f"{LIST}.1.order"):
        run(base, made.levers, {f"{LIST}.1.order": Fraction(2)})
    with pytest.raises(Refused) as beyond:
        read_back(typed(made, {f"{LIST}.1.order": 5}))
    assert [fault.code for fault in beyond.value.faults] == ["scenario-input-range"]


def test_the_checks_see_a_doubled_place(base: Base) -> None:
    import formualizer

    made = workbook(base)
    (_, words, formula), = [check for check in made.book.checks if "order of its own" in check[1]]
    assert words == "risk, overspend: each step has an order of its own"
    for places, wrong in (((1, 2, 3, 4), 0), ((2, 1, 4, 3), 0), ((2, 2, 3, 4), 1), ((1, 1, 1, 1), 6)):
        book = formualizer.Workbook()
        for name in ("Inputs", "Checks"):
            book.add_sheet(name)
        for n, place in enumerate(places, 1):
            ref = made.entries()[f"{LIST}.{n}.order"]
            book.set_value("Inputs", ref.row, 9, float(place))
        book.set_formula("Checks", 1, 1, formula)
        assert book.evaluate_cell("Checks", 1, 1) == wrong, places


def test_a_fault_in_a_step_is_told_at_its_own_input(base: Base) -> None:
    """Though the step runs elsewhere: percentages that miss 100."""
    made = workbook(base)
    values = {**order(3, 2, 1, 4), f"{LIST}.3.share.percent.nhs": Fraction(74)}
    with pytest.raises(Refused) as refused:
        run(base, made.levers, values)
    assert "overspend[2]" in str(refused.value.faults[0].place)


LAST = "{share: {by: contribution, else: last_agreed}}"
TIERS = "[{share: {by: equal}, until_variance: 20}, {share: {by: equal}, until_variance: 40}, {dispute: rest}]"


@pytest.mark.parametrize(("steps", "why"), [
    ("[{dispute: rest}]", "no two steps"), (TIERS, "tiers"), (f"[{LAST}, {{dispute: rest}}]", "last agreed"),
    ("[" + "{absorb: {partner: nhs}, up_to: 1}, " * 6 + "{dispute: rest}]", "more than 6")])
def test_what_keeps_the_agreements_order_says_why(tmp_path: Path, steps: str, why: str) -> None:
    base = base_with(tmp_path, steps)
    rule = base.planned[0].version.rules[0]
    assert why in scenario_order.stays(base.agreement, rule, "overspend")
    assert not [path for path in workbook(base).levers if path.startswith(f"{LIST}.") and path.endswith(".order")]


def test_the_workbook_exchanges_steps_where_they_are_few_enough(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = base.planned[0].version.rules[0]
    assert stays(base.agreement, rule, "overspend") == ""
    monkeypatch.setattr("exports.scenario.order.MOST_BLOCKS", 31)
    assert "more than 31" in stays(base.agreement, rule, "overspend"), "4 × 4 × 2"


def test_places_of_one_list_are_told_together_and_not_moved_by_a_tenth(base: Base) -> None:
    """For a negotiation: no place can change alone."""
    worked = compare([today(base), scenario("turned", base, {"actual.beds": Fraction(890), **order(2, 3, 1, 4)})])
    assert [driver.words for driver in drivers(*worked)] == [
        "cost in the year, Beds", "risk, overspend step 1, reserve: runs as number, and 2 more"]
    assert not [bar for bar in sensitivity(worked[1].option) if bar.lever.form == "order"]
    assert not [bar for bar in tornado(base, worked[1].option.levers) if bar.lever.form == "order"]


def test_limits_of_the_year_go_on_from_place_to_place(tmp_path: Path) -> None:
    """Two versions of a year, each with its order: a place begins where the same place left off."""
    base = _two_versions(base_with(tmp_path, STEPS), tmp_path)
    made = workbook(base)
    for first, second in ((1, 2, 3, 4), (3, 1, 2, 4)), ((2, 3, 1, 4), (1, 2, 3, 4)), ((4, 2, 3, 1), (2, 3, 1, 4)):
        values = {"one.actual.beds": Fraction(500), "two.actual.beds": Fraction(600),
                  **order(*first, at=f"one.{LIST}"), **order(*second, at=f"two.{LIST}")}
        assert differences(made, values) == {}, (first, second)
    assert draft(base, made.levers, values).count("signed: null") == 2


def _two_versions(base: Base, folder: Path) -> Base:
    """The same agreement, agreed anew from October on."""
    head, _, version = base.text.partition("agreements:\n")
    again = version.replace("id: one", "id: two").replace("2024-04-01", "2024-10-01")
    (folder / "agreement.yaml").write_text(f"{head}agreements:\n{version}{again}", encoding="utf-8")
    return base_of_case(folder)
