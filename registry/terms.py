"""Dates as people write them in Thailand, and how long a type's license lasts."""

import contextlib
import re
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from keys.catalog import LicenseType, Text
from keys.dates import BUDDHIST_OFFSET, MONTHS
from keys.text import canonical, fold_digits

_BUDDHIST = range(2400, 2700)
_COMMON = range(1857, 2157)
_CENTURY_ENDS = 50
_MONTH_NUMBERS = {
    canonical(spelled).replace(".", "").casefold(): at
    for at, (name, tight, english) in enumerate(MONTHS, 1)
    # มกรา is มกราคม as it is said; September is the one month that is cut at four letters.
    for spelled in (name, tight, english, english[:3], re.sub("(คม|ยน|พันธ์)$", "", name))
} | {"sept": 9}
_CLOCK = r"(\d{1,2}):(\d{2})(?::\d{2}(?:[.,]\d+)?)?"
_TIME = r"(?:[T ]\d{1,2}[:.]\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm]| ?น\.?)?)?"
_ISO = re.compile(rf"(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}}){_TIME}")
_MOMENT = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}})[T ]{_CLOCK} ?(?:Z|UTC|([+-])(\d{{2}}):?(\d{{2}}))")
_SLASHED = re.compile(rf"(\d{{1,2}}) ?[/.-] ?(\d{{1,2}}) ?[/.-] ?(\d{{2}}|\d{{4}}){_TIME}")
_SERIAL = re.compile(r"([1-9]\d{4,5})(?:\.\d+)?")
# Day, month and year of two digits each, in either order, without anything between.
_SIX = re.compile(
    r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
_SERIAL_EPOCH = date(1899, 12, 30)
_EIGHT = re.compile(r"\d{8}")
_WEEKDAY = r"(?:(?:วัน)?(?:จันทร์|อังคาร|พุธ|พฤหัสบดี|ศุกร์|เสาร์|อาทิตย์) ?(?:ที่)?,? ?)?"
_ERA = r"(?:(พ|ค|[BAC])(?:\.? ?[ศE]\.?|\.? ?D\.?|ุทธศักราช|ริสต์ศักราช) ?)?"
_WORDED = re.compile(
    rf"{_WEEKDAY}(?:วันที่ ?)?(\d{{1,2}})[ /-]?(?:เดือน ?)?([ก-๎. ]+?|[A-Za-z]+\.?)[ /,-]*{_ERA}(\d{{2}}|\d{{4}}){_TIME}"
)
_MONTH_FIRST = re.compile(rf"([A-Za-z]+)\.? (\d{{1,2}}),? (\d{{4}}){_TIME}")
# Where year, month and day stand in each.
_FORMS = ((_ISO, (1, 2, 3)), (_SLASHED, (3, 2, 1)), (_MONTH_FIRST, (3, 1, 2)))
_ERAS = {"พ": "BE", "B": "BE", "ค": "CE", "A": "CE", "C": "CE"}
_BANGKOK_MINUTES = 7 * 60


class Era(StrEnum):
    """Whose years are counted: Buddhist (2569) or Common (2026)."""

    BUDDHIST = "BE"
    COMMON = "CE"


class DateFault(Exception):
    """A text that is no date, with what is wrong and what to do."""

    def __init__(self, what: Text, remedy: Text) -> None:
        super().__init__(what.en)
        self.what = what
        self.remedy = remedy


def parse_day(found: str) -> date:
    """The date of one of the forms in use: 13/1/2558, 1 ม.ค. 68, ๓๐ กันยายน ๒๕๖๙, 2026-09-30, 39667.

    The last is a spreadsheet's serial number (days since 1899-12-30); people have typed Buddhist
    years there too.  A moment with an offset from UTC is a day in Bangkok.

    Six digits that may be 300969 as well are none.  Years 2400 to 2699 are Buddhist, and so are two digits; 543 is taken off before the date is
    built, because 29/02/2567 exists and 29/02/2568 does not.  Raises `DateFault`.
    """
    return read_day(found)[0]


@lru_cache(maxsize=16384)
def read_day(found: str, short: Era = Era.BUDDHIST) -> tuple[date, Era | None]:
    """The date of a text, and the era that its year is written in; two digits tell none.

    A year of two digits is read in the era `short`: 68 is 2568, or 1968 (49 is 2049).  Raises `DateFault`.
    """
    text = fold_digits(canonical(found))
    if match := _MOMENT.fullmatch(text):
        return _moment(match, short)
    for pattern, order in _FORMS:
        if match := pattern.fullmatch(text):
            year, month, day = (match[at] for at in order)
            return _build(year, month, day, short)
    if match := _WORDED.fullmatch(text):
        return _build(match[4], match[2], match[1], Era(_ERAS[match[3]]) if match[3] else short)
    if _SIX.fullmatch(text):
        raise DateFault(
            Text(
                "หกหลักนี้อาจเป็นวัน เดือน และปีย่อ หรือเลขลำดับวันของโปรแกรมตาราง",
                "These six digits may be day, month and year, or the number that a spreadsheet gives a day",
            ),
            Text("พิมพ์เป็น วัน/เดือน/ปี เช่น 30/09/2569", "Write day/month/year, such as 30/09/2569"),
        )
    if match := _SERIAL.fullmatch(text):
        counted = _SERIAL_EPOCH + timedelta(days=int(match[1]))
        return _build(str(counted.year), str(counted.month), str(counted.day), short)
    if _EIGHT.fullmatch(text) and (found_day := _eight(text, short)):
        return found_day
    raise DateFault(
        Text("อ่านเป็นวันที่ไม่ได้", "Cannot be read as a date"),
        Text("พิมพ์เป็น วัน/เดือน/ปี เช่น 30/09/2569", "Write day/month/year, such as 30/09/2569"),
    )


def month_and_day(found: str) -> tuple[int, int] | None:
    """The two numbers before the year of a date in figures, in their order; None for every other form."""
    match = _SLASHED.fullmatch(fold_digits(canonical(found)))
    return (int(match[1]), int(match[2])) if match else None


def is_moment(found: str) -> bool:
    """Whether a text is a moment with its offset from UTC, whose day in Bangkok may be another."""
    return _MOMENT.fullmatch(found.strip()) is not None


def _moment(match: re.Match[str], short: Era) -> tuple[date, Era | None]:
    day, era = _build(match[1], match[2], match[3], short)
    offset = int(f"{match[6]}{60 * int(match[7]) + int(match[8])}") if match[6] else 0
    minutes = 60 * int(match[4]) + int(match[5]) - offset + _BANGKOK_MINUTES
    return day + timedelta(days=minutes // (24 * 60)), era


def _eight(digits: str, short: Era) -> tuple[date, Era | None] | None:
    """The date of eight digits, year or day first; None where that is not plain."""
    found = set()
    for year, month, day in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2])):
        with contextlib.suppress(DateFault):
            found.add(_build(year, month, day, short))
    return found.pop() if len(found) == 1 else None


def _build(year_text: str, month_text: str, day_text: str, short: Era) -> tuple[date, Era | None]:
    month, year = _month(month_text), int(year_text)
    if len(year_text) == 2:
        written = None
        common = year + (2500 - BUDDHIST_OFFSET if short is Era.BUDDHIST else _century(year))
        year = common if short is Era.COMMON else common + BUDDHIST_OFFSET
    else:
        written = Era.BUDDHIST if year in _BUDDHIST else Era.COMMON
        common = year - BUDDHIST_OFFSET if year in _BUDDHIST else year
    if common not in _COMMON:
        raise DateFault(
            Text(f"ปี {year} อยู่นอกช่วงที่เป็นไปได้", f"The year {year} is out of range"),
            Text("ตรวจปี พ.ศ. หรือ ค.ศ.", "Check the year and its era"),
        )
    if not 1 <= month <= len(MONTHS):
        raise DateFault(
            Text(f"ไม่มีเดือนที่ {month}", f"There is no month {month}"),
            Text(
                "พิมพ์วันก่อนเดือน: วัน/เดือน/ปี เช่น 30/09/2569",
                "Write the day first: day/month/year, such as 30/09/2569",
            ),
        )
    try:
        return date(common, month, int(day_text)), written
    except ValueError:
        raise DateFault(
            Text(
                f"ปี {year} ไม่มีวันที่ {day_text} เดือน {month}",
                f"The year {year} has no day {day_text} in month {month}",
            ),
            Text("ตรวจจากต้นขั้ว แล้วใส่วันที่ที่มีจริง", "Check the counterfoil and give a day that exists"),
        ) from None


def _century(year: int) -> int:
    return 2000 if year < _CENTURY_ENDS else 1900


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    month = _MONTH_NUMBERS.get(text.replace(".", "").replace(" ", "").casefold())
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


@lru_cache(maxsize=4096)  # A file has the same days again and again.
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
