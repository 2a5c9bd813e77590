"""The structure elements of a PDF as pypdf reads them, in their order."""

from __future__ import annotations

import io
from typing import Any

import pypdf


def structure(data: bytes) -> tuple[pypdf.PdfReader, list[Any]]:
    """A reader of the file, and every element of its structure tree."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    found: list[Any] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for kid in node:
                walk(kid)
        elif isinstance(node, dict) and "/S" in node:
            found.append(node)
            if "/K" in node:
                walk(node["/K"])
    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return reader, found
