"""Runs the HTTP interface under uvicorn; a new embedded ledger is made, any other database must be up to date."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from sqlalchemy import make_url

from api import logs
from api.database import connect, migrate, needs_migration
from api.refusals import AddressUnusable, DatabaseNotReady
from api.settings import Settings
from ledger.foreign import foreign

SWITCH = 0.0002  # seconds after which a thread that waits for its turn gets it; by default 25 times that
"""A writer goes to the database a dozen times for a batch, and each time would wait for those who read requests."""


def run(settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves until it is told to stop. Refuses a database that is of another version, before it listens."""
    import uvicorn

    from api import looking
    from api.app import create_app

    prepare(settings)
    looking.check(settings)
    check_address(host, port)
    sys.setswitchinterval(SWITCH)
    logs.configure(settings.log_level, settings.log_format, (*logs.QUIET, "alembic"))  # which /ready would wake
    uvicorn.run(create_app(settings), host=host, port=port, server_header=False, access_log=False, log_config=None)


def check_address(host: str, port: int) -> None:
    """Refuses an address at which the server could not listen, before it says that it has started."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as error:
        said = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise AddressUnusable(host=host, port=port, fault=foreign(said or str(error))) from None


def prepare(settings: Settings) -> None:
    """Makes an SQLite file that is not there yet; refuses any other database that is not up to date."""
    url = make_url(settings.database)
    engine = connect(settings.database)
    try:
        if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
            migrate(engine)
        elif needs_migration(engine):
            raise DatabaseNotReady(database=url.render_as_string(hide_password=True))
    finally:
        engine.dispose()
