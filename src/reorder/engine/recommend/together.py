"""Which products are bought together more often than their popularity alone would bring about."""

from collections.abc import Sequence

import polars as pl

from reorder.engine import frames
from reorder.engine.reasons import reason_columns
from reorder.engine.recommend.errors import BadSize

_MIN_TOGETHER = 2
_PRIOR_ORDERS = 2.0


def also_bought(*, order_lines: pl.DataFrame, skus: Sequence[str], size: int = 10) -> pl.DataFrame:
    """Up to `size` companions of each of `skus`: sku, rank, other_sku, lift, orders_together, reason and its code.

    `lift` = orders with both × all orders / (orders with the one × orders with the other); above one means together
    more often than by chance. Ranked by lift shrunk towards one by two expected orders, because a rare pair's lift is
    mostly luck; pairs seen fewer than twice, or no more often than by chance, are left out. Unknown skus give no rows.
    Raises InvalidFrame, BadSize.
    """
    if size < 1:
        raise BadSize(size=size)
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
    bought = lines.select("order_id", "sku").unique()
    orders_count = bought["order_id"].n_unique()
    counts = bought.group_by("sku").agg(orders=pl.len())
    wanted = bought.filter(pl.col("sku").is_in(list(skus)))
    together = (
        wanted.join(bought.rename({"sku": "other_sku"}), on="order_id")
        .filter(pl.col("sku") != pl.col("other_sku"))
        .group_by("sku", "other_sku")
        .agg(orders_together=pl.len().cast(pl.Int64))
        .filter(pl.col("orders_together") >= _MIN_TOGETHER)
    )
    return _rank(together=together, counts=counts, orders_count=orders_count, size=size)


def _rank(*, together: pl.DataFrame, counts: pl.DataFrame, orders_count: int, size: int) -> pl.DataFrame:
    by_chance = pl.col("orders") * pl.col("other_orders") / max(orders_count, 1)
    others = counts.rename({"sku": "other_sku", "orders": "other_orders"})
    parameters = {
        "orders_together": pl.col("orders_together"),
        "lift": pl.col("lift").round(1),
    }
    return (
        together.join(counts, on="sku")
        .join(others, on="other_sku")
        .with_columns(
            lift=pl.col("orders_together") / by_chance,
            weight=(pl.col("orders_together") + _PRIOR_ORDERS) / (by_chance + _PRIOR_ORDERS),
        )
        .filter(pl.col("lift") > 1.0)
        .sort(["sku", "weight", "other_sku"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("sku"))
        .filter(pl.col("rank") <= size)
        .with_columns(reason_columns(code="recommend.together", parameters=parameters))
        .select("sku", "rank", "other_sku", "lift", "orders_together", "reason", "reason_code", "reason_parameters")
    )
