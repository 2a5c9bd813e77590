"""The few files that pages load, all from here: the design system's style sheet, our own beside it, its licence."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from api.refusals import RouteUnknown
from api.web.page import FOLDER, Page

FILES: Mapping[str, str] = {"govuk-frontend.css": "text/css; charset=utf-8", "poolbook.css": "text/css; charset=utf-8",
                            "LICENSE-govuk-frontend.txt": "text/plain; charset=utf-8"}
router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/static/{name}")
def get_static(name: str) -> Response:
    """A file of ours; its address changes with it."""
    if name not in FILES:
        raise RouteUnknown(path=f"/static/{name}")
    return Response((FOLDER / "static" / name).read_bytes(), media_type=FILES[name],
                    headers={"Cache-Control": "public, max-age=31536000, immutable"})
