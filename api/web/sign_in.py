"""Signing in and out with a browser: by the sign-in service, or by giving an API key once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import calls
from api.access import keys
from api.access import session as cookies
from api.bodies import Sent
from api.database import reading
from api.reader import language_of
from api.routes.auth import Text, local
from api.web.forms import fields
from api.web.page import HEADERS, Page, draw, faults, refused, sentence
from exports.language import speaking
from ledger.errors import PoolbookError
from ledger.language import _

router = APIRouter(route_class=Page, include_in_schema=False)
Why = Annotated[str, Query(pattern=r"^[a-z-]*$", max_length=60)]


@router.get("/")
def get_pools(request: Request) -> Response:
    """Which partnerships there are to look at; straight to the only one."""
    found = calls.pools(request)
    if len(found) == 1:
        return RedirectResponse(f"/pools/{found[0].id}", 303, HEADERS)
    return draw(request, "pools.html", {"pools": found})


@router.get("/sign-in")
def get_sign_in(request: Request, to: Text = "/", why: Why = "") -> Response:
    """Where somebody signs in; afterwards to the page `to`."""
    return _form(request, local(to), {
        "bearer-expired": _("Your API key has expired. Ask whoever runs the server for a new one."),
        "bearer-revoked": _("Your API key was revoked. Ask whoever runs the server for a new one.")}.get(why, ""))


def _form(request: Request, to: str, fault: str = "", status: int = 200) -> Response:
    service = bool(request.app.state.provider and request.app.state.settings.public_url)
    return draw(request, "sign_in.html", {"to": to, "fault": fault, "service": service}, status=status)


@router.post("/sign-in")
def sign_in(request: Request, given: Sent) -> Response:
    """Takes an API key once; the browser then keeps which one it was."""
    state = request.app.state
    cookies.same_origin(request, state.settings.public_url)
    sent, now = fields(given), state.clock()
    to = local(sent.get("to", "/"))
    try:
        with reading(state.engine).begin() as conn:
            key = keys.check(conn, state.secret, sent.get("key", ""), now)
    except PoolbookError as error:
        with speaking(language_of(request)):
            said = f"{sentence(error.message)}. {sentence(error.advice)}."
        return _form(request, to, said, error.status) if error.status == 401 else refused(request, faults(error))
    answer = RedirectResponse(to, 303, HEADERS)
    data = {"partnership_key": str(key.partnership_key), "id": key.id}
    cookies.put(answer, state.secret, cookies.KEYED, data, now)
    cookies.drop(answer, cookies.SESSION)
    return answer


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """Forgets in this browser who signed in."""
    cookies.same_origin(request, request.app.state.settings.public_url)
    answer = RedirectResponse("/sign-in", 303, HEADERS)
    for cookie in (cookies.KEYED, cookies.SESSION):
        cookies.drop(answer, cookie)
    return answer
