"""A cell with a date: its era, the order of day and month, and years that a spreadsheet has changed."""

import re
from datetime import date

from keys.catalog import Text
from keys.dates import BUDDHIST_OFFSET, show_date
from keys.text import fold_digits
from registry.intake.eras import ColumnEra
from registry.intake.told import LOOK, Told
from registry.terms import DateFault, Era, is_moment, month_and_day, read_day

_NO_DAY = re.compile(r"0{1,4}([-/.])0{1,2}\1(?:0{4}|0{1,2})(?:[ T]00:00(?::00)?)?")
_MONTHS = 12
_LONGEST_DAY = 16  # A moment with its offset has more characters.
# From the common year that two digits were taken for to the Buddhist year that they meant.
_CUT_YEARS = 57
_NEAR_YEARS = 10


def settle_day(name: str, column: ColumnEra, told: Told, today: date) -> None:
    """Turn the text of a date into one that its column's era makes certain, and tell what may be meant otherwise."""
    text = told.raw[name]
    if text[0] in "0๐" and _NO_DAY.fullmatch(fold_digits(text).strip()):
        del told.raw[name]
        told.warn(name, Text("วันที่ศูนย์ ถือว่าเว้นว่าง", "A date of zeros is taken as empty"), LOOK)
        return
    try:
        day, written = read_day(text, column.era or Era.BUDDHIST)
    except DateFault:
        return  # The rules of the type say what is wrong with it.
    if column.is_month_first and _reads_both_ways(text):
        told.fault(name, *_CHANGED_PLACES)
    elif written is None and column.era is None:
        told.fault(name, *_WHICH_ERA)
    elif written is None:
        _tell_other_era(name, column, day, told, today)
        told.raw[name] = day.isoformat()
    elif column.is_mixed and written is not column.era:
        era = Text("พ.ศ.", "Buddhist") if written is Era.BUDDHIST else Text("ค.ศ.", "Common Era")
        what = Text(
            f"เป็นปี {era.th} ต่างจากส่วนใหญ่ของคอลัมน์ อ่านเป็น {day.isoformat()}",
            f"A {era.en} year, unlike most of the column; read as {day.isoformat()}",
        )
        told.warn(name, what, LOOK)
    if written is Era.COMMON or day.year > today.year + _NEAR_YEARS:
        _tell_odd_day(name, text, day, told, today, is_common=written is Era.COMMON)


def _tell_other_era(name: str, column: ColumnEra, day: date, told: Told, today: date) -> None:
    """Warn of two digits beside years of four whose other reading is of these years, as 26 among 2569 and 68."""
    other = day.year + (_CUT_YEARS if column.era is Era.COMMON else -_CUT_YEARS + 100)
    if (column.buddhist or column.common) and abs(other - today.year) <= _NEAR_YEARS < abs(
        day.year - today.year
    ):
        what = Text(
            f"ปีสองหลักนี้อ่านเป็น พ.ศ. {day.year + BUDDHIST_OFFSET} (ค.ศ. {day.year}) แต่อาจหมายถึง ค.ศ. {other}",
            f"Two digits, read as {day.year}; they may mean {other}",
        )
        told.warn(name, what, Text("พิมพ์ปีสี่หลัก", "Type all four digits of the year"))


def _reads_both_ways(text: str) -> bool:
    first, second = month_and_day(text) or (0, 0)
    return first != second and max(first, second) <= _MONTHS


_CHANGED_PLACES = (
    Text(
        "วันกับเดือนอาจสลับกัน เพราะแถวอื่นของคอลัมน์นี้มีเดือนมาก่อน",
        "Day and month may have changed places: other rows have the month first",
    ),
    Text(
        "พิมพ์ทั้งคอลัมน์เป็น วัน/เดือน/ปี หรือ ปี-เดือน-วัน",
        "Write the whole column as day/month/year, or year-month-day",
    ),
)
_WHICH_ERA = (
    Text("ปีสองหลักนี้อาจเป็น พ.ศ. หรือ ค.ศ.", "This year of two digits may be Buddhist or Common Era"),
    Text(
        "พิมพ์ปีสี่หลัก หรือระบุศักราชของคอลัมน์นี้เมื่อจับคู่คอลัมน์",
        "Write four digits, or state the column's era where columns are said",
    ),
)


def _tell_odd_day(name: str, text: str, day: date, told: Told, today: date, *, is_common: bool) -> None:
    ahead = _NEAR_YEARS if name == "valid_until" else 1
    if len(text) > _LONGEST_DAY and is_moment(text) and day.isoformat() != text.strip()[:10]:
        what = Text(
            f"ตามเวลาประเทศไทยเป็นวันที่ {show_date(day, 'th')}",
            f"In Thailand it was {show_date(day, 'en')} then",
        )
        told.warn(name, what, LOOK)
    elif day.year > today.year + _NEAR_YEARS and name != "valid_until":
        told.warn(
            name, Text(f"ปี {day.year + BUDDHIST_OFFSET} อยู่ไกลในอนาคต", f"{day.year} is far ahead"), LOOK
        )
    elif is_common and -_NEAR_YEARS <= day.year + _CUT_YEARS - today.year <= ahead:
        _tell_cut_year(name, day, told)


def _tell_cut_year(name: str, day: date, told: Told) -> None:
    # A spreadsheet makes 1969 of the 69 that a person typed for 2569.
    short = day.year % 100
    what = Text(
        f"ค.ศ. {day.year} อาจมาจากการพิมพ์ปีย่อ {short} ที่หมายถึง พ.ศ. 25{short}",
        f"{day.year} may have been typed as {short}, meaning B.E. 25{short}",
    )
    told.warn(name, what, Text("ถ้าใช่ พิมพ์ปีสี่หลัก", "If so, type all four digits of the year"))
