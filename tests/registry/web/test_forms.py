"""Forms and what is typed into them: every fault beside its field, nothing lost, nothing believed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from keys.acts import ActKind
from registry.catalogs import put_type, renew_catalog
from registry.web.face import respelled
from registry.web.places import resolve_place
from registry.web.words import type_day
from tests.registry.two_agencies import FORM, HAZARD_TYPE, Founded
from tests.registry.web.conftest import Visitor

Enter = Callable[[str], Visitor]

FAULTS = [
    ("number", "abc", "ไม่ตรงรูปแบบเลขที่"),
    ("number", "", "ยังไม่ได้ใส่"),
    ("holder", " \u200b ", "ยังไม่ได้ใส่"),
    ("holder_id", "1.05561E+11", "โปรแกรมตารางตัดเลขไป"),
    ("valid_from", "29/02/2568", "ไม่มีวันที่ 29"),
    ("valid_until", "21/11/2575", "นานกว่าที่กฎหมายให้"),
    ("field.horsepower", "สิบ", "ต้องเป็นตัวเลข"),
    ("field.group", "boats", "ไม่ใช่ค่าที่ใช้ได้"),
    ("place", "นครที่ไม่มี", "ไม่พบพื้นที่ชื่อนี้"),
    ("place", "760401", "อยู่นอกเขตของหน่วยงาน"),
    ("linked", "1234", "รหัส"),
    ("premises", "ก" * 501, "ยาวเกิน 500"),
    ("premises", "ร้าน" + "้" * 1 + "ก" + "\u0301" * 9, "ซ้อนกันเกิน"),
]


@pytest.mark.parametrize(("name", "value", "words"), FAULTS)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    as_officer: Enter, name: str, value: str, words: str
) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    typed = {**FORM, name: value}
    assert officer.submit("ดูตัวอย่าง", typed).status_code == 422
    beside = officer.page.find(id=f"w-{name}")
    assert beside is not None, officer.text()
    assert words in beside.get_text()
    box = officer.page.find(id=f"f-{name}")
    assert box is not None
    assert box["aria-invalid"] == "true"
    assert f"w-{name}" in str(box["aria-describedby"])
    assert officer.page.select(f'.faults a[href="#f-{name}"]')
    form = officer.page.find("form", {"action": "/issue/1/preview"})
    assert form is not None
    kept = officer.fields(form)
    for other, text in typed.items():
        if other not in ("place", "field.group"):
            assert kept[other] == text, other


def test_faults_speak_english_too(as_officer: Enter) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1?lang=en")
    assert officer.submit("Preview", {**FORM, "number": ""}).status_code == 422
    assert "License number : Missing · Fill it in" in officer.text()


def test_a_name_of_several_places_becomes_a_choice(as_officer: Enter, register: Founded) -> None:
    with register.services.database.writing.begin() as session:
        put_type(session, replace(HAZARD_TYPE, territorial=False))
        renew_catalog(session)
    officer = as_officer("somying")
    officer.get("/issue/1")
    assert officer.submit("ดูตัวอย่าง", {**FORM, "place": "ในเมือง"}).status_code == 422
    options = [str(option["value"]) for option in officer.page.select("select#f-place option")]
    assert len(options) > 5
    assert officer.submit("ดูตัวอย่าง", {"place": options[1]}).status_code == 200


def test_a_place_is_read_as_people_write_it() -> None:
    assert resolve_place("770701") == [770701]
    assert resolve_place("๗๗๐๗๐๑") == [770701]
    assert resolve_place("ต.หัวหิน อ.หัวหิน จ.ประจวบคีรีขันธ์ (770701)") == [770701]
    assert resolve_place("ตำบลหัวหิน จังหวัดประจวบคีรีขันธ์") == [770701]
    assert resolve_place("หนองแก หัวหิน") == [770702]
    assert resolve_place("หนองแก", (7707,)) == [770702]
    assert resolve_place("Hua Hin, Prachuap Khiri Khan") == [770701]
    assert resolve_place("ไม่มีที่นี่") == []
    assert resolve_place("") == []


def test_a_date_reads_as_it_is_typed() -> None:
    day = date(2027, 1, 11)
    assert type_day(day, "th") == "11/01/2570"
    assert type_day(day, "en") == "11/01/2027"


def test_text_that_is_respelled_before_signing_is_shown_as_such(as_officer: Enter) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    officer.submit("ดูตัวอย่าง", {**FORM, "premises": "เเสงทอง\u200bการช่าง"})
    assert "แสงทองการช่าง จัดตัวสะกดให้เป็นแบบเดียวก่อนลงนาม" in officer.text()
    assert respelled([], {}) == []


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "'; DROP TABLE licenses; --",
    "\u202eevil\u2066",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_typed_stays_text_on_every_page(as_officer: Enter, register: Founded, payload: str) -> None:
    officer = as_officer("somying")
    fields = ("holder", "holder_en", "premises", "address", "field.activity", "field.remark", "conditions")
    officer.get("/issue/1")
    answer = officer.submit("ดูตัวอย่าง", {**FORM, **dict.fromkeys(fields, f"ก{payload}")})
    assert answer.status_code == 200, officer.text()
    pages = [officer.page.get_text()]
    answer = officer.submit("ออกใบ")
    assert answer.status_code == 302, officer.text()
    code = answer.headers["Location"].rsplit("/", 1)[1]
    register.publish()
    raw = {"legal_basis": payload, "reason": "conditions"}
    register.propose(ActKind.REVOCATION, raw, code=code)
    for path in ("/", "/licenses/", f"/licenses/{code}", f"/licenses/{code}/acts/amendment", "/approvals/2",
                 f"/licenses/{code}/plate", "/approvals/", f"/licenses/?q={payload}"):  # fmt: skip
        answer = officer.get(path)
        assert answer.status_code == 200, (path, officer.text())
        pages.append(officer.page.get_text())
        assert not officer.page.find_all(["script", "img", "b"])
        assert (
            "49" not in officer.page.get_text()
            or "7*7" not in payload
            or "{{7*7}}" in officer.page.get_text()
        )
    assert not any("\u202e" in page or "\u2066" in page for page in pages)


def test_names_that_the_form_does_not_have_are_ignored(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    officer = as_officer("somying")
    officer.get(f"/licenses/{code}/acts/replacement")
    officer.submit("ดูตัวอย่าง", {"holder": "คนอื่น", "number": "9/9/9999", "agency": "2", "valid_until": ""})
    assert officer.submit("ออกใบแทน").status_code == 302
    row = register.row(code)
    assert (row.holder, row.number, row.agency) == (FORM["holder"], FORM["number"], 1)


def test_a_number_in_force_is_told_before_anything_is_signed(as_officer: Enter, register: Founded) -> None:
    register.issue()
    officer = as_officer("somying")
    officer.get("/issue/1")
    assert officer.submit("ดูตัวอย่าง", {**FORM, "number": "๑๒/๓๔๕/๒๕๖๙"}).status_code == 422
    assert "มีใบอนุญาตที่ยังใช้อยู่แล้ว" in officer.text()


def test_a_reason_outside_the_list_is_refused(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    officer = as_officer("somying")
    officer.get(f"/licenses/{code}/acts/voiding")
    form = {"legal_basis": "ม.1", "reason": "เขาเคยต้องโทษ"}
    assert officer.submit("ดูตัวอย่าง", form).status_code == 422
    assert "เลือกเหตุจากรายการ" in officer.text()


def test_names_too_long_for_a_qr_are_refused_before_issuing(as_officer: Enter) -> None:
    officer = as_officer("somying")
    officer.get("/issue/1")
    answer = officer.submit("ดูตัวอย่าง", {**FORM, "holder": "ก" * 200, "premises": "ข" * 250})
    assert answer.status_code == 422
    assert "ยาวเกินกว่าที่คิวอาร์จะบรรจุได้" in officer.text()
