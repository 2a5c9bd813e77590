"""What the commands of the finance officer's day tell, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.commands.told import posted, skipped
from exports.words import counted, listed, plain
from ledger.language import _, ngettext
from ledger.money import to_minor


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
    if done["unmatched"]:
        lines += ["", _("Nothing tells what these lines are:"), *_listed(done["unmatched"], "amount", done["currency"])]
    if "file" in done:
        lines += ["", _("{file}: write yes under accept, then: poolbook bank post {file}").format(file=done["file"])]
    return "\n".join(lines)


def told_bank_posted(done: Mapping[str, Any]) -> str:
    """What was posted of the accepted rows, and which lines are left."""
    currency = done["currency"]
    of_lines = ngettext("{posted} for {count} bank line", "{posted} for {count} bank lines", done["lines"])
    lines = [f"{of_lines.format(posted=posted(done['posted']), count=counted(done['lines']))}, "
             f"{skipped(done['skipped'])}."]
    if done["left"]:
        total = plain(to_minor(done["left_total"], currency), currency)
        lines += [_("Lines left, {total} in all:").format(total=total),
                  *_listed(done["left"], "bank_amount", currency)]
    return "\n".join(lines)


def _listed(lines: Sequence[Mapping[str, str]], amount: str, currency: str) -> list[str]:
    return [f"  {one['booked']}  {plain(to_minor(one[amount], currency), currency):>16}  {one['name'] or one['text']}"
            for one in lines]
