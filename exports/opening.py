"""What stands on the first page beside the verdict: the three figures, and what the board is asked to decide."""

from __future__ import annotations

from exports.facts import Facts, rating
from exports.verdict import ask
from exports.view import KeyFigure
from exports.words import listed, money, percent
from ledger.language import _


def figures(facts: Facts) -> tuple[KeyFigure, ...]:
    """The three figures of the first page."""
    s, t = facts.statement, facts.statement.totals
    forecast = t.forecast - t.annual_budget
    of_year = _of_year(forecast, t.annual_budget)
    asked = sum(max(ask(facts, line), 0) for line in s.partners)
    if facts.outturn:
        first = KeyFigure(_for_the_year(t.variance), money(abs(t.variance), s.currency), of_year)
        second = _left_over(facts)
    else:
        spent = _("spent {actual} of {plan} planned").format(
            actual=money(t.actual, s.currency), plan=money(t.budget, s.currency))
        first = KeyFigure(_to_date(t.variance), money(abs(t.variance), s.currency), spent)
        second = KeyFigure(_forecast(forecast), money(abs(forecast), s.currency), of_year)
    return first, second, KeyFigure(
        _ask_label(facts), money(asked, s.currency), _("contributions due to date, not yet paid") if s.indicative else
        _("settlement of amounts due under the agreement"))


def _for_the_year(variance: int) -> str:
    return (_("Overspend for the year") if variance > 0 else _("Underspend for the year") if variance else
            _("Variance for the year"))


def _to_date(variance: int) -> str:
    return _("Overspend to date") if variance > 0 else _("Underspend to date") if variance else _("Variance to date")


def _forecast(variance: int) -> str:
    return (_("Overspend forecast for the year") if variance > 0 else
            _("Underspend forecast for the year") if variance else _("Variance forecast for the year"))


def _of_year(variance: int, plan: int) -> str:
    word = _(rating(variance, plan))
    if not plan:
        return _("no annual budget; rating {rating}").format(rating=word)
    return _("{share} of the annual budget; rating {rating}").format(share=percent(variance, plan), rating=word)


def _left_over(facts: Facts) -> KeyFigure:
    """At the year's end: what reserves hold, or, where there is none, what nobody has agreed to bear."""
    s = facts.statement
    if s.reserves and not facts.extract:
        drawn = sum(line.drawn for line in s.reserves)
        return KeyFigure(_("Reserves at the end"), money(sum(line.closing for line in s.reserves), s.currency),
                         _("{amount} drawn in the period").format(amount=money(drawn, s.currency)))
    return KeyFigure(_("Contested or unallocated"), money(s.contested + s.unallocated, s.currency),
                     _("of the variance") if s.contested or s.unallocated else _("every amount has its bearer"))


def _ask_label(facts: Facts) -> str:
    if facts.extract:
        return _("Asked of this partner now") if facts.statement.indicative else _("Asked of this partner")
    return _("Asked of partners now") if facts.statement.indicative else _("Asked of partners")


def decisions(facts: Facts) -> tuple[str, ...]:
    """What the pool manager asks the board to decide, and what waits for a decision by the figures themselves."""
    s = facts.statement
    asked = [_("{service}: {decision}").format(service=facts.services[note.service], decision=note.text)
             if note.service in facts.services else note.text for note in s.notes if note.kind == "decision"]
    if not asked:
        asked = [_("This extract shows no decision that the pool manager asks for.") if facts.extract else
                 _("The pool manager asks for no decision.")]
    return (*asked, *_waiting(facts))


def _waiting(facts: Facts) -> list[str]:
    s = facts.statement
    found = []
    if unsigned := s.signed_as("draft"):
        found.append(_("Waiting: the signature of {agreements}.").format(agreements=listed(unsigned)))
    if s.contested:
        found.append(_("Waiting: who bears the {amount} that is contested.").format(
            amount=money(abs(s.contested), s.currency)))
    if s.unallocated:
        form = (_("Waiting: who bears the {amount} that no rule of the agreement covers.") if s.unallocated > 0 else
                _("Waiting: who keeps the {amount} that no rule of the agreement covers."))
        found.append(form.format(amount=money(abs(s.unallocated), s.currency)))
    return found
