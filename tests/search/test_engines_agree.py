"""Both engines give the same pages: the same licenses, in the same order, with the same counts."""

from collections.abc import Iterator, Sequence

import pytest

from bench.asked import questions
from bench.licenses import TODAY, licenses
from bench.worst import WORST
from search import LicenseFacts, SearchPage, SearchQuery, analyze
from search.query import Sorting
from tests.elastic_server import Node
from tests.search.indexes import ElasticFed, Index, fts_indexes

COUNT = 3_000
Both = tuple[Index, Index, list[LicenseFacts]]
pytestmark = pytest.mark.elastic


@pytest.fixture(scope="module")
def both(elastic: Sequence[Node], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """One row of invented licenses in an index of each engine."""
    row = list(licenses(COUNT))
    documents = [analyze(facts) for facts in row]
    with fts_indexes(tmp_path_factory.mktemp("both")) as make:
        embedded, cluster = make(), ElasticFed(elastic)
        for index in (embedded, cluster):
            index.apply(documents, cursor=COUNT)
        yield embedded, cluster, row


def test_every_question_has_the_same_page_on_both(both: Both) -> None:
    embedded, cluster, row = both
    asked = sorted({question.words for question in questions(row)} | set(WORST))
    assert len(asked) > 400
    other = [words for words in asked if _page(embedded, words) != _page(cluster, words)]
    assert other == []


@pytest.mark.parametrize("words", ["", "ร้านยา", "หัวหิน", "โรงแรม เชียงใหม่", "คลีนิค"])
@pytest.mark.parametrize("order", list(Sorting))
def test_every_filter_and_order_has_the_same_pages_on_both(both: Both, words: str, order: Sorting) -> None:
    embedded, cluster, _ = both
    for narrowed in ({}, {"province": 77}, {"verdict": "EXPIRED"}, {"license_type": 4, "verdict": "VALID"}):
        first = _page(embedded, words, order=order, **narrowed)
        assert first == _page(cluster, words, order=order, **narrowed)
        following = _page(embedded, words, order=order, after=first.next, **narrowed)
        assert following == _page(cluster, words, order=order, after=first.next, **narrowed)


def _page(index: Index, words: str, **asked: object) -> SearchPage:
    return index.find(SearchQuery(words=words, today=TODAY, **asked))  # type: ignore[arg-type]
