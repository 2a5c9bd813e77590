"""The workbook in which a finance officer types entries: one sheet of events with the pool's own words to choose from.

One sheet and not one a kind: entries are typed as they come in, and sorted by nobody. The cells that a chosen kind
needs turn yellow until they are filled in. It is read back as the CSV of events, with each row on its own line, so that
everything that holds for CSV files holds for it; faults name the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from commissioning.agreement.model import Agreement
from commissioning.books.postings import accounts_of
from commissioning.events.aligned import aligned
from commissioning.events.model import COLUMNS, KINDS
from commissioning.events.reading import WHY
from exports.entry_template.model import Choice, Field, Form
from exports.entry_template.read import Filled, read_filled
from exports.entry_template.write import to_xlsx
from ledger.language import N_, _

SHEET, TEMPLATE = "Events", "poolbook-entries/1"
NEEDED = ("date", "event", "reference")
MEANINGS: Mapping[str, str] = {
    "contribution": N_("money received from a partner"), "expenditure": N_("cost of a service"),
    "payment": N_("paid from the fund's bank"), "in_kind": N_("staff, premises or goods given, valued"),
    "user_charge": N_("charge paid by users"), "income": N_("other income"),
    "settlement": N_("a period's settlement paid: + received, - paid"), "accrual": N_("cost not invoiced yet"),
    "commitment": N_("contracted, not spent yet"), "activity": N_("units used by a partner"),
    "forecast": N_("expected full-year cost"), "virement": N_("budget moved, zero in total"),
    "fault": N_("part of a cost that is a partner's fault"), "refund": N_("returned by a provider"),
    "reversal": N_("undoes the entry named in Against"), "adjustment": N_("correction of an account"),
    "outcome": N_("units of an outcome"), "claim": N_("claim on a funder"),
    "recognise": N_("claim recognised"), "draw": N_("money drawn on a claim"),
    "resolve": N_("contested claim closed"), "opening_units": N_("units of a case from before"),
    "reserve_transfer": N_("into (+) or out of (-) a reserve"), "explanation": N_("why a service is off its plan"),
    "action": N_("who does what by when"), "decision": N_("what the board is asked to decide")}
FIELDS: Sequence[tuple[str, str, int, str, str, bool, str]] = (
    ("date", "Date", 14, "date", "", False, N_("The day on which it happened.")),
    ("event", "Event", 18, "text", "event", False, N_("What happened. The sheet Lists says what each word means.")),
    ("service", "Service", 22, "text", "service", False, ""),
    ("partner", "Partner", 16, "text", "partner", False, N_(
        "Who paid, received or gave. For expenditure: who paid from its own account; empty: the fund.")),
    ("amount", "Amount", 18, "money", "", False, N_("In the pool's currency, without recoverable VAT.")),
    ("reference", "Reference", 22, "text", "", False, N_(
        "Your own number of it, used once for each kind of event. The same again is skipped.")),
    ("note", "Note", 36, "long", "", False, ""),
    ("fund", "Fund", 14, "text", "fund", False, N_("Only where it is not clear from the service or partner.")),
    ("for", "For", 16, "text", "", False, N_("For whom, where the agreement charges by case or person.")),
    ("units", "Units", 12, "number", "", False, ""),
    ("source", "Source", 22, "text", "source", True, N_(
        "Which contribution; for a reserve transfer the reserve, for a settlement the period.")),
    ("cost_class", "Cost class", 16, "text", "cost_class", True, ""),
    ("case", "Case", 16, "text", "", False, ""),
    ("account", "Account", 30, "text", "account", True, N_("For an adjustment only.")),
    ("against", "Against", 22, "text", "", False, N_("The reference of what it undoes, releases or pays.")))


def form(agreement: Agreement) -> Form:
    """The template with the pool's own words."""
    versions = agreement.versions()
    first = versions[0].effective
    lists: dict[str, Sequence[Choice]] = {
        "event": [(kind, _(MEANINGS[kind])) for kind in KINDS],
        "service": _once((service, terms.name) for v in versions for service, terms in v.services.items()),
        "partner": [(partner, agreement.partner_name(partner)) for partner in agreement.partners],
        "fund": _once((fund, terms.kind) for v in versions for fund, terms in v.funds.items()),
        "source": _once([(line.source, _("contribution")) for v in versions for line in v.contributions]
                        + [(name, _("reserve")) for name in agreement.reserves]),
        "cost_class": _once((name, "") for v in versions for rule in v.rules for name in _classes(rule.cost)),
        "account": [(path, "") for path in accounts_of(agreement)]}
    names = {name: head for name, head, *_rest in FIELDS}
    fields = [Field(name, head, width, kind, choices, open_list, prompt=_(prompt))
              for name, head, width, kind, choices, open_list, prompt in FIELDS]
    about = [_("Type one entry a row. Yellow cells are still needed. Then: poolbook import, or the page Import."),
             _("Amounts in {currency}. Rows may be added, sorted and taken out; leave the blue row as it is.").format(
                 currency=agreement.currency)]
    return Form(SHEET, _("Entries for {pool}").format(pool=agreement.partnership.name), about, fields,
                agreement.currency, TEMPLATE, agreement.partnership.id, lists=lists, heads=names, decides="event",
                needs={kind: needs_of(kind) for kind in KINDS},
                dates=(first.isoformat(), first.replace(year=first.year + 30, day=min(first.day, 28)).isoformat()))


def needs_of(kind: str) -> tuple[str, ...]:
    """The columns that a kind of event needs."""
    amount = () if KINDS[kind].sign in ("none", "optional") else ("amount",)
    return ("date", "event", "reference", *KINDS[kind].needs, *amount)


def _once(pairs: Iterable[Choice]) -> list[Choice]:
    found: dict[str, str] = {}
    for word, words in pairs:
        if word:
            found.setdefault(word, words)
    return list(found.items())


def _classes(cost: object) -> list[str]:
    """The cost classes that a cost rule tells apart."""
    return [*(getattr(cost, "eligible", None) or ()), *(getattr(cost, "rates", None) or ())]


def template(agreement: Agreement) -> bytes:
    """The workbook's bytes."""
    return to_xlsx(form(agreement))


def read_entries(content: bytes) -> tuple[Filled, str]:
    """A workbook of entries: the sheet as it came back, and its rows as the CSV of events, each on its own line."""
    filled = read_filled(content, SHEET, (*COLUMNS, WHY), NEEDED)
    return filled, aligned((row, cells) for row, cells in filled.rows if row > 1)
