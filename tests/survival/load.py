"""A client that works without pause: posts, events, reversals, closes, reopenings, new versions, and retries of them.

What it asks and what it is answered is told to whoever watches, each before and after the request, so that nothing
need be remembered by the client, which may be killed at any moment.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tests.survival import scene

QUARTERS = {"FY2024-Q1": "2024-05-", "FY2024-Q2": "2024-08-", "FY2024-Q3": "2024-11-", "FY2024-Q4": "2025-02-"}


class Client(Protocol):
    """What httpx's client and the one within the process have in common."""

    def request(self, method: str, url: str, *, content: bytes, headers: dict[str, str]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: under which key it is repeated, and which entries (kind and reference) it makes, all or none."""

    key: str
    method: str
    path: str
    content_type: str
    body: bytes
    makes: tuple[tuple[str, str], ...] = ()

    def send(self, client: Client, bearer: str) -> Answer:
        found = client.request(self.method, f"{scene.PATH}{self.path}", content=self.body, headers={
            "Authorization": f"Bearer {bearer}", "Idempotency-Key": self.key, "Content-Type": self.content_type})
        return Answer(self.key, found.status_code, found.content, "idempotency-replayed" in found.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    key: str
    status: int
    body: bytes
    replayed: bool

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        return json.loads(self.body)


Tell = Callable[[Ask | Answer], None]


class Load:
    """The requests of one client, one after the other, drawn from its own randomness."""

    def __init__(self, client: Client, bearer: str, name: str, rng: random.Random, tell: Tell) -> None:
        self.client, self.bearer, self.name, self.rng, self.tell = client, bearer, name, rng, tell
        self.count = 0
        self.waited = 0  # answers of 503
        self.done: list[tuple[Ask, Answer]] = []
        self.mine: list[tuple[int, str]] = []  # number and period of journal entries that may be reversed

    def once(self) -> Answer:
        """One request, chosen at random; a tenth of them repeat an earlier one, which must be answered as before."""
        if self.done and self.rng.random() < 0.1:
            return self._again()
        return self.asks(self._draw())

    def asks(self, ask: Ask) -> Answer:
        """This request and no other."""
        self.tell(ask)
        answer = self._patiently(ask)
        self.tell(answer)
        if answer.done:
            self.done.append((ask, answer))
            self._note(ask, answer)
        return answer

    def _again(self) -> Answer:
        ask, first = self.rng.choice(self.done)
        again = self._patiently(ask)
        assert (again.status, again.body, again.replayed) == (first.status, first.body, True), (ask, first, again)
        return again

    def _patiently(self, ask: Ask) -> Answer:
        """Asks under the same key until there is an answer. 503 is none: the database may have gone, and comes back."""
        while (answer := ask.send(self.client, self.bearer)).status == 503:
            self.waited += 1
            time.sleep(0.02)
        return answer

    def _note(self, ask: Ask, answer: Answer) -> None:
        if ask.path == "/entries":
            period = json.loads(ask.body)[0]["date"]
            self.mine += [(one["id"], period) for one in answer.data["entries"]]

    def _draw(self) -> Ask:
        self.count += 1
        kinds = {"entries": 50, "events": 24, "reversal": 8 if self.mine else 0, "close": 9, "reopen": 6, "version": 3}
        kind = self.rng.choices(list(kinds), list(kinds.values()))[0]
        ask: Ask = getattr(self, f"_{kind}")(f"{self.name}-{self.count}")
        return ask

    def _day(self) -> str:
        return self.rng.choices(list(QUARTERS.values()), (1, 2, 3, 14))[0] + f"{self.rng.randint(1, 28):02}"

    def _entries(self, key: str) -> Ask:
        day, count = self._day(), self.rng.choice((1, 1, 1, 2, 6))
        sent = []
        for n in range(count):
            amount = self.rng.randint(1, 99_999)
            sent.append({"date": day, "reference": f"{key}/{n}", "memo": "By hand", "postings": [
                {"account": "expenses:beds", "amount": f"{amount / 100:.2f}"},
                {"account": "liabilities:providers", "amount": f"{-amount / 100:.2f}"}]})
        return _json(key, "/entries", sent, tuple(("journal", str(one["reference"])) for one in sent))

    def _events(self, key: str) -> Ask:
        day, count = self._day(), self.rng.randint(1, 5)
        events = [{"date": day, "event": "expenditure", "service": "respite", "reference": f"{key}/{n}",
                   "amount": f"{self.rng.randint(1, 99_999) / 100:.2f}"} for n in range(count)]
        return _json(key, "/events", events, tuple(("expenditure", one["reference"]) for one in events))

    def _reversal(self, key: str) -> Ask:
        number, day = self.mine.pop(self.rng.randrange(len(self.mine)))
        sent = {"date": max(day, "2025-02-28"), "reference": key}
        return _json(key, f"/entries/{number}/reversal", sent, (("reversal", key),))

    def _close(self, key: str) -> Ask:
        return Ask(key, "POST", f"/periods/{self.rng.choice(list(QUARTERS)[:3])}/close", "application/json", b"")

    def _reopen(self, key: str) -> Ask:
        return _json(key, f"/periods/{self.rng.choice(list(QUARTERS)[:3])}/reopen", {"reason": f"correction {key}"})

    def _version(self, key: str) -> Ask:
        text = scene.agreement(self.rng.randrange(9_000, 10_001))
        return Ask(key, "PUT", "/agreement", "application/yaml", text.encode())


def _json(key: str, path: str, sent: object, makes: tuple[tuple[str, str], ...] = ()) -> Ask:
    return Ask(key, "POST", path, "application/json", json.dumps(sent).encode(), makes)
