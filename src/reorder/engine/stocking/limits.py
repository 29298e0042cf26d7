"""Least and most units that a person laid down, put on targets; the limits win over every computed level.

After it every reorder point is at least the minimum and every order-up-to level at most the maximum.
"""

import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.explain import REASON_SCHEMA, explain, plain

LIMITS = frames.Frame(
    "limits",
    {
        "sku": frames.Column(pl.String()),
        "place": frames.Column(pl.String()),
        "minimum_units": frames.Column(pl.Float64(), nullable=True, minimum=0.0),
        "maximum_units": frames.Column(pl.Float64(), nullable=True, minimum=0.0),
    },
    key=("sku", "place"),
)
_LEVELS = ("safety_stock_units", "reorder_point_units", "order_up_to_units")


def apply_limits(*, targets: pl.DataFrame, limits: pl.DataFrame) -> pl.DataFrame:
    """`targets` (as `set_targets` makes them) within `limits` (sku, place, minimum_units, maximum_units; empty: none).

    A minimum lifts the reorder point and moves the order-up-to level with it, so that orders stay as large; a maximum
    cuts all three levels. Rows that a limit changed say so in their reason. Raises InvalidFrame, also for a minimum
    above its maximum.
    """
    limits = frames.require(table=limits, contract=LIMITS)
    _refuse_crossed(limits=limits)
    joined = targets.join(limits.select(*LIMITS.columns), on=["sku", "place"], how="left", maintain_order="left")
    lift = (pl.col("minimum_units").fill_null(0.0) - pl.col("reorder_point_units")).clip(lower_bound=0)
    most = pl.col("maximum_units").fill_null(float("inf"))
    lifted = joined.with_columns(
        pl.min_horizontal(pl.col("safety_stock_units") + lift, most).alias("_safety_stock_units"),
        pl.min_horizontal(pl.col("reorder_point_units") + lift, most).alias("_reorder_point_units"),
        pl.min_horizontal(pl.col("order_up_to_units") + lift, most).alias("_order_up_to_units"),
    )
    changed = pl.any_horizontal((pl.col(f"_{name}") != pl.col(name)) for name in _LEVELS)
    told = lifted.with_row_index("_place_in_frame").with_columns(
        changed.alias("_is_changed"),
        asked_point=pl.col("reorder_point_units"),
        asked_level=pl.col("order_up_to_units"),
        **{name: pl.col(f"_{name}") for name in _LEVELS},
    )
    limited = _explain(rows=told.filter("_is_changed").drop(*REASON_SCHEMA))
    together = pl.concat([told.filter(~pl.col("_is_changed")), limited], how="diagonal").sort("_place_in_frame")
    return together.select(targets.columns)


def _refuse_crossed(*, limits: pl.DataFrame) -> None:
    crossed = limits.with_row_index("row").filter(pl.col("minimum_units") > pl.col("maximum_units"))
    if crossed.height:
        raise frames.InvalidFrame(
            frame="limits", column="minimum_units", row=crossed["row"][0], reason="is above maximum_units"
        )


def _explain(*, rows: pl.DataFrame) -> pl.DataFrame:
    is_cut = pl.col("order_up_to_units") < pl.col("asked_level")
    code = pl.when(is_cut).then(pl.lit("stocking.target.at_most")).otherwise(pl.lit("stocking.target.at_least"))
    common = {
        "reorder_point": plain(value=pl.col("reorder_point_units").ceil()),
        "order_up_to": plain(value=pl.col("order_up_to_units").round()),
    }
    parameters = {
        "stocking.target.at_least": common
        | {
            "asked": plain(value=pl.col("asked_point").ceil()),
            "minimum": plain(value=pl.col("minimum_units").fill_null(0.0)),
        },
        "stocking.target.at_most": common
        | {
            "asked": plain(value=pl.col("asked_level").round()),
            "maximum": plain(value=pl.col("maximum_units").fill_null(0.0)),
        },
    }
    return explain(frame=rows, code=code, parameters=parameters)
