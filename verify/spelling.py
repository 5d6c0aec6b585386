"""How dates, moments and ages are written: Buddhist era in Thai, Common Era in English."""

from datetime import datetime, timedelta

from keys.dates import BANGKOK, NO_BREAK, show_date

_UNITS = (
    (timedelta(days=2), timedelta(days=1), "วัน", "days"),
    (timedelta(hours=2), timedelta(hours=1), "ชั่วโมง", "hours"),
    (timedelta(minutes=2), timedelta(minutes=1), "นาที", "minutes"),
)


def show_moment(at: datetime, language: str) -> str:
    """Day and time in Bangkok: `22 พ.ย. 2569 เวลา 14:32 น.`, `22 Nov 2026, 14:32`."""
    local = at.astimezone(BANGKOK)
    day, time = show_date(local.date(), language, short=True), f"{local:%H:%M}"
    return f"{day}, {time}" if language == "en" else f"{day} เวลา {time}{NO_BREAK}น."


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
