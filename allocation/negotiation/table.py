"""The methods side by side: who has what under each, to the penny, and what each does to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocation.negotiation.game import Game, Objection, convex, game_of, objections
from allocation.negotiation.method import Method
from allocation.negotiation.methods import ALL
from allocation.negotiation.nucleolus import MOST_PARTIES, Core, core_of
from allocation.negotiation.properties import Case, Finding, findings
from allocation.negotiation.question import Question
from allocation.terms import number_text
from ledger.errors import PoolbookError
from ledger.money import decimals, largest_remainder, round_half_up, to_text


@dataclass(frozen=True, slots=True)
class Column:
    """One method's answer. `exact` and `amounts` by party; amounts are whole minor units that sum to the whole."""

    method: Method
    exact: Mapping[str, Fraction]
    amounts: Mapping[str, int]
    findings: tuple[Finding, ...]
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A method that gives no answer here, and why."""

    method: Method
    because: PoolbookError


@dataclass(frozen=True, slots=True)
class Division:
    """A question with every method's answer. `core` and `convex`: where coalitions' own figures are stated.

    `core` is None also where there are more parties than `nucleolus.MOST_PARTIES`; objections are found all the same.
    """

    question: Question
    currency: str
    columns: tuple[Column, ...]
    left_out: tuple[LeftOut, ...]
    core: Core | None = None
    convex: bool | None = None


def divide(question: Question, methods: Sequence[Method] | None = None, currency: str = "GBP") -> Division:
    """Every method's division of a pot or cost, in the order of `methods` (None: all that have no terms of their own).

    A method that the question states too little for, or that has no answer to it, is in `left_out` with its reason.
    """
    game = game_of(question) if question.alone else None
    columns, left_out = [], []
    for method in plain() if methods is None else methods:
        try:
            columns.append(_column(question, game, method, currency))
        except PoolbookError as error:
            left_out.append(LeftOut(method, error))
    core = core_of(game) if game and len(question.parties) <= MOST_PARTIES else None
    return Division(question, currency, tuple(columns), tuple(left_out), core, convex(game) if game else None)


def plain() -> list[Method]:
    """Every method that can be asked for by its bare name."""
    return [kind() for kind in ALL.values() if not any(field.is_required() for field in kind.model_fields.values())]


def path(question: Question, method: Method, pots: Sequence[int], currency: str = "GBP") -> list[dict[str, int]]:
    """What each has year by year, when every year's answer is the next year's baseline; one pot (or cost) a year."""
    found: list[dict[str, int]] = []
    for pot in pots:
        asked = question.with_amount(pot)
        if found:
            asked = asked.model_copy(update={"baseline": found[-1]})
        found.append(_whole(method.awards(asked, currency)))
    return found


def _whole(exact: Mapping[str, Fraction]) -> dict[str, int]:
    return dict(zip(exact, largest_remainder(list(exact.values())), strict=True))


def _column(question: Question, game: Game | None, method: Method, currency: str) -> Column:
    exact = method.awards(question, currency)
    amounts = _whole(exact)
    assert sum(amounts.values()) == question.amount, "the parts of a division sum to its whole"
    return Column(method, exact, amounts, findings(Case(question, game, method, exact, currency)),
                  objections(game, exact) if game else ())


def as_data(division: Division) -> dict[str, Any]:
    """The division as plain data for JSON: amounts as decimal strings, exact shares beside them as fractions of these.

    `{"divided": "pot"|"cost", "amount", "currency", "parties": [..], "core": {"empty", "complaint", "convex"} | null,
    "methods": [{"method", "title", "words", "formula", "source", "amounts": {party: amount}, "exact": {party: text},
    "properties": [{"property", "words", "holds", "missed_by", "who"}], "objections": [{"members", "by"}]}],
    "left_out": [{"method", "title", "code", "because", "remedy"}]}`. `complaint` is rounded half up.
    """
    def money(amount: int) -> str:
        return to_text(amount, division.currency)

    core, unit = division.core, 10 ** decimals(division.currency)
    return {
        "divided": "cost" if division.question.bears else "pot", "amount": money(division.question.amount),
        "currency": division.currency, "parties": list(division.question.parties),
        "core": None if core is None else {
            "empty": core.empty, "convex": division.convex,
            "complaint": None if core.complaint is None else money(round_half_up(core.complaint))},
        "methods": [{**_said(one.method), "amounts": {p: money(amount) for p, amount in one.amounts.items()},
                     "exact": {p: number_text(amount / unit) for p, amount in one.exact.items()},
                     "properties": [{"property": f.name, "words": f.words, "holds": f.holds,
                                     "missed_by": money(f.missed_by), "who": list(f.who)} for f in one.findings],
                     "objections": [{"members": list(o.members), "by": money(max(round_half_up(o.by), 1))}
                                    for o in one.objections]} for one in division.columns],
        "left_out": [{"method": one.method.name, "title": one.method.title(), "code": one.because.code,
                      "because": one.because.message, "remedy": one.because.advice} for one in division.left_out]}


def _said(method: Method) -> dict[str, str]:
    return {"method": method.name, "title": method.title(), "words": method.words, "formula": method.formula,
            "source": method.source}
