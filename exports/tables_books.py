"""The tables that tell of the books: funds, reserves, repayments, claims, pots, agreements, checks and the working."""

from __future__ import annotations

from collections.abc import Iterator

from commissioning.statement import COLUMNS, Statement
from exports.facts import COLUMN_WORDS, STATUS_WORDS, Facts
from exports.retold import retold
from exports.rows import Rows, other_partners, total
from exports.view import Column, Foot, Table
from exports.words import Kind, Value, day, money
from ledger.language import N_, _

MONEY, TEXT = Kind.MONEY, Kind.TEXT
FUND_KINDS = {"pooled": N_("pooled"), "aligned": N_("aligned"), "set_aside": N_("set aside"), "single": N_("single"),
              "in_kind": N_("in kind")}


def of_funds(facts: Facts) -> Iterator[Table]:
    """Cash; who bears gaps; reserves."""
    yield _funds(facts)
    yield from (table for table in (_gaps(facts), _reserves(facts)) if table.rows)


def of_others(facts: Facts) -> Iterator[Table]:
    """Repayments, claims and pots, as far as there are any."""
    yield from (table for table in (_repayments(facts), _claims(facts), *_distributions(facts)) if table.rows)


def standing(facts: Facts) -> Iterator[Table]:
    """What the figures rest on, and what was checked."""
    yield _agreements(facts)
    yield _checks(facts)


def _funds(facts: Facts) -> Table:
    about, cash = _("About"), _("Cash")
    columns = (Column(_("Fund")), Column(_("Kind"), TEXT, about), Column(_("Host"), TEXT, about),
               Column(_("Opening"), MONEY, cash, True), Column(_("Received"), MONEY, cash, True, "received"),
               Column(_("Paid"), MONEY, cash, True, "paid"), Column(_("Closing"), MONEY, cash, True),
               Column(_("Uncommitted in the plan"), MONEY, cash, True))
    rows: Rows = tuple((f.id, _(FUND_KINDS.get(f.kind, f.kind)), facts.name(f.host), f.opening, f.received, f.paid,
                        f.closing, f.uncommitted) for f in facts.statement.funds)
    return Table(_("Funds"), _("Cash of each fund"), _("What each fund's bank held, received and paid"), columns, rows,
                 total(columns, rows), (Foot(_("opening plus received less paid is closing"), (3, 4), (5,), 6),),
                 brief=False, empty=_("The statement has no fund."), key="funds")


def _gaps(facts: Facts) -> Table:
    """What contributions are short of budgets, and who bears it, where the agreement shares that."""
    s, short = facts.statement, [(f.id, f.gap) for f in facts.statement.funds if f.gap is not None]
    used = [key for key in COLUMNS if any(gap.columns.get(key) for _fund, gap in short)]
    others = other_partners(facts)
    columns = (Column(_("Fund")), *(Column(p.name or p.id, MONEY, p.id, True) for p in s.partners),
               *(Column(word, MONEY, "others", True) for word in others),
               *(Column(_(COLUMN_WORDS[key]), MONEY, key, True) for key in used),
               Column(_("Gap to date"), MONEY, "", True))
    rows: list[tuple[Value, ...]] = []
    for fund, gap in short:
        own, beside = [gap.partners.get(p.id, 0) for p in s.partners], [gap.columns.get(key, 0) for key in used]
        rest = [gap.amount - sum(own) - sum(beside)] if others else []
        rows.append((fund, *own, *rest, *beside, gap.amount))
    last = len(columns) - 1
    caption = _("What each fund's contributions are short of its budgets to date, in {currency}").format(
        currency=s.currency)
    return Table(_("Gap"), _("Who bears what contributions are short of budgets"), caption, columns, tuple(rows),
                 total(columns, tuple(rows)), (Foot(_("the parts of each row sum to the gap"), tuple(range(1, last)),
                                                    (), last),) if rows else (), key="gap")


def _reserves(facts: Facts) -> Table:
    s = facts.statement
    owners = [p for p in s.partners if any(r.by_partner.get(p.id) for r in s.reserves)]
    others, move = other_partners(facts), _("Movement")
    columns = (Column(_("Reserve")), Column(_("Opening"), MONEY, move, True), Column(_("Drawn"), MONEY, move, True),
               Column(_("Added"), MONEY, move, True), Column(_("Closing"), MONEY, move, True),
               *(Column(_("Of which {partner}").format(partner=p.name or p.id), MONEY, p.id, True) for p in owners),
               *(Column(_("Of which other partners"), MONEY, "others", True) for _word in others))
    rows: Rows = tuple((
        r.id, r.opening, r.drawn, r.added, r.closing, *(r.by_partner.get(p.id, 0) for p in owners),
        *(r.closing - sum(r.by_partner.values()) for _word in others)) for r in s.reserves)
    owned = Foot(_("the partners' parts sum to the closing balance"), tuple(range(5, len(columns))), (), 4)
    return Table(_("Reserves"), _reserves_heading(s), _("Movement of each reserve and whose it is"),
                 columns, rows, total(columns, rows),
                 (Foot(_("opening less drawn plus added is closing"), (1, 3), (2,), 4),
                  *([owned] if len(columns) > 5 else [])), key="reserves")


def _reserves_heading(s: Statement) -> str:
    drawn, added = sum(r.drawn for r in s.reserves), sum(r.added for r in s.reserves)
    form = (_("Reserves: {drawn} drawn, {added} added, {left} left") if drawn and added else
            _("Reserves: {drawn} drawn, {left} left") if drawn else
            _("Reserves: {added} added, {left} held") if added else _("Reserves: unchanged at {left}"))
    return form.format(drawn=money(drawn, s.currency), added=money(added, s.currency),
                       left=money(sum(r.closing for r in s.reserves), s.currency))


def _repayments(facts: Facts) -> Table:
    """What funds owe back to partners that covered an overspend of an earlier year."""
    move = _("Movement")
    columns = (Column(_("Partner")), Column(_("Fund"), TEXT, _("About")), Column(_("Opening"), MONEY, move, True),
               Column(_("Added"), MONEY, move, True), Column(_("Due this year"), MONEY, move, True),
               Column(_("Closing"), MONEY, move, True))
    rows: Rows = tuple((facts.name(line.partner), line.fund, line.opening, line.added, line.due, line.closing)
                       for line in facts.statement.repayments)
    return Table(_("Repayments"), _("Owed back to partners over later years"),
                 _("What partners that covered an overspend are repaid"), columns, rows, total(columns, rows),
                 (Foot(_("opening plus added less due is closing"), (2, 3), (4,), 5),), key="repayments")


def _claims(facts: Facts) -> Table:
    columns = (Column(_("Claim")), *(Column(word, MONEY, "", True) for word in (
        _("Claimed"), _("Recognised"), _("Drawn"), _("Contested"))))
    rows = tuple((c.case, c.claimed, c.recognised, c.drawn, c.contested) for c in facts.statement.claims)
    contested = sum(c.contested for c in facts.statement.claims)
    heading = (_("Claims on funders: {amount} contested").format(amount=money(contested, facts.statement.currency))
               if contested else _("Claims on funders: nothing contested"))
    return Table(_("Claims"), heading, _("Claims and what is contested"), columns, rows, total(columns, rows),
                 key="claims")


def _distributions(facts: Facts) -> Iterator[Table]:
    columns = (Column(_("Recipient")), Column(_("Amount"), MONEY, "", True))
    for pot, parts in facts.statement.distributions.items():
        rows = tuple((facts.name(key), amount) for key, amount in parts.items())
        yield Table(_("Pot {pot}").format(pot=pot), _("How {pot} is divided").format(pot=pot),
                    _("What each recipient has of {pot}").format(pot=pot), columns, rows, total(columns, rows),
                    key=f"pot-{pot}")


def _agreements(facts: Facts) -> Table:
    columns = (Column(_("Agreement")), Column(_("Reference")), Column(_("Status")), Column(_("In effect from")))
    rows = tuple((a.id, a.reference, _(STATUS_WORDS.get(a.status, a.status)), day(a.effective))
                 for a in facts.statement.agreements)
    return Table(_("Agreements"), _("Agreements in force"), _("Agreements that the figures rest on"), columns, rows,
                 brief=False, empty=_("No agreement was in force."), key="agreements")


def _checks(facts: Facts) -> Table:
    checks = facts.statement.checks
    failed = sum(not c.holds for c in checks)
    rows = tuple((retold(c.check), N_("Holds") if c.holds else N_("FAILS")) for c in checks)
    heading = (_("Checks: {failed} of {count} fail") if failed else _("Checks: all {count} hold")).format(
        failed=failed, count=len(rows))
    return Table(_("Checks"), heading if rows else _("Checks"), _("What was checked when the statement was made"),
                 (Column(_("Check")), Column(_("Result"), Kind.RATING)), rows, brief=False,
                 empty=_("No check was recorded."), key="checks")


def working_note() -> str:
    """How to read the working."""
    return _("Each step takes its part of what comes in and passes on the rest. A minus sign marks an underspend or an "
             "amount given back.")


def working_table(statement: Statement, facts: Facts) -> Table:
    """The calculation step by step with a column for each that takes a part; for the workbook."""
    takers = list(dict.fromkeys(key for line in statement.working for key in line.out))
    others = other_partners(facts)
    columns = (Column(_("Step"), Kind.COUNT), Column(_("Rule")), Column(_("Clause")), Column(_("What it does")),
               Column(_("Comes in"), MONEY), *(Column(facts.name(key), MONEY) for key in takers),
               *(Column(word, MONEY) for word in others), Column(_("Goes on"), MONEY), Column(_("Because")))
    rows: list[tuple[Value, ...]] = []
    for number, line in enumerate(statement.working, 1):
        parts = [line.out.get(key, 0) for key in takers]
        rest = [line.amount_in - line.remaining - sum(parts) for _word in others]
        rows.append((number, line.rule, line.reference, facts.step(line), line.amount_in, *parts, *rest, line.remaining,
                     retold(line.because)))
    last = len(columns) - 2
    return Table(_("Working"), _("Working, step by step"), _("How each step divides what comes in"), columns,
                 tuple(rows), None, (Foot(_("comes in less what is taken goes on"), (4,), tuple(range(5, last)),
                                          last),) if rows else (), working_note(), False,
                 _("No rule had anything to share in this period."), "working")
