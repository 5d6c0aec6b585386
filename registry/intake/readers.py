"""Reading CSV as agencies really have it: encoding, separator, title lines, broken headers."""

import codecs
import csv
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from keys.catalog import Text
from keys.text import canonical
from registry.errors import Refused, refuse

LONGEST_CELL = 10_000
MOST_COLUMNS = 500
_LONGEST_LINE = 1 << 20
_HEADER_WITHIN = 30
_CHUNK = 1 << 20
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (titles counted), and its cells by header."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was found about a file before its first row: encoding, separator, header."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_row: int

    def rows(self) -> Iterator[Row]:
        """The rows below the header, empty ones left out; raises `Refused` where the file breaks."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            for number, cells in _records(file, self.separator):
                if number > self.header_row and any(cell.strip() for cell in cells):
                    yield Row(number, dict(zip(self.header, cells, strict=False)))


def squeeze(header: str) -> str:
    """A header without blanks and line breaks, in one spelling: what mappings are compared by."""
    return canonical(header).replace(" ", "").casefold()


def open_sheet(path: Path, wanted: Sequence[Sequence[str]]) -> Sheet:
    """The sheet at `path` whose header has one of each group of `wanted` names.

    Raises `Refused` when it is no readable CSV or no row within the first 30 has those names.
    """
    _require_file(path)
    encoding = _encoding(path)
    groups = [{squeeze(name) for name in names} for names in wanted]
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(_LONGEST_LINE)
    for separator in sorted(_SEPARATORS, key=lambda s: -start.count(s)):
        with path.open(encoding=encoding, newline="") as file:
            for number, cells in _records(file, separator):
                squeezed = {squeeze(cell) for cell in cells}
                if all(group & squeezed for group in groups):
                    return Sheet(path, encoding, separator, _header(cells), number)
                if number >= _HEADER_WITHIN:
                    break
    names = ", ".join("/".join(group) for group in wanted)
    raise refuse(
        "no-header",
        f"ไม่พบแถวหัวตารางที่มีคอลัมน์ {names} ใน {_HEADER_WITHIN} แถวแรก ตรวจไฟล์จับคู่คอลัมน์",
        f"None of the first {_HEADER_WITHIN} rows is a header with the columns {names}: check the mapping",
    )


def _require_file(path: Path) -> None:
    try:
        found = path.stat()
    except OSError as error:
        raise refuse("no-file", f"เปิดไฟล์ไม่ได้: {path}", f"Cannot open {path}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise refuse("not-a-file", f"{path} ไม่ใช่ไฟล์ธรรมดา", f"{path} is not a regular file")
    if found.st_size == 0:
        raise refuse("empty-file", "ไฟล์ว่างเปล่า", "The file is empty")


def _encoding(path: Path) -> str:
    # BOM, then strict UTF-8, then windows-874; the whole file is looked at, a piece at a time.
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise refuse(
                "utf-16",
                "ไฟล์เป็น UTF-16 ให้บันทึกใหม่เป็น CSV UTF-8",
                "The file is UTF-16: save it again as CSV UTF-8",
            )
        if head.startswith(b"PK\x03\x04"):
            raise refuse(
                "not-csv",
                "ไฟล์นี้เป็นแฟ้มบีบอัดหรือ Excel ให้บันทึกเป็น CSV",
                "This is an archive or an Excel file: save it as CSV",
            )
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    for encoding in ("utf-8", "cp874"):
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
                if b"\x00" in chunk:
                    raise refuse("nul", "ไฟล์มีอักขระ NUL ไม่ใช่ CSV", "The file has NUL bytes: it is no CSV")
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _lines(file: TextIO) -> Iterator[str]:
    # csv would gather a line of any length; this gives up first.
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise _broken("บรรทัดยาวผิดปกติ", "a line is longer than any row")
        yield line


def _records(file: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(_lines(file), delimiter=separator, strict=False), 1):
            if len(cells) > MOST_COLUMNS:
                raise _broken(
                    f"แถว {number} มีคอลัมน์เกิน {MOST_COLUMNS}", f"row {number} has over {MOST_COLUMNS} columns"
                )
            yield number, cells
    except csv.Error as error:
        raise _broken(f"หลังแถว {number} อ่านต่อไม่ได้", f"after row {number}: {error}") from error


def _broken(th: str, en: str) -> Refused:
    return Refused("broken-csv", Text(f"ไฟล์ CSV เสีย: {th}", f"The CSV is broken: {en}"))


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    # Two columns of one name would overwrite each other, so later ones are told apart by position.
    header: list[str] = []
    for at, cell in enumerate(cells, 1):
        name = canonical(cell)
        header.append(name if name and name not in header else f"{name}#{at}")
    return tuple(header)
