"""What commands tell people when they are done, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exports.present import present
from exports.statement import from_json


def told_run(done: Mapping[str, Any], out: Path, database: str) -> str:
    """What a run did, where the statements lie, and what the latest says."""
    posted = f"{done['posted']:,} events posted" if done["posted"] else "No new events"
    there = f", {done['skipped']:,} were there already" if done["skipped"] else ""
    closed = f"; closed {', '.join(done['closed'])}" if done["closed"] else ""
    lines = [f"{done['name']}: {posted}{there}{closed}."]
    latest = [Path(file) for file in done["files"] if file.endswith(".json")][-1:]
    for file in latest:
        statement = from_json(file.read_text(encoding="utf-8"))
        lines += ["", f"What the statement for {statement.period} says:",
                  *(f"  {sentence}" for sentence in present(statement).verdict), "",
                  f"Read it first as a PDF: {file.with_suffix('.pdf')}"]
    if done["files"]:
        lines.append(f"{len(done['files'])} files (JSON, XLSX, PDF, HTML for each period) lie in {out}")
    if done["without_approvals"]:
        lines.append("Computed by one person: the agreement asks for a second person's approvals, and none was asked "
                     "for. The books say so; keep the partnership's own ledger with import, close and approve.")
    head = done["ledger"]
    lines.append(f"The ledger is {database}: {head['entries']:,} entries, head {head['head'][:16]}…")
    return "\n".join(lines)


def told_import(done: Mapping[str, Any], good_rows: Path | None) -> str:
    """What an import did, and where the refused rows are."""
    refused = f", {len(done['refused'])} refused: mend them in {good_rows}" if done["refused"] else ""
    return f"{done['posted']:,} events posted, {done['skipped']:,} were there already{refused}."


def told_apply(agreement: Path, done: Mapping[str, Any]) -> str:
    """What an agreement file changed."""
    changed = "".join(f"\n  {change}" for change in done["changes"])
    return f"{agreement.name}{':' + changed if changed else ' was in force already; nothing changes.'}"


def told_close(done: Mapping[str, Any]) -> str:
    """That a period is closed, and what its statement is."""
    kind = "indicative" if done["indicative"] else "final"
    checks = "all its checks hold" if done["checks_hold"] else "CHECK: one of its checks does not hold"
    return f"{done['period']} is closed; its {kind} statement is issued (issue {done['issue']}), {checks}."


def told_verify(done: Mapping[str, Any]) -> str:
    """What is proved and what speaks against it, the books in one line where they were walked and are sound."""
    proved = "".join(f"\n  {line}" for line in done["proved"])
    if not done["sound"]:
        what = "The books are not sound" if "ledger" in done and not proved else "Not everything holds"
        against = "".join(f"\n  {finding}" for finding in done["findings"])
        return f"{what}:{against}" + (f"\nThis holds:{proved}" if proved else "")
    head = done.get("ledger")
    books = f"The books are sound: {head['entries']:,} entries, head {head['head']}" if head else ""
    return "\n".join(part for part in (f"The receipt holds:{proved}" if proved else "", books) if part)


def told_receipt(done: Mapping[str, Any]) -> str:
    """What a receipt covers and shows, and what to do with it."""
    shows = f" It shows {', '.join(f'entry {number}' for number in done['shown'])}." if done["shown"] else ""
    return (f"{done['file']}: a receipt for the first {done['entries']:,} entries of {done['partnership']}.{shows}\n"
            f"Signed by the key {done['key']}. Give it to the partner; poolbook verify --receipt checks it anywhere.")


def told_waiting(found: Mapping[str, Any]) -> str:
    """That a change waits for a second person, what it would do, and how it goes on."""
    lines = "".join(f"\n  {line}" for line in found["outcome"])
    return (f"Nothing is changed yet: {found['because']}. It is kept as proposal {found['number']}:{lines}\n"
            f"A second person does it with their own key: poolbook approve {found['number']}")


def told_proposals(found: Sequence[Mapping[str, Any]]) -> str:
    """Each proposal in a line, and what it would do below."""
    if not found:
        return "No proposal waits."
    return "\n".join(line for one in found for line in (
        f"{one['number']}  {one['kind']}  {one['status']}  by {one['person']}  {one['made_at']}{_ended(one)}",
        *(f"    {words}" for words in one["outcome"])))


def _ended(one: Mapping[str, Any]) -> str:
    ended = one["decision"]
    if not ended:
        return ""
    reason = f": {ended['reason']}" if ended["reason"] else ""
    return f"  {one['status']} by {ended['person']}{reason}"


def told_backup(done: Mapping[str, Any]) -> str:
    """Where the backup is, what stands in it, and what it takes beside it to go on."""
    return (f"{done['file']}: {done['bytes']:,} bytes; the heads are noted in {done['heads']}.\n"
            f"{_books(done)}\nKeep it off this machine. The server's secret and the key that signs receipts are not in "
            "it: keep them apart.")


def told_restore(done: Mapping[str, Any]) -> str:
    """What was restored, and whether it is what was backed up."""
    heads = "The heads noted beside the backup were compared." if done["compared"] else (
        "No heads lay beside the backup, so they were not compared: look whether they are those that you noted.")
    return f"{done['file']} is restored into {done['database']}.\n{_books(done)}\n{heads}"


def _books(done: Mapping[str, Any]) -> str:
    lines = []
    for one in done["partnerships"]:
        head = one["ledger"]
        sound = "NOT SOUND" if one["findings"] else "sound"
        lines += [f"{one['partnership']}: {sound}, {head['entries']:,} entries, head {head['head']}",
                  *(f"  {finding}" for finding in one["findings"])]
    return "\n".join(lines) or "It holds no books yet."
