"""The office in a real browser: without JavaScript, for screen readers, on phones, in light and dark."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from keys.acts import ActKind
from registry.web.sessions import start_session
from tests.registry.two_agencies import FORM, PASSWORD, TRADE, Founded

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
_AXE = Axe()


@dataclass(frozen=True)
class Office:
    """The application on a port of this machine."""

    address: str
    register: Founded

    def cookie(self, login: str) -> dict[str, str]:
        """The cookie of an officer who is logged in already."""
        with self.register.services.database.writing.begin() as session:
            token = start_session(session, {}, self.register.officer(login).id, at=self.register.clock())
        return {"name": "permits-office", "value": token, "url": self.address}


@pytest.fixture
def office(app: Flask, register: Founded) -> Iterator[Office]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Office(f"http://127.0.0.1:{server.server_port}", register)
    server.shutdown()
    thread.join()


@pytest.fixture
def open_as(browser: Browser, office: Office) -> Iterator[Callable[..., Page]]:
    """A page of an officer who is logged in; options are those of a browser's context."""
    contexts = []

    def enter(login: str, **options: object) -> Page:
        context = browser.new_context(base_url=office.address, **options)  # type: ignore[arg-type]
        context.add_cookies([office.cookie(login)])  # type: ignore[list-item]
        contexts.append(context)
        return context.new_page()

    yield enter
    for context in contexts:
        context.close()


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_is_readable_and_clean(
    open_as: Callable[..., Page], register: Founded, tmp_path: Path, scheme: str, screen: dict[str, int]
) -> None:
    """No axe violation, nothing wider than the screen, in light and dark, on a phone and on a desk."""
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
