"""How long a statement takes to draw: 20 partners × 100 services at the half year, as PDF, page, workbook and JSON.

Processor time, which on a free machine is the time that passes: drawing has one thread and waits for nothing.

    python -m benchmarks.statement [--times 5]
"""

from __future__ import annotations

import argparse
import time

from commissioning.statement import Statement
from exports.faces import FORMATS
from ledger.money import split
from tests.exports.samples import Body, Cost, build

PARTNERS, SERVICES = 20, 100
GOALS = {"pdf": 2.0, "html": 0.5}  # seconds


def statement() -> Statement:
    """A pool of that size, with an overspend that a reserve and all partners bear."""
    bodies = [Body(f"p{n}", f"Partner {n} Integrated Care Board", (91_000_000 + 7_777_777 * n) * 100,
                   (45_000_000 + 4_100_000 * n) * 100) for n in range(PARTNERS)]
    annual = split(sum(body.contribution for body in bodies), list(range(3, SERVICES + 3)))
    costs = [Cost(f"s{n}", f"Service {n}: community rehabilitation", plan, plan // 2 + (n - 47) * 61_234_56,
                  plan + (n - 45) * 101_010_10) for n, plan in enumerate(annual)]
    return build("A large pool", "FY2018-Q2", 2, bodies, costs, reserve=250_000_00)


def run(times: int) -> None:
    """Draws each face so often, the first time apart (it loads what draws), and prints the middle of the others."""
    made = statement()
    for name, face in FORMATS.items():
        spans = []
        for _time in range(times + 1):
            began = time.process_time()
            size = len(face.render(made))
            spans.append(time.process_time() - began)
        middle, goal = sorted(spans[1:])[times // 2], f" (goal {GOALS[name]:.1f} s)" if name in GOALS else ""
        print(f"statement {PARTNERS} partners × {SERVICES} services, {name}: {middle:.2f} s{goal}, first "
              f"{spans[0]:.2f} s, {size / 1000:,.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    run(parser.parse_known_args()[0].times)


if __name__ == "__main__":
    main()
