"""Makes `docs/gallery.md` from the statements of `examples/`: `python -m docs.make_gallery`; a test holds it current.

With `--pictures` the pictures that it shows are made anew as well (`docs.gallery_pictures`). Each case runs on a ledger
in memory. What the page says of a case is its README's title and first point, and figures and working lines of one
year-end statement.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from api.commands.case import Case, read_case
from api.database import connect, migrate
from commissioning import service
from docs import gallery_pictures
from exports.statement import to_json
from ledger import store as books

ROOT = Path(__file__).parents[1]
EXAMPLES, PAGE = ROOT / "examples", ROOT / "docs" / "gallery.md"
NOW = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
OPENING = """# Gallery: every arrangement, running

Every folder of `examples/` is an agreement with its events. The page is made from their statements (`python -m
docs.make_gallery`); figures are those of the last year-end that a rule decided, in the case's own currency. Run one:
`poolbook run examples/finsam-sweden --out out/finsam-sweden`. Each README says what is published and what is ours.
"""
WHERE = "## Every arrangement\n"
HOW = {"pooled": "pooled", "single": "single funder", "aligned": "aligned", "set_aside": "set aside",
       "in_kind": "in kind"}
PLAIN = re.compile(r"variance|spread|budget of|settlement of|plan|repayment to|FY\d+ apportioned")
"""Working lines that say nothing of what a rule decided."""
Statement = Mapping[str, Any]


def cases() -> list[Path]:
    """The folders of all examples, in the order of their names."""
    return sorted(file.parent for file in EXAMPLES.glob("*/agreement.yaml"))


def run(folder: Path, engine: Engine) -> tuple[int, list[str]]:
    """Runs a case as `poolbook run` does, without drawing it: how many events were posted, and every statement."""
    case = read_case(folder)
    with engine.begin() as conn:
        book = service.apply(conn, case.text, "agreement.yaml", NOW).book
        posted = service.import_events(conn, book, case.events, NOW, unreadable=case.unreadable).posted
        closed = {p.id for p in books.periods(conn, book) if p.closed}
        for period in _periods(case):
            if period not in closed:
                service.close(conn, book, period, NOW, to_json)
        return posted, [service.issued(conn, book, period).document for period in _periods(case)]


def faults(conn: Connection) -> list[str]:
    """What `poolbook verify` would find wrong in all books of a database."""
    return [str(fault) for book in books.books(conn) for fault in service.verify(conn, book)]


def _periods(case: Case) -> Iterator[str]:
    """Every period from the agreement's first year to the last event."""
    last = max(event.date for event in case.events)
    year = case.agreement.calendar.year_of(case.agreement.versions()[0].effective)
    while year.starts <= last:
        yield from (period.id for period in year.periods() if period.starts <= last)
        year = year.next()


def page() -> str:
    """The whole page, every case run anew."""
    found = [(folder, _telling(folder)) for folder in cases()]
    table = ["| case | funds | partners | cost of the year | over (+), under (−) | what decides |",
             "|---|---|---|---:|---:|---|", *(_row(folder, statement) for folder, statement in found)]
    parts = [OPENING, gallery_pictures.text(), WHERE, "\n".join(table),
             *(_section(folder, statement) for folder, statement in found)]
    return "\n".join(part + "\n" for part in parts)


def _telling(folder: Path) -> Statement:
    """The last year-end statement in which a rule decided something; else the last statement."""
    with tempfile.TemporaryDirectory() as place:
        engine = connect(f"sqlite:///{place}/books.db")
        migrate(engine)
        _, documents = run(folder, engine)
        engine.dispose()
    found: list[Statement] = [json.loads(document) for document in documents]
    year_ends = [statement for statement in found if not statement["indicative"]]
    return next((statement for statement in reversed(year_ends) if _working(statement)), found[-1])


def _row(folder: Path, statement: Statement) -> str:
    funds = ", ".join(dict.fromkeys(HOW[fund["kind"]] for fund in statement["funds"]))
    anchor = re.sub(r"[^\w -]", "", _title(folder).lower()).replace(" ", "-")
    totals = statement["totals"]
    cost = _sum(totals["actual"]) if statement["services"] else f"{_liable(statement)} given out"
    currency, partners = statement["partnership"]["currency"], len(statement["partners"])
    return (f"| [{folder.name}](#{anchor}) | {funds} | {partners} | {currency} {cost} "
            f"| {_sum(totals['variance'])} | {', '.join(_deciders(statement))} |")


def _liable(statement: Statement) -> str:
    """What all partners together owe under the agreement."""
    pennies = sum(int(line["liability"].replace(".", "")) for line in statement["partners"].values())
    return _sum(f"{pennies // 100}.{pennies % 100:02d}")


def _deciders(statement: Statement) -> list[str]:
    """The kinds of step that decided the last statement, from its working."""
    kinds = [re.sub(r" (of|in|for) .*|: .*", "", line["step"]) if line["rule"] else line["step"].split()[0]
             for line in statement["working"] if not PLAIN.match(line["step"])]
    kinds = [kind.replace("_", " ") for kind in kinds]
    return list(dict.fromkeys(kinds))


def _section(folder: Path, statement: Statement) -> str:
    name, period = folder.name, statement["period"]["id"]
    link = f"`{name}` · [README](../examples/{name}/README.md) · statement {period}"
    lines = [f"## {_title(folder)}\n", link + "\n", _special(folder), _partners(statement), *_apart(statement)]
    return "\n".join([*lines, *(f"- `{_step(line)}`: {_words(line)}" for line in _working(statement))])


def _title(folder: Path) -> str:
    first = (folder / "README.md").read_text(encoding="utf-8").splitlines()[0]
    return first.removeprefix("# ").strip()


def _special(folder: Path) -> str:
    """The README's first point, on one line."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    point = text.split("- **Special:**", 1)[1].split("\n- ", 1)[0]
    words = " ".join(point.split())
    return f"- {words[0].upper()}{words[1:]}"


def _partners(statement: Statement) -> str:
    """Who bears what: amount due under the agreement and settlement of every partner that has any."""
    told = []
    for partner, line in statement["partners"].items():
        if line["liability"] != "0.00" or line["settlement"] != "0.00":
            settled = "" if line["settlement"] == "0.00" else (
                f", {'owes' if line['settlement'][0] != '-' else 'gets'} {_sum(line['settlement'].lstrip('-'))}")
            told.append(f"{partner} {_sum(line['liability'])}{settled}")
    return f"- Due under the agreement: {'; '.join(told)}."


def _apart(statement: Statement) -> Iterator[str]:
    """What no partner bears: reserves, contested and unallocated amounts, claims; and outcomes."""
    for name, line in statement["reserves"].items():
        yield (f"- Reserve {name}: {_sum(line['opening'])} less {_sum(line['drawn'])} and {_sum(line['added'])} more, "
               f"so {_sum(line['closing'])}.")
    yield from (f"- {name.capitalize()}: {_sum(statement[name])}." for name in ("contested", "unallocated")
                if statement[name] != "0.00")
    for claim in statement["claims"]:
        yield (f"- Claim {claim['case']}: claimed {_sum(claim['claimed'])}, recognised {_sum(claim['recognised'])}, "
               f"drawn {_sum(claim['drawn'])}, contested {_sum(claim['contested'])}.")


def _working(statement: Statement) -> list[Mapping[str, Any]]:
    """Lines of working that only this arrangement has; where there are many, the first that move something."""
    own = [line for line in statement["working"] if not PLAIN.match(line["step"])]
    return (own if len(own) <= 4 else [line for line in own if line["out"]] or own)[:4]


def _step(line: Mapping[str, Any]) -> str:
    return str(line["step"]).replace("_", " ")


def _words(line: Mapping[str, Any]) -> str:
    out = "; ".join(f"{name} {_sum(amount)}" for name, amount in list(line["out"].items())[:6])
    more = " …" if len(line["out"]) > 6 else ""
    because = line["because"] if len(line["because"]) <= 240 else line["because"][:240].rsplit(" ", 1)[0] + " …"
    return f"of {_sum(line['in'])}: {out or 'nothing'}{more} ({because})"


def _sum(amount: str) -> str:
    """«−1,234.56» with a real minus sign."""
    whole, _, part = amount.lstrip("-").partition(".")
    return f"{'−' if amount.startswith('-') else ''}{int(whole):,}{'.' + part if part else ''}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    if "--pictures" in sys.argv[1:]:
        for made in gallery_pictures.make():
            print(f"{made.relative_to(ROOT)}  {made.stat().st_size:,} bytes")
