"""What pages say: the words of each verdict, dates and ages, and text that tries to be markup."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from keys.catalog import Text
from keys.dates import show_date
from tests.verify.founding import HOST
from tests.verify.site import every_verdict, make_site
from verify import words
from verify.headlines import KIND_WORDS
from verify.pages import breakable
from verify.spelling import show_age, show_moment
from verify.words import ACTS, PROBLEM_TEXTS, PROBLEMS, WORDS

# Page → its headline and the words that must follow it, in Thai and in English.
EXPECTED = {
    "VALID": ("ใบอนุญาตแท้ ประกอบกิจการได้วันนี้", "ใช้ได้ถึง 11 มกราคม 2570", "Genuine. May operate today"),
    "VALID, no end": ("ใบอนุญาตแท้ ประกอบกิจการได้วันนี้", "ไม่มีวันหมดอายุ", "Genuine. May operate today"),
    "RENEWAL_PENDING": (
        "ใบอนุญาตแท้ ประกอบกิจการได้ ระหว่างรอต่ออายุ",
        "ยื่นต่ออายุและชำระค่าธรรมเนียมแล้วเมื่อ 13 พฤศจิกายน 2569",
        "Genuine. May operate while renewal is decided",
    ),
    "NOT_YET_VALID": ("ใบอนุญาตแท้ ยังไม่ถึงวันเริ่มใช้", "เริ่มใช้ 1 ธันวาคม 2569", "Genuine. Not valid yet"),
    "EXPIRED": (
        "ใบอนุญาตหมดอายุแล้ว ประกอบกิจการไม่ได้",
        "หมดอายุเมื่อ 13 พฤศจิกายน 2569",
        "Expired. May not operate",
    ),
    "SUSPENDED": (
        "ใบอนุญาตถูกพักใช้ ประกอบกิจการไม่ได้ถึง 7 ธันวาคม 2569",
        "ตั้งแต่ 22 พฤศจิกายน 2569",
        "Suspended. May not operate until 7 December 2026",
    ),
    "REVOKED": (
        "ใบอนุญาตถูกเพิกถอน ประกอบกิจการไม่ได้",
        "ตั้งแต่ 22 พฤศจิกายน 2569 · เหตุ: ผิดเงื่อนไขใบอนุญาต",
        "Revoked. May not operate",
    ),
    "REVOKED, voided": (
        "ใบอนุญาตถูกยกเลิกเพราะออกโดยผิดพลาด ใช้ไม่ได้",
        "ตั้งแต่ 22 พฤศจิกายน 2569",
        "Voided: issued in error",
    ),
    "ENDED": ("ใบอนุญาตสิ้นสุดแล้ว", "มีใบใหม่แทน เมื่อ 22 พฤศจิกายน 2569", "No longer in use"),
    "NOT_GENUINE": (
        "ไม่ใช่เอกสารของทางราชการ",
        "คิวอาร์นี้ไม่ได้ออกจากทะเบียนนี้ อาจถูกแก้ไขหรือปลอม",
        "Not an official document",
    ),
    "NOT_FOUND": ("ไม่พบในทะเบียนนี้", "ไม่พบ ไม่ได้แปลว่าผิดกฎหมาย", "Not in this register"),
    "CANNOT_TELL, newer": ("ใบนี้ใหม่กว่าข้อมูลที่มี", "ลองใหม่ในอีกสักครู่", "Newer than our evidence"),
    "CANNOT_TELL, newer version": (
        "มีฉบับใหม่กว่าป้ายนี้",
        "ต่ออินเทอร์เน็ตแล้วสแกนอีกครั้ง",
        "A newer version exists",
    ),
    "older plate": ("ใบอนุญาตแท้ ประกอบกิจการได้วันนี้", "ป้ายนี้เป็นฉบับเก่า", "Genuine. May operate today"),
    "damaged": ("ลิงก์นี้ไม่ครบ", "สแกนคิวอาร์อีกครั้ง หรือพิมพ์รหัส 14 หลัก", "This link is incomplete"),
    "mistyped": ("รหัสนี้พิมพ์ไม่ครบหรือผิดตัว", "เทียบกับป้ายอีกครั้ง แล้วพิมพ์ใหม่", "That code has a typing mistake"),
}


def _headline(page: str) -> str:
    found = re.search(r"<h1 id=\"h\">(.*?)</h1>", page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", found[1])).strip()


def test_each_verdict_says_its_words_in_both_languages(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    paths = every_verdict(site)
    assert set(paths) - set(EXPECTED) == {"VALID, ten acts"}
    for name, (thai, detail, english) in EXPECTED.items():
        page = site.client.get(paths[name]).text
        assert _headline(page) == thai, name
        assert detail in page.replace("\u00a0", " "), name
        assert _headline(site.client.get(f"{paths[name]}?lang=en").text) == english, name


def test_every_word_stands_in_both_languages() -> None:
    tables: list[dict[str, Text]] = [WORDS, PROBLEMS, PROBLEM_TEXTS]
    texts = [text for table in tables for text in table.values()]
    for text in [*texts, *ACTS.values(), *KIND_WORDS.values()]:
        assert text.th
        assert text.en
        assert not re.search("[ก-๛]", text.en) or text is WORDS["switch"]
        assert set(re.findall(r"{\w+}", text.en)) <= set(re.findall(r"{\w+}", text.th))
        assert "!" not in text.th + text.en
    assert {kind for kind in ActKind if kind < ActKind.ERASURE} == set(words.ACTS)


@pytest.mark.parametrize(
    ("age", "thai", "english"),
    [
        (timedelta(0), "ไม่ถึง 1 นาที", "less than a minute"),
        (timedelta(seconds=60), "1 นาที", "1 minute"),
        (timedelta(minutes=15), "15 นาที", "15 minutes"),
        (timedelta(minutes=90), "90 นาที", "90 minutes"),
        (timedelta(hours=31), "31 ชั่วโมง", "31 hours"),
        (timedelta(days=3, hours=5), "3 วัน", "3 days"),
    ],
)
def test_ages_are_told_in_the_unit_people_would_use(age: timedelta, thai: str, english: str) -> None:
    assert (show_age(age, "th"), show_age(age, "en")) == (thai, english)


def test_dates_keep_together_and_years_are_of_the_reader() -> None:
    day = date(2027, 1, 11)
    assert show_date(day, "th").split("\u00a0") == ["11", "มกราคม", "2570"]
    assert show_date(day, "en", short=True).split("\u00a0") == ["11", "Jan", "2027"]
    moment = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    assert show_moment(moment, "th").replace("\u00a0", " ") == "1 ม.ค. 2570 เวลา 00:30 น."


def test_long_thai_labels_may_break_between_words_only() -> None:
    assert "<wbr>" in breakable("อายุผู้รับใบอนุญาต")
    assert breakable("อายุผู้รับใบอนุญาต").replace("<wbr>", "") == "อายุผู้รับใบอนุญาต"
    assert breakable("เลขที่") == "เลขที่"
    assert "<b>" not in breakable("<b>ป้ายที่ยาวมากพอสมควร")


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}",
    "</style><script>alert(1)</script>",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_license_becomes_markup(tmp_path: Path, payload: str) -> None:
    site = make_site(tmp_path)
    issued = site.register.issue(
        premises=payload,
        address=payload,
        number=payload,
        holder={"name": payload, "name_en": payload, "id": payload},
        fields={"activity": payload, "class": payload, payload: payload},
        conditions=(payload,),
        signer={"name": payload, "position": payload},
    )
    site.register.order(ActKind.SUSPENSION, issued, Status.SUSPENDED, reason=payload)
    site.publish()
    site.feed(issued)
    for path in (f"/c/{issued.code}", "/?province=77", f"/?q={payload}"):
        page = site.client.get(path).text
        assert not re.search(r"<(script|img)|49(?!\d)(?=</)", page), path
        assert "javascript:" not in re.findall(r'href="([^"]*)"', page)
        assert HOST in page
