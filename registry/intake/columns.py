"""Which column feeds which item: a small JSON file that an agency keeps beside its spreadsheet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keys.catalog import LicenseType
from registry.applications import LABELS
from registry.errors import refuse
from registry.intake.readers import Row, Sheet, open_sheet, squeeze


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Flat names of items to the headers they may have, and values that are the same in every row."""

    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    ignored: tuple[str, ...]


def read_mapping(path: Path | None, kind: LicenseType) -> ColumnMapping:
    """The mapping in a file; without one, headers are the flat names or the labels of the items.

    Raises `Refused` that names what is wrong in the file.
    """
    known = [*LABELS, *(f"field.{own.key}" for own in kind.fields)]
    if path is None:
        labels = {f"field.{own.key}": own.label for own in kind.fields} | LABELS
        return ColumnMapping({n: (n, labels[n].th, labels[n].en) for n in known}, {}, ())
    try:
        content = json.loads(path.read_text("utf-8"))
        columns = {name: _names(value) for name, value in content["columns"].items()}
        constants = {str(k): str(v) for k, v in content.get("constants", {}).items()}
        ignored = _names(content.get("ignored", []))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise refuse(
            "mapping",
            f"อ่านไฟล์จับคู่คอลัมน์ไม่ได้: {path}",
            f"Not a mapping file ({path}): {error}",
        ) from error
    unknown = sorted({*columns, *constants} - set(known))
    if unknown:
        raise refuse(
            "mapping-name",
            f"ไฟล์จับคู่คอลัมน์มีชื่อที่ไม่รู้จัก: {', '.join(unknown)} (ใช้ได้: {', '.join(known)})",
            f"The mapping names unknown items: {', '.join(unknown)} (known: {', '.join(known)})",
        )
    return ColumnMapping(columns, constants, ignored)


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True, slots=True)
class MappedSheet:
    """A sheet whose columns are known: which header feeds which item, and which feed nothing."""

    sheet: Sheet
    header_of: Mapping[str, str]
    constants: Mapping[str, str]
    unmapped: tuple[str, ...]

    def raw(self, row: Row) -> dict[str, str]:
        """The row's texts by flat name."""
        cells = {name: row.cells.get(header, "") for name, header in self.header_of.items()}
        return {**self.constants, **{name: text for name, text in cells.items() if not _is_nothing(text)}}


def _is_nothing(text: str) -> bool:
    return text.strip() in ("", "-", "–")


def map_sheet(path: Path, mapping: ColumnMapping) -> MappedSheet:
    """Open a file and find the mapped columns; raises `Refused` when there is no such header.

    The number's column and, where it is mapped, the start's column must be in the header.
    """
    wanted = [mapping.columns[name] for name in ("number", "valid_from") if name in mapping.columns]
    sheet = open_sheet(path, wanted)
    by_squeezed: dict[str, str] = {}
    for header in sheet.header:
        by_squeezed.setdefault(squeeze(header), header)
    header_of = {}
    for name, names in mapping.columns.items():
        found = next((by_squeezed[squeeze(n)] for n in names if squeeze(n) in by_squeezed), None)
        if found is not None:
            header_of[name] = found
    ignored = {squeeze(name) for name in mapping.ignored}
    unmapped = tuple(
        header
        for header in sheet.header
        if header not in header_of.values() and squeeze(header) not in ignored and not header.startswith("#")
    )
    return MappedSheet(sheet, header_of, mapping.constants, unmapped)
