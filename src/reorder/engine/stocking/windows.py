"""Demand as arrays: a matrix of daily units and the weighted quantile of its sums over lead time plus review."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.leads import IntArray
from reorder.engine.stocking.textbook import FloatArray

HISTORY_DAYS = 364
HALF_LIFE_DAYS = 90
# The last weeks move the level of the year half of the way (in logarithms): a change that lasts is followed at once,
# chance only half. Chosen, with the half-life, on four draws of the open M5 series at three dates.
TREND_DAYS, TREND_SHARE, TREND_PRIOR_UNITS, MOST_TREND = 28, 0.5, 10.0, 2.0
# Windows longer than this overlap too much in a year to show a tail: longer spans are scaled up from this one.
LONGEST_WINDOW_DAYS = 60
# Rows computed together: their windows (12 lead times × 364 days) stay near the processor's cache.
ROWS_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class DemandMatrix:
    """Units a row and day; days before `first` (index of the first day with a record) are not observed."""

    units: FloatArray
    first: IntArray

    @property
    def observed_days(self) -> IntArray:
        """Days between a row's first record and the end of the matrix."""
        days: IntArray = self.units.shape[1] - self.first
        return days

    @property
    def decay(self) -> FloatArray:
        """Weight of each day: halves every HALF_LIFE_DAYS into the past."""
        weights: FloatArray = decay(count=self.units.shape[1])
        return weights

    def mean_units(self, *, days: int) -> FloatArray:
        """Plain mean over the last `days`, or over what is observed of them; at least a week counts."""
        recent = self.units[:, -days:]
        mean: FloatArray = recent.sum(1) / np.clip(self.observed_days, 7, days)
        return mean

    def deviation_units(self, *, days: int) -> FloatArray:
        """Plain standard deviation of a day over the last `days`, or over what is observed of them."""
        recent = self.units[:, -days:]
        seen = np.arange(self.units.shape[1])[-days:] >= self.first[:, None]
        count = np.maximum(seen.sum(1), 1)
        mean = recent.sum(1) / count
        deviation: FloatArray = np.sqrt((seen * (recent - mean[:, None]) ** 2).sum(1) / count)
        return deviation

    @property
    def trend(self) -> FloatArray:
        """How far the level of today lies from that of the weighted year: a share of what the last weeks show.

        Both are counted over the same days with TREND_PRIOR_UNITS added, so that few units say little.
        """
        recent = self.mean_units(days=TREND_DAYS) * TREND_DAYS
        year, _ = self.weighted_moments()
        ratio = (recent + TREND_PRIOR_UNITS) / (year * TREND_DAYS + TREND_PRIOR_UNITS)
        trend: FloatArray = np.clip(ratio**TREND_SHARE, 1 / MOST_TREND, MOST_TREND)
        return trend

    @property
    def is_whole(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Rows that are sold by the piece."""
        whole: np.ndarray[tuple[int], np.dtype[np.bool_]] = (self.units == np.round(self.units)).all(axis=1)
        return whole

    def weighted_moments(self) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of a day, newer days weighing more."""
        weight = (np.arange(self.units.shape[1]) >= self.first[:, None]) * self.decay
        # One day of sales is not yet a rate: the mean is taken over a week at least.
        mean = (weight * self.units).sum(1) / np.maximum(weight.sum(1), self.decay[-7:].sum())
        spread = (weight * (self.units - mean[:, None]) ** 2).sum(1) / np.maximum(weight.sum(1), 1e-12)
        return mean, spread


def decay(*, count: int) -> FloatArray:
    """Weights of `count` consecutive days or windows, the last one 1."""
    weights: FloatArray = 0.5 ** (np.arange(count - 1, -1, -1) / HALF_LIFE_DAYS)
    return weights


def make_matrix(*, history: pl.DataFrame, keys: pl.DataFrame, as_of: date) -> DemandMatrix:
    """Matrix of the last HISTORY_DAYS before `as_of` for the rows of `keys`; days without a record are zero.

    Every row runs to the last day recorded for any row, because a product that stopped selling has sold zero since.
    Days out of stock are filled with the row's mean when that is more than what was sold: sales then were not demand.
    Raises InvalidFrame for a broken `history`.
    """
    keyless = frames.Frame(frames.HISTORY.name, frames.HISTORY.columns)
    table = frames.require(table=history, contract=keyless).filter(pl.col("date") < as_of)
    index = keys.select("sku", "place").with_row_index("row")
    last = table["date"].max()
    end = last if isinstance(last, date) else as_of - timedelta(days=1)
    start = end - timedelta(days=HISTORY_DAYS - 1)
    firsts = table.group_by("sku", "place").agg(first=pl.col("date").min())
    first = index.join(firsts, on=["sku", "place"], how="left", maintain_order="left")["first"]
    begin = (first.fill_null(end + timedelta(days=1)) - start).dt.total_days()
    recent = table.filter(pl.col("date") >= start).join(index, on=["sku", "place"])
    cell = recent["row"].to_numpy().astype(np.int64) * HISTORY_DAYS
    cell += (recent["date"] - start).dt.total_days().to_numpy()
    _refuse_repeats(cell=cell, rows=keys.height, history=history)
    units = np.zeros(keys.height * HISTORY_DAYS)
    units[cell] = recent["units"].to_numpy()
    made = DemandMatrix(units.reshape(keys.height, HISTORY_DAYS), np.maximum(begin.to_numpy().astype(np.int64), 0))
    missing = cell[(~recent["in_stock"].fill_null(value=True)).to_numpy()]
    return _fill_stockouts(made=made, missing=missing) if len(missing) else made


def _refuse_repeats(*, cell: IntArray, rows: int, history: pl.DataFrame) -> None:
    seen = np.zeros(rows * HISTORY_DAYS, dtype=bool)
    seen[cell] = True
    if int(seen.sum()) < len(cell):
        frames.require(table=history, contract=frames.HISTORY)


def _fill_stockouts(*, made: DemandMatrix, missing: IntArray) -> DemandMatrix:
    stocked = np.ones(made.units.size, dtype=bool)
    stocked[missing] = False
    weight = stocked.reshape(made.units.shape) * (np.arange(HISTORY_DAYS) >= made.first[:, None]) * made.decay
    mean = (weight * made.units).sum(1) / np.maximum(weight.sum(1), 1e-12)
    units = made.units.reshape(-1).copy()
    units[missing] = np.maximum(units[missing], mean[missing // HISTORY_DAYS])
    return DemandMatrix(units.reshape(made.units.shape), made.first)


@dataclass(frozen=True, slots=True)
class SumLaw:
    """Demand summed over a random span, a row: the level asked for, mean, deviation, mean units beyond that level."""

    point: FloatArray
    mean: FloatArray
    deviation: FloatArray
    loss: FloatArray


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of each row: the quantile at `level`, or the level that leaves `allowed_loss` where one is given.

    Where `wanted` (rows × spans) is not nan, the sums of that span are scaled to that mean: history gives the shape, a
    forecast the level. `trend` scales all other sums.
    """

    level: FloatArray
    allowed_loss: FloatArray
    wanted: FloatArray
    trend: FloatArray


def sum_laws(*, demand: DemandMatrix, spans: IntArray, shares: FloatArray, asked: Question) -> SumLaw:
    """The law of demand over spans of days with probabilities `shares` (rows × spans), from all windows of history."""
    rows = len(asked.level)
    point, mean, deviation, loss = (np.zeros(rows) for _ in range(4))
    for begin in range(0, rows, ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        values, weights = _windows(
            units=demand.units[part],
            first=demand.first[part],
            spans=spans,
            shares=shares[part],
            wanted=asked.wanted[part],
            trend=asked.trend[part],
        )
        order = values.argsort(1)
        values, weights = np.take_along_axis(values, order, 1), np.take_along_axis(weights, order, 1)
        mean[part] = (values * weights).sum(1)
        deviation[part] = np.sqrt(np.maximum((values**2 * weights).sum(1) - mean[part] ** 2, 0.0))
        point[part] = _weighted_quantile(values=values, weights=weights, level=asked.level[part])
        filled = np.flatnonzero(~np.isnan(asked.allowed_loss[part]))
        point[begin + filled] = _level_for_loss(
            values=values[filled], weights=weights[filled], allowed=asked.allowed_loss[part][filled]
        )
        loss[part] = (np.maximum(values - point[part][:, None], 0.0) * weights).sum(1)
    return SumLaw(point, mean, deviation, loss)


def _windows(
    *,
    units: FloatArray,
    first: IntArray,
    spans: IntArray,
    shares: FloatArray,
    wanted: FloatArray,
    trend: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    sums = np.concatenate([np.zeros((len(units), 1)), units.cumsum(1)], axis=1)
    values, weights = [], []
    for number, span in enumerate(spans):
        days = int(min(span, LONGEST_WINDOW_DAYS))
        # Differences of running sums may miss zero by a rounding error.
        value = np.maximum(sums[:, days:] - sums[:, : sums.shape[1] - days], 0.0)
        weight = (np.arange(value.shape[1]) >= first[:, None]) * decay(count=value.shape[1])
        weight /= np.maximum(weight.sum(1, keepdims=True), 1e-12)
        if span > days:
            value = _stretch(value=value, weight=weight, ratio=span / days)
        moved = np.where(np.isnan(wanted[:, number]), trend, 1.0)
        value = _stretch(value=value, weight=weight, ratio=moved[:, None])
        middle = (value * weight).sum(1)
        level = np.where(np.isnan(wanted[:, number]), middle, wanted[:, number])
        value = value * (level / np.where(middle > 0, middle, 1.0))[:, None]
        values.append(value)
        weights.append(weight * shares[:, [number]])
    return np.concatenate(values, axis=1), np.concatenate(weights, axis=1)


def _stretch(*, value: FloatArray, weight: FloatArray, ratio: float | FloatArray) -> FloatArray:
    """Sums over a longer span or at another level: the mean grows with the ratio, the deviation with its root."""
    mean = (value * weight).sum(1, keepdims=True)
    stretched: FloatArray = np.maximum(mean * ratio + (value - mean) * ratio**0.5, 0.0)
    return stretched


def _weighted_quantile(*, values: FloatArray, weights: FloatArray, level: FloatArray) -> FloatArray:
    """The quantile of values that rise within each row."""
    reached = weights.cumsum(1)
    below = (reached < (level * reached[:, -1])[:, None] - 1e-12).sum(1)
    quantile: FloatArray = values[np.arange(len(values)), np.minimum(below, values.shape[1] - 1)]
    return quantile


def _level_for_loss(*, values: FloatArray, weights: FloatArray, allowed: FloatArray) -> FloatArray:
    """The least level s with E[(D − s)+] ≤ `allowed`; values rise within each row. Between values loss is a line."""
    beyond = weights[:, ::-1].cumsum(1)[:, ::-1]  # probability of this value or more
    money = (weights * values)[:, ::-1].cumsum(1)[:, ::-1]
    loss = money - values * beyond
    rows = np.arange(len(values))
    place = np.minimum((loss > allowed[:, None] + 1e-12).sum(1), values.shape[1] - 1)
    level = values[rows, place] - (allowed - loss[rows, place]) / np.maximum(beyond[rows, place], 1e-12)
    found: FloatArray = np.maximum(level, 0.0)
    return found
