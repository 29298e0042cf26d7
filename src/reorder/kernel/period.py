"""A half-open period of days: the first day belongs to it, the end day does not."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from reorder.kernel.errors import BadInput


class BadPeriod(BadInput):
    code = "period.bad"
    template = "a period cannot end on {end} before it starts on {start}"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start_date` up to, not including, `end_date`."""

    start_date: dt.date
    end_date: dt.date

    def __post_init__(self) -> None:
        if self.end_date < self.start_date:
            raise BadPeriod(start=self.start_date, end=self.end_date)

    @property
    def days(self) -> int:
        return (self.end_date - self.start_date).days

    def __contains__(self, day: dt.date) -> bool:
        return self.start_date <= day < self.end_date

    def __iter__(self) -> Iterator[dt.date]:
        return (self.start_date + dt.timedelta(days=n) for n in range(self.days))

    def overlaps(self, other: "Period") -> bool:
        """Whether the two periods share at least one day."""
        return self.start_date < other.end_date and other.start_date < self.end_date
