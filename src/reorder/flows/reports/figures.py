"""The arithmetic of reports; pure, so that every number on screen can be recomputed by hand."""

from typing import Any, Final

import polars as pl

YEAR_DAYS: Final = 365
SOLD_DAYS: Final = 90
_KEY = ["product_id", "place"]
# Ages in days up to which each column of values counts; the last has no end.
AGES: Final = (("young_minor", 30), ("middle_minor", 90), ("aged_minor", 180), ("old_minor", None))


def stock_figures(
    *,
    stock: pl.DataFrame,
    ages: pl.DataFrame,
    sold: pl.DataFrame,
    costs: pl.DataFrame,
    daily: pl.DataFrame,
    classes: pl.DataFrame,
) -> pl.DataFrame:
    """One row a product and place that holds stock, or held some in the last 90 days.

    Args:
        stock: product_id, place, on_hand_units, mean_on_hand_units, mean_days.
        ages: product_id, place, age_days, units of what stands there.
        sold: product_id, place, units of the last 90 days.
        costs: product_id, cost_minor: what a unit costs, in minor units of the shop's currency.
        daily: product_id, place, daily_units: expected demand a day.
        classes: product_id, place, abc, xyz.

    Turns are units sold a year (those of 90 days, scaled) over mean stock; cover is stock over expected demand a day.
    """
    rows = (
        stock.filter((pl.col("on_hand_units") > 0) | (pl.col("mean_on_hand_units") > 0))
        .sort(_KEY)
        .join(sold.rename({"units": "sold_90_units"}), on=_KEY, how="left")
        .join(_value_by_age(ages=ages, costs=costs), on=_KEY, how="left")
        .join(costs, on="product_id", how="left")
        .join(daily, on=_KEY, how="left")
        .join(classes, on=_KEY, how="left")
        .with_columns(
            pl.col("on_hand_units", "mean_on_hand_units", "mean_days", "sold_90_units").fill_null(0.0),
            *(pl.col(name).fill_null(0) for name, _ in AGES),
            pl.col("abc", "xyz").fill_null(""),
        )
    )
    mean, demand = pl.col("mean_on_hand_units"), pl.col("daily_units")
    return rows.select(
        *_KEY,
        "on_hand_units",
        (pl.col("on_hand_units") * pl.col("cost_minor")).round().cast(pl.Int64).alias("value_minor"),
        "sold_90_units",
        "mean_on_hand_units",
        "mean_days",
        pl.when(mean > 0).then(pl.col("sold_90_units") * YEAR_DAYS / SOLD_DAYS / mean).alias("turns"),
        pl.when(demand > 0).then(pl.col("on_hand_units") / demand).alias("cover_days"),
        "abc",
        "xyz",
        "oldest_days",
        *(name for name, _ in AGES),
    )


def _value_by_age(*, ages: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """product_id, place, oldest_days and the value in each span of ages."""
    value = (pl.col("units") * pl.col("cost_minor")).round().cast(pl.Int64)
    buckets, above = [], -1
    for name, until in AGES:
        inside = pl.col("age_days") > above
        inside = inside & (pl.col("age_days") <= until) if until is not None else inside
        buckets.append(value.filter(inside).sum().alias(name))
        above = until if until is not None else above
    valued = ages.join(costs, on="product_id", how="left")
    return valued.group_by(_KEY).agg(pl.col("age_days").max().alias("oldest_days"), *buckets)


def report_content(
    *,
    figures: pl.DataFrame,
    accuracy: pl.DataFrame,
    chosen: pl.DataFrame,
    categories: pl.DataFrame,
    costs: pl.DataFrame,
) -> dict[str, Any]:
    """What a day keeps: sums of stock by place, category and class, ages, and how methods did by demand class.

    `categories`: product_id, category_code; `costs`: product_id, cost_minor.
    """
    named = figures.join(categories, on="product_id", how="left").join(costs, on="product_id", how="left")
    named = named.with_columns(pl.col("category_code").fill_null(""))
    return {
        "stock": _sums(named)[0] if named.height else None,
        "places": _sums(named, "place"),
        "categories": sorted(_sums(named, "category_code"), key=lambda row: -row["value_minor"]),
        "classes": _sums(named.filter(pl.col("abc") != ""), "abc", "xyz"),
        "accuracy": accuracy.to_dicts(),
        "chosen": chosen.to_dicts(),
    }


def _sums(figures: pl.DataFrame, *by: str) -> list[dict[str, Any]]:
    """Products, units, value, age and the two flows of money that turns and cover are made of, group by group."""
    cost = pl.col("cost_minor").fill_null(0.0)
    sums = [
        pl.len().cast(pl.Int64).alias("products"),
        pl.col("on_hand_units").sum().alias("units"),
        pl.col("value_minor").fill_null(0).sum().alias("value_minor"),
        pl.col("value_minor").is_null().sum().cast(pl.Int64).alias("without_cost"),
        (pl.col("sold_90_units") * cost).sum().round().cast(pl.Int64).alias("sold_90_minor"),
        (pl.col("mean_on_hand_units") * cost).sum().round().cast(pl.Int64).alias("mean_minor"),
        pl.col("mean_days").mean().fill_null(0.0).alias("mean_days"),
        *(pl.col(name).sum() for name, _ in AGES),
    ]
    made = figures.group_by(by).agg(sums).sort(by) if by else figures.select(sums)
    sold, mean = pl.col("sold_90_minor"), pl.col("mean_minor")
    return made.with_columns(
        pl.when(mean > 0).then(sold * YEAR_DAYS / SOLD_DAYS / mean).alias("turns"),
        pl.when(sold > 0).then(pl.col("value_minor") * SOLD_DAYS / sold).alias("cover_days"),
    ).to_dicts()
