from collections.abc import Iterator, Sequence

import pytest

from tests.elastic_server import Node
from tests.search.indexes import ElasticFed, Fed, Make, fts_indexes
from tests.search.licenses import LICENSES, documents


@pytest.fixture(scope="module", params=["fts", pytest.param("elastic", marks=pytest.mark.elastic)])
def make_index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes new indexes; the test runs twice, with FTS5 and with a real Elasticsearch."""
    if request.param == "fts":
        with fts_indexes(tmp_path_factory.mktemp("indexes")) as make:
            yield make
        return
    nodes: Sequence[Node] = request.getfixturevalue("elastic")
    yield lambda: ElasticFed(nodes)


@pytest.fixture(scope="module")
def index(make_index: Make) -> Fed:
    """An index of four licenses."""
    made = make_index()
    made.apply(documents(*LICENSES), cursor=4)
    return made
