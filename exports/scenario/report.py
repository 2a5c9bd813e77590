"""What a returned workbook amounts to: what was changed, what the engine makes of it, and where the two differ."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commissioning.agreement.reading import dotted
from commissioning.scenario.base import to_document
from commissioning.scenario.run import Result, run
from exports.scenario.back import Returned
from exports.scenario.inputs import shown
from exports.scenario.results import figures
from exports.scenario.said import said
from exports.words import Kind, counted, plain, signed
from ledger.errors import Place, PoolbookError, Refused
from ledger.language import _, ngettext
from ledger.money import to_text

FORMAT = "poolbook.scenario/1"
SUMMARY = ("liability", "share_of_variance", "settlement")


@dataclass(frozen=True)
class Report:
    """A scenario read back and worked out by the engine."""

    returned: Returned
    result: Result

    @property
    def differences(self) -> dict[str, tuple[int, int]]:
        """Results that the workbook calculated otherwise than the engine: its figure, and the engine's."""
        engine = {figure.path: figure.amount for figure in figures(self.result.statement)}
        return {path: (minor, engine.get(path, 0)) for path, minor in self.returned.shown.items()
                if minor is not None and minor != engine.get(path, 0)}


def worked_out(returned: Returned) -> Report:
    """Runs the scenario. A refusal names the input's cell where it is about one."""
    made = returned.made
    try:
        return Report(returned, run(made.base, made.levers, returned.values))
    except Refused as refused:
        raise Refused(_placed(fault, returned) for fault in refused.faults) from None
    except PoolbookError as error:
        raise Refused([_placed(error, returned)]) from None


def _placed(fault: PoolbookError, returned: Returned) -> PoolbookError:
    """The same fault at the cell of the first changed input that it is about."""
    cells = returned.made.entries()
    for path in returned.values:
        at = dotted(returned.made.levers[path].at)
        if fault.place.field and at.startswith(fault.place.field):
            return type(fault)(Place(field=cells[path].address), index=fault.index, **fault.facts)
    return fault


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data; amounts as decimal strings."""
    made, statement = report.returned.made, report.result.statement
    currency, base = statement.currency, made.base
    cells, constants = made.entries(), made.constants()
    before = {figure.path: figure.amount for figure in figures(made.baseline.statement)}
    after = {figure.path: figure.amount for figure in figures(statement)}
    shown_by = report.returned.shown
    return {
        "format": FORMAT, "partnership": statement.partnership, "year": base.period.id[:6], "as_at": base.as_at.id,
        "base": hashlib.sha256(to_document(base).encode()).hexdigest(),
        "ledger": {"entries": base.head.entries, "head": base.head.hash},
        "changes": [{"input": path, "what": made.levers[path].words, "who": made.levers[path].who,
                     "cell": cells[path].address, "unit": made.levers[path].unit,
                     "baseline": f"{shown(made.levers[path], made.levers[path].baseline):f}",
                     "scenario": f"{shown(made.levers[path], value):f}"}
                    for path, value in report.returned.values.items()],
        "partners": {p.id: {key: {"baseline": to_text(before[f"partners.{p.id}.{key}"], currency),
                                  "scenario": to_text(getattr(p, key), currency),
                                  "change": to_text(getattr(p, key) - before[f"partners.{p.id}.{key}"], currency)}
                            for key in SUMMARY} for p in statement.partners},
        "figures": {path: to_text(amount, currency) for path, amount in after.items()},
        "compared": {
            "figures": len(shown_by), "calculated": sum(minor is not None for minor in shown_by.values()),
            "differences": [{"figure": path, "workbook": to_text(theirs, currency), "engine": to_text(ours, currency),
                             "because": "; ".join(sorted(constants.get(path, ())))}
                            for path, (theirs, ours) in report.differences.items()]},
        "constants": {path: sorted(reasons) for path, reasons in constants.items()},
        "lacks": [fault.as_data() for fault in report.result.lacks]}


def in_words(data: Mapping[str, Any], report: Report) -> str:
    """The report for people."""
    currency = report.result.statement.currency
    changes = data["changes"]
    name, year = report.result.statement.name, data["year"]
    lines = [ngettext("{name}, {year}: {count} input changed:", "{name}, {year}: {count} inputs changed:",
                      len(changes)).format(name=name, year=year, count=counted(len(changes))) if changes
             else _("{name}, {year}: no inputs changed.").format(name=name, year=year)]
    lines += [f"  {one['cell']}  {said(one['what'])}{', ' + one['who'] if one['who'] else ''}: "
              f"{one['baseline']} -> {one['scenario']} ({one['input']})" for one in changes]
    lines += ["", _("What each partner owes for the year, worked out by the engine:")]
    baseline = {p.id: p.liability for p in report.returned.made.baseline.statement.partners}
    for p in report.result.statement.partners:
        change = p.liability - baseline[p.id]
        moved = signed(change, Kind.CHANGE, currency) if change else _("as before")
        lines.append(f"  {p.name}: {plain(p.liability, currency)} {currency} ({moved})")
    lines += ["", *_compared(data)]
    for fault in report.result.lacks:
        lines.append(_("Before it could be signed: {fault}; {advice}.").format(
            fault=fault.message, advice=fault.advice))
    return "\n".join(lines)


def _compared(data: Mapping[str, Any]) -> list[str]:
    compared = data["compared"]
    if not compared["calculated"]:
        return [_("The workbook has not been calculated since it was made: open and save it to compare its figures.")]
    unexplained = [one for one in compared["differences"] if not one["because"]]
    explained = len(compared["differences"]) - len(unexplained)
    lines = [_("{figure}: the workbook says {theirs}, the engine {ours}").format(
        figure=one["figure"], theirs=one["workbook"], ours=one["engine"]) for one in unexplained]
    equal = compared["calculated"] - len(compared["differences"])
    lines.append(_("{equal} of {count} figures in the workbook are the engine's to the penny.").format(
        equal=counted(equal), count=counted(compared["calculated"])))
    if explained:
        lines.append(_("{count} differ because they rest on constants, as the workbook says.").format(
            count=counted(explained)))
    return lines
