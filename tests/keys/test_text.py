"""Canonical Thai text: one spelling for what looks the same, whatever was typed."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keys import text as spelling
from keys.text import canonical, fold_digits, from_windows_874, has_mark_flood, to_windows_874
from tests.keys.strategies import THAI

MARKS = "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e\u0e32\u0e33\u0e40\u0e41"
ZERO_WIDTH = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202e\u2066\u2069\u034f\ufe0f\ufe00\u3164"
)
BLANKS = " \t\n\r\u00a0\u2003\u2028\u3000"

thai = st.text(st.sampled_from(MARKS * 3 + THAI + " "), max_size=12)
texts = st.one_of(
    thai, st.text(st.sampled_from(THAI + ZERO_WIDTH + BLANKS + "aé"), max_size=12), st.text(max_size=12)
)


@given(texts)
@settings(max_examples=200)
@example("\u0e4d\u0e4d\u0e32\u0e48\u0e33")
@example("\u0e40\u200b\u0e40\u0e40")
def test_canonical_is_idempotent(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@given(texts)
@settings(max_examples=150)
def test_canonical_does_not_depend_on_normalization(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert canonical(unicodedata.normalize(form, text)) == canonical(text)


@given(thai, st.lists(st.tuples(st.integers(0, 20), st.sampled_from(ZERO_WIDTH)), max_size=4))
@settings(max_examples=150)
def test_what_cannot_be_seen_makes_no_difference(text: str, hidden: list[tuple[int, str]]) -> None:
    seeded = text
    for at, character in hidden:
        seeded = seeded[:at] + character + seeded[at:]
    assert canonical(seeded) == canonical(text)


@given(texts)
def test_canonical_text_has_single_blanks_and_nothing_hidden(text: str) -> None:
    result = canonical(text)
    assert result == result.strip() == unicodedata.normalize("NFC", result)
    assert "  " not in result
    assert not set(result) & set(ZERO_WIDTH + BLANKS.replace(" ", ""))
    assert not {"Cc", "Cf", "Cs", "Co", "Cn"} & set(map(unicodedata.category, result))


@given(st.permutations(["\u0e38", "\u0e48", "\u0e4c"]), st.permutations(["\u0e35", "\u0e49"]))
def test_marks_stand_in_one_order_whatever_was_typed(first: list[str], second: list[str]) -> None:
    assert canonical(f"ก{''.join(first)}ท{''.join(second)}") == "ก\u0e38\u0e48\u0e4cท\u0e35\u0e49"


@pytest.mark.parametrize(
    "spelling", ["น\u0e49\u0e33", "น\u0e33\u0e49", "น\u0e4d\u0e49\u0e32", "น\u0e49\u0e4d\u0e32"]
)
def test_water_has_one_spelling(spelling: str) -> None:
    assert canonical(spelling) == "น\u0e49\u0e33"


@pytest.mark.parametrize(
    "text", ["ร้านอาหาร ก๋วยเตี๋ยวเรือ", "๑๒๓/๒๕๖๙", "บริษัท เอ.บี.ซี. (ไทย) จำกัด", "O'Neil & Sons"]
)
def test_ordinary_names_stay_as_they_are(text: str) -> None:
    assert canonical(text) == text


@given(st.text(max_size=20))
def test_folding_touches_digits_only(text: str) -> None:
    folded = fold_digits(text)
    assert len(folded) == len(text)
    assert all(new == old or new in "0123456789" for new, old in zip(folded, text, strict=True))


@given(st.text(st.sampled_from(THAI + "aZ0 ~"), max_size=20))
def test_thai_text_takes_one_byte_a_character(text: str) -> None:
    data = to_windows_874(text)
    assert data is not None
    assert len(data) == len(text)
    assert from_windows_874(data) == text
    # What the specification gives readers in place of a table.
    assert "".join(chr(b) if b < 0x80 else chr(b + 0xD60) for b in data) == text


@given(st.binary(max_size=20))
def test_bytes_are_windows_874_text_or_none(data: bytes) -> None:
    text = from_windows_874(data)
    assert text is None or to_windows_874(text) == data


@pytest.mark.parametrize("text", ["\u0e3b", "\u00a0", "€", "…", "é", "\t", "\x7f", "𝒳"])
def test_other_characters_do_not_fit_one_byte(text: str) -> None:
    assert to_windows_874(text) is None


syllables = st.lists(
    st.sampled_from(["a", "1", " ", "ก", "กั", "ที่", "ก่", "ำ", "เ", "แ", "ฯ", "๑", "์", "ู"])
).map("".join)


@given(syllables | texts)
@settings(max_examples=300)
@example("ที่ 1 ก้าว")
def test_what_is_taken_for_canonical_at_a_glance_is_so(text: str) -> None:
    if spelling._is_plain(text):
        assert spelling._pass(text) == text
        assert not has_mark_flood(text)


def test_texts_as_they_are_written_are_canonical_at_a_glance() -> None:
    for text in ("", "ผู้ที่อยู่ ณ ป่าไม้", "บริษัท ก้าวหน้าการช่าง จำกัด", "1,000/๒๕๖๙", "a"):
        assert spelling._is_plain(text)
    for text in (" ก", "ก ", "ก  ก", "่ก", "ก ่", "กาี", "เเก", "ก้ี", "é", "\t"):
        assert not spelling._is_plain(text) or spelling._pass(text) == text


def test_a_flood_of_marks_is_noticed_and_thai_is_none() -> None:
    assert not has_mark_flood("ผู้ที่อยู่ ณ ป่าไม้ ปู่ญี่ปุ่น กิ๊ก เล่ห์ Café")
    assert not has_mark_flood("ก\u0e38\u0e34\u0e48")
    assert has_mark_flood("ก\u0e38\u0e34\u0e48\u0e4c")
    assert has_mark_flood("a" + "\u0300" * 4)
