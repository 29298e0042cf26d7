"""Second stage, what the ranking looks at: about sixty facts of customer, product and the two together.

Days count to the customer's last visit, and `idle_days` from there to the day of asking, so that a model trained on
visits whose day is unknown and one trained on days mean the same by every column. Nothing later than the last known
purchase is read.
"""

import numpy as np
import polars as pl

from reorder.engine.recommend.candidates import Affinity, list_candidates, look_up, measure_affinity
from reorder.engine.recommend.shop import Shop

_DECAYS = {"recency_weight": 0.85, "decayed_95": 0.95, "decayed_60": 0.6}
_HORIZON_DAYS = 7.0
_PRIOR_VISITS = 2.0
KEYS = ("customer", "item")
# Columns that serve to derive and to explain, but not to rank: they say the same as others or grow with history.
_NOT_RANKED = ("first_day", "last_day", "category", "buyers", "gap_baskets_sum", "decayed_95", "decayed_60")


def count_pairs(*, purchases: pl.DataFrame) -> pl.DataFrame:
    """What each (customer, item) tells, sorted: counts, decays, gaps and ages in baskets and days."""
    visits = purchases.group_by("customer").agg(baskets=pl.col("basket").max() + 1, visited=pl.col("day").max())
    placed = (
        purchases.join(visits, on="customer")
        .with_columns(ago=pl.col("baskets") - 1 - pl.col("basket"), days=pl.col("visited") - pl.col("day"))
        .sort("customer", "item", "day")
    )
    gap_baskets, gap_days = pl.col("basket").diff(), pl.col("day").diff()
    return placed.group_by("customer", "item", maintain_order=True).agg(
        times=pl.len(),
        baskets_ago=pl.col("ago").last(),
        days_ago=pl.col("days").last(),
        first_baskets_ago=pl.col("ago").first(),
        first_days_ago=pl.col("days").first(),
        **{name: (decay ** pl.col("ago")).sum().round(9) for name, decay in _DECAYS.items()},
        decayed_week=(0.5 ** (pl.col("days") / 7)).sum(),
        decayed_month=(0.5 ** (pl.col("days") / 30)).sum(),
        decayed_quarter=(0.5 ** (pl.col("days") / 90)).sum(),
        gap_baskets=gap_baskets.mean(),
        gap_days=gap_days.mean(),
        gap_days_spread=gap_days.std(),
        last_gap_baskets=gap_baskets.last(),
        last_gap_days=gap_days.last(),
        in_last_3=(pl.col("ago") < 3).sum(),
        in_last_6=(pl.col("ago") < 6).sum(),
        last_day=pl.col("day").last(),
    )


def count_customers(*, purchases: pl.DataFrame, end: int) -> pl.DataFrame:
    """Rhythm, basket size and loyalty of each customer, sorted."""
    baskets = (
        purchases.group_by("customer", "basket")
        .agg(size=pl.len(), day=pl.col("day").first())
        .sort("customer", "basket")
        .group_by("customer", maintain_order=True)
        .agg(
            baskets=pl.col("basket").max() + 1,
            size_mean=pl.col("size").mean(),
            size_last=pl.col("size").last(),
            size_recent=pl.col("size").tail(3).mean(),
            visit_gap_days=pl.col("day").diff().mean(),
            visit_gap_spread=pl.col("day").diff().std(),
            last_visit_gap_days=pl.col("day").diff().last(),
            idle_days=end - pl.col("day").last(),
            history_days=pl.col("day").last() - pl.col("day").first(),
        )
    )
    loyalty = (
        purchases.with_columns(is_repeat=pl.col("day") > pl.col("day").min().over("customer", "item"))
        .group_by("customer")
        .agg(
            variety=pl.col("item").n_unique() / pl.len(),
            repeat_share=pl.col("is_repeat").filter(pl.col("basket") > 0).mean(),
        )
    )
    return baskets.join(loyalty, on="customer", how="left", maintain_order="left")


def count_categories(*, purchases: pl.DataFrame, shop: Shop) -> pl.DataFrame:
    """What each customer bought of each category."""
    visits = purchases.group_by("customer").agg(baskets=pl.col("basket").max() + 1, visited=pl.col("day").max())
    ago = pl.col("baskets") - 1 - pl.col("basket")
    return (
        purchases.join(visits, on="customer")
        .with_columns(category=pl.Series(shop.assortment.category_of[purchases["item"].to_numpy()]))
        .group_by("customer", "category")
        .agg(
            category_times=pl.len(),
            category_baskets=pl.col("basket").n_unique(),
            category_baskets_ago=ago.min(),
            category_days_ago=(pl.col("visited") - pl.col("day")).min(),
            category_span_days=pl.col("day").max() - pl.col("day").min(),
            category_products=pl.col("item").n_unique(),
            category_weight=(0.85**ago).sum().round(9),
        )
    )


def describe_candidates(
    *, purchases: pl.DataFrame, shop: Shop, end: int, least: int, due: pl.DataFrame | None
) -> pl.DataFrame:
    """One row a candidate, sorted by customer and item, with every feature; customers are numbered from 0 without gaps.

    `due`: customer, item, within_7 (a probability), which replaces the own estimate where it is given.
    """
    pairs = count_pairs(purchases=purchases)
    customers = count_customers(purchases=purchases, end=end)
    affinity = measure_affinity(pairs=pairs, customers_count=customers.height, shop=shop)
    rows = list_candidates(pairs=pairs, customers_count=customers.height, shop=shop, affinity=affinity, least=least)
    item = rows["item"].to_numpy()
    facts = rows.with_columns(
        *_affinities(rows=rows, affinity=affinity),
        *shop.products.select(pl.all().gather(item)).iter_columns(),
        pl.Series("category", shop.assortment.category_of[item]),
    )
    joined = (
        facts.join(pairs, on=KEYS, how="left", maintain_order="left")
        .join(customers, on="customer", how="left", maintain_order="left")
        .join(
            count_categories(purchases=purchases, shop=shop),
            on=["customer", "category"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col(_ZERO_WITHOUT).fill_null(0))
    )
    derived = _derive(joined)
    return derived if due is None else _replace_due(derived, due=due)


_ZERO_WITHOUT = (
    "times", "recency_weight", "decayed_95", "decayed_60", "decayed_week", "decayed_month", "decayed_quarter",
    "in_last_3", "in_last_6", "category_times", "category_baskets", "category_weight", "category_products",
)  # fmt: skip


def _affinities(*, rows: pl.DataFrame, affinity: Affinity) -> list[pl.Series]:
    customer, item = rows["customer"].to_numpy(), rows["item"].to_numpy()
    matrices = {
        "together": affinity.together,
        "with_last": affinity.with_last,
        "alike": affinity.alike,
        "after": affinity.after,
    }
    return [
        pl.Series(f"affinity_{name}", look_up(matrix=matrix, customer=customer, item=item))
        for name, matrix in matrices.items()
    ]


def _whole(decay: float) -> pl.Expr:
    """What the decayed count would be if every basket held the product."""
    return (1 - decay ** pl.col("baskets")) / (1 - decay)


def _derive(rows: pl.DataFrame) -> pl.DataFrame:
    elapsed = pl.col("days_ago") + pl.col("idle_days")
    pace = pl.col("visit_gap_days").fill_null(14.0)
    # Poisson-Gamma on exposure, one a pair: the open interval counts (Bhagat et al. 2018, plain model).
    shape = pl.col("times") - 1 + 0.5
    exposure = pl.col("first_days_ago") + pl.col("idle_days") + 0.5 / pl.col("rate_per_day")
    return rows.with_columns(
        share=pl.col("times") / pl.col("baskets"),
        rate=(pl.col("times") - 1 + _PRIOR_VISITS * pl.col("rate_per_visit"))
        / (pl.col("first_baskets_ago") + _PRIOR_VISITS),
        share_85=pl.col("recency_weight") / _whole(0.85),
        share_95=pl.col("decayed_95") / _whole(0.95),
        share_60=pl.col("decayed_60") / _whole(0.6),
        due_baskets=(pl.col("baskets_ago") + 1) / pl.col("gap_baskets"),
        due_days=(pl.col("days_ago") + pace) / pl.col("gap_days"),
        due_now=elapsed / pl.col("gap_days"),
        within_7=1 - (exposure / (exposure + _HORIZON_DAYS)) ** shape,
        category_share=pl.col("category_baskets") / pl.col("baskets"),
        category_due=(pl.col("category_days_ago") + pace)
        * (pl.col("category_baskets") - 1)
        / pl.max_horizontal(pl.col("category_span_days"), 1),
        share_of_category=pl.col("times") / pl.col("category_times"),
        category_choice=pl.col("category_weight") / _whole(0.85) * pl.col("recent_share_in_category"),
    )


def _replace_due(rows: pl.DataFrame, *, due: pl.DataFrame) -> pl.DataFrame:
    given = rows.join(due.rename({"within_7": "given"}), on=KEYS, how="left", maintain_order="left")
    return given.with_columns(within_7=pl.coalesce("given", "within_7")).drop("given")


def ranked_columns(rows: pl.DataFrame) -> list[str]:
    """Names of the features that the ranking reads, in their order."""
    return [name for name in rows.columns if name not in (*KEYS, *_NOT_RANKED)]


def to_matrix(rows: pl.DataFrame, *, columns: list[str]) -> np.ndarray:
    """Float32 features, NaN where unknown."""
    return rows.select(pl.col(columns).cast(pl.Float32)).to_numpy()
