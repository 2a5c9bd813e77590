"""Thirty-odd kinds of damaged and hostile workbooks: each is refused by its cell or its cause, in little memory."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from api.commands.scenario import base_of_case
from exports.scenario.back import read_back
from exports.scenario.render import to_xlsx
from exports.scenario.workbook import Workbook, workbook
from ledger.errors import Refused
from tests.scenario import damage as do

CASE = Path(__file__).parents[2] / "examples" / "northshire-2024"
ENTRY = "Inputs!G6"  # the council's contribution, 4,536,000.00
SHEET = "xl/worksheets/sheet6.xml"  # the inputs'
HOST = '<Relationship Id="rIdX" Type="http://x/externalLink" Target="http://example.org/a.xlsx" TargetMode="External"/>'

CASES: dict[str, tuple[do.Spoil, str, str]] = {
    # what was done to it: the spoiler, the code of the refusal, its cell (or the start of its message)
    "nothing of a workbook": (lambda _: b"name,amount\ncouncil,1\n", "workbook-unreadable", ""),
    "an empty file": (lambda _: b"", "workbook-unreadable", ""),
    "cut off": (lambda content: content[:len(content) // 2], "workbook-unreadable", ""),
    "bytes changed inside": (lambda content: content[:3000] + b"\0" * 400 + content[3400:], "workbook-unreadable", ""),
    "too large": (lambda content: content + b"\0" * 11_000_000, "workbook-too-large", ""),
    "encrypted": (do.encrypted, "workbook-unreadable", ""),
    "another archive": (lambda _: do.packed({"a.txt": b"hello"}), "workbook-unreadable", ""),
    "a zip bomb": (do.bomb, "workbook-unpacks-too-large", ""),
    "a zip bomb that lies about its size": (do.lying_size, "workbook-un", ""),
    "millions of cells": (do.many_cells, "workbook-unpacks-too-large", ""),
    "millions of texts": (do.many_texts, "workbook-unpacks-too-large", ""),
    "elements within elements": (do.deep, "scenario-cell-changed", "Inputs!A5"),
    "a part twice": (do.twice, "workbook-parts-wrong", ""),
    "hundreds of parts": (do.many_parts, "workbook-parts-wrong", ""),
    "a part that leads elsewhere": (do.with_part("../../etc/passwd", b"x"), "workbook-parts-wrong", ""),
    "a cell at the end of the sheet": (do.far_cell, "scenario-cell-far", "Inputs!XFD1048576"),
    "a document type": (do.in_part(SHEET, "<worksheet", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet'),
                        "workbook-doctype", ""),
    "a document type in UTF-16": (do.with_part(SHEET, '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")),
                                  "workbook-part-broken", ""),
    "broken XML": (do.in_part(SHEET, "</sheetData>", "</sheetDat>"), "workbook-part-broken", ""),
    "macros": (do.with_part("xl/vbaProject.bin", b"x"), "workbook-active-content", ""),
    "macros declared": (do.in_part("[Content_Types].xml", "spreadsheetml.sheet.main", "sheet.macroEnabled.main"),
                        "workbook-active-content", ""),
    "an embedded object": (do.with_part("xl/embeddings/oleObject1.bin", b"x"), "workbook-active-content", ""),
    "a control": (do.with_part("xl/activeX/activeX1.xml", b"<a/>"), "workbook-active-content", ""),
    "a link to another workbook": (do.with_part("xl/externalLinks/externalLink1.xml", b"<a/>"),
                                   "workbook-external-link", ""),
    "a link that hides": (do.in_part("xl/_rels/workbook.xml.rels", "</Relationships>", HOST + "</Relationships>"),
                          "workbook-external-link", ""),
    "another template": (do.in_part("docProps/custom.xml", "poolbook-scenario/1", "poolbook-scenario/9"),
                         "scenario-template-unknown", ""),
    "no template": (do.without_sheet("Base"), "scenario-sheet-missing", "Base"),
    "another base": (do.in_base("Northshire Council", "Southshire Council"), "scenario-base-damaged", "Base!B8"),
    "a sheet taken out": (do.without_sheet("Steps"), "scenario-sheet-missing", "Steps"),
    "a name taken out": (do.without_name("out_partners_nhs_liability"), "scenario-name-changed", "Results!E"),
    "a name moved": (do.in_part("xl/workbook.xml", "Inputs!$G$6<", "Inputs!$G$7<"), "scenario-name-changed", ENTRY),
    "a formula altered": (do.formula("Results", "E6", "1+1"), "scenario-cell-changed", "Results!E6"),
    "a formula made a number": (do.number("Steps", "D7", "0"), "scenario-cell-changed", "Steps!D7"),
    "a baseline altered": (do.number("Inputs", "F6", "1"), "scenario-cell-changed", "Inputs!F6"),
    "a label altered": (do.words("Inputs", "C6", "gift"), "scenario-cell-changed", "Inputs!C6"),
    "text in an input": (do.words("Inputs", "G6", "four million"), "scenario-input-not-number", ENTRY),
    "a number as text": (do.words("Inputs", "G6", "4536000"), "scenario-input-not-number", ENTRY),
    "a formula in an input": (do.formula("Inputs", "G6", "F6*2"), "scenario-input-formula", ENTRY),
    "an empty input": (do.cell("Inputs", "G6", '<c r="G6"STYLE/>'), "scenario-input-empty", ENTRY),
    "an error in an input": (do.cell("Inputs", "G6", '<c r="G6"STYLE t="e"><v>#REF!</v></c>'),
                             "scenario-input-not-number", ENTRY),
    "yes in an input": (do.cell("Inputs", "G6", '<c r="G6"STYLE t="b"><v>1</v></c>'),
                        "scenario-input-not-number", ENTRY),
    "three decimals": (do.number("Inputs", "G6", "12.345"), "scenario-input-too-fine", ENTRY),
    "a negative amount": (do.number("Inputs", "G6", "-1"), "scenario-input-range", ENTRY),
    "too much": (do.number("Inputs", "G6", "1E+14"), "scenario-input-range", ENTRY),
    "no number at all": (do.number("Inputs", "G6", "NaN"), "scenario-input-not-number", ENTRY),
    "infinity": (do.number("Inputs", "G6", "1E+999"), "scenario-input-not-number", ENTRY),
}


@cache
def made() -> Workbook:
    return workbook(base_of_case(CASE))


@cache
def sound() -> bytes:
    return to_xlsx(made())


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused(name: str) -> None:
    spoil, code, place = CASES[name]
    with pytest.raises(Refused) as refused:
        read_back(spoil(sound()))
    codes = [fault.code for fault in refused.value.faults]
    assert any(one.startswith(code) for one in codes), refused.value
    assert any(str(fault.place).startswith(place) for fault in refused.value.faults if fault.code.startswith(code))


def test_there_are_more_than_thirty() -> None:
    assert len(CASES) > 30


def test_the_sound_one_is_read() -> None:
    assert dict(read_back(sound()).values) == {}


def test_a_scenario_of_other_books_is_refused() -> None:
    other = base_of_case(CASE.parent / "scottish-borders-2018")
    with pytest.raises(Refused) as refused:
        read_back(sound(), other, "scottish-borders-2018")
    assert [fault.code for fault in refused.value.faults] == ["scenario-base-other"]


def test_all_of_them_in_little_memory_and_time() -> None:
    """In a process of their own: less than 300 MB for all one after the other, and five seconds of work for each."""
    done = subprocess.run([sys.executable, "-m", "tests.scenario.test_damage"], capture_output=True, text=True,
                          check=True, cwd=Path(__file__).parents[2])
    assert "megabytes" in done.stdout


def _measure() -> None:
    content = {name: spoil(sound()) for name, (spoil, _, _) in CASES.items()}
    for name, spoilt in content.items():
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 6, resource.RLIM_INFINITY))
        try:
            read_back(spoilt)
        except Refused:
            continue
        raise AssertionError(name)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    assert peak, "Linux says how much a process has held; getrusage would count what its parent held before"
    most = int(peak[1]) // 1024
    assert most < 300, f"{most} megabytes"
    print(most, "megabytes")


if __name__ == "__main__":
    _measure()
