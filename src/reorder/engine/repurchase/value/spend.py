"""Gamma-Gamma: what a customer's orders are worth on average, shrunk to the shop's mean (Fader, Hardie & Lee 2005).

RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of Marketing Research 42(4), 415–430.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from reorder.engine.repurchase.errors import BadCells
from reorder.engine.repurchase.purchases import Numbers

_LOG_BOUNDS = (-5.0, 14.0)
_MOST_CELLS: Final = 20_000
_SINGLE_ORDERS: Final = 10  # up to here each number of orders keeps cells of its own
_STEP: Final = 0.04


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Order value ~ Gamma(p, ν), ν ~ Gamma(q, v); `v` is in the currency of the values."""

    p: float
    q: float
    v: float
    log_likelihood: float

    def expected_value(self, *, orders: Numbers, mean_value: Numbers) -> Numbers:
        """Mean value of a customer's next order, given the mean of `orders` past ones; needs q > 1."""
        return (self.v + orders * mean_value) * self.p / (self.p * orders + self.q - 1.0)


def fit_gamma_gamma(*, orders: Numbers, mean_value: Numbers, weights: Numbers | None = None) -> GammaGamma:
    """Maximum likelihood over customers with `orders` ≥ 1 of mean value `mean_value` > 0 (major units).

    `q` is held above one, so that the expected value exists. Of many customers those with nearly the same number and
    value of orders are joined first. Raises BadCells for values that cannot be.
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln

    x, z = (np.asarray(values, dtype=np.float64) for values in (orders, mean_value))
    weight = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if not x.size or len({x.shape, z.shape, weight.shape}) != 1:
        raise BadCells(reason="orders, mean_value and weights must be equally long and not empty")
    if not (np.isfinite(z).all() and (z > 0).all() and (x >= 1).all()):
        raise BadCells(reason="orders must be at least one and mean values above zero")
    x, z, weight = _join(x, z, weight) if x.size > _MOST_CELLS else (x, z, weight)
    scale = float(np.average(z, weights=weight))

    def loss(logs: Numbers) -> float:
        p, q, v = np.exp(logs[0]), 1.0 + np.exp(logs[1]), np.exp(logs[2]) * scale
        parts = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        parts = parts + (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * np.log(x * z + v)
        return -float((weight * parts).sum() / weight.sum())

    found = minimize(
        loss, np.log([4.0, 2.0, 1.0]), method="L-BFGS-B", bounds=[_LOG_BOUNDS] * 3,
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8},
    )  # fmt: skip
    p, q, v = float(np.exp(found.x[0])), float(1.0 + np.exp(found.x[1])), float(np.exp(found.x[2]) * scale)
    return GammaGamma(p=p, q=q, v=v, log_likelihood=-float(found.fun) * float(weight.sum()))


def _join(x: Numbers, z: Numbers, weight: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Customers whose orders and mean value differ by a few percent share a cell at their mean."""
    given = pl.DataFrame({"x": x, "z": z, "weight": weight})
    orders = pl.col("x")
    bins = [
        pl.when(orders <= _SINGLE_ORDERS).then(orders).otherwise((orders.log() / _STEP).round() + 1000).alias("x_bin"),
        (pl.col("z").log() / _STEP).round().alias("z_bin"),
    ]
    means = [((pl.col(name) * pl.col("weight")).sum() / pl.col("weight").sum()).alias(name) for name in ("x", "z")]
    cells = given.group_by(bins).agg(*means, pl.col("weight").sum()).sort("x_bin", "z_bin")
    return cells["x"].to_numpy(), cells["z"].to_numpy(), cells["weight"].to_numpy()
