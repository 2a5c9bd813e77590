"""The verdict: what the figures mean, in plain sentences that the program writes from the figures."""

from __future__ import annotations

from commissioning.statement import PartnerLine
from exports.facts import Facts, forecast_variance, rating
from exports.view import KeyFigure
from exports.words import day, listed, money, noun, number_word, over_or_under, percent

FEW = 4  # partners that a sentence can name one by one


def verdict(facts: Facts) -> tuple[str, ...]:
    """The paragraphs, most important first; the first is the headline."""
    found = [(_position,), (_causes, _forecast, _since), (_shares,), (_asked,), (_standing, _open), (_faults,)]
    said = (" ".join(words for tell in paragraph if (words := tell(facts))) for paragraph in found)
    return tuple(words for words in said if words)


def figures(facts: Facts) -> tuple[KeyFigure, ...]:
    """The three figures of the first page."""
    s, currency = facts.statement, facts.statement.currency
    forecast = s.totals.forecast - s.totals.annual_budget
    asked = sum(max(_ask(facts, line), 0) for line in s.partners)
    when = "for the year" if _is_outturn(facts) else "to date"
    of_year = f"{_of_plan(forecast, s.totals.annual_budget)}; rating {rating(forecast, s.totals.annual_budget)}"
    return (
        KeyFigure(_variance_label(s.totals.variance, when), money(abs(s.totals.variance), currency),
                  of_year if _is_outturn(facts) else
                  f"spent {money(s.totals.actual, currency)} of {money(s.totals.budget, currency)} planned"),
        _left_over(facts) if _is_outturn(facts) else
        KeyFigure(_variance_label(forecast, "forecast for the year"), money(abs(forecast), currency), of_year),
        KeyFigure(_ask_label(facts), money(asked, currency),
                  "contributions due to date, not yet paid" if s.indicative else
                  "settlement of amounts due under the agreement"))


def _is_outturn(facts: Facts) -> bool:
    """Whether the year is over, so that position and forecast are one figure."""
    t = facts.statement.totals
    return facts.whole_year and t.forecast == t.actual and t.budget == t.annual_budget


def _left_over(facts: Facts) -> KeyFigure:
    """At the year's end: what reserves hold, or, where there is none, what nobody has agreed to bear."""
    s = facts.statement
    if s.reserves and not facts.extract:
        drawn = sum(line.drawn for line in s.reserves)
        return KeyFigure("Reserves at the end", money(sum(line.closing for line in s.reserves), s.currency),
                         f"{money(drawn, s.currency)} drawn in the period")
    return KeyFigure("Contested or unallocated", money(s.contested + s.unallocated, s.currency),
                     "of the variance" if s.contested or s.unallocated else "every amount has its bearer")


def _ask_label(facts: Facts) -> str:
    whom = "this partner" if facts.extract else "partners"
    return f"Asked of {whom} now" if facts.statement.indicative else f"Asked of {whom}"


def _variance_label(variance: int, when: str) -> str:
    return f"{noun(variance).capitalize() if variance else 'Variance'} {when}"


def _of_plan(variance: int, plan: int) -> str:
    return f"{percent(variance, plan)} of the annual budget" if plan else "no annual budget"


def _position(facts: Facts) -> str:
    s, t = facts.statement, facts.statement.totals
    when = f"From {day(s.starts)} to {day(s.ends)}"
    if not t.actual and not t.budget:
        given = _given_out(facts)
        return f"{when} {given}." if given else f"{when} nothing was planned and nothing was spent."
    spent = f"the pool spent {money(t.actual, s.currency)}" if t.actual else "the pool spent nothing"
    share = f" ({percent(t.variance, t.budget)})" if t.variance and t.budget else ""
    return (f"{when} {spent} against a plan to date of {money(t.budget, s.currency)}: "
            f"{over_or_under(t.variance, s.currency)}{share}.")


def _given_out(facts: Facts) -> str:
    """Where the pool gives money out rather than spends it: how much of each pot, to how many."""
    s = facts.statement
    return listed([f"{money(sum(parts.values()), s.currency)} of {pot} is given out to {number_word(len(parts))} "
                   f"recipient{'s' if len(parts) != 1 else ''}" for pot, parts in s.distributions.items()])


def _causes(facts: Facts) -> str:
    """Which services make the variance, largest first, and which go the other way."""
    s = facts.statement
    side = 1 if s.totals.variance >= 0 else -1
    ordered = sorted((line for line in s.services if line.variance), key=lambda line: -abs(line.variance))
    same = [f"{line.name or line.id} ({money(abs(line.variance), s.currency)} {'over' if side > 0 else 'under'})"
            for line in ordered if line.variance * side > 0]
    against = [f"{line.name or line.id} ({money(abs(line.variance), s.currency)} "
               f"{'under' if side > 0 else 'over'})" for line in ordered if line.variance * side < 0]
    if not same:
        return ""
    subject = f"The {noun(side)} arises in" if s.totals.variance else "Overspends and underspends cancel out:"
    counter = f", set against {_named(against)}" if against else ""
    return f"{subject} {_named(same)}{counter}."


def _named(items: list[str]) -> str:
    shown = items[:3]
    rest = len(items) - len(shown)
    return listed([*shown, f"{number_word(rest)} more {'service' if rest == 1 else 'services'}"] if rest else shown)


def _forecast(facts: Facts) -> str:
    s, t = facts.statement, facts.statement.totals
    variance = t.forecast - t.annual_budget
    if _is_outturn(facts):
        return "This is the outturn of the year." if t.actual or t.budget else ""
    if not t.forecast and not t.annual_budget:
        return ""
    share = f" ({percent(variance, t.annual_budget)})" if variance and t.annual_budget else ""
    worst = max(s.services, key=lambda line: abs(forecast_variance(line)), default=None)
    where = (f", most of all in {worst.name or worst.id}"
             if worst and variance * forecast_variance(worst) > 0 and len(s.services) > 1 else "")
    return (f"The year is forecast to end at {money(t.forecast, s.currency)} against an annual budget of "
            f"{money(t.annual_budget, s.currency)}: {over_or_under(variance, s.currency)}{share}{where}.")


def _since(facts: Facts) -> str:
    """What has changed since the statement before: the year's forecast, and where most of it."""
    s = facts.statement
    if s.previous is None:
        return ""
    moved = {line.name or line.id: line.forecast - s.previous.forecasts.get(line.id, 0) for line in s.services}
    gone = sum(amount for name, amount in s.previous.forecasts.items() if name not in facts.services)
    change = sum(moved.values()) - gone
    if not change:
        return f"In total that is what {s.previous.period} expected."
    most = max(moved, key=lambda name: abs(moved[name]))
    where = f", most of all {money(abs(moved[most]), s.currency)} in {most}" if len(moved) > 1 and (
        moved[most] * change > 0) else ""
    which = "more" if change > 0 else "less"
    return f"That is {money(abs(change), s.currency)} {which} than {s.previous.period} expected{where}."


def _shares(facts: Facts) -> str:
    """Who bears the variance, and by which clause; on an interim statement also what the forecast would bring."""
    s = facts.statement
    bearing = [line for line in s.partners if line.share_of_variance]
    if not bearing:
        return "No partner bears any of the variance." if s.totals.variance and not facts.extract else ""
    if len(bearing) > FEW:
        total = sum(line.share_of_variance for line in bearing)
        shared = (f"{money(abs(total), s.currency)} of the {noun(total)} falls on "
                  f"{number_word(len(bearing))} partners" if total else
                  f"the variance is shared among {number_word(len(bearing))} partners")
        shared += _with_gap(facts)
    else:
        of = f"of the {noun(s.totals.variance)}" if all(
            line.share_of_variance * s.totals.variance > 0 for line in bearing) else "of the variance"
        shared = f"{listed([_bears(line, s.currency) for line in bearing])} {of}{_with_gap(facts)}"
    rules = list(dict.fromkeys(clause for line in bearing for clause in facts.clauses(line.id)))
    under = f"Under {listed(rules)}, " if rules else ""
    text = f"{under}{shared}."
    return text[0].upper() + text[1:] + _early_notice(facts)


def _with_gap(facts: Facts) -> str:
    """What was shared together with the variance: contributions that fall short of budgets."""
    s = facts.statement
    short = sum(fund.gap.amount for fund in s.funds if fund.gap)
    return f" together with the {money(short, s.currency)} that contributions are short of budgets" if short else ""


def _bears(line: PartnerLine, currency: str) -> str:
    amount = money(abs(line.share_of_variance), currency)
    return f"{line.name} bears {amount}" if line.share_of_variance > 0 else f"{line.name} gains {amount}"


def _early_notice(facts: Facts) -> str:
    s = facts.statement
    called = [line for line in s.partners if line.forecast_share != line.share_of_variance and line.forecast_share]
    if not called or not s.indicative:
        return ""
    if len(called) > FEW:
        total = sum(line.forecast_share for line in called)
        return f" On the forecast for the year, the partners' shares would come to {_signed(total, s.currency)}."
    parts = [f"{_signed(line.forecast_share, s.currency)} for {line.name}" for line in called]
    return f" On the forecast for the year, the share would be {listed(parts)}."


def _signed(amount: int, currency: str) -> str:
    return f"{money(abs(amount), currency)} {'to bear' if amount > 0 else 'to gain'}"


def _ask(facts: Facts, line: PartnerLine) -> int:
    """What a partner is asked for; in interim periods negative only where more contributions came than were due."""
    if not facts.statement.indicative:
        return line.settlement
    return line.due_now if line.due_now > 0 else min(line.outstanding, 0)


def _asked(facts: Facts) -> str:
    s = facts.statement
    pay = [(line.name, _ask(facts, line)) for line in s.partners if _ask(facts, line) > 0]
    get = [(line.name, -_ask(facts, line)) for line in s.partners if _ask(facts, line) < 0]
    now = " now" if s.indicative else ""
    if not pay and not get:
        return f"Nothing is asked of any partner{now}." if not facts.extract else f"Nothing is asked{now}."
    paid_ahead = "has paid ahead" if s.indicative else "is to receive"
    parts = [*_each(pay, f"is asked to pay{now}", "are asked to pay", s.currency),
             *_each(get, paid_ahead, "have paid ahead" if s.indicative else "are to receive", s.currency)]
    text = listed(parts)
    return text[0].upper() + text[1:] + "."


def _each(asked: list[tuple[str, int]], one: str, many: str, currency: str) -> list[str]:
    if len(asked) > FEW:
        total = sum(amount for _, amount in asked)
        return [f"{number_word(len(asked))} partners {many} {money(total, currency)} in all (each is named below)"]
    return [f"{name} {one} {money(amount, currency)}" for name, amount in asked]


def _standing(facts: Facts) -> str:
    s = facts.statement
    unsigned = [line.reference or line.id for line in s.agreements if line.status == "draft"]
    late = [line.reference or line.id for line in s.agreements if line.status == "retrospective"]
    parts = []
    if unsigned:
        parts.append(f"{listed(unsigned)} is not signed: no share is payable until it is.")
    if s.indicative:
        parts.append("Shares are indicative: they follow the year to date and become payable when the year's last "
                     "period is closed.")
    elif not unsigned:
        parts.append("These figures are final for the period.")
    if late:
        parts.append(f"{listed(late)} was signed after it took effect.")
    return " ".join(parts)


def _open(facts: Facts) -> str:
    s = facts.statement
    if not s.contested and not s.unallocated:
        return "Nothing is contested and nothing is left unallocated."
    parts = []
    if s.contested:
        parts.append(f"{money(abs(s.contested), s.currency)} is contested and waits for the partners' decision")
    if s.unallocated:
        parts.append(f"{money(abs(s.unallocated), s.currency)} is unallocated: no rule of the agreement says who "
                     f"{'bears' if s.unallocated > 0 else 'keeps'} it")
    return f"{'; '.join(parts)}."


def _faults(facts: Facts) -> str:
    failed = [check.check for check in facts.statement.checks if not check.holds]
    if not failed:
        return ""
    return f"Do not rely on this statement yet: {number_word(len(failed))} of its checks fail ({'; '.join(failed)})."
