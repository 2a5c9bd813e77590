"""Why a workbook that came back is refused: each cause its own error, with the cell or the part of the file."""

from __future__ import annotations

from ledger.errors import PoolbookError


class WorkbookTooLarge(PoolbookError):
    code = "workbook-too-large"
    what = "the file is larger than {limit}"
    remedy = "send back the workbook itself as Poolbook made it, without added pictures or sheets"
    status = 413


class WorkbookUnreadable(PoolbookError):
    code = "workbook-unreadable"
    what = "this is no .xlsx workbook: {fault}"
    remedy = "open it and save it as .xlsx, without a password; an old .xls, a .csv or half a file is none"


class WorkbookPartsWrong(PoolbookError):
    code = "workbook-parts-wrong"
    what = "the file's parts are not those of a workbook: {fault}"
    remedy = "save it again from the spreadsheet program that it was edited in"


class WorkbookUnpacksTooLarge(PoolbookError):
    code = "workbook-unpacks-too-large"
    what = "the part {part} unpacks to more than {limit}"
    remedy = "send back the workbook itself as Poolbook made it; a part of this size is none of Poolbook's"
    status = 413


class WorkbookDoctype(PoolbookError):
    code = "workbook-doctype"
    what = "the part {part} declares a document type, which no workbook does"
    remedy = "save it again from a spreadsheet program; if it still does so, do not trust where the file came from"


class WorkbookActive(PoolbookError):
    code = "workbook-active-content"
    what = "the file holds macros, controls or embedded objects: {part}"
    remedy = "save it as .xlsx, which holds no macros, and take out what was inserted"


class WorkbookLinked(PoolbookError):
    code = "workbook-external-link"
    what = "the file links to something outside of it: {part}"
    remedy = "replace the linked cells by their values, and break the links before saving"


class WorkbookXmlBroken(PoolbookError):
    code = "workbook-part-broken"
    what = "the part {part} cannot be read: {fault}"
    remedy = "open the file and save it again; if it does not open there either, go back to an earlier copy"


class ScenarioTemplateUnknown(PoolbookError):
    code = "scenario-template-unknown"
    what = "the workbook was not made from the template {known}, but from {found}"
    remedy = "begin from a workbook that this version of Poolbook makes: poolbook scenario new CASE --out S.xlsx"


class ScenarioBaseDamaged(PoolbookError):
    code = "scenario-base-damaged"
    what = "the sheet Base does not hold what the workbook was made from: {fault}"
    remedy = "copy the inputs into a fresh workbook: poolbook scenario new CASE --out S.xlsx"


class ScenarioBaseOther(PoolbookError):
    code = "scenario-base-other"
    what = "the workbook rests on other books or another agreement than {case}: its base is {found}, not {wanted}"
    remedy = "read it with the case it was made from, or copy the inputs into a fresh workbook of this one"


class ScenarioSheetMissing(PoolbookError):
    code = "scenario-sheet-missing"
    what = "the sheet {sheet} is missing"
    remedy = "restore it from the workbook as it was made; sheets may be added, but none renamed or taken out"


class ScenarioCellFar(PoolbookError):
    code = "scenario-cell-far"
    what = "there is something far outside the table of its sheet"
    remedy = "delete the rows or columns that were added there"


class ScenarioNameChanged(PoolbookError):
    code = "scenario-name-changed"
    what = "the name {name} should stand for {wanted}, and stands for {found}"
    remedy = "restore it from the workbook as it was made; other workbooks may link to it"


class ScenarioCellChanged(PoolbookError):
    code = "scenario-cell-changed"
    what = "this cell is locked and was changed: it should hold {wanted}, and holds {found}"
    remedy = "restore it from the workbook as it was made; only bordered yellow cells are for changes"


class ScenarioInputFormula(PoolbookError):
    code = "scenario-input-formula"
    what = "this input holds a formula ({found})"
    remedy = "type the value that it comes to"


class ScenarioInputEmpty(PoolbookError):
    code = "scenario-input-empty"
    what = "this input is empty"
    remedy = "type a number; the baseline was {baseline}"


class ScenarioInputNotNumber(PoolbookError):
    code = "scenario-input-not-number"
    what = "this input is not a number ({found})"
    remedy = "type digits only, without a currency sign, spaces or a quote before them"


class ScenarioInputTooFine(PoolbookError):
    code = "scenario-input-too-fine"
    what = "this input has more than {places} decimal places ({found})"
    remedy = "round it to {places}; Poolbook never rounds what it is given"


class ScenarioInputRange(PoolbookError):
    code = "scenario-input-range"
    what = "this input must be from {low} to {high}, and is {found}"
    remedy = "check for a misplaced decimal point or a sign"
