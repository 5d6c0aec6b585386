"""What an officer says of a file's columns, and what the page tells of its rows before their release."""

from collections.abc import Callable
from pathlib import Path

from tests.registry import arriving
from tests.registry.arriving import batch, csv_of, proposed, read
from tests.registry.intake.sheets import write_xlsx
from tests.registry.two_agencies import Founded
from tests.registry.web.conftest import Visitor
from tests.registry.web.sending import newest, send

Enter = Callable[[str], Visitor]


def test_the_sheet_that_is_read_is_the_one_named_now_and_not_the_one_of_an_earlier_file(
    as_officer: Enter, register: Founded, tmp_path: Path
) -> None:
    officer = as_officer("somying")
    lines = [row.split(",") for row in csv_of(2).decode().splitlines()]
    for month in ("ม.ค.", "ก.พ."):
        path = write_xlsx(tmp_path / "a.xlsx", dict.fromkeys(("ม.ค.", "ก.พ."), lines))
        assert send(officer, path.read_bytes(), name="ปี 69.xlsx").status_code == 422
        assert "หลายแผ่นงานมีหัวตารางนี้ (ม.ค., ก.พ.)" in officer.text()
        officer.follow(send(officer, path.read_bytes(), name="ปี 69.xlsx", sheet=month))
        officer.follow(officer.submit("อ่านไฟล์"))
        number = newest(register).id
        assert read(register) == number
        assert batch(register, number).counts["kinds"]["new"] == 2
        assert arriving.upload(register, number).mapping["sheet"] == month


def test_the_era_of_two_digits_is_said_on_the_page(as_officer: Enter, register: Founded) -> None:
    officer = as_officer("somying")
    content = (
        csv_of(1, {"valid_from": "1/11/69"})
        + b"\r\n"
        + csv_of(1, {"valid_from": "1/11/26"}, first=2).splitlines()[1]
    )
    officer.follow(send(officer, content))
    assert "พบ ไม่ชัดเจน (ปีสองหลัก 2)" in officer.text()
    officer.follow(officer.submit("อ่านไฟล์"))
    read(register)
    officer.get(f"/batches/{newest(register).id}")
    assert "อาจเป็น พ.ศ. หรือ ค.ศ." in officer.text()
    officer.get(f"/batches/{newest(register).id}/columns")
    officer.follow(officer.submit("อ่านไฟล์", {"e.valid_from": "BE"}))
    read(register)
    assert batch(register, newest(register).id).counts["kinds"]["fault"] == 0


def test_a_word_of_status_beyond_the_first_rows_is_asked_about_once_it_was_at_fault(
    as_officer: Enter, register: Founded
) -> None:
    officer = as_officer("somying")
    header, *rows = csv_of(301).decode().splitlines()
    lines = [f"{header},standing", *(f"{row},ปกติ" for row in rows[:300]), f"{rows[300]},รอตรวจ"]
    officer.follow(send(officer, "\n".join(lines).encode()))
    assert "รอตรวจ" not in officer.text()
    officer.follow(officer.submit("อ่านไฟล์"))
    read(register)
    number = newest(register).id
    assert batch(register, number).counts["kinds"]["fault"] == 1
    officer.get(f"/batches/{number}/columns")
    assert "“รอตรวจ”" in officer.text()
    officer.follow(officer.submit("อ่านไฟล์", {"s.0": "valid"}))
    read(register)
    assert batch(register, number).counts["kinds"]["new"] == 301


def test_rows_to_look_at_are_counted_and_shown_apart(as_officer: Enter, register: Founded) -> None:
    number = proposed(register, csv_of(2) + b"\r\n" + csv_of(1, {"premises": "N/A"}, first=3).splitlines()[1])
    officer = as_officer("somying")
    officer.get(f"/batches/{number}")
    assert "1 แถวเข้าได้ แต่ควรตรวจ" in officer.text()
    assert officer.get(f"/batches/{number}/remedies.csv").text.count("ควรตรวจ (look)") == 1
    officer.get(f"/batches/{number}?show=look")
    assert "ควรตรวจอะไร" in officer.text()
    assert "อาจแปลว่าไม่มีค่า" in officer.text()
    assert len(officer.page.select("tbody tr")) == 1
