"""Columns and key figures that several reports have: partner, fund, service, and amounts in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exports.reports.model import Field
from exports.view import KeyFigure
from exports.words import Kind, listed, money, number_word
from ledger.language import _, ngettext
from ledger.model import Movement

FEW = 4  # partners that a sentence can name one by one

def partner_fields() -> tuple[Field, Field]:
    """A partner: its id for programs, its name for people."""
    return (Field("partner", _("Partner's id"), _("The partner's id in the agreement"), shown=False),
            Field("partner_name", _("Partner"), _("The partner's name")))


def service_fields() -> tuple[Field, Field]:
    """A service: its id for programs, its name for people."""
    return (Field("service", _("Service's id"), _("The service's id in the agreement"), shown=False),
            Field("service_name", _("Service"), _("The service's name")))


def fund_field() -> Field:
    return Field("fund", _("Fund"), _("The fund's id in the agreement"))


def amount(name: str, head: str, meaning: str, group: str = "", kind: Kind = Kind.MONEY) -> Field:
    """A column of money that is added up."""
    return Field(name, head, meaning, kind, group, summed=True)


def figure(label: str, minor: int, currency: str, note: str) -> KeyFigure:
    """A key figure that is an amount."""
    return KeyFigure(label, money(minor, currency), note)


def some_partners(names: Sequence[str]) -> str:
    """Partners by name where a sentence can hold them, else how many they are."""
    if len(names) <= FEW:
        return listed(names)
    return ngettext("{count} partner", "{count} partners", len(names)).format(count=number_word(len(names)))


def credit(movements: Iterable[Movement], *accounts: str) -> int:
    """What moved on accounts (an account, or a root that ends in a colon), credits positive."""
    roots = tuple(account for account in accounts if account.endswith(":"))
    return -sum(m.amount for m in movements if m.account in accounts or (roots and m.account.startswith(roots)))
