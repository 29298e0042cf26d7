"""Stock beyond what is needed: units above the order-up-to level and some days of demand, with their money."""

import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.explain import explain, plain
from reorder.engine.stocking.restock import TARGETS, with_position

_COLUMNS = (
    "sku", "place", "on_hand_units", "position_units", "order_up_to_units", "daily_units", "excess_units",
    "excess_value", "cover_weeks", "reason", "reason_code", "reason_parameters",
)  # fmt: skip


def find_excess(
    *, position: pl.DataFrame, targets: pl.DataFrame, values: pl.DataFrame, cover_days: int
) -> pl.DataFrame:
    """Rows with units above order-up-to plus `cover_days` of demand, the most money first.

    Only units that are there count: at most what is on hand and promised to nobody. `values` (sku, place, unit_value)
    prices them. A SKU without target or demand is excess altogether. Columns: sku, place, on_hand_units,
    position_units, order_up_to_units, daily_units, excess_units, excess_value, cover_weeks (null without demand),
    reason, reason_code, reason_parameters. Raises InvalidFrame.
    """
    position = frames.require(table=position, contract=frames.POSITION)
    targets = frames.require(table=targets, contract=TARGETS)
    if "daily_units" not in targets.columns:
        targets = targets.with_columns(daily_units=pl.lit(None, dtype=pl.Float64))
    free = (pl.col("on_hand") - pl.col("allocated") - pl.col("held") - pl.col("backordered")).clip(lower_bound=0)
    made = (
        position.with_columns(free_units=free, on_hand_units=pl.col("on_hand"))
        .join(with_position(position=position), on=["sku", "place"])
        .join(targets.select("sku", "place", "order_up_to_units", "daily_units"), on=["sku", "place"], how="left")
        .join(values.select("sku", "place", "unit_value"), on=["sku", "place"], how="left")
        .with_columns(pl.col("order_up_to_units", "daily_units").fill_null(0.0))
        .with_columns(kept=pl.col("order_up_to_units") + cover_days * pl.col("daily_units"))
        .with_columns(excess_units=pl.min_horizontal("free_units", pl.col("position_units") - pl.col("kept")).floor())
        .filter(pl.col("excess_units") >= 1)
        .with_columns(
            excess_value=pl.col("excess_units") * pl.col("unit_value").fill_null(0.0),
            cover_weeks=pl.when(pl.col("daily_units") > 0).then(pl.col("position_units") / pl.col("daily_units") / 7),
        )
    )
    code = (
        pl.when(pl.col("daily_units") > 0)
        .then(pl.lit("stocking.excess.slow"))
        .otherwise(pl.lit("stocking.excess.no_demand"))
    )
    common = {
        "excess": plain(value=pl.col("excess_units")),
        "position": plain(value=pl.col("position_units")),
        "order_up_to": plain(value=pl.col("order_up_to_units")),
    }
    slow = common | {"days": pl.lit(cover_days), "weeks": plain(value=pl.col("cover_weeks"))}
    told = explain(
        frame=made,
        code=code,
        parameters={"stocking.excess.slow": slow, "stocking.excess.no_demand": common},
    )
    return told.sort("excess_value", "sku", "place", descending=[True, False, False]).select(*_COLUMNS)
