"""The officers' application over a real register, and browsers without a screen to use it by."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from werkzeug.test import Client, TestResponse

from registry.web import create_app
from registry.web.sessions import start_session
from tests.registry.two_agencies import PASSWORD, Founded

ADDRESS = "https://office.example.go.th"


@dataclass
class Visitor:
    """Keeps cookies, and takes the token of the page before into each form it sends."""

    app: Flask
    client: Client = field(init=False)
    page: BeautifulSoup = field(init=False, default_factory=lambda: BeautifulSoup("", "html.parser"))

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str, **how: Any) -> TestResponse:
        """Open a page."""
        return self._keep(self.client.get(path, base_url=ADDRESS, buffered=True, **how))

    def post(
        self, path: str, form: Mapping[str, Any] | None = None, *, token: str | None = None
    ) -> TestResponse:
        """Send a form with the token of the page before, as a browser does."""
        own = self.page.find("input", {"name": "csrf_token"})
        found = token if token is not None else str(own["value"]) if own else ""
        headers = {"Sec-Fetch-Site": "same-origin"}
        sent = {"csrf_token": found, **(form or {})}
        return self._keep(self.client.post(path, data=sent, base_url=ADDRESS, headers=headers))

    def follow(self, answer: TestResponse) -> TestResponse:
        """Go where a redirect leads."""
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["Location"])
        return self.get(parts.path + (f"?{parts.query}" if parts.query else ""))

    def submit(self, button: str, changes: Mapping[str, Any] | None = None) -> TestResponse:
        """Press a button of the page before: its form's fields with changes, to its own address."""
        pressed = next(b for b in self.page.find_all("button") if button in b.get_text(" ", strip=True))
        form = pressed.find_parent("form")
        assert form is not None
        action = pressed.get("formaction") or form["action"]
        return self.post(str(action), {**self.fields(form), **(changes or {})})

    @staticmethod
    def fields(form: Tag) -> dict[str, str]:
        """Names and values of a form, as a browser would send them."""
        values: dict[str, str] = {}
        for one in form.find_all(["input", "select", "textarea"]):
            if one.name == "select":
                chosen = one.find("option", selected=True)
                values[str(one["name"])] = str(chosen["value"]) if chosen else ""
            elif (one.get("type") in ("radio", "checkbox") and not one.has_attr("checked")) or one.get(
                "type"
            ) == "file":
                continue
            elif one.name == "textarea":
                values[str(one["name"])] = one.text.removeprefix("\n")
            else:
                values[str(one["name"])] = str(one.get("value", ""))
        return values

    def log_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        """Log in on the page, as a browser that was not logged in."""
        self.client.delete_cookie("permits-office", domain="office.example.go.th")
        self.get("/login")
        return self.post("/login", {"login": login, "password": password})

    def text(self) -> str:
        """The words of the page before."""
        return re.sub(r"\s+", " ", self.page.get_text(" "))

    def _keep(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html":
            self.page = BeautifulSoup(answer.text, "html.parser")
        return answer


def upload(officer: Visitor, *files: bytes) -> TestResponse:
    """Send signed proposals by the form of the keys' page."""
    officer.get("/keys/")
    own = officer.page.find("input", {"name": "csrf_token"})
    form = {
        "csrf_token": str(own["value"]) if own else "",
        "proposal": [(BytesIO(content), f"{n}.proposal") for n, content in enumerate(files)],
    }
    headers = {"Sec-Fetch-Site": "same-origin"}
    return officer._keep(officer.client.post("/keys/ring", data=form, base_url=ADDRESS, headers=headers))


@pytest.fixture
def app(register: Founded) -> Flask:
    return create_app(register.services)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Nobody yet: a browser without a cookie."""
    return Visitor(app)


@pytest.fixture
def as_officer(app: Flask, register: Founded) -> Callable[[str], Visitor]:
    """A browser that is logged in already, without the cost of a password."""

    def enter(login: str) -> Visitor:
        with register.services.database.writing.begin() as session:
            token = start_session(session, {}, register.officer(login).id, at=register.clock())
        made = Visitor(app)
        made.client.set_cookie("permits-office", token, domain="office.example.go.th", secure=True)
        return made

    return enter


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
