"""Demand history as dense matrices: one row a series, one column a day, the last column the last day of all history.

A day without a row between a series' first day and the last day is a true zero; a day marked out of stock tells
nothing about demand (sales are not demand), so it is `known == False` and carries no weight anywhere.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine import frames

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

# Two years hold every feature that is used (a year back from any day of the last year); older days cost only memory.
HISTORY_DAYS = 728
KEY = ["sku", "place"]
_CONTRACT_COLUMNS = set(frames.HISTORY.columns)


@dataclass(frozen=True, slots=True)
class Regressors:
    """Columns known ahead; `values` is (columns, series, days + horizon), NaN where unknown."""

    names: tuple[str, ...]
    categorical: tuple[bool, ...]
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Panel:
    """The matrices of all series.

    `units` and `known` are (series, days); `age_days` counts the days since each series' first row, the last day
    included (0 for a product without history).
    """

    keys: pl.DataFrame
    last_date: date
    horizon_days: int
    units: Floats
    known: Flags
    age_days: Counts
    regressors: Regressors

    @property
    def series_count(self) -> int:
        """How many series there are."""
        return int(self.units.shape[0])

    @property
    def days(self) -> int:
        """How many days of history the matrices hold."""
        return int(self.units.shape[1])


def build_panel(*, history: pl.DataFrame, known_future: pl.DataFrame | None, horizon_days: int) -> Panel:
    """Dense matrices from a history frame; series that only `known_future` names come without history.

    Raises InvalidFrame when a frame breaks its contract or when the two disagree about the known-future columns.
    """
    history = frames.require(table=history, contract=frames.HISTORY)
    future = _future(history=history, known_future=known_future)
    keys = pl.concat([history.select(KEY), future.select(KEY)]).unique().sort(KEY)
    numbered = keys.with_row_index("series")
    history = history.join(numbered, on=KEY, how="left")
    last = history["date"].max()
    first = history["date"].min()
    if not isinstance(last, date) or not isinstance(first, date):
        return _empty_panel(horizon_days=horizon_days)
    days = min((last - first).days + 1, HISTORY_DAYS)
    age_days = np.zeros(keys.height, dtype=np.int64)
    starts = history.group_by("series").agg(pl.col("date").min())
    age_days[starts["series"].to_numpy()] = (
        starts.select((pl.lit(last) - pl.col("date")).dt.total_days() + 1).to_series().to_numpy()
    )
    recent = history.filter(pl.col("date") > last - timedelta(days=days))
    rows, columns = _cells(recent, last=last, days=days)
    units = np.zeros((keys.height, days))
    units[rows, columns] = recent["units"].to_numpy()
    known = np.arange(days)[None, :] >= days - age_days[:, None]
    out_of_stock = (~recent["in_stock"].fill_null(value=True)).to_numpy()
    known[rows[out_of_stock], columns[out_of_stock]] = False
    units[~known] = 0.0
    future = future.join(numbered, on=KEY, how="left").filter(
        (pl.col("date") > last) & (pl.col("date") <= last + timedelta(days=horizon_days))
    )
    regressors = _regressors(
        recent=recent, future=future, series_count=keys.height, days=days, horizon_days=horizon_days, last=last
    )
    return Panel(
        keys=keys,
        last_date=last,
        horizon_days=horizon_days,
        units=units,
        known=known,
        age_days=age_days,
        regressors=regressors,
    )


def _empty_panel(*, horizon_days: int) -> Panel:
    return Panel(
        keys=pl.DataFrame(schema={"sku": pl.String, "place": pl.String}),
        last_date=date(1970, 1, 1),
        horizon_days=horizon_days,
        units=np.zeros((0, 0)),
        known=np.zeros((0, 0), dtype=np.bool_),
        age_days=np.zeros(0, dtype=np.int64),
        regressors=Regressors((), (), np.zeros((0, 0, horizon_days), dtype=np.float32)),
    )


def _future(*, history: pl.DataFrame, known_future: pl.DataFrame | None) -> pl.DataFrame:
    """The checked future; without one there are no regressors, because their future values would be guesses."""
    if known_future is None:
        return history.select(*KEY, "date").clear()
    future = frames.require(table=known_future, contract=frames.KNOWN_FUTURE)
    own = set(history.columns) - _CONTRACT_COLUMNS
    given = set(future.columns) - _CONTRACT_COLUMNS
    for name in sorted(own - given):
        raise frames.InvalidFrame(
            frame="known_future", column=name, row=None, reason="the column is in history, but missing here"
        )
    for name in sorted(given - own):
        raise frames.InvalidFrame(
            frame="history", column=name, row=None, reason="the column is in known_future, but missing here"
        )
    return future


def _cells(table: pl.DataFrame, *, last: date, days: int) -> tuple[Counts, Counts]:
    rows = table["series"].to_numpy().astype(np.int64)
    offsets = table.select((pl.col("date") - pl.lit(last)).dt.total_days()).to_series().to_numpy()
    return rows, offsets.astype(np.int64) + days - 1


def _regressors(
    *, recent: pl.DataFrame, future: pl.DataFrame, series_count: int, days: int, horizon_days: int, last: date
) -> Regressors:
    names = sorted(set(future.columns) - _CONTRACT_COLUMNS - {"series"})
    values = np.full((len(names), series_count, days + horizon_days), np.nan, dtype=np.float32)
    if not names:
        return Regressors((), (), values)
    both = pl.concat(
        [recent.select("series", "date", *names), future.select("series", "date", *names)], how="vertical_relaxed"
    )
    rows, columns = _cells(both, last=last, days=days)
    categorical = []
    for position, name in enumerate(names):
        column = both[name]
        textual = not (column.dtype.is_numeric() or column.dtype == pl.Boolean)
        categorical.append(textual)
        if textual:
            column = column.cast(pl.String).rank("dense")
        values[position, rows, columns] = column.cast(pl.Float32).to_numpy()
        if textual or column.dtype.is_float():
            _carry_forward(values[position])
        else:
            np.nan_to_num(values[position], copy=False)
    return Regressors(tuple(names), tuple(categorical), values)


def _carry_forward(matrix: npt.NDArray[np.float32]) -> None:
    """Prices and names last until the next row says otherwise; flags and counts (whole numbers) do not."""
    for column in range(1, matrix.shape[1]):
        gap = np.isnan(matrix[:, column])
        matrix[gap, column] = matrix[gap, column - 1]
