"""A report's faces: tagged PDF, workbook, a CSV for each table, and metadata that says what every column means.

The same report gives the same bytes. The CSV keeps to RFC 4180 (UTF-8, CRLF, a header); the metadata is in the manner
of the W3C's *Metadata Vocabulary for Tabular Data* (CSVW), with the SHA-256 of every file.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from commissioning.events.spreadsheet import harmless
from commissioning.reports.refusals import ReportTableUnknown
from exports.language import language
from exports.reports.model import Cell, Field, Report, Sheet
from exports.statement import moment
from exports.words import SIGNED_WORDS, Kind
from ledger.language import N_, _
from ledger.money import round_half_up, to_text

FORMATS = ("pdf", "xlsx", "csv")
MEDIA: Mapping[str, str] = MappingProxyType({
    "pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/csvm+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
SIGNS = {
    Kind.VARIANCE: N_("above zero: more than the plan"), Kind.SETTLEMENT: N_("above zero: the partner pays the pool"),
    Kind.CHANGE: N_("above zero: more")}


def files(report: Report, formats: tuple[str, ...] = FORMATS) -> dict[str, bytes]:
    """Every file of a report in these formats by its name, the metadata last."""
    found: dict[str, bytes] = {}
    if "pdf" in formats:
        found[f"{report.stem}.pdf"] = to_pdf(report)
    if "xlsx" in formats:
        found[f"{report.stem}.xlsx"] = to_xlsx(report)
    if "csv" in formats:
        found |= {csv_name(report, sheet): to_csv(report, sheet) for sheet in report.sheets}
    return {**found, f"{report.stem}-metadata.json": metadata(report, found)}


def csv_name(report: Report, sheet: Sheet) -> str:
    """`ageing-FY2024-Q4.instalments.csv`."""
    return f"{report.stem}.{sheet.id}.csv"


def to_pdf(report: Report) -> bytes:
    """The PDF's bytes: what it comes to, every table that is not for programs only, where the ledger stood."""
    from reportlab.platypus import Flowable

    from exports.pdf import drawn, facts, opening, section

    def story() -> list[Flowable]:
        told = opening(report.view)
        for sheet in report.sheets:
            if sheet.brief:
                told += section(sheet.table(), report.view.currency)
        return [*told, *facts(report.view)]

    s = report.asked.statement
    return drawn(report.view, s.name or s.partnership, s.known_at, story)


def to_xlsx(report: Report) -> bytes:
    """The workbook's bytes: a cover, each table on a sheet of its own, totals as live formulas."""
    from exports.xlsx import drawn

    return drawn(report.view, report.view.tables, report.asked.statement.known_at)


def sheet_of(report: Report, name: str) -> Sheet:
    """The table of that name; the first one where none is named."""
    found = [sheet for sheet in report.sheets if name in ("", sheet.id)]
    if not found:
        raise ReportTableUnknown(name=report.id, table=name, known=", ".join(sheet.id for sheet in report.sheets))
    return found[0]


def to_csv(report: Report, sheet: Sheet) -> bytes:
    """One table: ids, ISO dates and decimal strings under the columns' own names; no total, which would be a row."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([one.id for one in sheet.fields])
    for row in sheet.rows:
        writer.writerow([_text(value, one, report.view.currency) for value, one in zip(row, sheet.fields, strict=True)])
    return out.getvalue().encode()


def _text(value: Cell, of: Field, currency: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        tenths = round_half_up(abs(value) * 1000)
        return f"{'-' if value < 0 and tenths else ''}{tenths // 10}.{tenths % 10}"
    if isinstance(value, int):
        return str(value) if of.kind is Kind.COUNT else to_text(value, currency)
    return value.isoformat() if isinstance(value, dt.date) else harmless(value)


def metadata(report: Report, written: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """What the report is, what it rests on, what each column means; `written`: the files, for their digests."""
    s = report.asked.statement
    about = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": language()}],
        "dc:title": report.view.title, "dc:publisher": s.name or s.partnership, "dc:date": moment(s.known_at),
        "poolbook:report": report.id, "poolbook:partnership": s.partnership, "poolbook:partner": report.asked.partner,
        "poolbook:period": {"id": s.period, "from": s.starts.isoformat(), "to": s.ends.isoformat()},
        "poolbook:indicative": s.indicative, "poolbook:issue": s.issue, "poolbook:known_at": moment(s.known_at),
        "poolbook:ledger": {"entries": s.entries, "head": s.head}, "poolbook:currency": s.currency,
        "poolbook:checks": [{"check": one.words, "holds": one.holds} for one in report.checks],
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "lineTerminators": ["\r\n"]},
        "poolbook:files": [{"name": name, "sha256": hashlib.sha256(content).hexdigest()}
                           for name, content in written.items()],
        "tables": [_described(report, sheet, written) for sheet in report.sheets]}
    return (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()


def _described(report: Report, sheet: Sheet, written: Mapping[str, bytes]) -> dict[str, object]:
    name = csv_name(report, sheet)
    digest = {"poolbook:sha256": hashlib.sha256(written[name]).hexdigest()} if name in written else {}
    return {"url": name, "dc:title": sheet.heading, "dc:description": sheet.caption, "poolbook:rows": len(sheet.rows),
            **digest, "tableSchema": {"columns": [_column(sheet, i, report.view.currency)
                                                  for i in range(len(sheet.fields))]}}


def _column(sheet: Sheet, i: int, currency: str) -> dict[str, object]:
    one = sheet.fields[i]
    amount = one.kind is Kind.MONEY or one.kind in SIGNED_WORDS
    unit = currency if amount else "percent" if one.kind is Kind.PERCENT else ""
    return {"name": one.id, "titles": one.head, "dc:description": one.meaning, "datatype": _datatype(sheet, i),
            **({"poolbook:unit": unit} if unit else {}),
            **({"poolbook:sign": _(SIGNS[one.kind])} if one.kind in SIGNS else {})}


def _datatype(sheet: Sheet, i: int) -> str:
    """The datatype of a column, by its kind or, where it holds words, days or answers, by what stands in it."""
    kind = sheet.fields[i].kind
    if kind in (Kind.MONEY, Kind.PERCENT) or kind in SIGNED_WORDS:
        return "decimal"
    if kind is Kind.COUNT:
        return "integer"
    values = [row[i] for row in sheet.rows if row[i] is not None]
    for one, name in ((bool, "boolean"), (dt.date, "date")):
        if values and all(isinstance(value, one) for value in values):
            return name
    return "string"
