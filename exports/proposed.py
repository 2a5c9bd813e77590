"""What a proposal would do, in the reader's language; it is kept, and compared when it is approved, in English."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from exports.language import ENGLISH, language, speaking
from exports.present import present
from exports.retold import retold
from exports.statement import from_json


def would_do(words: Sequence[str], statement: Mapping[str, Any] | None) -> list[str]:
    """Its words: the verdict on the statement that a close would issue as that statement says it, others retold."""
    if language() == ENGLISH:
        return list(words)
    again: dict[str, str] = {}
    if statement is not None:
        document = from_json(json.dumps(statement))
        with speaking(ENGLISH):
            english = present(document).verdict
        again = dict(zip(english, present(document).verdict, strict=True))
    return [again.get(one) or retold(one) for one in words]
