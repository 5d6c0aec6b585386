"""An index of either engine, as tests make, feed and ask one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from search import FtsIndex, LicenseDocument, SearchPage, SearchQuery
from search.elastic import ElasticIndex, connect
from search.elastic_feed import ElasticFeed
from search.settings import ClusterSettings
from tests.elastic_server import ADMIN, PASSWORD, Node

TIMEOUT = 20.0
_numbers = count(1)


class Index(Protocol):
    """What a reader asks of an index of either engine."""

    def cursor(self) -> int: ...

    def find(self, query: SearchQuery) -> SearchPage: ...


class Fed(Index, Protocol):
    """An index that can be fed too."""

    def apply(self, documents: Sequence[LicenseDocument], *, cursor: int) -> None: ...


Make = Callable[[], Fed]


def settings(nodes: Sequence[Node], user: str = ADMIN, password: str = PASSWORD) -> ClusterSettings:
    """How `user` reaches the cluster of `nodes`."""
    return ClusterSettings(
        tuple(node.url for node in nodes),
        prefix="permits",
        timeout=TIMEOUT,
        user=user,
        password=password,
        ca_file=nodes[0].trusted if nodes else None,
    )


class ElasticFed(ElasticIndex):
    """An index of its own in a real cluster, which readers find as soon as it is fed."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.alias = f"test-{next(_numbers)}"
        self.client = connect(settings(nodes))
        super().__init__(self.client, self.alias, timeout=TIMEOUT)
        self.feed = ElasticFeed(self.client, self.alias)
        (self.physical,) = self.feed.prepare("")
        self.feed.apply(self.physical.name, [], cursor=0)
        self.feed.serve(self.physical)

    def apply(self, documents: Sequence[LicenseDocument], *, cursor: int) -> None:
        """Takes documents and cursor."""
        self.feed.apply(self.physical.name, documents, cursor=cursor)


@contextmanager
def fts_indexes(folder: Path) -> Iterator[Make]:
    """Makes files in `folder`."""
    made: list[FtsIndex] = []

    def make() -> FtsIndex:
        made.append(FtsIndex.open(folder / f"{next(_numbers)}.sqlite", read_only=False))
        return made[-1]

    yield make
    for index in made:
        index.close()
