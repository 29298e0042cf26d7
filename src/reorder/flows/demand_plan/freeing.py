"""Takes what was committed out of the past, so that last month's campaign does not become next month's baseline; pure.

Commitments are added to the baseline again when their days come: what was in the history twice would be counted twice.
"""

import datetime as dt

import polars as pl

_KEY = ["sku", "place", "date"]


def take_out_commitments(*, history: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """History without the units that commitments brought, never below zero; rows and other columns as they are.

    Args:
        history: sku, place, date, units and any further columns.
        past: sku, place, date, units: what commitments of these days came to, or were expected to where nobody has
            settled them. Negative units (a price rise) are given back.

    A committed day without sales stays as it is: nothing came of it, and nothing is to be taken out. Where more was
    expected than was sold, the day cannot tell what would have sold by itself: it is flagged as one that says nothing
    (`in_stock` false, as a day with an empty shelf), for a zero would pull the baseline down.
    """
    if past.is_empty() or history.is_empty():
        return history
    held = past.group_by(_KEY).agg(pl.col("units").sum().alias("held_units"))
    joined = history.join(held, on=_KEY, how="left", maintain_order="left").with_columns(
        pl.col("held_units").fill_null(0.0)
    )
    is_unclear = (pl.col("units") > 0) & (pl.col("held_units") > pl.col("units") + 1e-9)
    if joined.select(is_unclear.any()).item():
        known = pl.col("in_stock") if "in_stock" in history.columns else pl.lit(value=True)
        joined = joined.with_columns((known & ~is_unclear).alias("in_stock"))
    return joined.with_columns((pl.col("units") - pl.col("held_units")).clip(0.0).alias("units")).drop("held_units")


def close_series(*, sold: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Every series ends on the day before `as_of`, not on its last sale: the forecast must see the silent days since.

    `sold`: sku, place, date, units.
    """
    last = sold.select("sku", "place").unique().with_columns(pl.lit(as_of - dt.timedelta(days=1)).alias("date"))
    silent = last.join(sold, on=["sku", "place", "date"], how="anti").with_columns(pl.lit(0.0).alias("units"))
    return pl.concat([sold, silent.select(sold.columns)]).sort("sku", "place", "date")
