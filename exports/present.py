"""Turns a statement into the view that all faces draw: the one place where words and figures come together."""

from __future__ import annotations

from commissioning.statement import Statement, WorkingLine
from exports.charts import services
from exports.facts import STATUS_WORDS, Facts, facts, is_detail, rating_rule, sign_rule
from exports.opening import decisions, figures
from exports.retold import retold
from exports.tables import asked, tables
from exports.tables_books import working_table
from exports.verdict import verdict
from exports.view import Step, View
from exports.words import capital, clock, counted, currency_name, day, money
from ledger.language import _


def present(statement: Statement) -> View:
    """The whole statement as people read it."""
    known = facts(statement)
    return View(
        title=known.title, status=known.status, standing=known.standing, verdict=verdict(known),
        figures=figures(known), decisions=decisions(known), asked=asked(known), chart=services(known),
        tables=tables(known), working=working_table(statement, known),
        steps=tuple(_step(known, number, line) for number, line in enumerate(statement.working, 1)),
        notes=_notes(known), ledger=_ledger(statement), currency=statement.currency, reference=_reference(statement))


def _reference(s: Statement) -> str:
    """What stands at the foot of every page."""
    form = (_("{pool}, {period}, issue {issue}. Ledger head {head}") if s.issue else
            _("{pool}, {period}, a draft. Ledger head {head}"))
    return form.format(pool=s.name or s.partnership, period=s.period, issue=s.issue,
                       head=s.head[:12] or _("none yet"))


def _step(known: Facts, number: int, line: WorkingLine) -> Step:
    currency = known.statement.currency
    taken = "; ".join(f"{known.name(key)} {money(part, currency)}" for key, part in line.out.items() if part)
    said = _("Comes in: {amount}. Taken: {parts}. Goes on: {rest}.").format(
        amount=money(line.amount_in, currency), parts=taken or _("nothing"), rest=money(line.remaining, currency))
    reason = f"{capital(retold(line.because)).rstrip('.')}." if line.because else ""
    return Step(number, known.step(line), line.reference or line.rule, said, reason, is_detail(line))


def _notes(known: Facts) -> tuple[str, ...]:
    s = known.statement
    own = (_("This is the extract for {partner}: other partners' own figures are left out; the pool's totals are "
             "whole.").format(partner=s.partners[0].name),) if known.extract else ()
    unit = _("Amounts are in {currencies} ({code}), for the year to date from {start} to {end}, net of recoverable "
             "VAT.").format(currencies=currency_name(s.currency), code=s.currency, start=day(s.starts), end=day(s.ends))
    return (*own, unit, sign_rule(), rating_rule(),
            _("Plan to date: the part of the annual budget that falls in the period so far. Actual: cost when "
              "incurred, net of users' charges and of income that names the service."),
            _("Amount due under the agreement: the contribution with the share of the variance, or the share of cost."))


def _ledger(s: Statement) -> tuple[tuple[str, str], ...]:
    rests = "; ".join(_("{agreement} ({status}, in effect from {date})").format(
        agreement=a.reference or a.id, status=_(STATUS_WORDS.get(a.status, a.status)), date=day(a.effective))
        for a in s.agreements)
    return ((_("Drawn from"), _("the first {count} entries of the ledger").format(count=counted(s.entries))),
            (_("Ledger head"), s.head or _("none yet")), (_("As known at"), clock(s.known_at)),
            (_("Issue"), str(s.issue) if s.issue else _("none: a draft")), (_("Reconciliation"), _reconciled(s)),
            (_("Agreements"), rests or _("none was in force")))


def _reconciled(s: Statement) -> str:
    """Which checks tie the statement to the ledger, and whether they hold."""
    if not s.checks:
        return _("no check was recorded")
    held = [retold(check.check) for check in s.checks if check.holds]
    failed = [retold(check.check) for check in s.checks if not check.holds]
    parts = [_("{held} of {count} checks hold").format(held=len(held), count=len(s.checks))]
    if failed:
        parts.append(_("FAILS: {checks}").format(checks=", ".join(failed)))
    if held:
        parts.append(_("holds: {checks}").format(checks=", ".join(held)))
    return "; ".join(parts)
