"""Moments and days: aware UTC for the one, plain dates read in Asia/Bangkok for the other."""

from datetime import UTC, date, datetime, timedelta, timezone

from keys.errors import Malformed

# Thailand has kept UTC+7 without daylight saving since 1920, so no time zone table is needed.
BANGKOK = timezone(timedelta(hours=7), "Asia/Bangkok")
_EPOCH = date(1970, 1, 1)
BUDDHIST_OFFSET = 543
NO_BREAK = "\u00a0"
# Thai, Thai in tight places, English.
MONTHS = (
    ("มกราคม", "ม.ค.", "January"),
    ("กุมภาพันธ์", "ก.พ.", "February"),
    ("มีนาคม", "มี.ค.", "March"),
    ("เมษายน", "เม.ย.", "April"),
    ("พฤษภาคม", "พ.ค.", "May"),
    ("มิถุนายน", "มิ.ย.", "June"),
    ("กรกฎาคม", "ก.ค.", "July"),
    ("สิงหาคม", "ส.ค.", "August"),
    ("กันยายน", "ก.ย.", "September"),
    ("ตุลาคม", "ต.ค.", "October"),
    ("พฤศจิกายน", "พ.ย.", "November"),
    ("ธันวาคม", "ธ.ค.", "December"),
)


def bangkok_date(at: datetime) -> date:
    """The day in Bangkok at the aware moment `at`."""
    if at.tzinfo is None:
        raise ValueError("a moment must be aware")
    return at.astimezone(BANGKOK).date()


def to_days(day: date) -> int:
    """Days since 1970-01-01, as RFC 8943 counts them; negative before."""
    return (day - _EPOCH).days


def from_days(days: int) -> date:
    """The date `days` after 1970-01-01; raises `Malformed` beyond the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(days=days)
    except OverflowError as error:
        raise Malformed(f"{days} days lie beyond the calendar") from error


def parse_date(text: str) -> date:
    """The date of an ISO 8601 `YYYY-MM-DD`, in that one spelling; raises `Malformed`."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("not a date") from error
    if day.isoformat() != text:
        raise Malformed("a date is written YYYY-MM-DD")
    return day


def to_seconds(at: datetime) -> int:
    """Whole seconds since 1970-01-01T00:00:00Z of an aware moment."""
    return int(at.timestamp())


def from_seconds(seconds: int) -> datetime:
    """The aware UTC moment of whole seconds since 1970; raises `Malformed` beyond the calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Malformed(f"{seconds} seconds lie beyond the calendar") from error


def show_date(day: date, language: str, *, short: bool = False) -> str:
    """`11 มกราคม 2570`, short `11 ม.ค. 2570`; in English `11 January 2027`, short `11 Jan 2027`.

    Thai has Buddhist years, English common ones.  The blanks are NO-BREAK SPACE, so that a line never
    ends inside a date.
    """
    thai, tight, english = MONTHS[day.month - 1]
    if language == "en":
        return NO_BREAK.join((str(day.day), english[:3] if short else english, str(day.year)))
    return NO_BREAK.join((str(day.day), tight if short else thai, str(day.year + BUDDHIST_OFFSET)))
