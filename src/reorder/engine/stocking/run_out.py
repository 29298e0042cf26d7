"""When stock runs out: expected demand added up day by day against stock and arrivals, with an early and a late day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from reorder.engine.stocking.outlook import TAIL_DAYS

LONGEST_DAYS: Final = 365
# 80 of 100 times the day lies between the early and the late one.
_Z_90: Final = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class RunOut:
    """`expected_date` is the first day that ends with nothing left if demand is as expected.

    On `early_date` that happens if demand is as high as one time in ten, on `late_date` if it is as low; None: not
    within a year.
    """

    expected_date: date | None
    early_date: date | None
    late_date: date | None


def foresee_run_out(
    *,
    free_units: float,
    arrivals: Mapping[date, float],
    mean_units: Sequence[float],
    deviation_units: Sequence[float],
    first_date: date,
) -> RunOut:
    """The days on which stock of one place ends.

    `free_units` are on hand and promised to nobody, `arrivals` the units expected by day (those before `first_date`
    count on it). `mean_units` and `deviation_units` are demand a day from `first_date` on; beyond them the last week
    goes on. Days are taken as independent of each other, their sum as normal.
    """
    if not mean_units or sum(mean_units) <= 0:
        return RunOut(None, None, None)
    found: list[date | None] = [None, None, None]
    expected = variance = 0.0
    stock = free_units + sum(units for day, units in arrivals.items() if day < first_date)
    tail = slice(-TAIL_DAYS, None)
    rate = sum(mean_units[tail]) / len(mean_units[tail])
    spread = sum(value**2 for value in deviation_units[tail]) / len(deviation_units[tail])
    for number in range(LONGEST_DAYS):
        day = first_date + timedelta(days=number)
        stock += arrivals.get(day, 0.0)
        expected += mean_units[number] if number < len(mean_units) else rate
        variance += deviation_units[number] ** 2 if number < len(deviation_units) else spread
        reach = _Z_90 * variance**0.5
        for position, demand in enumerate((expected, expected + reach, expected - reach)):
            if found[position] is None and demand >= stock:
                found[position] = day
    return RunOut(*found)
