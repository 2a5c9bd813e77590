"""How much a request may bring, and how often somebody may ask.

A bucket of requests for each API key, and one for each network address without one. A bucket holds a minute's worth
and fills steadily. A key that has not been found good yet draws from its address's bucket, so that made-up keys are as
slow to try as none; nothing here asks the database. The counts live in this process: several processes allow as many
times the rate.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_LINES = 100_000  # of a CSV file in one request; on the command line a file may be longer
LEAST_BYTES_A_PART = 10  # a JSON body has at most a comma or an opening bracket for every so many bytes allowed
MOST_LISTED = 10_000  # faults of a JSON body that are looked at one by one
MOST_ADDRESSES = 10_000  # buckets kept; the one not used for longest is forgotten
MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """Token buckets by name, all of one rate, at most so many of them."""

    def __init__(self, rate: int, most: int = MOST_ADDRESSES, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.most, self.clock = rate, most, clock
        self.known: OrderedDict[str, _Bucket] = OrderedDict()
        self.lock = threading.Lock()

    def draw(self, name: str) -> float:
        """Takes one request out; 0 when there was one, else the seconds until there is."""
        with self.lock:
            now = self.clock()
            bucket = self.known.setdefault(name, _Bucket(float(self.rate), now))
            bucket.tokens = min(float(self.rate), bucket.tokens + (now - bucket.at) * self.rate / MINUTE)
            bucket.at = now
            self.known.move_to_end(name)
            if len(self.known) > self.most:
                self.known.popitem(last=False)
            if bucket.tokens < 1:
                return (1 - bucket.tokens) * MINUTE / self.rate
            bucket.tokens -= 1
            return 0


class Rates:
    """Who may ask now: by key once it was found good, else by address."""

    def __init__(self, key_rate: int, address_rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.keys, self.addresses = Buckets(key_rate, clock=clock), Buckets(address_rate, clock=clock)
        self.good: OrderedDict[str, None] = OrderedDict()

    def wait(self, bearer: str, address: str) -> tuple[str, int, int]:
        """Who asks, at which rate it may, and how many seconds it must wait: 0 if it need not."""
        name = _digest(bearer)
        if bearer and name in self.good:
            return "this key or sign-in", self.keys.rate, math.ceil(self.keys.draw(name))
        return "this network address", self.addresses.rate, math.ceil(self.addresses.draw(network(address)))

    def found_good(self, bearer: str) -> None:
        """The key was found good: from now on it has a bucket of its own."""
        self.good[_digest(bearer)] = None
        while len(self.good) > self.keys.most:
            self.good.popitem(last=False)

    def found_wrong(self, bearer: str) -> None:
        """The key was refused (it may have been revoked): it counts as unknown again."""
        self.good.pop(_digest(bearer), None)


def network(address: str) -> str:
    """The network that one caller commands: an IPv4 address, or the 64 bits that an IPv6 caller is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)


def _digest(bearer: str) -> str:
    """A key as it is remembered here: never itself."""
    return hashlib.sha256(bearer.encode("utf-8", "surrogateescape")).hexdigest()
