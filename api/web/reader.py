"""In which language a page is written: the one that its reader chose here, else the best that the browser asks for."""

from __future__ import annotations

from babel import Locale
from fastapi import Request

from exports.language import chosen, languages

COOKIE = "poolbook_language"


def language_of(request: Request) -> str:
    """The tag of one of our languages; a choice made here goes before what the browser asks for."""
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in languages() else chosen(request.headers.get("accept-language", ""))


def own_names() -> dict[str, str]:
    """Every language by its tag, called as its speakers call it."""
    return {tag: (Locale.parse(tag).get_language_name(tag) or tag).capitalize() for tag in languages()}
