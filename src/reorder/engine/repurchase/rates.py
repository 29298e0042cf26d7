"""How often each pair buys: base × category × product × customer effects, then a Poisson-Gamma posterior per pair.

Exposure runs from the first purchase to now, so that the open interval counts; nothing is learned from closed gaps
alone, which are the short ones.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine.repurchase.purchases import Coded, Days, Numbers, Pairs

CATEGORY_PRIOR, PRODUCT_PRIOR, CUSTOMER_PRIOR = 20.0, 10.0, 5.0
_KINSHIP_PRIOR = 15.0
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


@dataclass(frozen=True, slots=True)
class Effects:
    """What a shop-wide fit leaves behind for scoring a few customers: an unknown product or category has effect one.

    Frames: `products` (sku, effect), `categories` (category, effect), `customers` (customer_id, effect).
    """

    base_rate_per_day: float
    shape: float
    products: pl.DataFrame
    categories: pl.DataFrame
    customers: pl.DataFrame


def fit_rates(*, coded: Coded) -> Rates:
    """Effects (Σ repurchases + κ) / (Σ expected + κ) in three sweeps, κ = 20 / 10 / 5, then the shape."""
    pairs, statistics = coded.pairs, coded.statistics
    codes = (pairs.category, pairs.product, pairs.customer)
    sizes = (coded.categories.len(), statistics.products.height, statistics.customers.height)
    priors = (CATEGORY_PRIOR, PRODUCT_PRIOR, CUSTOMER_PRIOR)
    exposure = pairs.exposure_days
    base_rate = float((pairs.repurchases.sum() + _BASE_PRIOR_REPURCHASES) / (exposure.sum() + _BASE_PRIOR_DAYS))
    effects = [np.ones(size) for size in sizes]
    observed = [
        level_totals(codes=code, counts=pairs.repurchases, size=size) for code, size in zip(codes, sizes, strict=True)
    ]
    for _ in range(_SWEEPS):
        for level in range(3):
            weights = base_rate * exposure
            for other in range(3):
                if other != level:
                    weights *= effects[other][codes[other]]
            expected = np.bincount(codes[level], weights=weights, minlength=sizes[level])
            effects[level] = (observed[level] + priors[level]) / (expected + priors[level])
    awaited = base_rate * exposure
    for effect, code in zip(effects, codes, strict=True):
        awaited *= effect[code]
    return Rates(
        base_rate=base_rate,
        category_effect=effects[0],
        product_effect=effects[1],
        customer_effect=effects[2],
        shape=fit_shape(repurchases=pairs.repurchases, expected=awaited),
    )


def effects_of(*, coded: Coded, rates: Rates) -> Effects:
    """The effects by id."""
    statistics = coded.statistics
    return Effects(
        base_rate_per_day=rates.base_rate,
        shape=rates.shape,
        products=statistics.products.select("sku", effect=pl.Series(rates.product_effect, dtype=pl.Float64)),
        categories=pl.DataFrame(
            {"category": coded.categories, "effect": pl.Series(rates.category_effect, dtype=pl.Float64)}
        ),
        customers=statistics.customers.select("customer_id", effect=pl.Series(rates.customer_effect, dtype=pl.Float64)),
    )


def apply_effects(*, coded: Coded, effects: Effects) -> Rates:
    """Rates of some customers with all their pairs; their own effects are computed anew as in the last sweep."""
    pairs = coded.pairs
    product = _effect_of(coded.statistics.products["sku"].alias("id"), known=effects.products)
    category = _effect_of(coded.categories.alias("id"), known=effects.categories)
    weights = effects.base_rate_per_day * pairs.exposure_days * category[pairs.category] * product[pairs.product]
    size = coded.statistics.customers.height
    expected = np.bincount(pairs.customer, weights=weights, minlength=size)
    observed = level_totals(codes=pairs.customer, counts=pairs.repurchases, size=size)
    return Rates(
        base_rate=effects.base_rate_per_day,
        category_effect=category,
        product_effect=product,
        customer_effect=(observed + CUSTOMER_PRIOR) / (expected + CUSTOMER_PRIOR),
        shape=effects.shape,
    )


def _effect_of(ids: pl.Series, *, known: pl.DataFrame) -> Numbers:
    named = known.rename({known.columns[0]: "id"})
    joined = ids.to_frame().join(named, on="id", how="left", maintain_order="left")
    return joined["effect"].fill_null(1.0).to_numpy()


def fit_posterior(*, pairs: Pairs, rates: Rates) -> Posterior:
    """Gamma(shape + repurchases, shape / prior + exposure) of each pair; all pairs of each customer must be there.

    The prior of a pair is moved by how often its customer buys from its category again: of a sparse product the
    category tells when, and the product's own effect and recency tell which.
    """
    prior = rates.prior_rate(pairs=pairs)
    exposure = pairs.exposure_days
    prior *= _kinship(pairs=pairs, expected=prior * exposure)
    return Posterior(alpha=rates.shape + pairs.repurchases.astype(np.float64), beta_days=rates.shape / prior + exposure)


def _kinship(*, pairs: Pairs, expected: Numbers) -> Numbers:
    """(Σ repurchases + κ) / (Σ expected + κ) of the pairs of one customer and category."""
    size = int(pairs.category.max()) + 1 if pairs.category.size else 1
    _keys, group = np.unique(pairs.customer.astype(np.int64) * size + pairs.category, return_inverse=True)
    observed = np.bincount(group, weights=pairs.repurchases)
    awaited = np.bincount(group, weights=expected)
    return np.asarray(((observed + _KINSHIP_PRIOR) / (awaited + _KINSHIP_PRIOR))[group])


def level_totals(*, codes: Days, counts: Days, size: int) -> Numbers:
    """Counts summed over the pairs of each code."""
    return np.bincount(codes, weights=counts, minlength=size).astype(np.float64)


def fit_shape(*, repurchases: Days, expected: Numbers) -> float:
    """Root of the slope of the negative-binomial likelihood of the counts given their means, in the log of the shape.

    The root, not the flat top, is looked for: it is the same to twelve digits in whatever order the pairs are summed.
    """
    from scipy.optimize import brentq
    from scipy.special import digamma

    seen = expected > 0
    counts, means = repurchases[seen].astype(np.float64), expected[seen]
    if not counts.sum():
        return 1.0
    values, times = np.unique(counts, return_counts=True)

    def slope(log_shape: float) -> float:
        shape = np.exp(log_shape)
        ways = float((times * (digamma(shape + values) - digamma(shape))).sum())
        return ways - float((np.log1p(means / shape) + (counts - means) / (shape + means)).sum())

    low, high = (float(np.log(bound)) for bound in _SHAPE_BOUNDS)
    if slope(low) <= 0:
        return _SHAPE_BOUNDS[0]
    if slope(high) >= 0:
        return _SHAPE_BOUNDS[1]
    return float(np.exp(brentq(slope, low, high, xtol=1e-13, rtol=1e-14)))
