"""Plates as pages: printed only once the public can check them, on one sheet, with what must be on it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from keys.acts import ActKind
from tests.registry.two_agencies import FORM, Founded
from tests.registry.web.conftest import Visitor

Enter = Callable[[str], Visitor]
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def test_a_plate_waits_until_its_entry_is_public(as_officer: Enter, register: Founded) -> None:
    register.publish()
    code = register.issue()
    officer = as_officer("wanna")
    for name in ("plate", "qr.svg", "qr.png"):
        assert officer.get(f"/licenses/{code}/{name}").status_code == 409
        assert "กำลังเผยแพร่" in officer.text()
    officer.get(f"/licenses/{code}")
    assert "กำลังเผยแพร่" in officer.text()
    register.publish()
    for name in ("plate", "qr.svg", "qr.png"):
        assert officer.get(f"/licenses/{code}/{name}").status_code == 200


def test_a_plate_says_what_it_must_and_nothing_that_grows_old(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    register.publish()
    officer = as_officer("wanna")
    officer.get(f"/licenses/{code}/plate?lang=en")
    plate = officer.page.find("main")
    assert plate is not None
    words = re.sub(r"\s+", " ", plate.get_text(" ", strip=True))
    for said in (
        "เทศบาลเมืองหัวหิน",
        "ใบอนุญาตประกอบกิจการที่เป็นอันตรายต่อสุขภาพ",
        f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}",
        "ต้องขึ้นเว็บ permit.example.go.th เท่านั้น",
        "อู่ช่างพงษ์ สาขาหัวหิน",
        "เลขที่ 12/345/2569",
        "ต.หัวหิน",
        "สถานะปัจจุบันดูจากหน้าเว็บ",
        "The status is on the web page",
    ):
        assert said in words, said
    for unsaid in ("2570", "2027", "ใช้ได้ถึง", "หมดอายุ", "บริษัท"):
        assert unsaid not in words, unsaid


def test_the_plate_of_a_new_version_waits_for_that_version(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    register.publish()
    officer = as_officer("somying")
    officer.get(f"/licenses/{code}/acts/replacement")
    officer.submit("ดูตัวอย่าง")
    form = officer.page.select("main form")[0]
    raw = {name: text for name, text in officer.fields(form).items() if name == "issued"}
    register.act(ActKind.REPLACEMENT, {**FORM, **raw, "valid_until": "21/11/2570"}, code=code)
    assert officer.get(f"/licenses/{code}/plate").status_code == 409
    register.publish()
    assert officer.get(f"/licenses/{code}/plate").status_code == 200


def test_an_unknown_size_is_no_page(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    register.publish()
    assert as_officer("wanna").get(f"/licenses/{code}/plate?size=B0").status_code == 404


def test_files_come_as_files(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    register.publish()
    officer = as_officer("wanna")
    for name, kind in (("qr.svg", "image/svg+xml"), ("qr.png", "image/png")):
        answer = officer.get(f"/licenses/{code}/{name}")
        assert answer.mimetype == kind
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"


def scanned(image: Image.Image) -> str:
    """What a phone reads in a picture."""
    barcodes = zxingcpp.read_barcodes(image.convert("L"), formats=QR)
    return "".join(barcode.text for barcode in barcodes)


NAMES: dict[str, dict[str, str]] = {
    "typical": {},
    "long": {
        "holder": "ก" * 60,
        "premises": "ร้านอาหารและเครื่องดื่มริมทะเล " * 4,
        "address": "88/4 ถนนเพชรเกษม " * 5,
    },
    "longest": {"holder": "ก", "premises": "ร้านอาหารริมทะเล " * 12, "address": "88/4 ถนนเพชรเกษม " * 29},
}


@pytest.mark.parametrize("names", list(NAMES))
def test_a_plate_fits_one_sheet_of_each_size_and_is_scanned(
    open_as: Callable[..., Page], register: Founded, tmp_path: Path, names: str
) -> None:
    """Printed by Chromium: one page, nothing cut off; the picture on the screen is decoded."""
    code = register.issue(NAMES[names])
    register.publish()
    page = open_as("wanna", viewport={"width": 1280, "height": 1400})
    for size, (width, height) in {"A4": (595, 842), "A5": (420, 595), "A6": (298, 420)}.items():
        page.goto(f"/licenses/{code}/plate?size={size}")
        cut = "e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1"
        assert not page.locator("main").evaluate(cut), size
        printed = page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
        ((found_width, found_height),) = boxes
        assert float(found_width) == pytest.approx(width, abs=2)
        assert float(found_height) == pytest.approx(height, abs=2)
        page.screenshot(path=tmp_path / f"{size}.png", full_page=True)
        with Image.open(tmp_path / f"{size}.png") as image:
            assert scanned(image).startswith("https://permit.example.go.th/v/")
