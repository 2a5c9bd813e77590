"""The way back: what a returned workbook says, checked cell by cell against a fresh build of the same base.

Faults name the cell. Locked cells must be as they were made; inputs must be numbers within their limits; what the
spreadsheet program last calculated is kept to be compared with the engine's result.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import chain

from openpyxl.utils import get_column_letter

from commissioning.agreement.reading import read_agreement
from commissioning.scenario.base import Base, from_document, to_document
from commissioning.scenario.order import doubled
from commissioning.scenario.values import Lever
from exports.language import speaking
from exports.scenario import refusals as no
from exports.scenario.cells import Back, Found, open_back
from exports.scenario.guard import let_in
from exports.scenario.inputs import shown
from exports.scenario.model import FIRST, Entry, Formula, Frozen, Sheet, Value
from exports.scenario.pages import BASE_FIRST, TEMPLATE, pages
from exports.scenario.results import SCENARIO
from exports.scenario.said import TOLD_BY, sheets_said, tongue
from exports.scenario.workbook import Workbook, workbook
from exports.xlsx import safe
from ledger.errors import Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.language import Said
from ledger.money import decimals

MOST_FAULTS = 50
CHANGE = get_column_letter(SCENARIO + 2)  # of the results, beside what the scenario comes to


@dataclass(frozen=True)
class Returned:
    """A workbook that came back sound: what it was made as, the inputs that differ from the baseline, what it showed.

    `shown`: each result in minor units as the program last calculated it; None where it did not, or showed an error.
    """

    made: Workbook
    values: Mapping[str, Fraction]
    shown: Mapping[str, int | None]


def read_back(content: bytes, base: Base | None = None, case: str = "") -> Returned:
    """Reads a returned workbook, which must rest on `base` where that is given. Raises `Refused` with all faults."""
    try:
        back = open_back(let_in(content))
        made = workbook(_base(back, base, case))
        sheets = pages(made)
        with speaking(tongue(sheets, _note(back, sheets))):
            sheets = sheets_said(sheets)
    except PoolbookError as error:
        raise Refused([error]) from None
    faults: list[PoolbookError] = []
    values: dict[str, Fraction] = {}
    results: dict[str, Found] = {}
    for sheet in sheets:
        if sheet.name == "Base":
            continue
        if sheet.name not in back.sheets:
            faults.append(no.ScenarioSheetMissing(Place(field=sheet.name), sheet=sheet.name))
            continue
        try:
            cells = back.cells(sheet.name, *_extent(sheet))
        except PoolbookError as error:
            raise Refused([error]) from None
        faults += chain(_inputs(sheet, cells, made, values), _locked(sheet, cells))
        if sheet.name == "Results":
            results = cells
    cells_of = made.entries()
    faults += (fault.at(Place(field=cells_of[path].address)) for path, fault in doubled(made.levers, values))
    faults += _names(back, made)
    if faults:
        raise Refused(faults[:MOST_FAULTS])
    return Returned(made, values, dict(_shown(made, results)))


def _note(back: Back, sheets: Sequence[Sheet]) -> str:
    """The note of the sheet by which the language is known."""
    one = next(sheet for sheet in sheets if sheet.name == TOLD_BY)
    found = back.cells(one.name, *_extent(one)).get("A2") if one.name in back.sheets else None
    return found.value if found is not None else ""


def base_in(content: bytes) -> Base:
    """What a workbook says that it was made from. Raises `Refused`."""
    try:
        return _base(open_back(let_in(content)), None, "")
    except PoolbookError as error:
        raise Refused([error]) from None


def _base(back: Back, wanted: Base | None, case: str) -> Base:
    """What the workbook was made from, as its sheet Base holds it."""
    named = back.properties.get("poolbook-template", "")
    if named and named != TEMPLATE:
        raise no.ScenarioTemplateUnknown(known=TEMPLATE, found=repr(named[:60]))
    if "Base" not in back.sheets:
        if named:
            raise no.ScenarioSheetMissing(Place(field="Base"), sheet="Base")
        raise no.ScenarioTemplateUnknown(known=TEMPLATE, found=Said("none of Poolbook's"))
    cells = back.cells("Base", 1000, 2)
    told = cells.get(f"B{FIRST + 1}")
    if told is None or told.value != TEMPLATE:
        raise no.ScenarioTemplateUnknown(Place(field=f"Base!B{FIRST + 1}"), known=TEMPLATE,
                                         found=repr(told.value[:60]) if told else Said("nothing"))
    rows = range(BASE_FIRST, BASE_FIRST + 1000)
    text = "".join(cells[f"B{row}"].value for row in rows if f"B{row}" in cells)
    digest = hashlib.sha256(text.encode()).hexdigest()
    said = cells.get(f"B{FIRST + 2}")
    if said is None or said.value != digest or back.properties.get("poolbook-base", digest) != digest:
        raise no.ScenarioBaseDamaged(Place(field=f"Base!B{BASE_FIRST}"),
                                     fault=Said("its text does not match its checksum"))
    try:
        base = from_document(text, read_agreement)
    except (ValueError, KeyError, TypeError, AttributeError, Refused, PoolbookError) as error:
        raise no.ScenarioBaseDamaged(Place(field=f"Base!B{BASE_FIRST}"), fault=foreign(str(error)[:200])) from None
    if wanted is not None:
        due = hashlib.sha256(to_document(wanted).encode()).hexdigest()
        if due != digest:
            raise no.ScenarioBaseOther(case=case, found=digest[:16], wanted=due[:16])
    return base


def _extent(sheet: Sheet) -> tuple[int, int]:
    return FIRST + len(sheet.rows), max(len(sheet.columns), 2)


def _expected(sheet: Sheet) -> Iterator[tuple[str, Value]]:
    """Every cell of a table or page that has something in it, by address."""
    if sheet.columns:
        for n, column in enumerate(sheet.columns, 1):
            yield f"{get_column_letter(n)}{FIRST}", column.head
    for r, row in enumerate(sheet.rows, FIRST + 1 if sheet.columns else 1):
        for n, value in enumerate(row, 1):
            if value is not None:
                yield f"{get_column_letter(n)}{r}", value


def _locked(sheet: Sheet, cells: Mapping[str, Found]) -> Iterator[PoolbookError]:
    """Locked cells that are not as they were made."""
    for address, value in _expected(sheet):
        if isinstance(value, Entry) or _same(value, cells.get(address)):
            continue
        found = cells.get(address)
        told = Said("nothing") if found is None else (found.formula or repr(found.value))
        constant = value.value if isinstance(value, Frozen) else value
        wanted = value.text if isinstance(value, Formula) else repr(str(constant))
        yield no.ScenarioCellChanged(Place(field=f"{sheet.name}!{address}"), wanted=_short(wanted), found=_short(told))


def _same(value: Value, found: Found | None) -> bool:
    if isinstance(value, Formula):
        return found is not None and plain(found.formula) == plain(value.text)
    if found is None:
        return value == ""
    if found.formula:
        return False
    if isinstance(value, str):
        return found.kind == "s" and found.value.split() == safe(value).split()
    number = _number(found)
    return number is not None and number == Decimal(value.value if isinstance(value,
                                                                              Frozen) else value)  # type: ignore[arg-type]


def plain(formula: str) -> str:
    """A formula without what programs write differently: spaces, dollar signs, quotes round sheet names, case."""
    pieces = re.split(r'("[^"]*")', formula)
    return "".join(piece if piece.startswith('"') else re.sub(r"[\s$']|_xlfn\.", "", piece).upper() for piece in pieces)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _inputs(sheet: Sheet, cells: Mapping[str, Found], made: Workbook,
            values: dict[str, Fraction]) -> Iterator[PoolbookError]:
    """Reads the inputs of a sheet; faults come back, values that differ from the baseline go into `values`."""
    for address, entry in _expected(sheet):
        if not isinstance(entry, Entry):
            continue
        lever = made.levers[entry.path]
        try:
            value = value_of(lever, cells.get(address))
        except PoolbookError as fault:
            yield fault.at(Place(field=f"{sheet.name}!{address}"))
            continue
        if value != lever.baseline:
            values[entry.path] = value


def value_of(lever: Lever, found: Found | None) -> Fraction:
    """The value of an input that a cell states, within the input's limits. Raises what is wrong with it."""
    if found is None or (not found.formula and not found.value.strip()):
        raise no.ScenarioInputEmpty(baseline=f"{shown(lever, lever.baseline):,}")
    if found.formula:
        raise no.ScenarioInputFormula(found=_short(found.formula))
    number = _number(found)
    if number is None:
        raise no.ScenarioInputNotNumber(found=_short(found.value))
    if number != round(number, lever.places):
        raise no.ScenarioInputTooFine(places=lever.places, found=f"{number:f}")
    low, high = lever.low * lever.parts, lever.high * lever.parts
    if not low <= number <= high:
        raise no.ScenarioInputRange(low=f"{low:,}", high=f"{high:,}", found=f"{number:,f}")
    return Fraction(number) / lever.parts


def _number(found: Found) -> Decimal | None:
    """The number that a cell holds, as people see it: a program's last binary digits are not meant."""
    if found.kind != "n" or len(found.value) > 40:
        return None
    try:
        number = Decimal(repr(float(found.value)))
    except (ValueError, InvalidOperation, OverflowError):
        return None
    return number if number.is_finite() and abs(number) < 10**16 else None


def _names(back: Back, made: Workbook) -> Iterator[PoolbookError]:
    """Names that are gone or stand for other cells."""
    for name, ref in made.book.names.items():
        found = back.names.get(name)
        if found is None or plain(found) != plain(str(ref)):
            yield no.ScenarioNameChanged(Place(field=ref.address), name=name, wanted=ref.address,
                                         found=_short(found) if found else Said("nothing"))


def _shown(made: Workbook, cells: Mapping[str, Found]) -> Iterator[tuple[str, int | None]]:
    """What each result showed: nothing in a file as it was made, for only what reckons fills in its change."""
    places = decimals(made.base.agreement.currency)
    for path, ref in made.results().items():
        found, change = cells.get(f"{ref.column}{ref.row}"), cells.get(f"{CHANGE}{ref.row}")
        number = _number(found) if found is not None and change is not None and change.value else None
        minor = None if number is None else round(number.scaleb(places))
        yield path, minor
