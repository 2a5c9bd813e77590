"""What commands tell people when they are done, in plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from commissioning.statement import Statement
from exports.present import present
from exports.proposed import would_do
from exports.retold import retold
from exports.statement import from_json
from exports.words import clock, counted, listed
from ledger.language import _, ngettext


def told_run(done: Mapping[str, Any], out: Path, database: str) -> str:
    """What a run did, where the statements lie, and what the latest says."""
    said = [posted(done["posted"]) if done["posted"] else _("No new events")]
    if done["skipped"]:
        said.append(skipped(done["skipped"]))
    closed = _("; closed {periods}").format(periods=", ".join(done["closed"])) if done["closed"] else ""
    lines = [f"{done['name']}: {', '.join(said)}{closed}."]
    latest = [Path(file) for file in done["files"] if file.endswith(".json")][-1:]
    for file in latest:
        statement = from_json(file.read_text(encoding="utf-8"))
        lines += ["", *_verdict(statement), "",
                  _("Read it first as a PDF: {file}").format(file=file.with_suffix(".pdf"))]
    if done["files"]:
        lines.append(_("{count} files (JSON, XLSX, PDF, HTML for each period) lie in {folder}").format(
            count=counted(len(done["files"])), folder=out))
    if done["without_approvals"]:
        lines.append(_("Computed by one person: the agreement asks for a second person's approvals, and none was asked "
                       "for. The books say so; keep the partnership's own ledger with import, close and approve."))
    head = done["ledger"]
    lines.append(_("The ledger is {database}: {count} entries, head {head}").format(
        database=database, count=counted(head["entries"]), head=f"{head['head'][:16]}…"))
    return "\n".join(lines)


def told_import(done: Mapping[str, Any], good_rows: Path | None) -> str:
    """What an import did, and where the refused rows are."""
    said = [posted(done["posted"]), skipped(done["skipped"])]
    if done["refused"]:
        said.append(ngettext("{count} refused: mend it in {file}", "{count} refused: mend them in {file}",
                             len(done["refused"])).format(count=counted(len(done["refused"])), file=good_rows))
    return f"{', '.join(said)}."


def posted(count: int) -> str:
    """How many events were posted."""
    return ngettext("{count} event posted", "{count} events posted", count).format(count=counted(count))


def skipped(count: int) -> str:
    """How many events the books had before."""
    return ngettext("{count} was there already", "{count} were there already", count).format(count=counted(count))


def told_apply(agreement: Path, done: Mapping[str, Any]) -> str:
    """What an agreement file changed."""
    if not done["changes"]:
        return _("{file} was in force already; nothing changes.").format(file=agreement.name)
    return "\n  ".join([f"{agreement.name}:", *map(retold, done["changes"])])


def told_close(done: Mapping[str, Any], statement: Statement | None) -> str:
    """That a period is closed, what its statement is, and the verdict on it."""
    said = (_("{period} is closed; its indicative statement is issued (issue {issue}).") if done["indicative"]
            else _("{period} is closed; its final statement is issued (issue {issue})."))
    checks = _("All its checks hold.") if done["checks_hold"] else _("CHECK: one of its checks does not hold.")
    lines = [] if statement is None else ["", *_verdict(statement)]
    return "\n".join([f"{said.format(period=done['period'], issue=done['issue'])} {checks}", *lines])


def _verdict(statement: Statement) -> list[str]:
    """What a statement says, a paragraph a line."""
    return [_("What the statement for {period} says:").format(period=statement.period),
            *(f"  {sentence}" for sentence in present(statement).verdict)]


def told_periods(done: Mapping[str, Any]) -> str:
    """Each period in a line, with its days."""
    return "\n".join(_("{period}  {start} to {end}  {status}").format(
        period=one["id"], start=one["from"], end=one["to"], status=_(one["status"])) for one in done["periods"])


def told_verify(done: Mapping[str, Any]) -> str:
    """What is proved and what speaks against it, the books in one line where they were walked and are sound."""
    proved = "".join(f"\n  {retold(line)}" for line in done["proved"])
    if not done["sound"]:
        what = _("The books are not sound:") if "ledger" in done and not proved else _("Not everything holds:")
        against = "".join(f"\n  {retold(finding)}" for finding in done["findings"])
        return what + against + ("\n" + _("This holds:") + proved if proved else "")
    head = done.get("ledger")
    books = _("The books are sound: {count} entries, head {head}").format(
        count=counted(head["entries"]), head=head["head"]) if head else ""
    return "\n".join(part for part in (_("The receipt holds:") + proved if proved else "", books) if part)


def told_receipt(done: Mapping[str, Any]) -> str:
    """What a receipt covers and shows, and what to do with it."""
    lines = [_("{file}: a receipt for the first {count} entries of {partnership}.").format(
        file=done["file"], count=counted(done["entries"]), partnership=done["partnership"])]
    if done["shown"]:
        lines.append(_("It shows the entries {numbers}.").format(numbers=", ".join(map(str, done["shown"]))))
    return "\n".join([" ".join(lines), _(
        "Signed by the key {key}. Give it to the partner; poolbook verify --receipt checks it anywhere.").format(
            key=done["key"])])


def told_waiting(found: Mapping[str, Any]) -> str:
    """That a change waits for a second person, what it would do, and how it goes on."""
    return "\n".join([
        _("Nothing is changed yet: {because}. It is kept as proposal {number}:").format(
            because=retold(found["because"]), number=found["number"]),
        *(f"  {line}" for line in would_do(found["outcome"], found["statement"])),
        _("A second person does it with their own key: poolbook approve {number}").format(number=found["number"])])


def told_proposals(found: Sequence[Mapping[str, Any]]) -> str:
    """Each proposal in a line, and what it would do below."""
    if not found:
        return _("No proposal waits.")
    return "\n".join(line for one in found for line in (
        _("{number}  {kind}  {status}  by {person}  {when}").format(
            number=one["number"], kind=one["kind"], status=_(one["status"]), person=one["person"],
            when=moment(one["made_at"])) + _ended(one),
        *(f"    {words}" for words in would_do(one["outcome"], one["statement"]))))


def _ended(one: Mapping[str, Any]) -> str:
    ended = one["decision"]
    if not ended:
        return ""
    said = _("{status} by {person}").format(status=_(one["status"]), person=ended["person"])
    return f"  {said}{': ' if ended['reason'] else ''}{ended['reason']}"


def told_backup(done: Mapping[str, Any]) -> str:
    """Where the backup is, what stands in it, and what it takes beside it to go on."""
    return "\n".join([
        _("{file}: {count} bytes; the heads are noted in {heads}.").format(
            file=done["file"], count=counted(done["bytes"]), heads=done["heads"]), _books(done),
        _("Keep it off this machine. The server's secret and the key that signs receipts are not in it: keep them "
          "apart.")])


def told_restore(done: Mapping[str, Any]) -> str:
    """What was restored, and whether it is what was backed up."""
    heads = _("The heads noted beside the backup were compared.") if done["compared"] else _(
        "No heads lay beside the backup, so they were not compared: look whether they are those that you noted.")
    return "\n".join([_("{file} is restored into {database}.").format(file=done["file"], database=done["database"]),
                      _books(done), heads])


def _books(done: Mapping[str, Any]) -> str:
    lines = []
    for one in done["partnerships"]:
        said = (_("{partnership}: NOT SOUND, {count} entries, head {head}") if one["findings"]
                else _("{partnership}: sound, {count} entries, head {head}"))
        lines += [said.format(partnership=one["partnership"], count=counted(one["ledger"]["entries"]),
                              head=one["ledger"]["head"]), *(f"  {retold(finding)}" for finding in one["findings"])]
    return "\n".join(lines) or _("It holds no books yet.")


def told_who(entry: int, found: Mapping[str, Any]) -> str:
    """Who recorded an entry, and when."""
    if not found["actor"]:
        return _("Entry {number}: it is not kept by whom").format(number=entry)
    who = found["person"] if found["person"] == found["actor"] else f"{found['person']} ({found['actor']})"
    return _("Entry {number}: recorded by {person} on {when}").format(
        number=entry, person=who, when=moment(found["at"]))


def moment(text: str) -> str:
    """A moment as data has it, as people read it."""
    return clock(dt.datetime.fromisoformat(text).astimezone(dt.UTC))


def told_scenario(done: Mapping[str, Any], out: Path) -> str:
    """What a scenario workbook holds."""
    said = _("{file}: {year} of {partnership}, {inputs} inputs, {results} results.").format(
        file=out, year=done["year"], partnership=done["partnership"], inputs=counted(done["inputs"]),
        results=counted(done["results"]))
    held = ngettext("{count} does not follow every input: sheet Notes says why.",
                    "{count} do not follow every input: sheet Notes says why.", len(done["constants"]))
    return f"{said} {held.format(count=counted(len(done['constants'])))}" if done["constants"] else said


def told_draft(done: Mapping[str, Any], out: Path) -> str:
    """What a draft agreement took over from a scenario."""
    said = ngettext("{file}: the agreement with {count} changed term, unsigned.",
                    "{file}: the agreement with {count} changed terms, unsigned.", len(done["terms"])).format(
        file=out, count=counted(len(done["terms"])))
    left = _("Figures of the year are no terms and left out: {names}.").format(names=listed(done["left_out"]))
    return f"{said} {left}" if done["left_out"] else said
