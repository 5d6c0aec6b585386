"""Every answer: its headers, its status, and what becomes of input that no form would send."""

import base64
import hashlib
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask, request

from keys.acts import ActKind
from registry.config import RegistryConfig
from registry.db import open_database
from registry.services import Services
from registry.web import create_app
from registry.web.headers import FIXED
from tests.registry.two_agencies import FORM, TRADE, Founded, settings_in
from tests.registry.web.conftest import ADDRESS, Visitor

Enter = Callable[[str], Visitor]


def with_config(register: Founded, **changes: object) -> Flask:
    config: RegistryConfig = settings_in(register.folder, **changes)
    return create_app(Services(config, register.services.database, register.services.vault, register.clock))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/login", 200),
        ("/healthz", 200),
        ("/", 302),
        ("/nowhere", 404),
        ("/licenses/00000000000000", 404),
        ("/licenses/" + "9" * 14, 404),
        ("/approvals/999999999999999999999999", 404),
        ("/approvals/" + "9" * 5000, 404),
        ("/approvals/0", 404),
        ("/approvals/๑", 404),
        ("/licenses/%00", 404),
        ("/login%ff", 404),
    ],
)
def test_every_answer_carries_the_headers(visitor: Visitor, path: str, status: int) -> None:
    answer = visitor.get(path)
    assert answer.status_code == status
    for name, value in FIXED.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["Strict-Transport-Security"]
    assert "Server" not in answer.headers


def test_every_style_on_a_page_is_one_the_policy_names(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    register.publish()
    officer = as_officer("somying")
    for path in ("/", f"/licenses/{code}/plate", f"/licenses/{code}/plate?size=A6"):
        answer = officer.get(path)
        styles = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        assert styles
        for style in styles:
            digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"\sstyle=|\son[a-z]+=|<script", answer.text)


def test_no_template_marks_a_value_as_safe(app: Flask) -> None:
    for name in app.jinja_env.list_templates():
        source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)  # type: ignore[union-attr]
        assert "|safe" not in source.replace(" ", "")
        assert "autoescape false" not in source


def test_too_much_is_refused_without_being_read(as_officer: Enter) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    assert officer.post("/issue/1", {**FORM, "holder": "ก" * 300_000}).status_code == 413
    officer.get("/issue/1")
    assert officer.post("/issue/1", {f"x{n}": "" for n in range(5000)}).status_code in (413, 422)


def test_a_method_that_a_page_does_not_have_is_told(as_officer: Enter) -> None:
    officer = as_officer("somying")
    officer.get("/account/sessions")
    answer = officer.post("/licenses/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("cookie", ["", "x", "\u0e01", "a" * 5000, "../../etc", "%00", "'; --"])
def test_a_made_up_cookie_is_nobody(app: Flask, cookie: str) -> None:
    client = app.test_client()
    answer = client.get(
        "/", base_url=ADDRESS, headers={"Cookie": f"permits-office={cookie}".encode().decode("latin-1")}
    )
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "query",
    ["q=\x00", "q=%00%ff", "q=" + "ก" * 3000, "type=99999999999999999999", "type=-1", "type=๑", "status=DROP",
     "after=%00", "after=" + "A" * 5000, 'q="*) OR 1', "q=%25_%5C", "q=NEAR(a b)", "after=eyJ&q=x"],
)  # fmt: skip
def test_any_question_gets_a_page(as_officer: Enter, register: Founded, query: str) -> None:
    register.issue()
    register.publish()
    assert as_officer("somying").get(f"/licenses/?{query}").status_code == 200


def test_only_the_configured_hosts_are_answered(register: Founded) -> None:
    client = with_config(register, office_hosts=("office.example.go.th",)).test_client()
    assert client.get("/login", base_url=ADDRESS).status_code == 200
    for host in ("evil.example", "office.example.go.th.evil.example", "office.example.go.th@evil.example"):
        answer = client.get("/login", base_url="https://x/", headers={"Host": host})
        assert answer.status_code == 400
        assert FIXED.items() <= dict(answer.headers).items()


@pytest.mark.parametrize(("proxies", "expected"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_an_address_comes_from_our_own_proxies_only(register: Founded, proxies: int, expected: str) -> None:
    app = with_config(register, proxies=proxies)
    seen: list[str | None] = []

    @app.before_request
    def note() -> None:
        seen.append(request.remote_addr)

    app.test_client().get("/healthz", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    assert seen == [expected]


def test_ready_tells_sizes_and_warnings(visitor: Visitor, register: Founded) -> None:
    register.publish()
    register.issue()
    found = json.loads(visitor.get("/readyz").text)
    assert found["status"] == "ok"
    assert found["lag"] == found["log_size"] - found["published_size"] == 1
    assert found["snapshot_age"] == 0
    assert found["keys"] == []
    register.clock.advance(days=380)
    warnings = json.loads(visitor.get("/readyz").text)["keys"]
    assert any(warning.startswith("the key ring expires in ") for warning in warnings)


def test_without_a_database_ready_says_so_and_pages_apologize(register: Founded) -> None:
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    services = Services(register.services.config, database, register.services.vault, register.clock)
    visitor = Visitor(create_app(services))
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/readyz").status_code == 503
    visitor.client.set_cookie("permits-office", "x" * 43, domain="office.example.go.th", secure=True)
    assert visitor.get("/").status_code == 500
    assert "เลขอ้างอิง" in visitor.text()
    assert "127.0.0.1" not in visitor.text()


def test_the_list_pages_through_everything_by_words_and_without_an_index(
    as_officer: Enter, register: Founded
) -> None:
    codes = {register.issue({"number": f"{n}/1/2569", "premises": f"ร้านที่ {n}"}) for n in range(30)}
    other = register.issue(by="chalong")
    trade = register.issue(kind=TRADE)
    officer = as_officer("somying")

    def all_pages(path: str) -> set[str]:
        found: set[str] = set()
        for _ in range(5):
            answer = officer.get(path)
            assert answer.status_code == 200
            found |= set(re.findall(r'href="/licenses/(\d{14})"', answer.text))
            following = officer.page.find("a", string="หน้าถัดไป")
            if following is None:
                return found
            path = str(following["href"])
        raise AssertionError("the pages do not end")

    assert all_pages("/licenses/") == codes | {trade}  # No index yet: from the tables.
    assert "ค้นหาด้วยชื่อไม่ได้ชั่วคราว" in officer.text()
    assert len(all_pages("/licenses/?q=29/1")) == 1
    register.publish()
    assert all_pages("/licenses/") == codes | {trade}
    assert "ค้นหาด้วยชื่อไม่ได้ชั่วคราว" not in officer.text()
    assert all_pages("/licenses/?type=1") == codes
    assert all_pages("/licenses/?status=REVOKED") == set()
    assert "ดูทั้งหมด" in officer.text()
    assert other not in all_pages(f"/licenses/?q={other}")
    assert all_pages("/licenses/?sort=newest") == all_pages("/licenses/?sort=nonsense") == codes | {trade}
    kinds = officer.page.select("#type option")
    assert [re.findall(r"\((\d+)\)$", kind.get_text()) for kind in kinds[1:3]] == [["30"], ["1"]]


def test_the_first_page_counts_what_is_to_be_done(as_officer: Enter, register: Founded) -> None:
    register.publish()
    soon = register.issue({"number": "1/1/2569", "valid_until": "1/12/2569"})
    filed = register.issue({"number": "2/1/2569"})
    register.act(ActKind.RENEWAL_FILING, {"legal_basis": "มาตรา 55"}, code=filed)
    raw = {"legal_basis": "มาตรา 60", "reason": "conditions"}
    register.propose(ActKind.REVOCATION, raw, code=filed)
    register.issue({"number": "3/1/2569"}, by="chalong")
    officer = as_officer("prayoon")
    officer.get("/")
    counts = [int(strong.get_text()) for strong in officer.page.select(".counts strong")]
    assert counts == [1, 1, 1, 0, 3, 0]
    assert officer.page.find("a", {"href": f"/licenses/{soon}"})
