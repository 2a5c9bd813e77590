"""Members: people who sign in, and their roles."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.shapes.base import Shape, Word


class MemberIn(Shape):
    """A person, as the sign-in service knows them, and the roles that they are to have: all of them."""

    issuer: Word | None = Field(None, description="The sign-in service; without it, the one of this server")
    subject: Word
    name: str = Field("", max_length=200, description="For people to read; it decides nothing")
    roles: list[str] = Field(min_length=1, max_length=20)
    partner: str = Field("", max_length=200, description="The partner whose view they are bound to, if they are")


class MemberOut(Shape):
    """What a person may do in the partnership, since when and by whom. Without roles: nothing any more."""

    member: int
    issuer: str
    subject: str
    name: str
    roles: list[str]
    partner: str
    recorded_at: dt.datetime
    recorded_by: str


class MembersOut(Shape):
    """Everybody who has a role."""

    items: list[MemberOut]
