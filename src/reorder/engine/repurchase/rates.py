"""How often each pair buys: base × category × product × customer effects, then a Poisson-Gamma posterior per pair.

Exposure runs from the first purchase to now, so that the open interval counts; nothing is learned from closed gaps
alone, which are the short ones.
"""

from dataclasses import dataclass

import numpy as np

from reorder.engine.repurchase.purchases import Codes, Numbers, Pairs

CATEGORY_PRIOR, PRODUCT_PRIOR, CUSTOMER_PRIOR = 20.0, 10.0, 5.0
_SWEEPS = 3
_BASE_PRIOR_REPURCHASES, _BASE_PRIOR_DAYS = 1.0, 90.0
_SHAPE_BOUNDS = (0.05, 55.0)


@dataclass(frozen=True, slots=True)
class Rates:
    """Purchases a day: `base_rate` times one effect a level; `shape` is how alike pairs of one prior are."""

    base_rate: float
    category_effect: Numbers
    product_effect: Numbers
    customer_effect: Numbers
    shape: float

    def prior_rate(self, *, pairs: Pairs) -> Numbers:
        """Purchases a day expected of each pair before its own history."""
        effects = self.category_effect[pairs.category] * self.product_effect[pairs.product]
        return self.base_rate * effects * self.customer_effect[pairs.customer]


@dataclass(frozen=True, slots=True)
class Posterior:
    """Gamma posterior of each pair's purchase rate a day: mean `alpha / beta_days`."""

    alpha: Numbers
    beta_days: Numbers

    @property
    def rate(self) -> Numbers:
        """Posterior mean purchases a day."""
        return self.alpha / self.beta_days


def fit_rates(*, pairs: Pairs, customers_count: int, products_count: int, categories_count: int) -> Rates:
    """Effects (Σ repurchases + κ) / (Σ expected + κ) in three sweeps, κ = 20 / 10 / 5, then the shape."""
    codes = (pairs.category, pairs.product, pairs.customer)
    sizes = (categories_count, products_count, customers_count)
    priors = (CATEGORY_PRIOR, PRODUCT_PRIOR, CUSTOMER_PRIOR)
    exposure = pairs.exposure_days
    base_rate = (pairs.repurchases.sum() + _BASE_PRIOR_REPURCHASES) / (exposure.sum() + _BASE_PRIOR_DAYS)
    effects = [np.ones(size) for size in sizes]
    observed = [
        np.bincount(code, weights=pairs.repurchases, minlength=size) for code, size in zip(codes, sizes, strict=True)
    ]
    for _ in range(_SWEEPS):
        for level in range(3):
            others = [effects[other][codes[other]] for other in range(3) if other != level]
            expected = np.bincount(
                codes[level], weights=base_rate * exposure * others[0] * others[1], minlength=sizes[level]
            )
            effects[level] = (observed[level] + priors[level]) / (expected + priors[level])
    prior_rate = base_rate * effects[0][codes[0]] * effects[1][codes[1]] * effects[2][codes[2]]
    shape = _fit_shape(repurchases=pairs.repurchases, expected=prior_rate * exposure)
    return Rates(float(base_rate), effects[0], effects[1], effects[2], shape)


def fit_posterior(*, pairs: Pairs, rates: Rates) -> Posterior:
    """Gamma(shape + repurchases, shape / prior + exposure) of each pair."""
    return Posterior(
        alpha=rates.shape + pairs.repurchases,
        beta_days=rates.shape / rates.prior_rate(pairs=pairs) + pairs.exposure_days,
    )


def level_totals(*, codes: Codes, repurchases: Numbers, size: int) -> Numbers:
    """Repurchases summed over the pairs of each code."""
    return np.bincount(codes, weights=repurchases, minlength=size).astype(np.float64)


def _fit_shape(*, repurchases: Numbers, expected: Numbers) -> float:
    """Maximum of the negative-binomial likelihood of the counts given their means, on the logarithm of the shape."""
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    seen = expected > 0
    counts, means = repurchases[seen], expected[seen]
    if not counts.sum():
        return 1.0
    values, times = np.unique(counts, return_counts=True)

    def loss(log_shape: float) -> float:
        shape = np.exp(log_shape)
        ways = (times * (gammaln(shape + values) - gammaln(shape))).sum()
        return -float(ways + shape * np.log(shape) * counts.size - ((shape + counts) * np.log(shape + means)).sum())

    bounds = tuple(np.log(_SHAPE_BOUNDS))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4}).x))
