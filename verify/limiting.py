"""Limits against harvest, one address and one process at a time; scans are never limited.

Phones share addresses behind their carrier, so the figures are generous; the servers in front
have limits of their own.
"""

import ipaddress
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from verify.problems import Problem

_V6_NETWORK = 64


class Limits:
    """Counts requests by purpose and address; nothing of a request is kept but that."""

    def __init__(self, **purposes: str) -> None:
        self._items: dict[str, RateLimitItem] = {name: parse(text) for name, text in purposes.items()}
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, purpose: str, address: str | None) -> None:
        """Count one request; raises the problem `too_many` with the seconds to wait."""
        item, who = self._items[purpose], _network(address)
        if not self._limiter.hit(item, purpose, who):
            reset = self._limiter.get_window_stats(item, purpose, who).reset_time
            raise Problem("too_many", seconds=max(1, round(reset - time.time())))


def _network(address: str | None) -> str:
    """The address, of version 6 the network that one customer has."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _V6_NETWORK), strict=False))
    return str(parsed)
