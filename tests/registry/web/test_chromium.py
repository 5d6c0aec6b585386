"""The office in a real browser: without JavaScript, for screen readers, on phones, in light and dark."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from keys.acts import ActKind
from keys.keyring import Role
from tests.registry.key_steps import key_of
from tests.registry.two_agencies import FORM, HUA_HIN, PASSWORD, TRADE, Founded
from tests.registry.web.conftest import Office

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
_AXE = Axe()


def fill(page: Page, **changes: str) -> None:
    """Fill the form of an issuance in as a person would."""
    for name, value in {**FORM, **changes}.items():
        box = page.locator(f'[name="{name}"]')
        if box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)


def violations(page: Page) -> list[str]:
    """What axe finds wrong, as rule and element."""
    found = _AXE.run(page).response["violations"]
    return [
        f"{v['id']}: {n['html'][:120]} {n.get('failureSummary', '')[:200]}" for v in found for n in v["nodes"]
    ]


def test_two_officers_issue_and_revoke_without_javascript(browser: Browser, office: Office) -> None:
    """From log-in to the revoked license; the second officer approves what the first proposed."""
    context = browser.new_context(base_url=office.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/issue/1")
    page.fill("#login", "somying")
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert page.url.endswith("/issue/1")  # Where the officer wanted to go.
    for name, value in FORM.items():
        box = page.locator(f'[name="{name}"]')
        if name == "field.group":
            box.select_option(value)
        else:
            box.fill("หัวหิน" if name == "place" else value)
    page.click("text=ดูตัวอย่างก่อน")
    assert "สิ่งที่ประชาชนจะเห็น" in page.inner_text("main")
    page.click("main button.main")
    assert "ใบอนุญาตแท้ · ประกอบกิจการได้วันนี้" in page.inner_text("main")
    page.click("main a:text-is('เพิกถอน')")
    page.select_option("[name=reason]", "conditions")
    page.click("text=ดูตัวอย่างก่อน")
    assert "ใบอนุญาตถูกเพิกถอน · ประกอบกิจการไม่ได้" in page.inner_text("main")
    page.click("text=ส่งขออนุมัติ: เพิกถอนใบอนุญาต 12/345/2569")
    assert "คุณเป็นผู้เสนอ" in page.inner_text("main")
    page.click("text=ออกจากระบบ")
    page.fill("#login", "prayoon")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.click("text=ตรวจและอนุมัติ")
    page.click("text=อนุมัติ: เพิกถอนใบอนุญาต 12/345/2569")
    assert "ใบอนุญาตถูกเพิกถอน · ประกอบกิจการไม่ได้" in page.inner_text("main")
    assert "ผิดเงื่อนไขใบอนุญาต" in page.inner_text("main")
    context.close()


@pytest.mark.parametrize(
    ("scheme", "screen"), [("dark", PHONE), ("light", DESK)], ids=["dark phone", "light desk"]
)
def test_every_page_is_readable_and_clean(
    open_as: Callable[..., Page], register: Founded, tmp_path: Path, scheme: str, screen: dict[str, int]
) -> None:
    """No axe violation, nothing wider than the screen, dark on a phone and light on a desk."""
    paths = _some_register(register)
    page = open_as("prayoon", color_scheme=scheme, viewport=screen)
    for name, path in paths.items():
        page.goto(path)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert violations(page) == [], name
        width = page.evaluate("document.documentElement.scrollWidth")
        assert name == "plate" or width <= screen["width"], f"{name} is {width} px wide"
    page.goto("/issue/1")
    page.click("text=ดูตัวอย่างก่อน")
    page.screenshot(path=tmp_path / "faults.png", full_page=True)
    assert violations(page) == []
    fill(page, number="1/2/2569")
    page.click("text=ดูตัวอย่างก่อน")
    page.screenshot(path=tmp_path / "preview.png", full_page=True)
    assert violations(page) == []
    admin = open_as("adisak", color_scheme=scheme, viewport=screen)
    admin.goto("/officers/")
    assert violations(admin) == []
    of_keys = open_as("kanya", color_scheme=scheme, viewport=screen)
    for name in _through_the_keys(of_keys, register):
        of_keys.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert violations(of_keys) == [], name
        width = of_keys.evaluate("document.documentElement.scrollWidth")
        assert width <= screen["width"], f"{name} is {width} px wide"


def _through_the_keys(page: Page, register: Founded) -> Iterator[str]:
    """Open the key officer's pages one after the other; gives the name of each."""
    kid = key_of(register.services, Role.AGENCY, HUA_HIN).public.kid.hex()
    page.goto("/keys/")
    page.select_option("[name=owner]", "1")
    page.click("text=เสนอกุญแจดอกนี้")
    yield "keys"
    page.goto(f"/keys/{kid}")
    yield "key"
    page.goto(f"/keys/{kid}/compromise")
    page.click("text=ดูสิ่งที่ประชาชนจะเห็น")
    yield "mark-faults"
    page.select_option("[name=reason]", "stolen")
    page.fill("[name=good_size]", "6")
    page.click("text=ดูสิ่งที่ประชาชนจะเห็น")
    yield "mark-preview"
    page.click(f"text=ระงับกุญแจ {kid} ของ")
    yield "keys-marked"


def _some_register(register: Founded) -> dict[str, str]:
    code = register.issue()
    register.issue({"number": "13/345/2569", "premises": "ร้านซักอบรีดริมหาด", "valid_from": "22/11/2569"})
    trade = register.issue(kind=TRADE)
    register.act(ActKind.RENEWAL_FILING, {"legal_basis": "มาตรา 55"}, code=code)
    register.propose(ActKind.REVOCATION, {"legal_basis": "มาตรา 60", "reason": "conditions"}, code=code)
    register.publish()
    register.issue({"number": "14/345/2569"})
    return {
        "home": "/",
        "licenses": "/licenses/",
        "license": f"/licenses/{code}",
        "image-only": f"/licenses/{trade}",
        "choose": "/issue/",
        "issue": "/issue/1",
        "amend": f"/licenses/{code}/acts/amendment",
        "suspend": f"/licenses/{code}/acts/suspension",
        "approvals": "/approvals/",
        "approval": "/approvals/5",
        "sessions": "/account/sessions",
        "plate": f"/licenses/{code}/plate",
        "absent": "/licenses/00000000000097",
    }
