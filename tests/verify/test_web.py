"""The public pages: verdicts, languages, codes, search, and what is said when something is away."""

import re
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from keys.base10 import to_digits
from tests.verify.founding import CLOSED, HOST, signer
from tests.verify.register import a_card
from tests.verify.site import Site, every_verdict, make_site
from verify.verdict import Kind

ROUTES = {
    "/": "searching.home",
    "/c/<code>": "codes.typed",
    "/c/<code>/extract": "codes.extract",
    "/catalog.json": "published",
    "/catalog/<path:_>": "published",
    "/genuine": "genuine_page",
    "/healthz": "healthz",
    "/jwks.json": "published",
    "/keyring.cbor": "published",
    "/keyring/<path:_>": "published",
    "/log/<path:_>": "published",
    "/metrics": "metrics",
    "/proof/<index>.tlog-proof": "proofs.file_view",
    "/proof/consistency/<old>/<new>": "proofs.consistency_view",
    "/proof/inclusion/<size>/<index>": "proofs.inclusion_view",
    "/readyz": "readyz",
    "/robots.txt": "robots",
    "/snapshot": "published",
    "/snapshots/<path:_>": "published",
    "/denied/<path:_>": "published",
    "/phone.bundle": "phone_bundle",
    "/status/<path:_>": "published",
    "/types": "types_page",
    "/v/<digits>": "scanned",
}

JSON = {"Accept": "application/json"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def test_the_routes_are_these_and_answer_only_to_reading(site: Site) -> None:
    rules = list(site.app.url_map.iter_rules())
    assert {rule.rule: rule.endpoint.removeprefix("verify.") for rule in rules} == ROUTES
    assert all(rule.methods == {"GET", "HEAD"} for rule in rules)


def test_every_verdict_has_its_page_and_its_json(site: Site) -> None:
    for name, path in every_verdict(site).items():
        page, answer = site.client.get(path), site.client.get(path, headers=JSON)
        kind = name.split(",")[0]
        if kind in ("damaged", "mistyped"):
            assert (page.status_code, answer.status_code) == (400, 400), name
            assert answer.content_type == "application/problem+json"
            assert answer.json is not None
            assert answer.json["type"] == f"tag:{HOST},2026:{kind}"
            continue
        value = answer.json
        assert value is not None
        assert value["verdict"] == ("VALID" if kind == "older plate" else kind), name
        assert page.status_code == answer.status_code == (404 if kind == "NOT_FOUND" else 200)
        assert (value["license"] is None) == (kind in ("NOT_GENUINE", "NOT_FOUND")), name
        assert value["older_plate"] is (name == "older plate")
        assert value["checked_at"] == "2026-11-22T05:00:00Z"
        assert value["evidence_age_seconds"] == 0
        assert value["may_operate_today"] in ("yes", "no", "cannot_tell")
        green = value["may_operate_today"] == "yes"
        assert (
            green is ('class="v yes"' in page.text) is (kind in ("VALID", "RENEWAL_PENDING", "older plate"))
        )


def test_a_page_with_ten_acts_is_under_15_kb_whole(site: Site) -> None:
    path = every_verdict(site)["VALID, ten acts"]
    for language in ("th", "en"):
        page = site.client.get(f"{path}?lang={language}")
        assert page.text.count("<dt>22") == 10
        assert len(page.data) + sum(len(k) + len(v) + 4 for k, v in page.headers) < 15_000
        assert not re.search(r"<(script|img|link|iframe|object)\b| src=| style=", page.text)


def test_the_page_of_a_forgery_shows_nothing_of_it(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    forged = a_card(site.register, issued, by=signer("x"), holder="ผู้ปลอม ตัวจริง", premises="ร้านปลอม")
    page = site.client.get(f"/v/{to_digits(forged)}")
    assert page.status_code == 200
    for text in ("ผู้ปลอม", "ร้านปลอม", "12/1/2569", issued.code, "หัวหิน"):
        assert text not in page.text
    assert "ไม่ใช่เอกสารของทางราชการ" in page.text


def test_withheld_items_are_listed_without_their_value(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    page = site.client.get(site.scan(issued))
    assert re.search('อายุ.*</dt><dd><span class="soft">ไม่เปิดเผยต่อสาธารณะ', page.text)
    value = site.client.get(site.scan(issued), headers=JSON).json
    assert value is not None
    [age] = [item for item in value["license"]["items"] if item["key"] == "field.age"]
    assert (age["value"], age["withheld"]) == (None, True)


def test_dates_are_of_the_buddhist_era_in_thai_and_of_the_common_era_in_english(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    thai, english = (site.client.get(f"{site.scan(issued)}?lang={x}").text for x in ("th", "en"))
    assert "ใช้ได้ถึง 11\u00a0มกราคม\u00a02570" in thai
    assert "Valid until 11\u00a0January\u00a02027" in english


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "th"),
        ("th", "th"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.4, th;q=0.9", "th"),
        ("de", "th"),
        ("*", "th"),
        ("en;q=x", "th"),
        ("\x00", "th"),
        ("a" * 9000, "th"),
    ],
)
def test_thai_comes_first_and_english_by_accept_language(site: Site, header: str, language: str) -> None:
    page = site.client.get("/", headers={"Accept-Language": header})
    assert f'<html lang="{language}">' in page.text


def test_a_chosen_language_is_kept_by_the_links_of_the_page(site: Site) -> None:
    site.publish()
    page = site.client.get("/?lang=en").text
    assert 'href="/types?lang=en"' in page
    assert 'href="?lang=th"' in page
    assert '<html lang="th">' in site.client.get("/?lang=xx").text


def test_a_typed_code_in_any_spelling_gives_its_page(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    code = issued.code
    for spelling in (code, f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}", f"{code[:7]} {code[7:]}"):
        assert site.client.get(f"/c/{spelling}").status_code == 200
        answer = site.client.get("/", query_string={"q": spelling})
        assert (answer.status_code, answer.location) == (303, f"/c/{code}")
    assert site.client.get("/", query_string={"q": code, "lang": "en"}).location == f"/c/{code}?lang=en"
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    answer = site.client.get("/", query_string={"q": slip})
    assert (answer.status_code, "พิมพ์" in answer.text) == (400, True)


def test_what_is_not_public_is_not_told_from_what_is_not_there(site: Site) -> None:
    closed = site.register.issue(license_type=CLOSED)
    site.publish()
    pages = [site.client.get(f"/c/{code}").text for code in (closed.code, "00000000000098")]
    shown = [f"{c[:4]}-{c[4:8]}-{c[8:12]}-{c[12:]}" for c in (closed.code, "00000000000098")]
    assert pages[0].replace(shown[0], "") == pages[1].replace(shown[1], "")


def test_search_shows_only_what_was_verified(site: Site) -> None:
    found, closed = site.register.issue(premises="ร้านยาหัวหิน"), site.register.issue(license_type=CLOSED)
    unlogged = site.register.issue(premises="ร้านยาปลอม")
    site.register.erase(unlogged.index)
    site.publish()
    site.feed(found, closed, unlogged)
    answer = site.client.get("/", query_string={"q": "ร้านยา"}, headers=JSON).json
    assert answer is not None
    assert [row["code"] for row in answer["results"]] == [found.code]
    assert answer["results"][0]["verdict"] == Kind.VALID
    assert set(answer) == {"results", "total", "capped", "next", "facets"}
    page = site.client.get("/", query_string={"q": "ร้านยา"}).text
    assert ("ร้านยาหัวหิน" in page, "ร้านยาปลอม" in page) == (True, False)
    filtered = site.client.get("/", query_string={"type": "1", "province": "77"}, headers=JSON).json
    assert filtered is not None
    assert [row["code"] for row in filtered["results"]] == [found.code]


def test_results_are_paged_to_the_end(site: Site) -> None:
    versions = [site.register.issue(premises=f"ร้านที่ {n}") for n in range(45)]
    site.publish()
    site.feed(*versions)
    seen: list[str] = []
    query: dict[str, str] = {"province": "77"}
    while True:
        answer = site.client.get("/", query_string=query, headers=JSON).json
        assert answer is not None
        seen += [row["code"] for row in answer["results"]]
        if answer["next"] is None:
            break
        query["next"] = answer["next"]
    assert sorted(seen) == sorted(version.code for version in versions)
    page = site.client.get("/?province=77").text
    assert "หน้าถัดไป" in page


def test_without_search_codes_and_scans_still_work(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    answer = site.client.get("/", query_string={"q": "ร้านยา"})
    assert (answer.status_code, "ค้นหาด้วยชื่อไม่ได้ชั่วคราว" in answer.text) == (503, True)
    assert 'name="q"' in answer.text
    assert site.client.get("/", query_string={"q": issued.code}).status_code == 303
    assert site.client.get(site.scan(issued)).status_code == 200
    assert site.client.get("/readyz").status_code == 200


def test_without_evidence_pages_cannot_tell_and_readyz_says_so(site: Site) -> None:
    issued = site.register.issue()
    for path in (site.scan(issued), f"/c/{issued.code}", "/?q=x"):
        answer = site.client.get(path, headers=JSON)
        assert answer.status_code == 200
        assert answer.json is not None
        assert (answer.json["verdict"], answer.json["detail"]) == ("CANNOT_TELL", "evidence_missing")
        assert answer.json["license"] is None
    assert site.client.get("/readyz").status_code == 503
    assert site.client.get("/healthz").status_code == 200
    assert site.client.get("/").status_code == 200
    site.register.later(seconds=1)
    site.publish()
    assert site.client.get("/readyz").status_code == 200


def test_a_dead_follower_turns_pages_amber_after_15_minutes(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    site.register.later(minutes=15)
    assert 'class="v yes"' in site.client.get(site.scan(issued)).text
    site.register.later(seconds=1)
    page = site.client.get(site.scan(issued)).text
    assert 'class="v unsure"' in page
    assert "สถานะล่าสุดที่รู้: ใช้ได้ (22" in page
    assert site.client.get("/readyz").status_code == 200


def test_an_act_shows_at_the_next_request(site: Site) -> None:
    issued = site.register.issue()
    site.publish()
    assert 'class="v yes"' in site.client.get(f"/c/{issued.code}").text
    site.register.order(ActKind.REVOCATION, issued, Status.INVALID, reason="conditions")
    site.register.publish()
    page = site.client.get(f"/c/{issued.code}").text
    assert "ถูกเพิกถอน" in page
    assert "ผิดเงื่อนไขใบอนุญาต" in page
