"""The rows of suggestions as a workbook: `accept` is chosen from a list, references stay text; and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from commissioning.agreement.model import Agreement
from commissioning.bank.rows import ABOUT, COLUMNS, NEEDED, Row, row_of
from exports.entry_template.entries import form as entry_form
from exports.entry_template.model import Field, Form
from exports.entry_template.read import Filled, read_filled
from exports.entry_template.write import to_xlsx
from ledger.language import _

SHEET, TEMPLATE = "Matches", "poolbook-matches/1"
_WIDTHS = {"line": 24, "bank_account": 26, "name": 28, "text": 36, "why": 44, "amount": 18, "bank_amount": 18,
           "note": 30}


def to_sheet(rows: Sequence[Mapping[str, str]], agreement: Agreement) -> bytes:
    """The workbook's bytes."""
    entries = entry_form(agreement)
    by_name = {field.name: field for field in entries.fields}
    lists = {"accept": [("yes", _("post it")), ("no", _("leave it"))], **entries.lists}
    about = [_("Write yes under accept where the suggestion is right; change what is not. Then: poolbook bank post."),
             _("The rows of one bank line come to its amount together; copy a row to share a line out.")]
    fields = [_field(name, by_name) for name in COLUMNS]
    return to_xlsx(Form(SHEET, _("Bank lines of {pool}").format(pool=agreement.partnership.name), about, fields,
                        agreement.currency, TEMPLATE, agreement.partnership.id, rows=rows, spare=0, lists=lists,
                        heads={**entries.heads, "accept": "accept"}))


def _field(name: str, by_name: Mapping[str, Field]) -> Field:
    kind = {"booked": "date", "bank_amount": "money", "amount": "money", "why": "long", "text": "long",
            "name": "long", "note": "long"}.get(name, "text")
    known = by_name.get(name)
    choices = "accept" if name == "accept" else known.choices if known else ""
    return Field(name, name, _WIDTHS.get(name, 16), kind, choices, bool(known and known.open_list), name in ABOUT)


def from_sheet(content: bytes, file: str = "") -> tuple[Filled, list[Row]]:
    """The workbook as it came back: its sheet, by which faults get their cells, and its rows."""
    filled = read_filled(content, SHEET, COLUMNS, NEEDED, ("booked",))
    filled = replace(filled, columns={**filled.columns, "date": filled.columns["booked"]})  # an event's date is there
    return filled, [row_of(number, cells, file) for number, cells in filled.rows]
