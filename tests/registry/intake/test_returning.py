"""An agency gets its own file back, with what to correct in a last column."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.catalog import Text
from registry.applications import Fault
from registry.intake.faults import RowFault
from registry.intake.readers import open_sheet
from registry.intake.returning import COLUMN, remedies, return_csv, return_xlsx
from tests.registry.intake.sheets import LINES, TITLES, WANTED, csv_bytes, write_xlsx

FAULT = Fault("valid_from", "1/3/2569", Text("ไม่ถูก", "Wrong"), Text("แก้", "Mend it"))
TOLD = remedies(
    [
        RowFault(4, "valid_from", Text("วัน", "day"), FAULT),
        RowFault(4, "holder", Text("ชื่อ", "name"), FAULT, is_warning=True),
    ]
)
FORMULAS = ["=1+1", "+66", "-1", "@A1", "\t=1", "＝1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_comes_back_in_the_encoding_it_came_in(tmp_path: Path, encoding: str, separator: str):
    rows = [("ทะเบียน", "", ""), ("", "", ""), TITLES, *LINES]
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(rows, encoding=encoding, separator=separator))
    return_csv(open_sheet(path, WANTED), TOLD, tmp_path / "b.csv")
    found = encoding.replace("utf-8-sig", "utf-8").replace("utf-8", "utf-8-sig")
    with (tmp_path / "b.csv").open(encoding=found, newline="") as file:
        again = list(csv.reader(file, delimiter=separator))
    assert [row[:3] for row in again] == [list(row) for row in rows]
    assert [row[3] for row in again[:3]] == ["", "", COLUMN]
    assert again[3][3].count("\n") == 1
    assert "ไม่ถูก: แก้ (Wrong: Mend it)" in again[3][3]
    assert again[4][3] == ""
    assert [row.number for row in open_sheet(tmp_path / "b.csv", WANTED).rows()] == [4, 5]


def test_a_workbook_comes_back_with_every_cell_as_text(tmp_path: Path):
    path = write_xlsx(
        tmp_path / "a.xlsx", {"ก": [(), (), TITLES, ("1", "1/3/2569", "ก"), ("2", "2/3/2569", "ข")]}
    )
    return_xlsx(open_sheet(path, WANTED), TOLD, tmp_path / "b.xlsx")
    sheet = open_sheet(tmp_path / "b.xlsx", WANTED)
    rows = list(sheet.rows())
    assert sheet.header == (*TITLES, COLUMN)
    assert [(row.number, bool(row.cells.get(COLUMN))) for row in rows] == [(4, True), (5, False)]


def test_objects_come_back_as_rows_under_their_keys(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"number": 1, "valid_from": "x"}\n\n\n{"number": 2, "holder": "y"}\n', "utf-8")
    return_csv(open_sheet(path), TOLD, tmp_path / "b.csv")
    with (tmp_path / "b.csv").open(encoding="utf-8-sig", newline="") as file:
        again = list(csv.reader(file))
    assert [row[:3] for row in again] == [["number", "valid_from", "holder"], ["1", "x", ""], ["2", "", "y"]]
    assert again[2][3]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_returned_file_is_a_formula(tmp_path: Path, formula: str):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([(*TITLES, "x"), ("1", "1/3/2569", "ก", f'"{formula}"')]))
    sheet = open_sheet(path, WANTED)
    return_csv(sheet, {}, tmp_path / "b.csv")
    (row,) = open_sheet(tmp_path / "b.csv", WANTED).rows()
    assert row.cells["x"] == f"'{formula}"
    return_xlsx(sheet, {}, tmp_path / "b.xlsx")
    (row,) = open_sheet(tmp_path / "b.xlsx", WANTED).rows()
    assert row.cells["x"].strip() == formula.strip()


def test_a_lone_dash_which_means_nothing_stays_one(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([TITLES, ("1", "1/3/2569", "-")]))
    return_csv(open_sheet(path, WANTED), {}, tmp_path / "b.csv")
    (row,) = open_sheet(tmp_path / "b.csv", WANTED).rows()
    assert row.cells["holder"] == "-"


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=6))
def test_nothing_of_a_file_is_lost_on_its_way_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
):
    folder = tmp_path_factory.mktemp("a")
    kept = [tuple(c.replace("\x00", "").encode("utf-8", "ignore").decode() for c in row) for row in rows]
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("number", "valid_from"), *kept])
    sheet = open_sheet(folder / "a.csv", WANTED)
    return_csv(sheet, {}, folder / "b.csv")
    again = open_sheet(folder / "b.csv", WANTED)
    before = [(row.number, list(row.cells.values())) for row in sheet.rows()]
    after = [(row.number, list(row.cells.values())[:2]) for row in again.rows()]
    assert [(n, [cell.removeprefix("'") for cell in cells]) for n, cells in after] == [
        (n, [cell.removeprefix("'") for cell in cells]) for n, cells in before
    ]
