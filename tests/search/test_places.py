"""Words that name a place, and names as they sound."""

import pytest

from search.normalize import name_words
from search.places import named_places
from search.reading import readings
from search.sound import sound


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("ร้านยา หัวหิน", [{7707, 770701, 460805}]),
        ("ร้านยา อ.หัวหิน", [{7707}]),
        ("โรงแรม เขตบางรัก กรุงเทพ", [{1004}, {10}]),
        ("hotel hua hin", [{7707, 770701, 460805}]),
        ("คลินิก โคราช", [{30, 301803}]),
        ("ครัวป้ามณฑา", []),
    ],
)
def test_places_are_known_by_what_people_call_them(asked: str, codes: list[set[int]]) -> None:
    assert [set(named.codes) for named in readings(asked)[0].places] == codes


def test_places_do_not_overlap() -> None:
    named = named_places(("เมือง", "เชียง", "ใหม่", "เชียง", "ใหม่"))
    assert [(one.begin, one.end) for one in named] == [(0, 3), (3, 5)]


@pytest.mark.parametrize(
    ("thai", "latin"),
    [
        ("โลตัสดรักสโตร์", "lotus drugstore"),
        ("ก๋วยเตี๋ยวเรือกิมลั้ง", "kuay teow ruea kimlang"),
        ("สมบูรณ์ ทรัพย์", "sombun sap"),
        ("ศิริพร", "siriporn"),
        ("เมืองทราย", "muang sai"),
    ],
)
def test_a_name_sounds_the_same_in_both_scripts(thai: str, latin: str) -> None:
    assert sound(name_words(thai)) == sound(name_words(latin))
