"""Whether bottom-up makes a product's forecast better, by that product's own looks back; pure.

Summing customers' chances makes most products' forecasts worse, so nothing of it enters the number unless the product
itself has shown a gain: the weight is learned from days before each look back, shrunk to zero, and kept only where the
gain is unlikely to be luck, with as many false alarms among all products as one in ten of those kept.
"""

import datetime as dt
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

# Days ahead by which weights are judged; looks back lie as far apart, so that none sees another's days.
GATE_DAYS: Final = 14
# Fewer looks back say nothing.
FEWEST_ORIGINS: Final = 6
# A weight is worth as much as if one more look back had shown that it should be zero.
_SHRINKING_ORIGINS: Final = 1.0
LARGEST_WEIGHT: Final = 2.0
# Units by which a product's own ratio of sold to bottom-up is drawn to that of the shop.
_SCALE_UNITS: Final = 25.0
# Looks back in which so much more was sold than top-down said, by share and by Poisson deviations, are spoilt.
_SPOILT_SHARE: Final = 0.5
_SPOILT_DEVIATIONS: Final = 3.0
_FALSE_SHARE: Final = 0.10
# Sharply above one another by chance once in twenty, product by product, is the least that is asked.
_LARGEST_CHANCE: Final = 0.05

Floats = NDArray[np.float64]
SCHEMA: Final = {
    "sku": pl.String,
    "weight_share": pl.Float64,
    "scale": pl.Float64,
    "origins_count": pl.Int64,
    "top_down_error_share": pl.Float64,
    "gated_error_share": pl.Float64,
    "chance_share": pl.Float64,
}


def weigh_bottom_up(*, origins: pl.DataFrame) -> pl.DataFrame:
    """The weight of each subject for the next forecast.

    Args:
        origins: sku, as_of_date, top_down_units, bottom_up_units, committed_units, sold_units of looks back over
            GATE_DAYS that do not overlap; what was committed is not the baseline's to foresee.

    Returns:
        SCHEMA, one row a subject with at least six looks back. `gated_error_share` is the error of the number that
        each look back would have had, gated by the looks before it alone.
    """
    return pl.DataFrame(_judge(origins)[0], schema=SCHEMA, orient="row")


def replay_gate(*, origins: pl.DataFrame) -> pl.DataFrame:
    """What the gated baseline would have said at every look back: sku, as_of_date, gated_units, calibrated_units."""
    schema = {"sku": pl.String, "as_of_date": pl.Date, "gated_units": pl.Float64, "calibrated_units": pl.Float64}
    return pl.DataFrame(_judge(origins)[1], schema=schema, orient="row")


def _judge(origins: pl.DataFrame) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    if origins.is_empty():
        return [], []
    dates = sorted(origins["as_of_date"].unique().to_list())
    skus = sorted(origins["sku"].unique().to_list())
    top, up, real, seen = _matrices(origins, skus=skus, dates=dates)
    # What nobody could foresee (a sale, a large order) must teach neither scale nor weight.
    foreseen = seen & (real <= top + np.maximum(_SPOILT_SHARE * top, _SPOILT_DEVIATIONS * np.sqrt(top + 1)))
    scale = _scales(up=up, real=real, seen=foreseen)
    calibrated = up * scale[:, :-1]
    weight = _weights(top=top, calibrated=calibrated, real=real, seen=foreseen)
    free = np.maximum(top + weight[:, :-1] * (calibrated - top), 0.0)
    gains = np.where(foreseen, (real - top) ** 2 - (real - free) ** 2, 0.0)
    is_open, chance = _open(gains=gains, seen=foreseen)
    gated = np.where(is_open[:, :-1], free, top)
    said: list[tuple[object, ...]] = [
        (sku, date, float(gated[row, column]), float(calibrated[row, column]))
        for row, sku in enumerate(skus)
        for column, date in enumerate(dates)
        if seen[row, column]
    ]
    counts = seen.sum(axis=1)
    total = np.maximum((real * seen).sum(axis=1), 1e-9)
    rows: list[tuple[object, ...]] = [
        (
            sku,
            float(weight[row, -1]) if is_open[row, -1] else 0.0,
            float(scale[row, -1]),
            int(counts[row]),
            float(np.sum(np.abs(real - top)[row] * seen[row]) / total[row]),
            float(np.sum(np.abs(real - gated)[row] * seen[row]) / total[row]),
            float(chance[row, -1]),
        )
        for row, sku in enumerate(skus)
        if counts[row] >= FEWEST_ORIGINS and np.sum(real[row] * seen[row]) > 0
    ]
    return rows, said


def _matrices(
    origins: pl.DataFrame, *, skus: list[str], dates: list[dt.date]
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Subjects × looks back: top-down, bottom-up, what the baseline should have said, and whether there was one."""
    rows = origins["sku"].replace_strict(skus, list(range(len(skus))), return_dtype=pl.Int64).to_numpy()
    columns = origins["as_of_date"].replace_strict(dates, list(range(len(dates))), return_dtype=pl.Int64).to_numpy()
    shape = (len(skus), len(dates))
    top, up, real = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    seen = np.zeros(shape, dtype=bool)
    top[rows, columns] = origins["top_down_units"].to_numpy()
    up[rows, columns] = origins["bottom_up_units"].to_numpy()
    base = (origins["sold_units"] - origins["committed_units"].fill_null(0.0)).clip(0.0)
    real[rows, columns] = base.to_numpy()
    seen[rows, columns] = True
    return top, up, real, seen


def _before(values: Floats) -> Floats:
    """Sums over the looks before each one, and before the next: one column more."""
    return np.concatenate([np.zeros((values.shape[0], 1)), np.cumsum(values, axis=1)], axis=1)


def _scales(*, up: Floats, real: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Units sold a unit of bottom-up, from earlier looks: known customers are not all who buy, nor buy only once."""
    sold, said = _before(real * seen), _before(up * seen)
    shop = (sold.sum(axis=0) + 1.0) / (said.sum(axis=0) + 1.0)
    return np.asarray((sold + _SCALE_UNITS * shop) / (said + _SCALE_UNITS), dtype=np.float64)


def _weights(*, top: Floats, calibrated: Floats, real: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Least squares of what top-down missed on what bottom-up says beyond it, shrunk to zero, within 0 and 2.

    It may be more than one: chances of single customers are spread over more days than their purchases, so that their
    sum rises and falls less than sales do.
    """
    beyond = np.where(seen, calibrated - top, 0.0)
    missed = np.where(seen, real - top, 0.0)
    counts = np.maximum(_before(seen.astype(np.float64)), 1.0)
    squares = _before(beyond**2)
    weight = _before(beyond * missed) / np.maximum(squares * (1 + _SHRINKING_ORIGINS / counts), 1e-12)
    return np.asarray(np.clip(weight, 0.0, LARGEST_WEIGHT), dtype=np.float64)


def _open(*, gains: Floats, seen: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Floats]:
    """Where the gains of earlier looks are no luck: a paired one-sided t-test, then Benjamini and Hochberg (1995)."""
    from scipy.special import stdtr  # the web imports this package and never asks

    counts = _before(seen.astype(np.float64))
    mean = _before(gains) / np.maximum(counts, 1.0)
    spread = _before(gains**2) / np.maximum(counts, 1.0) - mean**2
    error = np.sqrt(np.maximum(spread, 0.0) / np.maximum(counts - 1, 1.0))
    ratio = np.where(error > 0, mean / np.where(error > 0, error, 1.0), 0.0)
    chance = np.where(counts >= FEWEST_ORIGINS, stdtr(np.maximum(counts - 1, 1.0), -ratio), 1.0)
    is_open = np.zeros(chance.shape, dtype=bool)
    for column in range(chance.shape[1]):
        judged = np.flatnonzero(counts[:, column] >= FEWEST_ORIGINS)
        if not judged.size:
            continue
        order = judged[np.argsort(chance[judged, column], kind="stable")]
        steps = _FALSE_SHARE * np.arange(1, order.size + 1) / order.size
        passed = np.flatnonzero(chance[order, column] <= steps)
        if passed.size:
            kept = order[: passed[-1] + 1]
            is_open[kept[chance[kept, column] <= _LARGEST_CHANCE], column] = True
    return is_open, np.asarray(chance, dtype=np.float64)
