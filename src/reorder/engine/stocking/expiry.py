"""Goods that expire: orders go up to what sells within the shelf life with the probability that a person chose."""

import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.explain import REASON_SCHEMA, explain, plain
from reorder.engine.stocking.service import BadServicePolicy
from reorder.engine.stocking.textbook import gamma_quantile

SHELF_LIVES = frames.Frame(
    "shelf_lives",
    {"sku": frames.Column(pl.String()), "shelf_life_days": frames.Column(pl.Float64(), nullable=True, above=0.0)},
    key=("sku",),
)
_LEVELS = ("safety_stock_units", "reorder_point_units", "order_up_to_units")


def cap_by_expiry(*, targets: pl.DataFrame, shelf_lives: pl.DataFrame, sells_probability: float) -> pl.DataFrame:
    """`targets` (as `set_targets` makes them) cut to what sells before it expires.

    Demand over the shelf life is a gamma law with the target's daily mean, and its deviation over lead time + review
    carried over to the shelf life; the cap is the quantile that demand exceeds with `sells_probability`. Products
    without demand are left alone. Rows that were cut say so in their reason. Raises InvalidFrame, BadServicePolicy.
    """
    if not 0 < sells_probability < 1:
        raise BadServicePolicy(reason=f"sells_probability is {sells_probability}: it must lie above 0 and below 1")
    lives = frames.require(table=shelf_lives, contract=SHELF_LIVES)
    joined = targets.join(lives.select("sku", "shelf_life_days"), on="sku", how="left", maintain_order="left")
    days = joined["shelf_life_days"].fill_null(1.0)
    span = (joined["expected_units"] / joined["daily_units"]).fill_nan(1.0).clip(lower_bound=1e-3, upper_bound=1e6)
    cap = gamma_quantile(
        level=pl.select(pl.repeat(1 - sells_probability, joined.height)).to_series().to_numpy(),
        mean=(joined["daily_units"] * days).to_numpy(),
        variance=(joined["deviation_units"] ** 2 / span * days).to_numpy(),
    )
    limited = pl.col("shelf_life_days").is_not_null() & (pl.col("daily_units") > 0)
    told = joined.with_row_index("_place_in_frame").with_columns(
        _cap=pl.when(limited).then(pl.Series(cap).floor()), asked_level=pl.col("order_up_to_units")
    )
    told = told.with_columns(_is_cut=(pl.col("order_up_to_units") > pl.col("_cap")).fill_null(value=False))
    cut = told.filter("_is_cut").with_columns(pl.min_horizontal(name, "_cap").alias(name) for name in _LEVELS)
    cut = explain(
        frame=cut.drop(*REASON_SCHEMA),
        code=pl.lit("stocking.target.expiry"),
        parameters={
            "stocking.target.expiry": {
                "order_up_to": plain(value=pl.col("order_up_to_units")),
                "asked": plain(value=pl.col("asked_level").round()),
                "days": plain(value=pl.col("shelf_life_days")),
                "percent": plain(value=pl.lit(100 * sells_probability)),
                "reorder_point": plain(value=pl.col("reorder_point_units")),
            }
        },
    )
    together = pl.concat([told.filter(~pl.col("_is_cut")), cut], how="diagonal").sort("_place_in_frame")
    return together.select(targets.columns)
