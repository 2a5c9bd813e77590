"""Members: who has which roles by signing in; given, changed and taken away by rows that only grow."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from api.access import keys, members
from api.access.oidc import Identity
from api.access.refusals import MemberUnknown, MemberWrong
from ledger.constraints import as_domain_error
from ledger.model import Book
from ledger.refusals import AppendOnly
from tests.api.conftest import MILLBROOK
from tests.api.test_keys import NOW
from tests.api.test_refusals import refused
from tests.cli.conftest import poolbook

ISSUER = "https://id.example.org"
ANN, BEN = Identity(ISSUER, "ann", "Ann Hill"), Identity(ISSUER, "ben")
MEMBERS = f"{MILLBROOK}/members"


def test_the_latest_row_of_a_person_counts(engine: Engine, book: Book) -> None:
    with engine.begin() as conn:
        members.put(conn, book, ANN, ["auditor"], NOW, "key:1")
        members.put(conn, book, BEN, ["board-reader"], NOW, "key:1", partner="nhs")
        last = members.put(conn, book, ANN, ["approver", "finance-officer"], NOW, "key:2")
        assert [(one.subject, one.roles) for one in members.listing(conn, book)] == [
            ("ben", ("board-reader",)), ("ann", ("finance-officer", "approver"))]
        ann, ben = (members.caller(conn, book, who) for who in (ANN, BEN))
        assert ann is not None
        assert ben is not None
        assert (ann.actor, ann.person, ann.partner) == (f"oidc:{ISSUER}#ann", f"oidc:{ISSUER}#ann", "")
        assert (ben.partner, ben.rights) == ("nhs", {"read"})
        members.remove(conn, book, last.number, NOW, "key:1")
        assert members.caller(conn, book, ANN) is None
        for gone in (last.number, 1, 99):
            with pytest.raises(MemberUnknown):
                members.remove(conn, book, gone, NOW, "key:1")
        assert conn.scalar(text("SELECT count(*) FROM member")) == 4, "a removal is a row"
    for attack in ("UPDATE member SET roles = 'administrator'", "DELETE FROM member"):
        with pytest.raises(Exception) as caught, engine.begin() as conn:  # noqa: PT011
            conn.execute(text(attack))
        assert isinstance(as_domain_error(caught.value), AppendOnly)


def test_a_key_and_a_sign_in_of_one_person_are_one_person(engine: Engine, book: Book) -> None:
    with engine.begin() as conn:
        members.put(conn, book, ANN, ["approver"], NOW, "tests")
        keys.create(conn, b"s" * 32, book, "k", ["finance-officer"], NOW, holder=f"oidc:{ISSUER}#ann")
        signed_in = members.caller(conn, book, ANN)
        assert signed_in is not None
        assert signed_in.person == keys.listing(conn, book)[0].caller.person


def test_roles_everywhere_give_way_to_roles_here(engine: Engine, book: Book) -> None:
    with engine.begin() as conn:
        members.put(conn, None, ANN, ["administrator"], NOW, "tests")
        found = members.caller(conn, book, ANN)
        assert found is not None
        assert (found.partnership_key, found.roles) == (0, ("administrator",))
        members.put(conn, book, ANN, ["auditor"], NOW, "tests")
        here, elsewhere = members.caller(conn, book, ANN), members.caller(conn, None, ANN)
        assert here is not None
        assert elsewhere is not None
        assert (here.partnership_key, here.roles) == (book.key, ("auditor",))
        assert elsewhere.partnership_key == 0


@pytest.mark.parametrize(("who", "roles", "partner"), [
    (Identity("", "ann"), ["auditor"], ""), (Identity(ISSUER, ""), ["auditor"], ""),
    (Identity(ISSUER, " ann"), ["auditor"], ""), (Identity(ISSUER, "a\nb"), ["auditor"], ""),
    (ANN, [], ""), (ANN, ["emperor"], ""), (ANN, ["read"], ""), (ANN, ["approver"], "nhs"),
    (Identity(ISSUER, "x" * 256), ["auditor"], ""), (Identity(ISSUER, "ann", "a\tb"), ["auditor"], ""),
])
def test_members_that_cannot_be(sqlite_engine: Engine, who: Identity, roles: list[str], partner: str) -> None:
    with sqlite_engine.begin() as conn, pytest.raises(MemberWrong):
        members.put(conn, None, who, roles, NOW, "tests", partner)


def test_an_administrator_gives_roles_over_http(millbrook: TestClient) -> None:
    body: dict[str, Any] = {"issuer": ISSUER, "subject": "ann", "name": "Ann", "roles": ["auditor"], "partner": "nhs"}
    once = {"Idempotency-Key": "k-1"}
    made = millbrook.post(MEMBERS, json=body, headers=once)
    assert made.status_code == 201, made.text
    assert millbrook.post(MEMBERS, json=body, headers=once).json() == made.json()
    assert millbrook.get(MEMBERS).json()["items"] == [made.json()]
    assert made.json()["recorded_by"].startswith("key:")
    refused(millbrook.post(MEMBERS, json={**body, "partner": "nobody"}), 422, "partner-unknown")
    refused(millbrook.post(MEMBERS, json={**body, "roles": ["finance-officer"]}), 422, "member-wrong")
    refused(millbrook.post(MEMBERS, json={**body, "issuer": None}), 422, "member-wrong")
    assert millbrook.get(MEMBERS).json()["items"] == [made.json()], "nothing was written"
    gone = millbrook.post(f"{MEMBERS}/{made.json()['member']}/removal")
    assert (gone.status_code, gone.json()["roles"]) == (200, [])
    assert millbrook.get(MEMBERS).json()["items"] == []
    refused(millbrook.post(f"{MEMBERS}/{made.json()['member']}/removal"), 404, "member-unknown")


def test_the_command_line_gives_roles(tmp_path: Any) -> None:
    database = tmp_path / "books.db"
    from tests.cli.conftest import AGREEMENT

    (tmp_path / "agreement.yaml").write_text(AGREEMENT)
    assert poolbook("init", database=database).exit_code == 0
    assert poolbook("apply", tmp_path / "agreement.yaml", database=database).exit_code == 0
    assert "Nobody has a role yet" in poolbook("member", "list", database=database).stdout
    add = ("member", "add", "ann", "--issuer", ISSUER, "--role", "auditor")
    assert poolbook(*add, "--partner", "nobody", database=database).exit_code == 2
    assert poolbook(*add, "--dry-run", database=database).exit_code == 0
    assert "Nobody has a role yet" in poolbook("member", "list", database=database).stdout
    assert poolbook(*add, "--partner", "nhs", database=database).stdout == "Member 1: ann, auditor for nhs.\n"
    assert "ann at https://id.example.org  auditor for nhs" in poolbook("member", "list", database=database).stdout
    assert poolbook("member", "remove", "1", database=database).stdout == "ann has no role any more.\n"
    assert "cannot" not in poolbook("database", "logins", database=database).stdout
    told = poolbook("database", "grant", "nhs_reader", "--partner", "nhs", database=database)
    assert told.exit_code == 2
    assert "logins-unsupported" in told.stderr
