"""How likely stock runs out before more arrives: demand until the next receipt against what is free now."""

from datetime import date

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.textbook import FloatArray

RATES = frames.Frame(
    "rates",
    {
        "sku": frames.Column(pl.String()),
        "place": frames.Column(pl.String()),
        "daily_units": frames.Column(pl.Float64(), minimum=0.0),
        "daily_deviation_units": frames.Column(pl.Float64(), minimum=0.0),
        "lead_days": frames.Column(pl.Float64(), minimum=0.0),
    },
    key=("sku", "place"),
)
RECEIPTS = frames.Frame(
    "receipts",
    {
        "sku": frames.Column(pl.String()),
        "place": frames.Column(pl.String()),
        "date": frames.Column(frames.DAY),
        "units": frames.Column(pl.Float64(), above=0.0),
    },
)


def run_out_share(
    *,
    position: pl.DataFrame,
    rates: pl.DataFrame,
    receipts: pl.DataFrame,
    as_of: date,
    plan: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Probability, for every row of `rates`, that stock runs out before the next receipt.

    The next receipt is the first open one (`receipts`: sku, place, date, units; a day that has passed counts as
    tomorrow), without any what an order of today would bring after `lead_days`. Demand until the day before it is a
    gamma law with the mean of the demand plan (`plan`: sku, place, date, mean_units) where it knows the days, else
    daily_units, and daily_deviation_units² a day. Free stock is on hand without what is allocated, held or owed.

    Columns: sku, place, free_units, next_receipt_date, is_on_order, days, expected_units, run_out_share. Zero where no
    demand is expected, one where something is expected and nothing is free. Raises InvalidFrame.
    """
    position = frames.require(table=position, contract=frames.POSITION)
    rates = frames.require(table=rates, contract=RATES)
    receipts = frames.require(table=receipts, contract=RECEIPTS)
    free = pl.col("on_hand") - pl.col("allocated") - pl.col("held") - pl.col("backordered")
    first = receipts.group_by("sku", "place").agg(receipt_date=pl.col("date").min())
    ordered = pl.lit(as_of) + pl.duration(days=pl.col("lead_days").ceil())
    rows = (
        rates.join(position.select("sku", "place", free_units=free), on=["sku", "place"], how="left")
        .join(first, on=["sku", "place"], how="left")
        .with_columns(pl.col("free_units").fill_null(0.0), is_on_order=pl.col("receipt_date").is_not_null())
        .with_columns(next_receipt_date=pl.coalesce("receipt_date", ordered).clip(lower_bound=as_of))
        .with_columns(days=(pl.col("next_receipt_date") - pl.lit(as_of)).dt.total_days().clip(lower_bound=1))
        .with_columns(next_receipt_date=pl.lit(as_of) + pl.duration(days=pl.col("days")))
    )
    rows = _expected(rows=rows, plan=plan, as_of=as_of)
    share = _share(
        free=rows["free_units"].to_numpy(),
        mean=rows["expected_units"].to_numpy(),
        variance=(rows["daily_deviation_units"] ** 2 * rows["days"]).to_numpy(),
    )
    return rows.with_columns(run_out_share=pl.Series(share)).select(
        "sku", "place", "free_units", "next_receipt_date", "is_on_order", "days", "expected_units", "run_out_share"
    )


def _expected(*, rows: pl.DataFrame, plan: pl.DataFrame | None, as_of: date) -> pl.DataFrame:
    """Demand until the next receipt: planned days as planned, the others at the daily rate."""
    plain_mean = pl.col("daily_units") * pl.col("days")
    if plan is None:
        return rows.with_columns(expected_units=plain_mean)
    known = (
        plan.select("sku", "place", "date", "mean_units")
        .join(rows.select("sku", "place", "next_receipt_date"), on=["sku", "place"])
        .filter((pl.col("date") >= as_of) & (pl.col("date") < pl.col("next_receipt_date")))
        .group_by("sku", "place")
        .agg(planned_units=pl.col("mean_units").sum(), planned_days=pl.len())
    )
    rest = (pl.col("days") - pl.col("planned_days").fill_null(0)).clip(lower_bound=0) * pl.col("daily_units")
    return rows.join(known, on=["sku", "place"], how="left", maintain_order="left").with_columns(
        expected_units=pl.col("planned_units").fill_null(0.0) + rest
    )


def _share(*, free: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    from scipy.special import gammaincc

    # Single buyers arrive at random: a day's variance is at least its mean.
    spread = np.maximum(variance, mean)
    sold = mean > 0
    scale = np.where(sold, spread, 1.0) / np.where(sold, mean, 1.0)
    # The last unit must be asked for and not be there: demand beyond what is free.
    beyond = gammaincc(np.where(sold, mean, 1.0) / scale, np.maximum(free, 0.0) / scale)
    return np.where(sold, np.where(free <= 0, 1.0, beyond), 0.0)
