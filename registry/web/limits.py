"""Limits on guessing passwords, shared by all workers in the table `login_failures`; and on systems.

They count a log-in name *from one address*, and an address; never a name alone, or a stranger
could lock an officer out.  Names are kept as hashes: people type passwords into the wrong box.
"""

import ipaddress
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import delete, func, select

from keys.layout import sha256
from registry.db import Database
from registry.errors import RegistryError
from registry.models import LoginFailure

WINDOW = timedelta(minutes=15)
MOST_OF_PAIR = 5
MOST_OF_ADDRESS = 30
# What systems may ask in a minute, in each process: with a key, and from an address with or without one.
MOST_OF_KEY = 300
MOST_OF_CALLER = 600


class TooManyTries(RegistryError):
    """Too many failures lately; `seconds` says how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that counts as failed until it is forgiven."""

    keys: tuple[str, ...]
    ids: tuple[int, ...]


class KeyLimits:
    """Counts what systems ask, a minute at a time; guessing 256 bits is hopeless, so no table is needed."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count_address(self, address: str) -> None:
        """Count a request from an address, before its key is looked at; raises `TooManyTries`."""
        self._count(RateLimitItemPerMinute(MOST_OF_CALLER, namespace="address"), _network(address))

    def count_key(self, key: str) -> None:
        """Count a request with a key; raises `TooManyTries`."""
        self._count(RateLimitItemPerMinute(MOST_OF_KEY, namespace="key"), key)

    def _count(self, item: RateLimitItemPerMinute, who: str) -> None:
        if not self._limiter.hit(item, who):
            reset = self._limiter.get_window_stats(item, who).reset_time
            raise TooManyTries(max(1, round(reset - time.time())))


def begin_attempt(database: Database, login: str, address: str, *, at: datetime) -> Attempt:
    """Count a try before the password is looked at; raises `TooManyTries` beyond the limits.

    It is committed first and counted afterwards, so of many at once no more than the limit pass.
    """
    limits = _limits(login, address)
    with database.writing.begin() as session:
        session.execute(delete(LoginFailure).where(LoginFailure.at < at - WINDOW))
        rows = [LoginFailure(key=key, at=at) for key in limits]
        session.add_all(rows)
        session.flush()
        attempt = Attempt(tuple(limits), tuple(row.id for row in rows))
    with database.reading() as session:
        for key, most in limits.items():
            recent = (LoginFailure.key == key, LoginFailure.at >= at - WINDOW)
            count, oldest = session.execute(
                select(func.count(), func.min(LoginFailure.at)).where(*recent)
            ).one()
            if count > most:
                wait = oldest + WINDOW - at
                _forget(database, attempt)
                raise TooManyTries(max(1, round(wait.total_seconds())))
    return attempt


def forgive(database: Database, attempt: Attempt) -> None:
    """Take back a try that succeeded, and the failures of the same name from the same address."""
    _forget(database, attempt)
    with database.writing.begin() as session:
        session.execute(delete(LoginFailure).where(LoginFailure.key == attempt.keys[0]))


def _forget(database: Database, attempt: Attempt) -> None:
    # What was refused does not count again, so waiting helps.
    with database.writing.begin() as session:
        session.execute(delete(LoginFailure).where(LoginFailure.id.in_(attempt.ids)))


def _limits(login: str, address: str) -> dict[str, int]:
    network = _network(address)
    pair = sha256(f"{login}\n{network}".encode("utf-8", "surrogatepass")).hex()
    return {f"pair:{pair}": MOST_OF_PAIR, f"address:{network}": MOST_OF_ADDRESS}


def _network(address: str) -> str:
    # Who has one IPv6 address has the 2^64 beside it.
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
