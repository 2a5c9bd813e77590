"""Why a proposal cannot be made, decided or done, where four eyes are agreed."""

from __future__ import annotations

from ledger.errors import PoolbookError


class ProposalUnknown(PoolbookError):
    code = "proposal-unknown"
    what = "there is no proposal {number}"
    remedy = "list the proposals to see their numbers: poolbook proposals"
    status = 404


class ProposalDecided(PoolbookError):
    code = "proposal-decided"
    what = "proposal {number} was {verdict} by {person} before"
    remedy = "a proposal is decided once; if it should still be done, ask for it again"
    status = 409


class ProposalOutdated(PoolbookError):
    code = "proposal-outdated"
    what = "the books have moved since proposal {number} was made: it would no longer do what it says"
    remedy = "ask for it again and approve the new proposal; now it would be: {words}"
    status = 409


class MakerCannotApprove(PoolbookError):
    code = "maker-cannot-approve"
    what = "proposal {number} was made by {person}, who cannot approve it, whatever the key"
    remedy = "a second person approves it; its maker may withdraw it"
    status = 403


class NotTheMaker(PoolbookError):
    code = "not-the-maker"
    what = "proposal {number} was made by {person}, and only its maker withdraws it"
    remedy = "somebody who may approve can reject it, with a reason"
    status = 403


class RejectionReasonMissing(PoolbookError):
    code = "rejection-reason-missing"
    what = "proposal {number} cannot be rejected without saying why"
    remedy = "give the reason; its maker will read it"


class PersonNotNamed(PoolbookError):
    code = "person-not-named"
    what = "{because}, and it is not proved who asks for it"
    remedy = "give your key: --key-file FILE, or POOLBOOK_KEY; `poolbook key new` makes one"
    status = 403


class RunNeedsOwnLedger(PoolbookError):
    code = "run-needs-own-ledger"
    what = "the books of {partnership} are kept under four eyes; a run would pass by its approvals"
    remedy = "run the case into a ledger of its own (another --out or --database), or use import and close"
    status = 409
