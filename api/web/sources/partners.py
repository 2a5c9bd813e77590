"""How the figures of partners come about: what they owe, have given, bear and settle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from api.web.sources.model import SIGNED, Part, Rest, Source, dates, entries, footed
from api.web.sources.services import parts_by_service
from commissioning.statement import PartnerLine, Statement
from exports.facts import counted_as_paid
from exports.words import Kind
from ledger.language import N_, _

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
GIVEN: Mapping[str, Callable[[PartnerLine], int]] = {
    "paid": counted_as_paid, "otherwise": lambda line: line.outstanding - line.due_now,
    "overdue": lambda line: max(line.due_now, 0), "beyond": lambda line: max(-line.due_now, 0)}
"""What statements leave to be worked out of a partner's line."""


def of_partner(line: PartnerLine, attribute: str) -> int:
    """A figure of a partner, those included that statements leave to be worked out."""
    return GIVEN[attribute](line) if attribute in GIVEN else int(getattr(line, attribute) or 0)


def partner(statement: Statement, line: PartnerLine, attribute: str) -> Source | None:
    """A figure of a partner; None for what is none."""
    if attribute not in PARTNER:
        return None
    amount = of_partner(line, attribute)
    parts = tuple(_partner_parts(statement, line, attribute))
    stepped = attribute in ("liability", "share_of_variance", "share_of_budget", "share_of_actual", "forecast_share",
                            "contribution_due")
    return Source(_(PARTNER[attribute]).format(name=line.name or line.id), amount, SIGNED.get(attribute, Kind.MONEY),
                  footed(parts, amount) if parts else (),
                  tuple(_partner_rests(statement, line, attribute)), partner=line.id if stepped else "")


def _partner_parts(statement: Statement, line: PartnerLine, attribute: str) -> Iterator[Part]:
    here = f"partners/{line.id}"
    if attribute in ("outstanding", "due_now"):
        yield Part(_("Contribution due to date"), line.contribution_due, f"{here}/contribution_due")
        yield Part(_("Less the contribution paid"), -line.contribution_paid, f"{here}/contribution_paid")
    if attribute == "due_now" and of_partner(line, "otherwise"):
        yield Part(_("Less what is given in kind or to providers"), -of_partner(line, "otherwise"), f"{here}/otherwise")
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
        yield from parts_by_service(statement, line, attribute.removeprefix("share_of_"))


def _partner_rests(statement: Statement, line: PartnerLine, attribute: str) -> Iterator[Rest]:
    if attribute in ("contribution_due", "contribution_agreed"):
        yield Rest(_("What the agreement says this partner contributes, and when it falls due"), "/agreement")
        yield Rest(_("The instalments that closes have posted"), entries(
            kind="instalment", partner=line.id, **dates(statement)))
    if attribute == "otherwise":
        yield Rest(_("The entries of what it has paid, in kind and directly as well"), f"partners/{line.id}/paid")
    if attribute in ("brought_forward", "settled"):
        yield Rest(_("The settlements that are recorded"), entries(kind="settlement", partner=line.id))
        yield Rest(_("The shares that closes have posted"), entries(kind="apportionment", partner=line.id))
