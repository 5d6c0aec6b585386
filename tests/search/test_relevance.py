"""The benchmarks' questions: that they are fair, and what a small index must answer of them."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from bench.asked import ambiguous, questions
from bench.licenses import known_codes, licenses
from bench.relevance import measure, ours
from search import LicenseFacts, analyze
from search.fts import FtsIndex

COUNT = 3_000
RECALL, RANK = 0.98, 0.95


@pytest.fixture(scope="module")
def row() -> list[LicenseFacts]:
    """A small row of invented licenses."""
    return list(licenses(COUNT))


@pytest.fixture(scope="module")
def small(row: list[LicenseFacts], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FtsIndex]:
    """Their index."""
    with closing(FtsIndex.open(tmp_path_factory.mktemp("small") / "index", read_only=False)) as index:
        index.rebuild(map(analyze, row), cursor=COUNT)
        yield index


def test_a_row_is_the_same_for_the_same_seed_and_no_number_comes_twice(row: list[LicenseFacts]) -> None:
    assert row[:50] == [one for one, _ in zip(licenses(COUNT), range(50), strict=False)]
    assert len({one.code for one in row}) == COUNT
    assert len({(one.agency, one.license_type, one.number) for one in row}) == COUNT


def test_each_known_license_is_in_the_row(row: list[LicenseFacts]) -> None:
    assert set(known_codes(COUNT).values()) <= {one.code for one in row}


def test_no_question_fits_a_license_it_does_not_want(row: list[LicenseFacts]) -> None:
    asked = list(questions(row))
    assert len(asked) > 300
    assert all(one.wanted for one in asked if one.kind != "place")
    assert ambiguous(asked, row) == []


def test_what_was_meant_is_among_the_first_ten(row: list[LicenseFacts], small: FtsIndex) -> None:
    tuned = [one for one in questions(row) if not one.held_out and one.wanted]
    recall, rank = measure(ours(small), tuned)["all"]
    assert recall >= RECALL
    assert rank >= RANK
