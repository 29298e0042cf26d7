"""What the shop knows of each product: popularity, how often it is bought again, its place in its category."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine.recommend.neighbours import Neighbours, count_neighbours
from reorder.engine.recommend.purchases import Assortment

POPULARITY_HALF_LIVES_DAYS = (3, 7, 14, 30, 60)
_PRIOR_BUYERS = 2.0
_PRIOR_VISITS = 5.0
_PRIOR_REBUY_SHARE = 0.2
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Shop:
    """Facts of products in the order of the assortment, as known on day `end`.

    products: one Float32 column a fact.
    """

    assortment: Assortment
    end: int
    products: pl.DataFrame
    neighbours: Neighbours


def survey_shop(*, purchases: pl.DataFrame, assortment: Assortment, end: int) -> Shop:
    """Count everything about products from numbered purchases."""
    facts = {
        **_popularity(purchases=purchases, assortment=assortment, end=end),
        **_loyalty(purchases=purchases, products_count=len(assortment)),
    }
    facts |= _in_category(facts=facts, assortment=assortment)
    products = pl.DataFrame({name: np.asarray(values, dtype=np.float32) for name, values in facts.items()})
    neighbours = count_neighbours(purchases=purchases, products_count=len(assortment))
    return Shop(assortment=assortment, end=end, products=products, neighbours=neighbours)


def _popularity(*, purchases: pl.DataFrame, assortment: Assortment, end: int) -> dict[str, np.ndarray]:
    """Shares of baskets that held a product, recent ones weighing more, and how they move."""
    count = len(assortment)
    item, day = purchases["item"].to_numpy(), purchases["day"].to_numpy()
    basket_day = purchases.select("customer", "day").unique()["day"].to_numpy()
    facts = {"popular": np.bincount(item, minlength=count) / max(len(basket_day), 1)}
    for half_life in POPULARITY_HALF_LIVES_DAYS:
        weights = np.bincount(item, 0.5 ** ((end - day) / half_life), minlength=count)
        # Rounded, so that ties do not depend on the order of addition.
        facts[f"popular_{half_life}"] = np.round(
            weights / max((0.5 ** ((end - basket_day) / half_life)).sum(), _TINY), 9
        )
    last, first = np.full(count, -(10**6)), np.full(count, end)
    np.maximum.at(last, item, day)
    np.minimum.at(first, item, day)
    facts["sold_days_ago"], facts["age_days"] = end - last, end - first
    facts["trend_7"] = np.log((facts["popular_7"] + _TINY) / (facts["popular_30"] + _TINY))
    facts["trend_14"] = np.log((facts["popular_14"] + _TINY) / (facts["popular_60"] + _TINY))
    return facts


def _loyalty(*, purchases: pl.DataFrame, products_count: int) -> dict[str, np.ndarray]:
    """How buyers come back to a product: share who do, and purchases per later visit and day, each shrunk."""
    visits = purchases.group_by("customer").agg(baskets=pl.col("basket").max() + 1, last_day=pl.col("day").max())
    pairs = purchases.group_by("customer", "item").agg(
        times=pl.len(), first_basket=pl.col("basket").min(), first_day=pl.col("day").min()
    )
    pairs = pairs.join(visits, on="customer").with_columns(
        later_visits=pl.col("baskets") - pl.col("first_basket") - 1,
        later_days=pl.col("last_day") - pl.col("first_day"),
    )
    item = pairs["item"].to_numpy()

    def total(values: pl.Expr) -> np.ndarray:
        return np.bincount(item, pairs.select(values.cast(pl.Float64)).to_series().to_numpy(), minlength=products_count)

    buyers, again = np.bincount(item, minlength=products_count), total(pl.col("times") > 1)
    repeats, visits_after, days_after = (
        total(pl.col("times") - 1),
        total(pl.col("later_visits")),
        total(pl.col("later_days")),
    )
    per_visit = repeats.sum() / max(visits_after.sum(), 1.0)
    per_day = repeats.sum() / max(days_after.sum(), 1.0)
    return {
        "buyers": buyers,
        "rebuy_share": (again + _PRIOR_BUYERS * _PRIOR_REBUY_SHARE) / (buyers + _PRIOR_BUYERS),
        "rate_per_visit": (repeats + _PRIOR_VISITS * per_visit) / (visits_after + _PRIOR_VISITS),
        "rate_per_day": (repeats + 1.0) / (days_after + 1.0 / max(per_day, _TINY)),
        "next_visit_share": _next_visit_share(purchases=purchases, visits=visits, products_count=products_count),
    }


def _next_visit_share(*, purchases: pl.DataFrame, visits: pl.DataFrame, products_count: int) -> np.ndarray:
    """Share of purchases that the very next basket repeats."""
    followed = (
        purchases.sort("customer", "item", "basket")
        .with_columns(repeated=pl.col("basket").shift(-1).over("customer", "item") == pl.col("basket") + 1)
        .join(visits, on="customer")
        .filter(pl.col("basket") < pl.col("baskets") - 1)
    )
    item = followed["item"].to_numpy()
    repeated = followed["repeated"].fill_null(value=False).to_numpy().astype(np.float64)
    base = repeated.mean() if len(repeated) else 0.0
    counts = np.bincount(item, minlength=products_count)
    return (np.bincount(item, repeated, minlength=products_count) + _PRIOR_VISITS * base) / (counts + _PRIOR_VISITS)


def _in_category(*, facts: dict[str, np.ndarray], assortment: Assortment) -> dict[str, np.ndarray]:
    """How popular the category is, and the product's share in it, of late and ever."""
    category = assortment.category_of
    count = len(assortment.categories)

    def share(name: str) -> np.ndarray:
        whole = np.bincount(category, facts[name], minlength=count)[category]
        shares: np.ndarray = facts[name] / np.maximum(whole, 1e-12)
        return shares

    return {
        "category_popular": np.bincount(category, facts["popular"], minlength=count)[category],
        "share_in_category": share("popular"),
        "recent_share_in_category": share("popular_7"),
    }
