"""A server of a partnership's pages on a port of its own, and a real Chromium that visits it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.settings import Settings
from ledger import service as books
from tests.api.conftest import SECRET, admin, clock, make_key, millbrook, server

__all__ = ["admin", "clock", "make_key", "millbrook", "server"]  # fixtures, of the same invented partnership
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = {"width": 320, "height": 700}, {"width": 1280, "height": 900}


@dataclass
class Site:
    """A running server, with keys to its one partnership."""

    address: str
    app: FastAPI
    pool: str

    def key(self, roles: tuple[str, ...] = tuple(ROLES), partner: str = "", holder: str = "Ann Hill") -> str:
        """A new key of the partnership."""
        with self.app.state.engine.begin() as conn:
            book = books.open_book(conn, self.pool)
            return keys.create(conn, SECRET.encode(), book, "of the tests", roles, self.app.state.clock(),
                               partner=partner, holder=holder)[1]

    def at(self, path: str = "") -> str:
        """The address of a page of the partnership."""
        return f"{self.address}/pools/{self.pool}{path}"


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[str, str], Site]]:
    """Starts servers; all stop with the session."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(database: str, pool: str) -> Site:
        app = create_app(Settings(database=database, secret=SECRET, key_rate=100_000, address_rate=100_000))
        listening = socket.create_server(("127.0.0.1", 0))
        one = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=one.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not one.started:
            assert thread.is_alive(), "the server starts"
            time.sleep(0.02)
        running.append((one, thread))
        return Site(f"http://localhost:{listening.getsockname()[1]}", app, pool)

    yield start
    for one, _ in running:
        one.should_exit = True
    for _, thread in running:
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as Debian packs it."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a browser of somebody's own, signed in with a key; without scripts, unless a test must look inside."""
    opened = []

    def begin(site: Site, key: str = "", *, scripts: bool = False) -> Page:
        context = browser.new_context(java_script_enabled=scripts, viewport=DESKTOP)  # type: ignore[arg-type]
        opened.append(context)
        page = context.new_page()
        page.goto(f"{site.address}/")
        if key:
            page.fill("#key", key)
            page.click("main button[type=submit]")
        return page

    yield begin
    for context in opened:
        context.close()


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, in words."""
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found.response["violations"]]
