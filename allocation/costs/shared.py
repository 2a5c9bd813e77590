"""Cost rule `shared`: the cost of each service by a share basis, for the cost classes that the agreement covers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Union

from pydantic import Field, GetJsonSchemaHandler, TypeAdapter, create_model, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from allocation.bases import ALL as BASES
from allocation.bases import AnyBasis
from allocation.basis import Basis, shared_out
from allocation.cost import UNALLOCATED, Carried, CostExample, CostItem, CostLine, CostRule, named
from allocation.model import Facts, Shares

_TWO = Facts(("bund", "kreis"), ("bund", "kreis"), currency="EUR")
_SHARES = {"by": "fixed", "percent": {"bund": "84.8", "kreis": "15.2"}}
OWN_KEYS = ("eligible", "otherwise")
BY_AMOUNT = frozenset({"claims", "formula"})
"""Bases whose shares depend on how much there is to share, so that only the outcome can tell who meets a budget."""


class Shared(CostRule):
    """`{by: <any share basis, with its keys>, eligible: […], otherwise: incurred}`, all in one mapping."""

    name = "shared"
    words = ("Each service's actual cost is shared by the basis. With `eligible`, only cost of these classes is; other "
             "cost stays with the partner that paid it, and what the pooled fund paid of it is shown as unallocated.")
    formula = "liability_i = w_i · eligible cost + other cost that i paid; largest remainder, each service"
    source = "AGREEMENTS 2.3; SGB II §46(3): the federation bears 84.8 percent of eligible administration cost"
    examples = (
        CostExample({**_SHARES, "eligible": ["staff", "overhead"], "otherwise": "incurred"},
                    (CostItem("jobcentre", 1_000_000_00, cost_class="staff"),
                     CostItem("jobcentre", 50_000_00, cost_class="childcare", payer="kreis")), _TWO,
                    {"jobcentre": {"bund": 848_000_00, "kreis": 202_000_00}},
                    "152,000.00 of the staff, and the childcare that the Kreis paid itself"),
        CostExample({**_SHARES, "eligible": ["staff"]}, (CostItem("jobcentre", 10_00, cost_class="travel"),), _TWO,
                    {"jobcentre": {}, UNALLOCATED: {"jobcentre": 10_00}},
                    "the pooled fund paid what no partner agreed to share: it is shown, not spread"),
    )

    basis: AnyBasis
    eligible: tuple[str, ...] | None = None
    otherwise: Literal["incurred"] = "incurred"

    @model_validator(mode="before")
    @classmethod
    def _apart(cls, value: Any) -> Any:
        """The basis's keys and this rule's stand in one mapping; faults pass over `basis`, which stands in no file."""
        if not isinstance(value, Mapping) or "by" not in value:
            return value
        return {**{key: value[key] for key in OWN_KEYS if key in value},
                "basis": {key: given for key, given in value.items() if key not in OWN_KEYS}}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Each basis with this rule's keys beside its own, as people write it."""
        own: Any = {"eligible": (tuple[str, ...], ()),
                    "rest": (Literal["incurred"], Field("incurred", alias="otherwise"))}
        kinds = [create_model(f"{kind.__name__}Cost", __base__=kind, **own) for kind in BASES.values()]
        for kind in kinds:
            kind.model_rebuild(_types_namespace={"AnyBasis": AnyBasis})
        whole: Any = Union[(*kinds,)]
        return handler(TypeAdapter(whole).core_schema)

    def bases(self) -> tuple[Basis, ...]:
        return (self.basis,)

    def fault_item(self, service: str, amount: int) -> CostItem:
        return CostItem(service, -amount, cost_class=(self.eligible or ("",))[0])

    def partners_named(self) -> set[str]:
        return self.basis.partners_named()

    def _lines(self, items: Sequence[CostItem], services: Sequence[str], facts: Facts,
               carried: Carried) -> tuple[list[CostLine], Carried]:
        lines = []
        for service in services:
            here = [item for item in items if item.service == service]
            rest = sum(item.amount for item in here)
            if self.eligible is not None:
                lines.append(self._incurred(service, here, rest, facts))
                rest = lines[-1].remaining
            lines.append(self._shared(service, rest, facts))
        return lines, carried

    def _incurred(self, service: str, items: Sequence[CostItem], cost: int, facts: Facts) -> CostLine:
        """Cost of other classes stays where it was incurred."""
        kept: dict[str, int] = {}
        for item in items:
            if item.cost_class not in (self.eligible or ()):
                who = item.payer or UNALLOCATED
                kept[who] = kept.get(who, 0) + item.amount
        out = {who: kept[who] for who in (*facts.partners, UNALLOCATED) if kept.get(who)}
        because = f"only {', '.join(self.eligible or ()) or 'no class'} is shared; the rest stays with whoever paid it"
        if UNALLOCATED in out:
            because += ", and with nobody where the pooled fund did"
        return CostLine(service, f"not eligible in {service}", cost, out, cost - sum(out.values()), because)

    def _shared(self, service: str, cost: int, facts: Facts) -> CostLine:
        step = f"cost of {service}" if self.eligible is None else f"eligible cost of {service}"
        if cost == 0:
            return CostLine(service, step, 0, {}, 0, "there is nothing to share")
        sign = 1 if cost > 0 else -1
        facts = replace(facts, amount=abs(cost))
        out = {who: sign * part for who, part in shared_out(abs(cost), self.basis, facts).items()}
        because = f"shared {self.basis.title()}: {self.basis.explain(facts)}"
        return CostLine(service, step, cost, named(out), 0, because)

    def budget_shares(self, budget: int, liabilities: Mapping[str, int], facts: Facts) -> Shares:
        """By the basis; where only the outcome can tell what it gives, by the outcome to date (AGREEMENTS 4)."""
        by_amount = self.basis.name in BY_AMOUNT
        planned = None if by_amount else self.basis.budget_shares(replace(facts, amount=budget))
        return super().budget_shares(budget, liabilities, facts) if planned is None else planned
