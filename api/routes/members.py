"""Members: who has which roles in the partnership, given and taken away by an administrator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from api import openapi
from api.access import members
from api.access.members import Member, known_partner
from api.access.oidc import Identity
from api.access.refusals import MemberWrong
from api.bodies import JSON, Sent, json_of
from api.calls import Administers, change
from api.shapes.members import MemberIn, MemberOut, MembersOut
from ledger import service as books
from ledger.language import Said

router = APIRouter(tags=["members"])


_MEMBER = TypeAdapter(MemberIn)
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The member's number in the list")]


@router.get("/members", responses=openapi.refusals("read"))
def get_members(call: Administers) -> MembersOut:
    """Who has a role in the partnership by signing in; keys are listed by `poolbook key list`."""
    with call.reading() as (conn, book):
        return MembersOut(items=[_out(one) for one in members.listing(conn, book)])


@router.post("/members", status_code=201, responses=openapi.refusals("write"), response_model=MemberOut,
             openapi_extra=openapi.body({JSON[0]: openapi.ref("MemberIn")}, "The person and all the roles they get"))
def post_member(call: Administers, given: Sent, request: Request) -> Response:
    """Give a person roles; what they had in the partnership before ends with it."""
    sent = json_of(given, _MEMBER)

    def do(conn: Connection) -> MemberOut:
        book = books.open_book(conn, call.partnership)
        if sent.partner:
            known_partner(conn, book, sent.partner)
        issuer = sent.issuer or request.app.state.settings.oidc_issuer
        if not issuer:
            raise MemberWrong(fault=Said("no issuer is named, and this server has no sign-in service of its own"))
        who = Identity(issuer, sent.subject, sent.name)
        return _out(members.put(conn, book, who, sent.roles, call.now, call.actor, sent.partner))

    return change(call, given, do, status=201)


@router.post("/members/{member}/removal", responses=openapi.refusals("write"), response_model=MemberOut)
def post_removal(call: Administers, given: Sent, member: Number) -> Response:
    """Take all roles away from a person."""
    def do(conn: Connection) -> MemberOut:
        book = books.open_book(conn, call.partnership)
        return _out(members.remove(conn, book, member, call.now, call.actor))

    return change(call, given, do)


def _out(one: Member) -> MemberOut:
    return MemberOut(member=one.number, issuer=one.issuer, subject=one.subject, name=one.name, roles=list(one.roles),
                     partner=one.partner, recorded_at=one.recorded_at, recorded_by=one.recorded_by)
