"""How the parts of the plan add up; pure, so that every number on screen can be recomputed by hand."""

import polars as pl

_KEY = ["sku", "place", "date"]
_QUANTILES = [f"p{level}_units" for level in (10, 25, 50, 75, 90, 95, 99)]
# Days from the plan's first day up to which each column of the expected reorders counts.
_REACH = ((7, "units_7"), (14, "units_14"), (30, "units_30"))


def compose_plan(*, forecast: pl.DataFrame, expected: pl.DataFrame, commitments: pl.DataFrame) -> pl.DataFrame:
    """Mean = baseline + committed + adjustment, never below zero; quantiles move with what is certain.

    Args:
        forecast: sku, place, date, mean_units and quantiles: the top-down baseline, selling units a day.
        expected: sku, units_7, units_14, units_30: units that known customers are expected to buy within 7, 14 and
            30 days, all places together. It explains a part of the baseline and adds nothing to it.
        commitments: sku, place, date, committed_units, adjustment_units: what we cause or already hold.

    Returns:
        sku, place, date, baseline_units, known_customers_units, committed_units, adjustment_units, mean_units and the
        quantiles; one row for each day of the forecast or of a commitment.
    """
    days = pl.concat([forecast.select(_KEY), commitments.select(_KEY)]).unique().sort(_KEY)
    plan = days.join(forecast, on=_KEY, how="left").join(commitments, on=_KEY, how="left")
    plan = plan.with_columns(pl.exclude(_KEY).fill_null(0.0))
    added = pl.col("committed_units") + pl.col("adjustment_units")
    plan = _with_known_customers(plan=plan.rename({"mean_units": "baseline_units"}), expected=expected)
    return plan.with_columns(
        (pl.col("baseline_units") + added).clip(0.0).alias("mean_units"),
        *((pl.col(name) + added).clip(0.0).alias(name) for name in _QUANTILES),
    ).select(
        *_KEY,
        "baseline_units",
        "known_customers_units",
        "committed_units",
        "adjustment_units",
        "mean_units",
        *_QUANTILES,
    )


def _with_known_customers(*, plan: pl.DataFrame, expected: pl.DataFrame) -> pl.DataFrame:
    """Split the baseline: within each span of days, known customers explain at most all of it.

    The expected units of a span are spread over its days and places as the baseline is; of days that lie beyond all
    spans nothing is said.
    """
    first = plan["date"].min() if plan.height else None
    day = (pl.col("date") - pl.lit(first, pl.Date)).dt.total_days()
    span = pl.when(day < 7).then(7).when(day < 14).then(14).when(day < 30).then(30).alias("span")
    plan = plan.with_columns(span)
    spans = _units_by_span(expected)
    totals = plan.group_by("sku", "span").agg(pl.col("baseline_units").sum().alias("total"), pl.col("date").n_unique())
    share = totals.join(spans, on=["sku", "span"], how="left").select(
        "sku",
        "span",
        pl.when(pl.col("total") > 0)
        .then(
            pl.col("units").fill_null(0.0) * (pl.col("date") / pl.col("days").fill_null(1)).clip(0, 1) / pl.col("total")
        )
        .otherwise(0.0)
        .clip(0.0, 1.0)
        .alias("share"),
    )
    plan = plan.join(share, on=["sku", "span"], how="left")
    return plan.with_columns((pl.col("baseline_units") * pl.col("share").fill_null(0.0)).alias("known_customers_units"))


def _units_by_span(expected: pl.DataFrame) -> pl.DataFrame:
    """Units expected between one reach and the next: sku, span, days (length of the span), units."""
    parts, before, start = [], pl.lit(0.0), 0
    for reach, name in _REACH:
        units = (pl.col(name) - before).clip(0.0).alias("units")
        parts.append(
            expected.select("sku", pl.lit(reach, pl.Int32).alias("span"), pl.lit(reach - start).alias("days"), units)
        )
        before, start = pl.col(name), reach
    return pl.concat(parts)
