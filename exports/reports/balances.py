"""Agreement of balances: what the pool and each partner owe each other by both sides' books, and why these differ."""

from __future__ import annotations

from collections.abc import Iterator

from commissioning.books.figures import REDONE
from commissioning.reports.balances import DISPUTED, IN_TRANSIT, LATE, Balance, balances
from commissioning.reports.books import TRANSIT
from commissioning.reports.claims import claims
from exports.reports.model import Asked, Cell, Check, Field, Report, Sheet, Ties, made
from exports.reports.parts import amount, credit, figure, partner_fields, some_partners
from exports.view import KeyFigure
from exports.words import Kind, money
from ledger.language import N_, _, ngettext

NAME = "balances"
FIGURES = {"receivable": N_("Receivable"), "payable": N_("Payable"), "income": N_("Income"),
           "expenditure": N_("Expenditure")}
CAUSES = {IN_TRANSIT: N_("in transit"), LATE: N_("after the cut-off"), DISPUTED: N_("disputed")}


def build(asked: Asked) -> Report:
    """The balances at the period's end beside the partners' own figures, as far as these were sent."""
    s = asked.statement
    found = [one for one in balances(asked.books, claims(asked.books.claims), asked.options.theirs)
             if one.partner in asked.mine]
    differing = [one for one in found if one.difference]
    rest = sum(abs(one.unexplained or 0) for one in found)
    silent = [line.name for line in s.partners if all(one.theirs is None for one in found if one.partner == line.id)]
    if len(silent) == len(s.partners):
        verdict = [_("No partner's own figures were given: these are the pool's, for the partners to agree.")]
    else:
        verdict = [ngettext("{count} figure differs; {rest} is unexplained.",
                            "{count} figures differ; {rest} is unexplained.", len(differing)).format(
                                count=len(differing), rest=money(rest, s.currency)) if differing else
                   _("All figures that were given agree.")]
        verdict += [_("No figures were given of {partners}.").format(partners=some_partners(silent))] if silent else []
    owed = sum(one.pool for one in found if one.figure == "receivable")
    owing = sum(one.pool for one in found if one.figure == "payable")
    figures = (figure(_("Owed to the pool"), owed, s.currency, _("receivable, by the pool's books")),
               figure(_("Owed by the pool"), owing, s.currency, _("payable, by the pool's books")),
               KeyFigure(_("Differences"), str(len(differing)) if asked.options.theirs else "–",
                         _("{rest} unexplained").format(rest=money(rest, s.currency)) if asked.options.theirs else
                         _("no partner's figures were given")))
    notes = (_("In transit: money that the pool received up to {days} days after the cut-off, or paid up to {days} "
               "days before it. After the cut-off: entries that belong to the period and were recorded late; they were "
               "looked for up to entry {head}. An item is listed only where it brings the two figures nearer: the "
               "partner confirms it or not.").format(days=TRANSIT.days, head=asked.books.head),) if (
                   asked.options.theirs) else ()
    return made(NAME, asked, _("agreement of balances"), verdict, figures,
                (_balances(asked, found), _items(asked, found)), tuple(_tied(asked, found)), notes)


def _balances(asked: Asked, found: list[Balance]) -> Sheet:
    group = _("Explained by")
    fields = (*partner_fields(), *_figure_fields(),
              Field("pool", _("Pool's books"), _("By the pool's ledger, at the end or year to date"), Kind.MONEY),
              Field("theirs", _("Partner's books"), _("As the partner gave it; empty where it gave none"), Kind.MONEY),
              Field("difference", _("Difference"), _("The partner's figure less the pool's"), Kind.MONEY),
              Field("in_transit", _("In transit"), _("Money under way at the cut-off"), Kind.MONEY, group),
              Field("late", _("After the cut-off"), _("Entries of the period recorded after it"), Kind.MONEY, group),
              Field("disputed", _("Disputed"), _("What is contested between the two"), Kind.MONEY, group),
              Field("unexplained", _("Unexplained"), _("What is left of the difference"), Kind.MONEY))
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        if one.pool or one.theirs is not None:
            parts = [None if one.theirs is None else one.explained(cause) for cause in CAUSES]
            rows.append((one.partner, asked.facts.name(one.partner), one.figure, _(FIGURES[one.figure]), one.pool,
                         one.theirs, one.difference, *parts, one.unexplained))
    sheet = Sheet("balances", _("Balances"), _("Each pair's balances"), _("The pool's figures beside each partner's"),
                  fields, tuple(rows), (Ties(_("explained and unexplained parts sum to the difference"), (
                      "in_transit", "late", "disputed", "unexplained"), (), "difference"),),
                  _("Figures are named as the pool's books have them: what is receivable to the pool is payable in the "
                    "partner's books, and the pool's income is the partner's expenditure."),
                  _("The pool has no balance with a partner."))
    given = any(one.theirs is not None for one in found)
    return sheet if given else sheet.without("difference", "in_transit", "late", "disputed", "unexplained")


def _figure_fields() -> tuple[Field, Field]:
    said = _("receivable, payable, income or expenditure, as the pool's books have it")
    return (Field("figure", _("Figure's id"), said, shown=False),
            Field("figure_name", _("Figure"), _("The same in words")))


def _items(asked: Asked, found: list[Balance]) -> Sheet:
    fields = (*partner_fields(), *_figure_fields(),
              Field("cause", _("Explained by"), _("in transit, after the cut-off or disputed")),
              Field("entry", _("Entry"), _("The number of the entry in the ledger"), Kind.COUNT),
              Field("date", _("Date"), _("The entry's date")),
              Field("reference", _("Reference"), _("The entry's reference")),
              amount("amount", _("Amount"), _("What it adds to the pool's figure to come to the partner's")))
    rows: list[tuple[Cell, ...]] = [(
        one.partner, asked.facts.name(one.partner), one.figure, _(FIGURES[one.figure]), _(CAUSES[item.cause]),
        item.number, item.date, item.reference, item.effect) for one in found for item in one.items]
    return Sheet("items", _("Explanations"), _("What explains the differences"),
                 _("The items that explain differences, one by one"), fields, tuple(rows),
                 empty=_("There is nothing to explain."))


def _tied(asked: Asked, found: list[Balance]) -> Iterator[Check]:
    books, of = asked.books, {(one.partner, one.figure): one for one in found}
    redone = [m for m in books.year if m.kind == REDONE]
    every = [*books.before, *books.year]
    for line in asked.statement.partners:
        claimed = -credit(every, f"assets:claims:{line.id}", f"liabilities:repayable:{line.id}")
        net = of[line.id, "receivable"].pool - of[line.id, "payable"].pool
        if asked.final:
            yield Check(_("{partner}: receivable less payable, beside claims and repayments, is its settlement with "
                          "what was brought forward").format(partner=line.name),
                        net - claimed, line.settlement + line.brought_forward - line.settled)
            earlier = credit(redone, f"income:contributions:{line.id}:", f"income:risk-share:{line.id}",
                             f"income:cost-share:{line.id}")
            yield Check(_("{partner}: income of the year is the amount due under the agreement").format(
                partner=line.name), of[line.id, "income"].pool - earlier, line.liability)
        else:
            yield Check(_("{partner}: receivable less payable is the ledger's").format(partner=line.name), net,
                        -credit(every, *(f"{root}:{line.id}" for root in (
                            "assets:contributions-receivable", "assets:due-from", "assets:claims",
                            "liabilities:due-to", "liabilities:repayable"))))
