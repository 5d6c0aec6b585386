"""What a search cluster does when a node is killed while it is searched and fed.

    python -m bench.cluster

Three real nodes hold 10,000 licenses. While four threads search 1,000 times and 10,000 more licenses
are fed, the node that holds the index's primary shard is killed by its process id. Counted are wrong
answers, licenses lost, and how long searches were away at a stretch.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from random import Random

from elasticsearch import Elasticsearch

from bench.asked import questions
from bench.licenses import TODAY, licenses
from search import LicenseDocument, LicenseFacts, SearchAway, SearchQuery, analyze
from search.drift import drift
from search.elastic import ElasticIndex, connect
from search.elastic_feed import ElasticFeed, Physical
from search.settings import ClusterSettings
from tests.elastic_server import ADMIN, FEEDER, PASSWORD, PUBLIC, Node, cluster, stop

HELD, FED, SEARCHES, THREADS, BLOCK = 10_000, 10_000, 1_000, 4, 500
KILLED_AFTER = SEARCHES // 4
MOST_AWAY_SECONDS = 10.0
ALIAS = "permits-public"


@dataclass(frozen=True)
class Expected:
    """A question, and the licenses of which one must be among the first ten."""

    query: SearchQuery
    codes: frozenset[str]


@dataclass
class Watch:
    """What happened to the searches, in the order of their ends."""

    taken: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    stretch: float = 0.0
    _since: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, began: float, *, wrong: str | None = None, away: str | None = None) -> None:
        """Notes one search that began at that monotonic moment."""
        with self._lock:
            now = time.monotonic()
            self.taken.append(now - began)
            self.wrong += [wrong] if wrong else []
            self.away += [away] if away else []
            if away:
                self._since = began if self._since is None else self._since
                self.stretch = max(self.stretch, now - self._since)
            else:
                self._since = None


def settings(nodes: Sequence[Node], user: str, timeout: float = 5.0) -> ClusterSettings:
    """How that account reaches the cluster."""
    urls, trusted = tuple(node.url for node in nodes), nodes[0].trusted
    return ClusterSettings(urls, "permits", timeout, user=user, password=PASSWORD, ca_file=trusted)


def fill(feed: ElasticFeed, documents: Sequence[LicenseDocument]) -> Physical:
    """A served index that holds `documents`."""
    physical = feed.prepare("")[-1]
    feed.apply(physical.name, documents, cursor=len(documents))
    feed.serve(physical)
    return physical


def expectations(row: Sequence[LicenseFacts], index: ElasticIndex) -> Iterator[Expected]:
    """Codes and numbers of any license held, and the questions that these answer rightly.

    What is right for a question takes all of `row` into account: more is found while more is fed.
    """
    rng = Random(1)
    named = [
        Expected(SearchQuery(words=asked.words, today=TODAY, size=10), asked.wanted)
        for asked in questions(row)
    ]
    right = [one for one in named if one.codes & set(index.find(one.query).codes)]
    while True:
        one = rng.choice(row[:HELD])
        code = SearchQuery(words=one.code, today=TODAY)
        number = SearchQuery(
            words=one.number, agency=one.agency, license_type=one.license_type, today=TODAY, size=10
        )
        codes = frozenset({one.code})
        yield rng.choice((Expected(code, codes), Expected(number, codes), rng.choice(right)))


def search(index: ElasticIndex, expected: Sequence[Expected], turns: Iterator[int], watch: Watch) -> None:
    """Asks in turn with the other threads until all is asked."""
    for turn in turns:
        if turn >= len(expected):
            return
        one, began = expected[turn], time.monotonic()
        try:
            page = index.find(one.query)
        except SearchAway as error:
            watch.saw(began, away=str(error))
        else:
            watch.saw(began, wrong=None if one.codes & set(page.codes) else one.query.words)


def feed_on(feed: ElasticFeed, name: str, documents: Sequence[LicenseDocument], begin: int) -> int:
    """Feeds block after block as the follower does, each until it is taken; how often it was repeated."""
    repeated = 0
    for start in range(begin, len(documents), BLOCK):
        block = documents[start : start + BLOCK]
        while True:
            try:
                feed.apply(name, block, cursor=start + len(block))
                break
            except SearchAway:
                repeated += 1
                time.sleep(0.5)
    return repeated


def holder_of(client: Elasticsearch, name: str, nodes: Sequence[Node]) -> Node:
    """The node that holds the primary shard of the index `name`, once each shard has its copy."""
    client.options(request_timeout=60).cluster.health(wait_for_status="green", timeout="60s")
    shards = client.cat.shards(index=name, format="json", h="node,prirep")
    (holder,) = (shard["node"] for shard in shards if shard["prirep"] == "p")  # type: ignore[index]
    return nodes[int(holder[1:])]


def under_load(
    index: ElasticIndex, expected: Sequence[Expected], feeding: Callable[[], None], victim: Node
) -> Watch:
    """What happened to the searches while `feeding` ran and `victim` was killed."""
    watch, turns = Watch(), count()
    threads = [threading.Thread(target=search, args=(index, expected, turns, watch)) for _ in range(THREADS)]
    threads.append(threading.Thread(target=feeding))
    for thread in threads:
        thread.start()
    while len(watch.taken) < KILLED_AFTER:
        time.sleep(0.01)
    stop(victim)
    for thread in threads:
        thread.join()
    return watch


def measure(nodes: Sequence[Node]) -> bool:
    """Whether all held while a node was killed."""
    row = list(licenses(HELD + FED))
    documents = [analyze(facts) for facts in row]
    feed = ElasticFeed(connect(settings(nodes, FEEDER)), ALIAS)
    name = fill(feed, documents[:HELD]).name
    index = ElasticIndex(connect(settings(nodes, PUBLIC)), ALIAS, timeout=5.0)
    expected = list(islice(expectations(row, index), SEARCHES))
    victim = holder_of(connect(settings(nodes, ADMIN)), name, nodes)
    began, repeated = time.monotonic(), []
    watch = under_load(index, expected, lambda: repeated.append(feed_on(feed, name, documents, HELD)), victim)
    taken = time.monotonic() - began
    wanted = sorted(documents, key=lambda document: document.code)
    lost = list(drift(feed.documents(name), wanted, upto=HELD + FED + 1))
    slow = sorted(watch.taken)
    print(
        f"{SEARCHES:,} searches and {FED:,} licenses fed in {taken:.0f} s, a node killed after {KILLED_AFTER}\n"
        f"wrong answers   {len(watch.wrong)} (limit 0)\n"
        f"lost licenses   {len(lost)} (limit 0)\n"
        f"searches away   {len(watch.away)}, at most {watch.stretch:.1f} s (limit {MOST_AWAY_SECONDS:.0f} s)\n"
        f"blocks again    {repeated[0]}\n"
        f"searches took   p50 {slow[SEARCHES // 2] * 1e3:.0f} ms, p99 {slow[SEARCHES * 99 // 100] * 1e3:.0f} ms,"
        f" longest {slow[-1] * 1e3:.0f} ms"
    )
    for words in [*watch.wrong[:5], *watch.away[:5], *lost[:5]]:
        print(f"  {words}")
    return not watch.wrong and not lost and watch.stretch < MOST_AWAY_SECONDS


def main() -> None:
    """Runs it and ends with 1 when something did not hold."""
    with cluster(3) as nodes:
        sys.exit(not measure(nodes))


if __name__ == "__main__":
    main()
