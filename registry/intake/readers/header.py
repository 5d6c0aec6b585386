"""Finding the header: below titles, over one row or two, in whatever words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from keys.text import canonical
from registry.errors import Refused, refuse
from registry.intake.readers.sheet import squeeze

HEADER_WITHIN = 30
# What tells a value from a title of a column, when no mapping says what the columns are called.
_MOST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, each once, and the number of the last row that belongs to them."""

    names: tuple[str, ...]
    row: int


Head = Sequence[tuple[int, Sequence[str]]]
Groups = Sequence[Sequence[str]]


def find_header(head: Head, wanted: Groups) -> Header | None:
    """The header among a file's first rows: one or two rows with a name of each `wanted` group.

    Without `wanted` it is the first of the widest rows that hold words and no values.  None when no
    row is like that.
    """
    if not wanted:
        return _likeliest(head)
    groups = [{squeeze(name) for name in names} for names in wanted]
    for at, (number, cells) in enumerate(head):
        if _has(cells, groups):
            below = head[at + 1][1] if at + 1 < len(head) else ()
            if _continues(cells, below, groups):
                return Header(_named(_merged(cells, below)), head[at + 1][0])
            return Header(_named(cells), number)
    for (_, above), (number, below) in pairwise(head):
        merged = _merged(above, below)
        if _has(merged, groups) or _has([*above, *below], groups):
            return Header(_named(merged), number)
    return None


def no_header(wanted: Groups) -> Refused:
    """The refusal of a file in which no header was found."""
    if not wanted:
        return refuse(
            "no-header",
            f"ไม่พบแถวหัวตารางใน {HEADER_WITHIN} แถวแรก ใส่ชื่อคอลัมน์ไว้เหนือข้อมูล",
            f"None of the first {HEADER_WITHIN} rows is a header: put the columns' names above the rows",
        )
    names = ", ".join("/".join(group) for group in wanted)
    return refuse(
        "no-header",
        f"ไม่พบแถวหัวตารางที่มีคอลัมน์ {names} ใน {HEADER_WITHIN} แถวแรก ตรวจไฟล์จับคู่คอลัมน์",
        f"None of the first {HEADER_WITHIN} rows is a header with the columns {names}: check the mapping",
    )


def _has(cells: Sequence[str], groups: Sequence[set[str]]) -> bool:
    squeezed = {name for cell in cells for name in spellings(cell)}
    return all(group & squeezed for group in groups)


def spellings(header: str) -> tuple[str, ...]:
    """How a header may be named in a mapping: whole, or by the last of the rows it was merged from."""
    whole = squeeze(header)
    _, merged, last = header.rpartition(" / ")
    return (whole, squeeze(last)) if merged else (whole,)


def _continues(cells: Sequence[str], below: Sequence[str], groups: Sequence[set[str]]) -> bool:
    # A second row of the header names parts of columns, and says nothing below the columns that are
    # already named as the mapping wants them; a row of values has a number there.
    words = [cell for cell in below if cell.strip()]
    if not words or not all(map(_is_word, words)):
        return False
    known = set[str]().union(*groups)
    return all(
        not under.strip() or squeeze(under) == squeeze(cell)
        for cell, under in zip(cells, below, strict=False)
        if squeeze(cell) in known
    )


def _is_word(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) <= _MOST_DIGITS and any(map(str.isalpha, cell))


def _merged(above: Sequence[str], below: Sequence[str]) -> list[str]:
    merged, group = [], ""
    width = max(len(above), len(below))
    for upper, lower in zip(_padded(above, width), _padded(below, width), strict=True):
        # A heading over several columns stands above the first of them only.
        group = upper if upper or not lower else group
        merged.append(" / ".join(dict.fromkeys(part for part in (group if lower else upper, lower) if part)))
    return merged


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*map(canonical, cells), *[""] * (width - len(cells))]


def _likeliest(head: Head) -> Header | None:
    widest = max((sum(map(_is_word, cells)) for _, cells in head), default=0)
    for number, cells in head:
        named = [squeeze(cell) for cell in cells if cell.strip()]
        enough = len(named) >= max(2, 0.6 * widest)
        if enough and len(set(named)) == len(named) and all(_is_word(cell) for cell in cells if cell.strip()):
            return Header(_named(cells), number)
    return None


def _named(cells: Sequence[str]) -> tuple[str, ...]:
    # Two columns of one name would overwrite each other, so later ones are told apart by position.
    header: dict[str, None] = {}
    for at, cell in enumerate(cells, 1):
        name = canonical(cell)
        header[name if name and name not in header else f"{name}#{at}"] = None
    return tuple(header)
