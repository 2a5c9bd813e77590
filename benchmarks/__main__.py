"""All benchmarks that take minutes, in one command: `python -m benchmarks` (what `make bench` runs).

The long ones go by their own names: `make bench-peers`, `python -m benchmarks.growth`. README.md here says what each
one shows.
"""

from __future__ import annotations

import sys

from benchmarks import (
    bulk_posting,
    closing,
    exposure,
    hot_account,
    http_posting,
    memory,
    pages,
    reads,
    standby,
    startup,
    statement,
    workbook,
)

ALL = (startup, closing, statement, workbook, reads, pages, bulk_posting, http_posting, hot_account, exposure, standby,
       memory)


def main() -> None:
    for one in ALL:
        one.main()
        sys.stdout.flush()


if __name__ == "__main__":
    main()
