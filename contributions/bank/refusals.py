"""Why a bank's file is refused: each cause its own error, with the line and the element or column."""

from __future__ import annotations

from ledger.errors import PoolbookError


class BankFileUnreadable(PoolbookError):
    code = "bank-file-unreadable"
    what = "this is no bank statement that Poolbook reads: {fault}"
    remedy = "download the statement as camt.053 (XML), or as CSV with a line of column names"


class BankFileTooLarge(PoolbookError):
    code = "bank-file-too-large"
    what = "the file is larger than a bank statement may be: more than {limit}"
    remedy = "download a shorter time at once, a month for example"
    status = 413


class BankXmlBroken(PoolbookError):
    code = "bank-xml-broken"
    what = "the XML cannot be read from here on: {fault}"
    remedy = "download the statement again; a file that was edited or cut off is not worth mending"


class BankXmlActive(PoolbookError):
    code = "bank-xml-active"
    what = "the file declares a document type or entities, which no bank statement does"
    remedy = "do not trust where the file came from; download it from the bank's own site"


class BankMessageOther(PoolbookError):
    code = "bank-message-other"
    what = "the file holds {found}, not a statement (camt.053.001.02 to .13)"
    remedy = "choose the booked statement (camt.053) in the bank's download; camt.052 and camt.054 are interim reports"


class BankElementMissing(PoolbookError):
    code = "bank-element-missing"
    what = "{element} is missing"
    remedy = "every statement and entry has it; ask the bank for a file that follows ISO 20022"


class BankValueWrong(PoolbookError):
    code = "bank-value-wrong"
    what = "{found!r} is not {wanted}"
    remedy = "look at this place of the file; if the bank wrote it so, tell the bank"


class BankCurrencyOther(PoolbookError):
    code = "bank-currency-other"
    what = "the line is in {found}, and the pool's books are in {currency}"
    remedy = "it is left out; if the money is the pool's, post what it came to in {currency} by hand"


class BankBalanceDiffers(PoolbookError):
    code = "bank-balance-differs"
    what = ("statement {statement} of account {account} does not tie: it opens with {opening}, its lines come to "
            "{lines}, and it closes with {closing}, which is {difference} off")
    remedy = "a line is missing or there twice: download the statement again, and all of its pages"


class BankPageMissing(PoolbookError):
    code = "bank-page-missing"
    what = "of statement {statement} of account {account}, page {missing} is missing"
    remedy = "hand over the files with all pages of a statement together"


class BankStatementMissing(PoolbookError):
    code = "bank-statement-missing"
    what = ("between statements {before} and {after} of account {account} one is missing: the first closes with "
            "{closing}, the next opens with {opening}")
    remedy = "add the statement between them, or hand over one of the two at a time"


class BankColumnsUnclear(PoolbookError):
    code = "bank-columns-unclear"
    what = "no column of the file can be told to be {wanted}; it has {columns}"
    remedy = "say which it is, for example --columns date=Posted,amount=Value,text=Details"


class BankAccountUnknown(PoolbookError):
    code = "bank-account-unknown"
    what = "no statement in the files is of account {account}; they are of {known}"
    remedy = "write the account as the bank writes it, without spaces"
