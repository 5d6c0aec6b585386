"""What was meant is told only where it was not typed."""

import pytest

from search import meant


@pytest.mark.parametrize(
    ("asked", "names", "said"),
    [
        ("คลินิคหมอประสิทธ์", ["คลินิกหมอประสิทธิ์ หู คอ จมูก"], "คลินิกหมอประสิทธิ์"),
        ("โลตัดดรักสโต", ["ร้านยาโลตัสดรักสโตร์"], "โลตัสดรักสโตร์"),
        ("ยิมสวยเดนทัน หัวหิน", ["ยิ้มสวยเดนทัล"], "ยิ้มสวยเดนทัล หัวหิน"),
        ("Oasis Lana Spa", ["Oasis Lanna Spa Co., Ltd."], "oasis lanna spa"),
        ("8iy;xhk,IRk", ["ครัวป้ามณฑา"], "ครัวป้ามณฑา"),
        ("หำฟิพำำผำ", ["Sea Breeze Pattaya"], "sea breeze"),
    ],
)
def test_a_misspelt_name_is_told_as_it_is_spelled(asked: str, names: list[str], said: str) -> None:
    assert meant(asked, names) == said


@pytest.mark.parametrize(
    "asked",
    ["ครัวป้ามณฑา", "มณฑา ครัว", "ครัวป้าม", "ครัวมณฑา หัวหิน", "12/944711/2561", "😀", "", "ก", "ไม่เหมือนเลยสักคำ"],
)
def test_nothing_is_told_of_what_stands_there_or_is_not_like_it(asked: str) -> None:
    assert meant(asked, ["ครัวป้ามณฑา"]) is None
