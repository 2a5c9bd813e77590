"""The agreement: putting a file in force, and reading the one that is."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Request as HttpRequest
from fastapi.responses import Response
from sqlalchemy import Connection

from api import actions, openapi, refusals
from api.asking import ask
from api.bodies import JSON, YAML, Given, Sent, expect, text_of
from api.calls import Applies, Reads, ledger
from api.negotiate import choose
from api.shapes.agreement import AgreementApplied, AgreementOut, VersionOut
from commissioning import service
from commissioning import store as agreements
from commissioning.agreement.reading import read_agreement
from commissioning.closing.known import read_kept
from commissioning.proposals.model import Request
from commissioning.refusals.files import YamlUnreadable
from commissioning.refusals.names import NoAgreement
from ledger import store
from ledger.errors import Place, Refused
from ledger.language import Said

router = APIRouter(tags=["agreement"])
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@router.put("/agreement", responses=openapi.refusals("write") | openapi.waits(), response_model=AgreementApplied,
            openapi_extra=openapi.body({YAML[0]: openapi.TEXT, JSON[0]: {"type": "object"}},
                                       "The whole agreement file of AGREEMENTS section 2, in YAML or JSON"))
def put_agreement(call: Applies, given: Sent, dry_run: Annotated[bool, Query(
        description="Say what would change, and keep nothing")] = False) -> Response:
    """Put an agreement file in force; the same file again changes nothing."""
    text, name = _file(given)
    inside = read_agreement(text, name).partnership.id  # before the books are locked, and before others' are opened
    if inside != call.partnership:
        raise refusals.PartnershipDiffers(Place(name, field="partnership.id"), inside=inside, asked=call.partnership)

    request = Request("agreement", {"text": text, "file": name})

    def shape(conn: Connection, done: service.Applied) -> AgreementApplied:
        return AgreementApplied(partnership=done.book.id, changes=list(done.changes), ledger=ledger(conn, done.book),
                                dry_run=dry_run)

    return ask(call, given, lambda: request, lambda conn: actions.agreement(conn, inside, request.content, call.now),
               shape, dry_run=dry_run)


def _file(given: Given) -> tuple[str, str]:
    """The agreement as text and the name it goes by. JSON is read as YAML, which knows it but for two details."""
    expect(given, (*YAML, *JSON))
    text = text_of(given)
    if given.content_type not in JSON:
        return text, "agreement.yaml"
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise Refused([YamlUnreadable(Place("agreement.json", line), fault=Said("it is not JSON either"))]) from None
    return _PAIR.sub(_joined, text.replace("\t", " ")), "agreement.json"


def _joined(pair: re.Match[str]) -> str:
    """A character beyond the first 65,536, which JSON escapes in two halves and YAML does not."""
    return pair[1] + bytes.fromhex(pair[2] + pair[3]).decode("utf-16-be")


@router.get("/agreement", response_model=None, responses=openapi.refusals("read", 406, 409) | openapi.answer(
    {JSON[0]: openapi.ref("AgreementOut"), YAML[0]: openapi.TEXT},
    "The agreement in force: what it is and its file; or as application/yaml the file alone, as it was applied"))
def get_agreement(call: Reads, request: HttpRequest) -> Response | AgreementOut:
    """The agreement in force."""
    form = choose(request.headers.get("accept", ""), {"json": JSON[0], "yaml": YAML[0]})
    with call.reading() as (conn, book):
        kept = agreements.agreements(conn, book)
        if not kept:
            raise NoAgreement(partnership=book.id)
        number, text = kept[-1]
        recorded = store.entry(conn, book, number)
    if form == "yaml":
        return Response(text, media_type=YAML[0], headers={"Vary": "Accept"})
    versions = [VersionOut(id=v.id, reference=v.reference, status=v.status, effective=v.effective, until=v.until)
                for v in read_kept(text).versions()]
    found = AgreementOut(partnership=book.id, name=book.name, currency=book.currency, entry=number,
                         recorded_at=recorded.recorded_at, sha256=hashlib.sha256(text.encode()).hexdigest(),
                         versions=versions, text=text)
    return Response(found.model_dump_json(), media_type=JSON[0], headers={"Vary": "Accept"})
