"""What every part of the plan would have said on one day gone by, from the facts before it alone; pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl

from reorder.engine import demand, repurchase
from reorder.flows.demand_plan.freeing import close_series, take_out_commitments
from reorder.flows.demand_plan.smoothing import smooth_simply

HORIZONS_DAYS: Final = (7, 14, 28)
# Two years hold two of every season.
PAST_DAYS: Final = 730


def look_back_on(
    *,
    origin: dt.date,
    sold: pl.DataFrame,
    order_lines: pl.DataFrame,
    past: pl.DataFrame,
    held: pl.DataFrame,
    leaves: pl.DataFrame,
    country: str,
    methods: Sequence[str] | None = None,
) -> pl.DataFrame:
    """What every part says on one day, with what then was sold: sku and the columns of PartOrigin.

    Args:
        origin: the day; of everything only what lies before it is looked at, except to see what came.
        sold: sku, place, date, units, also of the days after.
        order_lines: the engine's ORDER_LINES by planning subject.
        past: sku, place, date, units that commitments brought before the day.
        held: sku, date, units committed for the days after, as known on the day.
        leaves: bundle, subject, units.
        country: whose holidays the timing of purchases knows.
        methods: restricts the pool of the baseline.
    """
    before = sold.filter(pl.col("date") < origin, pl.col("date") >= origin - dt.timedelta(days=PAST_DAYS))
    history = take_out_commitments(
        history=close_series(sold=before, as_of=origin), past=past.filter(pl.col("date") < origin)
    )
    made = demand.forecast(
        history=history,
        horizon_days=HORIZONS_DAYS[-1],
        quantiles=(0.5,),
        methods=methods,
        seed=origin.toordinal(),
    )
    return assemble_origins(
        origin=origin,
        top=made.daily.select("sku", "date", "mean_units"),
        smooth=smooth_simply(history=history, days=1),
        up=expect_units(origin=origin, order_lines=order_lines, leaves=leaves, country=country),
        held=held,
        came=sum_after(sold=sold, dates=(origin,), horizons_days=HORIZONS_DAYS),
    )


def expect_units(*, origin: dt.date, order_lines: pl.DataFrame, leaves: pl.DataFrame, country: str) -> pl.DataFrame:
    """Units that known customers were expected to buy, learned from lines before the day: sku, units_7 … units_28."""
    lines = order_lines.filter(pl.col("ordered_at").dt.date() < origin)
    columns = [f"units_{days}" for days in HORIZONS_DAYS]
    if lines.is_empty():
        return pl.DataFrame(schema={"sku": pl.String, **dict.fromkeys(columns, pl.Float64)})
    learned = repurchase.learn_quickly(order_lines=lines, as_of=origin, country=country)
    statistics = repurchase.count_statistics(order_lines=lines, as_of=origin)
    model = repurchase.fit_statistics(statistics=statistics, learned=learned, as_of=origin)
    due = model.due(as_of=origin, horizons_days=HORIZONS_DAYS)
    expected = due.group_by("sku").agg(
        (pl.col(f"within_{days}_days") * pl.col("expected_units")).sum().alias(f"units_{days}")
        for days in HORIZONS_DAYS
    )
    return explode_expected(expected=expected, leaves=leaves)


def sum_after(*, sold: pl.DataFrame, dates: tuple[dt.date, ...], horizons_days: tuple[int, ...]) -> pl.DataFrame:
    """Units of each subject within so many days from each date on: sku, as_of_date, horizon_days, units."""
    parts = [
        sold.filter(pl.col("date") >= date, pl.col("date") < date + dt.timedelta(days=days))
        .group_by("sku")
        .agg(pl.col("units").sum())
        .select("sku", pl.lit(date).alias("as_of_date"), pl.lit(days, pl.Int64).alias("horizon_days"), "units")
        for date in dates
        for days in horizons_days
    ]
    return pl.concat(parts)


def assemble_origins(
    *,
    origin: dt.date,
    top: pl.DataFrame,
    smooth: pl.DataFrame,
    up: pl.DataFrame,
    held: pl.DataFrame,
    came: pl.DataFrame,
) -> pl.DataFrame:
    """One row a subject and horizon, of every subject that is forecast or held.

    Args:
        origin: the day.
        top: sku, date, mean_units of the baseline.
        smooth: sku, smoothing_units a day.
        up: sku, units_7, units_14, units_28 of known customers.
        held: sku, date, units committed and known on the day.
        came: sku, horizon_days, units sold.
    """
    parts = []
    for days in HORIZONS_DAYS:
        until = origin + dt.timedelta(days=days)
        said = _within(top, until=until, value="mean_units", name="top_down_units")
        parts.append(
            said.join(
                _within(held, until=until, value="units", name="committed_units"), on="sku", how="full", coalesce=True
            )
            .join(smooth.select("sku", pl.col("smoothing_units") * days), on="sku", how="left")
            .join(up.select("sku", pl.col(f"units_{days}").alias("bottom_up_units")), on="sku", how="left")
            .join(
                came.filter(pl.col("horizon_days") == days).select("sku", pl.col("units").alias("sold_units")),
                on="sku",
                how="left",
            )
            .with_columns(pl.lit(days).alias("horizon_days"))
        )
    return pl.concat(parts).with_columns(pl.exclude("sku", "horizon_days").fill_null(0.0))


def _within(table: pl.DataFrame, *, until: dt.date, value: str, name: str) -> pl.DataFrame:
    return table.filter(pl.col("date") < until).group_by("sku").agg(pl.col(value).sum().alias(name))


def explode_expected(*, expected: pl.DataFrame, leaves: pl.DataFrame) -> pl.DataFrame:
    """Bundles as what they are made of: `leaves` has bundle, subject, units. Other subjects stay as they are."""
    joined = expected.join(leaves.rename({"bundle": "sku"}), on="sku", how="left")
    values = [name for name in expected.columns if name != "sku"]
    return (
        joined.with_columns(
            pl.coalesce("subject", "sku").alias("sku"),
            *(pl.col(name) * pl.col("units").fill_null(1.0) for name in values),
        )
        .group_by("sku")
        .agg(pl.col(name).sum() for name in values)
    )
