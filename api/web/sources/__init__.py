"""How each figure of a statement comes about: what it is made of, what it rests on, and where to go on from there.

A figure is named by its path in the statement, as in `services/beds/variance`. Its parts add up to it: what the known
ones leave over stands as a part of its own, so that a page never shows a sum that does not foot. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from api.web.sources import cash, course, partners, services
from api.web.sources.model import Source
from commissioning.statement import FundLine, PartnerLine, ReserveLine, ServiceLine, Statement

L = TypeVar("L", ServiceLine, PartnerLine, FundLine, ReserveLine)
ENTRIES = {("services", "actual"): "actual", ("partners", "contribution_paid"): "contribution",
           ("partners", "paid"): "paid", ("funds", "received"): "received", ("funds", "paid"): "paid"}
"""Figures that entries add up to: the page of those is the next one down."""


def source(statement: Statement, path: str) -> Source | None:
    """How the figure of that path comes about; None where the statement has no such figure."""
    root, _first, rest = path.partition("/")
    name, _second, attribute = rest.rpartition("/")
    s = statement
    if root == "totals":
        return services.total(s, rest) if rest in services.TOTALS else None
    if root == "services" and "/" in name:
        service, _between, partner = name.partition("/partners/")
        return services.part(s, service, partner, attribute)
    if root in ("measures", "gaps", "outcomes", "forecasts"):
        return _of_course(s, root, rest)
    if root == "reserves" and name.endswith("/by_partner"):
        return _of(s.reserves, name.removesuffix("/by_partner"), lambda line: cash.owned(s, line, attribute))
    kinds: Mapping[str, Callable[[], Source | None]] = {
        "services": lambda: _of(s.services, name, lambda line: services.service(s, line, attribute)),
        "parts": lambda: _of(s.partners, name, lambda line: services.parts_of(s, line, attribute)),
        "partners": lambda: _of(s.partners, name, lambda line: partners.partner(s, line, attribute)),
        "funds": lambda: _of(s.funds, name, lambda line: cash.fund(s, line, attribute)),
        "reserves": lambda: _of(s.reserves, name, lambda line: cash.reserve(s, line, attribute))}
    return kinds[root]() if root in kinds else None


def _of_course(statement: Statement, root: str, rest: str) -> Source | None:
    name, _first, more = rest.partition("/")
    attribute, _second, who = more.partition("/")
    return {"measures": lambda: course.measure(statement, name, more),
            "gaps": lambda: course.gap(statement, name, more),
            "outcomes": lambda: course.outcome(statement, name, attribute, who),
            "forecasts": lambda: course.moved(statement, name)}[root]()


def _of(lines: Sequence[L], name: str, do: Callable[[L], Source | None]) -> Source | None:
    return next((do(line) for line in lines if line.id == name), None)
