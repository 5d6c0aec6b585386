"""An index in an Elasticsearch cluster: how the cluster is reached, and what a reader asks of it.

Only what every distribution has is asked for; the server's own analysis is never used.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from search.document import STAMP
from search.elastic_engine import Body, Counts, ElasticEngine, Found, State
from search.elastic_shape import STATE
from search.errors import SearchAway
from search.find import answer
from search.query import SearchPage, SearchQuery
from search.settings import ClusterSettings

_STATE: Body = {"query": {"ids": {"values": [STATE]}}, "size": 1}


def connect(settings: ClusterSettings) -> Elasticsearch:
    """A client of the cluster; nothing is sent yet.  Threads share it."""
    trusted: dict[str, Any] = {"ca_certs": str(settings.ca_file)} if settings.ca_file else {}
    return Elasticsearch(
        list(settings.urls),
        basic_auth=(settings.user, settings.password or "") if settings.user else None,
        request_timeout=settings.timeout,
        # A node that cannot be reached is left for the next; what takes too long is not asked twice.
        max_retries=len(settings.urls) - 1,
        retry_on_timeout=False,
        **trusted,
    )


@contextmanager
def answering() -> Iterator[None]:
    """What the client raises becomes `SearchAway`, without the words that were sent."""
    try:
        yield
    except ApiError as error:
        raise SearchAway(f"Elasticsearch: {error.status_code} {error.message}") from error
    except TransportError as error:
        raise SearchAway(f"Elasticsearch: {type(error).__name__}") from error


class ElasticIndex:
    """One index as a reader finds it, behind its alias.  Threads may share it."""

    def __init__(self, client: Elasticsearch, alias: str, *, timeout: float) -> None:
        self._client = client
        self._alias = alias
        self._milliseconds = f"{int(timeout * 1000)}ms"
        self._counts = Counts()

    def cursor(self) -> int:
        """The log size that the index reflects; raises `SearchAway`."""
        state, _ = self._send([])
        return state.cursor

    def find(self, query: SearchQuery) -> SearchPage:
        """The codes that answer `query`.  Each text gives a page; raises `SearchAway` only."""
        return answer(ElasticEngine(self._send, query, self._counts), query)

    def _send(self, bodies: Sequence[Body]) -> tuple[State, Sequence[Found]]:
        searches: list[dict[str, Any]] = []
        for body in (_STATE, *bodies):
            # A part of an answer is a wrong answer: no shard may be missing, none may stop early.
            searches += [{"allow_partial_search_results": False}, body | {"timeout": self._milliseconds}]
        with answering():
            found = self._client.msearch(index=self._alias, searches=searches)
        state, *answers = map(_whole, found["responses"])
        return _state(state), answers


def _whole(found: Found) -> Found:
    """`found`, unless something is missing."""
    if "error" in found:
        raise SearchAway(f"Elasticsearch: {found['error'].get('type')}")
    if found["timed_out"] or found["_shards"]["failed"]:
        raise SearchAway("Elasticsearch: it answered in part")
    return found


def _state(found: Found) -> State:
    hits = found["hits"]["hits"]
    if not hits:
        raise SearchAway("Elasticsearch: the index is not whole yet")
    kept = hits[0]["_source"]
    if kept["stamp"] != STAMP:
        raise SearchAway("Elasticsearch: the index was made by another analyzer: rebuild it")
    return State(hits[0]["_index"], kept["cursor"])
