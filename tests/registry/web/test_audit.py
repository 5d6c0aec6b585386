"""What the office writes down about itself: one event a change, in the change's own transaction."""

import io
from collections.abc import Callable, Mapping

from flask import Flask
from sqlalchemy import select, text

from keys.acts import ActKind
from keys.keyring import Role
from registry.intake.batches import Missing, Options, Release
from registry.intake.releasing import release
from registry.models import AuditEvent
from registry.queries import log_size
from tests.registry.arriving import csv_of, enter, proposed, uploaded
from tests.registry.key_steps import key_of, sign
from tests.registry.two_agencies import CHA_AM, FORM, PASSWORD, Founded
from tests.registry.web.conftest import Visitor, upload

Enter = Callable[[str], Visitor]

# Forms that only show what they were sent.
SHOWING = {
    "issuing.edit",
    "issuing.preview",
    "acting.edit",
    "acting.preview",
    "keyring.preview",
    "columns.edit",
    "columns.take_mapping",
}


def events(register: Founded) -> list[AuditEvent]:
    with register.services.database.reading() as session:
        return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


def changes_of_systems(as_officer: Enter) -> dict[str, tuple[str, Callable[[], object]]]:
    def add() -> None:
        chief = as_officer("prayoon")
        chief.get("/systems/")
        chief.post("/systems/", {"label": "ระบบเดิม", "types": "1", "days": "30"})

    def revoke() -> None:
        chief = as_officer("prayoon")
        chief.get("/systems/")
        assert chief.submit("เพิกถอนกุญแจ").status_code == 302

    return {"systems.add": ("api-key-added", add), "systems.revoke": ("api-key-revoked", revoke)}


def changes_of_batches(as_officer: Enter, register: Founded) -> dict[str, tuple[str, Callable[[], object]]]:
    register.issue({"number": "99/77/2569"})
    asking, done = Options(Release.GOOD_ROWS, Missing.ASK), proposed(register, csv_of(1))
    first, second = proposed(register, csv_of(2)), proposed(register, csv_of(3), options=asking)
    columns = uploaded(register, csv_of(4))

    def press(path: str, button: str, changes: dict[str, str] | None = None) -> Callable[[], object]:
        def change() -> None:
            officer = as_officer("somying")
            officer.get(path)
            assert officer.submit(button, changes).status_code == 302, path

        return change

    def send() -> None:
        officer = as_officer("somying")
        officer.get("/batches/new")
        file = io.BytesIO(csv_of(1)), "month.csv"
        assert officer.submit("ส่งไฟล์", {"type": "1", "file": file}).status_code == 302

    def undo() -> None:
        press(f"/batches/{done}/undo", "เตรียมเรียกคืน", {"reason": "closed"})()

    with register.services.database.writing.begin() as session:
        release(
            *(session, done, register.officer("somying")),
            office=register.services.office(session),
            at=register.clock(),
        )
    enter(register, done)
    return {
        "arrivals.take_file": ("file-received", send),
        "columns.start": ("file-mapped", press(f"/batches/{columns}/columns", "อ่านไฟล์")),
        "batch_acts.decide": (
            "batch-missing",
            press(f"/batches/{second}", "คงไว้ตามเดิม", {"missing": "leave"}),
        ),
        "batch_acts.release_now": ("batch-released", press(f"/batches/{first}", "เผยแพร่ใบอนุญาตใหม่")),
        "batch_acts.withdraw_now": ("batch-withdrawn", press(f"/batches/{second}", "ถอนชุดนี้")),
        "batch_acts.undo": ("undo-asked", undo),
    }


def test_every_route_that_changes_something_makes_one_event(
    app: Flask, visitor: Visitor, as_officer: Enter, register: Founded
) -> None:
    """Each changing route of the application's map, done once with success."""
    code = register.issue({"number": "1/1/2569"})
    revoke = {"legal_basis": "มาตรา 60", "reason": "conditions"}
    proposals = [
        register.propose(ActKind.REVOCATION, revoke, code=register.issue({"number": f"{n}/2/2569"}))
        for n in range(3)
    ]

    def approve() -> None:
        officer = as_officer("prayoon")
        officer.get(f"/approvals/{proposals[0].id}")
        officer.submit("อนุมัติ: เพิกถอน")

    def close(path: str, login: str) -> None:
        officer = as_officer(login)
        officer.get("/account/sessions")
        assert officer.post(path).status_code == 302

    def end_other() -> None:
        officer, _ = as_officer("wanna"), as_officer("wanna")
        officer.get("/account/sessions")
        officer.submit("จบเซสชันนี้")

    def issue() -> None:
        officer = as_officer("somying")
        officer.get("/issue/1")
        assert officer.post("/issue/1", FORM).status_code == 302

    def act() -> None:
        officer = as_officer("somying")
        officer.get(f"/licenses/{code}/acts/replacement")
        officer.submit("ดูตัวอย่าง")
        assert officer.submit("ออกใบแทน").status_code == 302

    def with_key(path: str, form: Mapping[str, str] | None = None) -> None:
        officer = as_officer("kanya")
        officer.get("/keys/")
        kid = key_of(register.services, Role.AGENCY, CHA_AM).public.kid.hex()
        assert officer.post(path.replace("KID", kid), form).status_code == 302

    def publish_ring() -> None:
        officer = as_officer("kanya")
        assert (
            upload(officer, sign(register.services, officer.get("/keys/ring.proposal").data)).status_code
            == 302
        )

    changes: dict[str, tuple[str, Callable[[], object]]] = {
        "auth.log_in_now": ("logged-in", lambda: visitor.log_in("somying", PASSWORD)),
        "account.log_out": ("logged-out", lambda: close("/account/logout", "wanna")),
        "account.end_others": (
            "other-sessions-ended",
            lambda: close("/account/sessions/end-others", "wanna"),
        ),
        "account.end_other": ("session-ended", end_other),
        "issuing.done": ("acted", issue),
        "acting.done": ("acted", act),
        "decisions.approve_now": ("acted", approve),
        "decisions.reject_now": (
            "rejected",
            lambda: close(f"/approvals/{proposals[1].id}/reject", "prayoon"),
        ),
        "withdrawals.withdraw": (
            "rejected",
            lambda: close(f"/approvals/{proposals[2].id}/withdraw", "somying"),
        ),
        "keyring.retire_now": ("key-retired", lambda: with_key("/keys/KID/retire")),
        "keyring.renew_now": ("key-proposed", lambda: with_key("/keys/renew")),
        "keyring.propose_now": (
            "key-proposed",
            lambda: with_key("/keys/propose", {"owner": "log", "year": "2026"}),
        ),
        "keyring.mark_now": (
            "key-compromised",
            lambda: with_key("/keys/KID/compromise", {"good_size": "0", "reason": "stolen"}),
        ),
        "ceremony.publish_now": ("key-ring-published", publish_ring),
        **changes_of_systems(as_officer),
        **changes_of_batches(as_officer, register),
    }
    routes = {
        route.endpoint
        for route in app.url_map.iter_rules()
        if "POST" in (route.methods or ()) and not route.rule.startswith("/api/")
    }
    assert routes == changes.keys() | SHOWING
    for endpoint, (event, change) in changes.items():
        before = len(events(register))
        change()
        assert [e.event for e in events(register)[before:]] == [event], endpoint


def test_an_event_names_ids_and_never_a_holder(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    officer.post("/issue/1", {**FORM, "place": "770701"})
    officer.get("/issue/1")
    officer.post("/issue/1", FORM)  # The number is taken now: refused.
    visitor = Visitor(officer.app)
    visitor.log_in("a-name-nobody-has", "secret-typed-by-mistake")
    told = [f"{e.event} {e.officer} {e.agency} {e.about}" for e in events(register)]
    assert [e.event for e in events(register)] == ["acted", "refused", "login-failed"]
    for secret in ("ก้าวหน้า", "อู่ช่างพงษ์", "0105558004940", "a-name-nobody-has", "secret-typed"):
        assert not any(secret in line for line in told)


def test_a_change_whose_event_cannot_be_stored_does_not_happen(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    with register.services.database.reading() as session:
        before = log_size(session)
    with register.services.database.writing.begin() as session:
        session.execute(text("DROP TABLE audit_events"))
    assert officer.post("/issue/1", FORM).status_code == 500
    with register.services.database.reading() as session:
        assert log_size(session) == before
