"""Dates as people write them in Thailand, and how long a type's license lasts."""

import re
from datetime import date, timedelta

from keys.catalog import LicenseType, Text
from keys.dates import BUDDHIST_OFFSET, MONTHS
from keys.text import canonical, fold_digits

_BUDDHIST = range(2400, 2700)
_COMMON = range(1857, 2157)
_MONTH_NUMBERS = {
    canonical(spelled).replace(".", "").replace(" ", ""): at
    for at, (name, tight, _) in enumerate(MONTHS, 1)
    for spelled in (name, tight)
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})")
_SERIAL = re.compile(r"(\d{5,6})(?:\.0+)?")
_SERIAL_EPOCH = date(1899, 12, 30)
_WORDED = re.compile(r"(\d{1,2})\s*([ก-๛. ]+?)\s*(?:พ\.?ศ\.?\s*)?(\d{2}|\d{4})")


class DateFault(Exception):
    """A text that is no date, with what is wrong and what to do."""

    def __init__(self, what: Text, remedy: Text) -> None:
        super().__init__(what.en)
        self.what = what
        self.remedy = remedy


def parse_day(found: str) -> date:
    """The date of one of the forms in use: 13/1/2558, 1 ม.ค. 68, ๓๐ กันยายน ๒๕๖๙, 2026-09-30, 39667.

    The last is a spreadsheet's serial number (days since 1899-12-30); people have typed Buddhist
    years there too.

    Years 2400 to 2699 are Buddhist, and so are two digits; 543 is taken off before the date is
    built, because 29/02/2567 exists and 29/02/2568 does not.  Raises `DateFault`.
    """
    text = fold_digits(canonical(found))
    for pattern in (_ISO, _SLASHED, _WORDED):
        match = pattern.fullmatch(text)
        if match:
            parts = match.groups()
            year, month, day = parts if pattern is _ISO else parts[::-1]
            return _build(year, month, day)
    serial = _SERIAL.fullmatch(text)
    if serial:
        day = _SERIAL_EPOCH + timedelta(days=int(serial[1]))
        return _build(str(day.year), str(day.month), str(day.day))
    raise DateFault(
        Text("อ่านเป็นวันที่ไม่ได้", "Cannot be read as a date"),
        Text("พิมพ์เป็น วัน/เดือน/ปี เช่น 30/09/2569", "Write day/month/year, such as 30/09/2569"),
    )


def _build(year_text: str, month_text: str, day_text: str) -> date:
    month = _month(month_text)
    year = int(year_text) + 2500 if len(year_text) == 2 else int(year_text)
    common = year - BUDDHIST_OFFSET if year in _BUDDHIST else year
    if common not in _COMMON:
        raise DateFault(
            Text(f"ปี {year} อยู่นอกช่วงที่เป็นไปได้", f"The year {year} is out of range"),
            Text("ตรวจปี พ.ศ. หรือ ค.ศ.", "Check the year and its era"),
        )
    try:
        return date(common, month, int(day_text))
    except ValueError:
        raise DateFault(
            Text(
                f"ปี {year} ไม่มีวันที่ {day_text} เดือน {month}",
                f"The year {year} has no day {day_text} in month {month}",
            ),
            Text("ตรวจจากต้นขั้ว แล้วใส่วันที่ที่มีจริง", "Check the counterfoil and give a day that exists"),
        ) from None


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    month = _MONTH_NUMBERS.get(text.replace(".", "").replace(" ", ""))
    if month is None:
        raise DateFault(
            Text(f"ไม่รู้จักเดือน {text}", f"No month is called {text}"),
            Text("พิมพ์ชื่อเดือนเต็ม หรือเป็นตัวเลข", "Write the month in full or as a number"),
        )
    return month


def last_day(kind: LicenseType, start: date) -> date | None:
    """The last day of a term of this type that begins on `start`; None when it has no end."""
    if kind.term_rule == "years":
        return _plus_months(start, 12 * kind.term_length) - timedelta(days=1)
    if kind.term_rule == "months":
        return _plus_months(start, kind.term_length) - timedelta(days=1)
    if kind.term_rule == "year_end":
        return date(start.year + kind.term_length - 1, 12, 31)
    return None


def _plus_months(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    # 29 February plus a year is 28 February's morrow: the term still ends on 28 February.
    for day in (start.day, 30, 29, 28):
        try:
            shifted = date(year, month + 1, day)
        except ValueError:
            continue
        return shifted if day == start.day else shifted + timedelta(days=1)
    raise AssertionError("every month has a 28th")
