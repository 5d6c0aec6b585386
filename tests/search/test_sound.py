"""How names sound: alike in both scripts, however they are spelled."""

from dataclasses import replace

import pytest

from search.normalize import name_words
from search.sound import sound
from tests.search.indexes import Make
from tests.search.licenses import PLAIN, documents, found


def heard(name: str) -> str:
    return sound(name_words(name))


ALIKE = {
    "the names of English letters sound like the letters": [
        ("เคพีเอ็น", "KPN"),
        ("จี.บี.เอส.", "GBS"),
        ("เอชดีเอ็มซี", "hdmc"),
        ("เอสดับเบิ้ลยู", "SW"),
        ("เจ แอนด์ ที", "J and T"),
        ("ซี.พี.เอ็นจิเนียริ่ง", "CP Engineering"),
    ],
    "one name of a letter is a word": [("ดี", "dee")],
    "a loan word sounds like its English": [
        ("โกลบอล การ์ด", "global guard"),
        ("อินเตอร์เนชั่นแนล พร็อพเพอร์ตี้", "international property"),
        ("แอดวานซ์ เอ็นจิเนียริ่ง", "advance engineering"),
        ("ฮอลลีส์ คอฟฟี่", "holly's coffee"),
        ("บิสซิเนส (ประเทศไทย)", "business (Thailand)"),
        ("เบอร์เกอร์คิง", "Burger King"),
    ],
    "the last vowel of a first part is spoken": [
        ("วรศักดิ์", "worasak"),
        ("พีรวัฒน์", "phirawat"),
        ("อรสา", "orasa"),
        ("พัชรพร", "patcharaporn"),
        ("ณัฐ", "nat"),
    ],
    "words written together sound as they do apart": [
        ("สมชาย วิวัฒน์", "somchai wiwat"),
        ("วัฒน์ชัย", "watchai"),
        ("พรรณวดี", "phan wadee"),
    ],
}


@pytest.mark.parametrize(
    ("thai", "latin"),
    [pytest.param(*pair, id=f"{rule}: {pair[1]}") for rule, pairs in ALIKE.items() for pair in pairs],
)
def test_a_name_sounds_alike_in_both_scripts(thai: str, latin: str) -> None:
    assert heard(thai) == heard(latin)


@pytest.mark.parametrize("asked", ["เบอร์เกอร์คิง", "เบอเก้อคิง", "เบอร์เกอร์ คิงส์"])
def test_a_latin_name_is_found_by_its_sound_in_thai(make_index: Make, asked: str) -> None:
    index = make_index()
    burger = replace(PLAIN, code="1" * 14, premises="BURGER KING")
    other = replace(PLAIN, code="2" * 14, log_index=2, premises="บจ.สมุย เบอร์เกอร์ โค จำกัด")
    index.apply(documents(burger, other), cursor=3)
    assert found(index, asked)[:1] == (burger.code,)
