"""Reads the cells of a workbook that has been let in: what each holds, and the formula it comes from; runs nothing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string

from exports.scenario import refusals as no
from exports.scenario.guard import Parts, walk
from ledger.errors import Place
from ledger.language import Said

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
MARGIN_ROWS, MARGIN_COLUMNS = 1000, 60  # how far beyond its table a sheet may hold something that is not looked at


@dataclass(frozen=True, slots=True)
class Found:
    """One cell as it came back: its kind (n number, s text, b truth, e error), its value as text, and its formula."""

    kind: str
    value: str
    formula: str = ""


@dataclass
class Back:
    """A workbook that came back: its sheets by name, the part of each, its names, its custom properties."""

    parts: Parts
    sheets: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    strings: list[str] = field(default_factory=list)

    def cells(self, sheet: str, last_row: int, last_column: int) -> dict[str, Found]:
        """Every cell with something in it, by address; refuses one far outside its table."""
        reader = _Cells(sheet, self.strings, last_row + MARGIN_ROWS, last_column + MARGIN_COLUMNS)
        part = self.sheets[sheet]
        walk(part, self.parts.read(part), reader.begin, reader.text, reader.end)
        return reader.found


def open_back(parts: Parts) -> Back:
    """The workbook's own lists. Raises `WorkbookXmlBroken` where they do not hang together."""
    back = Back(parts)
    targets = _targets(parts, "xl/_rels/workbook.xml.rels", "xl")
    _workbook(back, targets)
    for part in back.sheets.values():
        if part not in parts.names:
            raise no.WorkbookXmlBroken(part="xl/workbook.xml", fault=Said("its sheet {part} is not there", part=part))
    if "xl/sharedStrings.xml" in parts.names:
        _strings(back)
    if "docProps/custom.xml" in parts.names:
        _properties(back)
    return back


def _targets(parts: Parts, name: str, folder: str) -> dict[str, str]:
    found: dict[str, str] = {}

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            found[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else posixpath.normpath(
                posixpath.join(folder, target))

    if name not in parts.names:
        raise no.WorkbookXmlBroken(part=name, fault=Said("it is not there"))
    walk(name, parts.read(name), begin)
    return found


def _workbook(back: Back, targets: Mapping[str, str]) -> None:
    inside = ""

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal inside
        if tag == "sheet":
            back.sheets[attributes.get("name", "")] = targets.get(attributes.get("id", ""), "(none)")
        inside = attributes.get("name", "") if tag == "definedName" else ""
        if inside:
            back.names[inside] = ""

    def text(piece: str) -> None:
        if inside:
            back.names[inside] += piece

    walk("xl/workbook.xml", back.parts.read("xl/workbook.xml"), begin, text)


def _strings(back: Back) -> None:
    """Shared strings, without what is only how they are read aloud."""
    open_: list[str] = []
    phonetic = False

    def begin(tag: str, _: Mapping[str, str]) -> None:
        nonlocal phonetic
        if tag == "si":
            back.strings.append("")
        phonetic = phonetic or tag == "rPh"
        open_.append(tag)

    def text(piece: str) -> None:
        if open_ and open_[-1] == "t" and not phonetic and back.strings:
            back.strings[-1] += piece

    def end(tag: str) -> None:
        nonlocal phonetic
        open_.pop()
        phonetic = phonetic and tag != "rPh"

    walk("xl/sharedStrings.xml", back.parts.read("xl/sharedStrings.xml"), begin, text, end)


def _properties(back: Back) -> None:
    name = ""

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal name
        if tag == "property":
            name = attributes.get("name", "")

    def text(piece: str) -> None:
        if name and piece.strip():
            back.properties[name] = back.properties.get(name, "") + piece

    walk("docProps/custom.xml", back.parts.read("docProps/custom.xml"), begin, text)


class _Cells:
    """Takes the cells out of one sheet's XML as it is read."""

    def __init__(self, sheet: str, strings: list[str], last_row: int, last_column: int) -> None:
        self.sheet, self.strings, self.last_row, self.last_column = sheet, strings, last_row, last_column
        self.found: dict[str, Found] = {}
        self.shared: dict[str, tuple[str, str]] = {}
        self.address = self.kind = self.inside = self.group = ""
        self.value: list[str] = []
        self.formula: list[str] = []
        self.has_formula = False

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c":
            self.address, self.kind = attributes.get("r", ""), attributes.get("t", "n")
            self.value, self.formula, self.group, self.has_formula = [], [], "", False
        elif tag in ("v", "f", "t"):
            self.inside = tag
            if tag == "f":
                self.has_formula = True
                self.group = attributes.get("si", "") if attributes.get("t") == "shared" else ""

    def text(self, piece: str) -> None:
        if self.inside == "f":
            self.formula.append(piece)
        elif self.inside in ("v", "t"):
            self.value.append(piece)

    def end(self, tag: str) -> None:
        if tag in ("v", "f", "t"):
            self.inside = ""
        elif tag == "c" and (self.value or self.has_formula):
            self._keep()

    def _keep(self) -> None:
        place = ADDRESS.fullmatch(self.address)
        if place is None:
            raise no.WorkbookXmlBroken(part=self.sheet, fault=Said("{address!r} is no cell", address=self.address))
        if int(place[2]) > self.last_row or column_index_from_string(place[1]) > self.last_column:
            raise no.ScenarioCellFar(Place(field=f"{self.sheet}!{self.address}"))
        if self.address in self.found:
            raise no.WorkbookXmlBroken(part=self.sheet, fault=Said("{address} is there twice", address=self.address))
        value, formula = "".join(self.value), "".join(self.formula)
        if self.group:
            formula = self._shared(formula)
        self.found[self.address] = Found(*self._read(value), f"={formula}" if self.has_formula else "")

    def _shared(self, formula: str) -> str:
        """A formula that was kept once for several cells, as it stands in this one."""
        if formula:
            self.shared[self.group] = (self.address, formula)
            return formula
        origin, first = self.shared.get(self.group, (self.address, ""))
        return str(Translator(f"={first}", origin).translate_formula(self.address))[1:] if first else ""

    def _read(self, value: str) -> tuple[str, str]:
        if self.kind == "s":
            if not value.isdigit() or int(value) >= len(self.strings):
                raise no.WorkbookXmlBroken(part=self.sheet,
                                           fault=Said("the text of {address} is not there", address=self.address))
            return "s", self.strings[int(value)]
        if self.kind in ("str", "inlineStr"):
            return "s", value
        return (self.kind if self.kind in ("b", "e") else "n"), value
