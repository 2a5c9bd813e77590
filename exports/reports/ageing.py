"""Contributions ageing: what fell due, what met it, and how long what is outstanding has been so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from commissioning.reports.ageing import Ageing, Due, Payment, ageing
from exports.reports.model import Asked, Cell, Check, Field, Report, Sheet, Ties, made
from exports.reports.parts import amount, figure, fund_field, partner_fields, some_partners
from exports.words import Kind, money
from ledger.language import N_, _

NAME = "ageing"
AGE_IDS = ("days_0_30", "days_31_60", "days_61_90", "days_over_90")
AGE_WORDS = (N_("0–30 days"), N_("31–60 days"), N_("61–90 days"), N_("Over 90 days"))


def build(asked: Asked) -> Report:
    """The ageing at the period's end."""
    s, found = asked.statement, ageing(asked.books.position, asked.books.contributions)
    dues = [due for due in found.dues if due.partner in asked.mine]
    payments = [one for one in found.payments if one.partner in asked.mine]
    left = sum(due.outstanding for due in dues)
    old = sum(due.outstanding for due in dues if due.age(s.ends))
    late = [line.name for line in s.partners if any(due.outstanding for due in dues if due.partner == line.id)]
    verdict = (_("{amount} of contributions is outstanding, from {partners}.").format(
        amount=money(left, s.currency), partners=some_partners(late)) if late else
        _("No contribution that has fallen due is outstanding."),)
    figures = (figure(_("Fallen due"), sum(due.amount for due in dues), s.currency, _("in the year to date")),
               figure(_("Outstanding"), left, s.currency, _("not yet met")),
               figure(_("Over 30 days"), old, s.currency, _("of what is outstanding")))
    notes = (_("A payment meets the instalment that it names, else the oldest of its source, else the oldest of its "
               "partner in the fund. What a partner gave in kind or paid to providers for the pool counts as paid. "
               "Age is counted in days from the due date to the period's end."),)
    return made(NAME, asked, _("contributions ageing"), verdict, figures,
                (_partners(asked, dues, payments), _outstanding(asked, dues), _instalments(asked, dues),
                 _payments(asked, payments)),
                tuple(_tied(asked, Ageing(tuple(dues), tuple(payments)))), notes)


def _partners(asked: Asked, dues: list[Due], payments: list[Payment]) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for line in asked.statement.partners:
        own = [due for due in dues if due.partner == line.id]
        ages = [sum(due.outstanding for due in own if due.age(asked.statement.ends) == age) for age in range(4)]
        due, paid = sum(one.amount for one in own), sum(one.paid for one in own)
        rows.append((line.id, line.name, due, paid, due - paid, *ages,
                     sum(one.left for one in payments if one.partner == line.id), line.brought_forward - line.settled))
    group = _("Outstanding by age")
    fields = (*partner_fields(), amount("due", _("Due"), _("Instalments fallen due in the year to date")),
              amount("paid", _("Met"), _("Paid, given in kind or spent for the pool against them")),
              amount("outstanding", _("Outstanding"), _("Due less met")),
              *(amount(name, _(word), _("Outstanding for so many days at the period's end"), group)
                for name, word in zip(AGE_IDS, AGE_WORDS, strict=True)),
              amount("ahead", _("Met no instalment"), _("Paid ahead, or spent on lines met by own spending")),
              amount("earlier", _("Earlier settlements open"), _("Settlements of earlier periods not yet paid"),
                     kind=Kind.SETTLEMENT))
    sheet = Sheet("partners", _("By partner"), _("Outstanding contributions by age"),
                  _("What each partner owes of its contributions, by age"), fields, tuple(rows),
                  (Ties(_("due less met is outstanding"), ("due",), ("paid",), "outstanding"),
                   Ties(_("the ages sum to what is outstanding"), AGE_IDS, (), "outstanding")),
                  empty=_("The statement names no partner."), totalled=not asked.partner)
    return sheet if any(row[-1] for row in rows) else sheet.without("earlier")


def _outstanding(asked: Asked, dues: list[Due]) -> Sheet:
    """The instalments of which something is outstanding: what is to be chased."""
    left = _instalments(asked, [due for due in dues if due.outstanding]).without("kind", "met_by")
    return replace(left, id="outstanding", name=_("Outstanding"), heading=_("Instalments that are outstanding"),
                   brief=True, empty=_("Every instalment that has fallen due is met."))


def _instalments(asked: Asked, dues: list[Due]) -> Sheet:
    fields = (*partner_fields(), fund_field(), Field("source", _("Source"), _("The contribution line's source")),
              Field("kind", _("Kind"), _("cash, in_kind or grant, as the agreement says")),
              Field("due_date", _("Due on"), _("The day on which the instalment fell due")),
              amount("due", _("Due"), _("The instalment")), amount("paid", _("Met"), _("What met it")),
              amount("outstanding", _("Outstanding"), _("Due less met")),
              Field("days", _("Days"), _("Days from the due date to the period's end, where something is outstanding"),
                    Kind.COUNT),
              Field("met_by", _("Met by"), _("Numbers of the ledger entries that met it")))
    rows: list[tuple[Cell, ...]] = [(
        due.partner, asked.facts.name(due.partner), due.fund, due.source, due.kind.replace("_", " "), due.date,
        due.amount, due.paid, due.outstanding, (asked.statement.ends - due.date).days if due.outstanding else None,
        ", ".join(dict.fromkeys(str(number) for number, _part in due.met)))
        for due in sorted(dues, key=lambda due: asked.mine.index(due.partner))]
    return Sheet("instalments", _("Instalments"), _("Every instalment that has fallen due"),
                 _("Instalments with what met them"), fields, tuple(rows),
                 (Ties(_("due less met is outstanding"), ("due",), ("paid",), "outstanding"),),
                 empty=_("No instalment has fallen due."), brief=False)


def _payments(asked: Asked, payments: list[Payment]) -> Sheet:
    fields = (*partner_fields(), Field("entry", _("Entry"), _("The number of the entry in the ledger"), Kind.COUNT),
              Field("date", _("Date"), _("The entry's date")), Field("kind", _("Kind"), _("The kind of the entry")),
              Field("reference", _("Reference"), _("The entry's reference")), fund_field(),
              Field("source", _("Source"), _("The source that the payment names, if any")),
              amount("amount", _("Amount"), _("Paid, given in kind or spent for the pool")),
              amount("unmatched", _("Met no instalment"), _("What of it met no instalment")))
    rows: list[tuple[Cell, ...]] = [(
        one.partner, asked.facts.name(one.partner), one.number, one.date, one.kind.replace("_", " "), one.reference,
        one.fund, one.source, one.amount, one.left)
        for one in sorted(payments, key=lambda one: asked.mine.index(one.partner))]
    return Sheet("payments", _("Payments"), _("Payments, and what is counted as paid"),
                 _("What each partner paid, gave in kind or spent for the pool"), fields, tuple(rows),
                 empty=_("No payment was recorded."), brief=False)


def _tied(asked: Asked, found: Ageing) -> Iterator[Check]:
    for line in asked.statement.partners:
        own = [due for due in found.dues if due.partner == line.id]
        paid = [one for one in found.payments if one.partner == line.id]
        yield Check(_("{partner}: due is the statement's contribution due").format(partner=line.name),
                    sum(due.amount for due in own), line.contribution_due)
        yield Check(_("{partner}: outstanding less what met no instalment is the statement's due now").format(
            partner=line.name), sum(due.outstanding for due in own) - sum(one.left for one in paid), line.due_now)
