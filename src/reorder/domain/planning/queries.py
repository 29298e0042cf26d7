"""Reading what the engine concluded."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reorder.domain.catalog.rules import BUNDLE_LEAVES_SQL, SUBJECT_SQL
from reorder.domain.planning.errors import NoRun
from reorder.domain.planning.models import DemandPlanDay, DirtyMark, Run, RunStep
from reorder.domain.storage import read_frame

_EXPECTED = f"""{BUNDLE_LEAVES_SQL}, own AS (
    SELECT subject, sum(within_7_days * expected_units) AS units_7, sum(within_14_days * expected_units) AS units_14,
           sum(within_30_days * expected_units) AS units_30
    FROM planning_duedate GROUP BY subject
), held AS (
    SELECT bundle.sku AS bundle, {SUBJECT_SQL} AS subject, sum(leaf.units)::float8 AS units
    FROM leaf JOIN catalog_product AS bundle ON bundle.id = leaf.product_id
    JOIN catalog_product AS product ON product.id = leaf.component_id
    LEFT JOIN catalog_category AS category ON category.id = product.category_id GROUP BY 1, 2
)
SELECT coalesce(held.subject, own.subject) AS sku, sum(own.units_7 * coalesce(held.units, 1)) AS units_7,
       sum(own.units_14 * coalesce(held.units, 1)) AS units_14, sum(own.units_30 * coalesce(held.units, 1)) AS units_30
FROM own LEFT JOIN held ON held.bundle = own.subject GROUP BY 1
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class RunRow:
    id: int
    kind: str
    as_of_date: dt.date
    state: str
    started_at: dt.datetime
    finished_at: dt.datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class StepRow:
    name: str
    ordinal: int
    state: str
    attempts_count: int
    started_at: dt.datetime
    finished_at: dt.datetime | None
    rows_read: int
    rows_written: int
    details: dict[str, Any]
    error: str

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


def _row(run: Run) -> RunRow:
    return RunRow(
        id=run.pk,
        kind=run.kind,
        as_of_date=run.as_of_date,
        state=run.state,
        started_at=run.started_at,
        finished_at=run.finished_at,
        error=run.error,
    )


def find_latest_run(*, kind: str, state: str | None = None) -> RunRow | None:
    """The newest run of a kind, of one state when given."""
    runs = Run.objects.filter(kind=kind)
    runs = runs.filter(state=state) if state else runs
    run = runs.order_by("-pk").first()
    return _row(run) if run else None


def get_latest_run(*, kind: str) -> RunRow:
    """The newest run of a kind that succeeded; raises NoRun."""
    run = find_latest_run(kind=kind, state=Run.State.SUCCEEDED)
    if run is None:
        raise NoRun(kind=kind)
    return run


def list_runs(*, limit: int = 20) -> list[RunRow]:
    return [_row(run) for run in Run.objects.order_by("-pk")[:limit]]


def list_finished_nights(*, limit: int) -> list[RunRow]:
    """Nights that succeeded, the newest first."""
    found = Run.objects.filter(kind="night", state=Run.State.SUCCEEDED)
    return [_row(run) for run in found.order_by("-pk")[:limit]]


def list_steps(*, run_id: int) -> list[StepRow]:
    return [
        StepRow(
            name=step.name,
            ordinal=step.ordinal,
            state=step.state,
            attempts_count=step.attempts_count,
            started_at=step.started_at,
            finished_at=step.finished_at,
            rows_read=step.rows_read,
            rows_written=step.rows_written,
            details=step.details,
            error=step.error,
        )
        for step in RunStep.objects.filter(run_id=run_id).order_by("ordinal")
    ]


def frame_forecast() -> pl.DataFrame:
    """The baseline forecast: sku (subject), place, date, mean_units, event_units (part of it) and quantiles."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, date, mean_units, event_units, p10_units, p25_units,
                        p50_units, p75_units, p90_units, p95_units, p99_units
                 FROM planning_forecast"""
    )


def frame_expected_reorders() -> pl.DataFrame:
    """Units known customers are expected to buy: sku (subject), units in the next 7, 14 and 30 days.

    A bundle that somebody will buy again counts as what it is made of.
    """
    return read_frame(query=_EXPECTED)


def frame_demand_plan() -> pl.DataFrame:
    """The demand plan with its parts: sku (subject), place, date, baseline … p99_units."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, date, baseline_units, known_customers_units, event_units,
                        correction_units, committed_units, committed_deviation_units, adjustment_units, mean_units,
                        p10_units, p25_units, p50_units, p75_units, p90_units, p95_units, p99_units
                 FROM planning_demandplanday"""
    )


def frame_planned_shares(*, subjects: Sequence[str]) -> pl.DataFrame:
    """How the baseline of each of these subjects is spread over places: sku (subject), place, share."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place,
                        sum(baseline_units) / sum(sum(baseline_units)) OVER (PARTITION BY subject) AS share
                 FROM planning_demandplanday WHERE subject = ANY({subjects}::text[])
                 GROUP BY subject, place_code HAVING sum(baseline_units) > 0""",
        parameters={"subjects": list(subjects)},
    )


def frame_forecast_weeks() -> pl.DataFrame:
    """The baseline by weeks: scope, key, place, week, mean_units and the quantiles of the week's sum."""
    return read_frame(
        query="""SELECT scope, key, place_code AS place, week::bigint AS week, mean_units, p10_units, p25_units,
                        p50_units, p75_units, p90_units
                 FROM planning_forecastweek"""
    )


def frame_demand_weeks() -> pl.DataFrame:
    """Planned weeks of the plan that stands: scope, key, place, week, date, mean_units, previous_units."""
    return read_frame(
        query="""SELECT scope, key, place_code AS place, week::bigint AS week, date, mean_units, previous_units
                 FROM planning_demandweek WHERE week >= 0"""
    )


def frame_targets() -> pl.DataFrame:
    """Stock targets: sku, place, the three levels, the numbers behind them, method and reason."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, service_level, safety_stock_units, reorder_point_units,
                        order_up_to_units, daily_units, expected_units, committed_units, lead_days, lost_unit_cost,
                        method, reason_code, reason_parameters::text AS reason_parameters
                 FROM planning_target"""
    )


def frame_due(*, from_date: dt.date, until_date: dt.date, minimum_share: float, limit: int) -> pl.DataFrame:
    """The likeliest pairs whose remind date lies in [from_date, until_date], best first.

    Columns: customer_id (String), sku (subject), the predicted dates and shares, evidence and its numbers.
    """
    return read_frame(
        query="""SELECT customer_id::text AS customer_id, subject AS sku, due_date, due_p10_date, due_p25_date,
                        due_p75_date, due_p90_date, active_share, within_7_days, within_14_days, within_30_days,
                        remind_date, remind_hit_share, expected_units, orders_count, evidence, usual_gap_days,
                        last_bought_date, reason_code
                 FROM planning_duedate
                 WHERE remind_date BETWEEN {from_date} AND {until_date} AND remind_hit_share >= {minimum_share}
                 ORDER BY remind_hit_share DESC, customer_id, subject LIMIT {limit}""",
        parameters={
            "from_date": from_date,
            "until_date": until_date,
            "minimum_share": minimum_share,
            "limit": limit,
        },
    )


def frame_due_pairs(*, customer_ids: Sequence[int]) -> pl.DataFrame:
    """Every pair of these customers that has a due date: customer_id (Int64), sku (subject)."""
    return read_frame(
        query="SELECT customer_id, subject AS sku FROM planning_duedate WHERE customer_id = ANY({ids}::bigint[])",
        parameters={"ids": list(customer_ids)},
    )


def count_dirty(*, kind: str) -> int:
    return DirtyMark.objects.filter(kind=kind).count()


def has_dirty(*, kinds: Collection[str]) -> bool:
    return DirtyMark.objects.filter(kind__in=kinds).exists()


def count_subjects_without_place() -> int:
    """Subjects of the demand plan whose sales belong to no place."""
    return DemandPlanDay.objects.filter(place_code="").values("subject").distinct().count()


def frame_choices() -> pl.DataFrame:
    """Methods chosen for each series: sku (subject), place, demand_class, methods, backtest_rmsse and reason."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, demand_class, methods, backtest_rmsse, reason_code,
                        reason_parameters::text AS reason_parameters
                 FROM planning_forecastchoice"""
    )
