"""Kinds of damage to a returned workbook and of attack by one: each a function from a sound file to a bad one."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping

Spoil = Callable[[bytes], bytes]


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def part_of(content: bytes, sheet: str) -> str:
    """The part that holds a sheet."""
    book = parts(content)["xl/workbook.xml"].decode()
    names = re.findall(r'<sheet [^>]*?name="([^"]+)"', book)
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"


def with_part(name: str, new: bytes) -> Spoil:
    return lambda content: packed({**parts(content), name: new})


def in_part(name: str, old: str, new: str) -> Spoil:
    """Exchanges a piece of a part, which must be there."""
    def spoil(content: bytes) -> bytes:
        files = parts(content)
        assert old.encode() in files[name], old
        return packed({**files, name: files[name].replace(old.encode(), new.encode(), 1)})
    return spoil


def cell(sheet: str, address: str, xml: str) -> Spoil:
    """Puts another cell in the place of one; `STYLE` stands for its own style."""
    return _cells(sheet, {address: xml})


def _cells(sheet: str, new: Mapping[str, str]) -> Spoil:
    """All in one, for to pack a workbook takes longer than to change it."""
    def spoil(content: bytes) -> bytes:
        files, name = parts(content), part_of(content, sheet)
        text = files[name].decode()
        for address, xml in new.items():
            found = re.search(rf'<c r="{address}"( s="\d+")?[^>]*?(/>|>.*?</c>)', text)
            assert found, f"{sheet}!{address}"
            text = text[:found.start()] + xml.replace("STYLE", found[1] or "") + text[found.end():]
        return packed({**files, name: text.encode()})
    return spoil


def number(sheet: str, address: str, value: str) -> Spoil:
    return numbers(sheet, {address: value})


def numbers(sheet: str, values: Mapping[str, str]) -> Spoil:
    return _cells(sheet, {address: f'<c r="{address}"STYLE><v>{value}</v></c>' for address, value in values.items()})


def words(sheet: str, address: str, value: str) -> Spoil:
    return cell(sheet, address, f'<c r="{address}"STYLE t="inlineStr"><is><t>{value}</t></is></c>')


def formula(sheet: str, address: str, value: str) -> Spoil:
    return cell(sheet, address, f'<c r="{address}"STYLE><f>{value}</f><v>1</v></c>')


def far_cell(content: bytes) -> bytes:
    files, name = parts(content), part_of(content, "Inputs")
    row = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return packed({**files, name: files[name].replace(b"</sheetData>", row.encode())})


def bomb(content: bytes) -> bytes:
    """Half a gigabyte of spaces in a small part."""
    files = parts(content)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            if name != "xl/styles.xml":
                archive.writestr(name, part)
        with archive.open("xl/styles.xml", "w", force_zip64=True) as part_of_bomb:
            for _ in range(500):
                part_of_bomb.write(b" " * 1_000_000)
    return out.getvalue()


def many_cells(content: bytes) -> bytes:
    """Millions of empty cells: small when packed, each to be looked at."""
    files, name = parts(content), part_of(content, "Inputs")
    rows = b"<row>" + b"<c/>" * 6_000_000 + b"</row></sheetData>"
    return packed({**files, name: files[name].replace(b"</sheetData>", rows)})


def many_texts(content: bytes) -> bytes:
    files = parts(content)
    table = b"<sst>" + b"<si><t>a</t></si>" * 2_000_000 + b"</sst>"
    return packed({**files, "xl/sharedStrings.xml": table})


def deep(content: bytes) -> bytes:
    files, name = parts(content), part_of(content, "Inputs")
    return packed({**files, name: b"<a>" * 60_000 + b"</a>" * 60_000})


def twice(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts(content).items():
            archive.writestr(name, part)
        archive.writestr("XL/workbook.xml", parts(content)["xl/workbook.xml"])
    return out.getvalue()


def many_parts(content: bytes) -> bytes:
    return packed({**parts(content), **{f"xl/media/{i}.xml": b"<a/>" for i in range(500)}})


def encrypted(content: bytes) -> bytes:
    """The flag that says so on the first part, here and in the list of parts."""
    spoilt = bytearray(content)
    spoilt[6:8] = struct.pack("<H", 1)
    central = content.index(b"PK\x01\x02")
    spoilt[central + 8:central + 10] = struct.pack("<H", 1)
    return bytes(spoilt)


def lying_size(content: bytes) -> bytes:
    """The list of parts claims that a part unpacks to one byte."""
    spoilt = bytearray(bomb(content))
    at = bytes(spoilt).index(b"xl/styles.xml", bytes(spoilt).index(b"PK\x01\x02")) - 46
    spoilt[at + 24:at + 28] = struct.pack("<I", 1)
    return bytes(spoilt)


def without_sheet(name: str) -> Spoil:
    def spoil(content: bytes) -> bytes:
        files = parts(content)
        book = re.sub(rf'<sheet [^>]*?name="{name}"[^>]*?/>', "", files["xl/workbook.xml"].decode())
        return packed({**files, "xl/workbook.xml": book.encode()})
    return spoil


def without_name(name: str) -> Spoil:
    def spoil(content: bytes) -> bytes:
        files = parts(content)
        book = re.sub(rf'<definedName name="{name}"[^>]*>[^<]*</definedName>', "", files["xl/workbook.xml"].decode())
        return packed({**files, "xl/workbook.xml": book.encode()})
    return spoil


def in_base(old: str, new: str) -> Spoil:
    """Alters what the workbook says it was made from."""
    def spoil(content: bytes) -> bytes:
        files = parts(content)
        name = part_of(content, "Base")
        assert old.encode() in files[name], old
        return packed({**files, name: files[name].replace(old.encode(), new.encode())})
    return spoil
