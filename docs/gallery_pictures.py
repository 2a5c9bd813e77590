"""Makes the pictures of the gallery: a statement's PDF, a scenario workbook and the pages, as people see them.

They need pdftoppm (poppler-utils), soffice (LibreOffice Calc), Chromium and the packages that the tests need. Every
picture is of the invented partnership in `examples/northshire-2024`.
"""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
EXAMPLE, BANK_FILE = ROOT / "examples" / "northshire-2024", "bank/2024-04.xml"
SECRET = "the gallery's own secret, of no use to anybody"  # noqa: S105 -- of a database that is thrown away
WIDE, TALL, PHONE = {"width": 1180, "height": 820}, {"width": 1180, "height": 1150}, {"width": 360, "height": 900}
COLOURS = 96  # of a picture's palette: enough for pages of text, and small


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file's name, and in words what it shows."""

    name: str
    words: str


PICTURES = (
    Picture("statement-1", "First page of a statement's PDF: verdict, figures, what each partner is asked for"),
    Picture("statement-2", "Second page of the PDF: services with plan, actual, forecast and rating"),
    Picture("workbook", "Inputs of a scenario workbook: baseline beside change, with the limits of each input"),
    Picture("glance", "The pool at a glance: the verdict in a sentence, three figures, a bullet chart"),
    Picture("figure", "How a figure comes about: its parts, each a link, and the steps with their clauses"),
    Picture("behind", "The entries behind a figure, and that they add up to it"),
    Picture("bank", "Lines of a bank statement with what each is thought to be, and why; nothing posted yet"),
    Picture("close", "The checklist before a period is closed"),
    Picture("compare", "Two scenarios side by side: what each partner would owe"),
    Picture("phone", "The pool at a glance on a phone"),
)


def text() -> str:
    """The gallery's part that shows the pictures."""
    shown = "\n\n".join(f"![{one.words}](pictures/{one.name}.png)\n\n*{one.words}.*" for one in PICTURES)
    return ("## What people see\n\nPictures of one invented partnership, `northshire-2024`. "
            "`python -m docs.make_gallery --pictures` makes\nthem anew; it needs pdftoppm, LibreOffice and Chromium."
            f"\n\n{shown}\n")


def make() -> list[Path]:
    """Makes every picture; answers their files."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        engine = _books(Path(place) / "books.db")
        _of_statement(engine, Path(place))
        _of_workbook(engine, Path(place))
        engine.dispose()
        _of_pages(Path(place))
    return [FOLDER / f"{one.name}.png" for one in PICTURES]


def _books(path: Path) -> Engine:
    from api.database import connect, migrate
    from docs.make_gallery import run

    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    run(EXAMPLE, engine)
    return engine


def _of_statement(engine: Engine, place: Path) -> None:
    from commissioning import store
    from exports.faces import FORMATS
    from exports.statement import from_json
    from ledger import service as books

    with engine.connect() as conn:
        issued = store.issues(conn, books.list_books(conn)[0])[8]  # a month with something to explain
    (place / "statement.pdf").write_bytes(FORMATS["pdf"].render(from_json(issued.document)))
    for number in (1, 2):
        _keep(f"statement-{number}", _page_of(place / "statement.pdf", number))


def _of_workbook(engine: Engine, place: Path) -> None:
    from commissioning.scenario.books import base_at
    from exports.scenario.render import to_xlsx
    from exports.scenario.workbook import workbook
    from ledger import service as books

    with engine.connect() as conn:
        made = workbook(base_at(conn, books.list_books(conn)[0], "FY2025"))
    (place / "workbook.xlsx").write_bytes(to_xlsx(made))
    subprocess.run([_tool("soffice"), "--headless", f"-env:UserInstallation=file://{place}/profile",  # noqa: S603
                    "--convert-to", "pdf", "--outdir", str(place), str(place / "workbook.xlsx")],
                   check=True, capture_output=True)
    pages = subprocess.run([_tool("pdftotext"), "-layout", str(place / "workbook.pdf"), "-"],  # noqa: S603
                           check=True, capture_output=True, text=True).stdout.split("\f")
    number = next(n for n, page in enumerate(pages, 1) if "Baseline" in page and "Change" in page)
    _keep("workbook", _page_of(place / "workbook.pdf", number))


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"pictures need {name}: apt-get install poppler-utils libreoffice-calc-nogui chromium")
    return found


def _page_of(pdf: Path, number: int) -> bytes:
    return subprocess.run([_tool("pdftoppm"), "-png", "-r", "80", "-f", str(number), "-l", str(number), str(pdf)],  # noqa: S603
                          check=True, capture_output=True).stdout


def _keep(name: str, content: bytes) -> None:
    """Writes a picture with a palette, which makes a page of text a quarter of its size."""
    from PIL import Image

    picture = Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(FOLDER / f"{name}.png", optimize=True)


def _of_pages(place: Path) -> None:
    from playwright.sync_api import sync_playwright

    with _serving(place / "books.db") as (address, key), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_tool("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
        page.goto(f"{address}/")
        page.fill("#key", key)
        page.click("main button[type=submit]")
        pool, period = f"{address}/pools/northshire", "FY2025-M09"

        def shoot(name: str, to: str = "", size: dict[str, int] = WIDE) -> None:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if to:
                page.goto(pool + to)
            _keep(name, page.screenshot())

        shoot("glance", size=TALL, to="?")
        shoot("figure", f"/statements/{period}/figures/services/reablement/variance")
        shoot("behind", f"/statements/{period}/services/reablement/actual")
        shoot("close", "/periods/FY2026-M01/close")
        shoot("phone", "?", PHONE)
        _compared(page, pool, place)
        shoot("compare")
        browser.close()
    _of_bank(place)


def _compared(page: Page, pool: str, place: Path) -> None:
    """Keeps two scenarios and goes to the page that compares them."""
    content = (place / "workbook.xlsx").read_bytes()
    for name, change in (("Dearer beds", ("in_actual_community_beds", 1.1)), ("Less home care", (
            "in_actual_home_care", 0.9))):
        page.goto(f"{pool}/scenarios")
        page.set_input_files("#file", {"name": "s.xlsx", "mimeType": "", "buffer": _changed(content, *change)})
        page.fill("#name", name)
        page.click("main form[enctype] button[type=submit]")
        page.wait_for_url("**/scenarios/kept/*")
    page.goto(f"{pool}/scenarios/compare?kept=1&kept=2")


def _changed(content: bytes, lever: str, factor: float) -> bytes:
    """The workbook with one input changed, as an officer would in a spreadsheet program."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    row = next(row for row in book["Inputs"].iter_rows(min_row=6) if row[11].value == lever)
    row[6].value = round(float(row[6].value) * factor, 2)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _of_bank(place: Path) -> None:
    """What the lines of April's bank statement are while the month's invoices stand and its receipts do not yet."""
    from playwright.sync_api import sync_playwright

    from api.commands.case import read_case
    from api.database import connect, migrate
    from commissioning import service
    from docs.make_gallery import NOW

    case, engine = read_case(EXAMPLE), connect(f"sqlite:///{place}/bank.db")
    migrate(engine)
    with engine.begin() as conn:
        book = service.apply(conn, case.text, "agreement.yaml", NOW).book
        service.import_events(conn, book, [one for one in case.events if one.event == "expenditure"
                                           and one.date.isoformat() < "2024-05"], NOW)
    engine.dispose()
    with _serving(place / "bank.db") as (address, key), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_tool("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=TALL)  # type: ignore[arg-type]
        page.goto(f"{address}/sign-in?to=/pools/northshire/bank")
        page.fill("#key", key)
        page.click("main button[type=submit]")
        page.set_input_files("#file", EXAMPLE / BANK_FILE)
        page.fill("#account", "GB33BUKB20201555555555=core")
        page.click("main button[type=submit]")
        page.wait_for_selector("h1:text(\"What the bank's lines are\")")
        _keep("bank", page.screenshot())
        browser.close()


@contextmanager
def _serving(database: Path) -> Iterator[tuple[str, str]]:
    """A server over the ledger on a port of its own, and a key to it; gone afterwards."""
    import uvicorn

    from api.access import keys
    from api.access.rights import ROLES
    from api.app import create_app
    from api.settings import Settings
    from ledger import service as books

    app = create_app(Settings(database=f"sqlite:///{database}", secret=SECRET))
    with app.state.engine.begin() as conn:
        book = books.list_books(conn)[0]
        key = keys.create(conn, SECRET.encode(), book, "gallery", tuple(ROLES), app.state.clock(), holder="Ann Hill")[1]
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    yield f"http://localhost:{listening.getsockname()[1]}", key
    server.should_exit = True
    thread.join()
