"""A real `poolbook serve` in a process of its own, and clients that work over the network until it is gone."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

import httpx

from tests.survival import scene
from tests.survival.load import Answer, Ask, Load


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`poolbook serve` over one database."""

    def __init__(self, database: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = scene.settings(database)
        environment = {**os.environ, **{one.metadata["variable"]: str(getattr(given, one.name))
                                        for one in fields(given) if getattr(given, one.name) != one.default}}
        command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        """Until it answers that it is ready."""
        while True:
            assert self.process.poll() is None, "the server ended by itself"
            try:
                if httpx.get(f"{self.url}/ready").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def served(database: str) -> Iterator[Server]:
    """A server that answers; gone when the context ends, if it was not killed before."""
    server = Server(database)
    try:
        server.wait()
        yield server
    finally:
        server.kill()


class Caller:
    """One client in a thread, over the network; it stops when the server does not answer any more."""

    def __init__(self, url: str, bearer: str, name: str, seed: int) -> None:
        self.told: list[Ask | Answer] = []
        self._fault: Exception | None = None
        self._client = httpx.Client(base_url=url, timeout=60)
        self._load = Load(self._client, bearer, name, random.Random(seed), self.told.append)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            while True:
                self._load.once()
        except httpx.TransportError:
            pass
        except Exception as fault:
            self._fault = fault

    def ended(self) -> list[Ask | Answer]:
        """What it had told when the server was gone."""
        self._thread.join()
        self._client.close()
        if self._fault is not None:
            raise self._fault
        return self.told
