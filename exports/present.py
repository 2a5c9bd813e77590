"""Turns a statement into the view that all faces draw: the one place where words and figures come together."""

from __future__ import annotations

from commissioning.statement import ServiceLine, Statement, WorkingLine
from exports.facts import RATING_RULE, SIGN_RULE, STATUS_WORDS, Facts, facts, is_detail
from exports.tables import asked, tables, working_table
from exports.verdict import figures, verdict
from exports.view import Bar, Chart, Step, View
from exports.words import CURRENCY_NAMES, Kind, clock, day, money, noun, signed

MOST_BARS = 12


def present(statement: Statement) -> View:
    """The whole statement as people read it."""
    known = facts(statement)
    issue = f"issue {statement.issue}" if statement.issue else "a draft"
    return View(
        title=known.title, status=known.status, standing=known.standing, verdict=verdict(known),
        figures=figures(known), asked=asked(known), chart=_chart(known),
        tables=tables(known), working=working_table(statement, known),
        steps=tuple(_step(known, number, line) for number, line in enumerate(statement.working, 1)),
        notes=_notes(known), ledger=_ledger(statement), currency=statement.currency,
        reference=f"{statement.name or statement.partnership}, {statement.period}, {issue}. "
                  f"Ledger head {statement.head[:12]}")


def _chart(known: Facts) -> Chart | None:
    s = known.statement
    lines = [line for line in s.services if line.budget or line.actual]
    if not lines:
        return None
    largest = sorted(lines, key=lambda line: -abs(line.variance))[:MOST_BARS]
    shown = [line for line in lines if line in largest]
    bars = tuple(Bar(line.name or line.id, line.budget, line.actual,
                     signed(line.variance, Kind.VARIANCE, s.currency)) for line in shown)
    left = len(lines) - len(shown)
    few = f" The {len(shown)} of {len(lines)} services that vary most; all are in the table." if left else ""
    said = "; ".join(f"{bar.label}: actual {money(bar.actual, s.currency)}, plan {money(bar.plan, s.currency)}, "
                     f"{bar.printed}" for bar in bars)
    return Chart(_chart_heading(s, lines), f"Bar: actual to date. Line: plan to date. Figures: variance to date.{few}",
                 f"Bar chart of actual against plan to date. {said}.", bars)


def _chart_heading(s: Statement, lines: list[ServiceLine]) -> str:
    """The message: which service makes most of the variance, where one does."""
    if not s.totals.variance:
        return "Spending against plan: in total exactly on plan"
    side = 1 if s.totals.variance > 0 else -1
    same = [line for line in lines if line.variance * side > 0]
    whole = sum(abs(line.variance) for line in same)
    top = max(same, key=lambda line: abs(line.variance), default=None)
    if top is None or len(lines) == 1 or 2 * abs(top.variance) <= whole:
        return f"Where the {noun(side)} arises"
    share = "all" if abs(top.variance) == whole else "more than half"
    return f"{top.name or top.id} makes {share} of the {noun(side)}s" if share != "all" else (
        f"The {noun(side)} arises in {top.name or top.id}")


def _step(known: Facts, number: int, line: WorkingLine) -> Step:
    currency = known.statement.currency
    taken = "; ".join(f"{known.name(key)} {money(part, currency)}" for key, part in line.out.items() if part)
    passed = f"Goes on: {money(line.remaining, currency)}."
    reason = f"{line.because[:1].upper()}{line.because[1:].rstrip('.')}." if line.because else ""
    return Step(number, known.step(line), line.reference or line.rule,
                f"Comes in: {money(line.amount_in, currency)}. Taken: {taken or 'nothing'}. {passed}", reason,
                is_detail(line))


def _notes(known: Facts) -> tuple[str, ...]:
    s = known.statement
    unit = CURRENCY_NAMES.get(s.currency, s.currency)
    own = (f"This is the extract for {s.partners[0].name}: other partners' own figures are left out; the pool's totals "
           "are whole.",) if known.extract else ()
    return (*own, f"Amounts are in {unit} ({s.currency}), for the year to date from {day(s.starts)} to {day(s.ends)}, "
            "net of recoverable VAT.", SIGN_RULE, RATING_RULE,
            "Plan to date: the part of the annual budget that falls in the period so far. "
            "Actual: cost when incurred, net of users' charges and of income that names the service.",
            "Amount due under the agreement: the contribution with the share of the variance, or the share of cost.")


def _ledger(s: Statement) -> tuple[tuple[str, str], ...]:
    held = [check.check for check in s.checks if check.holds]
    failed = [check.check for check in s.checks if not check.holds]
    ties = "; ".join([f"{len(held)} of {len(s.checks)} checks hold",
                      *([f"FAILS: {', '.join(failed)}"] if failed else []),
                      *([f"holds: {', '.join(held)}"] if held else [])])
    rests = "; ".join(f"{a.reference or a.id} ({STATUS_WORDS.get(a.status, a.status)}, in effect from "
                      f"{day(a.effective)})" for a in s.agreements)
    return (("Drawn from", f"the first {s.entries:,} entries of the ledger"), ("Ledger head", s.head or "none yet"),
            ("As known at", clock(s.known_at)), ("Issue", str(s.issue or "none: a draft")),
            ("Reconciliation", ties if s.checks else "no check was recorded"),
            ("Agreements", rests or "none was in force"))
