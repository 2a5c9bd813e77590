"""Puts pages together: whole statements that tie, in order, each line with the id it will go by in the books.

A line's id is the bank's own reference. Where the bank gives none, it is made of what the line says, so that it is the
same whenever and in whichever file the line is read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from contributions.bank import refusals as no
from contributions.bank.model import BankLine, Page, Read, Statement
from ledger.errors import PoolbookError, Refused
from ledger.money import grouped

Known = tuple[str, str, dt.date, int]
"""A line as it is known again: its account, id, day and amount."""


def assemble(pages: Iterable[Page], currency: str) -> Read:
    """The statements that pages from one or several files make up. Raises `Refused` where they do not tie."""
    given = list(pages)
    once, repeated = _once(given)
    faults: list[PoolbookError] = []
    whole: list[Statement] = []
    for some in _together([page for page in once if not page.foreign]):
        faults += _faults(some, currency)
        whole.append(_statement(some))
    whole.sort(key=lambda s: (s.account, s.ends or dt.date.max, s.starts or dt.date.max, s.sequence))
    outer, within = _without_parts(whole)
    taken, again = _taken_once(outer)
    faults += _gaps(taken, currency)
    if faults:
        raise Refused(faults)
    other = tuple(fault for page in once for fault in page.other)
    return Read(tuple(taken), sum(page.waiting for page in once), again + repeated + within, other)


def _once(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """Pages without those that are there a second time, and how many lines those have."""
    seen: dict[tuple[object, ...], Page] = {}
    repeated = 0
    for page in pages:
        key = (page.account, page.statement, page.number, page.opening, page.closing, tuple(map(_says, page.lines)))
        if key in seen:
            repeated += len(page.lines)
        else:
            seen[key] = page
    return list(seen.values()), repeated


def _together(pages: Sequence[Page]) -> list[list[Page]]:
    """Pages of one statement together, in their order; a page that is first and last is a statement of its own."""
    found = [[page] for page in pages if page.number == 1 and page.last]
    paged = sorted((page for page in pages if page.number != 1 or not page.last),
                   key=lambda page: (page.account, page.statement, page.number))
    return found + [list(some) for _, some in groupby(paged, key=lambda page: (page.account, page.statement))]


def _faults(pages: Sequence[Page], currency: str) -> list[PoolbookError]:
    first, final = pages[0], pages[-1]
    numbers = [page.number for page in pages]
    wanted = next((n for n in range(1, len(pages) + 1) if n not in numbers), None)
    if wanted is None and not final.last:
        wanted = len(pages) + 1
    if wanted is not None:
        return [no.BankPageMissing(final.place, statement=first.statement, account=first.account, missing=wanted)]
    lines = sum(line.amount for page in pages for line in page.lines)
    if first.opening is None or final.closing is None or first.opening + lines == final.closing:
        return []
    off = final.closing - first.opening - lines
    return [no.BankBalanceDiffers(
        final.place, statement=first.statement, account=first.account, opening=grouped(first.opening, currency),
        lines=grouped(lines, currency), closing=grouped(final.closing, currency), difference=grouped(off, currency))]


def _statement(pages: Sequence[Page]) -> Statement:
    first, final = pages[0], pages[-1]
    lines = [line for page in pages for line in page.lines]
    days = [line.booked for line in lines]
    starts = next((page.starts for page in pages if page.starts), min(days, default=None))
    ends = next((page.ends for page in reversed(pages) if page.ends), max(days, default=None))
    named: Counter[str] = Counter()
    with_ids = []
    for line in lines:
        base = line.bank_reference or f"{line.booked}-{_digest(line)}"
        named[base] += 1
        which = f"{base}#{named[base]}" if named[base] > 1 else base
        with_ids.append(replace(line, id=which, statement=first.statement))
    return Statement(first.account, first.statement, starts, ends, first.opening, final.closing, tuple(with_ids),
                     first.sequence)


def _says(line: BankLine) -> tuple[object, ...]:
    return line.account, line.booked, line.amount, line.bank_reference, line.name, line.text, line.references


def _digest(line: BankLine) -> str:
    """Eight characters that stand for what a line says."""
    told = "\0".join(map(str, (line.account, line.booked, line.amount, line.name, line.text, *line.references)))
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def renamed(line: BankLine) -> BankLine:
    """The line under another id, for a reference that the bank gave to something else before."""
    return replace(line, id=f"{line.id}~{_digest(line)}")


def _without_parts(statements: Sequence[Statement]) -> tuple[list[Statement], int]:
    """Statements without those that are part of a longer one, as a day's is of its month's; and the lines of those.

    Their balances are somewhere amid the other's, so they would seem to leave a gap.
    """
    longest: dict[Known, int] = {}  # the statement of most lines in which a line stands
    known = [{(one.account, line.id, line.booked, line.amount) for line in one.lines} for one in statements]
    for n in sorted(range(len(statements)), key=lambda n: len(known[n])):
        longest |= dict.fromkeys(known[n], n)
    parts = {n for n, own in enumerate(known) if own and own < known[longest[next(iter(own))]]}
    parts |= _idle(statements)
    return [one for n, one in enumerate(statements) if n not in parts], sum(len(statements[n].lines) for n in parts)


def _idle(statements: Sequence[Statement]) -> set[int]:
    """Which statements have no lines, and days between two lines of one that has."""
    latest: dict[str, dt.date] = {}  # by account, the last day of those that begin before
    found: set[int] = set()
    spans = [(one.account, min(days), 0, n, max(days)) for n, one in enumerate(statements)
             if (days := [line.booked for line in one.lines])]
    spans += [(one.account, one.starts, 1, n, one.ends) for n, one in enumerate(statements)
              if not one.lines and one.starts and one.ends]
    for account, _, idle, n, ends in sorted(spans):
        if not idle:
            latest[account] = max(ends, latest.get(account, ends))
        elif ends < latest.get(account, ends):
            found.add(n)
    return found


def _taken_once(statements: Sequence[Statement]) -> tuple[list[Statement], int]:
    """Statements whose lines were not in one before: those that overlap share lines, and the later one gives way."""
    known: dict[tuple[str, str], BankLine] = {}
    taken: list[Statement] = []
    again = 0
    for statement in statements:
        lines, opening = [], statement.opening
        for line in statement.lines:
            before = known.get((line.account, line.id))
            if before is not None and (before.booked, before.amount) == (line.booked, line.amount):
                again += 1
                opening = opening + line.amount if opening is not None else None
                continue
            one = line if before is None else renamed(line)
            known[one.account, one.id] = one
            lines.append(one)
        if lines or not statement.lines:
            taken.append(replace(statement, lines=tuple(lines), opening=opening))
    return taken, again


def _gaps(statements: Sequence[Statement], currency: str) -> list[PoolbookError]:
    """Statements of one account follow each other: each opens with what the one before closed with."""
    return [no.BankStatementMissing(before=one.id, after=after.id, account=one.account,
                                    closing=grouped(one.closing, currency), opening=grouped(after.opening, currency))
            for one, after in pairwise(statements)
            if one.account == after.account and None not in (one.closing, after.opening)
            and one.closing is not None and after.opening is not None and one.closing != after.opening]
