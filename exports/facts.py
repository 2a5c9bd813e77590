"""Facts of a statement that its words and tables share: names, year, standing, clauses, ratings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from commissioning.statement import COLUMNS, PartnerLine, ServiceLine, Statement, WorkingLine
from exports.extract import is_extract
from exports.retold import retold
from exports.words import capital, day, whole_percent
from ledger.language import N_, _

GREEN, AMBER = Fraction(2, 100), Fraction(5, 100)
COLUMN_WORDS = dict(zip(COLUMNS, (N_("Reserves"), N_("Offset"), N_("Recovery plan"), N_("Carried forward"),
                                  N_("Contested"), N_("Unallocated")), strict=True))
DETAIL = ("budget of ", "spread to ")  # as `commissioning` names these steps
STATUS_WORDS = {"signed": N_("signed"), "draft": N_("draft, not signed"),
                "retrospective": N_("signed after it took effect")}


def rating_rule() -> str:
    """By which thresholds services are rated."""
    return _("Rating by the forecast variance as a share of the annual budget, in either direction: Green up to "
             "{green}, Amber over {green} and up to {amber}, Red over {amber}.").format(
                 green=whole_percent(GREEN), amber=whole_percent(AMBER))


def sign_rule() -> str:
    """What the words that stand in place of signs mean."""
    return _("Over: more than the plan (overspend). Under: less than the plan (underspend). To pay: the partner owes "
             "the pool. To receive: the pool owes the partner.")


@dataclass(frozen=True, slots=True)
class Facts:
    """A statement with what is read from it more than once."""

    statement: Statement
    names: dict[str, str]
    services: dict[str, str]
    extract: bool

    @property
    def whole_year(self) -> bool:
        """Whether the period ends the financial year: its last quarter or month, or the annual return."""
        tail = self.statement.period.partition("-")[2]
        return tail in ("", "Q4", "M12")

    @property
    def outturn(self) -> bool:
        """Whether the year is over, so that position and forecast are one figure."""
        t = self.statement.totals
        return self.whole_year and t.forecast == t.actual and t.budget == t.annual_budget

    @property
    def year(self) -> str:
        """The financial year: `2018/19`, or `2018` where it is the calendar's."""
        starts = self.statement.starts
        return str(starts.year) if starts.month == 1 else f"{starts.year}/{(starts.year + 1) % 100:02}"

    @property
    def status(self) -> str:
        """Draft until issued, and while an agreement is not signed; then indicative until the shares are payable."""
        if not self.statement.issue or self.statement.signed_as("draft"):
            return _("Draft")
        return _("Indicative") if self.statement.indicative else _("Final")

    @property
    def title(self) -> str:
        """What the document is called."""
        s, (kind, number) = self.statement, _numbered(self.statement.period)
        form = (_("{pool}: statement for the year {year}") if self.whole_year else
                _("{pool}: statement for quarter {number} of {year}") if kind == "Q" else
                _("{pool}: statement for month {number} of {year}"))
        title = form.format(pool=s.name or s.partnership, number=number, year=self.year)
        return _("{title}, extract for {partner}").format(title=title, partner=s.partners[0].name) if (
            self.extract) else title

    @property
    def standing(self) -> str:
        """Status, position date, issue and closing date in one line."""
        s, ends = self.statement, day(self.statement.ends)
        if not s.issue:
            return _("Draft, never issued: figures may still change. Position at {day}.").format(day=ends)
        form = (_("Draft: an agreement is not signed. Position at {day}. Issue {issue}. Closed on {closed}.")
                if s.signed_as("draft") else
                _("Indicative: shares may still change. Position at {day}. Issue {issue}. Closed on {closed}.")
                if s.indicative else _("Final. Position at {day}. Issue {issue}. Closed on {closed}."))
        return form.format(day=ends, issue=s.issue, closed=day(s.known_at.date()))

    def name(self, key: str) -> str:
        """A partner's name, or a reserve's or other recipient's id as words."""
        what, _colon, whose = (part.strip() for part in key.partition(":"))
        if key in self.names or not whose:
            return self.names.get(key) or retold(key)
        return f"{retold(what)} ({self.names[whose]})" if whose in self.names else f"{retold(what)} {whose}"

    def clauses(self, partner: str) -> list[str]:
        """References of the rules that put something on the partner; else those of the agreements in force."""
        found = [line.reference or line.rule for line in self.statement.working
                 if line.out.get(partner) and not is_detail(line)]
        return [ref for ref in dict.fromkeys(found) if ref] or [a.reference or a.id
                                                                for a in self.statement.agreements]

    def step(self, line: WorkingLine) -> str:
        """What a step is called, with the name of the service or partner that it is about."""
        words, _space, last = line.step.rpartition(" ")
        named = self.services.get(last) or self.names.get(last) if words else None
        return capital(retold(f"{words} {named}" if named else line.step).replace("_", " "))


def _numbered(period: str) -> tuple[str, str]:
    """`Q` and `1` of `FY2024-Q1`."""
    tail = period.partition("-")[2]
    return tail[:1], tail[1:].lstrip("0")


def period_words(period: str) -> str:
    """A period within its year: `quarter 1`, `month 7`."""
    kind, number = _numbered(period)
    form = _("quarter {number}") if kind == "Q" else _("month {number}") if kind == "M" else "{period}"
    return form.format(number=number, period=period)


def is_detail(line: WorkingLine) -> bool:
    """Whether a step has nothing to do, or only spreads over services what another step, or the plan, has settled."""
    return line.step.startswith(DETAIL) or not (line.amount_in or line.remaining or any(line.out.values()))


def facts(statement: Statement) -> Facts:
    """The facts of a statement."""
    names = {line.id: line.name or line.id for line in statement.partners}
    return Facts(statement, names, {s.id: s.name or s.id for s in statement.services},
                 is_extract(statement) and len(statement.partners) == 1)


def rating(variance: int, plan: int) -> str:
    """The rating of a forecast variance as a word of English; without a plan, anything spent is Red."""
    if not variance:
        return N_("Green")
    ratio = Fraction(abs(variance), abs(plan)) if plan else Fraction(1)
    return N_("Green") if ratio <= GREEN else N_("Amber") if ratio <= AMBER else N_("Red")


def forecast_variance(line: ServiceLine) -> int:
    """How far the year's forecast lies over the annual budget."""
    return line.forecast - line.annual_budget


def rated(line: ServiceLine) -> str:
    """A service's rating."""
    return rating(forecast_variance(line), line.annual_budget)


def counted_as_paid(line: PartnerLine) -> int:
    """What stands against the amount due: liability less settlement (cash, in kind, direct, charges held)."""
    return line.liability - line.settlement
