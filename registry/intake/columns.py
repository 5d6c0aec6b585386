"""Which column feeds which item: a small JSON file that an agency keeps beside its spreadsheet."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import add
from pathlib import Path
from typing import Any

from keys.acts import Status
from keys.catalog import LicenseType, Text
from keys.text import canonical
from registry.applications import LABELS
from registry.errors import Refused, refuse
from registry.intake.eras import ColumnEra, find_eras
from registry.intake.readers import Row, Sheet, open_sheet, spellings, squeeze
from registry.intake.returning import is_column_of_ours
from registry.terms import Era

# Items of a file that no license has: they say where a license stands, or make up its place.
FILE_LABELS: dict[str, Text] = {
    "standing": Text("สถานะ", "Status"),
    "province": Text("จังหวัด", "Province"),
    "district": Text("อำเภอ/เขต", "District"),
    "subdistrict": Text("ตำบล/แขวง", "Subdistrict"),
    # A form offers places by name; a column of them is the line above.
    "place": Text("รหัสพื้นที่", "Area code"),
}
STANDINGS: dict[str, Status] = {
    "valid": Status.VALID,
    "suspended": Status.SUSPENDED,
    "ended": Status.ENDED,
    "revoked": Status.INVALID,
}
# Halves of a character, which JSON can spell and nothing can store.
_NO_TEXT = re.compile("[\ud800-\udfff]")
_SLOT = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which headers feed which items, by flat name.

    `columns` gives the headers that one item may have in different files; `joined` items are put
    together from several columns, each part a header or a text with headers in braces;
    `constants` are the same in every row; `standings` says what the words of the status column mean,
    and `eras` whose years a column of dates has, where two digits leave that open.
    """

    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    standings: Mapping[str, Status] = field(default_factory=dict)
    eras: Mapping[str, Era] = field(default_factory=dict)
    sheet: str | None = None


def items_of(kind: LicenseType) -> dict[str, Text]:
    """Every item that a column may feed, with its label."""
    return {**LABELS, **FILE_LABELS, **{f"field.{own.key}": own.label for own in kind.fields}}


def read_mapping(path: Path | None, kind: LicenseType) -> ColumnMapping:
    """The mapping in a file; without one, headers are the flat names or the labels of the items.

    Raises `Refused` that names what is wrong in the file.
    """
    if path is None:
        return ColumnMapping({name: (name, label.th, label.en) for name, label in items_of(kind).items()})
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_mapping(str(path), error) from error
    return parse_mapping(content, kind)


def parse_mapping(content: Any, kind: LicenseType) -> ColumnMapping:
    """The mapping of a JSON value as `docs/operations.md` describes it; raises `Refused`."""
    try:
        columns, joined = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()
        for name, value in content["columns"].items():
            if isinstance(value, dict):
                joined[name] = _names(value["join"])
            else:
                columns[name] = _names(value)
        mapping = ColumnMapping(
            columns,
            {str(k): str(v) for k, v in content.get("constants", {}).items()},
            _names(content.get("ignored", [])),
            joined,
            {squeeze(str(word)): STANDINGS[v] for word, v in content.get("standings", {}).items()},
            {str(name): Era(era) for name, era in content.get("eras", {}).items()},
            _sheet(content.get("sheet")),
        )
        _require_texts(content)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise _no_mapping("JSON", error) from error
    known = items_of(kind)
    unknown = sorted({*columns, *joined, *mapping.constants} - set(known))
    if unknown:
        raise refuse(
            "mapping-name",
            f"ไฟล์จับคู่คอลัมน์มีชื่อที่ไม่รู้จัก: {', '.join(unknown)} (ใช้ได้: {', '.join(known)})",
            f"The mapping names unknown items: {', '.join(unknown)} (known: {', '.join(known)})",
            field="mapping",
        )
    return mapping


def write_mapping(mapping: ColumnMapping) -> dict[str, Any]:
    """The JSON value that `parse_mapping` reads again."""
    words = {status: word for word, status in STANDINGS.items()}
    content: dict[str, Any] = {
        "columns": {
            **{name: list(names) for name, names in mapping.columns.items()},
            **{name: {"join": list(parts)} for name, parts in mapping.joined.items()},
        },
        "constants": dict(mapping.constants),
        "ignored": list(mapping.ignored),
        "standings": {word: words[status] for word, status in mapping.standings.items()},
    }
    if mapping.eras:
        content["eras"] = dict(mapping.eras)
    if mapping.sheet:
        content["sheet"] = mapping.sheet
    return content


def _no_mapping(where: str, error: Exception) -> Refused:
    return refuse(
        "mapping",
        f"อ่านการจับคู่คอลัมน์ไม่ได้: {where}",
        f"Not a mapping ({where}): {type(error).__name__}: {error}",
        field="mapping",
    )


def _require_texts(content: Any) -> None:
    if _NO_TEXT.search(json.dumps(content, ensure_ascii=False)):
        raise ValueError("half of a character is no text")


def _sheet(value: object) -> str | None:
    if value is not None and (not isinstance(value, str) or "\x00" in value):
        raise TypeError("the name of a sheet is a text")
    return value or None


def _names(value: str | list[str]) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(name, str) for name in names):
        raise TypeError("a name of a column is a text")
    return names


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a joined item: the texts before, between and after the cells of these headers."""

    texts: tuple[str, ...]
    headers: tuple[str, ...]

    def filled(self, cells: Mapping[str, str]) -> str:
        """The piece with a row's cells in it; empty when they all say nothing."""
        found = [cells.get(header, "").strip() for header in self.headers]
        if all(map(_is_nothing, found)):
            return ""
        return self.texts[0] + "".join(map(add, found, self.texts[1:]))


@dataclass(frozen=True, slots=True)
class MappedSheet:
    """A sheet whose columns are known: which header feeds which item, and which feed nothing.

    `eras` says of each column of dates whose years it has.
    """

    sheet: Sheet
    header_of: Mapping[str, str]
    constants: Mapping[str, str]
    unmapped: tuple[str, ...]
    joined: Mapping[str, tuple["Part", ...]] = field(default_factory=dict)
    standings: Mapping[str, Status] = field(default_factory=dict)
    eras: Mapping[str, ColumnEra] = field(default_factory=dict)

    def raw(self, row: Row) -> dict[str, str]:
        """The row's texts by flat name."""
        raw, cells = dict(self.constants), row.cells
        for name, header in self.header_of.items():
            text = cells.get(header)
            if text and (len(text) > _LONGEST_NOTHING or not _is_nothing(text)):
                raw[name] = text
        for name, parts in self.joined.items():
            text = " ".join(filter(None, (part.filled(cells) for part in parts)))
            if text:
                raw[name] = text
        return raw

    def column_of(self, name: str) -> str:
        """The header, or headers, that feed an item; its flat name when none does."""
        if name in self.joined:
            return " + ".join(header for part in self.joined[name] for header in part.headers)
        return self.header_of.get(name, name)


# Longer texts are looked at as they are; canonical leaves nothing of one that is only blanks.
_LONGEST_NOTHING = 3
_NOTHING = frozenset({"", "-", "--", "---", "–", "—"})


def _is_nothing(text: str) -> bool:
    return canonical(text) in _NOTHING


def map_sheet(path: Path, mapping: ColumnMapping) -> MappedSheet:
    """Open a file and find the mapped columns; raises `Refused` when there is no such header.

    The number's column and, where it is mapped, the start's column must be in the header.
    """
    wanted = [mapping.columns[name] for name in ("number", "valid_from") if name in mapping.columns]
    return fit(open_sheet(path, wanted, sheet=mapping.sheet), mapping)


def fit(sheet: Sheet, mapping: ColumnMapping) -> MappedSheet:
    """An open sheet with its columns found; items whose column it has not are left out.

    The rows are read once, to tell the era of each column of dates; raises `Refused` where they break.
    """
    mapped = match(sheet, mapping)
    return replace(mapped, eras=find_eras(sheet.rows(), mapped.header_of, mapping.eras))


def match(sheet: Sheet, mapping: ColumnMapping) -> MappedSheet:
    """The columns of an open sheet by its header alone, however long the file is: no eras are told."""
    by_squeezed: dict[str, str] = {}
    for at in (0, -1):
        for header in sheet.header:
            by_squeezed.setdefault(spellings(header)[at], header)
    header_of = {}
    for name, names in mapping.columns.items():
        found = next((by_squeezed[squeeze(n)] for n in names if squeeze(n) in by_squeezed), None)
        if found is not None:
            header_of[name] = found
    joined = {name: _parts(parts, by_squeezed) for name, parts in mapping.joined.items()}
    used = {
        *header_of.values(),
        *(header for parts in joined.values() for part in parts for header in part.headers),
    }
    ignored = {squeeze(name) for name in mapping.ignored}
    unmapped = tuple(
        header
        for header in sheet.header
        if header not in used
        and ignored.isdisjoint(spellings(header))
        and not header.startswith("#")
        and not is_column_of_ours(header)
    )
    return MappedSheet(sheet, header_of, mapping.constants, unmapped, joined, mapping.standings)


def _parts(parts: tuple[str, ...], by_squeezed: Mapping[str, str]) -> tuple[Part, ...]:
    """Of each part whose headers the sheet has: the texts around its cells, and the headers."""
    found = []
    for part in parts:
        pieces = _SLOT.split(part)
        texts, named = (pieces[::2], pieces[1::2]) if len(pieces) > 1 else (["", ""], [part])
        headers = [by_squeezed[squeeze(name)] for name in named if squeeze(name) in by_squeezed]
        if len(headers) == len(named):
            found.append(Part(tuple(texts), tuple(headers)))
    return tuple(found)
