"""What the commands of the finance officer's day tell, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.commands.told import posted, skipped
from commissioning.bank.rows import IN_BOOKS, NOTHING
from exports.words import counted, listed, plain
from ledger.language import _, ngettext
from ledger.money import to_minor

MOST = 20  # entries that are listed one by one


def told_template(out: Path, done: Mapping[str, Any]) -> str:
    """What the workbook is for."""
    return _("{file}: type entries of {partnership} on its sheet Events, save it, then: poolbook import {file}").format(
        file=out, partnership=done["partnership"])


def told_bank(done: Mapping[str, Any]) -> str:
    """What was read of the bank's files, what is suggested, and how bank and books tie."""
    count = done["lines"]
    strengths = [f"{counted(number)} {_(strength)}" for strength, number in done["strengths"].items()]
    lines = [ngettext("{count} bank line: {strengths}.", "{count} bank lines: {strengths}.", count).format(
        count=counted(count), strengths=listed(strengths))] if count else [_("The files have no booked lines.")]
    if done["not_booked"]:
        lines.append(ngettext("{count} entry is not booked yet and was left out.", "{count} entries are not booked yet "
                              "and were left out.", done["not_booked"]).format(count=done["not_booked"]))
    if done["again"]:
        lines.append(ngettext("{count} line stood in the files twice and counts once.", "{count} lines stood in the "
                              "files twice and count once.", done["again"]).format(count=done["again"]))
    lines += [f"{fault['place'].get('file', '')}:{fault['place'].get('line', '')}: {fault['message']}"
              for fault in done["refused"]]
    for purse in done["reconciled"]:
        lines += ["", *(f"  {words}" for words in purse["words"])]
        if not purse["words"]:
            lines.append(_("The statement says no balances, so bank and books cannot be held against each other."))
        if purse["entries"]:
            lines += ["", _("In the books and not at the bank:"), *_entries(purse["entries"], done["currency"])]
    if done["unmatched"]:
        lines += ["", _("Nothing tells what these lines are:"), *_listed(done["unmatched"], "amount", done["currency"])]
    if "file" not in done and set(done["strengths"]) - {IN_BOOKS, NOTHING}:
        lines += ["", _("To see why, and to accept what is right, add: --out matches.xlsx")]
    elif "file" in done:
        lines += ["", _("{file}: write yes under accept, then: poolbook bank post {file}").format(file=done["file"])]
    return "\n".join(lines)


def told_bank_posted(done: Mapping[str, Any]) -> str:
    """What was posted of the accepted rows, and which lines are left."""
    if not done["lines"]:
        return "\n".join([_("No row says yes under accept, so nothing is posted."), *_left(done)])
    of_lines = ngettext("{posted} for {count} bank line", "{posted} for {count} bank lines", done["lines"])
    said = of_lines.format(posted=posted(done["posted"]), count=counted(done["lines"]))
    return "\n".join([f"{said}, {skipped(done['skipped'])}.", *_left(done)])


def _left(done: Mapping[str, Any]) -> list[str]:
    """The lines that were not posted."""
    if not done["left"]:
        return []
    total = plain(to_minor(done["left_total"], done["currency"]), done["currency"])
    return [_("Lines left, {total} in all:").format(total=total),
            *_listed(done["left"], "bank_amount", done["currency"])]


def _entries(entries: Sequence[Mapping[str, Any]], currency: str) -> list[str]:
    """The first entries of some, and how many more there are."""
    lines = [f"  {one['date']}  {plain(to_minor(one['amount'], currency), currency):>16}  " + _(
        "entry {number}, {reference}").format(number=one["entry"], reference=one["reference"])
             for one in entries[:MOST]]
    if rest := len(entries) - len(lines):
        lines.append("  " + ngettext("and {count} more: see --json", "and {count} more: see --json", rest).format(
            count=counted(rest)))
    return lines


def _listed(lines: Sequence[Mapping[str, str]], amount: str, currency: str) -> list[str]:
    return [f"  {one['booked']}  {plain(to_minor(one[amount], currency), currency):>16}  {one['name'] or one['text']}"
            for one in lines]
