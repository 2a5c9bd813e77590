"""How far each partner is exposed under each option: what it may be called for, and which limits are reached.

Every option meets the same drawn years; a table says from which chances they were drawn, so that they can be disputed.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from allocation.terms import number_text
from commissioning.exposure.expose import Exposure
from commissioning.exposure.limits import Limit
from commissioning.exposure.terms import Chance, LogNormal, Normal, Triangular
from commissioning.negotiation.chances import Chances
from exports.pack.model import Ranges
from exports.pack.told import CHANGE, Rows, Told, figure
from exports.view import Column, Table
from exports.words import Kind, counted, listed, money, percent, signed
from ledger.language import N_, _

Key = tuple[str, str, int, str, str]
"""By which a limit is the same under two options: rule, side, step, kind, partner."""
FACTORS = {"demand": N_("demand"), "price": N_("price"), "timing": N_("timing")}


def parts(told: Told) -> list[Table | Ranges]:
    """The whole section; nothing where no chances were stated."""
    chances = told.chances
    if chances is None:
        return []
    return [ranges(told, chances), calls(told, chances), exhausted(told, chances), stated(told, chances)]


def ranges(told: Told, chances: Chances) -> Ranges:
    """For each partner a line an option, from P10 to P90 with a mark at P50, all on one scale."""
    charts = tuple((name, tuple((option, one.call.p10, one.call.p50, one.call.p90)
                                for option, found in zip(told.options, chances.exposures, strict=True)
                                for one in found.partners if one.partner == partner))
                   for partner, name in told.names.items())
    said = "; ".join(_("{partner} under {option}: {p10} to {p90}, in half of the years at most {p50}").format(
        partner=name, option=option, p10=_call(low, told), p50=_call(middle, told), p90=_call(high, told))
        for name, some in charts for option, low, middle, high in some)
    years = counted(chances.exposures[0].years)
    return Ranges(_("What each partner may be called for, in {years} drawn years").format(years=years),
                  _("From P10 to P90, with a mark at P50; one scale for all. Right of the line: borne beyond the plan. "
                    "Left: spared."), _("Ranges of each partner's call under each option. {said}.").format(said=said),
                  charts)


def _call(amount: int, told: Told) -> str:
    return signed(amount, CHANGE, told.currency)


def calls(told: Told, chances: Chances) -> Table:
    """Partner by option: the call at P10, P50 and P90, how often there is one, what moves between partners."""
    columns = (Column(_("Partner")), Column(_("Option")),
               *(Column(_("Call at {percentile}").format(percentile=p), CHANGE, "") for p in ("P10", "P50", "P90")),
               Column(_("Years with a call"), Kind.PERCENT), Column(_("Expected transfer"), CHANGE))
    rows: Rows = tuple((name, option, one.call.p10, one.call.p50, one.call.p90, percent(one.called, found.years),
                        one.transfer)
                       for partner, name in told.names.items()
                       for option, found in zip(told.options, chances.exposures, strict=True)
                       for one in found.partners if one.partner == partner)
    return Table(_("Exposure"), _("Each partner's call at P10, P50 and P90 under each option"),
                 _("What each partner bears beyond its plan, and what moves between partners"), columns, rows,
                 note=_("Call: what a partner bears beyond its plan (more) or is spared (less). P10: in one year of "
                        "ten it is this or lower; P50: in half of the years; P90: in nine of ten. Expected transfer: "
                        "what it bears on average beyond (more) or short of (less) its planned share of cost; over all "
                        "partners this sums to nothing.") + _failed(told, chances))


def _failed(told: Told, chances: Chances) -> str:
    """Which years could not be worked out, if any."""
    found = ["", *(_("{option}: {count} drawn years could not be worked out ({because}).").format(
        option=option, count=counted(times), because=why)
        for option, one in zip(told.options, chances.exposures, strict=True) for why, times in one.failed.items())]
    return " ".join(found)


def exhausted(told: Told, chances: Chances) -> Table:
    """The chance that each reserve is used up and each cap or limit reached, by option."""
    columns = (Column(_("Reserve, cap or limit")), *(Column(option, Kind.TEXT, "") for option in told.options))
    reserves = list(dict.fromkeys(one.reserve for found in chances.exposures for one in found.reserves))
    limits = {_key(one.limit): one.limit for found in chances.exposures for one in found.limits}
    rows: Rows = (
        *((_("reserve {reserve} exhausted").format(reserve=name),
           *(_of_reserve(found, name, told) for found in chances.exposures)) for name in reserves),
        *((_words(limit, told), *(_of_limit(found, key, told) for found in chances.exposures))
          for key, limit in sorted(limits.items())))
    return Table(_("Limits reached"), _("How often each reserve is exhausted and each cap or limit reached"),
                 _("Share of the drawn years in which a reserve, cap or limit is used up, with its amount"), columns,
                 rows, note=_("In percent of the drawn years; in brackets what the reserve holds or the limit is."),
                 empty=_("The agreement has no reserve, cap or limit."))


def _key(limit: Limit) -> Key:
    return limit.rule, limit.side, limit.step, limit.name, limit.partner


def _words(limit: Limit, told: Told) -> str:
    side = _("overspend") if limit.side == "overspend" else _("underspend")
    if limit.partner:
        return _("{rule}, {side} step {step}, {kind}: cap of {partner}").format(
            rule=limit.rule, side=side, step=limit.step, kind=limit.name, partner=told.name(limit.partner))
    return _("{rule}, {side} step {step}, {kind}: takes at most").format(rule=limit.rule, side=side, step=limit.step,
                                                                         kind=limit.name)


def _often(times: int, found: Exposure, amount: int, told: Told) -> str:
    return _("{share} (of {amount})").format(share=percent(times, found.years), amount=money(amount, told.currency))


def _of_reserve(found: Exposure, name: str, told: Told) -> str:
    return next((_often(one.exhausted, found, one.opening, told) for one in found.reserves if one.reserve == name),
                _("none"))


def _of_limit(found: Exposure, key: Key, told: Told) -> str:
    return next((_often(one.reached, found, one.limit.amount, told) for one in found.limits
                 if _key(one.limit) == key), _("none"))


def stated(told: Told, chances: Chances) -> Table:
    """From which chances the years were drawn."""
    terms = chances.terms
    columns = (Column(_("Service")), Column(_("What may change")), Column(_("How it may turn out")),
               Column(_("Goes together with")))
    names = {line.id: line.name for line in told.first.statement.services}
    rows: Rows = tuple((names.get(service, service), _(FACTORS[factor]), chance_words(chance, factor),
                        _together(chances, names, f"{service}.{factor}"))
                       for service, some in terms.services.items() for factor, chance in some.stated().items())
    return Table(_("Chances"), _("The chances from which the years were drawn"),
                 _("What was stated of each service; everything else is taken as certain"), columns, rows,
                 note=_("Seed {seed}, {draws} years drawn: the same seed and chances give the same years. Demand and "
                        "price in percent of what the year is expected to cost; timing in months by which cost comes "
                        "later. This says what follows if the chances are right; it is no forecast.").format(
                            seed=terms.seed, draws=counted(terms.draws)))


def chance_words(chance: Chance, factor: str) -> str:
    """A distribution in words: `normal around 2%, standard deviation 5%`."""
    def of(value: Fraction) -> str:
        said = figure(number_text(value)) if "/" not in number_text(value) else number_text(value)
        return _("{number} months").format(number=said) if factor == "timing" else _("{number}%").format(number=said)

    if chance.discrete is not None:
        return listed([_("{value} in {share} of years").format(value=of(value), share=percent(
            part.numerator, 100 * part.denominator)) for value, part in chance.discrete.items()])
    one = chance.normal or chance.lognormal or chance.triangular or chance.uniform
    assert one is not None, "exactly one distribution is stated"
    if isinstance(one, Normal):
        return _("normal around {mean}, standard deviation {sd}").format(mean=of(one.mean), sd=of(one.sd))
    if isinstance(one, LogNormal):
        return _("lognormal around {mean}, standard deviation {sd}").format(mean=of(one.mean), sd=of(one.sd))
    if isinstance(one, Triangular):
        return _("triangular from {low} to {high}, most often near {mode}").format(low=of(one.low), high=of(one.high),
                                                                                   mode=of(one.mode))
    return _("anything from {low} to {high} alike").format(low=of(one.low), high=of(one.high))


def _together(chances: Chances, names: Mapping[str, str], factor: str) -> str:
    found = []
    for one in chances.terms.correlations:
        if factor in one.between:
            service, _dot, what = next(name for name in one.between if name != factor).rpartition(".")
            found.append(_("{factor} of {service} by {correlation}").format(
                factor=_(FACTORS[what]), service=names.get(service, service), correlation=number_text(one.by)))
    return listed(found) if found else _("nothing")
