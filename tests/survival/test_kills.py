"""A few dozen kills at random moments; `python -m tests.survival.kills` does hundreds."""

from __future__ import annotations

import random

import pytest

from tests.survival import kills

KILLS = {"sqlite": 12, "postgresql": 12}


@pytest.mark.slow
@pytest.mark.parametrize("database", list(KILLS))
def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(database: str) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # shown when it fails
    with kills.siege(database, seed) as under:
        for how in kills.plan(database, KILLS[database], under.rng):
            under.attack(how)
        print(under.tally)
        assert sum(under.tally.kills.values()) == KILLS[database]
        assert under.tally.answered > KILLS[database], "there was load"
