"""While the cluster is away the embedded index answers, and nobody has to do anything about it."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from search import FtsIndex, SearchAway, open_index
from search.opening import Fallback
from search.settings import ClusterSettings
from tests.elastic_server import Node
from tests.search.indexes import ElasticFed
from tests.search.licenses import LICENSES, PHARMACY, SMILE, documents, found

NOWHERE = ClusterSettings(("http://127.0.0.1:9",), prefix="permits", timeout=1)


@pytest.fixture
def embedded(tmp_path: Path) -> Path:
    """An embedded index that holds one license."""
    path = tmp_path / "index.sqlite"
    with closing(FtsIndex.open(path, read_only=False)) as index:
        index.apply(documents(SMILE), cursor=1)
    return path


def test_without_a_cluster_the_embedded_index_answers(embedded: Path) -> None:
    assert found(open_index(None, "public", embedded)) == (SMILE.code,)


def test_while_the_cluster_is_away_the_embedded_index_answers(embedded: Path) -> None:
    index = open_index(NOWHERE, "public", embedded)
    assert isinstance(index, Fallback)
    assert (found(index), index.cursor()) == ((SMILE.code,), 1)
    assert index.fault == "Elasticsearch: ConnectionError"


def test_where_nothing_answers_search_is_away_for_the_cluster_s_reason(tmp_path: Path) -> None:
    index = open_index(NOWHERE, "public", tmp_path / "none")
    for _ in range(3):
        with pytest.raises(SearchAway, match="Elasticsearch"):
            found(index)


class Asked:
    """An index that was asked so often."""

    def __init__(self, index: ElasticFed) -> None:
        self.index, self.times, self.find, self.cursor = index, 0, index.find, self._cursor

    def _cursor(self) -> int:
        self.times += 1
        return self.index.cursor()


@pytest.mark.elastic
def test_a_cluster_that_is_away_is_left_alone_and_recovers_by_itself(
    elastic: Sequence[Node], embedded: Path
) -> None:
    fed = ElasticFed(elastic)
    fed.apply(documents(*LICENSES), cursor=4)
    first, now = Asked(fed), 100.0
    with closing(FtsIndex.open(embedded, read_only=True)) as second:
        index = Fallback(first, second, clock=lambda: now)
        aliases = fed.client.indices
        aliases.delete_alias(index=fed.physical.name, name=fed.alias)
        assert [index.cursor() for _ in range(20)] == [1] * 20
        assert first.times == 4, "three failures, and the one that ends no pause yet"
        now += 2.0
        assert (index.cursor(), first.times) == (1, 5), "one search asks again"
        assert (index.cursor(), first.times) == (1, 5)
        aliases.put_alias(index=fed.physical.name, name=fed.alias)
        now += 2.0
        assert [index.cursor() for _ in range(3)] == [4, 4, 4]
        assert first.times == 8
        assert found(index, PHARMACY.code) == (PHARMACY.code,)
        assert index.fault is None
