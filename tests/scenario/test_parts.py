"""What is shared by exact parts follows its inputs: groups within groups' limits, claims, caps, weights without end."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import combinations
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st
from sqlalchemy import Engine

from allocation.bases.equal import Equal
from allocation.bases.shapley import Shapley
from allocation.bases.weight import Weight as ByWeight
from allocation.basis import Basis
from api.commands.scenario import base_of_case
from commissioning.agreement.model import Agreement
from exports.scenario.expressed import common, expresses
from exports.scenario.model import Formula
from exports.scenario.workbook import Workbook, workbook
from ledger.errors import PoolbookError, Refused
from tests.properties.cases import YEAR, Case, Data, amounts, text
from tests.scenario.changes import changed
from tests.scenario.test_cases import EXAMPLES
from tests.scenario.test_figures import RANDOM, differences, randomly
from tests.scenario.wide import base_of

PARTNERS = ("ash", "birch", "cedar", "damson", "elm")
MONEY = amounts | st.integers(1, 10**10)
LARGEST = st.integers(10**10, 10**11)  # limits times these are beyond what cells hold exactly


@st.composite
def shares(draw: Any, names: tuple[str, ...]) -> Data:
    """A basis of any kind over some names, perhaps within limits."""
    kind = draw(st.sampled_from(["weight", "weight", "claims", "formula", "contribution", "fixed", "shapley"]))
    figures = {p: draw(st.integers(1, 400_000)) for p in names}
    found: Data = {"by": kind, "values": figures}
    if kind == "weight":
        found["times"] = [{p: draw(st.sampled_from(["1", "0.8731", "1.2345", "1.0001"])) for p in names}
                          for _ in range(draw(st.sampled_from([0, 1, 4])))]
    elif kind == "claims":
        found = {"by": kind, "rule": draw(st.sampled_from(["proportional", "cea", "cel", "talmud"])),
                 "claims": {p: text(draw(MONEY) + 10**9) for p in names}}
    elif kind == "formula":
        found = {"by": kind, "base": text(draw(st.sampled_from([0, 1, 333, 20_000_00]))), "scale_base": "true",
                 "indicators": [{"name": name, "weight": weight, "values": {p: draw(st.integers(1, 400_000))
                                                                            for p in names}}
                                for name, weight in (("people", "0.5"), ("need", "1/3"), ("area", "1/6"))]}
    elif kind == "shapley":
        joined = ["+".join(some) for n in range(1, len(names) + 1) for some in combinations(names, n)]
        costs = {key: draw(st.integers(90_000, 110_000)) * (3 + key.count("+")) for key in joined}
        found = {"by": kind, "costs": {key: f"{cost}.5" for key, cost in costs.items()}}
    elif kind == "contribution":
        found = {"by": kind, "else": "equal"}
    elif kind == "fixed":
        found = {"by": kind, "percent": {p: f"100/{len(names)}" for p in names}}
    if draw(st.booleans()):
        found["floor"] = {p: draw(st.sampled_from(["1", "12.5", "20"])) for p in names[1:] if draw(st.booleans())}
        found["ceiling"] = {p: draw(st.sampled_from(["40", "66.66", "90"])) for p in names[:-1] if draw(st.booleans())}
    return found


@st.composite
def nested(draw: Any) -> Case:
    """Five partners, of whom four are two groups, and a rule that shares by parties or without them."""
    groups = {"towns": {"members": ["birch", "cedar"], "shares": draw(shares(("birch", "cedar")))},
              "counties": {"members": ["damson", "elm"], "shares": draw(shares(("damson", "elm")))}}
    parties = [{"partner": "ash", "percent": "20.5"}, {"group": "towns", "percent": "30"},
               {"group": "counties", "percent": "49.5"}]
    share = draw(shares(PARTNERS)) if draw(st.integers(0, 2)) == 0 else {"by": "parties", "parties": parties}
    if share["by"] == "parties" and draw(st.booleans()):
        share["ceiling"] = {"elm": draw(st.sampled_from(["15", "33.3"]))}
    step: Data = {"share": share}
    if draw(st.booleans()):
        step["caps"] = {p: text(draw(MONEY)) for p in PARTNERS if draw(st.booleans())}
        step["excess"] = draw(st.sampled_from(["others", "others", "dispute"]))
    by_cost = "caps" not in step and draw(st.integers(0, 2)) == 0
    rule = {"cost": share} if by_cost else {"overspend": [step], "underspend": [{"return": share}]}
    version = {"id": "first", "effective": f"{YEAR}-04-01", "signed": None, "funds": {"core": {
        "kind": "pooled", "host": "ash", "balance": "hold"}}, "rules": [{"id": "r", "applies_to": {"fund": "core"},
                                                                         **rule}],
        "contributions": [{"fund": "core", "partner": p, "source": "base", "amount": text(draw(MONEY | LARGEST))}
                          for p in PARTNERS if draw(st.integers(0, 3))],
        "services": {s: {"fund": "core", "budget": text(draw(MONEY))} for s in ("beds", "home")}}
    agreement = {"poolbook": "1", "partnership": {"id": "nested", "name": "Nested", "currency": "GBP",
                                                  "year_starts": "04-01", "periods": "quarter"},
                 "partners": {p: {"name": p.title()} for p in PARTNERS}, "groups": groups, "agreements": [version]}
    events = [{"event": "expenditure", "reference": f"E-{s}", "date": f"{YEAR}-05-10", "service": s,
               "amount": text(draw(MONEY))} for s in ("beds", "home")]
    return Case(json.loads(json.dumps(agreement)), tuple(events), ())


def test_random_parts_follow_their_inputs(books: Engine) -> None:
    seen: Counter[str] = Counter()

    @randomly(RANDOM)
    @given(case=nested(), seed=st.integers(0, 10**6))
    def follows(case: Case, seed: int) -> None:
        try:
            made = workbook(base_of(books, case))
        except (Refused, PoolbookError):
            reject()  # limits that cannot be kept, or claims on too little
        assert not made.constants()
        assert differences(made, {}) == {}, "as it is made"
        values = changed(made.levers, random.Random(seed))
        try:
            assert differences(made, values) == {}, values
        except (Refused, PoolbookError):
            reject()
        seen.update(_kinds(made))

    follows()
    assert RANDOM < 100 or not {"by parts", "limits", "limits in a group", "claims in a group", "base in a group",
                                "parts under caps", "cost by parts", "shapley", "weights without end"} - set(seen), seen


def test_what_is_beyond_cells_stands_as_the_engine_has_it() -> None:
    """A Shapley value of six has 63 coalitions; limits have four decimals at most, weights twelve digits."""
    agreement = workbook(base_of_case(EXAMPLES / "northshire-2024")).base.agreement

    def shapley(names: str) -> Shapley:
        some = ["+".join(one) for n in range(1, len(names) + 1) for one in combinations(names, n)]
        return Shapley.model_validate({"by": "shapley", "costs": {key: str(6 + len(key)) for key in some}})

    def limited(floor: str) -> Equal:
        return Equal.model_validate({"by": "equal", "floor": {"nhs": floor}})

    def weight(value: str) -> ByWeight:
        return ByWeight.model_validate({"by": "weight", "values": {"nhs": value, "council": "1"}})

    for inside, beyond in ((shapley("abcde"), shapley("abcdef")), (limited("12.3456"), limited("12.34567")),
                           (weight("9" * 10), weight("9" * 11))):
        assert expresses(inside, agreement)
        assert not expresses(beyond, agreement)


def test_caps_of_many_partners_stay_within_a_formula(books: Engine) -> None:
    """Sixteen rounds of cutting do not make the formulas of the last of them longer than programs take."""
    names = [f"town-{n}" for n in range(16)]
    share = {"by": "formula", "base": "1", "indicators": [
        {"name": "people", "weight": "1", "values": {p: 900 + 31 * n for n, p in enumerate(names)}}]}
    version = {"id": "first", "effective": f"{YEAR}-04-01", "signed": None, "funds": {"core": {
        "kind": "pooled", "host": names[0], "balance": "hold"}}, "services": {"beds": {"fund": "core", "budget": "10"}},
        "contributions": [{"fund": "core", "partner": p, "source": "base", "amount": "10"} for p in names],
        "rules": [{"id": "r", "applies_to": {"fund": "core"}, "underspend": [{"return": {"by": "equal"}}],
                   "overspend": [{"share": share, "caps": {p: str(300 + 7 * n) for n, p in enumerate(names)}}]}]}
    agreement = {"poolbook": "1", "partnership": {"id": "many", "name": "Many", "currency": "GBP",
                                                  "year_starts": "04-01", "periods": "quarter"},
                 "partners": {p: {"name": p.title()} for p in names}, "agreements": [version]}
    event = {"event": "expenditure", "reference": "E-1", "date": f"{YEAR}-05-10", "service": "beds", "amount": "6010"}
    made = workbook(base_of(books, Case(agreement, (event,), ())))
    assert not made.constants()
    assert differences(made, {}) == {}
    assert max(len(cell.text) for sheet in made.book.sheets.values() for row in sheet.rows for cell in row
               if isinstance(cell, Formula)) < 3_000


def _kinds(made: Workbook) -> set[str]:
    """What of these a workbook has."""
    agreement: Agreement = made.base.agreement
    rule: Any = agreement.versions()[0].rules[0]
    basis: Any = rule.cost.basis if rule.cost else rule.overspend[0].basis()
    inner: list[Any] = [agreement.groups[g].shares for g in ("towns", "counties")] if basis.name == "parties" else []

    def limits(one: Basis) -> bool:
        return bool(one.floor or one.ceiling)

    found = {"by parts": not common(basis, agreement), "limits": limits(basis),
             "limits in a group": any(map(limits, inner)), "claims in a group": any(i.name == "claims" for i in inner),
             "base in a group": any(getattr(i, "base", 0) for i in inner),
             "parts under caps": not common(basis, agreement) and not rule.cost and bool(rule.overspend[0].caps),
             "cost by parts": rule.cost is not None and not common(basis, agreement),
             "shapley": any(i.name == "shapley" for i in (basis, *inner)),
             "weights without end": any(len(getattr(i, "times", ())) == 4 for i in (basis, *inner))}
    assert all(expresses(one, agreement) for one in (basis, *inner))
    return {name for name, there in found.items() if there}
