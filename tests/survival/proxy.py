"""A TCP proxy that loses requests or replies at random: it breaks the connection before passing them on."""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Listens on a port and passes on to `upstream` (a host and port, or a socket's path), when it does not fail.

    `loss` is the chance, for each piece of data that arrives, that the connection breaks instead, in the direction
    that `rng` says; set it to 0 for peace.
    """

    upstream: tuple[str, int] | str
    rng: random.Random
    loss: float = 0.0
    lost: dict[str, int] = field(default_factory=lambda: {"request": 0, "reply": 0})
    _listener: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _dial(self) -> socket.socket:
        if isinstance(self.upstream, tuple):
            return socket.create_connection(self.upstream)
        found = socket.socket(socket.AF_UNIX)
        found.connect(self.upstream)
        return found

    def _serve(self, client: socket.socket) -> None:
        try:
            server = self._dial()
        except OSError:
            client.close()
            return
        ends = {client: ("request", server), server: ("reply", client)}
        with client, server, selectors.DefaultSelector() as waiting, contextlib.suppress(OSError):
            for end in ends:
                waiting.register(end, selectors.EVENT_READ)
            while True:
                for ready, _ in waiting.select():
                    assert isinstance(ready.fileobj, socket.socket)
                    what, other = ends[ready.fileobj]
                    data = ready.fileobj.recv(1 << 16)
                    if data and self.rng.random() < self.loss:
                        self.lost[what] += 1
                        return
                    if not data:
                        return
                    other.sendall(data)


@contextmanager
def proxied(upstream: tuple[str, int] | str, rng: random.Random) -> Iterator[Proxy]:
    proxy = Proxy(upstream, rng)
    try:
        yield proxy
    finally:
        proxy.close()
