"""All benchmarks in one command: `python -m benchmarks` (what `make bench` runs)."""

from __future__ import annotations

import sys

from benchmarks import bulk_posting, closing, exposure, statement


def main() -> None:
    closing.main()
    sys.stdout.flush()
    statement.main()
    sys.stdout.flush()
    bulk_posting.main()
    sys.stdout.flush()
    exposure.main()


if __name__ == "__main__":
    main()
