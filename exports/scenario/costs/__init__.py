"""Costs that are shared case by case, in cells: one file a cost rule, found by its name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping

from exports.scenario.costs.given import Cases

Write = Callable[[Cases], None]
"""Writes the rows of a rule, and puts on partners what they bear."""
KINDS: Mapping[str, Write] = {info.name: importlib.import_module(f"{__name__}.{info.name}").write
                              for info in pkgutil.iter_modules(__path__) if info.name != "given"}
