"""Group commit: requests that post to one partnership at the same time share a transaction, and none waits for more.

Each partnership has a lane. Whoever finds it empty starts a writer, at once; whoever comes while the writer is at work
waits and goes with the next batch. Every caller is answered by itself, once its batch is committed. Several server
processes have a writer each, and the lock of the books puts these in order.

A batch that fails leaves nothing: its requests then go the ordinary way, each in a transaction of its own, so that
nobody's fault is anybody else's. Only where the connection breaks is it unknown whether all was kept; then everybody
hears so, as they would alone, and repeats under the same idempotency key.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.posting_batch import Answered, Asked, Known, post_together
from ledger.constraints import translated
from ledger.errors import NOWHERE, PoolbookError
from ledger.refusals import DatabaseLost, IdempotencyKeyReused, ReferenceReused

WRITERS = 6  # lanes at work at the same time, in this process
MOST_REQUESTS, MOST_ENTRIES = 256, 2_000  # in one batch
TURN = 32  # batches of one lane before another that waits has its turn
MOST_KNOWN = 100  # partnerships of which it is remembered what stands
LOG = logging.getLogger("poolbook")
Outcome = Answered | PoolbookError | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    asked: Asked
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Answered | None]


class PostingQueue:
    """The lanes of one server process."""

    def __init__(self, engine: Engine, secret: bytes) -> None:
        self._engine, self._secret = engine, secret
        self._lanes: dict[str, deque[_Waiting]] = {}  # a lane is there while a writer is at work on it
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="poolbook-posting")

    async def post(self, partnership: str, asked: Asked) -> Answered | None:
        """The answer, once the entries are committed; None if the request must go the ordinary way, alone."""
        loop = asyncio.get_running_loop()
        one = _Waiting(asked, loop, loop.create_future())
        return await one.future if self._join(partnership, one) else None

    def at_work(self, partnership: str) -> bool:
        """Whether a batch is under way, and nobody waits before it."""
        with self._lock:
            lane = self._lanes.get(partnership)
            return lane is not None and not lane

    def waiting(self, partnership: str) -> int:
        """How many wait for the batch under way to end."""
        with self._lock:
            return len(self._lanes.get(partnership, ()))

    def close(self) -> None:
        """Takes nobody in any more, and returns once all who wait have been answered."""
        with self._lock:
            self._closed = True
        self._writers.shutdown()

    def _join(self, partnership: str, one: _Waiting) -> bool:
        with self._lock:
            lane = self._lanes.get(partnership)
            if lane is not None:
                lane.append(one)
                return True
            if self._closed:
                return False
            self._lanes[partnership] = deque([one])
            self._writers.submit(self._work, partnership)
            return True

    def _work(self, partnership: str) -> None:
        """Writes batch after batch while somebody waits, over one connection as long as that holds."""
        conn: Connection | None = None
        try:
            for _ in range(TURN):
                some = self._take(partnership)
                if not some:
                    return
                conn = self._connected(conn)
                _tell(some, self._write(partnership, [one.asked for one in some], conn))
        finally:
            if conn is not None:
                conn.close()
        self._go_on(partnership)

    def _connected(self, conn: Connection | None) -> Connection | None:
        """The connection, or another one where it was lost; None where there is none to be had."""
        if conn is not None and not conn.invalidated and not conn.closed:
            return conn
        if conn is not None:
            conn.close()
        try:
            return self._engine.connect()
        except (DBAPIError, PoolTimeout):
            return None

    def _go_on(self, partnership: str) -> None:
        """The lane queues up behind others for a writer; when the server stops, it is finished first."""
        with self._lock:
            closed = self._closed
            if not closed:
                self._writers.submit(self._work, partnership)
        if closed:
            self._work(partnership)

    def _take(self, partnership: str) -> list[_Waiting]:
        """The next batch, without those who have gone away; the lane ends where nobody waits."""
        some: list[_Waiting] = []
        entries = 0
        with self._lock:
            lane = self._lanes[partnership]
            while lane and len(some) < MOST_REQUESTS and entries < MOST_ENTRIES:
                one = lane.popleft()
                if not one.future.cancelled():
                    some.append(one)
                    entries += len(one.asked.sent)
            if not some:
                del self._lanes[partnership]
        return some

    def _write(self, partnership: str, asked: Sequence[Asked], conn: Connection | None) -> Sequence[Outcome]:
        """One transaction; every outcome is known when it returns, and the transaction is over.

        Most entries are new, so nothing is looked up for those that are not; where the database meets one, all is
        begun again with a look at what is there.
        """
        if conn is None:
            return [None] * len(asked)
        outcome: Outcome = None
        for new in (True, False):
            try:
                return self._written(partnership, asked, conn, new=new)
            except (ReferenceReused, IdempotencyKeyReused):
                continue
            except DatabaseLost as fault:  # perhaps after the commit
                outcome = fault.at(NOWHERE)
                break
            except PoolbookError:
                break
            except Exception as error:
                LOG.warning("Posts failed together and are made one by one", exc_info=error)
                break
        self._remember(partnership, None)
        return [outcome] * len(asked)

    def _written(self, partnership: str, asked: Sequence[Asked], conn: Connection, *, new: bool) -> Sequence[Outcome]:
        """Raises whatever keeps all of it from being kept."""
        with translated(), conn.begin():
            found, known = post_together(conn, self._secret, partnership, asked, self._known.get(partnership), new=new)
        self._remember(partnership, known)
        return found

    def _remember(self, partnership: str, known: Known | None) -> None:
        with self._lock:
            self._known.pop(partnership, None)
            if known is not None:
                self._known[partnership] = known
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)


def _tell(some: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    """Wakes the callers, each in its own event loop; one that has ended has nobody to wake."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Outcome]]] = {}
    for one, outcome in zip(some, outcomes, strict=True):
        by_loop.setdefault(one.loop, []).append((one, outcome))
    for loop, pairs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, pairs)
        except RuntimeError:
            LOG.info("Nobody waits any more for %s answers", len(pairs))


def _settle(pairs: Sequence[tuple[_Waiting, Outcome]]) -> None:
    for one, outcome in pairs:
        if one.future.done():
            continue
        if isinstance(outcome, PoolbookError):
            one.future.set_exception(outcome)
        else:
            one.future.set_result(outcome)
