"""Demand history as dense matrices: one row a series, one column a day, the last column the last day of all history.

A day without a row between a series' first day and the last day is a true zero; a day out of stock tells nothing
about demand (sales are not demand), nor does a day on which the place was closed: `known == False`, no weight anywhere.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine import frames

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

# Two years to learn from and, for the first of their days, one to look back on; older days cost only memory.
HISTORY_DAYS = 1092
KEY = ["sku", "place"]
OPEN_COLUMN = "is_open"
CATEGORY_COLUMN = "category"
FEWEST_AGREEING_ROWS = 3
_CONTRACT_COLUMNS = set(frames.HISTORY.columns)


@dataclass(frozen=True, slots=True)
class Regressors:
    """Columns known ahead; `values` is (columns, series, days + horizon), NaN where unknown.

    A text holds the position of its word in `labels` + 1, and 0 for nothing; `labels` is empty for a number. `fixed`
    says that a column never changes within a series, as a category does not.
    """

    names: tuple[str, ...]
    categorical: tuple[bool, ...]
    values: npt.NDArray[np.float32]
    labels: tuple[tuple[str, ...], ...] = ()
    fixed: tuple[bool, ...] = ()


def without_columns(regressors: Regressors, *, names: Collection[str]) -> Regressors:
    """The other columns."""
    kept = [position for position, name in enumerate(regressors.names) if name not in names]
    return Regressors(
        names=tuple(regressors.names[position] for position in kept),
        categorical=tuple(regressors.categorical[position] for position in kept),
        values=regressors.values[kept],
        labels=tuple(regressors.labels[position] for position in kept),
        fixed=tuple(regressors.fixed[position] for position in kept),
    )


@dataclass(frozen=True, slots=True)
class Panel:
    """The matrices of all series.

    `units` and `known` are (series, days); `age_days` counts the days since each series' first row, the last day
    included (0 for a product without history). `closed` is (series, days + horizon): days on which nothing can sell.
    """

    keys: pl.DataFrame
    last_date: date
    horizon_days: int
    units: Floats
    known: Flags
    age_days: Counts
    regressors: Regressors
    closed: Flags

    @property
    def series_count(self) -> int:
        """How many series there are."""
        return int(self.units.shape[0])

    @property
    def days(self) -> int:
        """How many days of history the matrices hold."""
        return int(self.units.shape[1])

    def of_series(self, rows: Counts) -> "Panel":
        """The panel of some series only, `rows` their positions."""
        return replace(
            self,
            keys=self.keys[rows],
            units=self.units[rows],
            known=self.known[rows],
            age_days=self.age_days[rows],
            regressors=replace(self.regressors, values=self.regressors.values[:, rows]),
            closed=self.closed[rows],
        )


def build_panel(*, history: pl.DataFrame, known_future: pl.DataFrame | None, horizon_days: int) -> Panel:
    """Dense matrices from a history frame; series that only `known_future` names come without history.

    Raises InvalidFrame when a frame breaks its contract or when the two disagree about the known-future columns.
    """
    history = frames.require(table=history, contract=frames.HISTORY)
    future = _future(history=history, known_future=known_future)
    keys = pl.concat([history.select(KEY), future.select(KEY)]).unique().sort(KEY)
    numbered = keys.with_row_index("series")
    history = history.join(numbered, on=KEY, how="left").drop("sku")  # names are long, and there are millions of rows
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
    recent = history.filter(pl.col("date") > last - timedelta(days=days)) if days == HISTORY_DAYS else history
    rows, columns = _cells(recent, last=last, days=days)
    units = np.zeros((keys.height, days))
    units[rows, columns] = recent["units"].to_numpy()
    known = np.arange(days)[None, :] >= days - age_days[:, None]
    out_of_stock = (~recent["in_stock"].fill_null(value=True)).to_numpy()
    known[rows[out_of_stock], columns[out_of_stock]] = False
    future = future.join(numbered, on=KEY, how="left").filter(
        (pl.col("date") > last) & (pl.col("date") <= last + timedelta(days=horizon_days))
    )
    closed = np.zeros((keys.height, days + horizon_days), dtype=np.bool_)
    both = _both(recent=recent, future=future)
    if both is not None and OPEN_COLUMN in both.columns:
        closed = _closed(both=both, shape=closed.shape, days=days, last=last, keys=keys)
    known &= ~closed[:, :days]
    units[~known] = 0.0
    regressors = _regressors(both=both, keys=keys, days=days, horizon_days=horizon_days, last=last)
    return Panel(
        keys=keys,
        last_date=last,
        horizon_days=horizon_days,
        units=units,
        known=known,
        age_days=age_days,
        regressors=regressors,
        closed=closed,
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
        closed=np.zeros((0, horizon_days), dtype=np.bool_),
    )


def _future(*, history: pl.DataFrame, known_future: pl.DataFrame | None) -> pl.DataFrame:
    """The checked future; without one only closed days are read, because other future values would be guesses."""
    if known_future is None:
        return history.select(*KEY, "date", *({OPEN_COLUMN} & {*history.columns})).clear()
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


def _both(*, recent: pl.DataFrame, future: pl.DataFrame) -> pl.DataFrame | None:
    """Past and future rows of the known-future columns; None when there are none."""
    names = sorted(set(future.columns) - _CONTRACT_COLUMNS - {"series"})
    if not names:
        return None
    wanted = ["series", "place", "date", *names]
    return pl.concat([recent.select(wanted), future.select(wanted)], how="vertical_relaxed")


def _closed(*, both: pl.DataFrame, shape: tuple[int, int], days: int, last: date, keys: pl.DataFrame) -> Flags:
    """Where `is_open` is false; a day without a row is closed when every row of the place says so."""
    if both[OPEN_COLUMN].dtype not in {pl.Boolean, pl.Null}:
        raise frames.InvalidFrame(
            frame="history",
            column=OPEN_COLUMN,
            row=None,
            reason=f"has type {both[OPEN_COLUMN].dtype}, not true or false",
        )
    matrix = np.full(shape, np.nan, dtype=np.float32)
    rows, columns = _cells(both, last=last, days=days)
    matrix[rows, columns] = both[OPEN_COLUMN].cast(pl.Float32).to_numpy()
    _agree(matrix, keys=keys, fewest_rows=1)
    return np.asarray(matrix == 0)


def _regressors(
    *, both: pl.DataFrame | None, keys: pl.DataFrame, days: int, horizon_days: int, last: date
) -> Regressors:
    names = (
        [name for name in both.columns if name not in {"series", "place", "date", OPEN_COLUMN}]
        if both is not None
        else []
    )
    values = np.full((len(names), keys.height, days + horizon_days), np.nan, dtype=np.float32)
    if both is None:
        return Regressors((), (), values)
    rows, columns = _cells(both, last=last, days=days)
    categorical, labels, fixed = [], [], []
    for position, name in enumerate(names):
        column = both[name]
        textual = not (column.dtype.is_numeric() or column.dtype == pl.Boolean)
        alike = _is_fixed(both, name=name)
        words: tuple[str, ...] = ()
        if textual:
            column = _as_text(column)
            words = tuple(column.drop_nulls().unique().sort())
            column = column.rank("dense")
        values[position, rows, columns] = column.cast(pl.Float32).to_numpy()
        if textual and not alike:
            # A row without a word says that nothing special was on.
            empty = column.is_null().to_numpy()
            values[position, rows[empty], columns[empty]] = 0.0
            _agree(values[position], keys=keys, fewest_rows=FEWEST_AGREEING_ROWS)
            np.nan_to_num(values[position], copy=False)
        elif textual or column.dtype.is_float():
            values[position][np.isinf(values[position])] = np.nan  # a number that cannot be: the last one lasts
            _carry_forward(values[position])
        else:
            np.nan_to_num(values[position], copy=False)
        categorical.append(textual)
        labels.append(words)
        fixed.append(alike)
    return Regressors(tuple(names), tuple(categorical), values, tuple(labels), tuple(fixed))


def _as_text(column: pl.Series) -> pl.Series:
    """Words of a cell as one text; several (a list) are kept apart by a line break, an empty text is none."""
    if isinstance(column.dtype, pl.List):
        column = (
            column.list.eval(pl.element().cast(pl.String)).list.drop_nulls().list.unique().list.sort().list.join("\n")
        )
    column = column.cast(pl.String)
    return column.set(column == "", None)


def _is_fixed(both: pl.DataFrame, *, name: str) -> bool:
    """Whether a column says the same in every row of a series (a category may be left out in some)."""
    if isinstance(both.schema[name], pl.List):
        return False
    column = pl.col(name)
    if name == CATEGORY_COLUMN:
        return True
    told = both.group_by("series").agg(low=column.min(), high=column.max(), gaps=column.null_count(), rows=pl.len())
    alike = (pl.col("gaps") == pl.col("rows")) | ((pl.col("low") == pl.col("high")) & (pl.col("gaps") == 0))
    return bool(told.select(alike.all() & (pl.col("gaps") == 0).any()).item())


def _agree(matrix: npt.NDArray[np.float32], *, keys: pl.DataFrame, fewest_rows: int) -> None:
    """Days without a row take what every row of that place and day says, if there are enough.

    A history leaves out the days on which a product did not sell, but the festival was on for it as well.
    """
    place = keys["place"].rank("dense").to_numpy()
    for number in np.unique(place):
        mine = np.flatnonzero(place == number)
        part = matrix[mine]
        low, high = np.fmin.reduce(part, axis=0), np.fmax.reduce(part, axis=0)
        agreed = (low == high) & (np.isfinite(part).sum(axis=0) >= fewest_rows)
        matrix[mine] = np.where(np.isnan(part) & agreed, low, part)


def _carry_forward(matrix: npt.NDArray[np.float32]) -> None:
    """Prices and names last until the next row says otherwise; flags and counts (whole numbers) do not."""
    for column in range(1, matrix.shape[1]):
        gap = np.isnan(matrix[:, column])
        matrix[gap, column] = matrix[gap, column - 1]
