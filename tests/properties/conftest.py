"""Which random cases are tried, and how many."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
settings.register_profile("poolbook", deadline=None, derandomize=True, suppress_health_check=_SLOW,
                          phases=(Phase.explicit, Phase.generate))
settings.register_profile("search", deadline=None, max_examples=1000, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("POOLBOOK_PROPERTIES", "poolbook"))
"""The tests try the same cases every time, and tell a failing one as it is; `POOLBOOK_PROPERTIES=search` looks for new
ones, for longer, and makes what it finds as small as it can."""
