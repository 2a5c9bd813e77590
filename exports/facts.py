"""Facts of a statement that its words and tables share: names, year, standing, clauses, ratings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from commissioning.statement import COLUMNS, PartnerLine, ServiceLine, Statement, WorkingLine
from exports.extract import is_extract
from exports.words import day

GREEN, AMBER = Fraction(2, 100), Fraction(5, 100)
RATING_RULE = ("Rating by the forecast variance as a share of the annual budget, in either direction: "
               "Green up to 2%, Amber over 2% and up to 5%, Red over 5%.")
SIGN_RULE = ("Over: more than the plan (overspend). Under: less than the plan (underspend). "
             "To pay: the partner owes the pool. To receive: the pool owes the partner.")
COLUMN_WORDS = dict(zip(COLUMNS, ("Reserves", "Offset", "Recovery plan", "Carried forward", "Contested",
                                  "Unallocated"), strict=True))
DETAIL = ("budget of ", "spread to ")  # as `commissioning` names these steps
STATUS_WORDS = {"signed": "signed", "draft": "draft, not signed",
                "retrospective": "signed after it took effect"}


@dataclass(frozen=True, slots=True)
class Facts:
    """A statement with what is read from it more than once."""

    statement: Statement
    names: dict[str, str]
    services: dict[str, str]

    @property
    def extract(self) -> bool:
        return is_extract(self.statement) and len(self.statement.partners) == 1

    @property
    def whole_year(self) -> bool:
        """Whether the period ends the financial year: its last quarter or month, or the annual return."""
        tail = self.statement.period.partition("-")[2]
        return tail in ("", "Q4", "M12")

    @property
    def year(self) -> str:
        """The financial year: `2018/19`, or `2018` where it is the calendar's."""
        starts = self.statement.starts
        return str(starts.year) if starts.month == 1 else f"{starts.year}/{(starts.year + 1) % 100:02}"

    @property
    def status(self) -> str:
        """Draft until issued, and while an agreement is not signed; then indicative until the shares are payable."""
        if not self.statement.issue or any(line.status == "draft" for line in self.statement.agreements):
            return "Draft"
        return "Indicative" if self.statement.indicative else "Final"

    @property
    def title(self) -> str:
        """What the document is called."""
        s, tail = self.statement, self.statement.period.partition("-")[2]
        part = {"Q": "quarter", "M": "month"}.get(tail[:1], "")
        when = f"the year {self.year}" if self.whole_year else f"{part} {tail[1:].lstrip('0')} of {self.year}"
        own = f", extract for {s.partners[0].name}" if self.extract else ""
        return f"{s.name or s.partnership}: statement for {when}{own}"

    @property
    def standing(self) -> str:
        """Status, position date and issue in one line."""
        if not self.statement.issue:
            return f"Draft, never issued: figures may still change. Position at {day(self.statement.ends)}."
        words = {"Draft": "Draft: an agreement is not signed",
                 "Indicative": "Indicative: shares may still change", "Final": "Final"}[self.status]
        return f"{words}. Position at {day(self.statement.ends)}. Issue {self.statement.issue}."

    def name(self, key: str) -> str:
        """A partner's name, or a reserve's or other recipient's id as words."""
        what, _, whose = (part.strip() for part in key.partition(":"))
        if key in self.names or not whose:
            return self.names.get(key, key)
        return f"{what} ({self.names[whose]})" if whose in self.names else f"{what} {whose}"

    def clauses(self, partner: str) -> list[str]:
        """References of the rules that put something on the partner; else those of the agreements in force."""
        found = [line.reference or line.rule for line in self.statement.working
                 if line.out.get(partner) and not is_detail(line)]
        return [ref for ref in dict.fromkeys(found) if ref] or [a.reference or a.id
                                                                for a in self.statement.agreements]

    def step(self, line: WorkingLine) -> str:
        """What a step is called, with the name of the service or partner that it is about."""
        words, _, last = line.step.rpartition(" ")
        named = self.services.get(last) or self.names.get(last) if words else None
        text = f"{words} {named}" if named else line.step.replace("_", " ")
        return text[:1].upper() + text[1:]


def is_detail(line: WorkingLine) -> bool:
    """Whether a step has nothing to do, or only spreads over services what another step, or the plan, has settled."""
    return line.step.startswith(DETAIL) or not (line.amount_in or line.remaining or any(line.out.values()))


def facts(statement: Statement) -> Facts:
    """The facts of a statement."""
    names = {line.id: line.name or line.id for line in statement.partners}
    return Facts(statement, names, {s.id: s.name or s.id for s in statement.services})


def rating(variance: int, plan: int) -> str:
    """The rating of a forecast variance as a word; without a plan, anything spent is Red."""
    if not variance:
        return "Green"
    ratio = Fraction(abs(variance), abs(plan)) if plan else Fraction(1)
    return "Green" if ratio <= GREEN else "Amber" if ratio <= AMBER else "Red"


def forecast_variance(line: ServiceLine) -> int:
    """How far the year's forecast lies over the annual budget."""
    return line.forecast - line.annual_budget


def counted_as_paid(line: PartnerLine) -> int:
    """What stands against the amount due: liability less settlement (cash, in kind, direct, charges held)."""
    return line.liability - line.settlement
