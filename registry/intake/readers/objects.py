"""JSON Lines and GeoJSON: each object is a row, its keys are the header; a key within a key is named `outer.inner`.

A GeoJSON file is one value of any size, so it is decoded member by member through a window of text;
memory grows with the largest feature, not with the file.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from registry.errors import Refused, refuse
from registry.intake.readers.header import Groups, no_header
from registry.intake.readers.sheet import (
    LONGEST_CELL,
    LONGEST_LINE,
    MOST_COLUMNS,
    Sheet,
    broken,
    spellings,
    squeeze,
)

_WINDOW = 1 << 16
_LARGEST_VALUE = 1 << 24
_EXACT = 1 << 53
# Under which name programs wrap a list of objects; GeoJSON has the first, with the row in its properties.
_WRAPPERS = frozenset(("features", "data", "items", "results", "records", "rows"))
_DEEPEST = 8
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_BLANKS = " \t\n\r"

Object = Mapping[str, Any]
Objects = Callable[[TextIO], Iterator[tuple[int, Object]]]


def open_objects(path: Path, wanted: Groups) -> Sheet | None:
    """The sheet of JSON Lines, of a GeoJSON FeatureCollection, or of an array of objects.

    None when the file does not begin as one of them: a CSV may begin with a brace, too.  Raises
    `Refused` where it breaks later, because the whole file is read once to know every key.
    """
    kind, read = _shape(path)
    if read is None:
        return None
    header: dict[str, None] = {}
    for _, found in _objects(path, read):
        header.update(dict.fromkeys(found))
        if not all(map(_is_text, found)):
            raise _no_text()
        if len(header) > MOST_COLUMNS:
            raise broken(f"มีคีย์เกิน {MOST_COLUMNS} คีย์", f"it has over {MOST_COLUMNS} keys")
    squeezed = {name for key in header for name in spellings(key)}
    if not header or not all({squeeze(name) for name in names} & squeezed for names in wanted):
        raise no_header(wanted)
    names = tuple(header)

    def records() -> Iterator[tuple[int, Sequence[str]]]:
        for number, found in _objects(path, read):
            yield number, [_text(found.get(name)) for name in names]

    return Sheet(path, kind, "utf-8", "", "", names, 0, records)


def _shape(path: Path) -> tuple[str, Objects | None]:
    with path.open("rb") as file:
        head = file.read(_WINDOW)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(b"["):
        return "json", _members
    first, _, _ = start.partition(b"\n")
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        is_object = start[:1] == b"{" and start[1:].lstrip()[:1] in (b'"', b"}")
        return "json", _members if is_object else None
    if not isinstance(value, dict):
        return "jsonl", None
    return ("json", _members) if not _WRAPPERS.isdisjoint(value) else ("jsonl", _lines)


def _objects(path: Path, read: Objects) -> Iterator[tuple[int, Object]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, found in read(file):
                yield (
                    number,
                    _flat(found) if any(isinstance(value, dict) for value in found.values()) else found,
                )
    except UnicodeDecodeError as error:
        raise refuse(
            "encoding",
            "ไฟล์ JSON ต้องเป็น UTF-8 ให้บันทึกใหม่เป็น UTF-8",
            "JSON has to be UTF-8: save it again as UTF-8",
        ) from error


def _flat(found: Object, depth: int = 0) -> Object:
    flat: dict[str, Any] = {}
    for key, value in found.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            flat |= {f"{key}.{inner}": deeper for inner, deeper in _flat(value, depth + 1).items()}
        else:
            flat[key] = value
    return flat


def _lines(file: TextIO) -> Iterator[tuple[int, Object]]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise broken(f"บรรทัด {number} ยาวผิดปกติ", f"line {number} is longer than any row")
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise broken(f"บรรทัด {number} ไม่ใช่ JSON", f"line {number} is no JSON: {error}") from error
        yield number, _object(value, number)


def _object(value: Any, number: int) -> Object:
    if not isinstance(value, dict):
        raise broken(f"รายการที่ {number} ไม่ใช่ออบเจกต์", f"item {number} is no object")
    return value


def _members(file: TextIO) -> Iterator[tuple[int, Object]]:
    window = _Window(file)
    if window.take("[{") == "[":
        for number, value in enumerate(window.items(), 1):
            yield number, _object(value, number)
        return
    seen = False
    while window.peek() != "}":
        key = window.value()
        window.take(":")
        if key in _WRAPPERS and window.peek() == "[" and not seen:
            window.take("[")
            seen = True
            for number, value in enumerate(window.items(), 1):
                row = _object(value, number)
                yield number, _object(row.get("properties") or {}, number) if key == "features" else row
        else:
            window.value()
        if window.peek() != "}":
            window.take(",")
    if not seen:
        raise refuse(
            "no-features",
            "ไฟล์ JSON นี้ไม่มีรายการ (features, data, items, …) ให้ส่งเป็น GeoJSON หรือ JSON Lines หรืออาร์เรย์ของออบเจกต์",
            "This JSON has no list of rows (features, data, items …): give GeoJSON, JSON Lines or an array of objects",
        )


class _Window:
    """A piece of a JSON text that moves along the file: gives its values one after the other."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._decode = json.JSONDecoder().raw_decode

    def _more(self) -> bool:
        # What is kept doubles, so that a large value is decoded a few times and not once a piece.
        piece = self._file.read(max(_WINDOW, len(self._text) - self._at))
        if piece:
            self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def peek(self) -> str:
        """The next character that is no blank; empty at the end of the file."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANKS:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, among: str) -> str:
        """The next character, which has to be one of `among`; raises `Refused`."""
        found = self.peek()
        if not found or found not in among:
            raise broken("JSON ไม่ครบหรือผิดรูปแบบ", f"its JSON has {found or 'an end'!r} in place of {among!r}")
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value; raises `Refused` when there is none, or one of more than 16 million characters."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > _LARGEST_VALUE or not self._more():
                    raise broken("JSON ไม่ครบหรือผิดรูปแบบ", f"its JSON breaks off: {error.msg}") from error
                continue
            except (ValueError, RecursionError) as error:
                raise broken("JSON ซับซ้อนเกินไป", f"its JSON is beyond reason: {error}") from error
            if end == len(self._text) and self._more():
                continue  # A number may go on beyond the window.
            self._at = end
            return value

    def items(self) -> Iterator[Any]:
        """The values of the array that has just been entered, and past its end."""
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return


def _is_text(text: str) -> bool:
    # JSON can spell what no text has: NUL, and halves of a character, which nothing can store.
    return (text.isascii() and "\x00" not in text) or _NO_TEXT.search(text) is None


def _no_text() -> Refused:
    return broken("มีอักขระ NUL หรืออักขระครึ่งตัว", "it has a NUL or half of a character")


def _text(value: Any) -> str:
    """A value as a cell would show it; a nested one as JSON."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, str):
        text = value
    elif isinstance(value, (bool, dict, list)):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = repr(value)
    if not _is_text(text):
        raise _no_text()
    if len(text) > LONGEST_CELL:
        raise broken(f"มีช่องยาวเกิน {LONGEST_CELL} ตัวอักษร", f"a cell is longer than {LONGEST_CELL} characters")
    return text
