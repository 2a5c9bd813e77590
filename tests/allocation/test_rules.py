"""Every rule of the agreement language: its worked examples, found with the rule itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from allocation.bases import ALL as BASES
from allocation.model import Example, Facts, Situation
from allocation.steps import ALL as STEPS
from allocation.terms import Rule

RULES: list[tuple[type[Rule], Example]] = [
    (kind, example) for kind in (*BASES.values(), *STEPS.values()) for example in kind.examples]


@pytest.mark.parametrize(("kind", "example"), RULES, ids=[f"{k.name}-{i}" for i, (k, _) in enumerate(RULES)])
def test_worked_example(kind: type[Any], example: Example) -> None:
    rule = kind.model_validate(dict(example.terms), context={"currency": "GBP"})
    if isinstance(example.given, Facts):
        assert rule.shares(example.given) == example.gives
    else:
        assert isinstance(example.given, Situation)
        taken = rule.take(example.given)
        assert {name: getattr(taken, name) for name in example.gives} == example.gives


@pytest.mark.parametrize(("kind", "example"), RULES, ids=[f"{k.name}-{i}" for i, (k, _) in enumerate(RULES)])
def test_a_rule_names_the_partners_that_its_terms_do(kind: type[Rule], example: Example) -> None:
    """Else one that is misspelt in an agreement would be taken for a partner."""
    given = example.given.facts if isinstance(example.given, Situation) else example.given
    named = kind.model_validate(dict(example.terms), context={"currency": "GBP"}).partners_named()
    assert {word for word in _words(example.terms) if word in given.partners} <= named


def _words(terms: object) -> Iterator[object]:
    """Every key and every value, however deep."""
    if isinstance(terms, Mapping):
        yield from terms
        terms = tuple(terms.values())
    if isinstance(terms, list | tuple):
        for one in terms:
            yield from _words(one)
    else:
        yield terms


@pytest.mark.parametrize("kind", [*BASES.values(), *STEPS.values()], ids=lambda kind: kind.name)
def test_a_rule_explains_itself(kind: type[Rule]) -> None:
    assert kind.examples
    for text in (kind.words, kind.formula, kind.source):
        assert len(text) > 3
