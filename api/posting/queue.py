"""Group commit: requests that post to one partnership at the same time share a transaction.

Each partnership has a lane. A batch sets out as soon as the event loop has read all that has come: a lone caller does
not wait for company, and of many who come at once none is left behind. Whoever comes while a batch is under way goes
with the next. Every caller is answered by itself, once its batch is committed. Several server processes have lanes of
their own, and the lock of the books puts these in order.

A batch that fails leaves nothing: its requests then go the ordinary way, each in a transaction of its own, so that
nobody's fault is anybody else's. Only where the connection breaks is it unknown whether all was kept; then everybody
hears so, as they would alone, and repeats under the same idempotency key.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.posting.batch import Answered, Asked, Known, post_together
from ledger.constraints import translated
from ledger.errors import NOWHERE, PoolbookError
from ledger.refusals import DatabaseLost, IdempotencyKeyReused, ReferenceReused

WRITERS = 6  # batches under way at the same time, in this process; the lanes take turns
MOST_REQUESTS, MOST_ENTRIES = 256, 2_000  # in one batch
QUIET = 4  # turns of the event loop that bring nobody before all have come: tens of microseconds when it is idle
MOST_KNOWN = 100  # partnerships of which it is remembered what stands
LOG = logging.getLogger("poolbook")
Outcome = Answered | PoolbookError | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    asked: Asked
    future: asyncio.Future[Answered | None]


@dataclass(frozen=True, slots=True)
class _Lane:
    """Who waits in one event loop to post to one partnership, and who sends them off; only that loop looks at it."""

    waiting: deque[_Waiting]
    task: asyncio.Task[None]


class PostingQueue:
    """The lanes of one server process."""

    def __init__(self, engine: Engine, secret: bytes) -> None:
        self._engine, self._secret = engine, secret
        self._lanes: dict[tuple[asyncio.AbstractEventLoop, str], _Lane] = {}
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="poolbook-posting")

    async def post(self, partnership: str, asked: Asked) -> Answered | None:
        """The answer, once the entries are committed; None if the request must go the ordinary way, alone."""
        if self._closed:
            return None
        loop = asyncio.get_running_loop()
        one = _Waiting(asked, loop.create_future())
        lane = self._lanes.get((loop, partnership))
        if lane is None:
            waiting = deque([one])
            self._lanes[loop, partnership] = _Lane(waiting, loop.create_task(self._work(partnership, waiting)))
        else:
            lane.waiting.append(one)
        return await one.future

    async def close(self) -> None:
        """Takes nobody in any more, and returns once all who wait have been answered."""
        self._closed = True
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(lane.task for (of, _), lane in list(self._lanes.items()) if of is loop))
        await asyncio.to_thread(self._writers.shutdown)

    async def _work(self, partnership: str, waiting: deque[_Waiting]) -> None:
        """Sends off batch after batch while somebody comes."""
        loop = asyncio.get_running_loop()
        try:
            while await company(waiting):
                if some := _batch(waiting):
                    asked = [one.asked for one in some]
                    _tell(some, await loop.run_in_executor(self._writers, self._write, partnership, asked))
        finally:
            del self._lanes[loop, partnership]

    def _write(self, partnership: str, asked: Sequence[Asked]) -> Sequence[Outcome]:
        """One transaction; every outcome is known when it returns, and the transaction is over."""
        try:
            conn = self._engine.connect()
        except (DBAPIError, PoolTimeout):
            return [None] * len(asked)
        with conn:
            return self._outcomes(partnership, asked, conn)

    def _outcomes(self, partnership: str, asked: Sequence[Asked], conn: Connection) -> Sequence[Outcome]:
        """Most entries are new, so nothing is looked up for those that are not.

        Where the database meets one, all is begun again with a look at what is there.
        """
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


async def company(waiting: Sized) -> bool:
    """Whether somebody waits, once the event loop has read all that has come."""
    there, quiet = len(waiting), 0
    while quiet < QUIET and there < MOST_REQUESTS:
        await asyncio.sleep(0)
        quiet = 0 if len(waiting) > there else quiet + 1
        there = len(waiting)
    return there > 0


def _batch(waiting: deque[_Waiting]) -> list[_Waiting]:
    """Those who go next, without those who have gone away."""
    some: list[_Waiting] = []
    entries = 0
    while waiting and len(some) < MOST_REQUESTS and entries < MOST_ENTRIES:
        one = waiting.popleft()
        if not one.future.cancelled():
            some.append(one)
            entries += len(one.asked.sent)
    return some


def _tell(some: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    """Wakes the callers that are still there."""
    for one, outcome in zip(some, outcomes, strict=True):
        if one.future.done():
            continue
        if isinstance(outcome, PoolbookError):
            one.future.set_exception(outcome)
        else:
            one.future.set_result(outcome)
