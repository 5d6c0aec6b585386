"""Logging in, and what a session is worth: who gets in, how often, for how long."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from registry.models import AuditEvent, LoginFailure, Officer, OfficerSession
from registry.passwords import _NOBODY, MEMORY, OPERATIONS, WrongPassword, hash_password, verify_password
from registry.web import create_app
from registry.web.limits import MOST_OF_ADDRESS, MOST_OF_PAIR
from tests.registry.two_agencies import FORM, PASSWORD, Founded, settings_in
from tests.registry.web.conftest import ADDRESS, Visitor

Enter = Callable[[str], Visitor]


def sessions(register: Founded) -> list[OfficerSession]:
    with register.services.database.reading() as rows:
        return list(rows.scalars(select(OfficerSession)))


def events(register: Founded) -> list[str]:
    with register.services.database.reading() as rows:
        return list(rows.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


def disable(register: Founded, login: str) -> None:
    with register.services.database.writing.begin() as rows:
        rows.get_one(Officer, register.officer(login).id).disabled_at = register.clock()


def test_unknown_name_wrong_password_and_removed_officer_read_the_same(
    visitor: Visitor, register: Founded
) -> None:
    disable(register, "prayoon")
    pages = set()
    for login, password in (("nobody", PASSWORD), ("somying", "wrong"), ("prayoon", PASSWORD)):
        answer = visitor.log_in(login, password)
        assert answer.status_code == 401
        pages.add(visitor.text())
    assert len(pages) == 1
    assert events(register) == ["login-failed"] * 3


def test_what_an_unknown_name_is_compared_with_costs_the_same() -> None:
    real = hash_password(PASSWORD).decode()
    assert real.split("$")[:4] == _NOBODY.decode().split("$")[:4]
    assert real.split("$")[3] == f"m={MEMORY // 1024},t={OPERATIONS},p=1"
    for stored in (None, real.encode()):
        with pytest.raises(WrongPassword):
            verify_password("something else", stored)


def test_the_same_password_typed_on_another_keyboard_is_the_same() -> None:
    stored = hash_password("caf\u00e9 \u0e40\u0e1b\u0e34\u0e14\u0e23\u0e49\u0e32\u0e19")
    verify_password("cafe\u0301 \u0e40\u0e1b\u0e34\u0e14\u0e23\u0e49\u0e32\u0e19", stored)


def test_a_log_in_name_has_one_spelling(visitor: Visitor) -> None:
    assert visitor.log_in(" SOMYING\u200b\x00 ").status_code == 302


def test_the_table_holds_no_name_of_a_session_and_a_log_in_gives_a_new_one(
    visitor: Visitor, register: Founded
) -> None:
    visitor.get("/login")
    before = visitor.client.get_cookie("permits-office", domain="office.example.go.th")
    assert before is not None
    visitor.post("/login", {"login": "somying", "password": PASSWORD})
    after = visitor.client.get_cookie("permits-office", domain="office.example.go.th")
    assert after is not None
    assert after.value != before.value
    assert len(after.value) >= 43  # 256 bits.
    (row,) = sessions(register)  # The one from before is gone.
    assert row.officer_id == register.officer("somying").id
    assert after.value.encode() not in row.token_hash


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-permits"), (False, "permits-office")])
def test_the_cookie_is_out_of_reach(register: Founded, secure: bool, name: str) -> None:
    config = settings_in(register.folder, secure_cookies=secure)
    services = type(register.services)(
        config, register.services.database, register.services.vault, register.clock
    )
    answer = Visitor(create_app(services)).get("/login")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure


def test_a_session_ends_when_idle_and_at_its_limit(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    register.clock.advance(minutes=29)
    assert officer.get("/").status_code == 200
    register.clock.advance(minutes=31)
    assert officer.get("/").status_code == 302
    officer = as_officer("somying")
    for _ in range(20):
        register.clock.advance(minutes=29, seconds=50)
        assert officer.get("/").status_code == 200
    register.clock.advance(minutes=10)
    assert officer.get("/").status_code == 302


def test_a_removed_officer_is_out_at_the_next_request(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("prayoon")
    assert officer.get("/").status_code == 200
    disable(register, "prayoon")
    assert officer.get("/").status_code == 302
    assert [row for row in sessions(register) if row.officer_id] == []


def test_a_changed_role_counts_at_the_next_request(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    assert officer.get("/issue/").status_code == 200
    with register.services.database.writing.begin() as rows:
        rows.get_one(Officer, register.officer("somying").id).role = "viewer"
    assert officer.get("/issue/").status_code == 403


def test_logging_out_ends_the_session_for_whoever_holds_its_name(
    as_officer: Enter, app: Flask, register: Founded
) -> None:
    officer = as_officer("somying")
    cookie = officer.client.get_cookie("permits-office", domain="office.example.go.th")
    assert cookie is not None
    officer.get("/")
    assert officer.submit("ออกจากระบบ").status_code == 302
    thief = Visitor(app)
    thief.client.set_cookie("permits-office", cookie.value, domain="office.example.go.th", secure=True)
    assert thief.get("/").status_code == 302
    assert events(register) == ["logged-out"]


def test_an_officer_ends_own_sessions_and_no_other_s(as_officer: Enter, register: Founded) -> None:
    first, second, other = as_officer("somying"), as_officer("somying"), as_officer("prayoon")
    first.get("/account/sessions")
    theirs = [row for row in sessions(register) if row.officer_id == register.officer("prayoon").id]
    assert first.post("/account/sessions/end", {"session": theirs[0].token_hash.hex()}).status_code == 404
    assert first.post("/account/sessions/end", {"session": "zz"}).status_code == 404
    assert other.get("/").status_code == 200
    first.get("/account/sessions")
    assert first.submit("จบเซสชันนี้").status_code == 302
    assert second.get("/").status_code == 302
    third = as_officer("somying")
    first.get("/account/sessions")
    assert first.submit("จบเซสชันอื่นทั้งหมด").status_code == 302
    assert third.get("/").status_code == 302
    assert first.get("/").status_code == 200
    assert events(register) == ["session-ended", "other-sessions-ended"]


def test_guesses_are_limited_for_a_name_from_one_address(visitor: Visitor, register: Founded) -> None:
    for _ in range(MOST_OF_PAIR):
        assert visitor.log_in("somying", "wrong").status_code == 401
    answer = visitor.log_in("somying")  # Not even with the right one.
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "ลองใหม่ใน" in visitor.text()
    assert visitor.log_in("wanna").status_code == 302  # Others at this address go on.
    register.clock.advance(minutes=16)
    assert visitor.log_in("somying").status_code == 302


def test_a_stranger_elsewhere_cannot_lock_an_officer_out(app: Flask, register: Founded) -> None:
    stranger = Visitor(app)
    for _ in range(MOST_OF_PAIR + 1):
        stranger.get("/login", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
        token = stranger.page.find("input", {"name": "csrf_token"})
        assert token is not None
        stranger.client.post(
            "/login",
            data={"login": "somying", "password": "wrong", "csrf_token": str(token["value"])},
            base_url=ADDRESS,
            environ_overrides={"REMOTE_ADDR": "203.0.113.9"},
        )
    assert Visitor(app).log_in("somying").status_code == 302


def test_guesses_are_limited_for_an_address_whatever_the_names(visitor: Visitor) -> None:
    statuses = [visitor.log_in(f"name{n}", "wrong").status_code for n in range(MOST_OF_ADDRESS + 1)]
    assert statuses == [401] * MOST_OF_ADDRESS + [429]


def test_a_right_password_takes_the_failures_back(visitor: Visitor, register: Founded) -> None:
    for _ in range(3):
        for _ in range(MOST_OF_PAIR - 1):
            assert visitor.log_in("somying", "wrong").status_code == 401
        assert visitor.log_in("somying").status_code == 302
    with register.services.database.reading() as rows:
        kept = list(rows.scalars(select(LoginFailure.key)))
    assert all(key.startswith("address:") for key in kept)
    assert "somying" not in "".join(kept)


@pytest.mark.parametrize(
    "following",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/%0d%0a\r\nX: 1",
        "evil",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_log_in_leads_to_this_site_only(visitor: Visitor, following: str) -> None:
    visitor.get("/login")
    answer = visitor.post("/login", {"login": "somying", "password": PASSWORD, "next": following})
    assert answer.headers["Location"] == "/"


def test_a_log_in_leads_where_the_officer_wanted_to_go(visitor: Visitor) -> None:
    answer = visitor.get("/licenses/?q=x&type=1")
    visitor.follow(answer)
    answer = visitor.submit("เข้าสู่ระบบ", {"login": "somying", "password": PASSWORD})
    assert answer.headers["Location"] == "/licenses/?q=x&type=1"


def test_what_was_typed_survives_the_end_of_a_session(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    register.clock.advance(minutes=45)
    assert officer.submit("ดูตัวอย่าง", FORM).status_code == 401
    assert officer.submit("เข้าสู่ระบบ", {"login": "somying", "password": "wrong"}).status_code == 401
    assert officer.submit("เข้าสู่ระบบ", {"login": "somying", "password": PASSWORD}).status_code == 200
    assert officer.submit("กลับไปที่แบบฟอร์ม").status_code == 200
    form = officer.page.find("form", {"action": "/issue/1/preview"})
    assert form is not None
    kept = officer.fields(form)
    assert {name: kept[name] for name in FORM if name != "place"} == {
        name: value for name, value in FORM.items() if name != "place"
    }
    assert kept["place"].endswith("(770701)")


def test_a_text_carried_through_a_log_in_does_nothing_by_itself(visitor: Visitor) -> None:
    visitor.get("/login")
    sent = {
        "login": "somying",
        "password": PASSWORD,
        "resume": "/licenses/1/acts/revocation",
        "carried.reason": "x",
    }
    assert visitor.post("/login", sent).status_code == 302


def test_english_is_remembered(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    officer.get("/?lang=en")
    officer.get("/licenses/")
    assert "The agency's licenses" in officer.text()
    officer.get("/?lang=xx")
    assert "My work" in officer.text()
