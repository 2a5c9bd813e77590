"""The reference for people who draft agreements: every rule's words, formula, keys, source and worked examples.

Made from the rule files themselves: `python -m allocation.reference > docs/language.md`; a test holds it current.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from allocation.bases import ALL as BASES
from allocation.cost import UNIT, CostExample
from allocation.costs import ALL as COSTS
from allocation.distribution import Distribution, DistributionExample
from allocation.model import Facts, Situation
from allocation.outcome import Outcome, OutcomeExample
from allocation.steps import ALL as STEPS
from allocation.terms import Rule, number_text
from ledger.money import grouped

OPENING = """# The agreement language: every rule

What partners sign, Poolbook runs. This page lists the rules that an agreement is built from, each with its words, its
formula and a worked example; it is made from the rule files, and the examples are run by the tests. The frame around
them (partnership, funds, contributions, services, versions) is in the contract, and `poolbook schema` gives it to
editors, which then complete and check a file as it is written.

Shares are exact fractions. Money is rounded in one place: largest remainder, ties to the partner that the file lists
first. A percentage may be written as a fraction, `100/3`. Any step may carry `up_to`: the most that it takes in the
financial year, an amount or, in quotes, a percentage of the covered services' annual budget.

Beyond the contract's keys a version may say who comes and goes on the day on which it takes effect:
`leavers: {partner: {reserves: paid_out}}` pays a partner that has left its part of each reserve, `{reserves: left}`
leaves that to the others in proportion to theirs; `joiners: {partner: {reserves: {reserve: amount}}}` is what a joining
partner puts in. Both count after what the reserve bore under the version before, and are settled with the year.

The finance officer adds accounts to those of the contract by `accounts: [liabilities:vat, expenses:beds:travel]` beside
`reserves:`. Journal entries and adjustments may then name them. What stands below a service's account is that service's
cost, and what stands below `income:other:<fund>` that fund's income; no account is added where statements count on the
names, such as `assets:bank`.
"""
MODIFIERS = ("floor", "ceiling", "otherwise")
MODIFIED = """Any basis may carry `floor: {partner: percent}` and `ceiling: {partner: percent}`: what is over a ceiling
goes to the others in proportion, repeated until none is over. `else: equal | last_agreed | refuse` says what holds
while every partner's figure is zero; `refuse` is the default.
"""
ALSO = {"shared": "the keys of the basis, "}


def reference() -> str:
    """The whole page."""
    parts = [OPENING]
    for title, kinds, how in (("Share bases", BASES, "by: {}"), ("Variance steps", STEPS, "{}:"),
                              ("Sharing a cost", COSTS, "cost, by: {}")):
        parts.append(f"\n## {title}\n")
        parts += [MODIFIED] if kinds is BASES else []
        parts += [_section(kind, how.format(name if name != "shared" else "<any share basis>"))
                  for name, kind in kinds.items()]
    parts.append("\n## Distributions and outcomes\n")
    parts += [_section(Distribution, "distributions:"), _section(Outcome, "outcomes:")]
    return "\n".join(parts).rstrip() + "\n"


def _section(kind: type[Rule], heading: str) -> str:
    keys = ", ".join(f"`{info.alias or name}`" + ("" if info.is_required() else " (optional)")
                     for name, info in kind.model_fields.items() if name not in _left_out(kind))
    lines = [f"### `{heading}`\n", kind.words, "", f"- Formula: {kind.formula}"]
    if keys:
        lines.append(f"- Keys: {ALSO.get(kind.name, '')}{keys}")
    lines += [f"- Source: {kind.source}", *_examples(kind.examples), ""]
    return "\n".join(lines)


def _left_out(kind: type[Rule]) -> tuple[str, ...]:
    """Keys that are said elsewhere on the page."""
    of_bases = MODIFIERS if kind.name in BASES else ()
    return (*of_bases, "by", "up_to", *(("basis",) if kind.name == "shared" else ()))


def _examples(examples: Iterable[Any]) -> Iterator[str]:
    for example in examples:
        given, facts = _given(example)
        words = f" ({example.words})" if example.words else ""
        gives = example.gains if isinstance(example, OutcomeExample) else example.gives
        yield f"- Example: `{_terms(example.terms)}`{given} gives {_gives(gives, facts.currency)}{words}"


def _given(example: Any) -> tuple[str, Facts]:
    """What an example starts from, in words, and its facts."""
    if isinstance(example, CostExample):
        items = "; ".join(" ".join(part for part in (
            item.service, item.cost_class, item.case, f"for {item.beneficiary}" if item.beneficiary else "",
            f"{number_text(Fraction(item.units, UNIT))} units" if item.units else "",
            grouped(item.amount, example.facts.currency)) if part) for item in example.items)
        return f" on {items}", example.facts
    if isinstance(example, OutcomeExample):
        measured = "nothing measured" if example.measured is None else \
            f"{number_text(Fraction(example.measured, UNIT))} measured"
        return f", {measured} after {number_text(example.part)} of the year,", Facts((), ())
    if isinstance(example, DistributionExample):
        return "", example.facts
    if isinstance(example.given, Situation):
        facts = example.given.facts
        offered = f", {grouped(example.given.offered, facts.currency)} of it left" \
            if example.given.offered != example.given.variance else ""
        return f" on an {example.given.side} of {grouped(example.given.variance, facts.currency)}{offered}", facts
    facts = example.given
    given = ", ".join(f"{p} {grouped(c, facts.currency)}" for p, c in facts.contributions.items())
    return (f" with contributions {given}" if given else ""), facts


def _terms(value: Any) -> str:
    """Terms as flow-style YAML, as people would write them in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_terms(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_terms(one) for one in value) + "]"
    return f'"{value}"' if str(value).endswith("%") else str(value)


def _gives(value: Any, currency: str) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {_gives(one, currency)}" for key, one in value.items()) or "nothing"
    if isinstance(value, Fraction):
        return f"{number_text(100 * value)} %"
    if isinstance(value, int):
        return grouped(value, currency)
    if isinstance(value, list | tuple):
        return ", ".join(_gives(one, currency) for one in value)
    return str(value)


if __name__ == "__main__":
    print(reference(), end="")
