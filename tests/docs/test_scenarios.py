"""The files that docs/scenarios.md shows can be used as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from allocation.negotiation.asked import Asked, answered
from commissioning.agreement.reading import read_terms
from commissioning.exposure.terms import Uncertainty
from commissioning.negotiation.chances import weigh_chances
from tests.negotiation.samples import options, record

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
RECORD, CHANCES, FAIR = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_record_is_read() -> None:
    found = record(RECORD)
    assert (len(found.principles), len(found.inputs), len(found.offers)) == (1, 1, 1)
    assert found.grown == (4,)


def test_the_chances_are_drawn() -> None:
    terms = read_terms(Uncertainty, CHANCES, "chances.yaml", "GBP").model_copy(update={"draws": 20})
    assert weigh_chances(options()[:1], terms).exposures[0].years == 20


def test_the_question_is_answered_by_every_method() -> None:
    found = answered(read_terms(Asked, FAIR, "fair.yaml", "GBP"), "GBP")
    assert (len(found.columns), found.left_out) == (9, ())
