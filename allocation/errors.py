"""Why a rule of an agreement cannot be worked out: one class per cause."""

from __future__ import annotations

from ledger.errors import PoolbookError


class SharesNot100(PoolbookError):
    code = "shares-not-100"
    what = "the percentages total {total}, not 100"
    remedy = "make them total exactly 100; an exact third is written 100/3"


class NothingToShareBy(PoolbookError):
    code = "nothing-to-share-by"
    what = "{amount} is to be shared by {basis}, but every partner's figure is zero"
    remedy = "give the basis `else: equal`, or enter the figures that it needs"


class LimitsInfeasible(PoolbookError):
    code = "limits-infeasible"
    what = "the floors and ceilings of this share cannot all be met: they allow {least} to {most} percent in total"
    remedy = "change a floor or a ceiling so that 100 percent lies within them for partners that have a share"


class LastShareUnknown(PoolbookError):
    code = "last-share-unknown"
    what = "the basis {basis} says `else: last_agreed`, but no earlier period has settled a share"
    remedy = "write `else: equal` or give the figures that the basis needs"


class BasisUnknown(PoolbookError):
    code = "basis-unknown"
    what = "there is no share basis `by: {name}`"
    remedy = "write one of: {known}{hint}"


class StepUnknown(PoolbookError):
    code = "step-unknown"
    what = "this step has the keys {keys}, none of which is a kind of step"
    remedy = "write one of: {known}{hint}"


class StepAmbiguous(PoolbookError):
    code = "step-ambiguous"
    what = "this step is of several kinds at once: {keys}"
    remedy = "write each as a step of its own, beginning with «- », in the order in which they are to take"


class StepMisplaced(PoolbookError):
    code = "step-misplaced"
    what = "the step {step} has no meaning in an `{side}` list"
    remedy = "move it to the `{other}` list, or take it out"
