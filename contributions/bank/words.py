"""What a line's text names: parties by their names, things by their references. Only letters and digits count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from contributions.bank.model import BankLine

_WORD = re.compile(r"[^\W_]+")
SHORTEST_NAME = 3  # letters of a name of one word; shorter ones stand in too many texts
SHORTEST_REFERENCE = 4


@lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, in small letters."""
    return tuple(_WORD.findall(text.casefold()))


def holds(text: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether words stand in a text, one after the other."""
    size = len(wanted)
    return size > 0 and any(tuple(text[i:i + size]) == tuple(wanted) for i in range(len(text) - size + 1))


def named_in(line: BankLine, names: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The parties (by id) that a line names; a name that is part of a longer one that is there does not count."""
    said = tokens(f"{line.name} | {line.text} | {' | '.join(line.references)}")
    there = [(party, words) for party, some in names.items() for name in some
             if sum(map(len, words := tokens(name))) >= SHORTEST_NAME and holds(said, words)]
    return frozenset(party for party, words in there
                     if not any(other != party and len(longer) > len(words) and holds(longer, words)
                                for other, longer in there))


def refers_to(line: BankLine, reference: str) -> bool:
    """Whether a line names a reference: word for word, or run together in one of the payer's own references."""
    wanted = tokens(reference)
    joined = "".join(wanted)
    if len(joined) < SHORTEST_REFERENCE or not any(map(str.isdigit, joined)):
        return False
    said = [tokens(text) for text in (line.text, line.name, *line.references)]
    return any(holds(text, wanted) or joined in text or joined == "".join(text) for text in said)


def by_word(lines: Iterable[BankLine]) -> dict[str, list[BankLine]]:
    """The lines by every word and number that they say, and by those of each text run together."""
    found: dict[str, list[BankLine]] = {}
    for line in lines:
        said = [tokens(text) for text in (line.text, line.name, *line.references)]
        for word in {word for text in said for word in (*text, "".join(text))}:
            found.setdefault(word, []).append(line)
    return found
