"""The faces of a pack: one table of formats that the command line and the HTTP interface share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from allocation.negotiation.table import Division
from commissioning.negotiation.chances import Chances
from commissioning.negotiation.record import Record
from commissioning.negotiation.weighed import Weighed
from exports.pack.data import as_data
from exports.pack.model import Pack


def to_json(weighed: Weighed, record: Record, chances: Chances | None = None, division: Division | None = None) -> str:
    """The data of a pack as JSON."""
    return json.dumps(as_data(weighed, record, chances, division), ensure_ascii=False, indent=1)


def _xlsx(made: Pack) -> bytes:
    from exports.pack.xlsx import to_xlsx
    return to_xlsx(made)


def _pdf(made: Pack) -> bytes:
    from exports.pack.pdf import to_pdf
    return to_pdf(made)


def _html(made: Pack) -> bytes:
    from exports.pack.html import to_html
    return to_html(made).encode()


DRAWN: Mapping[str, Callable[[Any], bytes]] = MappingProxyType({"xlsx": _xlsx, "pdf": _pdf, "html": _html})
"""What draws a pack, by format; imported when first asked for."""
