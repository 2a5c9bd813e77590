"""How each figure of a statement comes about: what it is made of, what it rests on, and where to go on from there.

A figure is named by its path in the statement, as in `services/beds/variance`. Its parts add up to it: what the known
ones leave over stands as a part of its own, so that a page never shows a sum that does not foot. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from commissioning.statement import COLUMNS, FundLine, PartnerLine, ReserveLine, ServiceLine, Statement
from exports.facts import COLUMN_WORDS, counted_as_paid
from exports.words import Kind, day, money
from ledger.calendar import ONE_DAY
from ledger.language import N_, _

ENTRIES = {("services", "actual"): "actual", ("partners", "contribution_paid"): "contribution",
           ("partners", "paid"): "paid", ("funds", "received"): "received", ("funds", "paid"): "paid"}
"""Figures that entries add up to: the page of those is the next one down."""
SERVICE: Mapping[str, str] = {
    "budget": N_("Plan to date of {name}"), "annual_budget": N_("Annual budget of {name}"),
    "actual": N_("Actual to date of {name}"), "variance": N_("Variance to date of {name}"),
    "forecast": N_("Forecast for the year of {name}"), "forecast_variance": N_("Forecast variance of {name}"),
    "committed": N_("Committed, not yet spent, of {name}")}
TOTALS: Mapping[str, str] = {
    "budget": N_("Plan to date of all services"), "annual_budget": N_("Annual budget of all services"),
    "actual": N_("Actual to date of all services"), "variance": N_("Variance to date of all services"),
    "forecast": N_("Forecast for the year of all services"),
    "forecast_variance": N_("Forecast variance of all services"),
    "committed": N_("Committed, not yet spent, of all services")}
PARTNER: Mapping[str, str] = {
    "contribution_agreed": N_("Contribution of {name} agreed for the year"),
    "contribution_due": N_("Contribution due to date from {name}"),
    "contribution_paid": N_("Contribution paid by {name}"),
    "outstanding": N_("Contribution outstanding from {name}"), "share_of_budget": N_("{name}: share of plan"),
    "share_of_actual": N_("{name}: share of actual"), "share_of_variance": N_("{name}: share of variance"),
    "forecast_share": N_("{name}: share of the variance on the forecast"),
    "liability": N_("Amount due under the agreement from {name}"), "paid": N_("Paid by or credited to {name}"),
    "settlement": N_("Settlement of {name}"), "due_now": N_("Due now from {name}"),
    "otherwise": N_("Given in kind or to providers by {name}"), "overdue": N_("Overdue from {name}"),
    "beyond": N_("Given by {name} beyond what is due"),
    "brought_forward": N_("Earlier settlements of {name}, brought forward"),
    "settled": N_("Earlier settlements of {name}, settled")}
FUND: Mapping[str, str] = {
    "opening": N_("Opening cash of fund {name}"), "received": N_("Received by fund {name}"),
    "paid": N_("Paid by fund {name}"), "closing": N_("Closing cash of fund {name}"),
    "uncommitted": N_("Uncommitted in the plan of fund {name}")}
RESERVE: Mapping[str, str] = {
    "opening": N_("Opening balance of reserve {name}"), "drawn": N_("Drawn from reserve {name}"),
    "added": N_("Added to reserve {name}"), "closing": N_("Closing balance of reserve {name}")}
PART: Mapping[str, str] = {
    "budget": N_("{partner}: part of the plan of {name}"), "actual": N_("{partner}: part of the actual of {name}"),
    "variance": N_("{partner}: part of the variance of {name}")}
MEMORANDA = {"forecast": ("forecast",), "committed": ("commitment", "release")}
SIGNED = {"variance": Kind.VARIANCE, "forecast_variance": Kind.VARIANCE, "share_of_variance": Kind.VARIANCE,
          "forecast_share": Kind.VARIANCE, "settlement": Kind.SETTLEMENT, "brought_forward": Kind.SETTLEMENT,
          "settled": Kind.SETTLEMENT}


GIVEN: Mapping[str, Callable[[PartnerLine], int]] = {
    "paid": counted_as_paid, "otherwise": lambda line: line.outstanding - line.due_now,
    "overdue": lambda line: max(line.due_now, 0), "beyond": lambda line: max(-line.due_now, 0)}
"""What statements leave to be worked out of a partner's line."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sum: its words, its amount with its sign, the path of the figure that it is (or nothing)."""

    words: str
    amount: int
    to: str = ""


@dataclass(frozen=True, slots=True)
class Rest:
    """What a figure rests on, in words; `to`: the path of a figure, or with `/` first an address below the pool."""

    words: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A figure and how it comes about. `service`, `partner`: whose steps of the working decide it.

    `memoranda`: the kinds of memoranda about the service `about` that say it, which a page adds with their entries.
    """

    words: str
    amount: int
    kind: Kind = Kind.MONEY
    parts: tuple[Part, ...] = ()
    rests: tuple[Rest, ...] = ()
    service: str = ""
    partner: str = ""
    memoranda: tuple[str, ...] = ()
    about: str = ""


def source(statement: Statement, path: str) -> Source | None:
    """How the figure of that path comes about; None where the statement has no such figure."""
    root, _first, rest = path.partition("/")
    name, _second, attribute = rest.rpartition("/")
    if root == "totals" and rest in TOTALS:
        return _total(statement, rest)
    if root == "reserves" and name.endswith("/by_partner"):
        reserve = name.removesuffix("/by_partner")
        return _found(statement.reserves, reserve, lambda line: _owned(statement, line, attribute))
    if root == "parts" and attribute in PART:
        return _found(statement.partners, name, lambda line: _parts(statement, line, attribute))
    if root == "services" and "/" in name:
        service, _between, partner = name.partition("/partners/")
        return _part(statement, service, partner, attribute)
    kinds: Mapping[str, Callable[[], Source | None]] = {
        "services": lambda: _found(statement.services, name, lambda line: _service(statement, line, attribute)),
        "partners": lambda: _found(statement.partners, name, lambda line: _partner(statement, line, attribute)),
        "funds": lambda: _found(statement.funds, name, lambda line: _fund(statement, line, attribute)),
        "reserves": lambda: _found(statement.reserves, name, lambda line: _reserve(statement, line, attribute))}
    return kinds[root]() if root in kinds else None


def figure_path(root: str, name: str, attribute: str) -> str:
    """The path of a figure of a line."""
    return f"{root}/{attribute}" if root == "totals" else f"{root}/{name}/{attribute}"


def _found(lines: Iterable[ServiceLine] | Iterable[PartnerLine] | Iterable[FundLine] | Iterable[ReserveLine],
           name: str, do: Callable[..., Source | None]) -> Source | None:
    return next((do(line) for line in lines if line.id == name), None)


def value(line: object, attribute: str) -> int:
    """A figure of a line, those included that statements leave to be worked out."""
    if attribute == "forecast_variance":
        return int(getattr(line, "forecast") - getattr(line, "annual_budget"))  # noqa: B009 -- of totals or a service
    if isinstance(line, PartnerLine) and attribute in GIVEN:
        return GIVEN[attribute](line)
    return int(getattr(line, attribute) or 0)


def _total(statement: Statement, attribute: str) -> Source:
    amount = value(statement.totals, attribute)
    parts = [Part(line.name or line.id, value(line, attribute), f"services/{line.id}/{attribute}")
             for line in statement.services]
    return Source(_(TOTALS[attribute]), amount, SIGNED.get(attribute, Kind.MONEY), _footed(parts, amount))


def _footed(parts: Iterable[Part], amount: int, words: str = "", to: str = "") -> tuple[Part, ...]:
    """The parts, with one more for what they leave over."""
    known = tuple(parts)
    rest = amount - sum(part.amount for part in known)
    return (*known, Part(words or _("Beside these"), rest, to)) if rest else known


def _service(statement: Statement, line: ServiceLine, attribute: str) -> Source | None:
    here = f"services/{line.id}"
    if attribute in COLUMNS:
        words = _("{column}: part of the actual of {name}").format(column=_(COLUMN_WORDS[attribute]),
                                                                  name=line.name or line.id)
        return Source(words, getattr(line, attribute), service=line.id)
    if attribute not in SERVICE:
        return None
    amount, name = value(line, attribute), line.name or line.id
    parts: tuple[Part, ...] = ()
    if attribute == "variance":
        parts = (Part(_("Actual to date"), line.actual, f"{here}/actual"),
                 Part(_("Less the plan to date"), -line.budget, f"{here}/budget"))
    if attribute == "forecast_variance":
        parts = (Part(_("Forecast for the year"), line.forecast, f"{here}/forecast"),
                 Part(_("Less the annual budget"), -line.annual_budget, f"{here}/annual_budget"))
    return Source(_(SERVICE[attribute]).format(name=name), amount, SIGNED.get(attribute, Kind.MONEY),
                  _footed(parts, amount) if parts else (), tuple(_service_rests(statement, line, attribute)),
                  service=line.id if attribute == "variance" else "",
                  memoranda=MEMORANDA.get(attribute, ()), about=line.id)


def _service_rests(statement: Statement, line: ServiceLine, attribute: str) -> Iterator[Rest]:
    here, currency = f"services/{line.id}", statement.currency
    if attribute == "budget":
        yield Rest(_("The part of the annual budget of {amount} that falls in the year to date, by the service's "
                     "profile").format(amount=money(line.annual_budget, currency)), f"{here}/annual_budget")
    if attribute in ("budget", "annual_budget"):
        yield Rest(_("What the agreement says of this service"), "/agreement")
        for change in statement.plan_changes:
            if change.service == line.id:
                yield Rest(_("Changed on {day} by {amount}, {reference}").format(
                    day=day(change.date), amount=money(change.amount, currency), reference=change.reference),
                    _entries(reference=change.reference))
    if attribute == "forecast":
        yield Rest(_("Where no forecast was given: the actual to date and what remains of the plan"), f"{here}/actual")
    if attribute == "actual":
        yield Rest(_("The entries of this service"), f"{here}/actual")


def _part(statement: Statement, service: str, partner: str, attribute: str) -> Source | None:
    line = next((one for one in statement.services if one.id == service), None)
    part = line.partners.get(partner) if line else None
    if line is None or part is None or attribute not in PART:
        return None
    names = {one.id: one.name or one.id for one in statement.partners}
    here = f"services/{service}/partners/{partner}"
    parts = (Part(_("Part of the plan"), part.budget, f"{here}/budget"),
             Part(_("Part of the variance"), part.variance, f"{here}/variance")) if attribute == "actual" else ()
    whole = Rest(_(SERVICE[attribute]).format(name=line.name or service), f"services/{service}/{attribute}")
    return Source(_(PART[attribute]).format(partner=names.get(partner, partner), name=line.name or service),
                  getattr(part, attribute), SIGNED.get(attribute, Kind.MONEY),
                  _footed(parts, part.actual) if parts else (), (whole,), service, partner)


def _parts(statement: Statement, line: PartnerLine, attribute: str) -> Source:
    """What a partner bears of all services together; beside it a partner's share may rest on more."""
    parts = tuple(_of_services(statement, line, attribute))
    words = _(PART[attribute]).format(partner=line.name or line.id, name=_("all services"))
    return Source(words, sum(part.amount for part in parts), SIGNED.get(attribute, Kind.MONEY), parts)


def _of_services(statement: Statement, line: PartnerLine, attribute: str) -> Iterator[Part]:
    for service in statement.services:
        part = service.partners.get(line.id)
        if part is not None and getattr(part, attribute):
            yield Part(service.name or service.id, getattr(part, attribute),
                       f"services/{service.id}/partners/{line.id}/{attribute}")


def _partner(statement: Statement, line: PartnerLine, attribute: str) -> Source | None:
    if attribute not in PARTNER:
        return None
    amount = value(line, attribute)
    parts = tuple(_partner_parts(statement, line, attribute))
    stepped = attribute in ("liability", "share_of_variance", "share_of_budget", "share_of_actual", "forecast_share",
                            "contribution_due")
    return Source(_(PARTNER[attribute]).format(name=line.name or line.id), amount, SIGNED.get(attribute, Kind.MONEY),
                  _footed(parts, amount) if parts else (),
                  tuple(_partner_rests(statement, line, attribute)), partner=line.id if stepped else "")


def _partner_parts(statement: Statement, line: PartnerLine, attribute: str) -> Iterator[Part]:
    here = f"partners/{line.id}"
    if attribute in ("outstanding", "due_now"):
        yield Part(_("Contribution due to date"), line.contribution_due, f"{here}/contribution_due")
        yield Part(_("Less the contribution paid"), -line.contribution_paid, f"{here}/contribution_paid")
    if attribute == "due_now" and value(line, "otherwise"):
        yield Part(_("Less what is given in kind or to providers"), -value(line, "otherwise"), f"{here}/otherwise")
    if attribute == "overdue" and line.due_now > 0:
        yield Part(_("Due now"), line.due_now, f"{here}/due_now")
    if attribute == "beyond" and line.due_now < 0:
        yield Part(_("Due now, less than nothing"), -line.due_now, f"{here}/due_now")
    if attribute == "settlement":
        yield Part(_("Amount due under the agreement"), line.liability, f"{here}/liability")
        yield Part(_("Less what is paid or credited"), -counted_as_paid(line), f"{here}/paid")
    if attribute == "liability" and line.contribution_due + line.share_of_variance == line.liability:
        yield Part(_("Contribution due to date"), line.contribution_due, f"{here}/contribution_due")
        yield Part(_("Share of the variance"), line.share_of_variance, f"{here}/share_of_variance")
    elif attribute == "liability" and line.share_of_actual == line.liability:
        yield Part(_("Share of the actual"), line.share_of_actual, f"{here}/share_of_actual")
    if attribute.startswith("share_of_"):
        yield from _of_services(statement, line, attribute.removeprefix("share_of_"))


def _partner_rests(statement: Statement, line: PartnerLine, attribute: str) -> Iterator[Rest]:
    if attribute in ("contribution_due", "contribution_agreed"):
        yield Rest(_("What the agreement says this partner contributes, and when it falls due"), "/agreement")
        yield Rest(_("The instalments that closes have posted"), _entries(
            kind="instalment", partner=line.id, **_dates(statement)))
    if attribute == "otherwise":
        yield Rest(_("The entries of what it has paid, in kind and directly as well"), f"partners/{line.id}/paid")
    if attribute in ("brought_forward", "settled"):
        yield Rest(_("The settlements that are recorded"), _entries(kind="settlement", partner=line.id))
        yield Rest(_("The shares that closes have posted"), _entries(kind="apportionment", partner=line.id))


def _fund(statement: Statement, line: FundLine, attribute: str) -> Source | None:
    if attribute not in FUND:
        return None
    parts: tuple[Part, ...] = ()
    if attribute == "closing":
        parts = (Part(_("Opening"), line.opening, f"funds/{line.id}/opening"),
                 Part(_("Received"), line.received, f"funds/{line.id}/received"),
                 Part(_("Less what was paid"), -line.paid, f"funds/{line.id}/paid"))
    bank = f"assets:bank:{line.id}"
    rests = {"opening": Rest(_("What the fund's bank moved before the year"),
                             _entries(account=bank, to=(statement.starts - ONE_DAY).isoformat())),
             "uncommitted": Rest(_("What the agreement says is contributed and budgeted"), "/agreement")}
    return Source(_(FUND[attribute]).format(name=line.id), getattr(line, attribute),
                  parts=_footed(parts, line.closing) if parts else (),
                  rests=(rests[attribute],) if attribute in rests else ())


def _reserve(statement: Statement, line: ReserveLine, attribute: str) -> Source | None:
    here, names = f"reserves/{line.id}", {one.id: one.name or one.id for one in statement.partners}
    parts: tuple[Part, ...] = ()
    if attribute not in RESERVE:
        return None
    if attribute == "closing":
        parts = (Part(_("Opening"), line.opening, f"{here}/opening"),
                 Part(_("Less what was drawn"), -line.drawn, f"{here}/drawn"),
                 Part(_("Added"), line.added, f"{here}/added"))
    of = f"reserves:{line.id}"
    dates = {"to": (statement.starts - ONE_DAY).isoformat()} if attribute == "opening" else _dates(statement)
    rests = [Rest(_("The entries on the reserve"), _entries(account=of, **dates))]
    if attribute == "opening":
        rests.append(Rest(_("Opening balances that the agreement states"), _entries(account=of, kind="opening")))
    if attribute == "closing":
        rests += [Rest(_("Of this {partner} owns {amount}").format(
            partner=names.get(who, who), amount=money(amount, statement.currency)), f"{here}/by_partner/{who}")
            for who, amount in line.by_partner.items() if amount]
    return Source(_(RESERVE[attribute]).format(name=line.id), getattr(line, attribute),
                  parts=_footed(parts, line.closing) if parts else (), rests=tuple(rests), service=f"reserve {line.id}")


def _owned(statement: Statement, line: ReserveLine, partner: str) -> Source | None:
    """What of a reserve is a partner's by origin."""
    if partner not in line.by_partner:
        return None
    name = next((one.name for one in statement.partners if one.id == partner), "") or partner
    rests = (Rest(_("The entries on its part of the reserve"), _entries(
        account=f"reserves:{line.id}:{partner}", to=statement.ends.isoformat())),
        Rest(_(RESERVE["closing"]).format(name=line.id), f"reserves/{line.id}/closing"))
    return Source(_("Of reserve {reserve} owned by {partner}").format(reserve=line.id, partner=name),
                  line.by_partner[partner], rests=rests)


def _dates(statement: Statement) -> dict[str, str]:
    return {"from": statement.starts.isoformat(), "to": statement.ends.isoformat()}


def _entries(**query: str) -> str:
    return f"/entries?{urlencode(query)}"
