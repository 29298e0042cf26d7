"""Looks back at the parts of the plan in and out of the database: what was said, what came, what follows from it."""

import datetime as dt
from typing import Final

import polars as pl

from reorder.domain.planning.models import PartOrigin
from reorder.domain.storage import copy_frame, read_frame, run_sql

# A look back every two weeks; older ones than this say little about a shop of today.
KEPT_ORIGINS_DAYS: Final = 730
_ORIGINS: Final = """
SELECT as_of_date, subject AS sku, horizon_days::bigint AS horizon_days, top_down_units, bottom_up_units,
       committed_units, smoothing_units, sold_units
FROM planning_partorigin
WHERE sold_units IS NOT NULL AND as_of_date >= {oldest_date} AND as_of_date + horizon_days <= {before_date}
"""
_SETTLE: Final = """
UPDATE planning_partorigin AS origin SET sold_units = coalesce(sold.units, 0)
FROM planning_partorigin AS known LEFT JOIN settled AS sold
  ON sold.subject = known.subject AND sold.as_of_date = known.as_of_date AND sold.horizon_days = known.horizon_days
WHERE origin.id = known.id AND known.sold_units IS NULL AND known.as_of_date + known.horizon_days <= %(before_date)s
"""
_COLUMNS: Final = (
    "as_of_date", "subject", "horizon_days", "top_down_units", "bottom_up_units", "committed_units",
    "smoothing_units", "sold_units",
)  # fmt: skip
_GATE_COLUMNS: Final = (
    "weight_share", "scale", "origins_count", "top_down_error_share", "gated_error_share", "chance_share",
)  # fmt: skip
_SCORE_COLUMNS: Final = (
    "scope", "key", "horizon_days", "part", "error_share", "bias_share", "sold_units", "origins_count",
    "subjects_count",
)  # fmt: skip


def find_unsettled(*, before_date: dt.date) -> tuple[dt.date, ...]:
    """Days of looks back that are over and wait for what was sold, oldest first."""
    waiting = PartOrigin.objects.filter(sold_units__isnull=True, as_of_date__lt=before_date)
    return tuple(waiting.order_by("as_of_date").values_list("as_of_date", flat=True).distinct())


def list_origin_dates(*, horizon_days: int) -> list[dt.date]:
    """Days on which the parts were noted for so many days ahead, oldest first."""
    noted = PartOrigin.objects.filter(horizon_days=horizon_days, sold_units__isnull=False)
    return list(noted.order_by("as_of_date").values_list("as_of_date", flat=True).distinct())


def save_origins(*, as_of: dt.date, origins: pl.DataFrame) -> int:
    """Note one day, in place of what was noted for it before: sku and the columns of PartOrigin without as_of_date."""
    run_sql(statement="DELETE FROM planning_partorigin WHERE as_of_date = %s", parameters=[as_of])
    rows = origins.with_columns(pl.lit(as_of).alias("as_of_date"), pl.col("sku").alias("subject"))
    missing = [name for name in ("smoothing_units", "sold_units", "committed_units") if name not in rows.columns]
    filled = [pl.lit(0.0 if name == "committed_units" else None, pl.Float64).alias(name) for name in missing]
    return copy_frame(table="planning_partorigin", frame=rows.with_columns(filled).select(_COLUMNS))


def drop_origins(*, before_date: dt.date) -> None:
    """Forget looks back that are too old to say anything."""
    run_sql(statement="DELETE FROM planning_partorigin WHERE as_of_date < %s", parameters=[before_date])


def settle_origins(*, sold: pl.DataFrame, before_date: dt.date) -> int:
    """Write what was sold beside what was said; `sold`: sku, as_of_date, horizon_days, units; missing is zero."""
    run_sql(statement="DROP TABLE IF EXISTS settled")
    run_sql(
        statement="""CREATE TEMP TABLE settled ON COMMIT DROP AS
                     SELECT subject, as_of_date, horizon_days, top_down_units AS units FROM planning_partorigin
                     WHERE false"""
    )
    rows = sold.select(pl.col("sku").alias("subject"), "as_of_date", pl.col("horizon_days").cast(pl.Int16), "units")
    copy_frame(table="settled", frame=rows)
    return run_sql(statement=_SETTLE, parameters={"before_date": before_date})


def frame_origins(*, before_date: dt.date) -> pl.DataFrame:
    """Looks back that were over before a day: as_of_date, sku, horizon_days, what was said and what was sold."""
    oldest = before_date - dt.timedelta(days=KEPT_ORIGINS_DAYS)
    return read_frame(query=_ORIGINS, parameters={"before_date": before_date, "oldest_date": oldest})


def save_gates(*, run_id: int, gates: pl.DataFrame) -> int:
    """Replace the weights of bottom-up; sku and the columns of DemandGate."""
    run_sql(statement="DELETE FROM planning_demandgate")
    rows = gates.with_columns(pl.lit(run_id).alias("run_id"), pl.col("sku").alias("subject"))
    return copy_frame(table="planning_demandgate", frame=rows.select("run_id", "subject", *_GATE_COLUMNS))


def save_scores(*, run_id: int | None, scores: pl.DataFrame) -> int:
    """Replace what each part does to the error; the columns of PartScore."""
    run_sql(statement="DELETE FROM planning_partscore")
    rows = scores.with_columns(pl.lit(run_id, pl.Int64).alias("run_id"))
    return copy_frame(table="planning_partscore", frame=rows.select("run_id", *_SCORE_COLUMNS))
