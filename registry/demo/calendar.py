"""When things happened in the demonstration register: working days before its `as_of`, Bangkok time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from keys.dates import BANGKOK, bangkok_date

_AGE = timedelta(days=548)
_BLOCK_DAYS = 28
_SATURDAY = 5


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """The aware UTC moment of a time of day in Bangkok."""
    return datetime.combine(day, time(hour, minute), BANGKOK).astimezone(UTC)


def working_day(day: date) -> date:
    """`day`, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that everything is dated by: today in Bangkok and the founding, about 18 months before."""

    today: date
    founded: date

    @classmethod
    def of(cls, as_of: datetime) -> "Calendar":
        """The calendar of a register whose content ends at `as_of`.

        Keys are made for the year of the founding and the next, so it is founded in the year before.
        """
        today = bangkok_date(as_of)
        founded = max(today - _AGE, date(today.year - 1, 1, 3))
        while founded.weekday() >= _SATURDAY:
            founded += timedelta(days=1)
        return cls(today, founded)

    def ago(self, days: int) -> date:
        """The working day at or shortly before `days` days ago."""
        return working_day(self.today - timedelta(days=days))

    def joined(self, joins: int) -> datetime:
        """When an agency joined that did so `joins` days after the founding."""
        return moment(self.founded + timedelta(days=joins), 10)

    def turn_of_year(self) -> datetime:
        """The first second of this year, when the keys of the last one retire."""
        return moment(date(self.today.year, 1, 1), 0)

    def entry_of(self, start: date, joins: int) -> datetime:
        """When an agency entered a license that began on `start`: with the next monthly block.

        What had begun when it joined was taken over on that day; what has not begun yet came last.
        """
        first = self.founded + timedelta(days=joins)
        last = max(first, self.ago(2))
        if start <= first:
            return moment(first, 12)
        blocks = -(-(start - first).days // _BLOCK_DAYS)
        return moment(min(first + timedelta(days=blocks * _BLOCK_DAYS), last), 13)
