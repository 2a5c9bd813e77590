"""What a close posts: instalments fallen due, then, where shares are settled, the shares, and who owes whom in one sum.

Only the difference from what the year has posted already is new, so a period may be closed again after a correction.
Pure: the position in, entries out; each balances within its fund.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from commissioning.books import postings as to
from commissioning.books.figures import FROM_EARLIER, INSTALMENT, REPAYMENT, SHARE, SQUARE
from commissioning.closing.position import Position
from contributions.rules import instalments
from ledger.model import Entry, Movement, Posting
from ledger.money import split


def instalment_entries(position: Position, issue: int) -> list[Entry]:
    """Instalments that fell due in the period, each on its day; a correction of earlier ones on the period's last."""
    due: dict[tuple[dt.date, str, str], list[Posting]] = defaultdict(list)
    for (fund, partner, source), dated in _falling_due(position).items():
        posted = position.figures.posted[fund, INSTALMENT, to.receivable(partner), source]
        fresh = {date: amount for date, amount in dated.items() if date >= position.period.starts and amount}
        if sum(dated.values()) - posted != sum(fresh.values()):
            fresh = {position.period.ends: sum(dated.values()) - posted}
        words = {"fund": fund, "partner": partner, "source": source}
        for date, amount in fresh.items():
            if amount:
                lines = _pair(to.receivable(partner), to.income_from(partner, source), amount, words)
                due[date, fund, partner] += lines
    return [Entry(INSTALMENT, date, f"{position.period.id}/{issue} {fund} {date.isoformat()} {partner}",
                  "Contribution fallen due", tuple(postings))
            for (date, fund, partner), postings in sorted(due.items())]


def _falling_due(position: Position) -> dict[tuple[str, str, str], dict[dt.date, int]]:
    """What has fallen due by the period's end, by fund, partner and source, and on which day.

    Funds that are not pooled make nothing receivable; their lines are recognised when the shares are settled. A line
    that was posted and has gone from the agreement comes to nothing.
    """
    found: dict[tuple[str, str, str], dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    receivables = {to.receivable(partner): partner for partner in position.agreement.partners}
    for fund, kind, account, source in position.figures.posted:
        if kind == INSTALMENT and account in receivables:
            found[fund, receivables[account], source].clear()
    for stretch in position.begun:
        for line in stretch.lines:
            if not stretch.owes(line):
                continue
            days = found[line.fund, line.partner, line.source]
            for instalment in instalments(line, position.year, stretch.window):
                if instalment.date > position.period.ends:
                    continue
                if stretch.version.funds[line.fund].pooled:
                    days[instalment.date] += instalment.amount
                elif not position.indicative:
                    days[position.period.ends] += instalment.amount
    return found


def share_entries(position: Position, issue: int) -> list[Entry]:
    """The year's shares, reserve movements, contested and unallocated amounts, as far as they are not posted yet.

    What was posted before and is no longer due, because a correction took it away, is taken back.
    """
    if position.indicative:
        return []
    wanted: dict[Key, int] = defaultdict(int)
    for key, amount in _wanted(position):
        wanted[key] += amount
    posted = position.figures.posted
    for fund, kind, account, source in posted:
        if kind == SHARE and account.startswith(SHARED):
            wanted.setdefault((fund, account, source), 0)
    lines: dict[tuple[str, str], list[Posting]] = defaultdict(list)
    for (fund, account, source), amount in wanted.items():
        new = amount - posted[fund, SHARE, account, source]
        if new:
            partner = _partner(position, account)
            words = {"fund": fund, "partner": partner, "source": source}
            lines[fund, partner] += _pair(account, _counter(position, fund, account, source, new), new, words)
    return [Entry(SHARE, position.period.ends, f"{position.period.id}/{issue} {fund} shares {partner}".rstrip(),
                  "Shares under the agreement", tuple(postings)) for (fund, partner), postings in sorted(lines.items())]


Key = tuple[str, str, str]
"""A fund, an account, and the word `source` (of a distribution: its pot)."""
BY_PARTNER = ("income:risk-share:", "income:cost-share:")
RECIPIENTS = "liabilities:recipients:"
SHARED = (*BY_PARTNER, RECIPIENTS, "reserves:", "liabilities:repayable:", to.CONTESTED, to.UNALLOCATED)
"""Accounts on which a close says what the year comes to; the other side of each entry follows from them."""


def _wanted(position: Position) -> Iterable[tuple[Key, int]]:
    """What the year should have moved on each such account, debits positive."""
    for row in [*position.shares.rows.values(), *position.shares.gaps.values()]:
        for partner, amount in row.variance.items():
            yield (row.fund, to.risk_share(partner), ""), row.cost_variance.get(partner, 0) - amount
        for partner, amount in row.cost.items():
            yield (row.fund, to.cost_share(partner), ""), -amount
        for column, account in (("contested", to.CONTESTED), ("unallocated", to.UNALLOCATED)):
            yield (row.fund, account, ""), row.columns.get(column, 0)
    for (fund, partner, _), amount in position.shares.repayable.items():
        yield (fund, to.repayable(partner), ""), -amount
    for (fund, partner), amount in position.repayments_due().items():
        yield (fund, to.repayable(partner), REPAYMENT), amount
    for move in position.shares.moved:
        fund = position.agreement.reserves[move.reserve].fund
        yield (fund, to.reserve(move.reserve, move.partner), move.how), -move.amount
    for pot, (fund, given) in position.distributions.items():
        for name, amount in given.amounts.items():
            if fund:
                yield (fund, to.recipient(name), pot), -amount
    yield from _drawn(position)
    yield from _carried(position)


def _counter(position: Position, fund: str, account: str, source: str, new: int) -> str:
    """The other side: what the partner owes or is owed, a pot's expense, else the fund's balance."""
    if account.startswith(BY_PARTNER) or source in FROM_EARLIER:
        partner = _partner(position, account)
        return to.due_from(partner) if new < 0 else to.due_to(partner)  # a credit is owed by it, a debit to it
    return to.distribution(source) if account.startswith(RECIPIENTS) else to.fund_balance(fund)


def _partner(position: Position, account: str) -> str:
    """The partner that an account is of, if it is of one; a recipient is none."""
    name = account.rpartition(":")[2]
    return name if name in position.agreement.partners and not account.startswith(RECIPIENTS) else ""


def _pair(debit: str, credit: str, amount: int, words: Mapping[str, str]) -> list[Posting]:
    fund, partner, source = words.get("fund", ""), words.get("partner", ""), words.get("source", "")
    return [Posting(debit, amount, fund, partner, source=source),
            Posting(credit, -amount, fund, partner, source=source)]


def _drawn(position: Position) -> Iterable[tuple[Key, int]]:
    """What each reserve is down by, by origin: a reserve that grew is down by less than nothing."""
    for name, terms in position.agreement.reserves.items():
        drawn, added = position.drawn(name), position.shares.added.get(name, {})
        for partner in position.agreement.partners:
            yield (terms.fund, to.reserve(name, partner), ""), drawn.get(partner, 0) - added.get(partner, 0)


def _carried(position: Position) -> Iterable[tuple[Key, int]]:
    """What is carried forward by partner, as a credit: this year's in proportion to contributions, less what the year
    before left, which this year's budgets have used."""
    for fund in position.funds:
        shares = position.shares
        rows = [row for row in [*shares.rows.values(), *shares.gaps.values()] if row.fund == fund]
        carried = -sum(row.columns.get("carried_forward", 0) for row in rows)
        given = {p: position.contribution_owed(p, fund) for p in position.agreement.partners}
        weights = given if sum(given.values()) else dict.fromkeys(given, 1)
        for partner, part in zip(given, split(carried, list(weights.values())), strict=True):
            yield (fund, to.carry_forward(partner), ""), position.figures.carried[fund, partner] - part


def later_years_entries(position: Position, issue: int, *, again: bool = False) -> list[Entry]:
    """The memoranda that later years read: what is carried to which service, and what is repaid to whom.

    A later issue, or (`again`) a correction, replaces what an earlier one said, also by nothing.
    """
    if not position.last_of_year:
        return []
    again = again or issue > 1
    found: list[tuple[str, str, Mapping[str, object]]] = []
    if position.shares.carried or again:
        found.append(("carry_forward", "Carried forward to next year's budgets", {"services": position.shares.carried}))
    if position.lending or again:
        found.append(("lending", "Covered by partners, to be repaid", {"lent": [asdict(o) for o in position.lending]}))
    return [Entry(kind, position.period.ends, f"{position.period.id}/{issue}", memo,
                  details=json.dumps(details, sort_keys=True)) for kind, memo, details in found]


def squaring_entries(position: Position, movements: Sequence[Movement], posted: Iterable[Entry],
                     issue: int) -> list[Entry]:
    """Nets what each partner owes and is owed, so that after a settling close one account says it in one sum."""
    if position.indicative:
        return []
    balances: dict[tuple[str, str], int] = defaultdict(int)
    for m in movements:
        balances[m.fund, m.account] += m.amount
    for line in (line for entry in posted for line in entry.postings):
        balances[line.fund, line.account] += line.amount
    funds = list(dict.fromkeys(fund for fund, _ in balances))
    found = []
    for fund in funds:
        for partner in position.agreement.partners:
            if lines := _squared(balances, fund, partner):
                reference = f"{position.period.id}/{issue} {fund} squaring {partner}"
                found.append(Entry(SQUARE, position.period.ends, reference, "What the partner owes or is owed, netted",
                                   tuple(lines)))
    return found


def _squared(balances: Mapping[tuple[str, str], int], fund: str, partner: str) -> list[Posting]:
    accounts = (to.receivable(partner), to.due_from(partner), to.due_to(partner))
    owed = sum(balances[fund, account] for account in accounts)
    wanted = {to.due_from(partner): max(owed, 0), to.due_to(partner): min(owed, 0)}
    return [Posting(account, change, fund, partner) for account in accounts
            if (change := wanted.get(account, 0) - balances[fund, account])]
