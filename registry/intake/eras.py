"""Which era a column of dates counts in, decided from all its values and told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from keys.catalog import Text
from registry.intake.readers import Row
from registry.terms import DateFault, Era, month_and_day, read_day

DATE_ITEMS = ("valid_from", "valid_until", "issued")
# Two digits that can be meant in one era only: 2531–2575 and 1976–2030 are years that licenses have.
_SHORT_BUDDHIST = range(31, 76)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ColumnEra:
    """What was found in a column: how many years of each era, how many of two digits.

    `era` is the column's, by which two digits are read; None when they could be either, which only
    a person can tell.  `is_month_first` says that more dates can only be read with the month before the
    day than the other way round.
    """

    era: Era | None
    buddhist: int = 0
    common: int = 0
    short: int = 0
    is_month_first: bool = False

    @property
    def is_mixed(self) -> bool:
        """Whether both eras stand in the column."""
        return bool(self.buddhist and self.common)

    def words(self) -> Text:
        """The same for people."""
        counted = [
            (self.buddhist, "พ.ศ.", "Buddhist"),
            (self.common, "ค.ศ.", "Common Era"),
            (self.short, "ปีสองหลัก", "two-digit"),
        ]
        th = ", ".join(f"{name} {n}" for n, name, _ in counted if n)
        en = ", ".join(f"{n} {name}" for n, _, name in counted if n)
        told = {Era.BUDDHIST: Text("พ.ศ.", "Buddhist"), Era.COMMON: Text("ค.ศ.", "Common Era")}
        era = told[self.era] if self.era else Text("ไม่ชัดเจน", "unclear")
        return Text(f"{era.th} ({th or 'ไม่มีวันที่'})", f"{era.en} ({en or 'no dates'})")

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {"era": self.era, "buddhist": self.buddhist, "common": self.common, "two_digit": self.short}


def find_eras(
    rows: Iterable[Row], header_of: Mapping[str, str], stated: Mapping[str, Era]
) -> dict[str, ColumnEra]:
    """The era of each mapped column of dates; what the mapping states is not decided again."""
    headers = {name: header_of[name] for name in DATE_ITEMS if name in header_of}
    if not headers:
        return {}
    counts = {name: Counter[Era | bool]() for name in headers}
    orders = Counter[tuple[str, bool]]()
    for row in rows:
        for name, header in headers.items():
            text = row.cells.get(header)
            if not text:
                continue
            if order := _order(text):
                orders[name, order > 0] += 1
            try:
                day, era = read_day(text)
            except DateFault:
                continue
            counts[name][era or (day.year + 43) % 100 in _SHORT_BUDDHIST] += 1
    return {
        name: _decide(count, stated.get(name), is_month_first=orders[name, False] > orders[name, True])
        for name, count in counts.items()
    }


@lru_cache(maxsize=16384)
def _order(text: str) -> int:
    """1 for a date that has the day first for certain, −1 for one with the month first, 0 when it may be either."""
    first, second = month_and_day(text) or (0, 0)
    return (first > _MONTHS) - (second > _MONTHS)


def _decide(count: Mapping[Era | bool, int], stated: Era | None, *, is_month_first: bool) -> ColumnEra:
    buddhist, common = count[Era.BUDDHIST], count[Era.COMMON]
    likely_buddhist, likely_common = count[True], count[False]
    era = stated
    if era is None and (buddhist or common):
        era = Era.BUDDHIST if buddhist >= common else Era.COMMON
        if buddhist and common and (likely_buddhist or likely_common):
            era = None
    elif era is None and not (likely_buddhist and likely_common):
        era = Era.COMMON if likely_common else Era.BUDDHIST
    return ColumnEra(era, buddhist, common, likely_buddhist + likely_common, is_month_first)
