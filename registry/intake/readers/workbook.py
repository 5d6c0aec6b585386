"""XLSX: opened by a process of its own that may take only so much memory and time.

A workbook of a few kilobytes can ask for hundreds of gigabytes, so nothing of it is read in this
process: rows come through a pipe, one line each, and the pipe holds the other side back.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from keys.catalog import Text
from registry.errors import Refused, refuse
from registry.intake.readers.header import Groups, Header, find_header, no_header
from registry.intake.readers.sheet import LONGEST_CELL, MOST_COLUMNS, Sheet

_CHILD = Path(__file__).with_name("workbook_child.py")
_LARGEST_WORKBOOK = 200 << 20
_LONGEST_ANSWER = 1 << 26

_TOO_LARGE = Text(
    "แผ่นงานใหญ่เกินไปเมื่อคลายออก ให้ลบแถวและคอลัมน์ว่างหรือแบ่งไฟล์ หรือบันทึกเป็น CSV UTF-8",
    "The sheet is too large once unpacked: delete empty rows and columns, split it, or save it as CSV UTF-8",
)
_REFUSALS: dict[str, Text] = {
    "memory": _TOO_LARGE,
    "not-a-workbook": Text(
        "ไฟล์เป็นแฟ้มบีบอัด แต่ไม่ใช่ .xlsx ให้แตกไฟล์ก่อน หรือบันทึกเป็น .xlsx หรือ CSV UTF-8",
        "This is an archive, but no .xlsx: unpack it first, or save it as .xlsx or CSV UTF-8",
    ),
    "password": Text("ไฟล์มีรหัสผ่าน ให้บันทึกใหม่โดยไม่ใส่รหัสผ่าน", "The file has a password: save it without one"),
    "cell": Text(f"มีช่องยาวเกิน {LONGEST_CELL} ตัวอักษร", f"A cell is longer than {LONGEST_CELL} characters"),
    "columns": Text(f"มีคอลัมน์เกิน {MOST_COLUMNS} คอลัมน์", f"There are over {MOST_COLUMNS} columns"),
    "no-such-sheet": Text("ไม่มีแผ่นงานชื่อนี้ มีแต่", "There is no sheet of this name, only"),
    "broken": Text(
        "ไฟล์ .xlsx เสีย ให้เปิดใน Excel แล้วบันทึกใหม่", "The .xlsx is broken: open it in Excel and save it again"
    ),
}


def open_workbook(path: Path, wanted: Groups, *, sheet: str | None = None) -> Sheet:
    """The one sheet of a workbook that has the header, or the one named `sheet`.

    Raises `Refused` when no sheet has it, when several have and none is named, and for a workbook
    that is broken, locked or larger than any register.
    """
    if path.stat().st_size > _LARGEST_WORKBOOK:
        raise Refused("memory", _TOO_LARGE)
    found: list[tuple[str, Header]] = []
    with contextlib.closing(_answers(path, "heads", *([sheet] if sheet else []))) as heads:
        for one in heads:
            header = find_header([(number, cells) for number, cells in one["head"]], wanted)
            if header is not None:
                found.append((one["name"], header))
    if not found:
        raise no_header(wanted)
    if len(found) > 1:
        names = ", ".join(name for name, _ in found)
        raise refuse(
            "which-sheet",
            f"หลายแผ่นงานมีหัวตารางนี้ ({names}) ให้ระบุชื่อแผ่นงานที่จะใช้",
            f"Several sheets have this header ({names}): name the one to use",
        )
    name, header = found[0]

    def records() -> Iterator[tuple[int, Sequence[str]]]:
        with contextlib.closing(_answers(path, "rows", name)) as rows:
            next(rows, None)
            yield from rows

    with contextlib.closing(_answers(path, "rows", name)) as rows:
        about: dict[str, Any] = next(rows, {})
    opened = Sheet(path, "xlsx", "xlsx", "", name, header.names, header.row, records, _notes(about))
    return replace(opened, is_from_1904=about.get("from_1904", False))


def _notes(first: dict[str, Any]) -> tuple[Text, ...]:
    hidden = first.get("hidden", 0)
    if not hidden:
        return ()
    return (
        Text(
            f"มีแถวที่ซ่อนอยู่ {hidden} แถว ซึ่งอ่านด้วย", f"{hidden} rows are hidden in the sheet; they are read, too"
        ),
    )


def _answers(path: Path, *arguments: str) -> Generator[Any]:
    """What the child says, value by value; raises `Refused` for what it refuses or dies of."""
    with path.open("rb") as file:
        child = subprocess.Popen(  # noqa: S603  # Our own program, the file on its standard input.
            [sys.executable, "-I", str(_CHILD), *arguments],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
    assert child.stdout is not None  # noqa: S101  # It is a pipe, as asked above.
    try:
        while line := child.stdout.readline(_LONGEST_ANSWER):
            if not line.endswith(b"\n"):
                break
            value = json.loads(line)
            if isinstance(value, dict) and "refused" in value:
                raise _refusal(value)
            if value == {"end": True}:
                return
            yield value
        # It ended without its last line: killed by a limit on memory or time, or it crashed.
        raise Refused("memory", _TOO_LARGE)
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _refusal(value: dict[str, str]) -> Refused:
    words, about = _REFUSALS[value["refused"]], value["about"]
    if not about:
        return Refused(value["refused"], words)
    return Refused(value["refused"], Text(f"{words.th} ({about})", f"{words.en} ({about})"))
