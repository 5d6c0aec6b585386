"""Dates and moments as people read them, Thai with Buddhist years, English with common ones."""

from datetime import date, datetime

from keys.dates import BANGKOK
from registry.terms import BUDDHIST_OFFSET, MONTHS

_ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์")
_ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def show_day(day: date, language: str, *, short: bool = False) -> str:
    """A date: `11 มกราคม 2570`, in tight places `11 ม.ค. 2570`; `11 January 2027`, `11 Jan 2027`."""
    if language == "en":
        month = _ENGLISH_MONTHS[day.month - 1]
        return f"{day.day} {month[:3] if short else month} {day.year}"
    return f"{day.day} {MONTHS[day.month - 1][short]} {day.year + BUDDHIST_OFFSET}"


def show_weekday(day: date, language: str) -> str:
    """A date with its day of the week, for the head of a page."""
    if language == "en":
        return f"{_ENGLISH_WEEKDAYS[day.weekday()]}, {show_day(day, language)}"
    return f"วัน{_WEEKDAYS[day.weekday()]}ที่ {show_day(day, language)}"


def show_moment(at: datetime, language: str) -> str:
    """A moment in Bangkok: `22 พ.ย. 2569 14:32 น.`."""
    there = at.astimezone(BANGKOK)
    clock = f"{there:%H:%M}"
    day = show_day(there.date(), language, short=True)
    return f"{day} {clock}" if language == "en" else f"{day} {clock} น."


def type_day(day: date, language: str) -> str:
    """A date as a form shows it and takes it back: `30/09/2569`, in English `30/09/2026`."""
    year = day.year if language == "en" else day.year + BUDDHIST_OFFSET
    return f"{day.day:02d}/{day.month:02d}/{year}"
