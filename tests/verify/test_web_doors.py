"""The public pages' doors: headers, hosts, methods, limits, logs, published files, settings."""

import json
import logging
import random
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import layout
from keys.code import make_code
from tests.verify.founding import HOST
from tests.verify.site import Site, make_site
from verify.config import SETTINGS, config_from
from verify.errors import BadSetting

HEADERS = {
    "Content-Type",
    "Content-Length",
    "Cache-Control",
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "Vary",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


# --- headers, hosts, errors ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/", "/v/1", "/c/1", "/types", "/genuine", "/nothing", "/?q=x", "/healthz", "/robots.txt", "/readyz"],
)
def test_every_answer_has_the_same_headers(site: Site, path: str) -> None:
    answer = site.client.get(path)
    hidden = {"X-Robots-Tag"} if path.startswith(("/v/", "/c/", "/?")) else set()
    assert set(answer.headers.keys()) == HEADERS | hidden
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Accept, Accept-Language"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"{HOST}.evil.example",
        f"{HOST}:8443",
        HOST.upper(),
        f"{HOST}.",
        "permlt.example.go.th",
        "localhost",
        "",
    ],
)
def test_another_host_is_refused_and_told_the_right_one(site: Site, host: str) -> None:
    answer = site.app.test_client().get("/", headers={"Host": host})
    assert (answer.status_code, HOST in answer.text) == (400, True)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_no_method_changes_anything(site: Site, method: str) -> None:
    for path in ("/", "/v/1", "/c/1", "/snapshot"):
        answer = getattr(site.client, method)(path)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/x",
        "/v/",
        "/c/",
        "/v/1/2",
        "/static/x",
        "/log/../snapshot",
        "/log/%2e%2e/x",
        "/keyring/1.cbor/x",
        "/.env",
    ],
)
def test_an_unknown_path_is_not_here(site: Site, path: str) -> None:
    site.publish()
    answer = site.client.get(path)
    assert (answer.status_code, "ไม่มีหน้านี้" in answer.text) == (404, True)


@pytest.mark.parametrize(
    "query",
    [
        {"type": "x"},
        {"type": "-1"},
        {"type": "9" * 5000},
        {"type": "๑"},
        {"province": "1e3"},
        {"status": "GREEN"},
        {"agency": "1;2"},
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(site: Site, query: dict[str, str]) -> None:
    site.publish()
    assert site.client.get("/", query_string=query).status_code == 400


@given(st.dictionaries(st.sampled_from(["q", "next", "lang", "type", "status"]), st.text(max_size=200)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_query_gets_a_page(site: Site, query: dict[str, str]) -> None:
    answer = site.client.get(
        "/", query_string={k: v.encode("utf-8", "surrogatepass") for k, v in query.items()}
    )
    assert answer.status_code in (200, 303, 400, 429, 503)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_accept_header_gets_an_answer(site: Site, text: str) -> None:
    for name in ("Accept", "Accept-Language", "If-None-Match", "X-Forwarded-Host", "Cookie", "Range"):
        answer = site.client.get("/genuine", headers={name: text})
        assert answer.status_code == 200
        assert "evil" not in answer.text


def test_no_cookie_is_ever_set_and_no_forwarded_host_believed(site: Site) -> None:
    site.publish()
    headers = {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/x", "Forwarded": "host=evil.example"}
    answer = site.client.get("/", headers=headers)
    assert "evil.example" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_our_fault_shows_a_reference_and_logs_nothing_of_the_request(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    issued = site.register.issue()
    site.publish()

    def fail(*_: object) -> None:
        raise RuntimeError(f"secret {issued.code}")

    monkeypatch.setattr(type(site.services.evidence), "current", fail)
    with caplog.at_level(logging.DEBUG):
        answer = site.client.get(f"/c/{issued.code}")
    assert answer.status_code == 500
    [reference] = re.findall("เลขอ้างอิง ([0-9a-f]{8})", answer.text)
    assert reference in caplog.text
    assert issued.code not in caplog.text + answer.text
    assert 'class="v yes"' not in answer.text


def test_no_request_is_written_to_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    issued = site.register.issue()
    site.publish()
    with caplog.at_level(logging.DEBUG):
        for path in (site.scan(issued), f"/c/{issued.code}", "/?q=canary", "/v/123", "/canary"):
            site.client.get(path)
    assert issued.code not in caplog.text
    assert "canary" not in caplog.text


def test_codes_and_searches_are_limited_and_scans_are_not(tmp_path: Path) -> None:
    site = make_site(tmp_path, PERMITS_CODE_LIMIT="3 per minute", PERMITS_SEARCH_LIMIT="2 per minute")
    issued = site.register.issue()
    site.publish()
    site.feed(issued)
    statuses = [site.client.get(f"/c/{issued.code}").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert [site.client.get("/?q=x").status_code for _ in range(3)] == [200, 200, 429]
    answer = site.client.get(f"/c/{issued.code}")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert f"ลองใหม่ใน {answer.headers['Retry-After']} วินาที" in answer.text
    assert {site.client.get(site.scan(issued)).status_code for _ in range(20)} == {200}
    other = site.client.get(f"/c/{issued.code}", environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert other.status_code == 200
    forwarded = site.client.get(f"/c/{issued.code}", headers={"X-Forwarded-For": "192.0.2.8"})
    assert forwarded.status_code == 429


def test_behind_a_proxy_of_ours_the_address_it_names_is_counted(tmp_path: Path) -> None:
    site = make_site(tmp_path, PERMITS_CODE_LIMIT="1 per minute", PERMITS_PROXIES="1")
    site.publish()
    for address, status in (("192.0.2.1", 404), ("192.0.2.2", 404), ("192.0.2.1", 429)):
        headers = {"X-Forwarded-For": f"203.0.113.5, {address}"}
        assert site.client.get("/c/00000000000098", headers=headers).status_code == status


# --- files --------------------------------------------------------------------------------------


def test_published_files_are_served_as_they_are_with_their_cache_rules(site: Site) -> None:
    site.register.issue()
    site.publish()
    public = site.register.public
    expected = {
        "snapshot": "no-cache",
        "log/checkpoint": "no-cache",
        "keyring.cbor": "no-cache",
        "catalog.json": "no-cache",
        "jwks.json": "no-cache",
        "status/index.cbor": "no-cache",
        "status/1/2026/1/current.jwt": "no-cache",
        "keyring/1.cbor": "public, max-age=31536000, immutable",
        "catalog/1.json": "public, max-age=31536000, immutable",
        "status/1/2026/1/1.jwt": "public, max-age=31536000, immutable",
        "log/tile/0/000.p/1": "public, max-age=600",
        "log/tile/entries/000.p/1": "public, max-age=600",
    }
    assert site.register.snapshot is not None
    expected[layout.list_index_path(site.register.snapshot.lists)] = "public, max-age=31536000, immutable"
    files = {str(file.relative_to(public)) for file in public.rglob("*") if file.is_file()}
    assert files == set(expected)
    for path, cache in expected.items():
        answer = site.client.get(f"/{path}")
        assert answer.data == (public / path).read_bytes()
        assert answer.headers["Cache-Control"] == cache
        again = site.client.get(f"/{path}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Content-Security-Policy"]


def test_nothing_of_the_records_is_served(site: Site) -> None:
    site.register.issue()
    site.publish()
    for file in site.register.records.rglob("*.cbor"):
        path = file.relative_to(site.register.folder)
        for prefix in ("", "log/../../", "status/"):
            assert site.client.get(f"/{prefix}{path}").status_code == 404


# --- settings -----------------------------------------------------------------------------------


def test_every_setting_has_a_default() -> None:
    config = config_from({})
    assert config.host == "localhost:8000"
    assert config.base_url == "http://localhost:8000"
    assert config.trusted_hosts == {"localhost:8000", "127.0.0.1:8000", "[::1]:8000"}
    assert config.published == "data/published/public"
    assert config_from({"PERMITS_HOST": HOST}).base_url == f"https://{HOST}"
    assert config_from({"PERMITS_HOST": HOST}).trusted_hosts == {HOST}
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PERMITS_HOST", "https://permit.example.go.th"),
        ("PERMITS_HOST", "PERMIT.example.go.th"),
        ("PERMITS_BASE_URL", "permit.example.go.th"),
        ("PERMITS_BASE_URL", "https://permit.example.go.th/"),
        ("PERMITS_TRUSTED_HOSTS", "a b"),
        ("PERMITS_CODE_LIMIT", "many"),
        ("PERMITS_PROXIES", "-1"),
        ("PERMITS_PROXIES", "๑"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        config_from({name: value})


def test_metrics_say_nothing_about_any_license(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    site.register.later(seconds=7)
    text = site.client.get("/metrics").text
    assert "permits_evidence_age_seconds 7\n" in text
    assert issued.code not in text
    value: Any = json.loads(site.client.get("/readyz").text)
    assert value["evidence_age_seconds"] == timedelta(seconds=7).seconds


def test_the_public_process_loads_no_database_of_the_register_and_no_key() -> None:
    program = (
        "import sys, verify.web, verify.services, verify.cli\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('sqlalchemy', 'alembic', 'registry')"
        " or m == 'keys.vault'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_guessing_codes_finds_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path, PERMITS_CODE_LIMIT="100000 per minute")
    issued = site.register.issue()
    site.publish()
    draw = random.Random(13)
    for _ in range(300):
        answer = site.client.get(
            f"/c/{make_code(draw.randrange(10**12))}", headers={"Accept": "application/json"}
        )
        assert answer.status_code == 404
        assert '"license":null' in answer.text
        assert "ก้าวหน้า" not in answer.text
    assert site.client.get(f"/c/{issued.code}").status_code == 200
