"""Reads a JSON document key by key; refuses what is missing, of another kind or left over, naming it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import TypeVar

from ledger.errors import Place, PoolbookError
from ledger.foreign import foreign
from ledger.language import Said
from ledger.money import decimals, from_text

T = TypeVar("T")


class StatementUnreadable(PoolbookError):
    code = "statement-unreadable"
    what = "this is not a JSON document: {reason}"
    remedy = "give the file that Poolbook wrote as statement-PERIOD.json, unchanged"


class StatementFormatUnknown(PoolbookError):
    code = "statement-format-unknown"
    what = "the document's format is {found!r}, and this version reads {known!r}"
    remedy = "give a statement-PERIOD.json, or install the version of Poolbook that wrote this one"


class StatementKeyMissing(PoolbookError):
    code = "statement-key-missing"
    what = "the statement has no {key!r}"
    remedy = "take the statement from Poolbook again; a statement is never edited by hand"


class StatementKeyUnknown(PoolbookError):
    code = "statement-key-unknown"
    what = "the statement has {key!r}, which this version does not know"
    remedy = "install the version of Poolbook that wrote the statement, or take the statement again"


class StatementValueWrong(PoolbookError):
    code = "statement-value-wrong"
    what = "{found} stands where {wanted} belongs"
    remedy = "take the statement from Poolbook again; a statement is never edited by hand"


def parse(text: str) -> dict[str, object]:
    """The JSON object in a text; a key written twice, a float or anything but an object is refused."""
    try:
        data = json.loads(text, object_pairs_hook=_no_key_twice, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError) as fault:
        raise StatementUnreadable(reason=foreign(str(fault))) from None
    if not isinstance(data, dict):
        raise StatementUnreadable(reason=Said("it holds no object"))
    return data


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse(text: str) -> object:
    raise ValueError(f"the number {text} is not whole; amounts are written as text")


class Reader:
    """Takes the keys of one JSON object one by one; `done` refuses what nobody took."""

    def __init__(self, data: object, path: str = "") -> None:
        self.path = path
        if not isinstance(data, dict):
            raise self._wrong(data, Said("an object"))
        self._left: dict[str, object] = dict(data)

    def _wrong(self, found: object, wanted: str, key: str = "") -> StatementValueWrong:
        shown = repr(found) if len(repr(found)) <= 60 else repr(found)[:57] + "…"
        return StatementValueWrong(Place(field=self._at(key)), found=shown, wanted=wanted)

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _take(self, key: str) -> object:
        try:
            return self._left.pop(key)
        except KeyError:
            raise StatementKeyMissing(Place(field=self.path), key=key) from None

    def has(self, key: str) -> bool:
        """Whether the key is there and not taken yet."""
        return key in self._left

    def text(self, key: str, default: str | None = None) -> str:
        """A string; `default` where the key may be absent."""
        if default is not None and key not in self._left:
            return default
        found = self._take(key)
        if not isinstance(found, str):
            raise self._wrong(found, Said("text"), key)
        return found

    def count(self, key: str) -> int:
        """A whole number, not negative."""
        found = self._take(key)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self._wrong(found, Said("a whole number"), key)
        return found

    def truth(self, key: str) -> bool:
        """True or false."""
        found = self._take(key)
        if not isinstance(found, bool):
            raise self._wrong(found, Said("true or false"), key)
        return found

    def date(self, key: str) -> dt.date:
        """A date in ISO 8601."""
        found = self.text(key)
        try:
            return dt.date.fromisoformat(found)
        except ValueError:
            raise self._wrong(found, Said("a date such as 2025-03-31"), key) from None

    def moment(self, key: str) -> dt.datetime:
        """A date with its time in ISO 8601."""
        found = self.text(key)
        try:
            return dt.datetime.fromisoformat(found)
        except ValueError:
            raise self._wrong(found, Said("a moment such as 2025-04-08T09:30:00Z"), key) from None

    def currency(self, key: str) -> str:
        """A currency code of ISO 4217."""
        found = self.text(key)
        try:
            decimals(found)
        except PoolbookError as fault:
            raise fault.at(Place(field=self._at(key))) from None
        return found

    def amount(self, key: str, currency: str, default: int | None = None) -> int:
        """A decimal string as whole minor units; `default` where the key may be absent."""
        if default is not None and key not in self._left:
            return default
        found = self._take(key)
        if not isinstance(found, str):
            raise self._wrong(found, Said("an amount written as text"), key)
        try:
            return from_text(found, currency)
        except PoolbookError as fault:
            raise fault.at(Place(field=self._at(key))) from None

    def every_amount(self, currency: str) -> dict[str, int]:
        """All keys as amounts, in their order."""
        return {key: self.amount(key, currency) for key in tuple(self._left)}

    def object(self, key: str) -> Reader:
        """An object inside this one."""
        return Reader(self._take(key), self._at(key))

    def objects(self, key: str) -> Iterator[Reader]:
        """A list of objects."""
        found = self._take(key)
        if not isinstance(found, list):
            raise self._wrong(found, Said("a list"), key)
        for number, item in enumerate(found):
            yield Reader(item, f"{self._at(key)}[{number}]")

    def keyed(self, key: str) -> Iterator[tuple[str, Reader]]:
        """The objects inside an object, by their keys, in their order."""
        inner = self.object(key)
        for name in tuple(inner._left):
            yield name, inner.object(name)

    def done(self) -> None:
        """Refuses the first key that nobody took."""
        for key in self._left:
            raise StatementKeyUnknown(Place(field=self.path), key=key)

    def finished(self, value: T) -> T:
        """`value`, once nothing is left over."""
        self.done()
        return value
