"""A small disk of the test's own that can be filled up and emptied, where the test may mount one."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A file system in memory. `fill` leaves that many bytes free; `empty` gives the rest back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._filler = root / "filler"

    def fill(self, leave: int) -> None:
        with self._filler.open("ab") as file:
            while self.free() > leave:
                file.write(bytes(min(self.free() - leave, 1 << 16)))
                file.flush()

    def empty(self) -> None:
        self._filler.unlink()

    def free(self) -> int:
        found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize


@contextmanager
def disk(size: str) -> Iterator[Disk]:
    """Mounts one where every user may reach it; skips the test where that is not allowed."""
    root = Path(tempfile.mkdtemp(prefix="pb-disk-"))
    root.chmod(0o755)
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", root], check=True,
                       capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        root.rmdir()
        pytest.skip("no file system may be mounted here")
    try:
        yield Disk(root)
    finally:
        subprocess.run(["umount", "--lazy", root], check=True)
        root.rmdir()
