"""Partners that join and leave, and partners that covered an overspend and are repaid over later years."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.commissioning.books import QUARTERS, Pool, agreement, cost, line, pool, rule, shares, version

Data = dict[str, Any]
NEXT = tuple(quarter.replace("FY2024", "FY2025") for quarter in QUARTERS)


def three(first: Data, second: Data, **partnership: str) -> Data:
    """Council, NHS and a trust, with a reserve of 60 that is theirs by halves, thirds and sixths."""
    terms = agreement(first, second, **partnership)
    terms["partners"]["trust"] = {}
    terms["reserves"] = {"general": {"fund": "core", "opening": {"council": 30, "nhs": 20, "trust": 10}}}
    return terms


def with_trust(**changes: Any) -> Data:
    return version(contributions=[line("council", 40), line("nhs", 50), line("trust", 10)], **changes)


def later(**changes: Any) -> Data:
    return version(id="later", effective="2024-10-01", signed="2024-09-01", **changes)


def sound(statement: Data) -> Data:
    assert all(check["holds"] for check in statement["checks"]), statement["checks"]
    return statement


@pytest.mark.parametrize(("how", "by_partner", "brought"), [
    ("paid_out", {"council": "30.00", "nhs": "20.00", "trust": "0.00"}, "-10.00"),
    ("left", {"council": "36.00", "nhs": "24.00", "trust": "0.00"}, "0.00"),
])
def test_who_leaves_takes_its_part_of_the_reserve_or_leaves_it(books: Engine, how: str, by_partner: Data,
                                                               brought: str) -> None:
    with pool(books, three(with_trust(rules=[]), later(rules=[], leavers={"trust": {"reserves": how}}))) as made:
        found = sound(made.close(*QUARTERS))
        assert found["reserves"]["general"]["by_partner"] == by_partner
        trust = found["partners"]["trust"]
        assert trust["brought_forward"] == brought
        assert (trust["liability"], trust["settlement"]) == ("5.01", "5.01"), "its contribution for 183 of 365 days"
        balances = made.balances()
        owed = sum(balances.get(f"{account}:trust", 0) for account in ("assets:due-from", "liabilities:due-to"))
        assert owed == 501 + round(100 * float(brought))
        after = sound(made.close(*NEXT))
        assert after["reserves"]["general"]["by_partner"] == by_partner, "once"


def test_what_the_leaver_still_bears_leaves_the_reserve_before_it_does(books: Engine) -> None:
    """Until September the reserve bears 12 over, a sixth of it the trust's; its 8 are paid out; 5 later are others'."""
    rules = [rule([{"reserve": "general"}])]
    terms = three(with_trust(rules=rules, services={"home": {"fund": "core", "lead": "council", "budget": 100}}),
                  later(rules=rules, leavers={"trust": {"reserves": "paid_out"}},
                        services={"home": {"fund": "core", "lead": "council", "budget": 100}}))
    with pool(books, terms) as made:
        made.take_in(cost("2024-09-01", "home", "62.14"), cost("2024-11-01", "home", "54.86"))  # plans: 50.14 and 49.86
        found = sound(made.close(*QUARTERS))
    parts = found["reserves"]["general"]["by_partner"]
    assert found["partners"]["trust"]["brought_forward"] == "-8.00"
    assert parts == {"council": "21.00", "nhs": "14.00", "trust": "0.00"}


def test_who_joins_buys_into_the_reserve(books: Engine) -> None:
    terms = three(version(), later(contributions=[line("council", 40), line("nhs", 50), line("trust", 10)],
                                   joiners={"trust": {"reserves": {"general": 15}}}))
    terms["reserves"]["general"]["opening"] = {"council": 30, "nhs": 20}
    with pool(books, terms) as made:
        found = sound(made.close(*QUARTERS))
        assert found["reserves"]["general"]["by_partner"]["trust"] == "15.00"
        assert found["reserves"]["general"]["added"] == found["partners"]["trust"]["brought_forward"] == "15.00"
        made.take_in({"date": "2025-04-10", "event": "settlement", "partner": "trust", "amount": "15",
                      "source": "FY2024-Q4", "reference": "buy-in"})
        assert made.close("FY2025-Q1")["partners"]["trust"]["settled"] == "15.00"


def lent(made: Pool, *periods: str) -> Data:
    return sound(made.close(*periods))


def test_what_a_partner_covered_falls_due_to_it_in_the_years_after(books: Engine) -> None:
    """Ten over, covered by the council and repaid over three years: 3.34, 3.33 and 3.33."""
    terms = agreement(version(rules=[rule([{"repay": {"partner": "council", "years": 3}}])]))
    with pool(books, terms) as made:
        for year in range(2024, 2029):
            made.take_in(cost(f"{year}-05-10", "home", 70 if year == 2024 else 60), cost(f"{year}-05-10", "beds", 40))
        first = lent(made, *QUARTERS)
        assert shares(first) == {"council": "10.00", "nhs": "0.00"}
        assert first["repayments"] == [{"fund": "core", "partner": "council", "opening": "0.00", "added": "10.00",
                                        "due": "0.00", "closing": "10.00"}]
        found = []
        before = -1000
        for year in (2025, 2026, 2027, 2028):
            periods = [quarter.replace("2024", str(year)) for quarter in QUARTERS]
            statement = lent(made, *periods)
            line_ = statement["repayments"][0] if "repayments" in statement else {"due": "-", "closing": "-"}
            found.append((line_["due"], line_["closing"]))
            repayable = made.balances().get("liabilities:repayable:council", 0)
            assert statement["partners"]["council"]["settlement"] == "40.00", "the year's own contribution"
            before = repayable
        assert found == [("3.34", "6.66"), ("3.33", "3.33"), ("3.33", "0.00"), ("-", "-")]
        assert before == 0


def test_a_repayment_counts_as_brought_forward(books: Engine) -> None:
    terms = agreement(version(rules=[rule([{"repay": {"partner": "council", "years": 2}}])]))
    with pool(books, terms) as made:
        made.take_in(cost("2024-05-10", "home", 70), cost("2024-05-10", "beds", 40))
        first = lent(made, *QUARTERS)
        assert first["partners"]["council"]["settlement"] == "50.00"
        second = lent(made, *NEXT)
        assert second["partners"]["council"]["brought_forward"] == "45.00", "50 of the year before less 5 repaid"
        (step,) = (one for one in second["working"] if one["step"] == "repayment to council")
        assert step["out"] == {"council": "5.00"}
