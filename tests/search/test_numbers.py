"""Official numbers, in whole and in part, and codes."""

import pytest

from tests.search.indexes import Index
from tests.search.licenses import HOTEL, PHARMACY, SMILE, found


@pytest.mark.parametrize(
    "number",
    [
        "จ3-9(6)-100/51ปจ",
        "จ3 9 6 100 51 ปจ",
        "จ3961 0051ปจ",
        "จ.๓-๙(๖)-๑๐๐/๕๑ ปจ",
        "จ３-９(６)-１００/５１ปจ",
    ],
)
def test_a_number_is_found_in_any_punctuation_and_digits(index: Index, number: str) -> None:
    assert found(index, number) == (SMILE.code,)


@pytest.mark.parametrize("first", range(7))
@pytest.mark.parametrize("last", range(7))
def test_a_number_is_found_by_any_contiguous_part(index: Index, first: int, last: int) -> None:
    parts = ["จ", "3", "9", "6", "100", "51", "ปจ"][first : last + 1]
    if sum(map(str.isdecimal, "".join(parts))) >= 3:
        assert SMILE.code in found(index, "-".join(parts))


@pytest.mark.parametrize(
    "number", ["12/45/2561", "0012/0045/2561", "12-45-2561", "เล่มที่ 12 เลขที่ 45 ปี 2561", "45/2561"]
)
def test_leading_zeros_of_parts_do_not_count(index: Index, number: str) -> None:
    assert found(index, number)[0] == HOTEL.code


@pytest.mark.parametrize("number", ["0105559007128", "0-1055-59007-12-8", "๐๑๐๕๕๕๙๐๐๗๑๒๘", "105559007128"])
def test_a_long_number_is_found_in_any_grouping(index: Index, number: str) -> None:
    assert found(index, number) == (SMILE.code,)


@pytest.mark.parametrize("number", ["07128", "01055", "559007", "7128"])
def test_a_long_number_is_found_by_its_end_beginning_and_middle(index: Index, number: str) -> None:
    assert found(index, number) == (SMILE.code,)


def test_a_whole_number_comes_alone(index: Index) -> None:
    assert found(index, "12/2560") == (PHARMACY.code,)


def test_a_number_and_a_name_are_combined(index: Index) -> None:
    assert found(index, "รุ่งเรืองเภสัช 12/2560")[0] == PHARMACY.code


@pytest.mark.parametrize(
    "code", ["22222222222222", "2222-2222-2222-22", "๒๒๒๒ ๒๒๒๒ ๒๒๒๒ ๒๒", " 22 2222222222 22 "]
)
def test_a_code_is_found_in_any_grouping(index: Index, code: str) -> None:
    assert found(index, code) == (PHARMACY.code,)


@pytest.mark.parametrize(
    "asked",
    [
        "ทะเบียนโรงงานเลขที่ จ3-9(6)-100/51ปจ",
        "factory license no. จ3-9(6)-100/51ปจ",
        "เลขทะเบียนนิติบุคคล 0105559007128",
        "company 0-1055-59007-12-8",
        "ร้านทำฟัน 3-9(6)-100/51ปจ",
    ],
)
def test_a_whole_number_is_found_among_other_words_also_without_its_beginning(
    index: Index, asked: str
) -> None:
    assert found(index, asked) == (SMILE.code,)


@pytest.mark.parametrize("asked", ["รหัส 2222-2222-2222-22", "https://permit.example.go.th/c/22222222222222"])
def test_a_code_is_found_among_other_words(index: Index, asked: str) -> None:
    assert found(index, asked) == (PHARMACY.code,)


@pytest.mark.parametrize("part", ["2222-2222-2222", "222222222222", "2222222222222"])
def test_a_part_of_a_code_finds_nothing(index: Index, part: str) -> None:
    """Codes must not be harvested by guessing their beginnings."""
    assert found(index, part) == ()


def test_a_code_obeys_the_filters(index: Index) -> None:
    assert found(index, PHARMACY.code, license_type=3) == (PHARMACY.code,)
    assert found(index, PHARMACY.code, license_type=2) == ()
