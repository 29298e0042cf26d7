"""What service levels cost and gain: stock and lost margin of each class at each level, so that a person can choose."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from reorder.engine.stocking.textbook import gamma_loss, gamma_quantile

PRICED_LEVELS = (0.80, 0.85, 0.90, 0.95, 0.97, 0.98, 0.99, 0.995)
DAYS_A_YEAR = 365.0


def price_service_levels(
    *, targets: pl.DataFrame, terms: pl.DataFrame, classes: pl.DataFrame, levels: Sequence[float] = PRICED_LEVELS
) -> pl.DataFrame:
    """Each class at each level: class_code, service_level, products_count, stock_value, holding_cost_per_year,
    lost_margin_per_year, fill_rate (null without demand); money in that of the terms.

    Demand over lead time + review is taken as a gamma law with the target's mean and deviation; the order stays as
    large as the target has it. Stock is safety stock and half an order; a year has daily demand × 365 over the order
    cycles. An estimate for comparing levels, not a forecast of the books.
    Source: Silver, Pyke, Thomas, section 6.11 (exchange curves of stock against service).
    """  # noqa: D205 - the columns are the summary
    table = (
        targets.join(terms.select("sku", "place", "unit_cost", "holding_share_per_day"), on=["sku", "place"])
        .join(classes.select("sku", "place", "class_code"), on=["sku", "place"])
        .with_columns(order_units=(pl.col("order_up_to_units") - pl.col("reorder_point_units")).clip(lower_bound=0))
    )
    mean, variance = table["expected_units"].to_numpy(), table["deviation_units"].to_numpy() ** 2
    order, daily = table["order_units"].to_numpy(), table["daily_units"].to_numpy()
    cycles = np.where(order > 0, daily * DAYS_A_YEAR / np.where(order > 0, order, 1.0), 0.0)
    parts = []
    for level in levels:
        point = gamma_quantile(level=np.full(table.height, level), mean=mean, variance=variance)
        loss = gamma_loss(stock=point, mean=mean, variance=variance)
        parts.append(
            table.select("class_code", "unit_cost", "holding_share_per_day", "lost_unit_cost").with_columns(
                service_level=pl.lit(level),
                stock_units=pl.Series(np.maximum(point - mean, 0.0) + loss + order / 2),
                lost_units=pl.Series(np.minimum(loss * cycles, daily * DAYS_A_YEAR)),
                year_units=pl.Series(daily * DAYS_A_YEAR),
            )
        )
    value = pl.col("stock_units") * pl.col("unit_cost")
    return (
        pl.concat(parts)
        .group_by("class_code", "service_level")
        .agg(
            products_count=pl.len().cast(pl.Int64),
            stock_value=value.sum(),
            holding_cost_per_year=(value * pl.col("holding_share_per_day")).sum() * DAYS_A_YEAR,
            lost_margin_per_year=(pl.col("lost_units") * pl.col("lost_unit_cost")).sum(),
            fill_rate=pl.when(pl.col("year_units").sum() > 0).then(
                1 - pl.col("lost_units").sum() / pl.col("year_units").sum()
            ),
        )
        .sort("class_code", "service_level")
    )
