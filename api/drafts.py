"""Drafts of statements, kept in memory until the books have moved on.

Whoever looks through a draft asks for many pages of it. It is worked out from the books alone, so it is kept by the
chain's head: with the next entry nobody asks for it any more, and the newest few push it out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from commissioning.statement import Statement
from exports.language import ENGLISH, speaking

MOST = 16
"""Drafts that one process keeps: of 20 partners and 100 services less than a megabyte each."""


class Drafts:
    """The newest few drafts by their keys; for any number of threads (`commissioning.closing.drafts.Keep`)."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[Hashable, Statement](), Lock()

    def __call__(self, key: Hashable, make: Callable[[], Statement]) -> Statement:
        """The draft of that key; made in English, as a close seals it, whoever reads it first."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with speaking(ENGLISH):
            made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
