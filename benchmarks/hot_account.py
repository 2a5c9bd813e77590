"""Posts that all touch one bank account beside the same posts spread over many: does a hot account hold callers up?

`python -m benchmarks.hot_account [--clients 8] [--posts 60] [--runs 5]` on a PostgreSQL that commits durably. Each post
is an entry of two postings. Each client is a process, so that callers do meet in the database:

- alone: each client posts its entries one at a time, with a commit each (`ledger.service.post`);
- together: so many callers' entries a commit, as a server gathers those that come at the same time
  (`ledger.posting.together`).

Both take turns, hot and spread. Where a running balance were a row that callers queue on, hot would be far slower.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable
from itertools import count
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from sqlalchemy import Engine

from api.database import connect
from benchmarks.bulk_posting import NOW, START, fresh_books, fresh_postgresql
from ledger import posting, service, store
from ledger.model import Book, Entry, Posting
from tests import postgres

ACCOUNTS = 400
SPREAD = tuple(f"assets:bank:{n}" for n in range(ACCOUNTS))
EACH = tuple(f"expenses:cost-{n}" for n in range(ACCOUNTS))


def payment(reference: str, n: int, *, hot: bool) -> Entry:
    """A cost of its own among many, paid from the one bank account or from one of many."""
    bank = "assets:bank:core" if hot else SPREAD[n % ACCOUNTS]
    return Entry("payment", START + dt.timedelta(days=n % 360), reference, "Payment", (
        Posting(EACH[n % ACCOUNTS], 1000 + n, "core"), Posting(bank, -1000 - n, "core")))


def client(url: str, name: str, first: int, posts: int, hot: bool, ready: Barrier) -> None:
    """One client's posts, one at a time; the others begin once all clients have made their first."""
    engine = connect(url)
    with engine.begin() as conn:
        book = store.books(conn)[0]
    for n in range(first, first + posts):
        with engine.begin() as conn:
            service.post(conn, book, [payment(f"{name}-{n}", n, hot=hot)], NOW)
        if n == first:
            ready.wait()
    engine.dispose()


def alone(engine: Engine, run: str, clients: int, posts: int, *, hot: bool) -> float:
    """Posts a second of clients that each have a commit of their own."""
    processes = get_context("spawn")
    ready = processes.Barrier(clients + 1)
    url = engine.url.render_as_string(hide_password=False)
    started = [processes.Process(target=client, args=(url, run, n * posts, posts, hot, ready)) for n in range(clients)]
    for one in started:
        one.start()
    ready.wait()
    began = time.perf_counter()
    for one in started:
        one.join()
    assert all(one.exitcode == 0 for one in started), "a client failed"
    return clients * (posts - 1) / (time.perf_counter() - began)


def together(engine: Engine, book: Book, run: str, clients: int, posts: int, *, hot: bool) -> float:
    """Posts a second of a writer that takes all clients' entries of the moment into one commit."""
    number, stands = count(), None
    began = time.perf_counter()
    for _ in range(posts):
        asked = [[payment(f"{run}-{n}", n, hot=hot)] for n in (next(number) for _ in range(clients))]
        with engine.begin() as conn:
            store.lock(conn, book)
            stands = stands or posting.standing(conn, book, store.last_batch(conn, book))
            _, after = posting.together(conn, book, asked, stands).write(conn, NOW)
        stands = after
    return clients * posts / (time.perf_counter() - began)


def compare(engine: Engine, clients: int, posts: int, runs: int) -> None:
    """Hot and spread by turns, both ways, and what they say; each run's posts are counted."""
    book = fresh_books(engine, *SPREAD, *EACH)
    ways: dict[str, Callable[[str, bool], float]] = {
        "a commit each": lambda run, hot: alone(engine, run, clients, posts, hot=hot),
        "a commit for all": lambda run, hot: together(engine, book, run, clients, posts * 4, hot=hot)}
    for way, work in ways.items():
        rates: dict[bool, list[float]] = {True: [], False: []}
        work(f"{way} warm", True)
        for turn in range(runs):
            for hot in (True, False):
                rates[hot].append(work(f"{way} {turn} {'hot' if hot else 'spread'}", hot))
        hot_rate, spread = (statistics.median(rates[hot]) for hot in (True, False))
        print(f"hot account, {clients} clients, {way}: {hot_rate:,.0f}/s on one bank account beside {spread:,.0f}/s on "
              f"{ACCOUNTS}: ratio {hot_rate / spread:.2f}", flush=True)
    expected = clients * posts * (2 * runs + 1) * 5
    with engine.begin() as conn:
        assert store.head(conn, book).entries == expected, (store.head(conn, book).entries, expected)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--posts", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with postgres.server(()) as server, fresh_postgresql(server) as engine:
        compare(engine, given.clients, given.posts, given.runs)


if __name__ == "__main__":
    main()
