"""What the list of products shows next to stock: sales, plan and target of each product at each place; pure."""

from statistics import NormalDist

import polars as pl

SHOWN_DAYS = 28
_KEY = ["sku", "place"]


def stand(
    *,
    products: pl.DataFrame,
    sold: pl.DataFrame,
    plan: pl.DataFrame,
    targets: pl.DataFrame,
    choices: pl.DataFrame,
) -> pl.DataFrame:
    """Rows of Standing: every product and place that sold in the last 28 days, is planned or has a target.

    Args:
        products: product_id, sku, planned_by.
        sold: product_id, place, units of the last 28 days.
        plan: the next 28 days of the plan: sku (subject), place, mean_units.
        targets: as `set_stock_targets` saves them.
        choices: sku (subject), place, demand_class.

    The deviation of demand over lead time and review is read off the target: safety stock is z deviations.
    """
    own = products.filter(pl.col("planned_by") == "product").select("product_id", "sku")
    planned = plan.group_by(_KEY).agg(pl.col("mean_units").sum().alias("planned_28_units"))
    deviation = pl.struct("safety_stock_units", "service_level").map_elements(_deviation, return_dtype=pl.Float64)
    aims = targets.select(
        *_KEY,
        "reorder_point_units",
        "expected_units",
        deviation.alias("deviation_units"),
        "lead_days",
        "lost_unit_cost",
        pl.col("daily_units").alias("target_daily_units"),
    )
    classes = choices.select(*_KEY, "demand_class")
    known = pl.concat([planned.select(_KEY), aims.select(_KEY)]).unique().join(own, on="sku")
    known = known.join(planned, on=_KEY, how="left").join(aims, on=_KEY, how="left").join(classes, on=_KEY, how="left")
    sales = sold.rename({"units": "sold_28_units"})
    rows = known.drop("sku").join(sales, on=["product_id", "place"], how="full", coalesce=True)
    daily = pl.coalesce("target_daily_units", pl.col("planned_28_units") / SHOWN_DAYS, pl.lit(0.0))
    return rows.with_columns(
        daily.alias("daily_units"),
        pl.col("sold_28_units").fill_null(0.0),
        pl.col("lost_unit_cost").fill_null(0.0),
        pl.col("demand_class").fill_null(""),
    ).drop("target_daily_units")


def _deviation(row: dict[str, float]) -> float:
    level = row["service_level"]
    z = NormalDist().inv_cdf(level) if 0 < level < 1 else 0.0
    return row["safety_stock_units"] / z if z > 0 else 0.0
