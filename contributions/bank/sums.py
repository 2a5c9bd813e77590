"""Finds two to four items that come to an amount, among the nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import TypeVar

from contributions.bank.model import BankLine
from contributions.bank.suggestion import Booked, Expected

S = TypeVar("S", BankLine, Expected, Booked)
Pairs = Mapping[int, Sequence[tuple[int, int]]]


def sum_of(items: Sequence[S], total: int) -> tuple[S, ...] | None:
    """Two, else three, else four of the items that come to a total; of several such, the first."""
    amounts = [item.amount for item in items]
    pairs: dict[int, list[tuple[int, int]]] = {}
    for pair in combinations(range(len(items)), 2):
        pairs.setdefault(amounts[pair[0]] + amounts[pair[1]], []).append(pair)
    found = next(chain(pairs.get(total, []), _triples(amounts, pairs, total), _fours(amounts, pairs, total)), None)
    return None if found is None else tuple(items[i] for i in found)


def _triples(amounts: Sequence[int], pairs: Pairs, total: int) -> Iterator[tuple[int, ...]]:
    for i, amount in enumerate(amounts):
        yield from ((i, *pair) for pair in pairs.get(total - amount, ()) if i < pair[0])


def _fours(amounts: Sequence[int], pairs: Pairs, total: int) -> Iterator[tuple[int, ...]]:
    for i, j in combinations(range(len(amounts)), 2):
        yield from ((i, j, *pair) for pair in pairs.get(total - amounts[i] - amounts[j], ()) if j < pair[0])
