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

MOST_CELLS: Final = 12_000
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
    """Customers as cells, joined until about `most` of them stay. Raises BadCells when they contradict each other."""
    x, t_x, age_ = (np.asarray(values, dtype=np.float64) for values in (frequency, recency, age))
    weight = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if not x.size or len({x.shape, t_x.shape, age_.shape, weight.shape}) != 1 or weight.sum() <= 0:
        raise BadCells(reason="frequency, recency, age and weights must be equally long and not empty")
    if not all(np.isfinite(values).all() and (values >= 0).all() for values in (x, t_x, age_, weight)):
        raise BadCells(reason="a value is negative or not a number")
    if (t_x > age_).any():
        raise BadCells(reason="a last order lies after the present")
    given = pl.DataFrame({"x": x, "t_x": t_x, "age": age_, "weight": weight}).filter(pl.col("weight") > 0)
    equal = given.group_by(_KEYS).agg(pl.col("weight").sum()).sort(_KEYS)
    joined, steps = equal, 400.0
    while joined.height > most and steps > 10:
        joined, steps = _join(equal, steps=steps), steps / 1.5
    return Cells(*(joined[name].to_numpy() for name in (*_KEYS, "weight")))


def _join(equal: pl.DataFrame, *, steps: float) -> pl.DataFrame:
    """Neighbours in age (`steps` of the longest), silence and orders share a cell at their weighted mean.

    Silence counts by what it says of the customer: in usual gaps of one who orders often, in shares of the age else.
    """
    x, age = pl.col("x"), pl.col("age")
    silence = (age - pl.col("t_x")) / pl.max_horizontal(age, pl.lit(1e-9)) * (x + 1)
    bins = [
        pl.when(x <= 10).then(x).otherwise((x.log() * steps / 10).round() + 1000).alias("x_bin"),
        (age * steps / max(float(equal["age"].max()), 1e-9)).floor().alias("age_bin"),  # type: ignore[arg-type]
        (silence.arcsinh() * steps / 4).floor().alias("silence_bin"),
    ]
    means = [((pl.col(name) * pl.col("weight")).sum() / pl.col("weight").sum()).alias(name) for name in _KEYS]
    joined = equal.group_by(bins).agg(*means, pl.col("weight").sum()).sort("x_bin", "age_bin", "silence_bin")
    # A mean of equal numbers may differ from them in the last digit.
    return joined.with_columns(t_x=pl.min_horizontal("t_x", "age")).select(*_KEYS, "weight")
