"""How the figures of services come about, those of all together, and each partner's parts of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.web.sources.model import SIGNED, Part, Rest, Source, entries, footed
from commissioning.statement import COLUMNS, PartnerLine, ServiceLine, Statement, Totals
from exports.facts import COLUMN_WORDS
from exports.words import Kind, day, money
from ledger.language import N_, _

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
PART: Mapping[str, str] = {
    "budget": N_("{partner}: part of the plan of {name}"), "actual": N_("{partner}: part of the actual of {name}"),
    "variance": N_("{partner}: part of the variance of {name}")}
MEMORANDA = {"forecast": ("forecast",), "committed": ("commitment", "release")}


def of_service(line: ServiceLine | Totals, attribute: str) -> int:
    """A figure of a service or of all, the one included that statements leave to be worked out."""
    if attribute == "forecast_variance":
        return line.forecast - line.annual_budget
    return int(getattr(line, attribute))


def total(statement: Statement, attribute: str) -> Source:
    """A total: the services' own figures."""
    amount = of_service(statement.totals, attribute)
    parts = [Part(line.name or line.id, of_service(line, attribute), f"services/{line.id}/{attribute}")
             for line in statement.services]
    return Source(_(TOTALS[attribute]), amount, SIGNED.get(attribute, Kind.MONEY), footed(parts, amount))


def service(statement: Statement, line: ServiceLine, attribute: str) -> Source | None:
    """A figure of a service; None for what is none."""
    here = f"services/{line.id}"
    if attribute in COLUMNS:
        words = _("{column}: part of the actual of {name}").format(column=_(COLUMN_WORDS[attribute]),
                                                                  name=line.name or line.id)
        return Source(words, getattr(line, attribute), service=line.id)
    if attribute not in SERVICE:
        return None
    amount, name = of_service(line, attribute), line.name or line.id
    parts: tuple[Part, ...] = ()
    if attribute == "variance":
        parts = (Part(_("Actual to date"), line.actual, f"{here}/actual"),
                 Part(_("Less the plan to date"), -line.budget, f"{here}/budget"))
    if attribute == "forecast_variance":
        parts = (Part(_("Forecast for the year"), line.forecast, f"{here}/forecast"),
                 Part(_("Less the annual budget"), -line.annual_budget, f"{here}/annual_budget"))
    return Source(_(SERVICE[attribute]).format(name=name), amount, SIGNED.get(attribute, Kind.MONEY),
                  footed(parts, amount) if parts else (), tuple(_service_rests(statement, line, attribute)),
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
                    entries(reference=change.reference))
    if attribute == "forecast":
        yield Rest(_("Where no forecast was given: the actual to date and what remains of the plan"), f"{here}/actual")
    if attribute == "actual":
        yield Rest(_("The entries of this service"), f"{here}/actual")


def part(statement: Statement, service: str, partner: str, attribute: str) -> Source | None:
    """One partner's part of a service; None where it has none."""
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
                  footed(parts, part.actual) if parts else (), (whole,), service, partner)


def parts_of(statement: Statement, line: PartnerLine, attribute: str) -> Source | None:
    """What a partner bears of all services together; beside it a partner's share may rest on more."""
    if attribute not in PART:
        return None
    parts = tuple(parts_by_service(statement, line, attribute))
    words = _(PART[attribute]).format(partner=line.name or line.id, name=_("all services"))
    return Source(words, sum(part.amount for part in parts), SIGNED.get(attribute, Kind.MONEY), parts)


def parts_by_service(statement: Statement, line: PartnerLine, attribute: str) -> Iterator[Part]:
    """A partner's part of each service in which it has any."""
    for service in statement.services:
        part = service.partners.get(line.id)
        if part is not None and getattr(part, attribute):
            yield Part(service.name or service.id, getattr(part, attribute),
                       f"services/{service.id}/partners/{line.id}/{attribute}")
