"""Which of many that answer alike are given: the same ones whoever asks, and in whatever order they came."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import LicenseFacts, analyze
from tests.search.indexes import Index, Make
from tests.search.licenses import PLAIN, ask, documents

MANY = 260
Crowd = tuple[Index, list[LicenseFacts]]


@pytest.fixture(scope="module")
def crowded(make_index: Make) -> Crowd:
    """More licenses with one word than an answer holds, taken in an order that means nothing."""
    facts = [
        replace(PLAIN, code=f"{n:014d}", log_index=n, holder="ร้าน" + "ก" * (n % 60), premises="ก่อสร้าง")
        for n in range(MANY)
    ]
    random.Random(1).shuffle(facts)
    index = make_index()
    index.apply(documents(*facts), cursor=MANY)
    return index, facts


def test_of_more_than_200_those_first_in_place_are_given(crowded: Crowd) -> None:
    index, facts = crowded
    pages = [ask(index, "ก่อสร้าง", size=100)]
    while pages[-1].next:
        pages.append(ask(index, "ก่อสร้าง", size=100, after=pages[-1].next))
    first = sorted(documents(*facts), key=lambda document: document.place)[:201]
    codes = [code for page in pages for code in page.codes]
    assert set(codes) <= {document.code for document in first}
    assert (len(codes), pages[0].capped) == (200, True)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=2, unique=True), st.text(), st.text())
def test_no_two_licenses_have_one_place(log_indexes: list[int], name: str, other: str) -> None:
    first, second = (
        analyze(replace(PLAIN, log_index=log_index, holder=holder, revision=7))
        for log_index, holder in zip(log_indexes, (name, other), strict=True)
    )
    assert first.place != second.place
    assert 0 <= first.place < 2**40


def test_a_shorter_name_comes_first() -> None:
    short, long = (analyze(replace(PLAIN, log_index=n, holder=h)) for n, h in ((9, "กา"), (1, "กา" * 20)))
    assert short.place < long.place
