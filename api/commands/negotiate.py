"""`poolbook negotiate`: options for a year of a case side by side, as a negotiation pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from allocation.negotiation.asked import Asked, answered
from allocation.terms import Terms
from api.commands.files import read_bytes, read_text
from api.commands.scenario import base_of_case
from api.commands.session import now, progress, write_file
from commissioning.agreement.reading import read_terms
from commissioning.exposure.terms import Uncertainty
from commissioning.negotiation.chances import weigh_chances
from commissioning.negotiation.options import Option, other_rules, scenario, today
from commissioning.negotiation.record import Record, read_record
from commissioning.negotiation.weighed import weigh
from commissioning.scenario.base import Base
from exports.pack.build import pack
from exports.pack.data import as_data
from exports.pack.faces import DRAWN, to_json
from exports.scenario.back import read_back
from ledger.errors import Refused

T = TypeVar("T", bound=Terms)
MOST_YEARS = 4  # before the one that is negotiated


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that stand beside the options: what the parties say, chances of costs, a question of fair division."""

    offers: Path | None = None
    chances: Path | None = None
    fair: Path | None = None


def negotiate(case: Path, scenarios: Sequence[Path], rules: Sequence[Path], beside: Beside, year: str | None,
              known_at: dt.datetime | None, out: Path) -> Mapping[str, Any]:
    """Writes the pack into a folder in every format, and tells what it says."""
    base = base_of_case(case, year)
    options = [today(base), *(_scenario(file, base, case) for file in scenarios),
               *(other_rules(file.stem, base, read_text(file), file.name) for file in rules)]
    record = _record(beside.offers, options)
    currency = base.agreement.currency
    terms = _terms(Uncertainty, beside.chances, currency)
    asked = _terms(Asked, beside.fair, currency)
    with progress("Weighing the options", 2) as heard:
        weighed = weigh(options, _earlier(case, base) if rules else (), record.grown)
        chances = weigh_chances(options, terms) if terms else None
        division = answered(asked, currency) if asked else None
        heard(1)
        made = pack(weighed, record, known_at or now(), chances, division)
        out.mkdir(parents=True, exist_ok=True)
        name = f"negotiation-{base.period.id[:6]}"
        files = {out / f"{name}.{suffix}": draw(made) for suffix, draw in DRAWN.items()}
        files[out / f"{name}.json"] = to_json(weighed, record, chances, division).encode()
        for path, content in files.items():
            write_file(path, content)
        heard(2)
    return {"files": [str(path) for path in files], "verdict": list(made.view.verdict),
            **as_data(weighed, record, chances, division)}


def _terms(kind: type[T], file: Path | None, currency: str) -> T | None:
    return None if file is None else read_terms(kind, read_text(file), file.name, currency)


def _scenario(file: Path, base: Base, case: Path) -> Option:
    """The option that a returned workbook states; it must rest on the same year of the same case."""
    content = read_bytes(file)
    try:
        return scenario(file.stem, base, read_back(content, base, str(case)).values)
    except Refused as refused:
        raise refused.in_file(file.name) from None


def _record(file: Path | None, options: Sequence[Option]) -> Record:
    if file is None:
        return Record()
    inputs = {path for option in options for path in option.levers}
    return read_record(read_text(file), file.name, options[0].base.agreement, inputs)


def _earlier(case: Path, base: Base) -> list[Base]:
    """The case's years before, oldest first."""
    first = base.agreement.calendar.year_of(base.agreement.versions()[0].effective).number
    return [base_of_case(case, f"FY{number}") for number in range(max(first, base.year.number - MOST_YEARS),
                                                                  base.year.number)]
