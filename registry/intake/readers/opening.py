"""The one door to files: what the content is decides which reader opens it."""

import codecs
import stat
from pathlib import Path

from registry.errors import Refused, refuse
from registry.intake.readers.delimited import open_delimited
from registry.intake.readers.header import Groups
from registry.intake.readers.objects import open_objects
from registry.intake.readers.sheet import Sheet
from registry.intake.readers.workbook import open_workbook

LARGEST_FILE = 4 << 30
_HEAD = 4096
_ARCHIVE = b"PK\x03\x04"

_FOREIGN: tuple[tuple[bytes, str, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "old-excel",
        "ไฟล์เป็น Excel รุ่นเก่า (.xls) หรือมีรหัสผ่าน ให้บันทึกใหม่เป็น .xlsx ที่ไม่มีรหัสผ่าน หรือ CSV UTF-8",
        "This is an old Excel file (.xls) or has a password: save it as .xlsx without one, or as CSV UTF-8",
    ),
    (
        b"%PDF",
        "pdf",
        "ไฟล์เป็น PDF ซึ่งไม่มีตาราง ให้ใช้ตารางต้นฉบับ (.xlsx หรือ CSV)",
        "This is a PDF, which holds no table: use the spreadsheet it was made from (.xlsx or CSV)",
    ),
    *(
        (
            magic,
            "archive",
            "ไฟล์เป็นแฟ้มบีบอัด ให้แตกไฟล์ก่อน แล้วส่งตารางข้างใน",
            "This is an archive: unpack it first, and send the table that is in it",
        )
        for magic in (b"Rar!", b"7z\xbc\xaf")
    ),
    *(
        (
            magic,
            "picture",
            "ไฟล์เป็นรูปภาพ ให้ใช้ตารางต้นฉบับ (.xlsx หรือ CSV)",
            "This is a picture: use the table it was made from (.xlsx or CSV)",
        )
        for magic in (b"\xff\xd8\xff", b"\x89PNG")
    ),
    (
        b"\x1f\x8b",
        "compressed",
        "ไฟล์ถูกบีบอัด (gzip) ให้แตกไฟล์ก่อน",
        "The file is compressed (gzip): unpack it first",
    ),
)


def open_sheet(path: Path, wanted: Groups = (), *, sheet: str | None = None) -> Sheet:
    """The sheet at `path` whose header has one of each group of `wanted` names.

    CSV, XLSX, JSON Lines and GeoJSON are told apart by what is in the file.  Without `wanted` the
    likeliest header is taken.  `sheet` names one of a workbook's sheets.  Raises `Refused`, with
    what to do, for every other file and when no row within the first 30 has those names.
    """
    _require_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise _no_file(path, error) from error
    _require_own(head)
    if head.startswith(_ARCHIVE):
        return open_workbook(path, wanted, sheet=sheet)
    if sheet is not None:
        raise refuse("no-sheets", "ไฟล์นี้ไม่มีแผ่นงาน", "This file has no sheets to choose from")
    opened = open_objects(path, wanted) if _may_be_json(head) else None
    return opened or open_delimited(path, wanted)


def _may_be_json(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")


def _require_file(path: Path) -> None:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise _no_file(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise refuse("not-a-file", f"{path} ไม่ใช่ไฟล์ธรรมดา", f"{path} is not a regular file")
    if found.st_size == 0:
        raise refuse("empty-file", "ไฟล์ว่างเปล่า", "The file is empty")
    if found.st_size > LARGEST_FILE:
        raise refuse(
            "large-file",
            "ไฟล์ใหญ่เกิน 4 GB ให้แบ่งเป็นหลายไฟล์",
            "The file is larger than 4 GB: split it into several",
        )


def _no_file(path: Path, error: Exception) -> Refused:
    why = error.strerror if isinstance(error, OSError) else "not a name of a file"
    return refuse("no-file", f"เปิดไฟล์ไม่ได้: {path}", f"Cannot open {path}: {why}")


def _require_own(head: bytes) -> None:
    for magic, code, th, en in _FOREIGN:
        if head.startswith(magic):
            raise refuse(code, th, en)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    if start.startswith(b"<"):
        raise refuse(
            "web-page",
            "ไฟล์เป็นหน้าเว็บ (HTML หรือ XML) แม้จะชื่อ .xls ให้เปิดใน Excel แล้วบันทึกเป็น .xlsx หรือ CSV UTF-8",
            "This is a web page (HTML or XML), whatever its name: open it in Excel and save it as .xlsx or CSV UTF-8",
        )
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise refuse(
            "utf-32",
            "ไฟล์เป็น UTF-32 ให้บันทึกใหม่เป็น CSV UTF-8",
            "The file is UTF-32: save it again as CSV UTF-8",
        )
