"""Writes the messages of refused files, and docs/errors.md, anew: `python -m tests.errors.renew`.

Read the difference before committing.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from api.database import connect, migrate
from tests.errors import cases
from tests.errors.page import PAGE, page
from tests.errors.test_catalogue import CLASSES, RAISED, raised


def main() -> None:
    """Tries every file on a fresh database and keeps what is printed; says which files were not refused."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'books.db'}")
        migrate(engine)
        for paths, attempt in ((cases.AGREEMENTS, cases.try_agreement), (cases.EVENTS, cases.try_events)):
            for path in paths:
                with engine.connect() as conn:
                    tried = attempt(conn, path)
                if tried.printed:
                    cases.golden(path).write_text(tried.printed, encoding="utf-8")
                else:
                    cases.golden(path).unlink(missing_ok=True)
                    print(f"not refused: {path.name}")
        engine.dispose()
    RAISED.write_text(raised(), encoding="utf-8")
    PAGE.write_text(page(CLASSES, raised()), encoding="utf-8")


if __name__ == "__main__":
    main()
