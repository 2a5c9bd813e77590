"""Why a file cannot be read: as YAML, as CSV, or for what stands in it."""

from __future__ import annotations

from ledger.errors import PoolbookError


class YamlUnreadable(PoolbookError):
    code = "yaml-unreadable"
    what = "the file is not readable as YAML: {fault}"
    remedy = "look at this line and the one before it: a missing colon or quote, or a tab in place of spaces"


class YamlMerge(PoolbookError):
    code = "yaml-merge"
    what = "the merge key << is not allowed"
    remedy = "write its keys out here: which of two values counts should need no rules of YAML"


class YamlTooLarge(PoolbookError):
    code = "yaml-too-large"
    what = "the file is larger or more deeply nested than an agreement may be ({limit})"
    remedy = "check that this is the agreement file; move tables of events into CSV files"


class FileUnreadable(PoolbookError):
    code = "file-unreadable"
    what = "the file cannot be read: {fault}"
    remedy = ("check the name and the folder, and that it is plain text in UTF-8: a spreadsheet is saved as CSV "
              "(UTF-8) or as .xlsx")


class KeyTwice(PoolbookError):
    code = "key-twice"
    what = "the key {key!r} stands twice in the same place"
    remedy = "keep one of the two, or give one another name"


class KeyUnknown(PoolbookError):
    code = "key-unknown"
    what = "the key {key!r} has no meaning here"
    remedy = "take it out or correct its spelling{hint}"


class KeyMissing(PoolbookError):
    code = "key-missing"
    what = "the key {key!r} is missing"
    remedy = "add `{key}:` here"


class ValueNotAllowed(PoolbookError):
    code = "value-not-allowed"
    what = "{value!r} is not one of the values that may stand here"
    remedy = "write one of: {allowed}"


class ValueEmpty(PoolbookError):
    code = "value-empty"
    what = "there is nothing here: {fault}"
    remedy = "fill it in; AGREEMENTS §2 says what belongs here"


class ValueWrong(PoolbookError):
    code = "value-wrong"
    what = "{value} cannot stand here: {fault}"
    remedy = "see AGREEMENTS §2 for what this key takes"


class DateUnreadable(PoolbookError):
    code = "date-unreadable"
    what = "{text!r} is not a date"
    remedy = "write year-month-day, for example 2024-04-01"


class CsvUnreadable(PoolbookError):
    code = "csv-unreadable"
    what = "the file is not readable as CSV up to this line: {fault}"
    remedy = "look for a double quote that is opened and not closed, here or further up"


class CsvTooLarge(PoolbookError):
    code = "csv-too-large"
    what = "the file has more than the {limit} that are read at once"
    remedy = "split it into several files, each with the header; or look for rows of separators alone"
    status = 413


class CommasMissing(PoolbookError):
    code = "commas-missing"
    what = "the columns are separated by {found} instead of commas"
    remedy = ("save the sheet as CSV with commas, and amounts with a full stop before the decimals; or type the "
              "entries in the workbook for entries, which has neither")


class RowRagged(PoolbookError):
    code = "row-ragged"
    what = "the row has {count} fields, but the header has {expected}"
    remedy = "put text that holds a comma in double quotes, and check for a missing comma"


class ColumnUnknown(PoolbookError):
    code = "column-unknown"
    what = "the column {column!r} is not one that events have"
    remedy = "write one of: {known}{hint}"


class ColumnMissing(PoolbookError):
    code = "column-missing"
    what = "the file has no column {column!r}"
    remedy = "name the columns on the first line; such a file has at least these: {wanted}"
