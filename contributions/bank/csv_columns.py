"""Which column of a bank's CSV is what: by the names that banks of several countries give them, or as it was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contributions.bank import refusals as no
from ledger.language import Said

NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "booking date", "posting date", "posted", "transaction date", "date posted", "entry date",
             "buchungstag", "buchung", "buchungsdatum", "datum", "bokföringsdag", "bokföringsdatum", "bokförd",
             "bogføringsdato", "dato", "bokført", "kirjauspäivä", "kirjauspäivämäärä", "pvm", "maksupäivä",
             "date comptable", "date opération", "date d'opération", "fecha", "fecha operación", "data", "valuta",
             "value date"),
    "amount": ("amount", "transaction amount", "value", "betrag", "umsatz", "belopp", "beløb", "beløp", "määrä",
               "määrä eur", "summa", "montant", "importe", "importo", "bedrag", "amount (gbp)", "amount gbp"),
    "debit": ("debit", "debit amount", "paid out", "money out", "withdrawal", "withdrawals", "debits", "soll", "out",
              "uttag", "débit", "cargo"),
    "credit": ("credit", "credit amount", "paid in", "money in", "deposit", "deposits", "credits", "haben", "in",
               "insättning", "crédit", "abono"),
    "balance": ("balance", "running balance", "saldo", "kontostand", "saldo nach buchung", "solde", "bokfört saldo"),
    "text": ("description", "details", "narrative", "text", "memo", "particulars", "transaction description",
             "verwendungszweck", "buchungstext", "meddelande", "viesti", "selitys", "libellé", "concepto", "message",
             "tekst", "rubrik", "beskrivning"),
    "name": ("name", "counterparty", "payee", "payer", "counter party", "beguenstigter/zahlungspflichtiger",
             "begünstigter/zahlungspflichtiger", "auftraggeber/empfänger", "name zahlungsbeteiligter", "avsändare",
             "mottagare", "saaja/maksaja", "saaja", "contrepartie"),
    "reference": ("bank reference", "transaction id", "transaction reference", "entry reference", "archive id",
                  "arkistointitunnus", "reference number", "id", "transaktionsid", "fitid"),
    "payer_reference": ("reference", "customer reference", "payment reference", "end-to-end id", "kundenreferenz",
                        "kundenreferenz (end-to-end)", "referens", "ocr", "viite", "viitenumero", "référence"),
    "account": ("account", "account number", "iban", "auftragskonto", "konto", "kontonummer", "tili", "compte"),
    "currency": ("currency", "ccy", "währung", "waehrung", "valuta (währung)", "valuutta", "valuta code", "devise"),
    "direction": ("debit/credit", "credit/debit", "dr/cr", "cr/dr", "type (dr/cr)", "soll/haben", "af bij", "d/c"),
}
"""What Poolbook looks for in a statement, and how banks name it; the first name that fits is taken for the date."""
WANTED = {"date": Said("the booking date"), "amount": Said("the amount")}


def columns_of(header: Sequence[str], named: Mapping[str, str]) -> dict[str, list[int]]:
    """The columns by what they are; text may be several. Raises `BankColumnsUnclear` for what cannot be told."""
    plain = [" ".join(name.casefold().strip('"').split()) for name in header]
    found: dict[str, list[int]] = {}
    for what, names in NAMES.items():
        if what in named:
            found[what] = [_said(what, name, header, plain) for name in named[what].split("+")]
            continue
        taken = {n for some in found.values() for n in some}
        fits = [n for name in names for n, one in enumerate(plain) if one == name and n not in taken]
        if fits:
            found[what] = sorted(fits) if what in ("text", "payer_reference") else fits[:1]
    unknown = [what for what in named if what not in NAMES]
    if unknown:
        raise no.BankColumnsUnclear(wanted=Said("{unknown!r} (one of {names})", unknown=unknown[0],
                                                names=', '.join(NAMES)), columns=_list(header))
    for what, words in WANTED.items():
        if what not in found and not (what == "amount" and ("debit" in found or "credit" in found)):
            raise no.BankColumnsUnclear(wanted=words, columns=_list(header))
    return found


def _said(what: str, name: str, header: Sequence[str], plain: Sequence[str]) -> int:
    wanted = " ".join(name.casefold().split())
    if wanted not in plain:
        raise no.BankColumnsUnclear(wanted=f"{what} ({name!r})", columns=_list(header))
    return plain.index(wanted)


def _list(header: Sequence[str]) -> str:
    return ", ".join(name[:60] for name in header[:30] if name) or Said("(none)")
