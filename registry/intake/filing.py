"""A file on its way in, and what a first reading of it finds."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keys.catalog import Agency, LicenseType, Text
from registry.applications import Fault, number_key
from registry.intake.batches import Options
from registry.intake.columns import MappedSheet, items_of
from registry.intake.faults import RowFault

BLOCK = 2000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Filing:
    """One file on its way in: whose, of which type, under which name the agency keeps it, and how."""

    mapped: MappedSheet
    kind: LicenseType
    agency: Agency
    options: Options
    source: str = ""
    file_name: str = ""

    @property
    def spoken(self) -> frozenset[str]:
        """The flat names that the file says something about."""
        mapped = self.mapped
        return frozenset({*mapped.header_of, *mapped.joined, *mapped.constants})

    def remark(self, row: int, fault: Fault) -> RowFault:
        """A fault with its place in the file."""
        label = items_of(self.kind).get(fault.name, Text(fault.name, fault.name))
        return RowFault(row, self.mapped.column_of(fault.name), label, fault)


class Survey:
    """What a first reading of a file found: how many rows, and which numbers stand in it twice.

    `hidden_numbers` counts the rows met since that may be of any license, because their number cannot be read.

    Numbers and codes met are kept in a nameless temporary database that is gone when it is closed.
    """

    def __init__(self, mapped: MappedSheet) -> None:
        self.rows = 0
        self.hidden_numbers = 0
        self._mapped = mapped
        self._twice: dict[str, tuple[int, int]] = {}
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.executescript(
            "PRAGMA journal_mode=OFF;"
            "CREATE TABLE numbers(key TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID;"
            "CREATE TABLE codes(code TEXT PRIMARY KEY) WITHOUT ROWID;"
            "BEGIN;"
        )

    def close(self) -> None:
        """Let everything go that was kept."""
        self._kept.close()

    def read(self, progress: Progress) -> None:
        """Read the file through; raises `Refused` where it breaks."""
        block = list[tuple[str, int]]()
        for row in self._mapped.sheet.rows():
            self.rows += 1
            key = number_key(self._mapped.raw(row).get("number", ""))
            if key:
                block.append((key, row.number))
            if len(block) >= BLOCK:
                self._add(block)
                block = []
                progress(self.rows, 0)
        self._add(block)

    def _add(self, block: list[tuple[str, int]]) -> None:
        before = self._kept.total_changes
        self._kept.executemany("INSERT OR IGNORE INTO numbers VALUES (?, ?)", block)
        if self._kept.total_changes - before == len(block):
            return
        for key, row in block:
            first = self._kept.execute("SELECT row FROM numbers WHERE key = ?", (key,)).fetchone()[0]
            if first != row:
                self._twice.setdefault(key, (first, row))

    def other_row(self, key: str, row: int) -> int | None:
        """Another row with the same number, or None."""
        first, second = self._twice.get(key, (row, None))
        return second if first == row else first

    def add_codes(self, codes: Sequence[str]) -> None:
        """Mark licenses as being in the file."""
        self._kept.executemany("INSERT OR IGNORE INTO codes VALUES (?)", [(code,) for code in codes])

    def has_code(self, code: str) -> bool:
        """Whether a license is in the file."""
        return self._kept.execute("SELECT 1 FROM codes WHERE code = ?", (code,)).fetchone() is not None
