"""Filters, verdicts at query time, order and pages."""

from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import LicenseFacts, query
from search.query import VERDICT_SQL, VERDICTS, SearchQuery, verdict
from search.sqlite import driver
from tests.search.indexes import Index, Make
from tests.search.licenses import LICENSES, PLAIN, TODAY, ask, documents, found

Many = tuple[Index, list[LicenseFacts]]
STANDINGS = (0, 1, 2, 3, 12, 13)


@given(
    standing=st.sampled_from(STANDINGS),
    valid_from=st.integers(-2, 2),
    valid_until=st.none() | st.integers(-2, 2),
)
def test_the_database_and_python_agree_on_every_verdict(
    standing: int, valid_from: int, valid_until: int | None
) -> None:
    with closing(driver.connect(":memory:")) as connection:
        row = connection.execute(
            f"SELECT {VERDICT_SQL} FROM (SELECT :standing standing, :valid_from valid_from, :valid_until valid_until)",  # noqa: S608
            {"today": 0, "standing": standing, "valid_from": valid_from, "valid_until": valid_until},
        ).fetchone()
    assert row == (verdict(standing, valid_from, valid_until, 0),)
    assert standing in query.STANDINGS[row[0]]


@pytest.mark.parametrize(
    ("standing", "valid_from", "valid_until", "expected"),
    [
        (1, 5, 9, "REVOKED"),
        (3, 5, 9, "ENDED"),
        (0, 1, None, "NOT_YET_VALID"),
        (2, 1, None, "NOT_YET_VALID"),
        (0, -9, -1, "EXPIRED"),
        (2, -9, -1, "EXPIRED"),
        (13, -9, -1, "SUSPENDED"),
        (2, -9, 0, "SUSPENDED"),
        (12, -9, -1, "RENEWAL_PENDING"),
        (12, -9, 0, "VALID"),
        (0, 0, 0, "VALID"),
        (0, -9, None, "VALID"),
    ],
)
def test_the_verdict_follows_standing_and_dates(
    standing: int, valid_from: int, valid_until: int | None, expected: str
) -> None:
    assert verdict(standing, valid_from, valid_until, 0) == expected


@pytest.fixture(scope="module")
def many(make_index: Make) -> Many:
    """250 licenses of one name, two provinces and every verdict."""
    facts = [
        replace(
            PLAIN,
            code=f"{n:014d}",
            log_index=n,
            holder="ร้านเดียวกัน",
            number=f"{n}/2560",
            province=10 + n % 2,
            standing=STANDINGS[n % 6],
            valid_from=TODAY + (1 if n % 7 == 0 else -9),
            valid_until=(None, TODAY, TODAY - 1)[n % 3],
            sort_key=f"{n % 5}",
        )
        for n in range(250)
    ]
    index = make_index()
    index.apply(documents(*facts), cursor=250)
    return index, facts


def walk(index: Index, words: str = "", **filters: object) -> list[str]:
    codes: list[str] = []
    after = None
    while True:
        page = ask(index, words, after=after, **filters)
        codes += page.codes
        after = page.next
        if after is None:
            return codes


@pytest.mark.parametrize("size", [1, 7, 100])
def test_filters_alone_page_through_all_in_order_of_sort_key_and_code(many: Many, size: int) -> None:
    index, facts = many
    expected = [f.code for f in sorted(facts, key=lambda f: (f.sort_key, f.code)) if f.province == 11]
    assert walk(index, province=11, size=size) == expected
    assert ask(index, province=11).total == len(expected)


@pytest.mark.parametrize("wanted", VERDICTS)
def test_a_verdict_narrows_lists_and_words_alike(many: Many, wanted: str) -> None:
    index, facts = many
    expected = {f.code for f in facts if verdict(f.standing, f.valid_from, f.valid_until, TODAY) == wanted}
    assert set(walk(index, verdict=wanted)) == expected
    assert set(walk(index, words="ร้านเดียวกัน", verdict=wanted, size=100)) == expected
    assert set(found(index, "ร้านเดียวกัล", verdict=wanted)) <= expected


def test_a_verdict_that_does_not_exist_finds_nothing(many: Many) -> None:
    assert found(many[0], verdict="GOOD") == found(many[0], "ร้าน", verdict="GOOD") == ()


def test_words_give_at_most_200_and_say_that_there_are_more(many: Many) -> None:
    page = ask(many[0], "ร้านเดียวกัน")
    assert (page.total, page.capped) == (200, True)
    codes = walk(many[0], words="ร้านเดียวกัน", size=30)
    assert len(codes) == len(set(codes)) == 200


def test_exactly_what_matches_is_not_capped(many: Many) -> None:
    page = ask(many[0], "ร้านเดียวกัน", province=11)
    assert (page.total, page.capped) == (125, False)


def test_equal_answers_begin_with_those_that_may_operate(many: Many) -> None:
    index, facts = many
    by_code = {f.code: f for f in facts}
    first = [by_code[code] for code in walk(index, words="ร้านเดียวกัน", province=11)]
    operates = [
        verdict(f.standing, f.valid_from, f.valid_until, TODAY) in {"VALID", "RENEWAL_PENDING"} for f in first
    ]
    assert operates == sorted(operates, reverse=True)


def test_a_page_has_1_to_100_rows(many: Many) -> None:
    assert len(found(many[0], size=0)) == 1
    assert len(found(many[0], size=5000)) == 100


@given(after=st.text() | st.binary().map(lambda b: b.decode("latin-1")))
def test_a_damaged_cursor_gives_the_first_page(index: Index, after: str) -> None:
    assert ask(index, after=after) == ask(index)
    assert ask(index, "หัวหิน", after=after) == ask(index, "หัวหิน")


def test_a_cursor_of_another_question_gives_the_first_page(many: Many) -> None:
    index, _ = many
    cursor = ask(index, province=11).next
    assert ask(index, province=10, after=cursor) == ask(index, province=10)
    assert ask(index, "ร้าน", after=cursor) == ask(index, "ร้าน")


def test_a_list_is_bounded(many: Many, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("search.find", "search.query"):
        monkeypatch.setattr(f"{module}.MOST_BY_FILTERS", 60)
    page = ask(many[0])
    assert (page.total, page.capped) == (60, True)
    assert len(walk(many[0], size=25)) == 60


def test_no_words_and_no_filters_list_everything(index: Index) -> None:
    assert found(index) == tuple(f.code for f in LICENSES)
    assert index.find(SearchQuery(words="  ", today=TODAY)).total == 4
