"""The least that a server in Python does: it reads posts, puts those that come together into one commit, and answers.

It parses JSON and no more: it checks nothing, hashes nothing, logs nothing, and knows no key, agreement, account or
period. Under the server that `poolbook serve` runs under, it says what HTTP, the event loop and the driver leave of the
machine's limit, whatever one does.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
from starlette.types import Receive, Scope, Send

from api.posting.queue import company
from tests.survival.server import free_port

ENTRIES = """INSERT INTO raw_entry SELECT 1, n, 1, 'journal', '2024-05-14', 202401, ref, memo, '', NULL, NULL, 2, hash
  FROM unnest(%s::int8[], %s::text[], %s::text[], %s::bytea[]) AS given(n, ref, memo, hash)"""
POSTINGS = """INSERT INTO raw_posting SELECT 1, n, line, account, amount, '', 0
  FROM unnest(%s::int8[], %s::int4[], %s::int4[], %s::int8[]) AS given(n, line, account, amount)"""
URL = "POOLBOOK_LEAST_URL"


class Least:
    """The application, with who waits and the one connection."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[dict[str, Any], asyncio.Future[bytes]]] = deque()
        self.task: asyncio.Task[None] | None = None
        self.conn: psycopg.Connection | None = None
        self.last = time.time_ns() // 1000  # above all numbers that others have given

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        if body:
            answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self.waiting.append((json.loads(body), answered))
            self.task = self.task or asyncio.create_task(self._work())
            body = await answered
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _work(self) -> None:
        while await company(self.waiting):
            some, self.waiting = list(self.waiting), deque()
            answers = await asyncio.to_thread(self._write, [given for given, _ in some])
            for (_, answered), answer in zip(some, answers, strict=True):
                answered.set_result(answer)
        self.task = None

    def _write(self, given: list[dict[str, Any]]) -> list[bytes]:
        self.conn = self.conn or psycopg.connect(os.environ[URL], autocommit=True, prepare_threshold=0)
        numbers = range(self.last + 1, self.last + len(given) + 1)
        self.last += len(given)
        postings = [(number, line, line - 1, round(float(one["amount"]) * 100)) for number, entry in
                    zip(numbers, given, strict=True) for line, one in enumerate(entry["postings"], 1)]
        with self.conn.pipeline(), self.conn.transaction():
            self.conn.execute(ENTRIES, (list(numbers), [one["reference"] for one in given],
                                        [one["memo"] for one in given], [bytes(32)] * len(given)))
            self.conn.execute(POSTINGS, tuple(list(column) for column in zip(*postings, strict=True)))
        return [b'{"posted":1,"entries":[{"id":%d,"reference":"%s"}]}' % (number, one["reference"].encode())
                for number, one in zip(numbers, given, strict=True)]


app = Least()


@contextmanager
def least(url: str) -> Iterator[str]:
    """Where such a server answers, over a database that has the plain tables; gone when the context ends."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.least_server:app", "--port", str(port), "--lifespan", "off",
               "--no-access-log", "--log-level", "error"]
    process = subprocess.Popen(command, env={**os.environ, URL: url}, stdin=subprocess.DEVNULL)
    try:
        there = f"http://127.0.0.1:{port}"
        while True:
            assert process.poll() is None, "the server ended by itself"
            try:
                httpx.get(there)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield there
    finally:
        process.kill()
        process.wait()
