"""What the books of a small pool should say, in a page of plain Python: no database, no engine, amounts in pence.

Two partners give 1,000.00 and 1,500.00 a quarter to one fund, which buys beds. At the year's end what was spent beyond
the budget (or left of it) is theirs in proportion to what they give.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

GIVES = {"council": 1000_00, "nhs": 1500_00}
QUARTERS = 4
BANK, BEDS, PROVIDERS = "assets:bank:core", "expenses:beds", "liabilities:providers"
Lines = tuple[tuple[str, int], ...]
Codes = frozenset[str]
FINE: Codes = frozenset()


def refusal(*codes: str) -> Codes:
    return frozenset(codes)


@dataclass(frozen=True)
class Made:
    """An entry that somebody made: in which quarter, and what it moved."""

    quarter: int
    lines: Lines


@dataclass
class Model:
    """The books as they should be."""

    budget: int = 10_000_00
    closed: list[bool] = field(default_factory=lambda: [False] * QUARTERS)
    balances: Counter[str] = field(default_factory=Counter)
    made: dict[tuple[str, str], Made] = field(default_factory=dict)
    undone: set[tuple[str, str]] = field(default_factory=set)
    shared: Counter[str] = field(default_factory=Counter)
    fallen_due: int = 0  # quarters whose instalments are in the books

    def post(self, kind: str, reference: str, quarter: int, lines: Lines, closed: str = "period-closed") -> Codes:
        """An entry; the same again changes nothing, another under the same reference is refused."""
        known = self.made.get((kind, reference))
        if known is not None:
            return FINE if known == Made(quarter, lines) else refusal("reference-reused")
        wrong = {closed} if self.closed[quarter] else set()
        if sum(amount for _, amount in lines):
            wrong.add("unbalanced")
        if any(account.endswith("beds too") for account, _ in lines):
            wrong.add("account-unknown")
        if wrong:
            return frozenset(wrong)
        self.made[kind, reference] = Made(quarter, lines)
        self._move(lines)
        return FINE

    def late(self, kind: str, reference: str, quarter: int, lines: Lines) -> Codes:
        """What belongs to a closed quarter counts in the first open one."""
        opened = self.closed.index(False) if self.closed[quarter] else quarter
        return self.post(kind, reference, opened, lines)

    def reverse(self, kind: str, reference: str, quarter: int, by: str) -> Codes:
        """Undoes an entry, once; `by` is the reference of what undoes it."""
        undone, again = self.made[kind, reference], self.made.get(("reversal", by))
        if again is not None:
            return FINE if again.quarter == quarter else refusal("reference-reused")
        wrong = {"period-closed"} if self.closed[quarter] else set()
        if (kind, reference) in self.undone:
            wrong.add("already-reversed")
        if wrong:
            return frozenset(wrong)
        self.undone.add((kind, reference))
        lines = tuple((account, -amount) for account, amount in undone.lines)
        return self.post("reversal", by, quarter, lines)

    def close(self, quarter: int) -> Codes:
        if self.closed[quarter]:
            return refusal("period-already")
        if not all(self.closed[:quarter]):
            return refusal("period-order")
        for _ in range(self.fallen_due, quarter + 1):
            for partner, amount in GIVES.items():
                self._move(((f"assets:contributions-receivable:{partner}", amount),
                            (f"income:contributions:{partner}:base", -amount)))
        self.fallen_due = max(self.fallen_due, quarter + 1)
        if quarter == QUARTERS - 1:
            self._share()
            for partner in GIVES:
                self._net(partner)
        self.closed[quarter] = True
        return FINE

    def reopen(self, quarter: int, reason: str) -> Codes:
        """Opens a quarter, and those after it."""
        if not self.closed[quarter]:
            return refusal("period-already")
        if not reason:
            return refusal("reason-missing")
        self.closed[quarter:] = [False] * (QUARTERS - quarter)
        return FINE

    def agree(self, budget: int) -> Codes:
        """Another version of the agreement, with another budget."""
        self.budget = budget
        return FINE

    def waits(self, after: Model, large: int) -> bool:
        """Whether what leads from here to there waits for a second person."""
        new = {key: made for key, made in after.made.items() if key not in self.made}
        return (after.closed != self.closed or after.budget != self.budget or after.undone != self.undone
                or any(abs(amount) > large for made in new.values() for _, amount in made.lines))

    def _share(self) -> None:
        """The variance, 40 to 60, to the penny: the council's part rounded, the rest the other's."""
        variance = self.balances[BEDS] - self.budget
        council = (abs(variance) * 2 + 2) // 5 * (1 if variance >= 0 else -1)  # never a tie between two fifths
        for partner, part in {"council": council, "nhs": variance - council}.items():
            new = -part - self.shared[partner]
            self.shared[partner] += new
            other = f"assets:due-from:{partner}" if new < 0 else f"liabilities:due-to:{partner}"
            self._move(((f"income:risk-share:{partner}", new), (other, -new)))

    def _net(self, partner: str) -> None:
        """What a partner owes and is owed, in one sum."""
        owes, owed = f"assets:due-from:{partner}", f"liabilities:due-to:{partner}"
        all_of = (f"assets:contributions-receivable:{partner}", owes, owed)
        total = sum(self.balances.pop(account, 0) for account in all_of)
        self.balances[owes if total > 0 else owed] = total

    def _move(self, lines: Lines) -> None:
        for account, amount in lines:
            self.balances[account] += amount
