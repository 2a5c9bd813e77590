"""What a shell starts as `poolbook`: small, so that Ctrl-C while the command is still being read is taken as later."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command; who breaks it off before it has begun is told what they are told afterwards."""
    try:
        from api.cli import main as command

        command()
    except KeyboardInterrupt:
        sys.stderr.write("Aborted!\n")
        sys.exit(1)
