"""The agency's own file given back with what to correct, row by row, in a last column.

As CSV in the encoding and with the separator it came in, or as XLSX.  Every row stands where it
stood, titles included, so a person finds it again.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

import xlsxwriter

from keys.text import canonical
from registry.intake.faults import RowFault
from registry.intake.readers import Sheet

COLUMN = "สิ่งที่ต้องแก้ (what to correct)"
_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_576
# What a spreadsheet takes for a formula, full-width twins too, and what hides one from the eye.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


def remedies(faults: Iterable[RowFault]) -> dict[int, str]:
    """What to tell in each row: a line for each fault and warning, in Thai and English."""
    lines: dict[int, list[str]] = {}
    for one in faults:
        mark = "ควรตรวจ (look)" if one.is_warning else "ต้องแก้ (correct)"
        what, remedy = one.fault.what, one.fault.remedy
        line = f"{mark} {one.column}: {what.th}: {remedy.th} ({what.en}: {remedy.en})"
        lines.setdefault(one.row, []).append(line)
    return {row: "\n".join(told) for row, told in lines.items()}


def is_column_of_ours(header: str) -> bool:
    """Whether a column holds the remedies of an earlier time, also where it stands there twice."""
    return header.startswith(canonical(COLUMN))


def return_csv(sheet: Sheet, told: Mapping[int, str], path: Path) -> None:
    """Write the sheet as CSV with a column of remedies; cells that a spreadsheet would run get a quote.

    UTF-8 gets its byte order mark, by which Excel knows it.  A character that the encoding has not
    becomes a question mark.  Raises `Refused` where the sheet breaks.
    """
    encoding = sheet.encoding if sheet.kind == "csv" else "utf-8-sig"
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        _write_csv(file, sheet, told)


def _write_csv(file: TextIO, sheet: Sheet, told: Mapping[int, str]) -> None:
    writer = csv.writer(file, delimiter=sheet.separator or ",")
    for cells in _lines(sheet, told):
        writer.writerow(
            [f"'{cell}" if cell.startswith(FORMULA_STARTS) and cell != "-" else cell for cell in cells]
        )


def return_xlsx(sheet: Sheet, told: Mapping[int, str], path: Path) -> None:
    """Write the sheet as XLSX with a column of remedies; every cell is text, so none is a formula.

    Rows beyond what a sheet holds (1,048,576) are left out.  Raises `Refused` where the sheet breaks.
    """
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        out = book.add_worksheet()
        for at, cells in enumerate(_lines(sheet, told)):
            if at == _MOST_ROWS:
                break
            for column, cell in enumerate(cells):
                if cell:
                    out.write_string(at, column, cell[:_LONGEST_CELL])


def _lines(sheet: Sheet, told: Mapping[int, str]) -> Iterator[list[str]]:
    """Every row of the file from the first, with the remedies as its last cell."""
    width = len(sheet.header)
    if not sheet.header_row:
        yield [*sheet.header, COLUMN]
    expected = 1
    for number, cells in sheet.records():
        if sheet.header_row:
            # Rows that the reader did not give are empty, and keep the others in their places.
            yield from ([""] for _ in range(number - expected))
        expected = number + 1
        last = COLUMN if number == sheet.header_row else told.get(number, "")
        yield [*cells[:width], *[""] * (width - len(cells)), last]
