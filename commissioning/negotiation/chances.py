"""Chances beside options: the same drawn years shared out under every option, so that only the rules differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commissioning.exposure.expose import Exposure, expose
from commissioning.exposure.terms import Uncertainty
from commissioning.negotiation.options import Option
from commissioning.scenario.run import base_with
from ledger.errors import PoolbookError, Refused


@dataclass(frozen=True, slots=True)
class Chances:
    """What follows from stated chances under each option, today's rules first."""

    terms: Uncertainty
    exposures: tuple[Exposure, ...]


def weigh_chances(options: Sequence[Option], terms: Uncertainty) -> Chances:
    """Each option's exposure. One seed: every option meets the same changes of demand, price and timing.

    Raises `Refused` with the option's name as its place where a service is none of the option's, or no year of it can
    be worked out.
    """
    return Chances(terms, tuple(_exposed(option, terms) for option in options))


def _exposed(option: Option, terms: Uncertainty) -> Exposure:
    try:
        base, _ = base_with(option.base, option.levers, option.values)
        return expose(base, terms)
    except PoolbookError as error:
        raise Refused([error]).in_file(option.name) from None
