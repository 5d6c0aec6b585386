"""The program that opens a workbook: a process of its own, so that a bomb takes only itself down.

It reads the workbook from standard input and writes JSON lines: of each sheet its first rows
(`heads`), or every row of one sheet (`rows NAME`).  A last line says that it came to its end.  It
imports nothing of ours and is run by its path, with limits on memory and processor time that it
sets before it opens anything.
"""

import html
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

MEMORY = 1 << 30
SECONDS = 60
LONGEST_CELL = 10_000
MOST_COLUMNS = 500
HEAD_ROWS = 30
MOST_SHEETS = 50
_MOST_MEMBERS = 10_000
_LARGEST_UNPACKED = 1 << 30
_LARGEST_TEXT = 4 << 20
_MOST_MARKED = 100_000
_CHUNK, _OVERLAP = 1 << 20, 1 << 16
_EXACT = 1 << 53
# The library reads a cell in error, and a formula without a value stored beside it, as empty.  None of these
# patterns looks past the next tag, so what takes long is only a long sheet.
_AMISS = re.compile(rb' t="e"|f></|[<:]v></|[<:]v\s*/>|/></(?:\w+:)?c>')
_TAG = re.compile(rb"<(/?)(?:\w+:)?([cfv])(?=[\s/>])([^<>]*)>([^<]*)")
_PLACE = re.compile(rb'(?:^|\s)r="([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row(?=[^<>]* hidden="(?:1|true)")[^<>]*>')
_FROM_1904 = re.compile(r'<(?:\w+:)?workbookPr\s[^<>]*date1904="(?:1|true|on)"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(r'(?<![\w:])([\w:]+)="([^"]*)"')


class Unfit(Exception):
    """The workbook is not to be read; the first argument is the code that the parent knows."""


def limit() -> None:
    """Bound what this process may take, from now on."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def main(arguments: list[str]) -> None:
    """Write what was asked for, one JSON value a line; the last is `{"end": true}` or a refusal."""
    limit()
    try:
        for value in answers(sys.stdin.buffer.read(), arguments):
            sys.stdout.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")
        last: dict[str, Any] = {"end": True}
    except Unfit as unfit:
        last = {"refused": unfit.args[0], "about": unfit.args[1] if len(unfit.args) > 1 else ""}
    except MemoryError:
        last = {"refused": "memory", "about": ""}
    sys.stdout.write(json.dumps(last) + "\n")
    sys.stdout.flush()


def answers(content: bytes, arguments: list[str]) -> Iterator[Any]:
    """Heads of all sheets or rows of one; raises `Unfit`."""
    _require_bearable(content)
    # Imported under the limits, for it is what they are there for.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum  # noqa: PLC0415

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if arguments[0] == "rows":
            marked = _Marked(content, arguments[1])
            yield {"hidden": marked.hidden, "from_1904": marked.is_from_1904}
            yield from _rows(book.get_sheet_by_name(arguments[1]), marked.cells)
            return
        kept = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]
        for name in (arguments[1:] or kept)[:MOST_SHEETS]:
            if name not in book.sheet_names:
                raise Unfit("no-such-sheet", ", ".join(book.sheet_names[:MOST_SHEETS]))
            head = _rows(book.get_sheet_by_name(name), {}, only=HEAD_ROWS)
            yield {"name": name, "head": list(head)}
    except PasswordError as error:
        raise Unfit("password") from error
    except (CalamineError, ValueError, OverflowError) as error:
        raise Unfit("broken", str(error)[:200]) from error


def _require_bearable(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unfit("broken", str(error)[:200]) from error
    if "xl/workbook.xml" not in names:
        raise Unfit("not-a-workbook")
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _LARGEST_UNPACKED:
        raise Unfit("memory")


def _rows(sheet: Any, marked: dict[tuple[int, int], str], *, only: int | None = None) -> Iterator[Any]:
    spread = _Spread(sheet.merged_cell_ranges or ())
    # The library gives every row from the first, but columns from the first that is filled.
    left = [""] * (sheet.start or (0, 0))[1]
    for at, values in enumerate(sheet.iter_rows()):
        if at == only:
            return
        cells = [*left, *map(_text, values)]
        if marked:
            cells = [cell or marked.get((at, column), "") for column, cell in enumerate(cells)]
        spread.fill(at, cells)
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Unfit("columns", str(at + 1))
        yield [at + 1, cells]


class _Spread:
    """Repeats merged cells downwards; sideways only where a header may be."""

    def __init__(self, merges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._begin: dict[int, list[tuple[int, int, int]]] = {}
        for (top, left), (bottom, right) in merges:
            self._begin.setdefault(top, []).append((bottom, left, right))
        self._open: list[tuple[int, int, int, str]] = []

    def fill(self, at: int, cells: list[str]) -> None:
        """Fill the cells of row `at` that are covered by a merge; rows come in order."""
        self._open = [one for one in self._open if one[0] >= at]
        for bottom, left, right in self._begin.get(at, ()):
            if left < len(cells):
                self._open.append((bottom, left, right, cells[left]))
        for _, left, right, text in self._open:
            last = right if at < HEAD_ROWS else left
            for column in range(left, min(last + 1, len(cells))):
                cells[column] = cells[column] or text


def _text(value: Any) -> str:
    """A cell as a person would type it: whole numbers without a point, days as YYYY-MM-DD."""
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise Unfit("cell")
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, date) else str(value)


class _Marked:
    """What the library does not tell of a sheet: hidden rows, cells in error, formulas without a value."""

    def __init__(self, content: bytes, sheet: str) -> None:
        self.hidden = 0
        self.is_from_1904 = False
        self.cells: dict[tuple[int, int], str] = {}
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.is_from_1904 = _FROM_1904.search(_read(archive, "xl/workbook.xml")) is not None
            part = _part_of(archive, sheet)
            if part is None:
                return
            rest = b""
            with archive.open(part) as file:
                while chunk := file.read(_CHUNK):
                    text = rest + chunk
                    cut = max(text.rfind(b"row>") + 4, len(text) - _OVERLAP)
                    self._look(text[:cut])
                    rest = text[cut:]
            self._look(rest)

    def _look(self, text: bytes) -> None:
        self.hidden += len(_HIDDEN.findall(text))
        if len(self.cells) >= _MOST_MARKED or not _AMISS.search(text):
            return
        cell, found = b"", dict[bytes, bytes]()
        for ends, name, attributes, content in _TAG.findall(text):
            if name != b"c":
                if not ends:
                    found[name] = content
            elif ends:
                self._mark(cell, found)
            else:
                cell, found = attributes, {}

    def _mark(self, cell: bytes, found: dict[bytes, bytes]) -> None:
        """Keep the error of a cell, or its formula (f) when there is no value (v)."""
        value = found.get(b"v", b"")
        told = value if b' t="e"' in cell else b""
        # A formula whose value is an empty text has its type stored: it says nothing, and nothing is amiss.
        if not value and b"f" in found and b' t="str"' not in cell:
            told = b"=" + found[b"f"]
        place = _PLACE.search(cell) if told else None
        if place:
            self.cells[_place(*place.groups())] = html.unescape(told.decode("utf-8", "replace"))


def _place(letters: bytes, row: bytes) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = 26 * column + letter - 64
    return int(row) - 1, column - 1


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The member that holds a sheet, by way of the workbook's relations; None when they do not say."""
    try:
        books = _SHEET.findall(_read(archive, "xl/workbook.xml"))
        relations = _RELATION.findall(_read(archive, "xl/_rels/workbook.xml.rels"))
    except KeyError:
        return None
    target = {r.get("Id"): r.get("Target", "") for r in map(_attributes, relations)}
    for one in map(_attributes, books):
        if one.get("name") == sheet:
            part = target.get(one.get("r:id"), "")
            part = part.removeprefix("/") if part.startswith("/") else f"xl/{part}"
            return part if part in archive.namelist() else None
    return None


def _read(archive: zipfile.ZipFile, member: str) -> str:
    with archive.open(member) as file:
        return file.read(_LARGEST_TEXT).decode("utf-8", "replace")


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}


if __name__ == "__main__":
    main(sys.argv[1:])
