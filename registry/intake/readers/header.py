"""Finding the header: below titles, over one row or several, in whatever words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from keys.text import canonical
from registry.errors import Refused, refuse
from registry.intake.readers.sheet import spellings, squeeze

HEADER_WITHIN = 30
# What tells a value from a title of a column, when no mapping says what the columns are called.
_MOST_DIGITS = 3
_MOST_ROWS = 3
# What a row below the header says of its columns: (บาท), (1).
_UNIT = re.compile(r"[(\[].*[)\]]")


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, each once, and the number of the last row that belongs to them."""

    names: tuple[str, ...]
    row: int


Head = Sequence[tuple[int, Sequence[str]]]
Groups = Sequence[Sequence[str]]


def find_header(head: Head, wanted: Groups) -> Header | None:
    """The header among a file's first rows: up to three rows with a name of each `wanted` group.

    It is looked for among the widest rows that hold words and no values, and where those lack a name,
    wherever the names stand.  Rows of units and of the columns' numbers belong to it.  None when no row
    is like that.
    """
    # The same rows with a mapping as without one, so that a mapping fits the header it was made for.
    likeliest = _likeliest(head)
    if not wanted:
        return likeliest
    groups = [{squeeze(name) for name in names} for names in wanted]
    if likeliest is not None and _has(likeliest.names, groups):
        return likeliest
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
    for at, (_, cells) in enumerate(head):
        if len(_names_in(cells)) >= max(2, 0.6 * widest) and _is_wordy(cells):
            return _around(head, at)
    return None


def _around(head: Head, at: int) -> Header:
    """The header with the rows of groups above the row `at`, and of parts, units and numbers below it."""
    first = last = at
    while first > 0 and last - first + 1 < _MOST_ROWS and _are_parts(head[first - 1][1], head[first][1]):
        first -= 1
    while last + 1 < len(head) and last - first + 1 < _MOST_ROWS:
        if not _are_parts(head[last][1], head[last + 1][1]):
            break
        last += 1
    names: Sequence[str] = head[first][1]
    for _, cells in head[first + 1 : last + 1]:
        names = _merged(names, cells)
    while last + 1 < len(head) and _are_units(head[last + 1][1], names):
        last += 1
    return Header(_named(names), head[last][0])


def _are_parts(above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the row below names the parts of what the row above names, and holds no values."""
    if not (_is_wordy(above) and _is_wordy(below)) or _are_units(below, above):
        return False
    if len(_names_in(above)) < 2:  # A title stands alone, or over the whole width.
        return False
    width = max(len(above), len(below))
    upper, lower = _padded(above, width), _padded(below, width)
    last = max(column for column, cell in enumerate(upper) if cell)
    parts = 0
    for column, (over, under) in enumerate(zip(upper, lower, strict=True)):
        if not under or over == under:
            continue
        if over and not _is_group(upper, column):
            return False
        parts += column <= last or not over
    return parts > 1


def _is_group(upper: Sequence[str], column: int) -> bool:
    # A heading over several columns stands above the first only, or, where cells are merged, above all.
    over = upper[column]
    return over in upper[max(column - 1, 0) : column] or (
        column + 1 < len(upper) and upper[column + 1] in ("", over)
    )


def _are_units(cells: Sequence[str], names: Sequence[str]) -> bool:
    found = [canonical(cell) for cell in cells]
    # A merged cell of a name reaches down beside the units.
    own = [
        text
        for text, name in zip(found, names, strict=False)
        if text and squeeze(text) not in spellings(name)
    ]
    counts = len(own) > 2 and all(map(str.isdecimal, own)) and _count_up(list(map(int, own)))
    return len(own) > 1 and len(found) <= len(names) and (counts or all(map(_UNIT.fullmatch, own)))


def _count_up(numbers: Sequence[int]) -> bool:
    return numbers[0] in (0, 1, 2) and all(after == before + 1 for before, after in pairwise(numbers))


def _is_wordy(cells: Sequence[str]) -> bool:
    return all(_is_word(cell) for cell in cells if cell.strip())


def _names_in(cells: Sequence[str]) -> set[str]:
    return {squeeze(cell) for cell in cells if cell.strip()}


def _named(cells: Sequence[str]) -> tuple[str, ...]:
    # Two columns of one name would overwrite each other, so later ones are told apart by position.
    header: dict[str, None] = {}
    for at, cell in enumerate(cells, 1):
        name = canonical(cell)
        header[name if name and name not in header else f"{name}#{at}"] = None
    return tuple(header)
