"""What a search does not pay for: questions and comparisons that cannot change its answer."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import FtsIndex, SearchQuery
from search.document import GRAM
from search.engine import Answer, Heaviest, Question
from search.find import answer
from search.fts_engine import FtsEngine
from search.rank import Candidate, Weights, text_score
from search.reading import other_layout, readings
from search.sqlite import connect, driver
from tests.search.licenses import LICENSES, PLAIN, TODAY, documents

MISSPELT = "รุงเริงเพสัด"  # On the English keyboard i6'gib'grlyf.
BY_CHANCE = replace(PLAIN, code="55555555555555", log_index=5, holder="Gibson")
CANDIDATES = [Candidate(document) for document in documents(*LICENSES)]
ASKED = "ยิ้มสวย", "รุ่งเรื่องเภสัช", "ร้านยา หัวหิน", "yim suay", "โรงแรม เชียงใหม่", "ก", "สมชาย ใจ", "12/2560 หัวหิน"


class Noting(FtsEngine):
    """An engine that notes what it is asked."""

    def __init__(self, connection: driver.Connection, words: str) -> None:
        self.query = SearchQuery(words=words, today=TODAY)
        self.asked: list[Question] = []
        super().__init__(connection, self.query, 5)

    def ask(self, questions: Sequence[Question], terms: Collection[str] = ()) -> Answer:
        """Notes `questions` and answers them."""
        self.asked += questions
        return super().ask(questions, terms)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[driver.Connection]:
    """A connection to an index of five licenses."""
    path: Path = tmp_path_factory.mktemp("cost") / "index"
    with closing(FtsIndex.open(path, read_only=False)) as index:
        index.apply(documents(*LICENSES, BY_CHANCE), cursor=5)
    with closing(connect(path, read_only=True)) as opened:
        yield opened


def likened(connection: driver.Connection, words: str) -> list[str]:
    """The words, grams and sounds by which what is like `words` is sought."""
    engine = Noting(connection, words)
    answer(engine, engine.query)
    return [term for question in engine.asked if isinstance(question, Heaviest) for term in question.weights]


def test_what_nothing_answers_whole_is_sought_by_what_is_like_it(connection: driver.Connection) -> None:
    assert likened(connection, MISSPELT)


@pytest.mark.parametrize("words", ["ยิ้มสวยเดนทัล", "รุ่งเรืองเภ", "ร้านยา หัวหิน", "โรงแรม เชียงใหม่"])
def test_a_whole_answer_ends_the_search(connection: driver.Connection, words: str) -> None:
    assert likened(connection, words) == []


def test_what_is_hardly_anywhere_on_the_other_keyboard_is_not_sought(connection: driver.Connection) -> None:
    (other,) = other_layout(MISSPELT)
    assert "gib" in other.grams
    assert {GRAM + gram for gram in other.grams}.isdisjoint(likened(connection, MISSPELT))


@given(
    st.sampled_from(ASKED) | st.text(max_size=20),
    st.floats(0, 1),
    st.dictionaries(st.sampled_from(ASKED), st.just(1)),
)
def test_what_is_left_out_of_a_comparison_could_not_lead_to_the_least(
    words: str, least: float, frequency: dict[str, int]
) -> None:
    weights = Weights(len(LICENSES), frequency)
    for way in readings(words):
        for candidate in CANDIDATES:
            score, given_ = (text_score(way, candidate, weights, bound) for bound in (0.0, least))
            assert given_ == score or score < given_ < least
