"""A thin layer over ReportLab that tags what it draws, so that a screen reader finds headings, tables and figures.

Every mark on a page belongs to an element of the structure tree (PDF 1.7, 14.7; PDF/UA-1) or is an artifact. ReportLab
itself is not patched: the canvas is a subclass, paragraphs and figures open their own element, and a table is tagged
through the callback that ReportLab's tables offer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.renderPDF import _PDFRenderer
from reportlab.graphics.shapes import Drawing
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObjectReference,
    PDFStream,
    PDFString,
)
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

ARTIFACT = "artifact"


class _Indirect(PDFDictionary):
    """A dictionary that other objects refer to."""

    __RefOnly__ = 1


@dataclass(eq=False)
class Element:
    """One element of the structure tree: its role, what it holds, and what describes it."""

    role: str
    kids: list[Element | Marked] = field(default_factory=list)
    alt: str = ""
    scope: str = ""
    summary: str = ""
    box: tuple[float, float, float, float] | None = None

    def add(self, role: str, **described: Any) -> Element:
        """A new element inside this one."""
        kid = Element(role, **described)
        self.kids.append(kid)
        return kid


@dataclass(frozen=True)
class Marked:
    """A run of marks on a page, by page number and the run's number there."""

    page: int
    mark: int


class TaggedCanvas(Canvas):
    """A canvas that knows to which element each mark belongs, and writes the tree when it is saved."""

    _doc: Any  # ReportLab's own, which its published types leave out
    _code: Any
    _pageNumber: int  # noqa: N815

    def __init__(self, filename: Any, *, title: str, lang: str, when: dt.datetime, **rest: Any) -> None:
        super().__init__(filename, lang=lang, pdfVersion=(1, 7), pageCompression=1, **_without(rest))
        self.title, self.lang, self.when = title, lang, when
        self.tree = Element("Document")
        self.inside: list[Element] = [self.tree]
        self._marks: list[Element] = []
        self._drawn: list[tuple[PDFObjectReference, list[Element]]] = []
        self._opened: Element | str | None = None
        self.places = 0  # how many the outline names
        self._stamp()
        self.setTitle(title)
        self.setViewerPreference("DisplayDocTitle", "true")
        self.showOutline()

    def _stamp(self) -> None:
        """The document's own date stands for the clock, so that the same statement gives the same bytes."""
        stamp = self._doc._timeStamp
        stamp.YMDhms, stamp.dhh, stamp.dmm = self.when.timetuple()[:6], 0, 0
        # the file's ID is a digest that ReportLab begins with its own clock
        self._doc.signature = hashlib.md5(self.when.isoformat().encode(), usedforsecurity=False)

    def begin(self, element: Element | None = None) -> None:
        """What is drawn from here belongs to `element`; to none (page furniture) without one."""
        assert self._opened is None, "marked content never nests"
        if element is None:
            self._code.append("/Artifact BMC")
            self._opened = ARTIFACT
            return
        mark = len(self._marks)
        self._marks.append(element)
        element.kids.append(Marked(self._pageNumber, mark))
        self._code.append(f"/{element.role} <</MCID {mark}>> BDC")
        self._opened = element

    def end(self) -> None:
        """Closes what `begin` opened."""
        assert self._opened is not None, "only what was opened is closed"
        self._code.append("EMC")
        self._opened = None

    def showPage(self) -> None:  # noqa: N802 - ReportLab's name
        marks, self._marks = self._marks, []
        document = self._doc
        reference, add = PDFObjectReference(document.thisPageName()), document.addPage

        def numbered(page: Any) -> None:
            page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
            page.StructParents, page.Tabs = len(self._drawn), PDFName("S")
            self._drawn.append((reference, marks))
            add(page)

        document.addPage = numbered
        try:
            super().showPage()
        finally:
            del document.addPage

    def save(self) -> None:
        """Writes the structure tree and the metadata, then the file."""
        if len(self._code):
            self.showPage()
        _Tree(self._doc, self.tree, self._drawn).write()
        self._doc.Catalog.Metadata = _metadata(self.title, self.lang, self.when)
        super().save()


def _without(rest: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rest.items() if key not in ("lang", "pdfVersion", "pageCompression")}


class _Tree:
    """Writes the structure tree and the table by which a page's marks find their elements."""

    def __init__(self, document: Any, tree: Element, drawn: list[tuple[PDFObjectReference, list[Element]]]) -> None:
        self.document, self.tree, self.drawn = document, tree, drawn
        self.names: dict[int, str] = {}

    def write(self) -> None:
        _prune(self.tree)
        document, catalog = self.document, self.document.Catalog
        top = self._element(self.tree, PDFObjectReference("StructTreeRoot"))
        numbers: list[Any] = []
        for number, (_, marks) in enumerate(self.drawn):
            numbers += [number, PDFArray([PDFObjectReference(self._name(element)) for element in marks])]
        parents = document.Reference(_Indirect({"Nums": PDFArray(numbers)}), "ParentTree")
        root = _Indirect({"Type": PDFName("StructTreeRoot"), "K": top, "ParentTree": parents,
                          "ParentTreeNextKey": len(self.drawn)})
        catalog.StructTreeRoot = document.Reference(root, "StructTreeRoot")
        catalog.MarkInfo = PDFDictionary({"Marked": "true"})

    def _name(self, element: Element) -> str:
        return self.names.setdefault(id(element), f"SE{len(self.names) + 1:05d}")

    def _element(self, element: Element, parent: PDFObjectReference) -> Any:
        name = self._name(element)
        kids = [self._kid(kid, PDFObjectReference(name)) for kid in element.kids]
        entries: dict[str, Any] = {"Type": PDFName("StructElem"), "S": PDFName(element.role), "P": parent}
        if kids:
            entries["K"] = PDFArray(kids)
        if element.alt:
            entries["Alt"] = PDFString(element.alt)
        if attributes := _attributes(element):
            entries["A"] = attributes
        return self.document.Reference(_Indirect(entries), name)

    def _kid(self, kid: Element | Marked, parent: PDFObjectReference) -> Any:
        if isinstance(kid, Element):
            return self._element(kid, parent)
        page = self.drawn[kid.page - 1][0]
        return PDFDictionary({"Type": PDFName("MCR"), "Pg": page, "MCID": kid.mark})


def _attributes(element: Element) -> PDFDictionary | None:
    """Table attributes of heads and tables, the place of figures."""
    if element.scope:
        return PDFDictionary({"O": PDFName("Table"), "Scope": PDFName(element.scope)})
    if element.summary:
        return PDFDictionary({"O": PDFName("Table"), "Summary": PDFString(element.summary)})
    if element.box:
        corners = PDFArray([round(side, 2) for side in element.box])
        return PDFDictionary({"O": PDFName("Layout"), "BBox": corners, "Placement": PDFName("Block")})
    return None


def _prune(element: Element) -> bool:
    """Drops elements that hold no marks, but never a table's cell; whether this one stays."""
    element.kids = [kid for kid in element.kids if isinstance(kid, Marked) or _prune(kid)]
    return bool(element.kids) or element.role in ("TD", "TH")


def _metadata(title: str, lang: str, when: dt.datetime) -> PDFStream:
    """XMP metadata: title, language, date, and that the file keeps to PDF/UA-1."""
    text = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>
<pdfuaid:part>1</pdfuaid:part><xmp:CreateDate>{when:%Y-%m-%dT%H:%M:%S}Z</xmp:CreateDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
    stream = PDFStream(PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}), text.encode())
    stream.filters = []
    return stream


class Words(Paragraph):
    """A paragraph with a role (P, H1, H2, Caption …) and perhaps a place in the outline; one element when split."""

    def __init__(self, text: str, style: Any, role: str = "P", outline: int | None = None, **rest: Any) -> None:
        super().__init__(text, style, **rest)
        self.role, self.outline = role, outline
        self.shared: list[Element] = []

    def breakLines(self, width: Any) -> Any:  # noqa: N802 - ReportLab's name
        """Puts back the space that ReportLab drops at a line's end, so that text read aloud keeps its words apart."""
        broken = super().breakLines(width)
        for line in broken.lines[:-1]:
            if broken.kind == 0 and line[1]:
                line[1][-1] += " "
            elif broken.kind and getattr(line, "words", None) and hasattr(line.words[-1], "text"):
                line.words[-1] = line.words[-1].clone(text=line.words[-1].text + " ")
        return broken

    def split(self, width: Any, height: Any) -> Any:
        parts: list[Any] = super().split(width, height)
        for part in parts:
            _without_spaces(part)
            part.role, part.shared = self.role, self.shared
            part.outline = self.outline if part is parts[0] else None
        return parts

    def draw(self) -> None:
        canvas = self.canv
        assert isinstance(canvas, TaggedCanvas)
        if self.outline is not None:
            canvas.places += 1
            key = f"place{canvas.places}"
            canvas.bookmarkHorizontal(key, 0, self.height)
            canvas.addOutlineEntry(self.getPlainText(), key, self.outline)
        if not self.shared:
            self.shared.append(canvas.inside[-1].add(self.role))
        canvas.begin(self.shared[0])
        super().draw()
        canvas.end()


def _without_spaces(part: Words) -> None:
    """Takes off again what `breakLines` put back, or the part's lines would come out longer and break anew."""
    for piece in part.frags:
        if hasattr(piece, "words"):
            piece.words = [word.rstrip(" ") for word in piece.words]


class _Renderer(_PDFRenderer):
    """Draws shapes; begins with an embedded font, where ReportLab would name one that is not in the file."""

    def __init__(self, font: str) -> None:
        super().__init__()
        self.font = font

    def applyStateChanges(self, delta: Any, newState: Any) -> None:  # noqa: N802, N803 - ReportLab's names
        named = delta.get("fontName")
        foreign = named and not isinstance(getFont(named), TTFont)
        super().applyStateChanges({**delta, "fontName": self.font} if foreign else delta, newState)


class Figure(Flowable):
    """A drawing with its alternative text."""

    def __init__(self, drawing: Drawing, alternative: str, font: str) -> None:
        super().__init__()
        self.drawing, self.alternative, self.font = drawing, alternative, font
        self.width, self.height = drawing.width, drawing.height

    def wrap(self, *_available: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        assert isinstance(canvas, TaggedCanvas)
        x, y = canvas.absolutePosition(0, 0)
        figure = canvas.inside[-1].add("Figure", alt=self.alternative, box=(x, y, x + self.width, y + self.height))
        canvas.begin(figure)
        _Renderer(self.font).draw(self.drawing, canvas, 0, 0)
        canvas.end()


class TableTags:
    """Tags one table, over all the pages on which ReportLab splits it; given to the table as its `renderCB`.

    Rows that repeat on a later page are artifacts. The first column names the row.
    """

    def __init__(self, summary: str) -> None:
        self.summary = summary
        self.table: Element | None = None
        self.head, self.body = Element("THead"), Element("TBody")
        self.row: Element | None = None
        self.in_head = self.continued = False

    def __call__(self, table: Any, event: str, *where: int) -> None:
        canvas = table.canv
        assert isinstance(canvas, TaggedCanvas)
        events: dict[str, Callable[[], None]] = {
            "startTable": lambda: self._start(canvas), "startBG": canvas.begin, "startLines": canvas.begin,
            "endBG": canvas.end, "endLines": canvas.end, "endCell": canvas.end,
            "startRow": lambda: self._start_row(where[0], table.repeatRows),
            "startCell": lambda: self._start_cell(canvas, where[1])}
        if event in events:
            events[event]()

    def _start(self, canvas: TaggedCanvas) -> None:
        self.continued = self.table is not None
        if self.table is None:
            self.table = canvas.inside[-1].add("Table", summary=self.summary)
            self.table.kids += [self.head, self.body]

    def _start_row(self, number: int, heads: int) -> None:
        self.in_head = number < heads
        again = self.in_head and self.continued
        self.row = None if again else (self.head if self.in_head else self.body).add("TR")

    def _start_cell(self, canvas: TaggedCanvas, column: int) -> None:
        if self.row is None:
            canvas.begin()
        elif self.in_head or column == 0:
            canvas.begin(self.row.add("TH", scope="Column" if self.in_head else "Row"))
        else:
            canvas.begin(self.row.add("TD"))
