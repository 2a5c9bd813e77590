"""The link that chooses the language of pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import RedirectResponse, Response

from api.reader import COOKIE
from api.refusals import RouteUnknown
from api.routes.auth import Text, local
from api.web.page import HEADERS, Page
from exports.language import languages

YEAR = 365 * 24 * 3600
router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/language/{tag}")
def get_language(tag: Annotated[str, Path(max_length=20)], to: Text = "/") -> Response:
    """Keeps a language in this browser, and nowhere else, and goes back to the page."""
    if tag not in languages():
        raise RouteUnknown(path=f"/language/{tag}")
    answer = RedirectResponse(local(to), 303, HEADERS)
    answer.set_cookie(COOKIE, tag, YEAR, path="/", secure=True, httponly=True, samesite="lax")
    return answer
