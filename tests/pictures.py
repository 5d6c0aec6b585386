"""Photographs a verdict page and a plate of a fresh demonstration; run by bin/pictures."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.test_path import run, start, stop

_FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main(folder: Path) -> None:
    """Write verdict.png and plate.png into `folder`."""
    data = Path(tempfile.mkdtemp(prefix="permits-pictures-"))
    run("demo", "--data", str(data), "--licenses", "300")
    service = start(data)
    try:
        with sync_playwright() as playwright:
            program = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, locale="th-TH", java_script_enabled=False
            )
            page = context.new_page()
            page.goto(f"http://localhost:{service.port}{service.link('valid')}")
            page.screenshot(path=str(folder / "verdict.png"))
            login = service.showcase["logins"][0]
            page.goto(f"http://localhost:{service.port + 1}/login")
            page.fill("input[name=login]", login["login"])
            page.fill("input[name=password]", login["password"])
            page.click("form.card button")
            code = service.link("ten-acts").removeprefix("/c/")
            page.goto(f"http://localhost:{service.port + 1}/licenses/{code}/plate")
            page.set_viewport_size({"width": 559, "height": 794})  # A5 at 96 dots an inch.
            page.emulate_media(media="print")
            page.screenshot(path=str(folder / "plate.png"))
            browser.close()
    finally:
        stop(service)
        shutil.rmtree(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
