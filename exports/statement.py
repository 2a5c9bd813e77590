"""The statement as JSON, `poolbook.statement/1`: names and nesting as in AGREEMENTS section 4.

Amounts are decimal strings of the partnership's currency. `from_json` is strict: a file that lacks a key, has
one too many, or holds a number where an amount belongs is refused, for a statement read wrongly is believed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from commissioning.statement import (
    COLUMNS,
    AgreementLine,
    Check,
    ClaimLine,
    EarlierForecast,
    Extract,
    FundLine,
    Gap,
    Note,
    OutcomeLine,
    Part,
    PartnerLine,
    PlanChange,
    Previous,
    RepaymentLine,
    ReserveLine,
    ServiceLine,
    Statement,
    Totals,
    WorkingLine,
)
from exports.reading import Reader, StatementFormatUnknown, parse
from ledger.money import to_text

FORMAT = "poolbook.statement/1"

TOTALS = ("budget", "annual_budget", "actual", "variance", "forecast", "committed")
FUND = ("opening", "received", "paid", "uncommitted", "closing")
PART = ("budget", "actual", "variance")
SERVICE = ("budget", "annual_budget", "actual", "variance", "forecast", "committed")
PARTNER = ("contribution_due", "contribution_paid", "outstanding", "share_of_budget", "share_of_actual",
           "share_of_variance", "forecast_share", "liability", "settlement", "due_now", "brought_forward",
           "settled")
RESERVE = ("opening", "drawn", "added", "closing")
FORECAST = ("annual_budget", "forecast")
REPAYMENT = ("opening", "added", "due", "closing")
CLAIM = ("claimed", "recognised", "drawn", "contested")


def to_json(statement: Statement) -> str:
    """The statement as text: keys in the order of AGREEMENTS, indented by one, with a newline at the end."""
    return json.dumps(to_data(statement), ensure_ascii=False, indent=1) + "\n"


def from_json(text: str) -> Statement:
    """The statement that `to_json` wrote; refuses anything else with the path of the key at fault."""
    top = Reader(parse(text))
    if (named := top.text("format")) != FORMAT:
        raise StatementFormatUnknown(found=named, known=FORMAT)
    return _read(top)


def moment(when: dt.datetime) -> str:
    """A moment in ISO 8601, with Z for universal time."""
    text = when.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def to_data(statement: Statement) -> dict[str, object]:
    """The statement as plain data in the names and nesting of AGREEMENTS section 4."""
    s, write = statement, _Writer(statement.currency)
    return {
        "format": FORMAT,
        "partnership": {"id": s.partnership, "name": s.name, "currency": s.currency},
        "period": {"id": s.period, "from": s.starts.isoformat(), "to": s.ends.isoformat()},
        "indicative": s.indicative,
        "issue": s.issue,
        "agreements": [{"id": a.id, "reference": a.reference, "status": a.status,
                        "effective": a.effective.isoformat()} for a in s.agreements],
        "known_at": moment(s.known_at),
        "ledger": {"entries": s.entries, "head": s.head},
        "totals": write.fields(s.totals, TOTALS),
        "funds": [{"id": f.id, "kind": f.kind, "host": f.host, **write.fields(f, FUND), **write.gap(f.gap)}
                  for f in s.funds],
        "services": [write.service(line) for line in s.services],
        "partners": {p.id: {"name": p.name, **write.fields(p, PARTNER), **write.known(p, "contribution_agreed")}
                     for p in s.partners},
        "reserves": {r.id: {**write.fields(r, RESERVE), "by_partner": write.each(r.by_partner)}
                     for r in s.reserves},
        **write.repayments(s.repayments),
        **write.told(s),
        "distributions": {pot: write.each(parts) for pot, parts in s.distributions.items()},
        "claims": [{"case": c.case, **write.fields(c, CLAIM)} for c in s.claims],
        "outcomes": [{"id": o.id, "service": o.service, "measured": o.measured, "baseline": o.baseline,
                      "value": write.money(o.value), "gains": write.each(o.gains), "paid": write.each(o.paid),
                      **({"indicator": o.indicator} if o.indicator else {}), **write.known(o, "expected")}
                     for o in s.outcomes],
        "unallocated": write.money(s.unallocated),
        "contested": write.money(s.contested),
        "working": [write.working(w) for w in s.working],
        "checks": [{"check": c.check, "holds": c.holds} for c in s.checks],
    }


class _Writer:
    """Writes amounts of one currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def money(self, minor: int) -> str:
        return to_text(minor, self.currency)

    def fields(self, line: object, names: tuple[str, ...]) -> dict[str, object]:
        return {name: self.money(getattr(line, name)) for name in names}

    def known(self, line: object, name: str) -> dict[str, object]:
        """Only where it is known: what statements that were issued earlier do not have."""
        return {} if getattr(line, name) is None else self.fields(line, (name,))

    def each(self, amounts: Mapping[str, int]) -> dict[str, object]:
        return {key: self.money(amount) for key, amount in amounts.items()}

    def service(self, line: ServiceLine) -> dict[str, object]:
        partners = {key: self.fields(part, PART) for key, part in line.partners.items()}
        return {"id": line.id, "name": line.name, "fund": line.fund, **self.fields(line, SERVICE),
                "partners": partners, **self.fields(line, COLUMNS)}

    def gap(self, gap: Gap | None) -> dict[str, object]:
        """Only where there is one."""
        return {} if gap is None else {"gap": {"amount": self.money(gap.amount), "partners": self.each(gap.partners),
                                               **self.each(gap.columns)}}

    def repayments(self, lines: tuple[RepaymentLine, ...]) -> dict[str, object]:
        """Only where there are any."""
        rows = [{"fund": line.fund, "partner": line.partner, **self.fields(line, REPAYMENT)} for line in lines]
        return {"repayments": rows} if rows else {}

    def told(self, s: Statement) -> dict[str, object]:
        """What the pool manager noted, and what the statement before expected; only where there is something."""
        notes = [{"kind": n.kind, "date": n.date.isoformat(), "service": n.service, "text": n.text, "owner": n.owner,
                  "by": n.by} for n in s.notes]
        before = s.previous
        previous = before and {"period": before.period, "issue": before.issue, "forecasts": self.each(before.forecasts),
                               "forecast_shares": self.each(before.forecast_shares)}
        own = s.extract and {"partner": s.extract.partner, "seal": s.extract.seal}
        changes = [{"kind": c.kind, "date": c.date.isoformat(), "service": c.service, "amount": self.money(c.amount),
                    "reference": c.reference, "text": c.text} for c in s.plan_changes]
        forecasts = [{"period": f.period, "issue": f.issue, **self.fields(f, FORECAST)} for f in s.earlier_forecasts]
        found = {"notes": notes, "previous": previous, "plan_changes": changes, "earlier_forecasts": forecasts,
                 "extract": own}
        return {key: value for key, value in found.items() if value}

    def working(self, line: WorkingLine) -> dict[str, object]:
        return {"rule": line.rule, "reference": line.reference, "step": line.step,
                "in": self.money(line.amount_in), "out": self.each(line.out),
                "remaining": self.money(line.remaining), "because": line.because}


def _read(top: Reader) -> Statement:
    partnership, period, ledger = top.object("partnership"), top.object("period"), top.object("ledger")
    currency = partnership.currency("currency")
    read = _Lines(currency)
    statement = Statement(
        partnership=partnership.text("id"), name=partnership.text("name"), currency=currency,
        period=period.text("id"), starts=period.date("from"), ends=period.date("to"),
        indicative=top.truth("indicative"), issue=top.count("issue"),
        agreements=tuple(read.agreement(r) for r in top.objects("agreements")),
        known_at=top.moment("known_at"), entries=ledger.count("entries"), head=ledger.text("head"),
        totals=Totals(**read.amounts(top.object("totals"), TOTALS)),
        funds=tuple(read.fund(r) for r in top.objects("funds")),
        services=tuple(read.service(r) for r in top.objects("services")),
        partners=tuple(read.partner(key, r) for key, r in top.keyed("partners")),
        reserves=tuple(read.reserve(key, r) for key, r in top.keyed("reserves")),
        distributions={key: r.every_amount(currency) for key, r in top.keyed("distributions")},
        claims=tuple(read.claim(r) for r in top.objects("claims")),
        outcomes=tuple(read.outcome(r) for r in top.objects("outcomes")),
        unallocated=top.amount("unallocated", currency), contested=top.amount("contested", currency),
        working=tuple(read.working(r) for r in top.objects("working")),
        notes=tuple(read.note(r) for r in (top.objects("notes") if top.has("notes") else ())),
        extract=read.extract(top.object("extract")) if top.has("extract") else None,
        previous=read.previous(top.object("previous")) if top.has("previous") else None,
        plan_changes=tuple(read.change(r) for r in (top.objects("plan_changes") if top.has("plan_changes") else ())),
        earlier_forecasts=tuple(read.forecast(r) for r in (
            top.objects("earlier_forecasts") if top.has("earlier_forecasts") else ())),
        repayments=tuple(read.repayment(r) for r in (top.objects("repayments") if top.has("repayments") else ())),
        checks=tuple(read.check(r) for r in top.objects("checks")))
    for reader in (top, partnership, period, ledger):
        reader.done()
    return statement


class _Lines:
    """Reads each kind of line; every reader is `done` once its keys are taken, so that none is left over."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def amounts(self, r: Reader, names: tuple[str, ...]) -> dict[str, int]:
        found = {name: r.amount(name, self.currency) for name in names}
        r.done()
        return found

    def each(self, r: Reader, key: str) -> dict[str, int]:
        return r.object(key).every_amount(self.currency)

    def agreement(self, r: Reader) -> AgreementLine:
        return r.finished(AgreementLine(r.text("id"), r.text("reference"), r.text("status"),
                                        r.date("effective")))

    def fund(self, r: Reader) -> FundLine:
        gap = self.gap(r.object("gap")) if r.has("gap") else None
        return FundLine(id=r.text("id"), kind=r.text("kind", "pooled"), host=r.text("host"), gap=gap,
                        **self.amounts(r, FUND))

    def gap(self, r: Reader) -> Gap:
        amount, partners = r.amount("amount", self.currency), self.each(r, "partners")
        return Gap(amount, partners, self.amounts(r, COLUMNS))

    def repayment(self, r: Reader) -> RepaymentLine:
        return RepaymentLine(r.text("fund"), r.text("partner"), **self.amounts(r, REPAYMENT))

    def note(self, r: Reader) -> Note:
        return r.finished(Note(r.text("kind"), r.date("date"), r.text("service"), r.text("text"), r.text("owner"),
                               r.text("by")))

    def extract(self, r: Reader) -> Extract:
        return r.finished(Extract(r.text("partner"), r.text("seal")))

    def previous(self, r: Reader) -> Previous:
        return r.finished(Previous(r.text("period"), r.count("issue"), self.each(r, "forecasts"),
                                   self.each(r, "forecast_shares")))

    def change(self, r: Reader) -> PlanChange:
        return r.finished(PlanChange(r.text("kind"), r.date("date"), r.text("service"), r.amount(
            "amount", self.currency), r.text("reference"), r.text("text")))

    def forecast(self, r: Reader) -> EarlierForecast:
        return EarlierForecast(r.text("period"), r.count("issue"), **self.amounts(r, FORECAST))

    def known(self, r: Reader, key: str) -> int | None:
        return r.amount(key, self.currency) if r.has(key) else None

    def service(self, r: Reader) -> ServiceLine:
        name = r.text("id")
        parts = {key: Part(**self.amounts(part, PART)) for key, part in r.keyed("partners")}
        committed = r.amount("committed", self.currency, 0)
        names = tuple(key for key in (*SERVICE, *COLUMNS) if key != "committed")
        return ServiceLine(id=name, name=r.text("name", name), fund=r.text("fund"), partners=parts,
                           committed=committed, **self.amounts(r, names))

    def partner(self, key: str, r: Reader) -> PartnerLine:
        name, agreed = r.text("name", key), self.known(r, "contribution_agreed")
        return PartnerLine(id=key, name=name, contribution_agreed=agreed, **self.amounts(r, PARTNER))

    def reserve(self, key: str, r: Reader) -> ReserveLine:
        by_partner = self.each(r, "by_partner")
        return ReserveLine(id=key, by_partner=by_partner, **self.amounts(r, RESERVE))

    def claim(self, r: Reader) -> ClaimLine:
        return ClaimLine(r.text("case"), **self.amounts(r, CLAIM))

    def outcome(self, r: Reader) -> OutcomeLine:
        return r.finished(OutcomeLine(r.text("id"), r.text("service"), r.text("measured"), r.text("baseline"),
                                      r.amount("value", self.currency), self.each(r, "gains"),
                                      self.each(r, "paid") if r.has("paid") else {}, r.text("indicator", ""),
                                      self.known(r, "expected")))

    def working(self, r: Reader) -> WorkingLine:
        return r.finished(WorkingLine(r.text("rule"), r.text("reference"), r.text("step"),
                                      r.amount("in", self.currency), self.each(r, "out"),
                                      r.amount("remaining", self.currency), r.text("because")))

    def check(self, r: Reader) -> Check:
        return r.finished(Check(r.text("check"), r.truth("holds")))
