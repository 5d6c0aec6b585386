"""Files for the tests of readers, made as agencies make them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

DATA = Path(__file__).parents[4] / "shared" / "data"
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
TITLES = ("number", "valid_from", "holder")
LINES = (("1/2569", "1/3/2569", "บริษัท หนึ่ง จำกัด"), ("2/2569", "2/3/2569", "นางสาว สอง"))
WANTED = (("number",), ("valid_from",))


def csv_bytes(
    rows: Iterable[Sequence[str]], *, encoding: str = "utf-8", separator: str = ",", end: str = "\r\n"
) -> bytes:
    """A CSV of these rows, every cell as it is."""
    return end.join(separator.join(row) for row in rows).encode(encoding)


def write_xlsx(path: Path, sheets: dict[str, Iterable[Sequence[object]]], **options: object) -> Path:
    """A workbook with one sheet for each entry."""
    with xlsxwriter.Workbook(path, options) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path
