"""Why a product is recommended: the strongest plain reason, in words that do not age."""

import numpy as np
import polars as pl

from reorder.engine.reasons import reason_columns
from reorder.engine.recommend.candidates import look_up
from reorder.engine.recommend.shop import Shop

_RHYTHM_TIMES = 3
_LEAST_WEIGHT = 0.05
_LEAST_CATEGORY_TIMES = 2
_ORDER = ("rhythm", "own", "with", "category", "popular")


def explain(*, rows: pl.DataFrame, purchases: pl.DataFrame, shop: Shop) -> pl.DataFrame:
    """`rows` (ranked candidates) with reason, reason_code and reason_parameters, sorted by customer and rank."""
    linked = _link(rows=rows, purchases=purchases, shop=shop).with_columns(
        last_bought=pl.col("last_day").cast(pl.Int32).cast(pl.Date).dt.to_string("%Y-%m-%d"),
        category_name=shop.assortment.categories.gather(rows["category"]),
    )
    kind = (
        pl.when(pl.col("times") >= _RHYTHM_TIMES)
        .then(pl.lit("rhythm"))
        .when(pl.col("times") > 0)
        .then(pl.lit("own"))
        .when(pl.col("with_sku").is_not_null())
        .then(pl.lit("with"))
        .when((pl.col("category_times") >= _LEAST_CATEGORY_TIMES) & (pl.col("category_name") != ""))
        .then(pl.lit("category"))
        .otherwise(pl.lit("popular"))
    )
    parts = linked.with_columns(kind=kind).partition_by("kind", as_dict=True)
    columns = ["customer", "rank", "item", "score", "reason", "reason_code", "reason_parameters"]
    told = [_tell(parts[kind,], kind=kind).select(columns) for kind in _ORDER if (kind,) in parts]
    if not told:
        empty = [pl.lit(None, pl.String).alias(name) for name in columns[-3:]]
        return linked.with_columns(empty).select(columns)
    return pl.concat(told).sort("customer", "rank")


def _tell(rows: pl.DataFrame, *, kind: str) -> pl.DataFrame:
    parameters = {
        "rhythm": {
            "baskets_count": pl.col("times"),
            "gap_days": pl.col("gap_days").round(0).cast(pl.Int64).clip(lower_bound=1),
            "last_bought": pl.col("last_bought"),
        },
        "own": {
            "baskets_count": pl.col("times"),
            "visits_count": pl.col("baskets"),
            "last_bought": pl.col("last_bought"),
        },
        "with": {"with_sku": pl.col("with_sku")},
        "category": {"category": pl.col("category_name"), "category_count": pl.col("category_times").cast(pl.Int64)},
        "popular": {"customers_count": pl.col("buyers").cast(pl.Int64)},
    }
    return rows.with_columns(reason_columns(code=f"recommend.{kind}", parameters=parameters[kind]))


def _link(*, rows: pl.DataFrame, purchases: pl.DataFrame, shop: Shop) -> pl.DataFrame:
    """Of each product that is new to the customer the own product that points to it most, where one clearly does."""
    new = rows.filter(pl.col("times") == 0).select("customer", "item")
    own = purchases.select("customer", own="item").unique()
    pairs = new.join(own, on="customer").sort("customer", "item", "own")
    source, item = pairs["own"].to_numpy(), pairs["item"].to_numpy()
    weight = look_up(matrix=shop.neighbours.together, customer=source, item=item)
    best = (
        pairs.with_columns(weight=pl.Series(np.asarray(weight)))
        .filter(pl.col("weight") >= _LEAST_WEIGHT)
        .sort(["customer", "item", "weight", "own"], descending=[False, False, True, False])
        .group_by("customer", "item", maintain_order=True)
        .first()
    )
    named = best.select("customer", "item", with_sku=shop.assortment.skus.gather(best["own"]))
    return rows.join(named, on=["customer", "item"], how="left", maintain_order="left")
