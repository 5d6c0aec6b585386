"""What people type, and that it finds the license."""

import pytest

from search.layout import as_typed_on_english, as_typed_on_thai
from tests.search.indexes import Index
from tests.search.licenses import HOTEL, NANG_RONG, PHARMACY, SMILE, ask, found


@pytest.mark.parametrize(
    "words",
    ["คลินิกทันตกรรมยิ้มสวย", "คลินิก ทันตกรรม ยิ้ม สวย", "ยิ้มสวย คลินิกทันตกรรม", "ทันตกรรมยิ้มสวย", "ยิ้มสวย"],
)
def test_a_thai_name_is_found_with_and_without_blanks_and_in_any_order(index: Index, words: str) -> None:
    assert found(index, words)[0] == SMILE.code


@pytest.mark.parametrize(
    "words",
    [
        "บริษัท ยิ้มสวยเดนทัล จำกัด",
        "บริษัทยิ้มสวยเดนทัลจำกัด",
        "บจ.ยิ้มสวยเดนทัล",
        "บจก. ยิ้มสวยเดนทัล",
        "บมจ. ยิ้มสวยเดนทัล จำกัด (มหาชน)",
        "หจก.ยิ้มสวยเดนทัล",
        "Smile Dental Company Limited",
        "SMILE DENTAL CO.,LTD.",
        "smile dental",
    ],
)
def test_a_legal_form_does_not_count(index: Index, words: str) -> None:
    assert found(index, words)[0] == SMILE.code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("สมชาย ใจดี", PHARMACY.code),
        ("นายสมชาย ใจดี", PHARMACY.code),
        ("นาย สมชาย", PHARMACY.code),
        ("คุณ สมชาย", PHARMACY.code),
        ("น.ส. สมหญิง", NANG_RONG.code),
        ("นางสาวสมหญิง", NANG_RONG.code),
        ("สมหญิง ณ ระนอง", NANG_RONG.code),
    ],
)
def test_a_title_does_not_count(index: Index, words: str, code: str) -> None:
    assert found(index, words)[0] == code


def test_a_name_that_begins_like_a_title_is_found(index: Index) -> None:
    assert found(index, "นางรอง")[0] == NANG_RONG.code
    assert found(index, "นางรองการยาง")[0] == NANG_RONG.code


@pytest.mark.parametrize("end", range(2, len("คลินิกทันตกรรมยิ้มสวย") + 1))
def test_a_name_is_found_at_each_letter_while_it_is_typed(index: Index, end: int) -> None:
    assert SMILE.code in found(index, "คลินิกทันตกรรมยิ้มสวย"[:end])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ร้านยา หัวหิน", PHARMACY.code),
        ("รุ่งเรือง หัวหิน", PHARMACY.code),
        ("หัวหิน ยิ้มสวย", SMILE.code),
        ("ยิ้มสวย 99/1", SMILE.code),
        ("โรงแรม เชียงใหม่", HOTEL.code),
        ("Chiang Mai โรงแรม", HOTEL.code),
        ("ร้านยา บุรีรัมย์", NANG_RONG.code),
    ],
)
def test_place_type_and_name_are_combined(index: Index, words: str, code: str) -> None:
    assert found(index, words)[0] == code


def test_a_place_finds_all_that_is_there(index: Index) -> None:
    assert set(found(index, "หัวหิน")) == {SMILE.code, PHARMACY.code}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("คลีนิคทันตกรรมยิ้มสวย", SMILE.code),
        ("คลินิกทันตะกำยิมสวย", SMILE.code),
        ("ยิ้มสวยเด็นทัล", SMILE.code),
        ("รุ่งเรื่องเภสัช", PHARMACY.code),
        ("รุงเรืองเพสัด", PHARMACY.code),
        ("นางรองกานยาง", NANG_RONG.code),
        ("เจริญทรัพการโรงแรม", HOTEL.code),
        ("อินเต้อร์เทรดดิง", HOTEL.code),
    ],
)
def test_a_misspelt_name_is_found(index: Index, words: str, code: str) -> None:
    assert found(index, words)[0] == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("yim suay", SMILE.code),
        ("yimsuai", SMILE.code),
        ("rungruang pesat", PHARMACY.code),
        ("roongrueng", PHARMACY.code),
        ("somchai jaidee", PHARMACY.code),
        ("charoensap", HOTEL.code),
        ("jaroen sub", HOTEL.code),
        ("intertrading place", HOTEL.code),
    ],
)
def test_a_romanized_name_is_found(index: Index, words: str, code: str) -> None:
    assert found(index, words)[0] == code


def test_a_name_typed_on_the_other_keyboard_layout_is_found(index: Index) -> None:
    assert found(index, "pbh,l;p")[0] == SMILE.code


def test_decomposed_and_doubled_marks_do_not_count(index: Index) -> None:
    assert found(index, "ย\u200bิ้้มส\u00a0วย")[0] == SMILE.code


def test_words_that_are_nowhere_find_nothing(index: Index) -> None:
    page = ask(index, "ฮกฮฟฮฬฮ")
    assert (page.codes, page.total, page.capped, page.next) == ((), 0, False, None)


def test_what_has_no_letter_or_digit_finds_nothing(index: Index) -> None:
    assert found(index, "😀 *") == ()


def test_words_are_narrowed_by_filters(index: Index) -> None:
    assert found(index, "หัวหิน", license_type=3) == (PHARMACY.code,)
    assert found(index, "หัวหิน", province=50) == ()
    assert found(index, "หัวหิน", district=7707, agency=1, license_type=2) == (SMILE.code,)
    assert found(index, "คลีนิคยิมสวย", license_type=3) == ()


@pytest.mark.parametrize("typed", ["เพรชราชา", "เวียบางกกก", "ล้านบุบผา"])
def test_a_misspelt_name_is_not_taken_for_english(typed: str) -> None:
    """Its keys give letters with ; [ ] or = among them, which no English name has."""
    assert as_typed_on_english(typed) is None


@pytest.mark.parametrize("typed", ["burger king", "solar rocky home", "double a"])
def test_an_english_name_is_not_taken_for_thai(typed: str) -> None:
    """Its keys give marks that stand at no letter."""
    assert as_typed_on_thai(typed) is None


def test_digits_that_stand_alone_stay_what_they_are_on_any_layout() -> None:
    assert as_typed_on_thai("pbh, 168") == "ยิ้ม 168"
