"""Why a workbook that was filled in is refused: each cause its own error, with the cell."""

from __future__ import annotations

from ledger.errors import PoolbookError


class EntrySheetMissing(PoolbookError):
    code = "entry-sheet-missing"
    what = "the workbook has no sheet {sheet}"
    remedy = "begin from a workbook that Poolbook made, and leave the names of its sheets as they are"


class EntryColumnMissing(PoolbookError):
    code = "entry-column-missing"
    what = "the sheet has no column {column}"
    remedy = "restore the row of column names from the workbook as it was made; columns may change places"


class EntryColumnTwice(PoolbookError):
    code = "entry-column-twice"
    what = "the column {column} is there twice"
    remedy = "keep one of the two"


class EntryCellFormula(PoolbookError):
    code = "entry-cell-formula"
    what = "this cell holds a formula ({found})"
    remedy = "type the value that it comes to, or paste it as a value"


class EntryCellWrong(PoolbookError):
    code = "entry-cell-wrong"
    what = "this cell holds {found}, which is no {wanted}"
    remedy = "type it anew"


class EntryRowsTooMany(PoolbookError):
    code = "entry-rows-too-many"
    what = "the sheet has more than {limit} rows"
    remedy = "split it into several files, or hand the entries over as CSV"
    status = 413
