"""Customers joined into weighted cells, so that fitting a million of them takes no longer than fitting a town.

Equal customers always share a cell, which changes nothing. Where too many cells stay, customers of nearly equal times
share one at their mean: the sums that a likelihood is made of stay, and the fit moves far less than its own error.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from reorder.engine.repurchase.errors import BadCells
from reorder.engine.repurchase.purchases import Numbers

MOST_CELLS: Final = 30_000
_SINGLE_ORDERS: Final = 10  # up to here each number of orders keeps cells of its own
_STEP: Final = 0.12
_KEYS = ["x", "t_x", "age"]


@dataclass(frozen=True, slots=True)
class Cells:
    """Repeat orders, time from the first to the last order, time from the first to now; `weight` customers each."""

    x: Numbers
    t_x: Numbers
    age: Numbers
    weight: Numbers


def read_cells(
    *, frequency: Numbers, recency: Numbers, age: Numbers, weights: Numbers | None, most: int = MOST_CELLS
) -> Cells:
    """Customers as cells, joined when there are more than `most` of them.

    Raises BadCells when the numbers contradict each other.
    """
    x, t_x, age_ = (np.asarray(values, dtype=np.float64) for values in (frequency, recency, age))
    weight = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if not x.size or len({x.shape, t_x.shape, age_.shape, weight.shape}) != 1 or weight.sum() <= 0:
        raise BadCells(reason="frequency, recency, age and weights must be equally long and not empty")
    if not all(np.isfinite(values).all() and (values >= 0).all() for values in (x, t_x, age_, weight)):
        raise BadCells(reason="a value is negative or not a number")
    if (t_x > age_).any():
        raise BadCells(reason="a last order lies after the present")
    given = pl.DataFrame({"x": x, "t_x": t_x, "age": age_, "weight": weight}).filter(pl.col("weight") > 0)
    equal = given.group_by(_KEYS).agg(pl.col("weight").sum())
    cells = (equal if equal.height <= most else _join(equal)).sort(_KEYS)
    return Cells(*(cells[name].to_numpy() for name in (*_KEYS, "weight")))


def _join(equal: pl.DataFrame) -> pl.DataFrame:
    """Neighbours in orders, age and place of the last order within it share a cell at their weighted mean.

    Likelihoods are made of logarithms of times: steps are even in the logarithm of age, and in the log-odds of the last
    order's place, where near the present a customer of many orders is told apart by fractions of their usual gap.
    """
    x, age = pl.col("x"), pl.col("age")
    place = pl.col("t_x") / pl.max_horizontal(age, pl.lit(1e-12))
    odds = (place + 0.01) / (1.0 - place + 0.3 / (x + 1.0))
    bins = [
        pl.when(x <= _SINGLE_ORDERS).then(x).otherwise((x.log() / _STEP).round() + 1000).cast(pl.Int32).alias("x_bin"),
        ((age + equal["age"].max() / 100).log() / _STEP).floor().cast(pl.Int32).alias("age_bin"),  # type: ignore[operator]
        pl.when(x > 0).then((odds.log() / _STEP).floor()).otherwise(0.0).cast(pl.Int32).alias("place_bin"),
    ]
    means = [((pl.col(name) * pl.col("weight")).sum() / pl.col("weight").sum()).alias(name) for name in _KEYS]
    joined = equal.group_by(bins).agg(*means, pl.col("weight").sum())
    # A mean of equal numbers may differ from them in the last digit.
    return joined.with_columns(t_x=pl.min_horizontal("t_x", "age")).select(*_KEYS, "weight")
