"""What every reader gives: a sheet with its header and its rows, whatever kind of file it was."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from keys.catalog import Text
from keys.text import canonical
from registry.errors import Refused, refuse

LONGEST_CELL = 10_000
MOST_COLUMNS = 500
LONGEST_LINE = 1 << 20

Records = Callable[[], Iterator[tuple[int, Sequence[str]]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (titles counted), and its cells by header.

    `beyond` is what stands first after the last column of the header, if anything does.
    """

    number: int
    cells: Mapping[str, str]
    beyond: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file whose header was found: `header_row` is the header's last row, 0 where keys are the header.

    `kind` is csv, xlsx, json or jsonl; `separator` belongs to CSV and `name` to a workbook's sheet.
    `notes` are words about the file as a whole; `is_from_1904` says that its days without a date's form
    are counted from 1904-01-01.  `records` reads every row, titles included, from the
    beginning each time it is called.
    """

    path: Path
    kind: str
    encoding: str
    separator: str
    name: str
    header: tuple[str, ...]
    header_row: int
    records: Records
    notes: tuple[Text, ...] = ()
    is_from_1904: bool = False

    def rows(self) -> Iterator[Row]:
        """The rows below the header; raises `Refused` where the file breaks.

        Empty ones are left out, and those that say the header again, as on each page of a printed list;
        a header with its columns elsewhere is another table, which is refused.
        """
        header, header_row, width = self.header, self.header_row, len(self.header)
        again = [{"", *spellings(name)} for name in header]
        known = set[str]().union(*again) - {""}
        for number, cells in self.records():
            first = next(filter(str.strip, cells), "")
            if number <= header_row or not first:
                continue
            # One cell tells of most rows that they are neither of the two.
            begins = first if first.isdecimal() else squeeze(first)
            if (not begins and not any(map(canonical, cells))) or (begins in known and _says(again, cells)):
                continue
            if begins in known and _says_elsewhere(again, known, cells):
                raise _another_table(number)
            beyond = next(filter(canonical, cells[width:]), "") if len(cells) > width else ""
            yield Row(number, dict(zip(header, cells, strict=False)), beyond)


def _says(names: Sequence[set[str]], cells: Sequence[str]) -> bool:
    return len(cells) <= len(names) and all(
        squeeze(cell) in known for cell, known in zip(cells, names, strict=False)
    )


def _says_elsewhere(names: Sequence[set[str]], known: AbstractSet[str], cells: Sequence[str]) -> bool:
    """Whether a row is mostly names of columns, and two of them stand over other columns than above."""
    said = [(at, name) for at, cell in enumerate(cells) if (name := squeeze(cell))]
    moved = [name for at, name in said if name in known and (at >= len(names) or name not in names[at])]
    return len(moved) > 1 and 2 * sum(name in known for _, name in said) > len(said)


def _another_table(row: int) -> Refused:
    return refuse(
        "another-table",
        f"แถว {row} เป็นหัวตารางที่มีคอลัมน์ต่างจากหัวตารางแรก แยกแต่ละตารางเป็นคนละไฟล์หรือคนละแผ่นงาน",
        f"Row {row} is a header whose columns are not those of the first: put each table in a file or a sheet of its own",
    )


def spellings(header: str) -> tuple[str, ...]:
    """How a header may be named in a mapping: whole, or by the last of the rows it was merged from."""
    whole = squeeze(header)
    _, merged, last = header.rpartition(" / ")
    return (whole, squeeze(last)) if merged else (whole,)


def squeeze(header: str) -> str:
    """A header without blanks and line breaks, in one spelling: what mappings are compared by."""
    return canonical(header).replace(" ", "").casefold()


def broken(th: str, en: str) -> Refused:
    """The refusal of a file that breaks off being what it began as."""
    return Refused("broken-file", Text(f"ไฟล์เสีย: {th}", f"The file is broken: {en}"))
