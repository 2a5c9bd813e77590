"""In which language a reader is answered: the one chosen on a page, kept in a cookie, else what is asked for."""

from __future__ import annotations

from babel import Locale
from starlette.requests import Request

from exports.language import chosen, languages

COOKIE = "poolbook_language"


def language_of(request: Request) -> str:
    """The tag of one of our languages; a choice made here goes before what the browser asks for."""
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in languages() else chosen(request.headers.get("accept-language", ""))


def own_names() -> dict[str, str]:
    """Every language by its tag, called as its speakers call it."""
    return {tag: (Locale.parse(tag).get_language_name(tag) or tag).capitalize() for tag in languages()}
