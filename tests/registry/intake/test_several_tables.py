"""Several tables below each other in one sheet, as offices keep those that are in force and those that are not."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from registry.errors import Refused
from registry.intake.readers import open_sheet
from tests.registry.intake.test_agency_files import HEADER, line, read, read_csv


def _faults(folder: Path, *rows: Sequence[str]) -> dict[int, list[str]]:
    return {row.number: [one.fault.what.en for one in row.faults] for row in read_csv(folder, *rows)}


@pytest.mark.parametrize("words", ["ใบอนุญาตที่ถูกเพิกถอน", "พักใช้ใบอนุญาต ปี 2569", "รายชื่อที่หมดอายุ", "Revoked"])
def test_rows_below_a_heading_of_licenses_that_are_not_in_force_do_not_go_in_as_valid(
    tmp_path: Path, words: str
):
    heading = (words, *("",) * 9)
    told = _faults(tmp_path, HEADER, line(1), heading, HEADER, line(2), line(3))
    assert not told[2]
    assert told[5] == told[6] == [f'The row stands below "{words}", and no column says its status']


def test_a_heading_of_a_place_and_a_note_at_the_end_keep_no_row_out(tmp_path: Path):
    place, note = (("ตำบลหัวหิน", *("",) * 9), ("หมายเหตุ ไม่รวมที่ยกเลิก", *("",) * 9))
    told = _faults(tmp_path, HEADER, line(1), place, line(2), note)
    assert not told[2]
    assert not told[4]


def test_a_heading_merged_over_the_whole_width_is_a_heading(tmp_path: Path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate((HEADER, line(1), (), line(2))):
            sheet.write_row(at, 0, row)
        sheet.merge_range("A3:J3", "ใบอนุญาตที่ถูกเพิกถอน")
    first, heading, under = read(tmp_path / "a.xlsx")
    assert not first.faults
    assert [one.fault.what.en for one in heading.faults] == ["Too little stands in this row for a license"]
    # Whoever deleted the heading alone would let the rows below in as valid.
    assert heading.faults[0].fault.remedy.en.startswith("Do not delete this line")
    assert under.faults


def test_a_second_table_with_its_columns_elsewhere_is_refused_and_not_read_as_the_first(tmp_path: Path):
    def moved(row: Sequence[str]) -> tuple[str, ...]:
        return (*row[:2], row[4], row[3], row[2], *row[5:])

    with pytest.raises(Refused) as refused:
        read_csv(tmp_path, HEADER, line(1), moved(HEADER), moved(line(2)))
    assert refused.value.code == "another-table"
    assert "3" in refused.value.words.th


def test_half_of_a_header_said_again_over_its_own_columns_is_no_other_table(tmp_path: Path):
    half = (*HEADER[:6], "ระยะเวลา", "", *HEADER[8:])
    read_csv(tmp_path, HEADER, line(1), half, line(2))
    assert [row.number for row in open_sheet(tmp_path / "a.csv").rows()] == [2, 3, 4]


@pytest.mark.parametrize("words", ["เพิกถอนเมื่อ 1/2/2569", "ยกเลิกตามคำขอ", "Cancelled"])
def test_a_remark_that_a_license_is_not_in_force_is_told(tmp_path: Path, words: str):
    told, plain = read_csv(tmp_path, (*HEADER, "หมายเหตุ"), (*line(1), words), (*line(2), "ย้ายจากที่เดิม"))
    assert not told.faults
    assert [(one.fault.name, words in one.fault.what.th) for one in told.warnings] == [("standing", True)]
    assert not plain.warnings
