"""A process that opens the database itself and works without pause; made to be killed.

It runs the whole HTTP application without the network, so that a request takes the way that every request takes. A
process is forked from one that has imported everything, which is a hundred times cheaper than a new one.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
from multiprocessing.connection import Connection as Pipe
from typing import Any

from fastapi.testclient import TestClient

from tests.survival import scene
from tests.survival.load import Answer, Ask, Load

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def work(url: str, bearer: str, name: str, seed: int, pipe: Pipe) -> None:
    """Asks for one thing after the other until it is killed; tells each down the pipe, in one write."""
    with TestClient(scene.app(url), raise_server_exceptions=False) as client:  # type: ignore[arg-type]
        load = Load(client, bearer, name, random.Random(seed), pipe.send)
        load.once()  # imports what is imported late, and opens the database
        pipe.send("ready")
        while True:
            load.once()


class Worker:
    """A process at work, and what it has told."""

    def __init__(self, url: str, bearer: str, name: str, seed: int) -> None:
        self.told: list[Ask | Answer] = []
        self.ready = threading.Event()
        self._pipe, theirs = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=work, args=(url, bearer, name, seed, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        try:
            while True:
                told: Any = self._pipe.recv()
                if told == "ready":
                    self.ready.set()
                else:
                    self.told.append(told)
        except (EOFError, OSError):  # killed, perhaps in the middle of a word
            self.ready.set()

    def kill(self) -> list[Ask | Answer]:
        """kill -9; answers what it had told until then."""
        alive = self._process.is_alive()
        self._process.kill()
        self._listening.join()
        self._process.join()
        self._pipe.close()
        assert alive, f"the worker ended by itself, having told {self.told[-2:]}"
        return self.told
