"""CSV as agencies really have it: encoding, separator, title lines, broken headers."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from keys.catalog import Text
from registry.errors import Refused, refuse
from registry.intake.readers.header import HEADER_WITHIN, Groups, find_header, no_header
from registry.intake.readers.sheet import LONGEST_CELL, LONGEST_LINE, MOST_COLUMNS, Sheet, broken

_CHUNK = 1 << 20
_SEPARATORS = ",;\t|"
# In a table of so few columns a cell may well have as many separators on a line.
_NARROW = 4
_UNCLOSED = re.compile("field larger")


def open_delimited(path: Path, wanted: Groups) -> Sheet:
    """The sheet of a CSV; raises `Refused` for one without a header or in no known encoding."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(LONGEST_LINE)
    trouble: Refused | None = None
    for separator in sorted(_SEPARATORS, key=lambda s: -start.count(s)):
        try:
            with path.open(encoding=encoding, newline="") as file:
                head = list(islice(_records(file, separator), HEADER_WITHIN))
        except Refused as error:
            trouble = trouble or error
            continue
        header = find_header(head, wanted)
        if header is not None:

            def records(separator: str = separator) -> Iterator[tuple[int, Sequence[str]]]:
                with path.open(encoding=encoding, newline="") as file:
                    yield from _records(file, separator)

            return Sheet(path, "csv", encoding, separator, "", header.names, header.row, records)
    raise trouble or no_header(wanted)


def _encoding(path: Path) -> str:
    # BOM, then strict UTF-8, then windows-874 (tis-620 and iso-8859-11 are parts of it); the whole
    # file is looked at, a piece at a time.
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(codecs.BOM_UTF8):
        tried: tuple[str, ...] = ("utf-8-sig",)
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ("utf-16",)
    else:
        tried = ("utf-8", "cp874")
    for encoding in tried:
        if _decodes(path, encoding):
            return encoding
    raise refuse(
        "encoding",
        "อ่านตัวอักษรในไฟล์ไม่ได้ ให้บันทึกใหม่เป็น CSV UTF-8",
        "The file is neither UTF-8 nor windows-874: save it again as CSV UTF-8",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                if "\x00" in decoder.decode(chunk):
                    raise refuse(
                        "nul",
                        "ไฟล์มีอักขระ NUL อาจเป็น UTF-16 ที่ไม่มีเครื่องหมายต้นไฟล์ หรือไม่ใช่ตาราง ให้บันทึกใหม่เป็น CSV UTF-8",
                        "The file has NUL bytes: it may be UTF-16 without its mark, or no table. Save it again as CSV UTF-8",
                    )
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _lines(file: TextIO) -> Iterator[str]:
    # csv would gather a line of any length; this gives up first.
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise broken("บรรทัดยาวผิดปกติ", "a line is longer than any row")
        yield line


def _records(file: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    number = 0
    try:
        reader, line = csv.reader(_lines(file), delimiter=separator, strict=False), 0
        for number, cells in enumerate(reader, 1):
            if len(cells) > MOST_COLUMNS:
                raise broken(
                    f"แถว {number} มีคอลัมน์เกิน {MOST_COLUMNS}", f"row {number} has over {MOST_COLUMNS} columns"
                )
            if reader.line_num > line + 1 and len(cells) > _NARROW and _holds_a_row(cells, separator):
                raise _swallowed(number)
            line = reader.line_num
            yield number, cells
    except csv.Error as error:
        raise _lost_after(number, error) from error


def _holds_a_row(cells: Sequence[str], separator: str) -> bool:
    below = (line for cell in cells for line in cell.splitlines()[1:])
    return any(line.count(separator) >= len(cells) - 1 for line in below)


def _swallowed(row: int) -> Refused:
    return Refused(
        "broken-file",
        Text(
            f'ช่องหนึ่งในแถว {row} กลืนแถวถัดไป เพราะมีเครื่องหมาย " ที่เปิดแล้วไม่ปิด ให้ลบหรือปิดเครื่องหมายนั้น',
            f'A cell of row {row} has swallowed the rows after it: a " there is opened and not closed. Close it or take it out',
        ),
    )


def _lost_after(row: int, error: csv.Error) -> Refused:
    if _UNCLOSED.search(str(error)):
        return Refused(
            "broken-file",
            Text(
                f'หลังแถว {row} มีช่องยาวเกิน {LONGEST_CELL} ตัวอักษร อาจมีเครื่องหมาย " ที่เปิดแล้วไม่ปิด',
                f'After row {row} a cell is longer than {LONGEST_CELL} characters: perhaps a " that nothing closes',
            ),
        )
    return broken(f"หลังแถว {row} อ่านต่อไม่ได้", f"after row {row}: {error}")
