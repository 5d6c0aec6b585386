"""How dates, moments and ages are written: Buddhist era in Thai, Common Era in English."""

from datetime import date, datetime, timedelta

from keys.dates import BANGKOK

_BUDDHIST_ERA = 543
_NBSP = "\u00a0"
_MONTHS_TH = [
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
]
_SHORT_TH = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
_MONTHS_EN = [
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
]
_UNITS = (
    (timedelta(days=2), timedelta(days=1), "วัน", "days"),
    (timedelta(hours=2), timedelta(hours=1), "ชั่วโมง", "hours"),
    (timedelta(minutes=2), timedelta(minutes=1), "นาที", "minutes"),
)


def show_date(day: date, language: str, *, short: bool = False) -> str:
    """`11 มกราคม 2570`, short `11 ม.ค. 2570`; `11 January 2027`, short `11 Jan 2027`.

    The blanks are NO-BREAK SPACE, so that a line never ends inside a date.
    """
    if language == "en":
        month = _MONTHS_EN[day.month - 1]
        return f"{day.day}{_NBSP}{month[:3] if short else month}{_NBSP}{day.year}"
    months = _SHORT_TH if short else _MONTHS_TH
    return f"{day.day}{_NBSP}{months[day.month - 1]}{_NBSP}{day.year + _BUDDHIST_ERA}"


def show_moment(at: datetime, language: str) -> str:
    """Day and time in Bangkok: `22 พ.ย. 2569 เวลา 14:32 น.`, `22 Nov 2026, 14:32`."""
    local = at.astimezone(BANGKOK)
    day, time = show_date(local.date(), language, short=True), f"{local:%H:%M}"
    return f"{day}, {time}" if language == "en" else f"{day} เวลา {time}{_NBSP}น."


def show_age(age: timedelta, language: str) -> str:
    """How old: `31 ชั่วโมง`, `2 minutes`; under a minute and behind the clock, `ไม่ถึง 1 นาที`."""
    english = language == "en"
    for least, unit, thai, name in _UNITS:
        if age >= least:
            return f"{age // unit} {name if english else thai}"
    if age >= timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} {'minutes' if english else 'นาที'}"
    if age >= timedelta(minutes=1):
        return "1 minute" if english else "1 นาที"
    return "less than a minute" if english else "ไม่ถึง 1 นาที"
