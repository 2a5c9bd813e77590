"""Account paths in the names that other tools accept; every mapping can be undone, so no two accounts ever meet.

beancount knows five roots and parts of capitals, letters, digits and hyphens. `reserves:x` stands under
`Equity:Reserves`. A part keeps its small letters, digits and hyphens; its first letter becomes a capital. Any other
character, and a `z` at the beginning, is written as its number between two Z: `assets:bank:core_1` is
`Assets:Bank:CoreZ5fZ1`, `assets:bank:Core` is `Assets:Bank:Z43Zore`. A part under `equity` that is called `reserves`
has its first letter written as a number, to stay clear of the reserves.

hledger takes nearly any name: only what would end or comment it (a semicolon, a second space, white space of other
kinds) is written as `%` and its number, and so is `%` itself.
"""

from __future__ import annotations

import re

ROOTS = {"assets": "Assets", "liabilities": "Liabilities", "equity": "Equity", "income": "Income",
         "expenses": "Expenses"}
RESERVES = "Equity:Reserves"

_PLAIN = re.compile("[a-z0-9-]")
_NUMBERED = re.compile("Z([0-9a-f]+)Z")
_NOT_IN_HLEDGER = re.compile(r"[%;]|[^\S ]|(?<=\s) ")


def beancount_account(path: str) -> str:
    """A path as beancount's account name."""
    root, *parts = path.split(":")
    if root == "reserves":
        return ":".join([RESERVES, *map(_part, parts)])
    if root == "equity" and parts[:1] == ["reserves"]:
        return ":".join(["Equity", _number("r") + "eserves", *map(_part, parts[1:])])
    return ":".join([ROOTS[root], *map(_part, parts)])


def path_of(account: str) -> str:
    """The path that `beancount_account` made the name from."""
    if account == RESERVES or account.startswith(RESERVES + ":"):
        return ":".join(["reserves", *map(_unpart, account.split(":")[2:])])
    root, *parts = account.split(":")
    return ":".join([root.lower(), *map(_unpart, parts)])


def hledger_account(path: str) -> str:
    """A path as hledger's account name."""
    return _NOT_IN_HLEDGER.sub(lambda found: f"%{ord(found.group()):x}.", path)


def _number(character: str) -> str:
    return f"Z{ord(character):x}Z"


def _part(part: str) -> str:
    rest = "".join(c if _PLAIN.fullmatch(c) else _number(c) for c in part[1:])
    first = part[0]
    if "a" <= first <= "y":
        return first.upper() + rest
    return (first if "0" <= first <= "9" else _number(first)) + rest


def _unpart(part: str) -> str:
    first = _NUMBERED.match(part)
    head, tail = (chr(int(first.group(1), 16)), part[first.end():]) if first else (part[0].lower(), part[1:])
    return head + _NUMBERED.sub(lambda found: chr(int(found.group(1), 16)), tail)
