"""How names sound: alike in both scripts, however they are spelled."""

from dataclasses import replace

import pytest

from search.normalize import name_words
from search.sound import sound
from tests.search.indexes import Make
from tests.search.licenses import PLAIN, documents, found


def heard(name: str) -> str:
    return sound(name_words(name))


@pytest.mark.parametrize(
    ("thai", "english"),
    [
        ("เคพีเอ็น", "KPN"),
        ("จี.บี.เอส.", "GBS"),
        ("เอชดีเอ็มซี", "hdmc"),
        ("เอสดับเบิ้ลยู", "SW"),
        ("เจ แอนด์ ที", "J and T"),
        ("ซี.พี.เอ็นจิเนียริ่ง", "CP Engineering"),
    ],
)
def test_the_names_of_english_letters_sound_like_the_letters(thai: str, english: str) -> None:
    assert heard(thai) == heard(english)


def test_one_name_of_a_letter_is_a_word() -> None:
    assert heard("ดี") == heard("dee")


@pytest.mark.parametrize(
    ("thai", "english"),
    [
        ("โกลบอล การ์ด", "global guard"),
        ("อินเตอร์เนชั่นแนล พร็อพเพอร์ตี้", "international property"),
        ("แอดวานซ์ เอ็นจิเนียริ่ง", "advance engineering"),
        ("ฮอลลีส์ คอฟฟี่", "holly's coffee"),
        ("บิสซิเนส (ประเทศไทย)", "business (Thailand)"),
        ("เบอร์เกอร์คิง", "Burger King"),
    ],
)
def test_a_loan_word_sounds_like_its_english(thai: str, english: str) -> None:
    assert heard(thai) == heard(english)


@pytest.mark.parametrize(
    ("thai", "latin"),
    [
        ("วรศักดิ์", "worasak"),
        ("พีรวัฒน์", "phirawat"),
        ("อรสา", "orasa"),
        ("พัชรพร", "patcharaporn"),
        ("ณัฐ", "nat"),
    ],
)
def test_the_last_vowel_of_a_first_part_is_spoken(thai: str, latin: str) -> None:
    assert heard(thai) == heard(latin)


@pytest.mark.parametrize(
    ("thai", "latin"), [("สมชาย วิวัฒน์", "somchai wiwat"), ("วัฒน์ชัย", "watchai"), ("พรรณวดี", "phan wadee")]
)
def test_words_written_together_sound_as_they_do_apart(thai: str, latin: str) -> None:
    assert heard(thai) == heard(latin)


@pytest.mark.parametrize("asked", ["เบอร์เกอร์คิง", "เบอเก้อคิง", "เบอร์เกอร์ คิงส์"])
def test_a_latin_name_is_found_by_its_sound_in_thai(make_index: Make, asked: str) -> None:
    index = make_index()
    burger = replace(PLAIN, code="1" * 14, premises="BURGER KING")
    other = replace(PLAIN, code="2" * 14, log_index=2, premises="บจ.สมุย เบอร์เกอร์ โค จำกัด")
    index.apply(documents(burger, other), cursor=3)
    assert found(index, asked)[:1] == (burger.code,)
