"""What layer 2 knows of each pair at a cut: ratios and rates that mean the same in a young shop and in an old one.

Raw counts would drift as a history grows and ruin calibration; everything here is computed from counted statistics, so
that a prediction from the database and one from order lines agree exactly.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.repurchase.factors import ProductFactors, affinity
from reorder.engine.repurchase.purchases import Coded, Numbers, Pairs
from reorder.engine.repurchase.rates import Posterior, Rates

Matrix = npt.NDArray[np.float32]

PAIR_FEATURES: Final = (
    "log_rate", "log_prior_rate", "own_weight", "overdue", "visits_overdue", "share_of_visits", "visits_since",
    "last_gap_ratio", "before_gap_ratio", "gap_spread", "elapsed_by_rms_gap", "recent_rate_2", "recent_rate_3",
    "active_span", "units_ratio", "units_to_product", "log_repurchases",
    "visit_rate", "visit_rate_5", "visit_rate_20", "visit_overdue", "visit_spread", "basket_size", "customer_effect",
    "customer_again_share", "product_effect", "category_effect", "product_again_share", "product_trend",
    "product_trend_84", "unsold_days", "category_later", "category_later_share", "category_share",
    "category_rate_ratio", "log_elapsed",
    "affinity", "affinity_ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What a cut knows of customers (one row a code, numbers as columns) and of products (one vector a code)."""

    customers: pl.DataFrame
    vectors: Numbers


def know(*, coded: Coded, cut: int, factors: ProductFactors) -> Known:
    """Everything that the features of pairs share, once a cut."""
    return Known(customers=_customer_columns(coded, cut=cut), vectors=factors.of(skus=coded.statistics.products["sku"]))


def _customer_columns(coded: Coded, *, cut: int) -> pl.DataFrame:
    """Rhythm of each customer's visits, one row a customer code."""
    table = coded.statistics.customers
    visits = pl.col("recent_visit_dates")
    day = pl.lit(cut)

    def back(number: int) -> pl.Expr:
        return visits.list.get(number - 1, null_on_oob=True).cast(pl.Int32)

    first = pl.col("first_date").cast(pl.Int32)
    last = pl.col("last_date").cast(pl.Int32)
    age = (day - first + 1).cast(pl.Float64)
    gaps = (pl.col("visits_count") - 1).cast(pl.Float64)
    mean_square = pl.col("gap_square_days") / gaps
    mean = (last - first) / gaps
    rate = pl.col("visits_count") / (age + 7.0)
    return table.select(
        visits_count=pl.col("visits_count").cast(pl.Float64),
        visit_rate=rate,
        visit_rate_5=(pl.min_horizontal(pl.col("visits_count"), 5) / (day - back(5).fill_null(first) + 3.0)) / rate,
        visit_rate_20=(pl.min_horizontal(pl.col("visits_count"), 20) / (day - back(20).fill_null(first) + 5.0)) / rate,
        visit_elapsed=(day - last).cast(pl.Float64),
        visit_overdue=(day - last) * rate,
        visit_spread=pl.when(gaps >= 2).then((mean_square / mean**2 - 1.0).clip(0, 20)),
        basket_size=pl.col("purchases_count") / pl.col("visits_count"),
    )


def build_features(
    *, coded: Coded, pairs: Pairs, rows: slice, rates: Rates, posterior: Posterior, known: Known
) -> Matrix:
    """One row a pair of `rows` (all pairs of each of their customers), columns as `PAIR_FEATURES`."""
    frame = coded.statistics.pairs[rows]
    count = pairs.repurchases.astype(np.float64) + 1.0
    elapsed, exposure = pairs.elapsed_days, pairs.exposure_days
    rate = posterior.rate
    span = (pairs.last - pairs.first).astype(np.float64)
    who = {name: known.customers[name].to_numpy()[pairs.customer] for name in known.customers.columns}
    first_visit, last_visit = (
        frame[name].cast(pl.Float64).to_numpy() for name in ("first_visit_number", "last_visit_number")
    )
    visits_since = who["visits_count"] - last_visit
    visits_open = who["visits_count"] - first_visit
    visit_share = (pairs.repurchases + 0.3) / (visits_open + 3.0)
    previous = frame["previous_date"].cast(pl.Float64).to_numpy()
    earlier = frame["earlier_date"].cast(pl.Float64).to_numpy()
    last = pairs.last.astype(np.float64)
    last_gap, before_gap = last - previous, previous - earlier
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_gap = np.where(pairs.repurchases > 0, span / pairs.repurchases, np.nan)
        square = frame["gap_square_days"].cast(pl.Float64).to_numpy() / pairs.repurchases
        spread = np.where(pairs.repurchases > 1, square / mean_gap**2 - 1.0, np.nan)
        rms = np.sqrt(square)
        values: dict[str, Numbers] = {
            "log_rate": np.log(rate),
            "log_prior_rate": np.log(rates.prior_rate(pairs=pairs)),
            "own_weight": exposure / posterior.beta_days,
            "overdue": elapsed * rate,
            "visits_overdue": visits_since * visit_share,
            "share_of_visits": visit_share,
            "visits_since": visits_since,
            "last_gap_ratio": last_gap / mean_gap,
            "before_gap_ratio": before_gap / mean_gap,
            "gap_spread": spread,
            "elapsed_by_rms_gap": elapsed / rms,
            "recent_rate_2": 2.0 / (pairs.cut - previous + 7.0) / rate,
            "recent_rate_3": 3.0 / (pairs.cut - earlier + 7.0) / rate,
            "active_span": span / np.maximum(exposure, 1.0),
            "units_ratio": frame["last_units"].to_numpy() / (pairs.units / count),
            "log_repurchases": np.log1p(np.minimum(pairs.repurchases, 15)),
            "log_elapsed": np.log1p(elapsed),
        }
    values |= {
        name: who[name]
        for name in ("visit_rate", "visit_rate_5", "visit_rate_20", "visit_overdue", "visit_spread", "basket_size")
    }
    values |= _level_values(coded=coded, pairs=pairs, rates=rates, count=count)
    expected, ratio = affinity(pairs=pairs, vectors=known.vectors, customers_count=coded.statistics.customers.height)
    values |= {"affinity": expected, "affinity_ratio": ratio}
    values |= _category_values(coded=coded, pairs=pairs, rate=rate, elapsed=elapsed, count=count)
    return np.stack([np.asarray(values[name], dtype=np.float32) for name in PAIR_FEATURES], axis=1)


def _level_values(*, coded: Coded, pairs: Pairs, rates: Rates, count: Numbers) -> dict[str, Numbers]:
    products = coded.statistics.products
    purchases = products["purchases_count"].cast(pl.Float64).to_numpy()
    again = purchases - products["pairs_count"].cast(pl.Float64).to_numpy()
    age = (pairs.cut - products["first_date"].cast(pl.Int32).to_numpy() + 1).astype(np.float64)
    sold_28, sold_84 = (products[f"purchases_{days}"].cast(pl.Float64).to_numpy() for days in (28, 84))
    daily = purchases / age
    unsold = (pairs.cut - products["last_date"].cast(pl.Int32).to_numpy()).astype(np.float64)
    trend = (sold_28 + 2.0) / (sold_84 * 28.0 / np.clip(age, 28.0, 84.0) + 2.0)
    trend_84 = (sold_84 + 2.0) / (daily * np.minimum(age, 84.0) + 2.0)
    size = int(pairs.customer.max()) + 1 if pairs.customer.size else 0
    bought = np.bincount(pairs.customer, weights=count, minlength=size)
    repeated = np.bincount(pairs.customer, weights=pairs.repurchases, minlength=size)
    of = pairs.product
    units = (products["units"].to_numpy() / purchases)[of]
    return {
        "units_to_product": pairs.units / count / units,
        "customer_effect": rates.customer_effect[pairs.customer],
        "customer_again_share": (repeated / np.maximum(bought, 1.0))[pairs.customer],
        "product_effect": rates.product_effect[of],
        "category_effect": rates.category_effect[pairs.category],
        "product_again_share": ((again + 1.0) / (purchases + 3.0))[of],
        "product_trend": trend[of],
        "product_trend_84": trend_84[of],
        "unsold_days": (unsold * np.minimum(daily, 1.0))[of],
    }


def _category_values(
    *, coded: Coded, pairs: Pairs, rate: Numbers, elapsed: Numbers, count: Numbers
) -> dict[str, Numbers]:
    """Substitution: what the customer bought of the same category since."""
    key = pairs.customer.astype(np.int64) * coded.categories.len() + pairs.category
    table = pl.DataFrame({"key": key, "last": pairs.last, "count": count, "rate": rate}).select(
        later=pl.col("last").max().over("key") - pl.col("last"),
        later_count=(pl.col("last").rank("min", descending=True).over("key") - 1),
        siblings=pl.len().over("key"),
        bought=pl.col("count").sum().over("key"),
        rate=pl.col("rate").sum().over("key"),
    )
    later = table["later"].cast(pl.Float64).to_numpy()
    bought = table["bought"].to_numpy()
    return {
        "category_later": later * rate,
        "category_later_share": later / np.maximum(elapsed, 1.0),
        "category_share": count / bought,
        "category_rate_ratio": rate / table["rate"].to_numpy(),
    }
