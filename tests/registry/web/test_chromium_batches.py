"""The pages of batches in a real browser: without JavaScript, for screen readers, in both languages."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from registry.api_keys import Scope, add_key
from registry.intake.batches import Missing, Options, Release
from registry.intake.releasing import release
from tests.registry.arriving import asked, csv_of, enter, proposed, read, uploaded
from tests.registry.two_agencies import PASSWORD, Founded
from tests.registry.web.conftest import Office
from tests.registry.web.sending import newest
from tests.registry.web.test_batches import BACKDATED, thai_csv
from tests.registry.web.test_chromium import DESK, PHONE, violations

ASK = Options(Release.GOOD_ROWS, Missing.ASK)
LOOK = "\r\n71/77/2569,นายวัน เดียว,ไม่มี,1/2,770701,22/11/2569,y"
FAULTS = "\r\n70/77/2569,นายวัน เดียว,ร้านผิด,1/2,770701,29/2/2568,\r\n2/77/2569,x,ร้านซ้ำ,1/2,770701,22/11/2569,y"


def log_in(page: Page, login: str) -> None:
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button")


def test_two_officers_publish_a_file_without_javascript(
    browser: Browser, office: Office, tmp_path: Path
) -> None:
    """From a file on a disk to the receipt; the pages of what is under way look again by themselves."""
    register = office.register
    register.publish()
    (tmp_path / "ต.ค. 69.csv").write_bytes(thai_csv(3).replace(b"22/11/2569", b"20/11/2569"))
    context = browser.new_context(base_url=office.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/batches/new")
    log_in(page, "somying")
    page.select_option("#type", "1")
    page.set_input_files("#file", tmp_path / "ต.ค. 69.csv")
    page.click("main button.main")
    assert page.inner_text("h1") == "จับคู่คอลัมน์: ต.ค. 69.csv"
    page.select_option("#c-6", "valid_from")
    page.click("text=อ่านไฟล์ แล้วดูผลต่าง")
    assert "กำลังอ่านไฟล์" in page.inner_text("main")
    number = newest(register).id
    read(register)
    expect(page.locator("main")).to_contain_text("มีข้อผิดพลาด 1", timeout=30_000)  # By itself.
    page.click("main a:has-text('มีข้อผิดพลาด')")
    assert "29/2/2568" in page.inner_text("main")
    assert "ต้องให้เจ้าหน้าที่อีกคนเผยแพร่" in page.inner_text("main")  # These begin before today.
    page.click("text=ออกจากระบบ")
    log_in(page, "prayoon")
    page.click("main a:has-text('ดูผลต่าง')")
    page.click("text=เผยแพร่ใบอนุญาตใหม่ 3 ใบ")
    assert "กำลังเผยแพร่" in page.inner_text("main")
    enter(register, number)
    register.publish()
    expect(page.locator("main")).to_contain_text("เผยแพร่แล้ว 3 ใบ", timeout=30_000)
    with page.expect_download() as given:
        page.click("text=ดาวน์โหลดใบรับที่ลงนาม")
    assert given.value.suggested_filename == f"batch-{number}.receipt"
    context.close()


def stand_still(route: Route) -> None:
    """Some of these pages look again by themselves, and would go while they are examined."""
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=kept)


@pytest.mark.parametrize(
    ("scheme", "screen", "spoken"),
    [("dark", PHONE, "th"), ("light", DESK, "en")],
    ids=["dark phone", "light desk"],
)
def test_every_page_of_a_batch_is_readable_and_clean(
    open_as: Callable[..., Page],
    register: Founded,
    tmp_path: Path,
    scheme: str,
    screen: dict[str, int],
    spoken: str,
) -> None:
    """No axe violation and nothing wider than the screen, whatever state the batch is in."""
    paths = _some_batches(register)
    page = open_as("prayoon", color_scheme=scheme, viewport=screen)
    page.goto(f"/?lang={spoken}")
    page.context.route("**/batches/*", stand_still)
    for name, path in paths.items():
        page.goto(path)
        assert "show=" not in path or page.locator("tbody tr").count(), f"nothing stands under {name}"
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert violations(page) == [], name
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= screen["width"], f"{name} is {width} px wide"


def _some_batches(register: Founded) -> dict[str, str]:
    """A batch in each state, and rows of each kind; the address of each page."""
    register.issue({"number": "1/77/2569", "premises": "ร้านเดิมริมหาด"})
    register.issue({"number": "99/77/2569"})
    columns, refused = uploaded(register, thai_csv(2), "prayoon"), uploaded(register, b"%PDF-1.7", "prayoon")
    asked(register, refused, "prayoon")
    read(register)
    diff = proposed(register, csv_of(60) + (FAULTS + LOOK).encode(), options=ASK)
    second, own = (proposed(register, csv_of(2, BACKDATED, first=200), who) for who in ("somying", "prayoon"))
    done, moving = proposed(register, csv_of(2, first=400)), proposed(register, csv_of(2, first=500))
    reading = uploaded(register, csv_of(1))
    asked(register, reading)
    with register.services.database.writing.begin() as session:
        prayoon, office = register.officer("prayoon"), register.services.office(session)
        for number in (done, moving):
            release(session, number, prayoon, office=office, at=register.clock())
        scope = Scope("ระบบทะเบียนเดิม", (1,), may_release=True, life=timedelta(days=90))
        add_key(session, prayoon, scope, at=register.clock())
    enter(register, done)
    register.publish()
    tabs = {
        kind: f"/batches/{diff}?show={kind}"
        for kind in ("new", "changed", "missing", "conflict", "fault", "look")
    }
    return {
        "history": "/batches/",
        "new": "/batches/new",
        "columns": f"/batches/{columns}/columns",
        "undo": f"/batches/{done}/undo",
        "systems": "/systems/",
        "approvals": "/approvals/",
        **tabs,
        **{
            name: f"/batches/{number}"
            for name, number in {
                "refused": refused,
                "second": second,
                "own": own,
                "done": done,
                "moving": moving,
                "reading": reading,
            }.items()
        },
    }
