"""Rights: each route names one, each role has those of the table, and a partner's key none that acts for the pool."""

from __future__ import annotations

from itertools import combinations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from api.access import keys, rights
from api.access.refusals import ApiKeyWrong
from api.tables import api_key
from commissioning.proposals.model import Actor
from ledger.model import Book
from tests.api.conftest import MILLBROOK, SECRET, MakeKey
from tests.api.test_keys import NOW, bearer, operations
from tests.api.test_refusals import refused


def test_every_route_under_v1_names_one_right(server: TestClient) -> None:
    named = {}
    for method, path, said in operations(server):
        if path.startswith("/v1/"):
            assert [list(one) for one in said["security"]] == [["key"]], path
            (right,) = said["security"][0]["key"]
            assert right in rights.RIGHTS
            assert method == "get" or right not in ("read",), f"{path} changes something, and reading is no right to"
            named[method, path] = right
    assert len(named) >= 14
    assert set(named.values()) >= {"read", "audit", "post", "close", "apply"}


@pytest.mark.parametrize("partner", ["", "nhs"])
@pytest.mark.parametrize("role", rights.ROLES)
def test_a_role_may_do_what_the_table_says(millbrook: TestClient, make_key: MakeKey, role: str, partner: str) -> None:
    if partner and role not in rights.BOUND_ROLES:
        with pytest.raises(ApiKeyWrong, match="acts for the whole pool"):
            make_key("millbrook", (role,), partner=partner)
        return
    key = bearer(make_key("millbrook", (role,), partner=partner))
    may = rights.ROLES[role] & rights.BOUND if partner else rights.ROLES[role]
    for method, path, said in operations(millbrook):
        if not path.startswith("/v1/"):
            continue
        right = said["security"][0]["key"][0]
        answer = millbrook.request(method, path, headers=key)
        if right in may:
            assert answer.status_code not in (401, 403), (role, method, path, answer.text)
        else:
            problem = refused(answer, 403, "right-missing")
            assert right in problem["remedy"]


def test_one_who_belongs_to_a_partner_reads_and_checks_and_no_more() -> None:
    assert rights.rights_of(rights.ROLES, "nhs") == {"read", "audit"}
    assert rights.rights_of(("commissioner",), "nhs") == {"read"}
    assert rights.rights_of(("read", "write"), "nhs") == {"read", "audit"}


def test_roles_add_up(millbrook: TestClient, make_key: MakeKey) -> None:
    key = bearer(make_key("millbrook", ("administrator", "board-reader")))
    assert millbrook.get(f"{MILLBROOK}/periods", headers=key).status_code == 200
    refused(millbrook.get(f"{MILLBROOK}/verify", headers=key), 403, "right-missing")


def test_keys_from_before_there_were_roles_may_what_they_could(engine: Engine, book: Book) -> None:
    with engine.begin() as conn:
        for number, scopes in enumerate(("read", "write", "read write")):
            conn.execute(insert(api_key), {"partnership_key": book.key, "key_id": str(number), "name": "old",
                                           "digest": bytes([number]) * 32, "scopes": scopes, "created_at": NOW})
        read, write, both = (one.caller.rights for one in keys.listing(conn))
    assert read == {"read", "audit"}
    assert write == {"post", "close", "apply"}
    assert both == read | write


def test_two_keys_of_one_holder_are_one_person(engine: Engine, book: Book) -> None:
    with engine.begin() as conn:
        made = [keys.create(conn, SECRET.encode(), book, "k", {"approver"}, NOW, holder=holder)[0]
                for holder in ("Ann Hill", " ann  HILL ", "Ben", "", "")]
        by_id = {one.id: one.caller for one in keys.listing(conn)}
    ann, again, ben, one, two = (by_id[key] for key in made)
    assert (ann.person, again.person) == ("Ann Hill", "ann HILL"), "told as it was written"
    assert ann.actor != again.actor
    assert Actor(ann.actor, ann.person).is_person(Actor(again.actor, again.person))
    others = [Actor(each.actor, each.person) for each in (ann, ben, one, two)]
    assert not [1 for first, second in combinations(others, 2) if first.is_person(second)]
    assert one.person == one.actor == f"key:{made[3]}"


def test_the_command_line_offers_the_roles_there_are() -> None:
    from api.cli.options import ROLES

    assert set(rights.ROLES) == set(ROLES)


def test_the_rights_of_the_table_are_all_explained() -> None:
    assert set().union(*rights.ROLES.values()) == set(rights.RIGHTS)
    assert set().union(*rights.SCOPES.values()) <= set(rights.RIGHTS)
