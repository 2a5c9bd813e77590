"""The tables of a statement: heads, rows, totals, and what must foot in each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from commissioning.statement import COLUMNS, PartnerLine, Statement
from exports.facts import (
    COLUMN_WORDS,
    RATING_RULE,
    SIGN_RULE,
    STATUS_WORDS,
    Facts,
    counted_as_paid,
    forecast_variance,
    rating,
)
from exports.view import Column, Foot, Table
from exports.words import Kind, Value, day, listed, noun, percent, plain, signed

MONEY, VARIANCE, SETTLEMENT, TEXT = Kind.MONEY, Kind.VARIANCE, Kind.SETTLEMENT, Kind.TEXT
Rows = tuple[tuple[Value, ...], ...]
WORKING_NOTE = ("Each step takes its part of what comes in and passes on the rest. A minus sign marks an underspend or "
                "an amount given back.")


def tables(facts: Facts) -> tuple[Table, ...]:
    """Every table in reading order; those of which the statement has no line are left out."""
    matrices = (
        _by_partner(facts, "actual", "Actual by partner", "What each partner bears of each service"),
        _by_partner(facts, "variance", "Variance by partner", "Each partner's part of each variance"),
        _by_partner(facts, "budget", "Budget by partner", "Each partner's part of each plan to date"))
    notes = [table for table in (_notes(facts),) if table.rows]
    always = (_services(facts), *notes, _partners(facts), _contributions(facts), *matrices, _funds(facts))
    some = (_gaps(facts), _reserves(facts), _repayments(facts), _claims(facts), _outcomes(facts),
            *_distributions(facts))
    return (*always, *(table for table in some if table.rows), _agreements(facts), _checks(facts))


def total(columns: Sequence[Column], rows: Rows, word: str = "Total") -> tuple[Value, ...] | None:
    """The total row: the sum of each summed column; none where there is nothing to add up."""
    if len(rows) < 1 or not any(column.summed for column in columns):
        return None
    sums = [sum(value for row in rows if isinstance(value := row[i], int)) if column.summed else None
            for i, column in enumerate(columns)]
    return (word, *sums[1:])


def _services(facts: Facts) -> Table:
    s = facts.statement
    committed = any(line.committed for line in s.services)
    columns = (Column("Service"), Column("Plan to date", MONEY, "To date", True),
               Column("Actual to date", MONEY, "To date", True), Column("Variance to date", VARIANCE, "To date", True),
               *([Column("Committed, not yet spent", MONEY, "To date", True)] if committed else []),
               Column("Annual budget", MONEY, "Full year", True), Column("Forecast", MONEY, "Full year", True),
               *([Column(f"Forecast at {s.previous.period}", MONEY, "Full year", True)] if s.previous else []),
               Column("Forecast variance", VARIANCE, "Full year", True),
               Column("% of budget", Kind.PERCENT, "Full year"), Column("Rating", Kind.RATING, "Full year"))
    rows: Rows = tuple((line.name or line.id, line.budget, line.actual, line.variance,
                        *([line.committed] if committed else []), line.annual_budget, line.forecast,
                        *([s.previous.forecasts.get(line.id, 0)] if s.previous else []), forecast_variance(line),
                        percent(forecast_variance(line), line.annual_budget),
                        rating(forecast_variance(line), line.annual_budget)) for line in s.services)
    sums = total(columns, rows)
    if sums:
        away = s.totals.forecast - s.totals.annual_budget
        sums = (*sums[:-2], percent(away, s.totals.annual_budget), rating(away, s.totals.annual_budget))
    late = 5 if committed else 4
    return Table("Services", _services_heading(facts), "Plan, actual and forecast of each service", columns, rows,
                 sums, (Foot("actual less plan is the variance", (2,), (1,), 3),
                        Foot("forecast less annual budget is the forecast variance", (late + 1,), (late,),
                             late + (3 if s.previous else 2))),
                 f"{SIGN_RULE} {RATING_RULE}", empty="The pool has no services in this period.")


def _notes(facts: Facts) -> Table:
    """What the pool manager tells the board of the period."""
    words = {"explanation": "Reason", "action": "Action", "decision": "Decision"}
    columns = (Column("What"), Column("Service"), Column("In words"), Column("Who"), Column("By"))
    rows: Rows = tuple((words.get(n.kind, n.kind), facts.services.get(n.service, n.service), n.text, n.owner,
                        day(dt.date.fromisoformat(n.by)) if n.by else "") for n in facts.statement.notes)
    return Table("Notes", "Reasons, actions and decisions", "What the pool manager tells the board", columns, rows)


def _services_heading(facts: Facts) -> str:
    t = facts.statement.totals
    reds = sum(rating(forecast_variance(line), line.annual_budget) == "Red" for line in facts.statement.services)
    tail = f"; {reds} of {len(facts.statement.services)} rated Red" if reds else ""
    if not t.variance:
        return f"Services: in total exactly on plan{tail}"
    return f"Services: {percent(t.variance, t.budget)} {noun(t.variance)} to date{tail}"


def _partner_rows(facts: Facts, cells: Callable[[PartnerLine], Iterable[Value]]) -> Rows:
    return tuple((line.name or line.id, *cells(line)) for line in facts.statement.partners)


def asked(facts: Facts) -> Table:
    """What each partner is asked for, and by which clause: the first page's table."""
    settlement = "Settlement, indicative" if facts.statement.indicative else "Settlement"
    columns = (Column("Partner"), Column("Amount due under the agreement", MONEY, "", True),
               Column("Paid or credited", MONEY, "", True), Column(settlement, SETTLEMENT, "", True),
               Column("What is asked, and by which clause"))
    rows = _partner_rows(facts, lambda p: (p.liability, counted_as_paid(p), p.settlement, _request(facts, p)))
    return Table("Asked of partners", _asked_heading(facts), "What each partner is asked for", columns, rows,
                 _partner_total(facts, columns, rows), (Foot("due less paid is the settlement", (1,), (2,), 3),),
                 "Paid or credited: in cash, in kind or directly to providers, less charges and income held.",
                 empty="The statement names no partner.")


def _asked_heading(facts: Facts) -> str:
    return ("What each partner is asked for now, and where the year stands" if facts.statement.indicative
            else "What each partner is asked for")


def _partner_total(facts: Facts, columns: Sequence[Column], rows: Rows) -> tuple[Value, ...] | None:
    return None if facts.extract else total(columns, rows)


def _request(facts: Facts, line: PartnerLine) -> str:
    """The request in words, with the clauses it rests on."""
    s, by = facts.statement, listed(facts.clauses(line.id))
    if not s.indicative:
        words = ("Nothing" if not line.settlement else
                 signed(abs(line.settlement), SETTLEMENT, s.currency) if line.settlement > 0 else
                 signed(line.settlement, SETTLEMENT, s.currency))
    elif line.due_now > 0:
        words = f"{plain(line.due_now, s.currency)} to pay now"
    else:
        ahead = f" ({plain(-line.outstanding, s.currency)} paid ahead)" if line.outstanding < 0 else ""
        words = f"Nothing now{ahead}"
    return f"{words}. {by}" if by else words


def _partners(facts: Facts) -> Table:
    columns = (Column("Partner"), Column("Share of plan", MONEY, "Shares", True),
               Column("Share of actual", MONEY, "Shares", True), Column("Share of variance", VARIANCE, "Shares", True),
               Column("Share of variance on the forecast", VARIANCE, "Shares", True))
    rows = _partner_rows(facts, lambda p: (
        p.share_of_budget, p.share_of_actual, p.share_of_variance, p.forecast_share))
    return Table("Partners", "Partners: what each bears", "Each partner's share of plan, actual and variance",
                 columns, rows, _partner_total(facts, columns, rows), empty="The statement names no partner.")


def _contributions(facts: Facts) -> Table:
    earlier = any(p.brought_forward or p.settled for p in facts.statement.partners)
    columns = (Column("Partner"), Column("Contribution due", MONEY, "Contributions", True),
               Column("Contribution paid", MONEY, "Contributions", True),
               Column("Outstanding", MONEY, "Contributions", True), Column("Due now", MONEY, "Contributions", True),
               *((Column("Earlier settlements brought forward", SETTLEMENT, "Earlier", True),
                  Column("Earlier settlements settled", SETTLEMENT, "Earlier", True)) if earlier else ()))
    rows = _partner_rows(facts, lambda p: (p.contribution_due, p.contribution_paid, p.outstanding, p.due_now,
                                           *((p.brought_forward, p.settled) if earlier else ())))
    return Table("Contributions", _contributions_heading(facts), "Contributions due and paid by each partner",
                 columns, rows, _partner_total(facts, columns, rows),
                 note="Due now: contributions due to date less what was paid in cash, in kind and directly. "
                      "A minus sign: more than that was paid, given, or spent on lines met by own spending. "
                      "Earlier periods' settlements stand apart: "
                      f"{'in columns of their own' if earlier else 'none is open'}.",
                 empty="The statement names no partner.")


def _contributions_heading(facts: Facts) -> str:
    late = [line.name or line.id for line in facts.statement.partners if line.due_now > 0]
    if not late:
        return "Contributions: none overdue"
    who = listed(late) if len(listed(late)) <= 50 else f"{len(late)} of {len(facts.statement.partners)} partners"
    return f"Contributions: {who} behind"


def _by_partner(facts: Facts, part: str, name: str, heading: str) -> Table:
    """Services down, partners across. The actual also shows what no partner bears, so that each row foots."""
    s, kind = facts.statement, VARIANCE if part == "variance" else MONEY
    used = [key for key in COLUMNS if part != "budget" and any(getattr(line, key) for line in s.services)]
    others = ["Other partners"] if facts.extract else []
    columns = (Column("Service"), *(Column(line.name or line.id, kind, line.id, True) for line in s.partners),
               *(Column(word, kind, "others", True) for word in others),
               *(Column(COLUMN_WORDS[key], kind, key, True) for key in used),
               Column(f"{'Plan' if part == 'budget' else part.capitalize()} to date", kind, "", True))
    rows: list[tuple[Value, ...]] = []
    for line in s.services:
        own = [getattr(line.partners[p.id], part) if p.id in line.partners else 0 for p in s.partners]
        beside, whole = [getattr(line, key) for key in used], getattr(line, part)
        rest = [whole - sum(own) - sum(beside)] if others else []
        rows.append((line.name or line.id, *own, *rest, *beside, whole))
    last = len(columns) - 1
    note = ("What no partner bears stands in columns of its own; there a minus sign means put aside or given back."
            if used else "")
    return Table(name, heading, f"{heading}, in {s.currency}", columns, tuple(rows), total(columns, tuple(rows)),
                 (Foot("the parts of each row sum to the whole", tuple(range(1, last)), (), last),) if rows else (),
                 note, False, "The pool has no services in this period.")


def _funds(facts: Facts) -> Table:
    columns = (Column("Fund"), Column("Kind", TEXT, "About"), Column("Host", TEXT, "About"),
               Column("Opening", MONEY, "Cash", True), Column("Received", MONEY, "Cash", True),
               Column("Paid", MONEY, "Cash", True), Column("Closing", MONEY, "Cash", True),
               Column("Uncommitted in the plan", MONEY, "Cash", True))
    rows: Rows = tuple((f.id, f.kind.replace("_", " "), facts.name(f.host), f.opening, f.received, f.paid, f.closing,
                        f.uncommitted) for f in facts.statement.funds)
    return Table("Funds", "Cash of each fund", "What each fund's bank held, received and paid", columns, rows,
                 total(columns, rows), (Foot("opening plus received less paid is closing", (3, 4), (5,), 6),),
                 brief=False, empty="The statement has no fund.")


def _gaps(facts: Facts) -> Table:
    """What contributions are short of budgets, and who bears it, where the agreement shares that."""
    s, short = facts.statement, [(f.id, f.gap) for f in facts.statement.funds if f.gap is not None]
    used = [key for key in COLUMNS if any(gap.columns.get(key) for _, gap in short)]
    others = ["Other partners"] if facts.extract else []
    columns = (Column("Fund"), *(Column(p.name or p.id, MONEY, p.id, True) for p in s.partners),
               *(Column(word, MONEY, "others", True) for word in others),
               *(Column(COLUMN_WORDS[key], MONEY, key, True) for key in used), Column("Gap to date", MONEY, "", True))
    rows: list[tuple[Value, ...]] = []
    for fund, gap in short:
        own, beside = [gap.partners.get(p.id, 0) for p in s.partners], [gap.columns.get(key, 0) for key in used]
        rest = [gap.amount - sum(own) - sum(beside)] if others else []
        rows.append((fund, *own, *rest, *beside, gap.amount))
    last = len(columns) - 1
    return Table("Gap", "Who bears what contributions are short of budgets",
                 f"What each fund's contributions are short of its budgets to date, in {s.currency}", columns,
                 tuple(rows), total(columns, tuple(rows)),
                 (Foot("the parts of each row sum to the gap", tuple(range(1, last)), (), last),) if rows else ())


def _repayments(facts: Facts) -> Table:
    """What funds owe back to partners that covered an overspend of an earlier year."""
    columns = (Column("Partner"), Column("Fund", TEXT, "About"), Column("Opening", MONEY, "Movement", True),
               Column("Added", MONEY, "Movement", True), Column("Due this year", MONEY, "Movement", True),
               Column("Closing", MONEY, "Movement", True))
    rows: Rows = tuple((facts.name(line.partner), line.fund, line.opening, line.added, line.due, line.closing)
                       for line in facts.statement.repayments)
    return Table("Repayments", "Owed back to partners over later years",
                 "What partners that covered an overspend are repaid", columns, rows, total(columns, rows),
                 (Foot("opening plus added less due is closing", (2, 3), (4,), 5),))


def _reserves(facts: Facts) -> Table:
    s = facts.statement
    owners = [p for p in s.partners if any(r.by_partner.get(p.id) for r in s.reserves)]
    others = ["Other partners"] if facts.extract else []
    columns = (Column("Reserve"), Column("Opening", MONEY, "Movement", True), Column("Drawn", MONEY, "Movement", True),
               Column("Added", MONEY, "Movement", True), Column("Closing", MONEY, "Movement", True),
               *(Column(f"Of which {p.name or p.id}", MONEY, p.id, True) for p in owners),
               *(Column(f"Of which {word.lower()}", MONEY, "others", True) for word in others))
    rows: Rows = tuple((
        r.id, r.opening, r.drawn, r.added, r.closing, *(r.by_partner.get(p.id, 0) for p in owners),
        *(r.closing - sum(r.by_partner.values()) for _ in others)) for r in s.reserves)
    owned = Foot("the partners' parts sum to the closing balance", tuple(range(5, len(columns))), (), 4)
    return Table("Reserves", "Reserves by partner of origin", "Movement of each reserve and whose it is",
                 columns, rows, total(columns, rows),
                 (Foot("opening less drawn plus added is closing", (1, 3), (2,), 4),
                  *([owned] if len(columns) > 5 else [])))


def _claims(facts: Facts) -> Table:
    columns = (Column("Claim"), *(Column(word, MONEY, "", True)
                                  for word in ("Claimed", "Recognised", "Drawn", "Contested")))
    rows = tuple((c.case, c.claimed, c.recognised, c.drawn, c.contested) for c in facts.statement.claims)
    return Table("Claims", "Claims on funders", "Claims and what is contested", columns, rows, total(columns, rows))


def _outcomes(facts: Facts) -> Table:
    """What each partner paid for a service beside what it gained: a saving in one pocket that another pays for."""
    columns = (Column("Outcome"), Column("Service", TEXT, "About"), Column("Measured", TEXT, "About"),
               Column("Baseline", TEXT, "About"), Column("Who", TEXT, "Who"),
               Column("Paid for the service", MONEY, "Who", True), Column("Gained", MONEY, "Who", True),
               Column("Gained less paid", MONEY, "Who", True))
    rows: list[tuple[Value, ...]] = []
    for o in facts.statement.outcomes:
        for who in dict.fromkeys([*o.paid, *o.gains]):
            paid, gained = o.paid.get(who, 0), o.gains.get(who, 0)
            if paid or gained:
                rows.append((o.id, facts.services.get(o.service, o.service), o.measured, o.baseline, facts.name(who),
                             paid, gained, gained - paid))
    return Table("Outcomes", "Who paid and who gained", "Outcomes: what each partner paid, and what it gained", columns,
                 tuple(rows), total(columns, tuple(rows)),
                 (Foot("gained less paid is the difference", (6,), (5,), 7),) if rows else (),
                 note="A partner pays its part of the service's actual cost; the gain is in units better than the "
                      "baseline, at the agreed value. Who gains need not be a partner.")


def _distributions(facts: Facts) -> tuple[Table, ...]:
    columns = (Column("Recipient"), Column("Amount", MONEY, "", True))
    found = []
    for pot, parts in facts.statement.distributions.items():
        rows = tuple((facts.name(key), amount) for key, amount in parts.items())
        found.append(Table(f"Pot {pot}", f"How {pot} is divided", f"What each recipient has of {pot}", columns, rows,
                           total(columns, rows)))
    return tuple(found)


def _agreements(facts: Facts) -> Table:
    columns = (Column("Agreement"), Column("Reference"), Column("Status"), Column("In effect from"))
    rows = tuple((a.id, a.reference, STATUS_WORDS.get(a.status, a.status), day(a.effective))
                 for a in facts.statement.agreements)
    return Table("Agreements", "Agreements in force", "Agreements that the figures rest on", columns, rows,
                 brief=False, empty="No agreement was in force.")


def _checks(facts: Facts) -> Table:
    failed = sum(not c.holds for c in facts.statement.checks)
    rows = tuple((c.check, "Holds" if c.holds else "FAILS") for c in facts.statement.checks)
    heading = f"Checks: {failed} of {len(rows)} fail" if failed else f"Checks: all {len(rows)} hold"
    return Table("Checks", heading if rows else "Checks", "What was checked when the statement was made",
                 (Column("Check"), Column("Result")), rows, brief=False, empty="No check was recorded.")


def working_table(statement: Statement, facts: Facts) -> Table:
    """The calculation step by step with a column for each that takes a part; for the workbook."""
    takers = list(dict.fromkeys(key for line in statement.working for key in line.out))
    columns = (Column("Step", Kind.COUNT), Column("Rule"), Column("Clause"), Column("What it does"),
               Column("Comes in", MONEY), *(Column(facts.name(key), MONEY) for key in takers),
               *([Column("Other partners", MONEY)] if facts.extract else []), Column("Goes on", MONEY),
               Column("Because"))
    rows: list[tuple[Value, ...]] = []
    for number, line in enumerate(statement.working, 1):
        parts = [line.out.get(key, 0) for key in takers]
        rest = [line.amount_in - line.remaining - sum(parts)] if facts.extract else []
        rows.append((number, line.rule, line.reference, facts.step(line), line.amount_in, *parts, *rest, line.remaining,
                     line.because))
    last = len(columns) - 2
    return Table("Working", "Working, step by step", "How each step divides what comes in", columns, tuple(rows), None,
                 (Foot("comes in less what is taken goes on", (4,), tuple(range(5, last)), last),) if rows else (),
                 WORKING_NOTE, False, "No rule had anything to share in this period.")
