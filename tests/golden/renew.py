"""Writes the golden files anew: `python -m tests.golden.renew`; then read the difference before committing it."""

from __future__ import annotations

from tests.golden import goldens

if __name__ == "__main__":
    for path, text in goldens():
        changed = not path.exists() or path.read_text(encoding="utf-8") != text
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{'changed' if changed else 'same   '} {path.name}")
