"""Writes the golden texts of the small pack anew: `python -m tests.negotiation.renew`; then read the difference."""

from __future__ import annotations

from tests.negotiation.dumps import GOLDENS

if __name__ == "__main__":
    for path, dump in GOLDENS.items():
        path.write_text(dump(), encoding="utf-8", newline="\n")
