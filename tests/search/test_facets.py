"""Facets count what is found, and lists keep the order asked for."""

from collections import Counter
from itertools import pairwise

import pytest

from bench.licenses import TODAY, licenses
from search import LicenseDocument, SearchQuery, analyze
from search.find import _key, _values
from search.query import FACETS, Sorting
from tests.search.indexes import Index, Make

COUNT = 400


@pytest.fixture(scope="module")
def row() -> dict[str, LicenseDocument]:
    """Invented licenses by code."""
    return {facts.code: analyze(facts) for facts in licenses(COUNT)}


@pytest.fixture(scope="module")
def many(row: dict[str, LicenseDocument], make_index: Make) -> Index:
    """Their index."""
    index = make_index()
    index.apply(list(row.values()), cursor=COUNT)
    return index


def everything(index: Index, **asked: object) -> list[str]:
    """The codes of all pages."""
    codes: list[str] = []
    after: str | None = None
    while True:
        page = index.find(SearchQuery(today=TODAY, size=37, after=after, **asked))  # type: ignore[arg-type]
        codes += page.codes
        after = page.next
        if after is None:
            return codes


@pytest.mark.parametrize(
    "asked", [{}, {"province": 77}, {"license_type": 4}, {"words": "โรงแรม"}, {"verdict": "VALID"}]
)
def test_facets_count_all_that_is_found(
    many: Index, row: dict[str, LicenseDocument], asked: dict[str, object]
) -> None:
    page = many.find(SearchQuery(today=TODAY, **asked))  # type: ignore[arg-type]
    found = [_values(row[code], TODAY) for code in everything(many, **asked)]
    assert len(found) == page.total
    for name in FACETS:
        counts = Counter(values[name] for values in found if values[name] is not None)
        assert dict(page.facets[name]) == dict(counts)


@pytest.mark.parametrize("name", FACETS)
def test_a_filter_by_a_facet_leaves_as_many_as_it_counted(many: Index, name: str) -> None:
    for value, count in many.find(SearchQuery(today=TODAY)).facets[name].items():
        assert many.find(SearchQuery(today=TODAY, **{name: value})).total == count  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["", "ร้าน"])
@pytest.mark.parametrize("order", [Sorting.NAME, Sorting.NEWEST, Sorting.EXPIRY])
def test_a_list_is_in_the_order_asked_for_and_each_license_comes_once(
    many: Index, row: dict[str, LicenseDocument], words: str, order: Sorting
) -> None:
    codes = everything(many, words=words, order=order)
    assert len(codes) == len(set(codes)) > 20
    keys = [(_key(row[code], order), code) for code in codes]
    assert all(first < second for first, second in pairwise(keys))
    assert set(codes) == set(everything(many, words=words))


def test_a_subdistrict_is_a_filter(many: Index, row: dict[str, LicenseDocument]) -> None:
    codes = everything(many, subdistrict=770701)
    assert codes
    assert {row[code].subdistrict for code in codes} == {770701}
    assert set(everything(many, words="หัวหิน", subdistrict=770701)) <= set(codes)


def test_a_cursor_of_another_order_gives_the_first_page(many: Index) -> None:
    first = many.find(SearchQuery(today=TODAY, order=Sorting.NEWEST))
    other = many.find(SearchQuery(today=TODAY, order=Sorting.NAME, after=first.next))
    assert other.codes == many.find(SearchQuery(today=TODAY, order=Sorting.NAME)).codes
