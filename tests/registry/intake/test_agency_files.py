"""Files as offices really save them: what is plain goes in, and what is amiss is told, never read wrongly."""

import json
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from keys.catalog import Agency, Text
from registry.demo.license_types import HAZARD, license_types
from registry.errors import Refused
from registry.intake.columns import fit
from registry.intake.guessing import guess_columns
from registry.intake.readers import open_sheet
from registry.intake.returning import return_csv
from registry.intake.rows import RowResult, read_rows
from registry.intake.sources import source_of
from tests.registry.intake.sheets import csv_bytes, write_xlsx

KIND = license_types()[HAZARD]
AGENCY = Agency(1, "a", Text("ก", "a"), "", Text("", ""), (), {HAZARD: None})
TODAY = date(2026, 3, 2)
HEADER = (
    *("ที่", "เลขที่ใบอนุญาต", "ผู้รับใบอนุญาต", "เลขประจำตัว 13 หลัก", "ชื่อสถานประกอบการ", "ที่ตั้ง"),
    *("วันเริ่มต้น", "วันหมดอายุ", "กิจการ", "ค่าธรรมเนียม"),
)
NAMES = ("row", "number", "holder", "thirteen", "premises", "address", "start", "end", "activity", "fee")
LINE = (
    *("1", "12/1/2569", "นาย ก", "0105558004940", "อู่ ก", "88/4 ถ.เพชรเกษม"),
    *("2/3/2569", "1/3/2570", "อู่ซ่อมรถ", "1,500"),
)


def line(n: int = 1, **changes: str) -> tuple[str, ...]:
    """A row under the header, the `n`th, with some cells of its own."""
    cells = dict(zip(NAMES, LINE, strict=True)) | {"row": str(n), "number": f"12/{n}/2569"}
    return tuple((cells | changes).values())


def read(path: Path) -> list[RowResult]:
    """The rows of a file as the page first proposes to read them."""
    sheet = open_sheet(path)
    mapped = fit(sheet, guess_columns(sheet, KIND).mapping)
    return list(read_rows(mapped, KIND, AGENCY, today=TODAY))


def read_csv(folder: Path, *rows: Sequence[str]) -> list[RowResult]:
    (folder / "a.csv").write_bytes(csv_bytes([[f'"{cell}"' for cell in row] for row in rows]))
    return read(folder / "a.csv")


def good(found: list[RowResult]) -> list[int]:
    assert not any(row.faults or row.warnings for row in found)
    return [row.number for row in found]


def told(row: RowResult) -> list[tuple[str, str, str]]:
    return [(one.column, one.fault.value, one.fault.what.en) for one in (*row.faults, *row.warnings)]


# --- headers and rows that are no licenses ------------------------------------------------------

GROUPS = ("ที่", "เลขที่ใบอนุญาต", "ผู้รับใบอนุญาต", "", "ชื่อสถานประกอบการ", "ที่ตั้ง", "วันที่", "", "กิจการ", "ค่าธรรมเนียม")
PARTS = ("", "", "ชื่อ", "เลขประจำตัว 13 หลัก", "", "", "วันเริ่มต้น", "วันหมดอายุ", "", "")
UNITS = ("", "", "", "", "", "", "(วัน/เดือน/ปี)", "(วัน/เดือน/ปี)", "", "(บาท)")


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ((HEADER, UNITS), 3),
        ((HEADER, tuple(f"({n})" for n in range(1, 11))), 3),
        ((HEADER, tuple(map(str, range(1, 11)))), 3),
        ((GROUPS, PARTS), 3),
        ((GROUPS, PARTS, UNITS), 4),
        ((("ทะเบียน", *("",) * 9), GROUPS, PARTS, UNITS), 5),
    ],
)
def test_rows_of_groups_units_and_numbers_belong_to_the_header(
    tmp_path: Path, header: tuple[tuple[str, ...], ...], first: int
):
    found = read_csv(tmp_path, *header, line(1), line(2))
    assert good(found) == [first, first + 1]
    application = found[0].application
    assert application
    assert (application.holder, application.holder_id) == ("นาย ก", "0105558004940")
    assert (application.valid_from, application.valid_until) == (date(2026, 3, 2), date(2027, 3, 1))


def test_cells_merged_over_three_rows_of_a_header_name_their_columns(tmp_path: Path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 9, "ทะเบียน")
        for column in (0, 1, 4, 5, 8):
            sheet.merge_range(1, column, 3, column, GROUPS[column])
        sheet.merge_range("C2:D2", "ผู้รับใบอนุญาต")
        sheet.merge_range("G2:H2", "วันที่")
        sheet.merge_range("C3:C4", "ชื่อ")
        sheet.merge_range("D3:D4", "เลขประจำตัว 13 หลัก")
        sheet.merge_range("J2:J3", "ค่าธรรมเนียม")
        for column in (6, 7):
            sheet.write_column(2, column, [PARTS[column], UNITS[column]])
        sheet.write(3, 9, "(บาท)")
        sheet.write_row(4, 0, line())
    (row,) = read(tmp_path / "a.xlsx")
    assert good([row]) == [5]
    assert row.application
    assert (row.application.holder, row.application.valid_from) == ("นาย ก", date(2026, 3, 2))


def test_two_columns_of_one_name_are_told_apart(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(csv_bytes([(*HEADER, "วันหมดอายุ"), (*line(fee="1500"), "1/3/2571")]))
    sheet = open_sheet(tmp_path / "a.csv")
    mapped = fit(sheet, guess_columns(sheet, KIND).mapping)
    assert mapped.header_of["valid_until"] == "วันหมดอายุ"
    assert mapped.unmapped == ("วันหมดอายุ#11",)


def test_the_header_again_and_rows_that_only_look_empty_are_no_rows(tmp_path: Path):
    blank = ("\u200b", "\u00a0", *("",) * 8)
    assert good(read_csv(tmp_path, HEADER, line(1), HEADER, blank, line(2), ("\x1a",))) == [2, 5]


@pytest.mark.parametrize("text", ["รวม", "รวมทั้งสิ้น 5 ราย", "หมายเหตุ: ข้อมูล ณ วันที่ 30 กันยายน 2569", "ตำบลหัวหิน"])
@pytest.mark.parametrize("column", [0, 1])
def test_a_total_a_heading_or_a_note_is_told_as_one_in_one_sentence(tmp_path: Path, text: str, column: int):
    row = [""] * 10
    row[column], row[9] = text, "7,500"
    _, last = read_csv(tmp_path, HEADER, line(), row)
    assert told(last) == [("เลขที่ใบอนุญาต", text, "Too little stands in this row for a license")]


def test_a_file_given_back_is_known_again_with_its_column_of_remedies(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(csv_bytes([HEADER, line(fee="1500")]))
    sheet = open_sheet(tmp_path / "a.csv")
    for name in ("b.csv", "c.csv"):
        return_csv(sheet, {2: "x"}, tmp_path / name)
        again = open_sheet(tmp_path / name)
        assert source_of(again) == source_of(sheet)
        assert fit(again, guess_columns(again, KIND).mapping).unmapped == ()
        sheet = again


# --- separators and quotes ----------------------------------------------------------------------


def test_a_comma_without_quotes_is_told_and_not_read_as_a_smaller_number(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(csv_bytes([HEADER, line()]))
    (row,) = read(tmp_path / "a.csv")
    assert told(row) == [("#11", "500", "The row has more cells than the header: values may have shifted")]


def test_a_quote_that_swallows_rows_is_told_with_its_row(tmp_path: Path):
    rows = [
        HEADER,
        line(1, fee="1"),
        line(2, fee='"1'),
        line(3, fee="2"),
        line(4, fee='3"'),
        line(5, fee="4"),
    ]
    (tmp_path / "a.csv").write_bytes(csv_bytes(rows))
    with pytest.raises(Refused, match="row 3 has swallowed"):
        read(tmp_path / "a.csv")
    rows = [HEADER, line(1, address='"88, 90\nซอย 5, 6, 7"', fee="1")]
    (tmp_path / "b.csv").write_bytes(csv_bytes(rows))
    assert good(read(tmp_path / "b.csv")) == [2]


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["1,500.00", "1500.-", "1,500 บาท", "฿1,500", "๑,๕๐๐", "1 500", "1,500.- บาท", "\u200b1500"]
)
def test_an_amount_is_read_as_people_write_it(tmp_path: Path, text: str):
    (row,) = read_csv(tmp_path, HEADER, line(fee=text))
    assert good([row])
    assert row.application
    assert row.application.fields["fee"] == 1500


@pytest.mark.parametrize("text", ["1,50", "1.500,00", "1500.50", "1,5", "(1,500)", "1 5", "ยกเว้น"])
def test_an_amount_that_may_be_another_is_told(tmp_path: Path, text: str):
    (row,) = read_csv(tmp_path, HEADER, line(fee=text))
    assert told(row) == [("ค่าธรรมเนียม", text, "Must be a whole number")]


@pytest.mark.parametrize(
    "text", ["'0105558004940", "\u200b0105558004940\u00a0", "0-1055-58004-94-0", '=""0105558004940""']
)
def test_a_number_of_thirteen_digits_is_read_however_it_was_kept_as_text(tmp_path: Path, text: str):
    (row,) = read_csv(tmp_path, HEADER, line(thirteen=text))
    assert good([row])
    assert row.application
    assert row.application.holder_id == "0105558004940"


def test_a_column_of_numbers_cut_by_a_spreadsheet_is_told_even_when_all_are(tmp_path: Path):
    found = read_csv(tmp_path, HEADER, line(1, thirteen="105558004940"), line(2, thirteen="1.06E+11"))
    assert [told(row) for row in found] == [
        [("เลขประจำตัว 13 หลัก", "105558004940", "The zero in front is lost")],
        [("เลขประจำตัว 13 หลัก", "1.06E+11", "A spreadsheet has cut digits off")],
    ]
    assert "0105558004940" in found[0].faults[0].fault.remedy.th


@pytest.mark.parametrize("word", ["-", "--", "ไม่มี", "ไม่ระบุ", "N/A", "null", "NaN", "—"])
def test_words_for_nothing_are_nothing_where_something_may_be_left_out(tmp_path: Path, word: str):
    row, missing = read_csv(tmp_path, HEADER, line(1, thirteen=word, end=word, fee=word), line(2, start=word))
    assert row.application
    assert (row.application.holder_id, row.application.valid_until) == (None, date(2027, 3, 1))
    assert not row.faults
    assert [(one.column, one.fault.value) for one in row.warnings] == [("วันหมดอายุ", word)]
    assert told(missing) == [("วันเริ่มต้น", word, "Missing")]


def test_a_name_that_is_a_word_for_nothing_goes_in_with_a_warning(tmp_path: Path):
    rows = [line(1, premises="N/A"), line(2, holder="ไม่มี"), line(3, activity="ไม่ระบุ"), line(4, holder="-")]
    *found, dash = read_csv(tmp_path, HEADER, *rows)
    assert [told(row)[0][1:] for row in found if row.application] == [
        ("N/A", "This word may stand for nothing"),
        ("ไม่มี", "This word may stand for nothing"),
        ("ไม่ระบุ", "This word may stand for nothing"),
    ]
    assert told(dash) == [("ผู้รับใบอนุญาต", "-", "Missing")]


# --- days ---------------------------------------------------------------------------------------


def test_days_with_the_month_first_are_not_read_with_the_day_first(tmp_path: Path):
    days = ("03/02/2026", "03/15/2026", "04/28/2026", "5/5/2026", "25/12/2026")
    found = read_csv(tmp_path, HEADER, *(line(n, start=day, end="") for n, day in enumerate(days, 1)))
    assert [told(row)[0][2] if row.faults else "" for row in found] == [
        "Day and month may have changed places: other rows have the month first",
        *("There is no month 15", "There is no month 28", "", ""),
    ]


def test_one_slip_does_not_put_a_whole_column_in_doubt(tmp_path: Path):
    days = ("3/2/2569", "15/3/2569", "3/15/2569")
    found = read_csv(tmp_path, HEADER, *(line(n, start=day, end="") for n, day in enumerate(days, 1)))
    assert [len(row.faults) for row in found] == [0, 0, 1]


def test_a_moment_of_another_time_zone_is_the_day_it_was_in_thailand(tmp_path: Path):
    moments = ("2026-03-01T17:00:00.000Z", "2026-03-02T00:00:00+07:00", "2026-03-02T08:00:00Z")
    found = read_csv(tmp_path, HEADER, *(line(n, start=text, end="") for n, text in enumerate(moments, 1)))
    assert {row.application.valid_from for row in found if row.application} == {TODAY}
    assert [len(row.warnings) for row in found] == [1, 0, 0]


def test_a_year_that_a_spreadsheet_made_of_two_digits_is_told_and_so_is_one_far_ahead(tmp_path: Path):
    found = read_csv(tmp_path, HEADER, line(1, start="1969-03-02", end=""), line(2, start="2/3/2596", end=""))
    assert [row.warnings[-1].fault.what.en for row in found] == [
        "1969 may have been typed as 69, meaning B.E. 2569",
        "2053 is far ahead",
    ]


def test_days_counted_from_1904_are_read_so_with_a_date_s_form_and_without(tmp_path: Path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"date_1904": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "[$-107041E]d mmm yy;@"})
        for row, cells in enumerate((HEADER, line(1, end=""), line(2, end=""))):
            sheet.write_row(row, 0, cells)
        sheet.write_number(1, 6, 46083 - 1462, day)
        sheet.write_number(2, 6, 46083 - 1462)
    assert [row.application and row.application.valid_from for row in read(tmp_path / "a.xlsx")] == [
        TODAY
    ] * 2


def test_a_number_that_a_spreadsheet_made_a_date_of_is_told(tmp_path: Path):
    write_xlsx(tmp_path / "a.xlsx", {"ก": [HEADER, line(1), line(2, number="2026-01-12")]})
    assert told(read(tmp_path / "a.xlsx")[1])[0][2] == "The spreadsheet has made a date of the number"


# --- cells of workbooks by other programs -------------------------------------------------------


def workbook(path: Path, *cells: str, prefix: str = "") -> Path:
    """A workbook of one column of inline texts and then these cells, as other programs write them."""
    write_xlsx(path, {"a": [("x",)]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    head = '<c r="A1" t="inlineStr"><is><t>number</t></is></c><c r="B1" t="inlineStr"><is><t>day</t></is></c>'
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>{at}</t></is></c>{cell.replace("B#", f"B{at}")}</row>'
        for at, cell in enumerate(cells, 2)
    )
    text = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">{head}</row>{rows}</sheetData></worksheet>'
    if prefix:
        text = text.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
        text = text.replace("xmlns=", f"xmlns:{prefix}=")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, text if name == "xl/worksheets/sheet1.xml" else content)
    return path


CELLS = {
    '<c r="B#"><f>A1+1</f><v /></c>': "=A1+1",
    '<c r="B#"><f>A1+1</f><v></v></c>': "=A1+1",
    '<c r="B#" s="1"><f>A1&amp;"x"</f></c>': '=A1&"x"',
    '<c r="B#"><f t="shared" si="0"/></c>': "=",
    '<c r="B#"><f t="shared" ref="B2:B9" si="0">A1</f><v/></c>': "=A1",
    '<c t="e" r="B#" s="1"><f>1/0</f><v>#DIV/0!</v></c>': "#DIV/0!",
    '<c r="B#" t="e"><f t="shared" si="0"/><v>#REF!</v></c>': "#REF!",
    '<c r="B#" t="e"><v>#N/A</v></c>': "#N/A",
    '<c r="B#" t="str"><f>IF(A1="","",A1)</f><v></v></c>': "",
    '<c r="B#" t="str"><f>A1</f><v>x</v></c>': "x",
    '<c r="B#"><f>A1+1</f><v>5</v></c>': "5",
}


@pytest.mark.parametrize("prefix", ["", "x"])
def test_errors_and_formulas_without_a_value_are_seen_whoever_wrote_them(tmp_path: Path, prefix: str):
    sheet = open_sheet(workbook(tmp_path / "a.xlsx", *CELLS, prefix=prefix))
    assert [row.cells.get("day", "") for row in sheet.rows()] == list(CELLS.values())


def test_a_long_sheet_of_cells_in_error_is_read_within_the_limits(tmp_path: Path):
    cells = [
        '<c r="B#" t="e"><v>#N/A</v></c>',
        '<c r="B#" t="e"></c>',
        '<c r="B#" t="e" ',
        '<row hidden="1" ',
    ] * 5_000
    sheet = open_sheet(workbook(tmp_path / "a.xlsx", *cells[0::4], *cells[1::4]))
    assert [row.cells.get("day", "") for row in sheet.rows()] == ["#N/A"] * 5_000 + [""] * 5_000
    with pytest.raises(Refused) as caught:
        open_sheet(workbook(tmp_path / "b.xlsx", *cells))
    assert caught.value.code == "broken"


# --- objects ------------------------------------------------------------------------------------


def test_keys_within_keys_are_columns_of_their_own(tmp_path: Path):
    lines = [
        {"number": "1", "field": {"activity": "x", "a": {"b": 1}}, "o": ["y"]},
        {"number": "2", "o": None},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    sheet = open_sheet(tmp_path / "a.jsonl")
    assert sheet.header == ("number", "field.activity", "field.a.b", "o")
    assert [list(row.cells.values()) for row in sheet.rows()] == [["1", "x", "1", '["y"]'], ["2", "", "", ""]]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_list_of_rows_may_be_wrapped_as_programs_do(tmp_path: Path, indent: int | None):
    rows = [{"number": "1", "x": "y"}, {"number": "2", "x": None}]
    (tmp_path / "a.json").write_text(json.dumps({"success": True, "data": rows, "total": 2}, indent=indent))
    assert [row.cells["number"] for row in open_sheet(tmp_path / "a.json").rows()] == ["1", "2"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Rar!\x1a\x07", "archive"),
        (b"7z\xbc\xaf\x27", "archive"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"\x89PNG", "picture"),
    ],
)
def test_archives_and_pictures_are_called_what_they_are(tmp_path: Path, content: bytes, code: str):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(Refused) as refused:
        open_sheet(tmp_path / "a.xlsx")
    assert refused.value.code == code
