"""Ten thousand simulated years of a pool of ten partners and twenty services with a waterfall of five steps.

`python -m benchmarks.exposure` prints how long they take on arrays, and how long one takes in the engine.
"""

from __future__ import annotations

import time
from random import Random

from commissioning.agreement.reading import read_agreement
from commissioning.books.figures import OPENING
from commissioning.books.memoranda import Memoranda
from commissioning.books.postings import reserve
from commissioning.closing.position import Known
from commissioning.exposure.expose import expose, years
from commissioning.exposure.many import Many
from commissioning.exposure.terms import Uncertainty
from commissioning.exposure.year import Ground
from commissioning.scenario.base import Base, with_cost
from ledger.model import Head, Movement
from ledger.money import split

PARTNERS, SERVICES = [f"p{i}" for i in range(10)], [f"s{i:02d}" for i in range(20)]
RULE = {"id": "risk", "reference": "S1", "applies_to": {"fund": "core"},
        "overspend": [{"reserve": "general", "up_to": 250000}, {"absorb": {"partner": "p0"}, "up_to": 100000},
                      {"share": {"by": "contribution"}, "until_variance": 900000},
                      {"share": {"by": "equal"}, "caps": {"p2": 50000, "p3": "1%"}, "until_variance": 2000000},
                      {"dispute": "rest"}],
        "underspend": [{"to_reserve": "general", "owned": {"by": "contribution"}, "up_to": 150000},
                       {"return": {"by": "contribution"}}]}
CHANCES = {"demand": {"normal": {"mean": 0, "sd": 6}}, "price": {"triangular": {"low": -2, "mode": 1, "high": 5}},
           "timing": {"discrete": {"0": 70, "2": 30}}}


def pool() -> Base:
    """A year whose costs are its budgets, without books."""
    random = Random(4)
    lines = [{"fund": "core", "partner": p, "source": "base", "kind": "cash", "instalments": "annual",
              "amount": random.randint(1_000_000, 9_000_000)} for p in PARTNERS]
    parts = split(100 * sum(int(str(line["amount"])) for line in lines), [random.randint(1, 9) for _ in SERVICES])
    services = {s: {"fund": "core", "name": s, "lead": "p1", "budget": f"{part // 100}.{part % 100:02d}"}
                for s, part in zip(SERVICES, parts, strict=True)}
    text = str({"poolbook": 1, "partnership": {"id": "p", "name": "P", "currency": "GBP", "year_starts": "04-01",
                                               "periods": "quarter"},
                "partners": {p: {"name": p, "kind": "municipality"} for p in PARTNERS},
                "reserves": {"general": {"fund": "core", "opening": {"p0": 400000, "p1": 300000}}},
                "agreements": [{"id": "a", "reference": "A", "effective": "2024-04-01", "signed": "2024-03-01",
                                "funds": {"core": {"kind": "pooled", "host": "p0"}}, "contributions": lines,
                                "services": services, "rules": [RULE]}]})
    agreed = read_agreement(text)
    period = agreed.calendar.year(2024).periods()[-1]
    opening = [Movement(reserve("general", p), OPENING, "core", p, "", "", "", 0, 0, amount, 0)
               for p, amount in agreed.reserves["general"].opening.items()]
    base = Base(text, agreed, period, period, Known(opening, [], [[]], Memoranda(), [[]]), Head(0, ""))
    known = base.known
    for cost in base.costs:
        known = with_cost(known, base.planned, cost, base.planned[0].version.services[cost.service].budget)
    return Base(text, agreed, period, period, known, base.head)


def main() -> None:
    base, chances = pool(), dict.fromkeys(SERVICES, CHANCES)
    terms = Uncertainty.model_validate({"draws": 10_000, "seed": 3, "services": chances})
    started = time.perf_counter()
    expose(base, terms)
    print(f"10,000 years of 10 partners, 20 services, five steps: {time.perf_counter() - started:.2f} s")
    ground, some = Ground.of(base), list(years(base.costs, terms.model_copy(update={"draws": 200})))
    started = time.perf_counter()
    one_by_one = [ground.run(year) for year in some]
    print(f"one year in the engine: {(time.perf_counter() - started) * 1000 / len(some):.1f} ms")
    many = Many.of(ground)
    assert many is not None
    assert many.run(some) == one_by_one, "to the penny"


if __name__ == "__main__":
    main()
