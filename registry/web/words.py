"""Dates and moments as people read them, Thai with Buddhist years, English with common ones."""

from datetime import date, datetime

from keys.dates import BANGKOK, BUDDHIST_OFFSET, show_date

_WEEKDAYS = ("จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์")
_ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def show_weekday(day: date, language: str) -> str:
    """A date with its day of the week, for the head of a page."""
    if language == "en":
        return f"{_ENGLISH_WEEKDAYS[day.weekday()]}, {show_date(day, language)}"
    return f"วัน{_WEEKDAYS[day.weekday()]}ที่ {show_date(day, language)}"


def show_moment(at: datetime, language: str) -> str:
    """A moment in Bangkok: `22 พ.ย. 2569 14:32 น.`."""
    there = at.astimezone(BANGKOK)
    clock = f"{there:%H:%M}"
    day = show_date(there.date(), language, short=True)
    return f"{day} {clock}" if language == "en" else f"{day} {clock} น."


def type_day(day: date, language: str) -> str:
    """A date as a form shows it and takes it back: `30/09/2569`, in English `30/09/2026`."""
    year = day.year if language == "en" else day.year + BUDDHIST_OFFSET
    return f"{day.day:02d}/{day.month:02d}/{year}"
