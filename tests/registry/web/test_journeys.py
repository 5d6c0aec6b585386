"""The office's journeys from the form to the public page, as an officer's browser goes them."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from keys import layout
from keys.acts import ActKind, Status
from keys.dates import parse_date, show_date
from keys.opening import open_snapshot
from registry.models import AuditEvent, EntryRow, Proposal
from registry.proposals import enter_due
from registry.queries import history_of, log_size
from registry.rings import current_ring
from registry.web import create_app
from tests.registry.two_agencies import FORM, HAZARD, HUA_HIN, TRADE, TRADE_FORM, Founded
from tests.registry.web.conftest import Visitor

Enter = Callable[[str], Visitor]

ORDER = {"legal_basis": "มาตรา 59"}


def events(register: Founded) -> list[str]:
    with register.services.database.reading() as session:
        return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


def size(register: Founded) -> int:
    with register.services.database.reading() as session:
        return log_size(session)


def issue_by_pages(officer: Visitor, kind: int = HAZARD, **changes: str) -> str:
    """Go from the empty form over the preview to the license's page; gives the code."""
    officer.get(f"/issue/{kind}")
    answer = officer.submit("ดูตัวอย่าง", {**(FORM if kind == HAZARD else TRADE_FORM), **changes})
    assert answer.status_code == 200, officer.text()
    answer = officer.submit("ออกใบ")
    assert answer.status_code == 302, officer.text()
    code = answer.headers["Location"].rsplit("/", 1)[1]
    assert officer.follow(answer).status_code == 200
    return code


def act_by_pages(officer: Visitor, code: str, act: str, changes: dict[str, str], button: str) -> None:
    """Go from an act's form over its preview to where it leads."""
    assert officer.get(f"/licenses/{code}/acts/{act}").status_code == 200, officer.text()
    answer = officer.submit("ดูตัวอย่าง", changes)
    assert answer.status_code == 200, officer.text()
    assert "สิ่งที่ประชาชนจะเห็น" in officer.text()
    answer = officer.submit(button)
    assert officer.follow(answer).status_code == 200


def test_an_officer_logs_in_issues_and_the_license_is_public(on_both: Founded) -> None:
    """On SQLite and on PostgreSQL: log in, issue, published with the answer, found in the list."""
    visitor = Visitor(create_app(on_both.services))
    assert visitor.follow(visitor.log_in("somying")).status_code == 200
    code = issue_by_pages(visitor)
    assert "ใบอนุญาตแท้ · ประกอบกิจการได้วันนี้" in visitor.text()
    on_both.publish()
    visitor.get(f"/licenses/{code}")
    assert visitor.page.find("a", {"href": f"https://permit.example.go.th/c/{code}"})
    assert visitor.page.find("a", {"href": f"/licenses/{code}/plate"})
    visitor.get("/licenses/?q=อู่ช่างพงษ์")
    assert visitor.page.find("a", {"href": f"/licenses/{code}"})
    act_by_pages(visitor, code, "revocation", {**ORDER, "reason": "conditions"}, "เพิกถอนใบอนุญาต 12/345/2569")
    assert on_both.row(code).status == Status.VALID
    visitor.log_in("prayoon")
    visitor.get("/approvals/")
    visitor.get(str(visitor.page.select_one("tbody a")["href"]))  # type: ignore[index]
    assert visitor.follow(visitor.submit("อนุมัติ: เพิกถอนใบอนุญาต 12/345/2569")).status_code == 200
    assert "ใบอนุญาตถูกเพิกถอน · ประกอบกิจการไม่ได้" in visitor.text()
    assert on_both.row(code).status == Status.INVALID
    assert visitor.get("/").status_code == 200
    assert visitor.get("/account/sessions").status_code == 200


def test_after_an_act_the_published_snapshot_covers_it(as_officer: Enter, register: Founded) -> None:
    issue_by_pages(as_officer("somying"))
    services = register.services
    services._follower.submit(int).result()  # What was handed over before is done by now.
    signed = services.publication().public.read(layout.SNAPSHOT)
    assert signed is not None
    with services.database.reading() as session:
        assert open_snapshot(signed, current_ring(session)).value.log_size == log_size(session)


def test_a_preview_signs_nothing(as_officer: Enter, register: Founded) -> None:
    officer, before = as_officer("somying"), size(register)
    officer.get("/issue/1")
    assert officer.submit("ดูตัวอย่าง", FORM).status_code == 200
    assert "ยังไม่ได้ลงนาม" in officer.text()
    assert size(register) == before
    assert events(register) == []
    with register.services.database.reading() as session:
        assert session.scalars(select(Proposal)).all() == []


def test_a_preview_shows_what_the_public_will_see_and_what_it_will_not(as_officer: Enter) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    officer.submit("ดูตัวอย่าง", {**FORM, "holder_id": "1101700203450", "place": "หัวหิน"})
    items = {
        dt.get_text(strip=True): dd.get_text(" ", strip=True)
        for dt, dd in zip(officer.page.select("dt"), officer.page.select("dd"), strict=True)
    }
    assert items["กำลังเครื่องจักร"] == "10 แรงม้า"
    assert items["กลุ่ม"] == "ยานยนต์"
    assert items["ที่ตั้ง"] == "88/4 ถนนเพชรเกษม ต.หัวหิน อ.หัวหิน จ.ประจวบคีรีขันธ์"
    assert items["ใช้ได้ถึง"] == show_date(date(2027, 11, 21), "th")
    assert items["ผู้ลงนาม"] == "สมหญิง ใจดี นักวิชาการสาธารณสุข"
    for withheld in ("เลขประจำตัว 13 หลัก", "ค่าธรรมเนียม"):
        assert items[withheld].startswith("ไม่เปิดเผยต่อสาธารณะ")
    face = officer.page.select_one("section dl")
    assert face is not None
    assert "ตรวจพื้นที่แล้ว" not in face.get_text()  # For officers only, below the face.
    assert "ตรวจพื้นที่แล้ว" in officer.text()


def test_a_type_that_is_not_displayed_openly_says_so(as_officer: Enter) -> None:
    officer = as_officer("somying")
    code = issue_by_pages(officer, TRADE)
    assert "ประชาชนค้นไม่พบใบนี้" in officer.text()
    assert "แสดงเป็นภาพเท่านั้น" in officer.text()
    assert officer.get(f"/licenses/{code}/plate").status_code == 409
    assert code[:4] + "-" in officer.text()


def test_back_from_the_preview_nothing_is_lost(as_officer: Enter) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    officer.submit("ดูตัวอย่าง", FORM)
    assert officer.submit("กลับไปแก้").status_code == 200
    form = officer.page.find("form", {"action": "/issue/1/preview"})
    assert form is not None
    kept = officer.fields(form)
    for name, value in FORM.items():
        assert kept[name].replace("\r\n", "\n") == (value if name != "place" else kept["place"])


CHANGES: list[tuple[str, dict[str, str], str, Status]] = [
    ("renewal-filing", {"legal_basis": "มาตรา 55"}, "รับคำขอต่ออายุ", Status.RENEWAL_PENDING),
    ("renewal", {"number": "12/345/2570"}, "ต่ออายุ", Status.VALID),
    ("amendment", {"premises": "อู่ช่างพงษ์ สาขาใหม่", "place": "หนองแก หัวหิน"}, "แก้ไขรายการ", Status.VALID),
    ("transfer", {"holder": "นางสาวใหม่ มาแทน", "holder_id": ""}, "โอนให้ผู้รับใหม่", Status.VALID),
    ("replacement", {}, "ออกใบแทน", Status.VALID),
    ("suspension", {**ORDER, "reason": "conditions", "until": "30/11/2569"}, "พักใช้ใบอนุญาต", Status.SUSPENDED),
    ("ending", {**ORDER, "outcome": "ceased"}, "สิ้นสุด", Status.ENDED),
    ("voiding", {**ORDER, "reason": "conditions"}, "ยกเลิกเพราะออกโดยผิดพลาด", Status.INVALID),
]


@pytest.mark.parametrize(("act", "changes", "button", "status"), CHANGES, ids=[c[0] for c in CHANGES])
def test_every_act_has_its_page_and_one_audit_event(
    as_officer: Enter, register: Founded, act: str, changes: dict[str, str], button: str, status: Status
) -> None:
    code = register.issue()
    officer, before = as_officer("somying"), events(register)
    act_by_pages(officer, code, act, changes, button)
    row = register.row(code)
    assert row.status == status
    assert events(register)[len(before) :] == ["acted"]
    with register.services.database.reading() as session:
        newest = history_of(session, HUA_HIN, code)[0]
    assert newest.act is ActKind[act.upper().replace("-", "_")]
    assert newest.proposer == "สมหญิง ใจดี"
    assert officer.get("/approvals/").status_code == 200


def test_a_suspension_is_lifted_and_a_filing_refused(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    officer = as_officer("somying")
    act_by_pages(officer, code, "renewal-filing", {"legal_basis": "มาตรา 55"}, "รับคำขอต่ออายุ")
    suspend = {**ORDER, "reason": "conditions", "until": "30/11/2569"}
    act_by_pages(officer, code, "suspension", suspend, "พักใช้ใบอนุญาต 12/345/2569")
    assert "ใบอนุญาตถูกพักใช้ · ประกอบกิจการไม่ได้ถึง 30 พฤศจิกายน 2569" in officer.text()
    act_by_pages(officer, code, "reinstatement", ORDER, "ยกเลิกการพักใช้")
    act_by_pages(officer, code, "renewal-refusal", {**ORDER, "reason": "conditions"}, "ไม่อนุญาตให้ต่ออายุ")
    assert register.row(code).status == Status.VALID


def test_a_renewal_follows_the_old_term_and_is_valid_from_today(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    officer = as_officer("somying")
    officer.get(f"/licenses/{code}/acts/renewal")
    start = officer.page.find("input", {"name": "valid_from"})
    assert start is not None
    assert start["value"] == "22/11/2570"
    officer.submit("ดูตัวอย่าง")
    assert "ใช้ได้ถึง 21 พฤศจิกายน 2571" in officer.text()
    officer.follow(officer.submit("ต่ออายุ"))
    row = register.row(code)
    assert row.valid_until is not None
    assert parse_date(row.valid_until) == date(2028, 11, 21)


def test_an_order_that_begins_later_waits_for_its_day(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    officer, before = as_officer("somying"), events(register)
    later = {**ORDER, "reason": "conditions", "begins": "25/11/2569", "until": "30/11/2569"}
    act_by_pages(officer, code, "suspension", later, "พักใช้")
    assert "รอถึงวัน 25 พ.ย. 2569" in officer.text()
    assert register.row(code).status == Status.VALID
    assert events(register)[len(before) :] == ["scheduled"]
    register.clock.advance(days=3)
    services = register.services
    with services.database.writing.begin() as session:
        enter_due(session, office=services.office(session), at=register.clock())
    assert register.row(code).status == Status.SUSPENDED


def test_a_start_before_today_needs_a_reason_and_a_second_person(
    as_officer: Enter, register: Founded
) -> None:
    officer, before = as_officer("somying"), size(register)
    officer.get("/issue/1")
    assert officer.submit("ดูตัวอย่าง", {**FORM, "valid_from": "1/11/2569"}).status_code == 422
    assert "เริ่มใช้ก่อนวันนี้ ต้องบอกเหตุผล" in officer.text()
    answer = officer.submit("ดูตัวอย่าง", {"backdating": "ออกด้วยมือระหว่างไฟฟ้าดับ"})
    assert answer.status_code == 200
    officer.follow(officer.submit("ส่งขออนุมัติ: ออกใบอนุญาต"))
    assert "ออกด้วยมือระหว่างไฟฟ้าดับ" in officer.text()
    assert size(register) == before
    approver = as_officer("prayoon")
    approver.get("/approvals/1")
    assert approver.follow(approver.submit("อนุมัติ: ออกใบอนุญาต")).status_code == 200
    assert size(register) == before + 1
    assert events(register) == ["proposed", "acted"]


# --- two persons --------------------------------------------------------------------------------


@pytest.fixture
def proposed(register: Founded) -> tuple[str, Proposal]:
    """A license and its proposed revocation."""
    code = register.issue()
    raw = {**ORDER, "reason": "conditions"}
    base = register.row(code).updated_index
    return code, register.propose(ActKind.REVOCATION, raw, code=code, base_index=base)


def test_nobody_approves_their_own_proposal(
    as_officer: Enter, register: Founded, proposed: tuple[str, Proposal]
) -> None:
    code = register.issue({"number": "13/1/2569"})
    raw = {**ORDER, "reason": "conditions"}
    own = register.propose(ActKind.REVOCATION, raw, code=code, by="prayoon")
    officer = as_officer("prayoon")
    officer.get(f"/approvals/{own.id}")
    assert "ต้องให้เจ้าหน้าที่อีกคนอนุมัติ" in officer.text()
    answer = officer.post(f"/approvals/{own.id}/approve", {"digest": own.digest.hex()})
    assert answer.status_code == 403
    assert register.row(code).status == Status.VALID
    assert events(register)[-1] == "refused"


def test_approval_is_of_exactly_what_was_shown(
    as_officer: Enter, register: Founded, proposed: tuple[str, Proposal]
) -> None:
    code, proposal = proposed
    officer = as_officer("prayoon")
    officer.get(f"/approvals/{proposal.id}")
    assert proposal.digest.hex() in officer.text().replace(" ", "")
    for digest in ("", "zz", "00" * 32):
        answer = officer.post(f"/approvals/{proposal.id}/approve", {"digest": digest})
        assert answer.status_code == 409
    assert register.row(code).status == Status.VALID


def test_a_proposal_about_a_license_that_moved_on_is_not_approved(
    as_officer: Enter, register: Founded, proposed: tuple[str, Proposal]
) -> None:
    code, proposal = proposed
    officer = as_officer("prayoon")
    officer.get(f"/approvals/{proposal.id}")
    register.act(ActKind.RENEWAL_FILING, {"legal_basis": "มาตรา 55"}, code=code)
    assert officer.submit("อนุมัติ: เพิกถอน").status_code == 409
    assert "เพิ่งถูกแก้ไข" in officer.text()
    assert register.row(code).status == Status.RENEWAL_PENDING


def test_a_decision_is_made_once(
    as_officer: Enter, register: Founded, proposed: tuple[str, Proposal]
) -> None:
    _, proposal = proposed
    first, second = as_officer("prayoon"), as_officer("prayoon")
    before = events(register)
    first.get(f"/approvals/{proposal.id}")
    second.get(f"/approvals/{proposal.id}")
    assert first.submit("ไม่อนุมัติ").status_code == 302
    assert second.submit("อนุมัติ: เพิกถอน").status_code == 409
    assert events(register)[len(before) :] == ["rejected", "refused"]


def test_a_proposer_takes_the_own_proposal_back(
    as_officer: Enter, register: Founded, proposed: tuple[str, Proposal]
) -> None:
    _, proposal = proposed
    officer, before = as_officer("somying"), events(register)
    officer.get(f"/approvals/{proposal.id}")
    assert officer.submit("ถอนรายการนี้").status_code == 302
    assert events(register)[len(before) :] == ["rejected"]
    officer.get(f"/approvals/{proposal.id}")
    assert "ไม่อนุมัติหรือถูกถอน" in officer.text()


def test_a_change_meanwhile_is_told_and_nothing_is_done(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    officer = as_officer("somying")
    officer.get(f"/licenses/{code}/acts/amendment")
    register.act(ActKind.RENEWAL_FILING, {"legal_basis": "มาตรา 55"}, code=code)
    before = size(register)
    assert officer.submit("ดูตัวอย่าง", {"premises": "ชื่อใหม่"}).status_code == 409
    assert "เพิ่งถูกแก้ไขโดยเจ้าหน้าที่คนอื่น" in officer.text()
    assert size(register) == before


def test_a_page_without_the_version_it_was_made_of_changes_nothing(
    as_officer: Enter, register: Founded
) -> None:
    code = register.issue()
    officer = as_officer("somying")
    officer.get(f"/licenses/{code}/acts/ending")
    for base in ("", "x", "-1", "9" * 30, "๑"):
        form = {**ORDER, "outcome": "ceased", "base_index": base}
        assert officer.post(f"/licenses/{code}/acts/ending", form).status_code == 409
        officer.get(f"/licenses/{code}/acts/ending")
    assert register.row(code).status == Status.VALID


def test_a_form_sent_twice_acts_once(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    officer = as_officer("somying")
    officer.get(f"/licenses/{code}/acts/replacement")
    officer.submit("ดูตัวอย่าง")
    form = officer.page.select("main form")[0]
    sent, before = officer.fields(form), size(register)
    assert officer.post(str(form["action"]), sent, token=sent["csrf_token"]).status_code == 302
    assert officer.post(str(form["action"]), sent, token=sent["csrf_token"]).status_code == 409
    assert size(register) == before + 1


def test_what_was_changed_behind_the_register_s_back_is_said(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    with register.services.database.writing.begin() as session:
        row = register.row(code)
        row.premises = "ชื่อที่ไม่ได้ลงนาม"
        session.merge(row)
    officer = as_officer("somying")
    assert officer.get(f"/licenses/{code}").status_code == 200
    assert "ตารางรายการไม่ตรงกับฉบับที่ลงนาม" in officer.text()
    face = officer.page.select_one("section dl")
    assert face is not None
    assert "อู่ช่างพงษ์" in face.get_text()


def test_a_statement_that_was_changed_is_not_shown(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    with register.services.database.writing.begin() as session:
        entry = session.get_one(EntryRow, register.row(code).record_index)
        assert entry.statement is not None
        entry.statement = entry.statement[:-1] + bytes([entry.statement[-1] ^ 1])
    officer = as_officer("somying")
    assert officer.get(f"/licenses/{code}").status_code == 200
    assert "ไม่ตรงกับฉบับที่ลงนาม จึงไม่แสดง" in officer.text()
    assert "ประกอบกิจการได้" not in officer.text()
    assert officer.get(f"/licenses/{code}/plate").status_code == 500
