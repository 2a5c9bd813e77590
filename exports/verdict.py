"""The verdict: what the figures mean, in plain sentences that the program writes from the figures."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning.statement import PartnerLine, ServiceLine
from exports.facts import Facts, forecast_variance, period_words
from exports.retold import retold
from exports.words import capital, day, listed, money, number_word, over_or_under, percent
from ledger.language import _, ngettext

FEW = 4  # partners that a sentence can name one by one


def verdict(facts: Facts) -> tuple[str, ...]:
    """The paragraphs, most important first; the first is the headline."""
    found = [(_position,), (_causes, _forecast, _since), (_shares, _early_notice, _shares_since), (_asked,),
             (_standing, _open), (_faults,)]
    said = (" ".join(words for tell in paragraph if (words := tell(facts))) for paragraph in found)
    return tuple(words for words in said if words)


def _position(facts: Facts) -> str:
    s, t = facts.statement, facts.statement.totals
    form = _("From {start} to {end} the pool spent {actual} against a plan to date of {plan}: {result}.")
    if not t.actual:
        form = _("From {start} to {end} the pool spent nothing against a plan to date of {plan}: {result}.")
    if not t.actual and not t.budget:
        form = (_("From {start} to {end} {given}.") if s.distributions else
                _("From {start} to {end} nothing was planned and nothing was spent."))
    return form.format(start=day(s.starts), end=day(s.ends), actual=money(t.actual, s.currency),
                       plan=money(t.budget, s.currency), result=_result(t.variance, t.budget, s.currency),
                       given=_given_out(facts))


def _result(variance: int, plan: int, currency: str) -> str:
    """`an overspend of £12.00 (1.2%)`."""
    words = over_or_under(variance, currency)
    return f"{words} ({percent(variance, plan)})" if variance and plan else words


def _given_out(facts: Facts) -> str:
    """Where the pool gives money out rather than spends it: how much of each pot, to how many."""
    s = facts.statement
    return listed([ngettext("{amount} of {pot} is given out to {count} recipient",
                            "{amount} of {pot} is given out to {count} recipients", len(parts)).format(
        amount=money(sum(parts.values()), s.currency), pot=pot, count=number_word(len(parts)))
        for pot, parts in s.distributions.items()])


def _causes(facts: Facts) -> str:
    """Which services make the variance, largest first, and which go the other way."""
    s = facts.statement
    ordered = sorted((line for line in s.services if line.variance), key=lambda line: -abs(line.variance))
    over = _named([line for line in ordered if line.variance > 0], s.currency)
    under = _named([line for line in ordered if line.variance < 0], s.currency)
    same, against = (over, under) if s.totals.variance >= 0 else (under, over)
    if not same:
        return ""
    if not s.totals.variance:
        form = _("Overspends and underspends cancel out: {services}, set against {others}.")
    elif s.totals.variance > 0:
        form = (_("The overspend arises in {services}, set against {others}.") if against else
                _("The overspend arises in {services}."))
    else:
        form = (_("The underspend arises in {services}, set against {others}.") if against else
                _("The underspend arises in {services}."))
    return form.format(services=same, others=against)


def _named(lines: Sequence[ServiceLine], currency: str) -> str:
    """The first three services with their variances, and how many more there are."""
    said = [(_("{service} ({amount} over)") if line.variance > 0 else _("{service} ({amount} under)")).format(
        service=line.name or line.id, amount=money(abs(line.variance), currency)) for line in lines[:3]]
    if rest := len(lines) - len(said):
        said.append(ngettext("{count} more service", "{count} more services", rest).format(count=number_word(rest)))
    return listed(said)


def _forecast(facts: Facts) -> str:
    s, t = facts.statement, facts.statement.totals
    variance = t.forecast - t.annual_budget
    if facts.outturn:
        return _("This is the outturn of the year.") if t.actual or t.budget else ""
    if not t.forecast and not t.annual_budget:
        return ""
    worst = max(s.services, key=lambda line: abs(forecast_variance(line)), default=None)
    where = bool(worst and variance * forecast_variance(worst) > 0 and len(s.services) > 1)
    form = (_("The year is forecast to end at {forecast} against an annual budget of {budget}: {result}, most of all "
              "in {service}.") if where else
            _("The year is forecast to end at {forecast} against an annual budget of {budget}: {result}."))
    return form.format(forecast=money(t.forecast, s.currency), budget=money(t.annual_budget, s.currency),
                       result=_result(variance, t.annual_budget, s.currency),
                       service=worst.name or worst.id if worst else "")


def _since(facts: Facts) -> str:
    """What has changed since the statement before: the year's forecast, and where most of it."""
    s = facts.statement
    if s.previous is None or not (s.totals.forecast or any(s.previous.forecasts.values())):
        return ""
    period = period_words(s.previous.period)
    moved = {line.name or line.id: line.forecast - s.previous.forecasts.get(line.id, 0) for line in s.services}
    gone = sum(amount for name, amount in s.previous.forecasts.items() if name not in facts.services)
    change = sum(moved.values()) - gone
    if not change:
        return _("In total that is what was expected at {period}.").format(period=period)
    most = max(moved, key=lambda name: abs(moved[name]))
    where = len(moved) > 1 and moved[most] * change > 0
    if change > 0:
        form = (_("That is {amount} more than was expected at {period}, most of all {part} in {service}.") if where
                else _("That is {amount} more than was expected at {period}."))
    else:
        form = (_("That is {amount} less than was expected at {period}, most of all {part} in {service}.") if where
                else _("That is {amount} less than was expected at {period}."))
    return form.format(amount=money(abs(change), s.currency), period=period,
                       part=money(abs(moved[most]), s.currency), service=most)


def _shares(facts: Facts) -> str:
    """Who bears the variance, and by which clause."""
    s = facts.statement
    bearing = [line for line in s.partners if line.share_of_variance]
    if not bearing:
        return _("No partner bears any of the variance.") if s.totals.variance and not facts.extract else ""
    total = sum(line.share_of_variance for line in bearing)
    clauses = listed(list(dict.fromkeys(clause for line in bearing for clause in facts.clauses(line.id))))
    said = capital(_shared(facts, bearing, total).format(
        clauses=clauses, amount=money(abs(total), s.currency), count=number_word(len(bearing)),
        shares=listed([_bears(line, s.currency) for line in bearing])))
    if short := sum(fund.gap.amount for fund in s.funds if fund.gap):
        said += " " + _("That is together with the {amount} that contributions are short of budgets.").format(
            amount=money(short, s.currency))
    return said


def _shared(facts: Facts, bearing: Sequence[PartnerLine], total: int) -> str:
    """The sentence of who bears the variance; many partners are counted, as each stands in the table."""
    variance = facts.statement.totals.variance
    if len(bearing) > FEW:
        return (_("Under {clauses}, {amount} of the overspend falls on {count} partners.") if total > 0 else
                _("Under {clauses}, {amount} of the underspend falls to {count} partners.") if total else
                _("Under {clauses}, the variance is shared among {count} partners."))
    if not all(line.share_of_variance * variance > 0 for line in bearing):
        return _("Under {clauses}, {shares} of the variance.")
    return (_("Under {clauses}, {shares} of the overspend.") if variance > 0 else
            _("Under {clauses}, {shares} of the underspend."))


def _bears(line: PartnerLine, currency: str) -> str:
    form = _("{partner} bears {amount}") if line.share_of_variance > 0 else _("{partner} gains {amount}")
    return form.format(partner=line.name, amount=money(abs(line.share_of_variance), currency))


def _early_notice(facts: Facts) -> str:
    """On an interim statement: what the forecast would bring each partner."""
    s = facts.statement
    called = [line for line in s.partners if line.forecast_share != line.share_of_variance and line.forecast_share]
    if not called or not s.indicative:
        return ""
    if len(called) > FEW:
        total = sum(line.forecast_share for line in called)
        return (_("On the forecast for the year, the partners' shares would come to {amount} to bear.") if total > 0
                else _("On the forecast for the year, the partners' shares would come to {amount} to gain.")).format(
                    amount=money(abs(total), s.currency))
    parts = [(_("{amount} to bear for {partner}") if line.forecast_share > 0 else
              _("{amount} to gain for {partner}")).format(
                  amount=money(abs(line.forecast_share), s.currency), partner=line.name) for line in called]
    return _("On the forecast for the year, the share would be {shares}.").format(shares=listed(parts))


def _shares_since(facts: Facts) -> str:
    """How partners' expected shares have moved since the statement before; of many partners, those that move most."""
    s = facts.statement
    if s.previous is None or not s.indicative:
        return ""
    before = s.previous.forecast_shares
    moved = [(line, line.forecast_share - before[line.id]) for line in s.partners
             if line.id in before and line.forecast_share != before[line.id]]
    moved = sorted(moved, key=lambda pair: -abs(pair[1]))[:FEW]
    if not moved:
        return ""
    parts = [(_("{partner} {amount} more") if change > 0 else _("{partner} {amount} less")).format(
        partner=line.name, amount=money(abs(change), s.currency)) for line, change in moved]
    return _("Against what was expected at {period}, it is for {changes}.").format(
        period=period_words(s.previous.period), changes=listed(parts))


def ask(facts: Facts, line: PartnerLine) -> int:
    """What a partner is asked for; in interim periods negative only where more contributions came than were due."""
    if not facts.statement.indicative:
        return line.settlement
    return line.due_now if line.due_now > 0 else min(line.outstanding, 0)


def _asked(facts: Facts) -> str:
    s = facts.statement
    pay = [(line.name, ask(facts, line)) for line in s.partners if ask(facts, line) > 0]
    get = [(line.name, -ask(facts, line)) for line in s.partners if ask(facts, line) < 0]
    if not pay and not get:
        return _nothing_asked(facts)
    forms = ((_("{partner} is asked to pay now {amount}"), _("{partner} has paid ahead {amount}"),
              _("{count} partners are asked to pay {amount} in all (each is named below)"),
              _("{count} partners have paid ahead {amount} in all (each is named below)")) if s.indicative else
             (_("{partner} is asked to pay {amount}"), _("{partner} is to receive {amount}"),
              _("{count} partners are asked to pay {amount} in all (each is named below)"),
              _("{count} partners are to receive {amount} in all (each is named below)")))
    parts = [*_each(pay, forms[0], forms[2], s.currency), *_each(get, forms[1], forms[3], s.currency)]
    return _("{requests}.").format(requests=capital(listed(parts)))


def _nothing_asked(facts: Facts) -> str:
    if facts.extract:
        return _("Nothing is asked now.") if facts.statement.indicative else _("Nothing is asked.")
    return (_("Nothing is asked of any partner now.") if facts.statement.indicative else
            _("Nothing is asked of any partner."))


def _each(asked: list[tuple[str, int]], one: str, many: str, currency: str) -> list[str]:
    if len(asked) > FEW:
        total = sum(amount for _name, amount in asked)
        return [many.format(count=number_word(len(asked)), amount=money(total, currency))]
    return [one.format(partner=name, amount=money(amount, currency)) for name, amount in asked]


def _standing(facts: Facts) -> str:
    s = facts.statement
    unsigned, late = s.signed_as("draft"), s.signed_as("retrospective")
    parts = []
    if unsigned:
        parts.append(_("{agreements} is not signed: no share is payable until it is.").format(
            agreements=listed(unsigned)))
    if s.indicative:
        parts.append(_("Shares are indicative: they follow the year to date and become payable when the year's last "
                       "period is closed."))
    elif not unsigned:
        parts.append(_("These figures are final for the period."))
    if late:
        parts.append(_("{agreements} was signed after it took effect.").format(agreements=listed(late)))
    return " ".join(parts)


def _open(facts: Facts) -> str:
    s = facts.statement
    if not s.contested and not s.unallocated:
        return _("Nothing is contested and nothing is left unallocated.")
    parts = []
    if s.contested:
        parts.append(_("{amount} is contested and waits for the partners' decision.").format(
            amount=money(abs(s.contested), s.currency)))
    if s.unallocated:
        form = (_("{amount} is unallocated: no rule of the agreement says who bears it.") if s.unallocated > 0 else
                _("{amount} is unallocated: no rule of the agreement says who keeps it."))
        parts.append(form.format(amount=money(abs(s.unallocated), s.currency)))
    return " ".join(parts)


def _faults(facts: Facts) -> str:
    failed = [retold(check.check) for check in facts.statement.checks if not check.holds]
    if not failed:
        return ""
    return ngettext("Do not rely on this statement yet: {count} of its checks fails ({checks}).",
                    "Do not rely on this statement yet: {count} of its checks fail ({checks}).", len(failed)).format(
                        count=number_word(len(failed)), checks="; ".join(failed))
