"""What tonight's reminders are expected to bring, as commitments of the demand plan: nothing until it was measured."""

import datetime as dt

import polars as pl

from reorder.domain.planning import commitments, queries
from reorder.domain.planning.commitments import CommittedDay
from reorder.engine.repurchase import Uplift
from reorder.engine.repurchase.contact.choosing import WINDOW_DAYS

# Purchases are counted for a reminder up to so many days before and after the parcel would come.
_SPREAD_DAYS = 2 * WINDOW_DAYS + 1


def commit_reminders(*, decided: pl.DataFrame, uplift: Uplift, as_of: dt.date, moment: dt.datetime) -> int:
    """Commit the extra units of tonight's reminders, in place of what this night's day held; returns days written.

    Part of the caller's transaction. The next plan counts them.
    """
    lift = expect_lift(decided=decided, uplift=uplift)
    if lift.is_empty():
        return 0
    shares = queries.frame_planned_shares(subjects=lift["sku"].unique().to_list())
    placed = lift.join(shares, on="sku").with_columns(pl.col("units", "deviation_units") * pl.col("share"))
    made = commitments.replace_commitments(
        kind="reminder",
        key=f"night:{as_of.isoformat()}",
        rows=[
            CommittedDay(row["sku"], row["place"], row["date"], row["units"], row["deviation_units"])
            for row in placed.sort("sku", "place", "date").iter_rows(named=True)
        ],
        today=as_of,
        moment=moment,
        reason="reminders",
    )
    return made.written_count


def expect_lift(*, decided: pl.DataFrame, uplift: Uplift) -> pl.DataFrame:
    """Extra units of planned reminders by subject and day: sku, date, units, deviation_units; pure.

    Extra orders × usual units, as far as the comparison with held-out customers supports it: the part of the uplift
    that is assumed (`learned_share` below 1) counts for nothing. Spread evenly over the week in which a reminder works.
    """
    schema = {"sku": pl.String, "date": pl.Date, "units": pl.Float64, "deviation_units": pl.Float64}
    overall = uplift.overall
    named = decided.filter(pl.col("reason_code") == "reminder.planned", pl.col("expected_extra_orders") > 0)
    if named.is_empty() or overall.learned_share <= 0 or overall.lift_share <= 0:
        return pl.DataFrame(schema=schema)
    units = pl.col("expected_extra_orders") * pl.col("expected_units") * overall.learned_share / _SPREAD_DAYS
    days = named.select(
        pl.col("subject_key").alias("sku"), pl.col("contact_date").alias("sent"), units.alias("units")
    ).join(pl.DataFrame({"day": range(_SPREAD_DAYS)}), how="cross")
    ratio = overall.deviation / overall.lift_share
    return (
        days.with_columns((pl.col("sent") + pl.duration(days=pl.col("day"))).alias("date"))
        .group_by("sku", "date")
        .agg(pl.col("units").sum())
        .with_columns((pl.col("units") * ratio).alias("deviation_units"))
        .select(list(schema))
        .sort("sku", "date")
    )
