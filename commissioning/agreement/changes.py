"""What a new agreement file changes, in words; what of that closed years rest on; and what it may not change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from commissioning.agreement.model import Agreement, Version
from commissioning.agreement.refusals import PartnershipChanged
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.model import Period
from ledger.money import grouped

FIXED = ("id", "currency", "year_starts", "periods", "settle")


def changes(before: Agreement | None, after: Agreement) -> Iterator[str]:
    """Each change in one sentence."""
    if before is None:
        yield f"opens the books of {after.partnership.name} ({after.partnership.id}) in {after.currency}"
    old = {version.id: version for version in before.versions()} if before else {}
    for version in after.versions():
        if version.id not in old:
            yield f"adds the version {version.id} ({version.status}), in force from {version.effective}"
        elif version != old[version.id]:
            parts = [name for name in Version.model_fields if getattr(version, name) != getattr(old[version.id], name)]
            yield f"changes the version {version.id}: {', '.join(parts)}"
    for gone in old.keys() - {version.id for version in after.versions()}:
        yield f"removes the version {gone}"
    if before is not None:
        for part in ("partners", "reserves", "accounts", "partnership"):
            if getattr(before, part) != getattr(after, part):
                yield f"changes {part}"
        if before.partnership.four_eyes != after.partnership.four_eyes:
            yield f"from now on {four_eyes_words(after)}"
    elif after.partnership.four_eyes is not None:
        yield four_eyes_words(after)


def four_eyes_words(agreement: Agreement) -> str:
    """What waits for a second person, as people say it."""
    terms = agreement.partnership.four_eyes
    if terms is None:
        return "nothing waits for a second person"
    amount = grouped(terms.entries_above, agreement.currency)
    entries = f"entries above {amount}" if terms.entries_above else "every entry"
    return f"{entries}, and every close, reopening, reversal and agreement, wait for a second person"


def forbidden(before: Agreement, after: Agreement, begun: dt.date) -> list[PoolbookError]:
    """The changes that books once begun do not allow. `begun`: the first day of the books' calendar.

    What has passed may change: within a year that is open, shares are of the year to date, so the next close posts the
    difference; a year that is closed is apportioned again by correcting entries (`commissioning.closing.corrections`).
    """
    found: list[PoolbookError] = []
    for key in FIXED:
        old, new = getattr(before.partnership, key), getattr(after.partnership, key)
        if old != new:
            found.append(PartnershipChanged(key=key, old=old, new=new))
    if list(before.partners) != list(after.partners)[:len(before.partners)]:
        found.append(PartnershipChanged(key=Said("partners, by their order,"), old=", ".join(before.partners),
                                        new=", ".join(after.partners)))
    for name, reserve in before.reserves.items():
        if after.reserves.get(name) != reserve:
            found.append(PartnershipChanged(key=Said("reserve {name}", name=name), old=Said("as it was opened"),
                                            new=Said("another")))
    first = after.versions()[0].effective
    if first < begun:
        found.append(PartnershipChanged(key=Said("the day on which the first version takes effect"),
                                        old=Said("{begun} or later", begun=begun),
                                        new=first))
    return found


def past_changes(before: Agreement, after: Agreement, closed: Period) -> Iterator[str]:
    """What of that changed on which a closed period rests, in words."""
    if before.groups != after.groups:
        yield "groups"
    old = {v.id: _to(v, closed) for v in before.versions() if v.effective <= closed.ends}
    new = {v.id: _to(v, closed) for v in after.versions() if v.effective <= closed.ends}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"the version {name}"


def _to(version: Version, closed: Period) -> Version:
    """The version as far as the closed periods see it: an end after them is none."""
    if version.until is not None and version.until <= closed.ends:
        return version
    return version.model_copy(update={"until": None})
