"""The pages around the tables: cover, contents, notes, partner summary, checks, and the base that comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from commissioning.scenario.base import Base, to_document
from commissioning.scenario.order import lists
from exports.scenario.inputs import RECKONED
from exports.scenario.inputs import SCENARIO as INPUT
from exports.scenario.model import FIRST, Column, Formula, Ref, Sheet, Value
from exports.scenario.order import stays
from exports.scenario.results import BASELINE, SCENARIO
from exports.scenario.split import MOST
from exports.scenario.workbook import Workbook
from ledger.money import decimals

TEMPLATE = "poolbook-scenario/1"
CHUNK = 30_000  # characters of the base in one cell: programs cut longer text without a word
BASE_FIRST = FIRST + 3
"""The first row of the base's text on its sheet; the rows above name template, digest and period."""
NEW = "new"  # of a change from nothing
WELL, UNWELL = "All checks say OK", "At least one check says CHECK: see the sheet Checks"


@dataclass
class Page(Sheet):
    """A sheet around the tables: with columns a table, with links in one column; without, lines of label and text."""

    links: dict[int, str] = field(default_factory=dict)  # by row, the sheet that it leads to
    chart: bool = False


def pages(made: Workbook) -> list[Sheet]:
    """Every sheet of the workbook in order: around the tables what explains them, the base last."""
    tables, checks = dict(made.book.sheets), _checks(made)
    notes, summary = _notes(made), _summary(made)
    first = [summary, checks, tables.pop("Inputs"), tables.pop("Results"), *tables.values(), _base(made.base)]
    cover = _cover(made, checks)
    return [cover, _contents([cover, notes, *first]), notes, *first]


def _cover(made: Workbook, checks: Page) -> Page:
    base = made.base
    terms, versions = base.agreement.partnership, ", ".join(
        f"{s.version.id} ({s.version.status}, {s.version.effective.isoformat()})" for s in base.planned)
    year = base.period.id[:6]
    upto = "the whole year" if base.as_at == base.period else f"{base.as_at.id}; the rest of the year is forecast"
    last = FIRST + len(checks.rows)
    state = Formula(f'=IF(COUNTIF(Checks!$D${FIRST + 1}:$D${last},"CHECK")=0,"{WELL}","{UNWELL}")')
    lines: list[list[Value]] = [
        [f"{terms.name}: scenario of {year}", None],
        ["What this is", "One year of the agreement as a workbook that calculates. It begins as the year is known or "
         "forecast (the baseline); change the inputs and every partner's figures follow, to the penny, by the same "
         "rules as the year's final statement."],
        ["How to use it", "Change only the yellow cells with a border, on the sheet Inputs. All other cells are "
         "locked, without a password. Read the sheets Summary and Results; how each figure comes about stands on the "
         "sheets after them, in the order in which the agreement is worked out."],
        ["How to send it back", "Save it as .xlsx, without macros or links, and hand it to: poolbook scenario read "
         "FILE. Poolbook works the scenario out itself, says what was changed, and compares every figure with this "
         "workbook's."],
        ["State of the workbook", state],
        ["Partnership", terms.id],
        ["Currency", f"{terms.currency}. Inputs and results are in {terms.currency}, workings in its smallest unit."],
        ["Year", f"{year}, {base.year.starts.isoformat()} to {base.year.ends.isoformat()}"],
        ["Known up to", upto],
        ["Agreement", versions],
        ["Ledger head", f"{base.head.hash} after {base.head.entries:,} entries"],
        ["Base", hashlib.sha256(to_document(base).encode()).hexdigest()],
        ["Template", TEMPLATE]]
    return Page("Cover", terms.name, "", (), lines)


def _contents(sheets: list[Sheet]) -> Page:
    said = {"Cover": "What this workbook is, how to use it and how to send it back",
            "Base": "What the workbook rests on, for Poolbook to read when it comes back"}
    rows: list[list[Value]] = [[one.name, said.get(one.name, one.title), len(one.rows)] for one in sheets]
    links = {FIRST + i: one.name for i, one in enumerate(sheets, 1)}
    return Page("Contents", "Contents", "Every sheet; its table is named T_ and the sheet's name.",
                (Column("Sheet", width=24), Column("What it holds", width=80), Column("Rows", "whole", 12)),
                rows, links)


def _notes(made: Workbook) -> Page:
    """How figures are reckoned, and which of them do not follow the inputs."""
    base = made.base
    rows: list[list[Value]] = []

    def note(about: str, text: str) -> None:
        rows.append([len(rows) + 1, about, text])

    note("Rounding", "Every split is rounded by largest remainder: whole parts first, then one penny each to the "
         "largest remainders; ties go to whoever the agreement lists first. See the sheets whose names end in Splits.")
    note("Range", "Exact for amounts below a million million of the currency's smallest unit, and for weights that "
         "total at most 10 million (Splits), a million million (MoneySplits) or 400 million million (FineSplits). "
         "See the sheet Checks.")
    note("Cost", "A service with planned units costs units × cost of a unit, rounded, with growth, rounded, plus what "
         "stands beside its units. More cost is paid by the pool; where nothing is pooled, by whose own line it is.")
    note("Paid", "What partners have paid is as the books have it; an input does not change it.")
    note("Switches", "A step that is switched off (0) takes nothing; the others keep their order.")
    if lists(made.levers):
        note("Order of steps", "The inputs «runs as number» of a list say which of its steps runs first, second and so "
             "on; each number stands once. A step takes its limits, shares and switch along. What earlier versions of "
             "the year used of a yearly limit counts for the step that has the same number.")
    for stretch in base.planned:
        for rule in stretch.version.rules:
            for side in ("overspend", "underspend"):
                reason = stays(base.agreement, rule, side)
                if reason and len(rule.steps(side)) > 1:
                    note("Order of steps", f"{stretch.version.id}, {rule.id}, {side}: the steps keep the agreement's "
                         f"order, because {reason}.")
    if base.as_at != base.period:
        note("Forecast", f"The books are read up to {base.as_at.id}. Cost still to come is the latest forecast, else "
             "what remains of the plan.")
    reasons = sorted(set().union(*made.book.reasons().values()) if made.book.reasons() else set())
    for reason in reasons:
        note("Does not follow the inputs", f"{reason}. The cells filled red hold the engine's figure for the baseline. "
             "Results that rest on them say so in their column «Follows the inputs».")
    if not reasons:
        note("Follows the inputs", "Every result follows every input.")
    return Page("Notes", "Notes", "How the figures are reckoned.",
                (Column("Note", "whole", 8), Column("About", width=30), Column("What it says", width=110)), rows)


def _summary(made: Workbook) -> Page:
    """Each partner's amount due, baseline beside scenario, with the change in money and percent."""
    by_path, places = made.results(), decimals(made.base.agreement.currency)
    rows: list[list[Value]] = []
    for partner in made.baseline.statement.partners:
        row = FIRST + 1 + len(rows)
        (due, liability), (share, part), (settled, left) = (
            (by_path[f"partners.{partner.id}.{key}"], Decimal(getattr(partner, key)).scaleb(-places))
            for key in ("liability", "share_of_variance", "settlement"))
        rows.append([partner.name, *_compared("Summary", "B", row, due, liability),
                     *_compared("Summary", "F", row, share, part)[:3], Formula(f"={settled}", left)])
    columns = (Column("Partner", width=30), *(Column(head, kind, width) for head, kind, width in (
        ("Amount due, baseline", "money", 18), ("Amount due, scenario", "money", 18), ("Change", "money", 17),
        ("Change %", "percent", 11), ("Share of variance, baseline", "money", 18),
        ("Share of variance, scenario", "money", 18), ("Change of the share", "money", 17),
        ("Still to settle, scenario", "money", 18))))
    currency = made.base.agreement.currency
    return Page("Summary", "Summary by partner", f"What each partner owes for the year under the agreement, in "
                f"{currency}. A change above zero: the partner pays more.", columns, rows, chart=True)


def _compared(sheet: str, first: str, row: int, ref: Ref, amount: Decimal) -> list[Value]:
    """Baseline (an amount), scenario, change, and the change in percent of the baseline."""
    base, now = f"{sheet}!${first}${row}", f"{sheet}!${chr(ord(first) + 1)}${row}"
    column = chr(ord(ref.column) + BASELINE - SCENARIO)
    return [Formula(f"={ref.sheet}!${column}${ref.row}", amount), Formula(f"={ref}", amount),
            Formula(f"={now}-{base}", Decimal(0)),
            Formula(f'=IF({base}=0,IF({now}=0,0,"{NEW}"),({now}-{base})/ABS({base}))', Decimal(0))]


def _checks(made: Workbook) -> Page:
    """Live checks, each with a link to what it is about."""
    rows: list[list[Value]] = []
    links: dict[int, str] = {}
    for about, what, formula in _proofs(made):
        row = FIRST + 1 + len(rows)
        links[row] = about
        here = f"Checks!$C${row}"
        rows.append([about, what, Formula(formula),
                     Formula(f'=IF(ISNUMBER({here}),IF(ROUND({here},4)=0,"OK","CHECK"),"CHECK")')])
    return Page("Checks", "Checks", "Each line is live: OK, or CHECK where something does not hold. A scenario with a "
                "CHECK is worked out by Poolbook all the same, or refused with the reason.",
                (Column("Sheet", width=18), Column("What must hold", width=84), Column("Difference", "number", 18),
                 Column("Result", width=12)), rows, links)


def _proofs(made: Workbook) -> Iterator[tuple[str, str, str]]:
    """The sheet, what must hold, and the formula that is 0 where it does."""
    splits = [made.book.sheets[name] for name in MOST if name in made.book.sheets]
    for sheet in splits:
        left = len(sheet.columns) - 3
        yield (sheet.name, "every amount and all weights are in the range that is reckoned exactly",
               f"=SUMPRODUCT(({sheet.span(5)}>{MOST[sheet.name]})+(ABS({sheet.span(3)})>={10**12}))")
        yield (sheet.name, "whatever is divided has somebody to be divided among",
               f"=SUMPRODUCT(({sheet.span(left)}<0)+({sheet.span(5)}=0)*(ABS({sheet.span(3)})>0))")
    if "Quotas" in made.book.sheets:
        sheet = made.book.sheets["Quotas"]
        yield (sheet.name, "exact parts come to what is divided",
               f"=SUMPRODUCT(({sheet.span(8)}<0)+({sheet.span(8)}>{len(made.base.agreement.partners) + 10}))")
    yield from made.book.checks
    entries = made.book.sheets["Inputs"]
    scenario, low, high = entries.span(INPUT), entries.span(9), entries.span(10)
    yield ("Inputs", "every input is a number", f"=ROWS({scenario})-COUNT({scenario})")
    yield ("Inputs", "every input lies within its limits", f"=SUMPRODUCT(({scenario}<{low})+({scenario}>{high}))")
    for words, cells, hundred in _hundreds(made):
        yield ("Inputs", f"{words}: the percentages total 100", f"={'+'.join(map(str, cells))}-{hundred}")
    yield from _footings(made)


def _hundreds(made: Workbook) -> Iterator[tuple[str, list[Ref], int]]:
    """Tables of percentages that must total 100."""
    tables: dict[str, list[str]] = {}
    for path, lever in made.levers.items():
        if lever.form == "number" and "percent" in lever.unit:
            stem = path.removesuffix(".percent")
            tables.setdefault(stem.rpartition(".")[0], []).append(path)
    places = {path: FIRST + i for i, path in enumerate(made.levers, 1)}
    entries = made.book.sheets["Inputs"]
    for paths in tables.values():
        yield (made.levers[paths[0]].words, [entries.ref(RECKONED, places[path]) for path in paths],
               100 * made.levers[paths[0]].scale)


def _footings(made: Workbook) -> Iterator[tuple[str, str, str]]:
    """Every service's parts come to its cost; partners' shares come to the totals."""
    by_path = made.results()
    statement = made.baseline.statement
    for service in statement.services:
        path = f"services.{service.id}"
        parts = [by_path[f"{path}.partners.{who}.actual"] for who in service.partners]
        parts += [by_path[f"{path}.{column}"] for column in ("reserves", "offset", "recovered", "carried_forward",
                                                             "contested", "unallocated")]
        yield ("Results", f"{service.name}: partners and columns come to its cost",
               f"={'+'.join(map(str, parts))}-{by_path[f'{path}.actual']}")
    for reserve in statement.reserves:
        path = f"reserves.{reserve.id}"
        yield ("Results", f"reserve {reserve.id}: opening - drawn + added = closing",
               "=" + f"{by_path[f'{path}.opening']}-{by_path[f'{path}.drawn']}+{by_path[f'{path}.added']}"
               f"-{by_path[f'{path}.closing']}")


def _base(base: Base) -> Page:
    """What the workbook rests on, as text in pieces."""
    text = to_document(base)
    pieces = [text[i:i + CHUNK] for i in range(0, len(text), CHUNK)]
    rows: list[list[Value]] = [["template", TEMPLATE], ["sha256", hashlib.sha256(text.encode()).hexdigest()]]
    for i, piece in enumerate(pieces, 1):
        rows.append([f"part {i}", piece])
    return Page("Base", "What this workbook rests on", "For Poolbook: the agreement and the year's books it was made "
                "from.", (Column("Part", width=16), Column("Text", width=120)), rows)
