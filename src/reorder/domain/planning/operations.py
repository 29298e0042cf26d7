"""Recording runs and their conclusions; those of a night replace those of the night before in one transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import F

from reorder.domain.planning.models import Run, RunStep
from reorder.domain.planning.queries import RunRow, find_latest_run
from reorder.domain.planning.rules import COMMITTED_KINDS
from reorder.domain.storage import copy_frame, fetch_prepared, run_sql

_VALUE_COLUMNS = [
    "recency_days",
    "frequency",
    "monetary",
    "r_score",
    "f_score",
    "m_score",
    "segment",
    "active_share",
    "expected_orders",
    "expected_value",
    "churn_share",
    "expected_orders_90",
    "expected_value_90",
]
_COUNTED = ("frequency", "monetary", "r_score", "f_score", "m_score", "segment")
_EXPECTED = ("expected_orders", "expected_value", "expected_orders_90", "expected_value_90")
_UPDATE_VALUES = f"""
UPDATE planning_customervalue AS known
SET run_id = given.run_id, {", ".join(f"{n} = given.{n}" for n in _VALUE_COLUMNS)}
FROM valued AS given
WHERE known.customer_id = given.customer_id AND (
    ({", ".join(f"known.{n}" for n in _COUNTED)}) IS DISTINCT FROM ({", ".join(f"given.{n}" for n in _COUNTED)})
    OR abs(known.active_share - given.active_share) > 0.01
    OR {" OR ".join(f"abs(known.{n} - given.{n}) > 0.01 * greatest(known.{n}, given.{n})" for n in _EXPECTED)}
    OR known.run_id IN (SELECT old.id FROM planning_run AS old JOIN planning_run AS now ON now.id = %(run_id)s
                        WHERE old.as_of_date <= now.as_of_date - 7 OR old.as_of_date > now.as_of_date))
"""  # noqa: S608 - constants of ours
_MARK = """
INSERT INTO planning_dirtymark (kind, subject_key)
SELECT kind, key FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given (kind, key) GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (kind, subject_key) DO UPDATE SET marked_at = now()
"""
_QUANTILES = ["p10_units", "p25_units", "p50_units", "p75_units", "p90_units", "p95_units", "p99_units"]
_FORECAST_COLUMNS = ["date", "mean_units", "event_units", *_QUANTILES]
_PLAN_COLUMNS = [
    "date",
    "baseline_units",
    "known_customers_units",
    "event_units",
    "correction_units",
    "committed_units",
    "committed_deviation_units",
    "adjustment_units",
    "mean_units",
    *_QUANTILES,
]
_CHOICE_COLUMNS = [
    "demand_class",
    "methods",
    "backtest_rmsse",
    "reason_code",
    "reason_parameters",
    "is_override",
    "is_kept",
]
_BAND = ["p10_units", "p25_units", "p50_units", "p75_units", "p90_units"]
_WEEK_COLUMNS = [
    "date",
    "category_code",
    "sold_units",
    "baseline_units",
    "known_customers_units",
    "event_units",
    "correction_units",
    "committed_units",
    "committed_deviation_units",
    *(f"{kind}_units" for kind in COMMITTED_KINDS),
    "adjustment_units",
    "mean_units",
    *_BAND,
    "previous_units",
    "horizon_units",
    "change_units",
]
_STANDING_COLUMNS = [
    "product_id",
    "sold_28_units",
    "planned_28_units",
    "daily_units",
    "reorder_point_units",
    "expected_units",
    "deviation_units",
    "lead_days",
    "lost_unit_cost",
    "demand_class",
]
_TARGET_COLUMNS = [
    "service_level",
    "safety_stock_units",
    "reorder_point_units",
    "order_up_to_units",
    "daily_units",
    "expected_units",
    "committed_units",
    "lead_days",
    "lost_unit_cost",
    "class_code",
    "fill_rate",
    "method",
    "reason_code",
    "reason_parameters",
]


def open_run(*, kind: str, as_of_date: dt.date, moment: dt.datetime) -> RunRow:
    """The unfinished run of this kind and day, taken up again, or a new one."""
    run = find_latest_run(kind=kind)
    if run and run.as_of_date == as_of_date and run.state != Run.State.SUCCEEDED:
        Run.objects.filter(pk=run.id).update(state=Run.State.RUNNING, error="")
        return run
    # A run of another day that died can no longer be finished: its day is over.
    Run.objects.filter(kind=kind, state=Run.State.RUNNING).update(
        state=Run.State.FAILED, finished_at=moment, error="interrupted; a later run took its place"
    )
    made = Run.objects.create(kind=kind, as_of_date=as_of_date, started_at=moment)
    return RunRow(made.pk, made.kind, made.as_of_date, made.state, made.started_at, None, "")


def close_run(*, run_id: int, moment: dt.datetime, error: str = "") -> None:
    """Mark a run succeeded, or failed with its error."""
    state = Run.State.FAILED if error else Run.State.SUCCEEDED
    Run.objects.filter(pk=run_id).update(state=state, finished_at=moment, error=error)


def start_step(*, run_id: int, name: str, ordinal: int, moment: dt.datetime) -> bool:
    """Record that a step begins; False when it has already succeeded in this run."""
    step, made = RunStep.objects.get_or_create(
        run_id=run_id, name=name, defaults={"ordinal": ordinal, "started_at": moment}
    )
    if not made and step.state == RunStep.State.SUCCEEDED:
        return False
    if not made:
        RunStep.objects.filter(pk=step.pk).update(
            state=RunStep.State.RUNNING, started_at=moment, error="", attempts_count=F("attempts_count") + 1
        )
    return True


def finish_step(
    *, run_id: int, name: str, moment: dt.datetime, rows_read: int, rows_written: int, details: Mapping[str, Any]
) -> None:
    """Record that a step succeeded and what it did.

    A process that dies between the step's own commit and this leaves the step to be taken again, so every step can be.
    """
    RunStep.objects.filter(run_id=run_id, name=name).update(
        state=RunStep.State.SUCCEEDED,
        finished_at=moment,
        rows_read=rows_read,
        rows_written=rows_written,
        details=dict(details),
    )


def fail_step(*, run_id: int, name: str, moment: dt.datetime, error: str) -> None:
    """Record that a step failed and why."""
    RunStep.objects.filter(run_id=run_id, name=name).update(state=RunStep.State.FAILED, finished_at=moment, error=error)


def save_customer_values(*, run_id: int, values: pl.DataFrame) -> int:
    """Write the customer values that moved; `values` as `repurchase.value_customers` returns it, of all customers.

    A day alone moves everybody a little: rows with the same purchases, scores and segment stand, with the day of their
    own run, until an expectation has moved by one part in a hundred or a week has gone by. Returns rows written.
    """
    names = ", ".join(_VALUE_COLUMNS)
    run_sql(statement="DROP TABLE IF EXISTS valued")
    run_sql(
        statement=f"""CREATE TEMP TABLE valued ON COMMIT DROP AS
                      SELECT run_id, customer_id, {names} FROM planning_customervalue WHERE false"""  # noqa: S608
    )
    rows = values.with_columns(pl.lit(run_id).alias("run_id"), pl.col("customer_id").cast(pl.Int64))
    copy_frame(table="valued", frame=rows.select("run_id", "customer_id", *_VALUE_COLUMNS))
    run_sql(statement="ANALYZE valued")
    run_sql(
        statement="""DELETE FROM planning_customervalue AS known WHERE NOT EXISTS (
                         SELECT FROM valued WHERE valued.customer_id = known.customer_id)"""
    )
    moved = run_sql(statement=_UPDATE_VALUES, parameters={"run_id": run_id})
    return moved + run_sql(
        statement=f"""INSERT INTO planning_customervalue (run_id, customer_id, {names})
                      SELECT run_id, customer_id, {names} FROM valued WHERE NOT EXISTS (
                          SELECT FROM planning_customervalue AS known WHERE known.customer_id = valued.customer_id)
                      ORDER BY customer_id"""  # noqa: S608
    )


def save_forecast(*, run_id: int, daily: pl.DataFrame, choices: pl.DataFrame, scores: pl.DataFrame) -> int:
    """Replace the baseline forecast with its choices of method and their scores; frames as `demand.forecast` gives."""
    for table in ("planning_forecast", "planning_forecastchoice", "planning_methodscore"):
        run_sql(statement=f"DELETE FROM {table}")  # noqa: S608 - names from the line above
    if "event_units" not in daily.columns:
        daily = daily.with_columns(pl.lit(0.0).alias("event_units"))
    written = copy_frame(table="planning_forecast", frame=_keyed(daily, run_id).select(*_KEY, *_FORECAST_COLUMNS))
    chosen = _keyed(choices, run_id).with_columns(_finite("backtest_rmsse"))
    copy_frame(table="planning_forecastchoice", frame=chosen.select(*_KEY, *_CHOICE_COLUMNS))
    scored = _keyed(scores, run_id).with_columns(_finite("rmsse"), _finite("bias"))
    copy_frame(table="planning_methodscore", frame=scored.select(*_KEY, "method", "window", "rmsse", "bias"))
    return written


def save_demand_plan(*, run_id: int, plan: pl.DataFrame) -> int:
    """Replace the demand plan; columns sku, place and those of DemandPlanDay."""
    run_sql(statement="DELETE FROM planning_demandplanday")
    return copy_frame(table="planning_demandplanday", frame=_keyed(plan, run_id).select(*_KEY, *_PLAN_COLUMNS))


def save_forecast_weeks(*, run_id: int, weeks: pl.DataFrame) -> int:
    """Replace the baseline by weeks; columns scope, key, place, week and those of ForecastWeek."""
    run_sql(statement="DELETE FROM planning_forecastweek")
    return copy_frame(
        table="planning_forecastweek", frame=_placed(weeks, run_id).select(*_WEEK_KEY, "mean_units", *_BAND)
    )


def save_demand_weeks(*, run_id: int, weeks: pl.DataFrame) -> int:
    """Replace the plan by weeks; columns scope, key, place, week and those of DemandWeek."""
    run_sql(statement="DELETE FROM planning_demandweek")
    return copy_frame(table="planning_demandweek", frame=_placed(weeks, run_id).select(*_WEEK_KEY, *_WEEK_COLUMNS))


def save_standings(*, run_id: int, standings: pl.DataFrame) -> int:
    """Replace what is known of products at places; columns product_id, place and those of Standing."""
    run_sql(statement="DELETE FROM planning_standing")
    return copy_frame(
        table="planning_standing", frame=_placed(standings, run_id).select("run_id", "place_code", *_STANDING_COLUMNS)
    )


def save_targets(*, run_id: int, targets: pl.DataFrame) -> int:
    """Replace the stock targets; columns sku, place and those of Target (class and fill rate may be missing)."""
    run_sql(statement="DELETE FROM planning_target")
    unknown = {"class_code": pl.lit(""), "fill_rate": pl.lit(None, dtype=pl.Float64)}
    whole = targets.with_columns(**{name: value for name, value in unknown.items() if name not in targets.columns})
    return copy_frame(table="planning_target", frame=_keyed(whole, run_id).select(*_KEY, *_TARGET_COLUMNS))


def forget_customer(*, customer_id: int) -> None:
    """Remove what was concluded about a customer who was merged into another; statistics follow from the marks."""
    for table in (
        "planning_duedate",
        "planning_nextdue",
        "planning_customervalue",
        "planning_segmentmove",
        "planning_recommendation",
    ):
        run_sql(statement=f"DELETE FROM {table} WHERE customer_id = %s", parameters=[customer_id])  # noqa: S608 - names from the line above


def mark_dirty(*, kind: str, subject_keys: Sequence[str]) -> None:
    """Remember subjects whose facts changed; part of the transaction of the fact. Marking twice is marking once.

    Keys are written in order, so that two transactions that mark the same subjects wait instead of deadlocking.
    """
    mark_many(marks=[(kind, key) for key in subject_keys])


def mark_many(*, marks: Sequence[tuple[str, str]]) -> None:
    """As `mark_dirty`, for (kind, subject key) of several kinds in one statement: by kind, then by key."""
    given = {"kinds": [kind for kind, _ in marks], "keys": [key for _, key in marks]}
    fetch_prepared(statement=_MARK, parameters=given)


def drain_dirty(*, kind: str, limit: int = 1000) -> list[str]:
    """Take up to `limit` marks out, oldest first, skipping those another drain holds; the caller acts on them in the
    same transaction, so that a mark is gone only when its work is done.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM planning_dirtymark WHERE id IN (
                   SELECT id FROM planning_dirtymark WHERE kind = %s
                   ORDER BY marked_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
               RETURNING subject_key""",
            [kind, limit],
        )
        return sorted(row[0] for row in cursor.fetchall())


_KEY = ("run_id", "subject", "place_code")
_WEEK_KEY = ("run_id", "scope", "key", "place_code", "week")


def _placed(frame: pl.DataFrame, run_id: int) -> pl.DataFrame:
    return frame.with_columns(pl.lit(run_id).alias("run_id"), pl.col("place").alias("place_code"))


def _keyed(frame: pl.DataFrame, run_id: int) -> pl.DataFrame:
    return frame.with_columns(
        pl.lit(run_id).alias("run_id"), pl.col("sku").alias("subject"), pl.col("place").alias("place_code")
    )


def _finite(name: str) -> pl.Expr:
    """A score that could not be computed is empty in the database, not NaN."""
    return pl.when(pl.col(name).is_finite()).then(pl.col(name)).otherwise(None).alias(name)
