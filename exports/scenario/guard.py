"""Lets a workbook in only after measuring it: size, parts, what they really unpack to, nothing active, nothing linked.

Nothing of the file is given to a library that would believe it; parts are read with a parser that refuses document
types, and each only up to its measure.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.parsers import expat

from exports.scenario import refusals as no
from ledger.foreign import foreign
from ledger.language import Said

MOST_BYTES = 10_000_000
MOST_PARTS = 200
MOST_PART = 40_000_000
MOST_IN_ALL = 80_000_000
MOST_RATIO = 150  # of a part above a megabyte: a bomb's is a thousand, a large sheet's some thirty
MOST_ELEMENTS = 3_000_000
PIECE = 1 << 16
_ACTIVE = re.compile(r"vbaproject|/embeddings/|/activex/|macrosheets|/ctrlprops/|oleobject|vbadata|customui", re.I)
_LINKED = re.compile(rb'TargetMode\s*=\s*["\']External["\']')


class Parts:
    """The parts of a workbook that has been let in."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = frozenset(archive.namelist())

    def read(self, name: str) -> bytes:
        try:
            return self.archive.read(name)
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError) as error:
            raise no.WorkbookXmlBroken(part=name, fault=foreign(str(error))) from None


def let_in(content: bytes) -> Parts:
    """The file's parts. Raises the first cause, in this order, for which it is refused."""
    if len(content) > MOST_BYTES:
        raise no.WorkbookTooLarge(limit=Said("{most:,} bytes", most=MOST_BYTES))
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise no.WorkbookUnreadable(fault=foreign(str(error)) or Said("it is no archive")) from None
    names = [info.filename for info in infos]
    _named(names)
    in_all = 0
    for info in infos:
        in_all += _measured(archive, info)
        if in_all > MOST_IN_ALL:
            raise no.WorkbookUnpacksTooLarge(part=info.filename, limit=Said("{most:,} bytes in all", most=MOST_IN_ALL))
    parts = Parts(archive)
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise no.WorkbookUnreadable(fault=Said("it has no workbook inside"))
    _inert(names, parts)
    return parts


def _named(names: Sequence[str]) -> None:
    """Not too many parts, none twice, none with a name that leads elsewhere."""
    if len(names) > MOST_PARTS:
        raise no.WorkbookPartsWrong(fault=Said("there are {names:,}, more than {most}", names=len(names),
                                               most=MOST_PARTS))
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise no.WorkbookPartsWrong(fault=Said("{name} is there twice", name=name))
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise no.WorkbookPartsWrong(fault=Said("{name!r} is no name of a part", name=name))
        seen.add(name.lower())


def _inert(names: Sequence[str], parts: Parts) -> None:
    """Nothing in it runs, and nothing leads out of it."""
    for name in names:
        if _ACTIVE.search(name):
            raise no.WorkbookActive(part=name)
        if "externallinks/" in name.lower():
            raise no.WorkbookLinked(part=name)
    if b"macroEnabled" in parts.read("[Content_Types].xml"):
        raise no.WorkbookActive(part="[Content_Types].xml")
    for name in names:
        if name.lower().endswith(".rels") and _LINKED.search(parts.read(name)):
            raise no.WorkbookLinked(part=name)


def _measured(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """What a part really unpacks to, read piece by piece; refuses one that is too large or declares a document type."""
    size, tail = 0, b""
    if info.flag_bits & 1:
        raise no.WorkbookUnreadable(fault=Said("it is encrypted"))
    text = info.filename.lower().endswith((".xml", ".rels", ".vml"))
    try:
        with archive.open(info) as part:
            while piece := part.read(PIECE):
                size += len(piece)
                if size > MOST_PART or (size > 1_000_000 and size > MOST_RATIO * max(info.compress_size, 1)):
                    raise no.WorkbookUnpacksTooLarge(part=info.filename,
                                                     limit=Said("{most:,} bytes", most=min(MOST_PART, size)))
                if text and size == len(piece) and (piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in piece[:200]):
                    raise no.WorkbookXmlBroken(part=info.filename, fault=Said("it is not UTF-8"))
                if text and b"<!DOCTYPE" in tail + piece:
                    raise no.WorkbookDoctype(part=info.filename)
                tail = piece[-16:]
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise no.WorkbookUnreadable(fault=Said("the part {filename} is damaged ({fault})", filename=info.filename,
                                               fault=foreign(str(error)))) from None
    return size


def walk(name: str, content: bytes, begin: Callable[[str, Mapping[str, str]], None],
         text: Callable[[str], None] | None = None, end: Callable[[str], None] | None = None) -> None:
    """Reads XML piece by piece, elements and attributes by their local names; no document type, no entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    count = 0

    def local(tag: str) -> str:
        return tag.rpartition(" ")[2]

    def started(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS:
            raise no.WorkbookUnpacksTooLarge(part=name, limit=Said("{most:,} elements", most=MOST_ELEMENTS))
        begin(local(tag), {local(key): value for key, value in attributes.items()})

    def doctype(*_: Any) -> None:
        raise no.WorkbookDoctype(part=name)

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = doctype
    if text is not None:
        parser.CharacterDataHandler = text
    if end is not None:
        parser.EndElementHandler = lambda tag: end(local(tag))
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise no.WorkbookXmlBroken(part=name, fault=foreign(str(error))) from None
