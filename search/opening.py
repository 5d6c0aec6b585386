"""The index that a process asks: the cluster where there is one, behind it the embedded file."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from search.errors import SearchAway
from search.fts import FtsIndex
from search.query import SearchPage, SearchQuery
from search.settings import ClusterSettings

_FAILURES = 3  # In a row, before the cluster is left alone.
_PAUSE_SECONDS = 2.0
_Answer = TypeVar("_Answer")


class SearchIndex(Protocol):
    """What a page asks.  Threads may share it."""

    def cursor(self) -> int:
        """The log size that the index reflects; raises `SearchAway`."""

    def find(self, query: SearchQuery) -> SearchPage:
        """The codes that answer `query`.  Each text gives a page; raises `SearchAway` only."""


def open_index(cluster: ClusterSettings | None, audience: str, file: Path) -> SearchIndex:
    """The index for `audience`, `public` or `office`; neither cluster nor file needs to be there yet."""
    embedded = FtsIndex.open(file, read_only=True)
    if cluster is None:
        return embedded
    # Half a second to load, and not everybody has a cluster.
    from search.elastic import ElasticIndex, connect  # noqa: PLC0415

    return Fallback(
        ElasticIndex(connect(cluster), cluster.alias(audience), timeout=cluster.timeout), embedded
    )


class Fallback:
    """A first index, and a second one that answers while the first is away.

    After three failures in a row the first is left alone for two seconds at a time, then asked
    again by one search: a cluster that hangs costs few people the time to find out.
    """

    def __init__(
        self, first: SearchIndex, second: SearchIndex, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._first, self._second, self._clock = first, second, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._fault: str | None = None
        self._not_before = 0.0

    @property
    def fault(self) -> str | None:
        """Why the first did not answer when it was last asked; None when it did."""
        return self._fault

    def cursor(self) -> int:
        """The log size that whichever answers reflects; raises `SearchAway`."""
        return self._either(lambda index: index.cursor())

    def find(self, query: SearchQuery) -> SearchPage:
        """The codes that answer `query`, from whichever answers; raises `SearchAway`."""
        return self._either(lambda index: index.find(query))

    def _either(self, ask: Callable[[SearchIndex], _Answer]) -> _Answer:
        if not self._may_ask():
            return ask(self._second)
        try:
            answer = ask(self._first)
        except SearchAway as away:
            self._failures += 1
            self._fault = str(away)
            try:
                return ask(self._second)
            except SearchAway:
                raise away from None
        self._failures, self._fault = 0, None
        return answer

    def _may_ask(self) -> bool:
        """Whether the first is to be asked now; of several at the end of a pause only one."""
        with self._lock:
            if self._failures < _FAILURES:
                return True
            if self._clock() < self._not_before:
                return False
            self._not_before = self._clock() + _PAUSE_SECONDS
            return True
