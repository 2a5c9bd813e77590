"""Reads XML that somebody sent into a plain tree: no document type or entities, bounded, each element with its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from contributions.bank import refusals as no
from contributions.bank.model import clean
from ledger.errors import Place
from ledger.foreign import foreign
from ledger.language import Said

MOST_BYTES = 20_000_000
MOST_ELEMENTS = 500_000
DEEPEST = 40
MANY = frozenset({"Stmt", "Bal", "Ntry", "TxDtls"})
_PIECE = 1 << 16


class Node:
    """An element: its name without its namespace, its text, its children, and where it stands."""

    __slots__ = ("attributes", "children", "line", "name", "number", "parent", "pieces")

    def __init__(self, name: str, attributes: dict[str, str], parent: Node | None, line: int, number: int) -> None:
        self.name, self.attributes, self.parent, self.line, self.number = name, attributes, parent, line, number
        self.children: list[Node] = []
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        return clean("".join(self.pieces))

    @property
    def path(self) -> str:
        """The way to the element from the root, those numbered of which there are many: `Stmt[1]/Ntry[2]/Amt`."""
        which = f"[{self.number}]" if self.number > 1 or self.name in MANY else ""
        return f"{self.parent.path}/{self.name}{which}" if self.parent is not None else self.name

    def all(self, *names: str) -> Iterator[Node]:
        """Every element at the end of a way of names, in the file's order."""
        for child in self.children:
            if child.name == names[0]:
                yield from child.all(*names[1:]) if len(names) > 1 else (child,)

    def find(self, *names: str) -> Node | None:
        return next(self.all(*names), None)

    def says(self, *names: str) -> str:
        """The text of the first such element; empty where there is none."""
        found = self.find(*names)
        return found.text if found is not None else ""

    def must(self, *names: str) -> Node:
        found = self.find(*names)
        if found is None:
            raise no.BankElementMissing(self.place(), element="/".join(names))
        return found

    def place(self, file: str = "") -> Place:
        return Place(file, self.line, self.path)


class _Builder:
    """Takes what the parser finds; stops at what is larger or deeper than any statement."""

    def __init__(self) -> None:
        self.parser: Any = None
        self.root: Node | None = None
        self.namespace = ""
        self.open: list[Node] = []
        self.names: list[Counter[str]] = [Counter()]  # of the children so far, for each open element
        self.count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.lstrip("{").rpartition("}")
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise no.BankFileTooLarge(Place(line=self.line), limit=Said("{most:,} elements", most=MOST_ELEMENTS))
        if len(self.open) >= DEEPEST:
            raise no.BankFileTooLarge(Place(line=self.line),
                                      limit=Said("{most} elements one inside the other", most=DEEPEST))
        self.names[-1][name] += 1
        node = Node(name, attributes, self.open[-1] if self.open else None, self.line, self.names[-1][name])
        self.names.append(Counter())
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root, self.namespace = node, namespace
        self.open.append(node)

    @property
    def line(self) -> int:
        return int(self.parser.CurrentLineNumber)

    def end(self, _tag: str) -> None:
        self.open.pop()
        self.names.pop()

    def data(self, text: str) -> None:
        if self.open:
            self.open[-1].pieces.append(text)

    def close(self) -> None:
        return None


def read_xml(content: bytes) -> tuple[Node, str]:
    """The root element and its namespace. Raises what keeps the file out, with its line."""
    if len(content) > MOST_BYTES:
        raise no.BankFileTooLarge(limit=Said("{most:,} bytes", most=MOST_BYTES))
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser.parser
    try:
        for start in range(0, len(content), _PIECE):
            parser.feed(content[start:start + _PIECE])
        parser.close()
    except ParseError as error:
        raise no.BankXmlBroken(Place(line=error.position[0]), fault=foreign(str(error).partition(":")[0])) from None
    except DefusedXmlException:
        raise no.BankXmlActive(Place(line=builder.line)) from None
    except (ValueError, LookupError) as error:
        raise no.BankXmlBroken(Place(line=1), fault=foreign(str(error))) from None
    assert builder.root is not None, "what parses has a root"
    return builder.root, builder.namespace
