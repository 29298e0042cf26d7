"""One giant order (a typing error of a million units) must not drag a forecast: it counts as the busiest usual day.

A day is giant when it is many times the series' own 99 % day; days with a promotion or event may be more. The raw
history stays as it is.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl

from reorder.engine.demand.drivers import Driver, driver_values, find_drivers
from reorder.engine.demand.panel import KEY, Counts, Flags, Floats, Panel, build_panel

# How many times the 99 % selling day is giant, by the number of selling days: the fewer, the less is known of size.
MULTIPLES = ((30, 10.0), (5, 30.0), (2, 100.0))
EVENT_MULTIPLE = 5.0  # a day with a promotion or event may sell this many times more
USUAL_SHARE = 0.99
SUSPECT_MULTIPLE = 5.0  # of the mean of the other selling days: below it nothing can be giant


@dataclass(frozen=True, slots=True)
class Giants:
    """Days cut: positions of series and day, the units sold and the units they count as."""

    series: Counts
    day: Counts
    units: Floats
    counted: Floats


def cap_outliers(*, history: pl.DataFrame) -> pl.DataFrame:
    """The days of a history frame that `forecast` counts as less: sku, place, date, units, counted_units.

    Raises InvalidFrame.
    """
    known = [name for name in history.columns if name != "units"] if isinstance(history, pl.DataFrame) else []
    future = history.select(known).clear() if {*KEY, "date"} <= {*known} else None
    panel = build_panel(history=history, known_future=future, horizon_days=0)
    giants = find_giants(panel=panel)
    first = panel.last_date - timedelta(days=panel.days - 1)
    return panel.keys[giants.series].with_columns(
        date=pl.Series([first + timedelta(days=int(day)) for day in giants.day], dtype=pl.Date),
        units=pl.Series(giants.units),
        counted_units=pl.Series(giants.counted),
    )


def cut_giants(*, panel: Panel) -> tuple[Panel, Giants]:
    """The panel with giant days cut, and which they were."""
    giants = find_giants(panel=panel)
    if not giants.series.size:
        return panel, giants
    units = panel.units.copy()
    units[giants.series, giants.day] = giants.counted
    return replace(panel, units=units), giants


def find_giants(*, panel: Panel) -> Giants:
    """Days of more than ten times the series' 99 % selling day (30 or 100 times where few days sold)."""
    nobody = np.zeros(0, dtype=np.int64)
    nothing = Giants(series=nobody, day=nobody, units=np.zeros(0), counted=np.zeros(0))
    if panel.series_count == 0 or panel.days == 0:
        return nothing
    units = panel.units * panel.known
    count, largest = (units > 0).sum(axis=1), units.max(axis=1)
    others = (units.sum(axis=1) - largest) / np.maximum(count - 1, 1)
    suspects = np.flatnonzero((count >= MULTIPLES[-1][0]) & (largest > SUSPECT_MULTIPLE * others))
    if not suspects.size:
        return nothing
    usual, multiple = _usual(units=units[suspects])
    limit = (usual * multiple)[:, None] * np.where(_is_special(panel=panel, rows=suspects), EVENT_MULTIPLE, 1.0)
    row, day = np.nonzero(units[suspects] > limit)
    return Giants(series=suspects[row], day=day, units=units[suspects][row, day], counted=usual[row])


def _usual(*, units: Floats) -> tuple[Floats, Floats]:
    """The 99 % selling day of each row, and how many times it is giant.

    With few selling days the 99 % day is the largest but one (but two from thirty on), so that it is not the giant.
    """
    ordered = np.sort(units, axis=1)
    count = (units > 0).sum(axis=1)
    above = np.where(count >= MULTIPLES[0][0], 2, 1)
    above = np.maximum(above, count - 1 - np.floor(USUAL_SHARE * (count - 1)).astype(np.int64))
    multiple = np.select([count >= least for least, _ in MULTIPLES], [times for _, times in MULTIPLES], default=np.inf)
    return ordered[np.arange(units.shape[0]), units.shape[1] - 1 - above], multiple


def _is_special(*, panel: Panel, rows: Counts) -> Flags:
    """Days of some series on which an event, promotion or other flag was on."""
    out = np.zeros((rows.size, panel.days), dtype=np.bool_)
    for driver in find_drivers(panel=panel):
        if driver.is_switch:
            _mark(out, panel=panel, driver=driver, rows=rows)
    return out


def _mark(out: Flags, *, panel: Panel, driver: Driver, rows: Counts) -> None:
    days = driver.days[driver.days < panel.days]
    for position, row in enumerate(rows):
        x = driver_values(panel=panel, driver=driver, rows=slice(row, row + 1), days=days, end=panel.days)
        out[position, days] |= x[0] > 0
