"""Sample statements whose every table foots: a small pool, an interim one, a wide one, and one without activity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from commissioning.statement import (
    AgreementLine,
    Check,
    EarlierForecast,
    FundLine,
    Note,
    OutcomeLine,
    Part,
    PartnerLine,
    PlanChange,
    Previous,
    ReserveLine,
    ServiceLine,
    Statement,
    Totals,
    WorkingLine,
)
from ledger.money import split

HEAD = "4f9c1a2e7b60d5318c44e0a9f2b7716d03c85e9aa1d64b2f90377c15e8d2ab46"


@dataclass(frozen=True)
class Cost:
    """A service as the samples describe it: annual plan, actual to date and forecast, in minor units."""

    id: str
    name: str
    annual: int
    actual: int
    forecast: int


@dataclass(frozen=True)
class Body:
    """A partner: its annual contribution and what it has paid."""

    id: str
    name: str
    contribution: int
    paid: int


def build(name: str, period: str, quarters: int, bodies: Sequence[Body], costs: Sequence[Cost], *, reserve: int = 0,
          clause: str = "Schedule 3, paragraph 4", status: str = "signed", currency: str = "GBP",
          contested: int = 0) -> Statement:
    """A pool whose overspend goes first to a reserve, then to the partners by contribution, the rest to dispute."""
    weights = [body.contribution for body in bodies]
    services = [_service(cost, quarters, bodies, weights) for cost in costs]
    variance = sum(line.variance for line in services)
    drawn = min(reserve, max(variance, 0))
    parked = min(contested, max(variance - drawn, 0))
    services = _without_partners(services, bodies, drawn, parked)
    shares = [sum(line.partners[b.id].variance for line in services) for b in bodies]
    indicative = quarters < 4
    partners = tuple(_partner(body, share, quarters, services, indicative)
                     for body, share in zip(bodies, shares, strict=True))
    received = sum(line.contribution_paid for line in partners)
    actual = sum(line.actual for line in services)
    origin = split(reserve, weights) if reserve else [0] * len(bodies)
    taken = split(drawn, weights) if drawn else [0] * len(bodies)
    left = [a - b for a, b in zip(origin, taken, strict=True)]
    return Statement(
        partnership="sample", name=name, currency=currency, period=period, starts=dt.date(2018, 4, 1),
        ends=[dt.date(2018, 6, 30), dt.date(2018, 9, 30), dt.date(2018, 12, 31), dt.date(2019, 3, 31)][quarters - 1],
        indicative=indicative, issue=1,
        agreements=(AgreementLine("scheme-2018", "Integration scheme of 6 February 2018", status,
                                  dt.date(2018, 4, 1)),),
        known_at=dt.datetime(2019, 4, 8, 9, 30, tzinfo=dt.UTC), entries=1234, head=HEAD,
        totals=_totals(services),
        funds=(FundLine("core", "pooled", bodies[0].id, 0, received, actual - 1_000, 0, received - actual + 1_000),),
        services=tuple(services), partners=partners,
        reserves=(ReserveLine("general", reserve, drawn, 0, reserve - drawn,
                              {b.id: part for b, part in zip(bodies, left, strict=True)}),) if reserve else (),
        distributions={}, claims=(), outcomes=(), unallocated=0, contested=parked,
        working=_working(bodies, shares, variance, drawn, parked, clause),
        checks=(Check("services foot to totals", holds=True), Check("each service's row foots", holds=True),
                Check("partners' settlements equal their accounts", holds=True),
                Check("the trial balance is zero in every fund", holds=True)))


def _service(cost: Cost, quarters: int, bodies: Sequence[Body], weights: list[int]) -> ServiceLine:
    budget = (2 * cost.annual * quarters + 4) // 8
    variance = cost.actual - budget
    parts = {body.id: Part(b, b + v, v) for body, b, v in
             zip(bodies, split(budget, weights), split(variance, weights), strict=True)}
    return ServiceLine(cost.id, cost.name, "core", budget, cost.annual, cost.actual, variance, cost.forecast, 0, parts)


def _without_partners(services: list[ServiceLine], bodies: Sequence[Body], drawn: int,
                      parked: int) -> list[ServiceLine]:
    """Takes what the reserve and the dispute bear out of the partners' parts, service by service, as far as it goes."""
    found = []
    for line in services:
        reserve = min(drawn, max(line.variance, 0))
        dispute = min(parked, max(line.variance, 0) - reserve)
        drawn, parked = drawn - reserve, parked - dispute
        weights = [max(line.partners[b.id].budget, 1) for b in bodies]
        shared = split(line.variance - reserve - dispute, weights)
        parts = {b.id: Part(line.partners[b.id].budget, line.partners[b.id].budget + v, v)
                 for b, v in zip(bodies, shared, strict=True)}
        found.append(ServiceLine(line.id, line.name, line.fund, line.budget, line.annual_budget, line.actual,
                                 line.variance, line.forecast, 0, parts, reserves=reserve, contested=dispute))
    return found


def _partner(body: Body, share: int, quarters: int, services: list[ServiceLine], indicative: bool) -> PartnerLine:
    due = (2 * body.contribution * quarters + 4) // 8
    return PartnerLine(
        body.id, body.name, due, body.paid, due - body.paid, sum(s.partners[body.id].budget for s in services),
        sum(s.partners[body.id].actual for s in services), share, share * 3 // 2 if indicative else share,
        due + share, due + share - body.paid, due - body.paid, 0, 0)


def _totals(services: Sequence[ServiceLine]) -> Totals:
    return Totals(*(sum(getattr(line, key) for line in services)
                    for key in ("budget", "annual_budget", "actual", "variance", "forecast", "committed")))


def _working(bodies: Sequence[Body], shares: list[int], variance: int, drawn: int, parked: int,
             clause: str) -> tuple[WorkingLine, ...]:
    if not variance:
        return ()
    lines = []
    if drawn:
        lines.append(WorkingLine("core-risk", clause, "draw on reserve general", variance, {"reserve:general": drawn},
                                 variance - drawn, "The reserve goes first, up to what it holds."))
    named = "; ".join(f"{b.name} {b.contribution / 100:,.2f}" for b in bodies[:3])
    lines.append(WorkingLine("core-risk", clause, "share by contribution", variance - drawn,
                             {b.id: share for b, share in zip(bodies, shares, strict=True)}, parked,
                             f"Each bears the part that its yearly contribution is of all contributions ({named}), "
                             "to the penny by largest remainder."))
    if parked:
        lines.append(WorkingLine("core-risk", clause, "rest to dispute", parked, {"contested": parked}, 0,
                                 "What the partners have not agreed to share is parked."))
    return tuple(lines)


def small() -> Statement:
    """Two partners, six services, year end: an overspend of six million shared by contribution."""
    bodies = (Body("council", "Scottish Borders Council", 46_269_600_00, 46_269_600_00),
              Body("health", "NHS Borders", 123_749_400_00, 123_749_400_00))
    costs = (Cost("older", "Older people and physical disability", 62_310_000_00, 64_120_300_00, 64_120_300_00),
             Cost("learning", "Learning disability", 21_044_000_00, 21_390_511_25, 21_390_511_25),
             Cost("mental", "Mental health", 17_882_000_00, 17_600_222_10, 17_600_222_10),
             Cost("primary", "Primary and community health", 31_508_000_00, 33_961_466_65, 33_961_466_65),
             Cost("prescribing", "Prescribing", 23_275_000_00, 24_946_500_00, 24_946_500_00),
             Cost("joint", "Alcohol, drugs and other joint services", 14_000_000_00, 14_000_000_00, 14_000_000_00))
    return build("Scottish Borders Health and Social Care Partnership", "FY2018-Q4", 4, bodies, costs)


def interim() -> Statement:
    """Three partners at the half year: indicative shares, a reserve, a sum in dispute, one partner behind."""
    bodies = (Body("westmere", "Westmere Council", 4_537_893_71, 2_268_946_86),
              Body("icb", "NHS Westmere ICB", 4_342_205_42, 1_800_000_00),
              Body("oakdale", "Oakdale Borough", 1_271_012_48, 700_000_00))
    costs = (Cost("home", "Home first discharge", 4_123_456_78, 2_219_044_12, 4_388_120_00),
             Cost("reablement", "Reablement", 2_500_000_01, 1_184_112_31, 2_415_000_00),
             Cost("equipment", "Community equipment", 987_654_32, 571_209_80, 1_124_000_00),
             Cost("grant", "Disabled facilities grant", 1_875_000_50, 814_022_17, 1_875_000_50),
             Cost("carers", "Carers support", 400_000_00, 198_700_44, 399_000_00),
             Cost("falls", "Falls prevention", 265_000_00, 136_044_10, 271_000_00))
    made = build("Westmere Pooled Fund", "FY2018-Q2", 2, bodies, costs, reserve=20_000_00, contested=10_000_00)
    return _with_its_course(made, bodies)


def _with_its_course(made: Statement, bodies: Sequence[Body]) -> Statement:
    """What the pool manager tells, what the quarter before expected, what moved the plan, and a saving."""
    told = (Note("explanation", dt.date(2018, 8, 20), "home", "31 more packages a week than planned since July."),
            Note("action", dt.date(2018, 9, 3), "home", "Joint review of packages over six weeks.",
                 "Head of integrated care", "2018-11-14"),
            Note("explanation", dt.date(2018, 9, 4), "grant", "Two large adaptations were put off to the spring."),
            Note("decision", dt.date(2018, 9, 5), "home", "Agree the recovery plan of 3 September."))
    before = {line.id: line.forecast - change for line, change in zip(
        made.services, (180_000_00, -20_000_00, 0, 0, 0, 4_000_00), strict=True)}
    return replace(
        made, notes=told, partners=tuple(replace(line, contribution_agreed=body.contribution) for line, body in
                                         zip(made.partners, bodies, strict=True)),
        previous=Previous("FY2018-Q1", 1, before, {line.id: line.forecast_share - 2_500_00 for line in made.partners}),
        earlier_forecasts=(EarlierForecast("FY2018-Q1", 1, made.totals.annual_budget, sum(before.values())),),
        plan_changes=(PlanChange("virement", dt.date(2018, 7, 2), "home", 25_000_00, "V-1", "Board of 26 June 2018"),
                      PlanChange("virement", dt.date(2018, 7, 2), "falls", -25_000_00, "V-1", "Board of 26 June 2018")),
        outcomes=(OutcomeLine("admissions", "reablement", "1475", "1500", 37_250_00,
                              {"icb": 26_075_00, "users": 11_175_00},
                              {p: part.actual for p, part in made.services[1].partners.items()},
                              "emergency admissions", 111_750_00),))


def wide() -> Statement:
    """Twelve partners and forty services, with long names, long numbers and a draft agreement."""
    bodies = tuple(Body(f"p{n}", f"{place} and Surrounding Districts Integrated Care Board and Municipal Federation",
                        (91_000_000 + 7_777_777 * n) * 100, (45_000_000 + 4_100_000 * n) * 100)
                   for n, place in enumerate(("Ashby", "Birchwood", "Cedarholme", "Dunmore", "Elmstead", "Fernhill",
                                              "Greyfriars", "Hazelmere", "Inverdale", "Juniper Cross", "Kingsbarrow",
                                              "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"), 1))
    annual = split(sum(b.contribution for b in bodies), list(range(3, 43)))
    costs = tuple(Cost(f"s{n}", f"Service {n}: community rehabilitation, reablement and discharge to assess for adults",
                       a, a // 2 + (n - 17) * 61_234_56, a + (n - 15) * 101_010_10) for n, a in enumerate(annual, 1))
    return build("The Twelve Districts Integrated Health, Housing and Social Care Pooled Budget Partnership",
                 "FY2018-M06", 2, bodies, costs, reserve=250_000_00, status="draft")


def idle() -> Statement:
    """A first quarter in which nothing was planned, spent or paid."""
    bodies = (Body("city", "City", 100, 0), Body("users", "Service users", 100, 0))
    costs = (Cost("kotitori", "Kotitori", 0, 0, 0),)
    empty = build("Kotitori", "FY2018-Q1", 1, bodies, costs, currency="EUR")
    return with_nothing_due(empty)


def with_nothing_due(statement: Statement) -> Statement:
    """The same without contributions."""
    partners = tuple(PartnerLine(p.id, p.name, *([0] * 12)) for p in statement.partners)
    funds = (FundLine("core", "pooled", "city", 0, 0, 0, 0, 0),)
    return replace(statement, partners=partners, funds=funds, entries=0, head="")


def hostile() -> Statement:
    """Names that a spreadsheet, a page or a paragraph would take for code."""
    bodies = (Body("=cmd", '=HYPERLINK("http://example.invalid","x")', 100_00, 100_00),
              Body("+plus", "<script>alert(1)</script> & <b>Sons</b>", 300_00, 200_00))
    costs = (Cost("-minus", "-1+1", 200_00, 260_00, 260_00), Cost("@at", "@SUM(A1)", 200_00, 200_00, 200_00))
    return build("@Pool <i>&amp; Friends</i>", "FY2018-Q4", 4, bodies, costs, clause="=1+1 <clause>")


SAMPLES = {"small": small, "interim": interim, "wide": wide, "idle": idle, "hostile": hostile}
