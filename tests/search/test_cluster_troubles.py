"""What goes wrong in a cluster that runs: search says that it is away, feeding goes on later, nothing is lost."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from search import SearchAway
from search.elastic import ElasticIndex, connect
from tests.elastic_server import Node
from tests.search.indexes import TIMEOUT, ElasticFed, settings
from tests.search.licenses import LICENSES, PHARMACY, SMILE, ask, documents, found
from tests.tls import make_authority

pytestmark = pytest.mark.elastic


@pytest.fixture
def fed(elastic: Sequence[Node]) -> ElasticFed:
    """An index of four licenses."""
    made = ElasticFed(elastic)
    made.apply(documents(*LICENSES), cursor=4)
    return made


def test_a_cluster_of_another_authority_or_name_is_not_asked(
    elastic: Sequence[Node], fed: ElasticFed, tmp_path: Path
) -> None:
    right = settings(elastic)
    other = make_authority(tmp_path / "authority").trusted
    by_name = tuple(url.replace("127.0.0.1", "localhost") for url in right.urls)
    for wrong in (replace(right, ca_file=other), replace(right, ca_file=None), replace(right, urls=by_name)):
        with pytest.raises(SearchAway, match="TlsError"):
            ask(ElasticIndex(connect(wrong), fed.alias, timeout=TIMEOUT))


def test_a_full_disk_stops_feeding_but_no_search_and_feeding_goes_on_when_there_is_room(
    fed: ElasticFed,
) -> None:
    """At the flood-stage watermark the server itself forbids to write."""
    indices, newer = fed.client.indices, documents(replace(SMILE, log_index=5, premises="ร้านใหม่เอี่ยม"))
    indices.put_settings(index=fed.physical.name, settings={"index.blocks.read_only_allow_delete": True})
    with pytest.raises(SearchAway, match="cluster_block_exception"):
        fed.apply(newer, cursor=6)
    assert (fed.cursor(), found(fed, "ใหม่เอี่ยม"), found(fed, PHARMACY.code)) == (4, (), (PHARMACY.code,))
    indices.put_settings(index=fed.physical.name, settings={"index.blocks.read_only_allow_delete": None})
    fed.apply(newer, cursor=6)
    assert (fed.cursor(), found(fed, "ใหม่เอี่ยม")) == (6, (SMILE.code,))


def test_an_index_without_a_copy_is_search_away_until_one_is_back(fed: ElasticFed) -> None:
    """Its health is red: no node has its shard."""
    indices, nowhere = fed.client.indices, "index.routing.allocation.require._name"
    indices.close(index=fed.physical.name)
    with pytest.raises(SearchAway):
        ask(fed)
    indices.put_settings(index=fed.physical.name, settings={nowhere: "nowhere"})
    indices.open(index=fed.physical.name, wait_for_active_shards="0")
    with pytest.raises(SearchAway):
        ask(fed)
    indices.put_settings(index=fed.physical.name, settings={nowhere: None})
    fed.client.cluster.health(index=fed.physical.name, wait_for_status="yellow")
    assert found(fed, PHARMACY.code) == (PHARMACY.code,)


def test_searches_go_on_while_the_alias_moves(fed: ElasticFed) -> None:
    first = fed.physical
    second = fed.feed.begin("")
    fed.feed.apply(second.name, documents(*LICENSES), cursor=4)
    expected = {words: found(fed, words) for words in ("ยิมสวย", "หัวหิน", "yimsuay", "")}

    def move() -> None:
        for index in (second, first) * 20:
            fed.feed.serve(index)

    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(move)
        answers = [(words, found(fed, words)) for words in list(expected) * 25]
        moving.result()
    assert {(words, codes) for words, codes in answers} == set(expected.items())
