"""A month of real registrations, where the data lies beside the checkout."""

import csv
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from search.document import LicenseFacts
from search.fts import FtsIndex
from search.normalize import clean, name_words, without_legal_form
from tests.search.licenses import PLAIN, ask, documents

MONTH = Path(__file__).parents[3] / "shared/data/dbd/99_201601.csv"
SAMPLE = 150
Month = tuple[FtsIndex, list[LicenseFacts]]


def registrations() -> list[LicenseFacts]:
    with MONTH.open(encoding="cp874", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) >= 8 and row[1].strip().isdecimal()]
    return [
        replace(
            PLAIN,
            code=f"{place:014d}",
            log_index=place,
            number=row[1].strip(),
            holder=row[2],
            address=row[7],
            type_names=("ทะเบียนนิติบุคคล",),
            sort_key=row[2],
        )
        for place, row in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    if not MONTH.exists():
        pytest.skip("no ../shared/data beside the checkout")
    facts = registrations()
    with closing(FtsIndex.open(tmp_path_factory.mktemp("month") / "index", read_only=False)) as index:
        index.rebuild(documents(*facts), cursor=len(facts))
        yield index, facts


def rank(index: FtsIndex, words: str, wanted: LicenseFacts, facts: list[LicenseFacts]) -> float:
    """1 divided by the place at which `wanted`, or another of the same name, stands among ten; else 0."""
    name = "".join(name_words(wanted.holder or ""))
    for place, code in enumerate(ask(index, words, size=10).codes, start=1):
        if code == wanted.code or "".join(name_words(facts[int(code)].holder or "")) == name:
            return 1 / place
    return 0.0


def mean(ranks: list[float]) -> tuple[float, float]:
    return sum(rank > 0 for rank in ranks) / len(ranks), sum(ranks) / len(ranks)


def test_registered_names_are_found_first(month: Month) -> None:
    index, facts = month
    sample = random.Random(1).sample(facts, SAMPLE)
    recall, reciprocal = mean([rank(index, wanted.holder or "", wanted, facts) for wanted in sample])
    assert recall >= 0.99
    assert reciprocal >= 0.98


def test_names_with_a_letter_left_out_are_found(month: Month) -> None:
    index, facts = month
    draw = random.Random(2)
    ranks = []
    for wanted in draw.sample(facts, SAMPLE):
        name = without_legal_form(clean(wanted.holder or ""))
        place = draw.randrange(len(name))
        ranks.append(rank(index, name[:place] + name[place + 1 :], wanted, facts))
    recall, reciprocal = mean(ranks)
    assert recall >= 0.95
    assert reciprocal >= 0.88


def test_numbers_are_found_in_whole_and_by_their_end(month: Month) -> None:
    index, facts = month
    sample = random.Random(3).sample(facts, SAMPLE)
    assert mean([rank(index, wanted.number, wanted, facts) for wanted in sample]) == (1, 1)
    recall, _ = mean([rank(index, wanted.number[2:], wanted, facts) for wanted in sample])
    assert recall >= 0.98
