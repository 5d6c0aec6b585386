"""Every kind of file gives the same rows, and a file that is none is refused with what to do."""

import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from registry.errors import Refused
from registry.intake.readers import LONGEST_CELL, Sheet, open_sheet
from tests.registry.intake.sheets import DATA, LINES, TITLES, WANTED, csv_bytes, write_xlsx

ROOT = Path(__file__).parents[3]
PLAIN = [dict(zip(TITLES, line, strict=True)) for line in LINES]


def cells(sheet: Sheet) -> list[dict[str, str]]:
    return [dict(row.cells) for row in sheet.rows()]


def written(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp874", "tis-620", "iso8859-11", "utf-16", "utf-16-be-bom"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_end_gives_the_same_rows(
    tmp_path: Path, encoding: str, separator: str, end: str
):
    bom = encoding == "utf-16-be-bom"
    content = csv_bytes(
        [TITLES, *LINES], encoding="utf-16-be" if bom else encoding, separator=separator, end=end
    )
    sheet = open_sheet(written(tmp_path, (b"\xfe\xff" if bom else b"") + content), WANTED)
    assert cells(sheet) == PLAIN
    assert [row.number for row in sheet.rows()] == [2, 3]


def test_titles_blank_lines_and_trailing_empty_columns_are_no_rows(tmp_path: Path):
    rows = [("ทะเบียนเดือนมกราคม", "", "", "", ""), ("", "", "", "", ""), (*TITLES, "", "")]
    rows += [(*LINES[0], "", ""), ("", " ", "", "", ""), (*LINES[1], "", "")]
    sheet = open_sheet(written(tmp_path, csv_bytes(rows)), WANTED)
    assert [{name: row.cells[name] for name in TITLES} for row in sheet.rows()] == PLAIN
    assert [row.number for row in sheet.rows()] == [4, 6]


def test_line_breaks_inside_cells_belong_to_the_cell(tmp_path: Path):
    content = '"num\nber","valid\r\n_from",holder\n1,2/3/2569,"ก\nข"\n'.encode()
    (row,) = open_sheet(written(tmp_path, content), [("num ber",), ("valid _from",)]).rows()
    assert row.cells["holder"] == "ก\nข"


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (("number", "ที่ตั้ง", "", "วันที่", ""), ("", "ตำบล", "อำเภอ", "valid_from", "valid_until")),
        (("number", "ที่ตั้ง", "", "valid_from", "valid_until"), ("", "ตำบล", "อำเภอ", "", "")),
    ],
)
def test_a_header_over_two_rows_is_one_header(tmp_path: Path, upper: tuple[str, ...], lower: tuple[str, ...]):
    content = csv_bytes([("ทะเบียน", "", "", "", ""), upper, lower, ("1", "ก", "ข", "1/1/2569", "2/1/2569")])
    sheet = open_sheet(written(tmp_path, content), WANTED)
    assert sheet.header[:3] == ("number", "ที่ตั้ง / ตำบล", "ที่ตั้ง / อำเภอ")
    assert sheet.header_row == 3
    assert [row.number for row in sheet.rows()] == [4]


def test_the_likeliest_header_is_found_when_no_name_is_known(tmp_path: Path):
    content = csv_bytes([("ทะเบียน", "", ""), TITLES, *LINES])
    assert cells(open_sheet(written(tmp_path, content))) == PLAIN


def test_json_lines_give_the_same_rows(tmp_path: Path):
    lines = [json.dumps(row, ensure_ascii=False) for row in PLAIN]
    sheet = open_sheet(written(tmp_path, "\n\n".join(lines).encode(), "a.csv"), WANTED)
    assert (sheet.kind, cells(sheet)) == ("jsonl", PLAIN)
    assert [row.number for row in sheet.rows()] == [1, 3]


@pytest.mark.parametrize(
    "row", ['{"number": "1\\ud800"}', '{"number": "\\u0000"}', '{"number": "1", "\\ud800": 1}']
)
def test_what_json_spells_and_no_text_has_is_refused(tmp_path: Path, row: str):
    (tmp_path / "a.jsonl").write_text(f'{{"number": "1"}}\n{row}\n')
    with pytest.raises(Refused) as refused:
        list(open_sheet(tmp_path / "a.jsonl").rows())
    assert refused.value.code == "broken-file"


@pytest.mark.parametrize("indent", [None, 1])
def test_geojson_properties_are_rows(tmp_path: Path, indent: int | None):
    features = [{"type": "Feature", "geometry": None, "properties": row} for row in PLAIN]
    content = {"type": "FeatureCollection", "crs": {"x": [1, 2]}, "features": features, "n": 12}
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    sheet = open_sheet(written(tmp_path, text.encode(), "a.geojson"), WANTED)
    assert (sheet.kind, cells(sheet)) == ("json", PLAIN)


def test_numbers_of_json_are_texts_as_people_write_them(tmp_path: Path):
    value = {"number": 105558004940.0, "valid_from": 39667.0, "x": 1.5, "n": None, "b": True, "o": {"a": 1}}
    (row,) = open_sheet(written(tmp_path, json.dumps(value).encode()), WANTED).rows()
    assert list(row.cells.values()) == ["105558004940", "39667", "1.5", "", "true", "1"]


def test_a_large_geojson_takes_the_memory_of_its_largest_feature(tmp_path: Path):
    feature = json.dumps({"properties": {"number": "1", "valid_from": "x" * 500}})
    path = written(tmp_path, f'{{"features":[{",".join([feature] * 30_000)}]}}'.encode(), "a.geojson")
    tracemalloc.start()
    assert sum(1 for _ in open_sheet(path, WANTED).rows()) == 30_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20 < path.stat().st_size


def test_a_workbook_gives_the_same_rows(tmp_path: Path):
    path = write_xlsx(tmp_path / "a.csv", {"ก": [("ทะเบียน",), (), TITLES, *LINES]})
    sheet = open_sheet(path, WANTED)
    assert (sheet.kind, sheet.name, cells(sheet)) == ("xlsx", "ก", PLAIN)
    assert [row.number for row in sheet.rows()] == [4, 5]


@pytest.mark.parametrize("system_of_1904", [False, True])
def test_cells_of_a_workbook_read_as_people_typed_them(tmp_path: Path, system_of_1904: bool):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"date_1904": system_of_1904}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "d/m/yyyy"})
        sheet.write_row(0, 0, ["number", "valid_from", *"abcdefgh"])
        sheet.write(1, 0, 1105561234567)
        sheet.write_datetime(1, 1, datetime(2026, 9, 30), day)  # noqa: DTZ001  # A spreadsheet knows no zones.
        sheet.write_row(1, 2, [1.0, 0.5, True])
        sheet.write_formula(1, 5, "=1+1", None, 2)
        sheet.write_formula(1, 6, "=A2+1", None, "")
        sheet.write_formula(1, 7, "=1/0", None, "#DIV/0!")
        sheet.write_datetime(1, 8, datetime(2026, 9, 30, 13, 5), day)  # noqa: DTZ001
        sheet.write(1, 9, "0105558004940")
    (row,) = open_sheet(tmp_path / "a.xlsx", WANTED).rows()
    assert list(row.cells.values()) == [
        "1105561234567",
        date(2026, 9, 30).isoformat(),
        *("1", "0.5", "TRUE", "2", "=A2+1", "#DIV/0!", "2026-09-30 13:05:00", "0105558004940"),
    ]


def test_merged_cells_are_repeated_and_hidden_rows_are_told(tmp_path: Path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.merge_range("B2:E2", "ทะเบียน")
        sheet.merge_range("B3:B4", "number")
        sheet.merge_range("C3:D3", "ที่ตั้ง")
        sheet.write_row(3, 2, ["ตำบล", "อำเภอ"])
        sheet.merge_range("E3:E4", "valid_from")
        for row, number in enumerate("12", 4):
            sheet.write_row(row, 1, [number, "ก", "", "1/1/2569"])
        sheet.merge_range("D5:D6", "ข")
        sheet.set_row(5, None, None, {"hidden": True})
    sheet = open_sheet(tmp_path / "a.xlsx", WANTED)
    assert sheet.header[1:] == ("number", "ที่ตั้ง / ตำบล", "ที่ตั้ง / อำเภอ", "valid_from")
    assert [list(row.cells.values())[1:] for row in sheet.rows()] == [
        ["1", "ก", "ข", "1/1/2569"],
        ["2", "ก", "ข", "1/1/2569"],
    ]
    assert sheet.notes[0].en.startswith("1 rows are hidden")


def test_the_sheet_with_the_header_is_chosen_and_two_of_them_are_asked_about(tmp_path: Path):
    rows = [TITLES, *LINES]
    path = write_xlsx(tmp_path / "a.xlsx", {"ปก": [("คำนำ",)], "ก": rows})
    assert open_sheet(path, WANTED).name == "ก"
    path = write_xlsx(tmp_path / "b.xlsx", {"ก": rows, "ข": rows})
    with pytest.raises(Refused, match="name the one to use"):
        open_sheet(path, WANTED)
    assert open_sheet(path, WANTED, sheet="ข").name == "ข"
    with pytest.raises(Refused, match="only \\(ก, ข\\)"):
        open_sheet(path, WANTED, sheet="ค")


def bomb(path: Path, member: bytes, *, times: int) -> Path:
    """A workbook of a few kilobytes whose sheet unpacks to `times` repeats of `member`."""
    write_xlsx(path, {"a": [TITLES]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(b'<worksheet><sheetData><row r="1">')
            for _ in range(times):
                file.write(member)
            file.write(b"</row></sheetData></worksheet>")
    return path


def test_a_bomb_is_refused_and_takes_only_its_own_process_down(tmp_path: Path):
    sparse = b'<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
    blanks = bomb(tmp_path / "blanks.xlsx", b" " * (1 << 20), times=1100)
    assert blanks.stat().st_size < 8 << 20
    for path in (bomb(tmp_path / "sparse.xlsx", sparse, times=1), blanks):
        with pytest.raises(Refused) as refused:
            open_sheet(path, WANTED)
        assert refused.value.code == "memory"


def test_the_process_that_opens_a_workbook_has_limits_before_it_opens_one():
    program = (
        "import resource, runpy; child = runpy.run_path('registry/intake/readers/workbook_child.py'); child['limit']();"
        "print(*(resource.getrlimit(one)[1] for one in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert told.split() == [str(1 << 30), "60", "0"]


BAD = {
    "empty": b"",
    "only titles": "ทะเบียน\nเดือนมกราคม\n".encode(),
    "nul": b"number,valid_from\x00\n1,2\n",
    "no encoding": b"\x81\x8d\xff\n",
    "utf-32": "number,valid_from".encode("utf-32"),
    "half utf-16": b"\xff\xfen\x00u",
    "no header": b"a,b\n1,2\n",
    "long line": b"number,valid_from,premises\n" + b"1" * (3 << 20),
    "long cell": b"number,valid_from,premises\n1,1/1/2569," + b"x" * (LONGEST_CELL + 1),
    "open quote": b'number,valid_from\n1,"' + b"x\n" * LONGEST_CELL,
    "columns": b"number,valid_from" + b",c" * 1_000_000,
    "one row of 100 MB": b"number,valid_from\n" + b"1," * (50 << 20),
    "zip": b"PK\x03\x04rest",
    "html named xls": b"\n<html><table><tr><td>number</td></tr></table>",
    "old excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "pdf": b"%PDF-1.7",
    "gzip": b"\x1f\x8b\x08\x00",
    "json without features": b'{"number": {"valid_from":',
    "json of another kind": b'{"a": 1,\n "b": 2}',
    "broken line of json": b'{"number": 1, "valid_from": 2}\n{"number": ',
    "deep json": b"[" * 200_000,
    "feature that is no object": b'{"features": [1]}',
    "digits without end": b'{"features": [{"properties": {"number": ' + b"1" * 5000 + b"}}]}",
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_words_that_say_what_to_do(tmp_path: Path, content: bytes):
    with pytest.raises(Refused) as refused:
        list(open_sheet(written(tmp_path, content), WANTED).rows())
    assert all((refused.value.words.th, refused.value.words.en))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_told_as_that(tmp_path: Path, encoding: str):
    lines = "number,valid_from\nสมหญิง,1/1/2569\n".encode(encoding)
    with pytest.raises(Refused, match="UTF-16 without its mark") as refused:
        open_sheet(written(tmp_path, lines), WANTED)
    assert "UTF-16" in refused.value.words.th


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (
        tmp_path / "pipe.csv",
        tmp_path,
        tmp_path / "missing.csv",
        Path("/dev/zero"),
        Path("a\x00b"),
    ):
        with pytest.raises(Refused):
            open_sheet(path, WANTED)


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")
def test_real_files_are_read_as_they_are():
    counts = {
        "ref/tsic2552.xlsx": 1565,
        "ref/kongvut_sub_districts.xlsx": 7451,
        "factories/prachinburi.geojson": 442,
        "halal/halal_2026-03-19.csv": 4144,
        "chicago/active_2020-09.csv": 62600,
        "ref/th_districts.json": 928,
    }
    assert {name: sum(1 for _ in open_sheet(DATA / name).rows()) for name in counts} == counts
