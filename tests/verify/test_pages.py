"""The public pages in a real browser: accessible, readable at 320 px, without JavaScript, in one request."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from keys.opening import open_statement
from tests.verify.site import Site, every_verdict, served

STANDING = {
    "home": "/",
    "results": "/?q=อู่ช่าง",
    "filtered": "/?q=อู่ช่าง&province=77&status=VALID&sort=newest",
    "meant": "/?q=อุ่ช่างพง",
    "nothing": "/?q=ไม่มีเลย",
    "nothing there": "/?q=อู่ช่าง&province=10&type=1",
    "types": "/types",
    "genuine": "/genuine",
}
BROKEN = {"not here": "/nothing"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str, dict[str, str]]]:
    """A served register, its address, and the path of each page by name."""
    with served(tmp_path_factory.mktemp("site")) as (site, address):
        paths = every_verdict(site) | STANDING | BROKEN
        pair = site.register.pairs[0]
        assert pair is not None
        code = open_statement(pair[0], site.register.ring).value.code
        paths["past day"] = f"/c/{code}?on=22/11/2569"
        paths["day without evidence"] = f"/c/{code}?on=1/2/2569"
        yield site, address, paths


def _with(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def _open(browser: Browser, **options: object) -> BrowserContext:
    return browser.new_context(java_script_enabled=False, **options)  # type: ignore[arg-type]


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "language"), [("light", "th"), ("dark", "en")])
def test_no_page_has_an_axe_violation(
    browser: Browser, pages: tuple[Site, str, dict[str, str]], scheme: Literal["light", "dark"], language: str
) -> None:
    _, address, paths = pages
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": 390, "height": 844}, bypass_csp=True
    )
    page, found = context.new_page(), {}
    for name, path in paths.items():
        page.goto(address + _with(path, language))
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        result = Axe().run(page)
        if result.violations_count:
            found[name] = result.generate_report()
    context.close()
    assert found == {}


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_page_fits_its_screen_without_javascript_and_loads_nothing_else(
    browser: Browser, pages: tuple[Site, str, dict[str, str]], width: int
) -> None:
    _, address, paths = pages
    context = _open(browser, viewport={"width": width, "height": 700})
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for path in paths.values():
        for language in ("th", "en"):
            asked.clear()
            page.goto(address + _with(path, language))
            assert [url for url in asked if not url.endswith("/favicon.ico")] == [page.url]
            overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, (path[:20], language, overflow)
            assert page.locator("h1").count() == 1
            small = page.evaluate(
                "[...document.querySelectorAll('main *')].filter(e => e.innerText && "
                "parseFloat(getComputedStyle(e).fontSize) < 14.5).length"
            )
            assert small == 0
    context.close()
    assert [text for text in complaints if "Content Security Policy" in text] == []


@pytest.mark.browser
def test_the_box_finds_a_place_and_a_code_without_javascript(
    browser: Browser, pages: tuple[Site, str, dict[str, str]]
) -> None:
    _, address, _ = pages
    context = _open(browser, locale="th-TH")
    page = context.new_page()
    page.goto(address)
    page.get_by_role("searchbox").or_(page.locator("#q")).fill("อู่ช่างพงษ์ หัวหิน")
    page.get_by_role("button").click()
    page.locator(".hit a").first.click()
    assert page.locator("h1").is_visible()
    assert "/c/" in page.url
    page.goto(address)
    page.locator("#q").fill("0000 0000 0000 98")
    page.get_by_role("button").click()
    assert page.url == f"{address}/c/00000000000098"
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    context.close()


@pytest.mark.browser
def test_the_verdict_is_the_first_thing_on_the_screen(
    page: Page, pages: tuple[Site, str, dict[str, str]]
) -> None:
    _, address, paths = pages
    page.set_viewport_size({"width": 320, "height": 640})
    for name, path in paths.items():
        if name in STANDING or name in BROKEN:
            continue
        page.goto(address + path)
        box = page.locator("h1").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 300, name
