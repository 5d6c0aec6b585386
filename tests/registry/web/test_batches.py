"""The officers' way of a file: sent, its columns said, looked at, released, and undone."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from keys.acts import ActKind, Status
from registry.intake.batches import Kind, Missing, Options, Release, State
from registry.intake.browsing import batches_of
from registry.intake.receiving import LARGEST_UPLOAD, folder_of
from registry.intake.releasing import digest_of
from registry.models import Batch, LicenseRow, Officer
from registry.web import create_app
from registry.web.sessions import start_session
from tests.registry import arriving
from tests.registry.arriving import batch, csv_of, enter, proposed, read
from tests.registry.two_agencies import FORM, HUA_HIN, PASSWORD, TRADE, TRADE_FORM, Founded
from tests.registry.web.conftest import Visitor
from tests.registry.web.sending import newest, send

Enter = Callable[[str], Visitor]
BACKDATED = {"valid_from": "1/11/2569"}
THAI_HEADER = "ลำดับ,เลขที่ใบอนุญาต,ผู้รับใบอนุญาต,ชื่อสถานประกอบการ,ที่ตั้ง,รหัสพื้นที่,วันเริ่มใช้,ประเภทกิจการ"


def visitor_of(register: Founded, login: str) -> Visitor:
    """An officer of any register, logged in."""
    with register.services.database.writing.begin() as session:
        token = start_session(session, {}, register.officer(login).id, at=register.clock())
    made = Visitor(create_app(register.services))
    made.client.set_cookie("permits-office", token, domain="office.example.go.th", secure=True)
    return made


def thai_csv(count: int) -> bytes:
    """A file as an agency has it: titles, Thai headers, windows-874, and one row with two faults."""
    lines = ["ทะเบียนกิจการ,,,,,,,", THAI_HEADER]
    for n in range(1, count + 1):
        row = [str(n), f"{n}/77/2569", FORM["holder"], f"ร้านแถวที่ {n}", "88/4 ถนนเพชรเกษม", "770701"]
        lines.append(",".join([*row, "22/11/2569", "ขายอาหาร"]))
    lines.append("9,9/77/2569,นายวัน เดียว,ร้านผิด,1/2,770701,29/2/2568,")
    return "\r\n".join(lines).encode("cp874")


def test_a_file_goes_from_the_form_to_the_receipt(on_both: Founded) -> None:
    """The whole way of one officer, with a file as agencies have them."""
    officer = visitor_of(on_both, "somying")
    officer.follow(send(officer, thai_csv(3)))
    assert "จับคู่คอลัมน์: ต.ค. 69.csv" in officer.text()
    chosen = {
        str(one["name"]): str(option["value"])
        for one in officer.page.select("select[name^='c.']")
        for option in one.select("option[selected]")
    }
    assert (chosen["c.1"], chosen["c.3"], chosen["c.7"]) == ("number", "premises", "field.activity")
    assert "ยังไม่มีคอลัมน์สำหรับ: ใช้ได้ตั้งแต่" in officer.text()
    officer.follow(officer.submit("อ่านไฟล์", {"c.3": "premises", "c.6": "valid_from"}))
    assert "กำลังอ่านไฟล์" in officer.text()
    number = newest(on_both).id
    assert read(on_both) == number
    page = officer.get(f"/batches/{number}")
    assert "Refresh" not in page.headers
    assert "ใหม่ 3" in officer.text()
    assert "มีข้อผิดพลาด 1" in officer.text()
    officer.get(f"/batches/{number}?show=fault")
    for told in ("29/2/2568", "วันเริ่มใช้", "ประเภทกิจการ"):
        assert told in officer.text()
    officer.follow(officer.submit("เผยแพร่ใบอนุญาตใหม่ 3 ใบ"))
    assert "กำลังเผยแพร่" in officer.text()
    enter(on_both, number)
    on_both.publish()
    officer.get(f"/batches/{number}")
    assert "เผยแพร่แล้ว 3 ใบ" in officer.text()
    receipt = officer.get(f"/batches/{number}/receipt")
    assert receipt.headers["Content-Disposition"].endswith(f'"batch-{number}.receipt"')
    assert receipt.data


def test_what_is_new_is_shown_of_a_type_without_premises_too(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    row = {name: value for name, value in TRADE_FORM.items() if name != "premises"}
    content = "\n".join([",".join(row), ",".join(row.values())]).encode()
    officer.follow(send(officer, content, type=str(TRADE)))
    officer.follow(officer.submit("อ่านไฟล์"))
    assert read(register) == newest(register).id
    page = officer.get(f"/batches/{newest(register).id}?show=new")
    assert page.status_code == 200
    assert row["holder"] in officer.text()


def test_columns_once_said_are_proposed_again_for_such_a_file(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    officer.follow(send(officer, thai_csv(1)))
    officer.submit("อ่านไฟล์", {"c.0": "field.remark", "c.3": "premises", "k.conditions": "ห้ามวางของบนทางเท้า"})
    read(register)
    officer.follow(send(officer, thai_csv(2)))
    assert "เคยใช้กับไฟล์แบบเดียวกันนี้" in officer.text()
    fields = officer.fields(officer.page.select("form[action$='/columns']")[0])
    assert fields["c.0"] == "field.remark"
    assert fields["k.conditions"] == "ห้ามวางของบนทางเท้า"


def test_a_mapping_file_is_given_and_taken(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    officer.follow(send(officer, thai_csv(1)))
    number = newest(register).id
    mapping = json.loads(officer.get(f"/batches/{number}/mapping.json").text)
    assert mapping["columns"]["number"] == ["เลขที่ใบอนุญาต"]
    mapping["columns"]["field.remark"] = ["ลำดับ"]
    officer.get(f"/batches/{number}/columns")
    officer.submit("ใช้ไฟล์นี้", {"mapping": (io.BytesIO(json.dumps(mapping).encode()), "mapping.json")})
    assert officer.fields(officer.page.select("form[action$='/columns']")[0])["c.0"] == "field.remark"
    answer = officer.submit("ใช้ไฟล์นี้", {"mapping": (io.BytesIO(b"no json"), "x")})
    assert answer.status_code == 422
    assert "ไม่ใช่ไฟล์จับคู่" in officer.text()


def test_two_columns_for_one_item_and_none_for_the_number_are_said(
    as_officer: Enter, register: Founded
) -> None:
    officer = as_officer("somying")
    officer.follow(send(officer, thai_csv(1)))
    assert officer.submit("อ่านไฟล์", {"c.2": "holder", "c.3": "holder"}).status_code == 422
    assert "เลือกได้คอลัมน์เดียว" in officer.text()
    assert officer.submit("อ่านไฟล์", {"c.1": "", "c.3": ""}).status_code == 422
    assert "เลือกคอลัมน์ที่เป็นเลขที่ใบอนุญาต" in officer.text()
    assert newest(register).state == State.RECEIVED


def test_the_words_of_a_status_column_are_asked_for(as_officer: Enter, register: Founded) -> None:
    content = csv_of(2).decode().replace("valid_from", "valid_from,สถานะใบ", 1)
    content = content.replace("22/11/2569,", "22/11/2569,เปิดอยู่,", 1).replace(
        "22/11/2569,พ", "22/11/2569,เลิกแล้ว,พ"
    )
    officer = as_officer("somying")
    officer.follow(send(officer, content.encode()))
    at = next(
        c["name"] for c in officer.page.select("select[name^='c.']") if "สถานะใบ" in label_of(officer, c)
    )
    officer.submit("ปรับหน้านี้", {str(at): "standing"})
    assert {str(w["value"]) for w in officer.page.select("input[name^='w.']")} == {"เปิดอยู่", "เลิกแล้ว"}
    officer.submit("อ่านไฟล์", {"s.0": "valid", "s.1": "ended"})
    read(register)
    counts = newest(register).counts
    assert (counts["kinds"]["new"], counts["acts"].get("ENDING")) == (2, 1)


def label_of(officer: Visitor, select: Any) -> str:
    found = officer.page.select_one(f"label[for='{select['id']}']")
    return found.text if found else ""


def test_what_a_session_s_end_interrupted_is_taken_up_again(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    officer.follow(send(officer, thai_csv(1)))
    register.clock.advance(hours=1)
    assert officer.submit("อ่านไฟล์", {"c.0": "field.remark"}).status_code == 401
    officer.submit("เข้าสู่ระบบ", {"login": "somying", "password": PASSWORD})
    assert officer.submit("กลับไปที่แบบฟอร์ม").status_code == 200
    assert officer.fields(officer.page.select("form[action$='/columns']")[0])["c.0"] == "field.remark"
    officer.get("/batches/")
    assert "รอจับคู่คอลัมน์" in officer.text()


# --- looking ----------------------------------------------------------------------------------------


def test_a_change_is_shown_item_by_item_and_as_the_act_it_makes(as_officer: Enter, register: Founded) -> None:
    register.issue({"number": "1/77/2569", "premises": "ร้านเดิม"})
    number = proposed(register, csv_of(1))
    officer = as_officer("somying")
    officer.get(f"/batches/{number}?show=changed")
    assert "แก้ไขรายการ" in officer.text()
    assert "ร้านเดิม → ร้านแถวที่ 1" in officer.text()


def test_the_diff_pages_through_every_row(as_officer: Enter, register: Founded) -> None:
    number = proposed(register, csv_of(120))
    officer, seen = as_officer("somying"), set()
    officer.get(f"/batches/{number}")
    for _ in range(5):
        seen |= {th.get_text(strip=True) for th in officer.page.select("tbody th")}
        following = officer.page.find("a", string="หน้าถัดไป")
        if following is None:
            break
        officer.get(str(following["href"]))
    assert seen == {f"{n}/77/2569" for n in range(1, 121)}


def test_the_file_comes_back_with_what_to_correct(as_officer: Enter, register: Founded) -> None:
    content = csv_of(1) + b"\r\n2/77/2569,x,y,z,770701,29/2/2568,food"
    content += b"\r\n3/77/2569,=x,y,z,770701,22/11/2569,food"
    number = proposed(register, content)
    officer = as_officer("wanna")  # Who may look may take away.
    answer = officer.get(f"/batches/{number}/remedies.csv")
    returned = answer.data.decode("utf-8-sig").splitlines()
    assert returned[0].endswith("สิ่งที่ต้องแก้ (what to correct)")
    assert "'=x" in returned[3]
    assert "ปี 2568 ไม่มีวันที่ 29" in returned[2].rpartition("food")[2]
    answer = officer.get(f"/batches/{number}/remedies.xlsx")
    assert answer.data.startswith(b"PK")
    told = json.loads(officer.get(f"/batches/{number}/faults.json").text)
    assert {fault["row"] for fault in told} == {3, 4}
    assert len(list(folder_of(register.services.config.data).iterdir())) == 1  # Nothing is left behind.


def test_a_file_that_is_none_is_said_beside_its_field(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    first, second = csv_of(1).split(b"\r\n")
    moved = b",".join(first.split(b",")[::-1])
    for content in (b"%PDF-1.7", b"", b"\x00\x01\x02", b"\r\n".join([first, second, moved, second])):
        assert send(officer, content).status_code == 422
        assert officer.page.select_one("#w-file") is not None
    assert send(officer, csv_of(1), type="77").status_code == 422
    assert send(officer, csv_of(1), type="๑").status_code == 422
    with register.services.database.reading() as session:
        assert batches_of(session, HUA_HIN, size=5) == []
    assert list(folder_of(register.services.config.data).iterdir()) == []


def test_more_than_the_limit_is_refused_without_being_kept(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    answer = officer.client.post(
        "/batches/new",
        base_url="https://office.example.go.th",
        environ_overrides={"CONTENT_LENGTH": str(LARGEST_UPLOAD + 1)},  # Looked at before anything is read.
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert list(folder_of(register.services.config.data).iterdir()) == []


# --- deciding ---------------------------------------------------------------------------------------


def test_where_two_must_decide_the_proposer_has_no_button_and_another_has(
    as_officer: Enter, register: Founded
) -> None:
    number = proposed(register, csv_of(2, BACKDATED))
    own, other = as_officer("somying"), as_officer("prayoon")
    own.get(f"/batches/{number}")
    assert "ต้องให้เจ้าหน้าที่อีกคนเผยแพร่" in own.text()
    assert not own.page.select("form[action$='/release']")
    other.get("/approvals/")
    assert "ต.ค." not in other.text()
    assert other.page.find("a", href=f"/batches/{number}") is not None
    other.get(f"/batches/{number}")
    assert "คุณเป็นผู้ลงนาม: ประยูร มั่นคง" in other.text()
    other.submit("เผยแพร่ใบอนุญาตใหม่ 2 ใบ")
    found = batch(register, number)
    assert (found.state, found.approver) == (State.RELEASED, register.officer("prayoon").id)


def test_the_proposer_s_own_release_is_refused_where_two_must_decide(
    as_officer: Enter, register: Founded
) -> None:
    number = proposed(register, csv_of(1, BACKDATED), "prayoon")
    other, own = as_officer("prayoon"), as_officer("prayoon")
    other.get(f"/batches/{number}")
    own.get("/account/sessions")
    digest = digest_of(batch(register, number))
    assert own.post(f"/batches/{number}/release", {"digest": digest}).status_code == 403
    assert batch(register, number).state == State.PROPOSED


def test_a_release_is_bound_to_what_was_shown(as_officer: Enter, register: Founded) -> None:
    number = proposed(register, csv_of(2))
    officer = as_officer("somying")
    officer.get(f"/batches/{number}")
    arriving.asked(register, number, options=Options(Release.GOOD_ROWS, Missing.END))
    read(register)  # Somebody had it read anew with other terms.
    assert officer.submit("เผยแพร่").status_code == 409
    assert batch(register, number).state == State.PROPOSED


def test_what_somebody_changed_since_goes_back_to_the_diff(as_officer: Enter, register: Founded) -> None:
    register.issue({"number": "1/77/2569", "premises": "ร้านเดิม"})
    number = proposed(register, csv_of(2))
    officer = as_officer("somying")
    officer.get(f"/batches/{number}")
    with register.services.database.reading() as session:
        code = session.query(LicenseRow).filter_by(number="1/77/2569").one().code
    order = {"legal_basis": "มาตรา 59", "reason": "conditions", "until": "1/12/2569"}
    register.act(ActKind.SUSPENSION, order, code=code)
    officer.follow(officer.submit("เผยแพร่"))
    assert "ยังไม่ได้เผยแพร่" in officer.text()
    assert batch(register, number).state == State.PROPOSED
    officer.get(f"/batches/{number}?show=stale")
    assert "1/77/2569" in officer.text()
    officer.submit("เผยแพร่ใบอนุญาตใหม่ 1 ใบ")
    assert batch(register, number).state == State.RELEASED


def test_what_the_file_lacks_is_shown_and_decided(as_officer: Enter, register: Founded) -> None:
    code = register.issue({"number": "99/77/2569"})
    number = proposed(register, csv_of(1), options=Options(Release.GOOD_ROWS, Missing.ASK))
    officer = as_officer("somying")
    officer.get(f"/batches/{number}?show=missing")
    assert "99/77/2569" in officer.text()
    assert not officer.page.select("form[action$='/release']")  # First this is to be said.
    form = officer.fields(officer.page.select("form[action$='/missing']")[0])
    officer.follow(officer.post(f"/batches/{number}/missing", {**form, "missing": "end"}))
    officer.submit("เผยแพร่")
    enter(register, number)
    assert register.row(code).status == Status.ENDED


def test_one_bad_row_keeps_a_file_out_that_is_all_or_nothing(as_officer: Enter, register: Founded) -> None:
    content = csv_of(1) + b"\r\n2/77/2569,x,y,z,770701,29/2/2568,food"
    number = proposed(register, content, options=Options(Release.ALL_OR_NOTHING, Missing.LEAVE))
    officer = as_officer("somying")
    officer.get(f"/batches/{number}")
    assert "ต้องดีทั้งไฟล์" in officer.text()
    assert not officer.page.select("form[action$='/release']")


def test_a_published_batch_is_undone_by_a_batch_of_its_own(as_officer: Enter, register: Founded) -> None:
    number = proposed(register, csv_of(2))
    officer = as_officer("somying")
    officer.get(f"/batches/{number}")
    officer.submit("เผยแพร่")
    enter(register, number)
    officer.get(f"/batches/{number}")
    officer.get(f"/batches/{number}/undo")
    assert officer.submit("เตรียมเรียกคืน 2 ใบ", {"reason": ""}).status_code == 422
    officer.follow(officer.submit("เตรียมเรียกคืน 2 ใบ", {"reason": "closed"}))
    undo = newest(register).id
    assert "กำลังเทียบกับทะเบียน" in officer.text()
    assert batch(register, undo).state == State.READING
    assert read(register) == undo
    officer.get(f"/batches/{undo}")
    assert f"เรียกคืนชุดที่ {number}" in officer.text()
    officer.submit("ยกเลิกเพราะออกโดยผิดพลาด 2 ใบ")
    enter(register, newest(register).id)
    assert batch(register, number).state == State.UNDONE


def test_withdrawn_is_withdrawn(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    for number in (proposed(register, csv_of(1)), arriving.uploaded(register, csv_of(2))):
        officer.get("/account/sessions")
        assert officer.post(f"/batches/{number}/withdraw").status_code == 302
        assert batch(register, number).state == State.WITHDRAWN
        officer.get(f"/batches/{number}")
        assert "ถูกถอน" in officer.text()
        assert officer.post(f"/batches/{number}/withdraw").status_code == 409


def test_progress_says_how_many_how_fast_and_how_long_yet(as_officer: Enter, register: Founded) -> None:
    number = proposed(register, csv_of(1))
    with register.services.database.writing.begin() as session:
        found = session.get_one(Batch, number)
        found.state, found.released_at = State.RELEASED, register.clock()
        found.entered, found.total = 300, 1500
    register.clock.advance(seconds=10)
    officer = as_officer("somying")
    answer = officer.get(f"/batches/{number}")
    assert answer.headers["Refresh"] == "2"
    assert "300 / 1,500 แถว · วินาทีละ 30 · เหลือประมาณ 40 วินาที" in officer.text()


def test_a_removed_officer_s_batch_waits_for_nobody(as_officer: Enter, register: Founded) -> None:
    number = proposed(register, csv_of(1, BACKDATED))
    with register.services.database.writing.begin() as session:
        session.get_one(Officer, register.officer("somying").id).disabled_at = register.clock()
    other = as_officer("prayoon")
    other.get(f"/batches/{number}")
    assert "ผู้เสนอไม่ได้เป็นเจ้าหน้าที่แล้ว" in other.text()
    assert not other.page.select("form[action$='/release']")


@pytest.mark.parametrize(
    "question", ["show=no", "show=%00", "after=x", "after=" + "9" * 40, "show=new&after=-1"]
)
def test_any_question_about_a_batch_gets_a_page(as_officer: Enter, register: Founded, question: str) -> None:
    number = proposed(register, csv_of(1))
    assert as_officer("somying").get(f"/batches/{number}?{question}").status_code == 200
    assert Kind.NEW in batch(register, number).counts["kinds"]
