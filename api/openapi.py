"""The OpenAPI document: FastAPI's own, with the bodies that routes read themselves and every problem response."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from api import problems
from api.shapes.agreement import AgreementOut
from api.shapes.bank import BankRowsIn
from api.shapes.base import Problem
from api.shapes.entries import EntryIn, EventIn, ReversalIn
from api.shapes.members import MemberIn
from api.shapes.negotiations import DivisionIn, ExposureIn, NegotiationIn
from api.shapes.periods import ReopenIn
from api.shapes.proposals import ProposalOut, RejectionIn
from api.shapes.scenarios import ScenarioIn
from api.shapes.statement import STATEMENT
from ledger.receipt_file import ReceiptFile

REF = "#/components/schemas/{model}"
TEXT = {"type": "string"}
BINARY = {"type": "string", "format": "binary"}
_STATUSES = {"read": (401, 403, 404, 422, 429, 503), "write": (401, 403, 404, 409, 413, 415, 422, 429, 503)}
_SHAPES = (Problem, EntryIn, EventIn, ReversalIn, ReopenIn, MemberIn, AgreementOut, ProposalOut, RejectionIn,
           BankRowsIn, ScenarioIn, NegotiationIn, ExposureIn, DivisionIn, ReceiptFile)


def ref(name: str) -> dict[str, Any]:
    """A pointer to one of the document's shapes."""
    return {"$ref": REF.format(model=name)}


def refusals(kind: str, *more: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses of a route that reads or writes."""
    return some_refusals(*_STATUSES[kind], *more) | {"default": _problem("Anything else that goes wrong")}


def some_refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses under these statuses."""
    return {status: _problem(HTTPStatus(status).phrase) for status in sorted(statuses)}


def waits() -> dict[int | str, dict[str, Any]]:
    """The answer of a change that waits for a second person."""
    return {202: {"description": "It waits for a second person: kept as a proposal, and nothing is changed yet",
                  "content": {"application/json": {"schema": ref("ProposalOut")}}}}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {problems.MEDIA_TYPE: {"schema": ref("Problem")}}}


def body(content: Mapping[str, Mapping[str, Any]], words: str, *, required: bool = True) -> dict[str, Any]:
    """What a route that reads its own body says about it: a schema by media type."""
    return {"requestBody": {"required": required, "description": words, "content": _schemas(content)}}


def answer(content: Mapping[str, Mapping[str, Any]], words: str) -> dict[int | str, dict[str, Any]]:
    """A successful answer that comes in several formats: a schema by media type."""
    return {200: {"description": words, "content": _schemas(content)}}


def _schemas(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {media: {"schema": schema} for media, schema in content.items()}


def complete(app: FastAPI) -> None:
    """Makes the app's document the complete one."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        found = plain()
        known = found.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in _components().items():
            known.setdefault(name, schema)
        return found

    app.openapi = document  # type: ignore[method-assign]


def _components() -> dict[str, Any]:
    found: dict[str, Any] = {"Statement": STATEMENT}
    for shape in _SHAPES:
        schema = TypeAdapter(shape).json_schema(ref_template=REF)
        found |= schema.pop("$defs", {})
        found[shape.__name__] = schema
    return found
