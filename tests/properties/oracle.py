"""A plain reading of AGREEMENTS 2.2 and 4 for agreements of one version and one pooled fund, in exact fractions.

Written apart from the engine, from the formulas alone: it knows nothing of `allocation`, `contributions` or
`commissioning`, and cares for neither speed nor words. Amounts are whole minor units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from tests.properties.cases import minor

Data = dict[str, Any]
MONTHS_APART = {"annual": 12, "quarterly": 3, "monthly": 1}


def half_up(value: Fraction) -> int:
    return floor(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


def hand_out(total: int, weights: dict[str, Fraction]) -> dict[str, int]:
    """Hamilton's method as one does it by hand: whole parts first, then penny by penny to the largest fraction left."""
    whole = sum(weights.values())
    exact = {who: Fraction(total) * weight / whole for who, weight in weights.items()}
    parts = {who: floor(value) for who, value in exact.items()}
    while sum(parts.values()) < total:
        best = None
        for who in exact:
            if parts[who] == floor(exact[who]) and (best is None or exact[who] - floor(exact[who])
                                                    > exact[best] - floor(exact[best])):
                best = who
        assert best is not None
        parts[best] += 1
    return parts


def due(line: Data, months: int) -> int:
    """What has fallen due of a contribution line when so many months of the year have passed."""
    apart = MONTHS_APART[line["instalments"]]
    return half_up(Fraction(minor(line["amount"]) * (-(-months // apart)) * apart, 12))


def plan(service: Data, passed: int, periods: int) -> int:
    """The plan to date after so many periods."""
    if "profile" in service:
        return sum(minor(amount) for amount in service["profile"][:passed])
    return half_up(Fraction(minor(service["budget"]) * passed, periods))


@dataclass
class Expected:
    """What a statement should say."""

    share_of_variance: dict[str, int]
    contribution_due: dict[str, int]
    liability: dict[str, int]
    settlement: dict[str, int]
    reserves: dict[str, dict[str, int]]
    parked: dict[str, int] = field(default_factory=dict)


def expected(agreement: Data, events: tuple[Data, ...], passed: int) -> Expected:
    """The figures after so many periods of the first year; `events` are those dated by then."""
    terms = agreement["agreements"][0]
    partners = list(agreement["partners"])
    periods = 12 if agreement["partnership"]["periods"] == "month" else 4
    costs, paid, received = _moved(events, terms["services"], partners)
    over = {s: costs[s] - plan(service, passed, periods) for s, service in terms["services"].items()}
    lines = [line for line in terms["contributions"] if line["kind"] != "user_charge"]
    if terms["funds"]["core"]["balance"] == "share":
        for name, part in _short(terms["services"], lines, passed, periods).items():
            over[name] += part
    c = {p: sum(minor(line["amount"]) for line in lines if line["partner"] == p) for p in partners}
    in_fund = [p for p in partners if any(line["partner"] == p for line in terms["contributions"])] or partners
    borne = dict.fromkeys(partners, 0)
    shared = []
    for name, service in terms["services"].items():
        if service.get("line", "shared") == "shared":
            shared.append(name)
        else:
            borne[service["lead"] if service["line"] == "own" else terms["funds"]["core"]["host"]] += over[name]
    held = {r: {p: minor(t["opening"].get(p, "0")) for p in partners} for r, t in agreement["reserves"].items()}
    fall = _Fall(partners, in_fund, c, received, held,
                 sum(minor(terms["services"][s]["budget"]) for s in shared))
    variance = sum(over[s] for s in shared)
    side = "overspend" if variance > 0 else "underspend"
    rest = fall.run(abs(variance), side, terms["rules"][0][side] if variance and terms["rules"] else [])
    sign = 1 if variance > 0 else -1
    for partner, amount in fall.borne.items():
        borne[partner] += sign * amount
    fell = {p: sum(due(line, passed * 12 // periods) for line in lines if line["partner"] == p) for p in partners}
    owed = {p: fell[p] + borne[p] for p in partners}
    return Expected(borne, fell, owed, {p: owed[p] - paid[p] for p in partners}, held,
                    {"contested": sign * fall.contested, "unallocated": sign * rest})


def _short(services: Data, lines: list[Data], passed: int, periods: int) -> dict[str, int]:
    """What contributions are short of the budgets to date, on each service by its budget."""
    budgets = {name: Fraction(minor(service["budget"])) for name, service in services.items()}
    gap = sum(budgets.values()) - sum(minor(line["amount"]) for line in lines)
    to_date = half_up(gap * passed / periods)
    return hand_out(to_date, budgets) if to_date > 0 else {}


def _moved(events: tuple[Data, ...], services: Data, partners: list[str]) -> tuple[
        dict[str, int], dict[str, int], dict[str, int]]:
    """Net cost by service, everything that counts as a partner's payment, and what it gave in cash or kind."""
    costs, paid, received = dict.fromkeys(services, 0), dict.fromkeys(partners, 0), dict.fromkeys(partners, 0)
    by_reference = {e["reference"]: e for e in events}
    for event in events:
        sign, one = (1, event) if event["event"] != "reversal" else (-1, by_reference[event["against"]])
        amount, kind, partner = sign * minor(one["amount"]), one["event"], one.get("partner")
        if kind in ("expenditure", "in_kind"):
            costs[one["service"]] += amount
        elif kind in ("refund", "user_charge") or (kind == "income" and "service" in one):
            costs[one["service"]] -= amount
        if partner and kind in ("expenditure", "in_kind", "contribution"):
            paid[partner] += amount
        elif partner and kind in ("refund", "user_charge", "income"):
            paid[partner] -= amount
        if partner and kind in ("in_kind", "contribution"):
            received[partner] += amount
    return costs, paid, received


@dataclass
class _Fall:
    """One variance on its way down the steps of a rule."""

    partners: list[str]
    in_fund: list[str]
    c: dict[str, int]
    received: dict[str, int]
    held: dict[str, dict[str, int]]
    budget: int
    borne: dict[str, int] = field(default_factory=dict)
    contested: int = 0

    def run(self, size: int, side: str, steps: list[Data]) -> int:
        """Takes an amount through the steps, and gives what is left."""
        rest = size
        for step in steps:
            room = rest
            if "up_to" in step:
                room = min(room, self.limit(step["up_to"], self.budget))
            if "until_variance" in step:
                room = min(room, max(minor(step["until_variance"]) - (size - rest), 0))
            if room:
                rest -= self.take(step, room)
        return rest

    def limit(self, written: str, whole: int) -> int:
        return half_up(Fraction(written[:-1]) * whole / 100) if written.endswith("%") else minor(written)

    def give(self, parts: dict[str, int]) -> int:
        for partner, amount in parts.items():
            self.borne[partner] = self.borne.get(partner, 0) + amount
        return sum(parts.values())

    def take(self, step: Data, room: int) -> int:
        if "absorb" in step:
            return self.give({step["absorb"]["partner"]: room})
        if "dispute" in step:
            self.contested += room
            return room
        if "reserve" in step:
            held = self.held[step["reserve"]]
            amount = min(room, sum(held.values()))
            weights = {p: Fraction(b) for p, b in held.items()}
            for partner, part in (hand_out(amount, weights) if amount else {}).items():
                held[partner] -= part
            return amount
        if "to_reserve" in step:
            for partner, part in hand_out(room, self.weights(step["owned"])).items():
                self.held[step["to_reserve"]][partner] += part
            return room
        if "return" in step:
            return self.give(hand_out(room, self.weights(step["return"])))
        return self.share(step, room)

    def share(self, step: Data, room: int) -> int:
        weights = self.weights(step["share"])
        caps = {p: self.limit(cap, self.c[p]) for p, cap in step.get("caps", {}).items()}
        excess = step.get("excess", "others")
        if excess == "others":
            return self.give(self.capped(room, weights, caps))
        parts = hand_out(room, weights)
        over = {p: max(part - caps[p], 0) for p, part in parts.items() if p in caps}
        self.give({p: part - over.get(p, 0) for p, part in parts.items()})
        if excess == "dispute":
            self.contested += sum(over.values())
        else:
            self.give({excess["partner"]: sum(over.values())})
        return room

    def capped(self, room: int, weights: dict[str, Fraction], caps: dict[str, int]) -> dict[str, int]:
        """Cuts whoever is over its cap, shares the excess among the others, and again until nobody is."""
        full: dict[str, int] = {}
        while True:
            free = {p: w for p, w in weights.items() if w and p not in full}
            left = room - sum(full.values())
            if not free:
                return full
            over = [p for p, w in free.items() if p in caps and left * w / sum(free.values()) > caps[p]]
            if not over:
                return {**full, **hand_out(left, free)}
            full.update({p: caps[p] for p in over})

    def weights(self, basis: Data) -> dict[str, Fraction]:
        """Each partner's share, in the order of the file."""
        kind = basis["by"]
        if kind == "equal":
            found = {p: Fraction(1) for p in self.in_fund}
        elif kind == "fixed":
            found = {p: Fraction(basis["percent"][p]) for p in self.partners}
        elif kind == "weight":
            found = {p: Fraction(basis["values"][p]) for p in self.partners}
            for table in basis.get("times", ()):
                found = {p: w * Fraction(table[p]) for p, w in found.items()}
        else:
            source = self.received if basis.get("measure") == "paid" else self.c
            found = {p: Fraction(max(source[p], 0)) for p in self.in_fund}
            if not sum(found.values()):
                found = {p: Fraction(1) for p in self.in_fund}
            elif "round_percent" in basis:
                unit = 10 ** int(basis["round_percent"])
                found = {p: Fraction(part) for p, part in hand_out(100 * unit, found).items()}
        return self.limited({p: w / sum(found.values()) for p, w in found.items()}, basis)

    def limited(self, shares: dict[str, Fraction], basis: Data) -> dict[str, Fraction]:
        """At most one floor and one ceiling, as the random agreements have: whoever is beyond it stands on it."""
        low = {p: Fraction(x) / 100 for p, x in basis.get("floor", {}).items() if p in shares}
        high = {p: Fraction(x) / 100 for p, x in basis.get("ceiling", {}).items() if p in shares}
        fixed: dict[str, Fraction] = {}
        for _ in range(2 * len(shares)):
            free = {p: w for p, w in shares.items() if p not in fixed}
            scale = (1 - sum(fixed.values())) / (sum(free.values()) or 1)
            under = {p: low[p] for p in free if p in low and free[p] * scale < low[p]}
            over = {p: high[p] for p in free if p in high and free[p] * scale > high[p]}
            if not under and not over:
                return {p: fixed[p] if p in fixed else shares[p] * scale for p in shares}
            # where both are beyond their limits, the greater excess is settled first, as it decides the scale
            gain = sum(free[p] * scale - x for p, x in over.items())
            loss = sum(x - free[p] * scale for p, x in under.items())
            fixed.update(over if gain >= loss else under)
        return shares
