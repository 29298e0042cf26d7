"""Days on which a product that sells nearly every day sold nothing for so long that its shelf was probably empty.

For shops without a record of stock. Only on request, because it guesses: a quiet week must never be taken for an empty
shelf, so a run counts only when chance would make it once in a hundred thousand.
"""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.demand.panel import KEY, Counts, Flags, build_panel

SHORTEST_RUN_DAYS = 3
LONGEST_RUN_DAYS = 60  # longer ones are pauses and seasons, not an empty shelf
AROUND_DAYS = 56
FEWEST_AROUND_DAYS = 28
CHANCE = 1e-5


def mark_likely_stockouts(*, history: pl.DataFrame) -> pl.DataFrame:
    """`history` with `in_stock` false on days that were probably out of stock; what it says already stays.

    A run of three to sixty days without a sale is marked when, by the share of days with a sale in the eight weeks
    before and after, chance would leave such a run empty less than once in 100,000; and when sales came back after it
    (a product that stopped for good is no stock-out). Days on which the whole place sold nothing are not marked. Marked
    days without a row get one, with no units. Raises InvalidFrame.
    """
    history = frames.require(table=history, contract=frames.HISTORY)
    if history.height == 0:
        return history
    panel = build_panel(history=history, known_future=None, horizon_days=0)
    idle = _idle_days(units=panel.units, place=panel.keys["place"].rank("dense").to_numpy().astype(np.int64))
    rows, days = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for row in np.flatnonzero((panel.units > 0).sum(axis=1) >= FEWEST_AROUND_DAYS):
        told = panel.known[row] & ~idle[row]
        found = _empty_days(sold=panel.units[row] > 0, told=told)
        rows.append(np.full(found.size, row))
        days.append(found)
    series, day = np.concatenate(rows), np.concatenate(days)
    first = panel.last_date - timedelta(days=panel.days - 1)
    marked = panel.keys[series].with_columns(
        date=pl.Series([first + timedelta(days=int(number)) for number in day], dtype=pl.Date),
        marked=pl.lit(value=False),
    )
    whole = history.join(marked, on=[*KEY, "date"], how="full", coalesce=True)
    return (
        whole.with_columns(pl.coalesce("in_stock", "marked").alias("in_stock"), pl.col("units").fill_null(0.0))
        .select(history.columns)
        .sort(*KEY, "date")
    )


def _idle_days(*, units: np.ndarray[tuple[int, int], np.dtype[np.float64]], place: Counts) -> Flags:
    """(series, days): days on which the series' whole place sold nothing."""
    out = np.zeros(units.shape, dtype=np.bool_)
    for number in np.unique(place):
        mine = place == number
        if mine.sum() > 1:
            out[mine] = units[mine].sum(axis=0) == 0
    return out


def _empty_days(*, sold: Flags, told: Flags) -> Counts:
    """Days of runs without a sale that chance does not explain."""
    sales = np.flatnonzero(sold & told)
    found = []
    for before, after in pairwise(sales.tolist()):
        run = np.arange(before + 1, after)
        run = run[told[run]]
        if not SHORTEST_RUN_DAYS <= run.size <= LONGEST_RUN_DAYS:
            continue
        near = np.zeros(sold.size, dtype=np.bool_)
        near[max(0, before + 1 - AROUND_DAYS) : before + 1] = True
        near[after : after + AROUND_DAYS] = True
        near &= told
        days = int(near.sum())
        without = (days - int((sold & near).sum()) + 1) / (days + 2)
        if days >= FEWEST_AROUND_DAYS and without**run.size < CHANCE:
            found.append(run)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
