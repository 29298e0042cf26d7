"""Adjustments of the demand plan by people, and the plan of one subject drawn again at once.

Written on Django's connection throughout, so that the adjustment, its audit entry and the new numbers land together.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import polars as pl
from django.db import connection

from reorder.domain.planning.errors import UnknownAdjustment
from reorder.domain.planning.models import Commitment
from reorder.domain.planning.rules import ALL_PLACES, COMMITTED_KINDS, AdjustedDay, NewAdjustment
from reorder.domain.storage import run_sql

_QUANTILES: Final = tuple(f"p{level}_units" for level in (10, 25, 50, 75, 90, 95, 99))
# Of weeks, with their place on the normal curve.
_LEVELS: Final = {f"p{level}_units": NormalDist().inv_cdf(level / 100) for level in (10, 25, 50, 75, 90)}


def _band(name: str, z: float) -> str:
    """One quantile of a week's sum, as `demand_plan/parts.join_spread` computes it."""
    own, middle = f"coalesce(base.{name}, 0)", "coalesce(base.p50_units, 0)"
    far = f"{'-' if z < 0 else ''}sqrt(({own} - {middle}) ^ 2 + ({z!r} * spread.deviation) ^ 2)"
    wide = f"CASE WHEN spread.deviation > 0 THEN {middle} + {far} ELSE {own} END"
    return f"{name} = greatest({wide} + touched.moved, 0)"


_PLAN: Final = (
    "subject", "place_code", "date", "baseline_units", "known_customers_units", "event_units", "correction_units",
    "committed_units", "committed_deviation_units", "adjustment_units", "mean_units", *_QUANTILES,
)  # fmt: skip
_KINDS: Final = tuple(f"{kind}_units" for kind in COMMITTED_KINDS)
_MOVED: Final = ("known_customers_units", "correction_units", "committed_units", *_KINDS, "adjustment_units")

# What the week's rows sum up: the subject, its category and the shop, at the place and at all places. The kinds of
# commitments are kept by weeks only, so what they gained is counted against the subject's own weeks.
_WEEKS: Final = f"""
WITH given AS (
    SELECT place_code, week, mean, baseline, {", ".join(_MOVED)}
    FROM unnest(%(places)s::text[], %(weeks)s::int[], %(mean)s::float8[], %(baseline)s::float8[],
                {", ".join(f"%({name})s::float8[]" for name in _MOVED)})
        AS given(place_code, week, mean, baseline, {", ".join(_MOVED)})
), gained AS (
    SELECT given.place_code, given.week, given.mean, given.baseline,
           {", ".join(f"given.{name} - coalesce(own.{name}, 0) AS {name}" for name in _MOVED)}
    FROM given LEFT JOIN planning_demandweek AS own ON own.scope = 'subject' AND own.key = %(subject)s
        AND own.place_code = given.place_code AND own.week = given.week
), change AS (
    SELECT place_code, week, sum(mean) AS mean, sum(baseline) AS baseline,
           {", ".join(f"sum({name}) AS {name}" for name in _MOVED)}
    FROM gained GROUP BY GROUPING SETS ((place_code, week), (week))
), part AS (
    SELECT target.scope, target.key, coalesce(change.place_code, %(everywhere)s) AS to_place, change.*
    FROM change CROSS JOIN (
        SELECT DISTINCT category_code FROM planning_demandweek
        WHERE scope = 'subject' AND key = %(subject)s AND week >= 0 LIMIT 1) AS own
    CROSS JOIN LATERAL (VALUES ('subject', %(subject)s), ('category', own.category_code), ('shop', ''))
        AS target(scope, key)
)
UPDATE planning_demandweek AS row
SET mean_units = greatest(row.mean_units + part.mean, 0), baseline_units = row.baseline_units + part.baseline,
    {", ".join(f"{name} = row.{name} + part.{name}" for name in _MOVED)}
FROM part WHERE row.scope = part.scope AND row.key = part.key AND row.place_code = part.to_place
    AND row.week = part.week
"""  # noqa: S608 - constants of ours
# One key is wrong as one, different keys are independent: as the night does it (`demand_plan/weeks.py`).
_BANDS: Final = f"""
WITH touched AS (
    SELECT row.id, row.scope, row.key, row.place_code, row.week,
           row.committed_units + row.adjustment_units + row.correction_units AS moved
    FROM planning_demandweek AS row
    WHERE row.week >= 0 AND (row.scope = 'shop' OR row.scope = 'subject' AND row.key = %(subject)s
        OR row.scope = 'category' AND row.key IN (SELECT category_code FROM planning_demandweek
                                                  WHERE scope = 'subject' AND key = %(subject)s))
), uncertain AS (
    SELECT made.kind, made.key, made.subject, made.place_code, (made.date - %(as_of)s::date) / 7 AS week,
           sum(made.deviation_units) AS deviation,
           (SELECT max(category_code) FROM planning_demandweek
            WHERE scope = 'subject' AND key = made.subject) AS category
    FROM planning_commitment AS made
    WHERE made.deviation_units > 0 AND made.withdrawn_at IS NULL AND made.date >= %(as_of)s AND made.date <= %(last)s
    GROUP BY 1, 2, 3, 4, 5
), spread AS (
    SELECT id, sqrt(sum(deviation ^ 2)) AS deviation
    FROM (
        SELECT touched.id, uncertain.kind, uncertain.key, sum(uncertain.deviation) AS deviation
        FROM touched JOIN uncertain ON uncertain.week = touched.week
            AND touched.place_code IN (uncertain.place_code, %(everywhere)s)
            AND (touched.scope = 'shop' OR touched.scope = 'subject' AND touched.key = uncertain.subject
                 OR touched.scope = 'category' AND touched.key = uncertain.category)
        GROUP BY 1, 2, 3
    ) AS keyed GROUP BY id
)
UPDATE planning_demandweek AS row
SET committed_deviation_units = coalesce(spread.deviation, 0),
    {", ".join(_band(name, level) for name, level in _LEVELS.items())}
FROM touched LEFT JOIN spread ON spread.id = touched.id
LEFT JOIN planning_forecastweek AS base ON base.scope = touched.scope AND base.key = touched.key
    AND base.place_code = touched.place_code AND base.week = touched.week
WHERE row.id = touched.id
"""  # noqa: S608 - constants of ours
_TOTALS: Final = """
WITH total AS (
    SELECT scope, key, place_code, sum(mean_units) AS horizon,
           coalesce(sum(mean_units - previous_units) FILTER (WHERE previous_units IS NOT NULL), 0) AS change
    FROM planning_demandweek
    WHERE week >= 0 AND (scope = 'shop' OR scope = 'subject' AND key = %(subject)s OR scope = 'category' AND key IN (
        SELECT category_code FROM planning_demandweek WHERE scope = 'subject' AND key = %(subject)s))
    GROUP BY scope, key, place_code
)
UPDATE planning_demandweek AS row SET horizon_units = total.horizon, change_units = total.change
FROM total WHERE row.scope = total.scope AND row.key = total.key AND row.place_code = total.place_code
"""
# A level that stands at zero may have been cut off there; what it was before cutting is only known to the next night.
_TARGETS: Final = """
WITH held AS (
    SELECT target.id, coalesce(sum(day.committed_units + day.adjustment_units), 0) AS committed
    FROM planning_target AS target LEFT JOIN planning_demandplanday AS day
      ON day.subject = target.subject AND day.place_code = target.place_code
     AND day.date < %(as_of)s::date + ceil(target.lead_days)::int + %(review_days)s
    WHERE target.subject = %(subject)s GROUP BY target.id
)
UPDATE planning_target AS target
SET reorder_point_units = greatest(reorder_point_units + held.committed - committed_units, 0),
    order_up_to_units = greatest(order_up_to_units + held.committed - committed_units, 0),
    expected_units = greatest(expected_units + held.committed - committed_units, 0),
    committed_units = held.committed
FROM held WHERE held.id = target.id AND held.committed <> target.committed_units
  AND NOT (target.committed_units < 0 AND (target.reorder_point_units = 0 OR target.expected_units = 0))
"""
_STANDINGS: Final = """
UPDATE planning_standing AS standing
SET reorder_point_units = target.reorder_point_units, expected_units = target.expected_units,
    planned_28_units = plan.units
FROM catalog_product AS product, (
    SELECT place_code, sum(mean_units) AS units FROM planning_demandplanday
    WHERE subject = %(subject)s AND date < %(as_of)s::date + 28 GROUP BY place_code) AS plan
LEFT JOIN planning_target AS target ON target.subject = %(subject)s AND target.place_code = plan.place_code
WHERE product.sku = %(subject)s AND standing.product_id = product.id AND standing.place_code = plan.place_code
"""


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """What the plan of one subject is made of: frames as `compose_plan` takes them, and how it stands now."""

    as_of: dt.date
    run_id: int
    forecast: pl.DataFrame
    expected: pl.DataFrame
    commitments: pl.DataFrame
    gates: pl.DataFrame
    plan: pl.DataFrame


def record_adjustment(*, adjustment: NewAdjustment, days: Sequence[AdjustedDay], author: str) -> int:
    """Write the adjustment's days; returns how many are new: none when the same key was recorded before."""
    if Commitment.objects.filter(kind=Commitment.Kind.ADJUSTMENT, key=adjustment.key).exists():
        return 0
    made = Commitment.objects.bulk_create(
        [
            Commitment(
                kind=Commitment.Kind.ADJUSTMENT,
                key=adjustment.key,
                subject=adjustment.subject,
                place_code=day.place_code,
                date=day.date,
                units=day.units,
                author=author,
                reason=adjustment.reason.strip(),
            )
            for day in days
        ]
    )
    return len(made)


def withdraw_adjustment(*, key: str, place_codes: frozenset[str], moment: dt.datetime) -> str:
    """Take an adjustment back; returns its subject. Raises UnknownAdjustment, also for places outside `place_codes`."""
    found = Commitment.objects.select_for_update().filter(
        kind=Commitment.Kind.ADJUSTMENT, key=key, withdrawn_at__isnull=True
    )
    rows = list(found.order_by("pk").values_list("subject", "place_code"))
    if not rows or (place_codes and any(place not in place_codes for _subject, place in rows)):
        raise UnknownAdjustment
    found.update(withdrawn_at=moment)
    return str(rows[0][0])


def read_standing_plan(*, subject: str) -> StandingPlan | None:
    """Everything that the plan of this subject is made of, seen from the open transaction; None before any night."""
    given = {"subject": subject}
    plan = _frame(
        f"SELECT subject AS sku, place_code AS place, {', '.join(_PLAN[2:])} FROM planning_demandplanday"  # noqa: S608
        " WHERE subject = %(subject)s",
        given,
    )
    run = _frame(
        """SELECT run.id, run.as_of_date FROM planning_run AS run JOIN planning_demandplanday AS day
               ON day.run_id = run.id WHERE day.subject = %(subject)s LIMIT 1""",
        given,
    )
    if run.is_empty():
        return None
    as_of = run["as_of_date"].item()
    return StandingPlan(
        as_of=as_of,
        run_id=run["id"].item(),
        forecast=_frame(
            f"""SELECT subject AS sku, place_code AS place, date, mean_units, event_units, {", ".join(_QUANTILES)}
                FROM planning_forecast WHERE subject = %(subject)s""",  # noqa: S608
            given,
        ),
        expected=_frame(
            """SELECT subject AS sku, sum(within_7_days * expected_units) AS units_7,
                      sum(within_14_days * expected_units) AS units_14, sum(within_30_days * expected_units) AS units_30
               FROM planning_duedate WHERE subject = %(subject)s GROUP BY subject""",
            given,
        ),
        commitments=_frame(
            """SELECT kind, key, subject AS sku, place_code AS place, date, units, deviation_units
               FROM planning_commitment
               WHERE subject = %(subject)s AND withdrawn_at IS NULL AND date >= %(as_of)s AND date <= %(last)s""",
            given | {"as_of": as_of, "last": plan["date"].max()},
        ),
        gates=_frame(
            """SELECT subject AS sku, weight_share, scale FROM planning_demandgate
               WHERE subject = %(subject)s AND weight_share > 0""",
            given,
        ),
        plan=plan,
    )


def planned_places(*, subject: str) -> dict[str, float]:
    """Planned baseline units of a subject by place, as its plan stands; empty where nothing is planned."""
    found = _frame(
        """SELECT place_code AS place, sum(baseline_units) AS sum_units FROM planning_demandplanday
           WHERE subject = %(subject)s GROUP BY place_code ORDER BY place_code""",
        {"subject": subject},
    )
    return dict(found.iter_rows())


def replace_plan(*, standing: StandingPlan, plan: pl.DataFrame, subject: str, review_days: int) -> None:
    """Put `plan` (as `compose_plan` returns it) in the place of the subject's plan.

    Weeks, sums of category and shop, targets and standings follow.
    """
    run_sql(statement="DELETE FROM planning_demandplanday WHERE subject = %s", parameters=[subject])
    columns = [name for name in _PLAN if name not in {"subject", "place_code"}]
    rows = [
        (standing.run_id, subject, row["place"], *(row[name] for name in columns)) for row in plan.iter_rows(named=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"""INSERT INTO planning_demandplanday (run_id, {", ".join(_PLAN)})
                VALUES ({", ".join(["%s"] * (len(_PLAN) + 1))})""",  # noqa: S608 - constants of ours
            rows,
        )
    given = _changes(before=standing.plan, after=plan, as_of=standing.as_of) | {
        "subject": subject,
        "everywhere": ALL_PLACES,
        "as_of": standing.as_of,
        "last": plan["date"].max(),
        "review_days": review_days,
    }
    for statement in (_WEEKS, _BANDS, _TOTALS, _TARGETS, _STANDINGS):
        run_sql(statement=statement, parameters=given)


def _changes(*, before: pl.DataFrame, after: pl.DataFrame, as_of: dt.date) -> dict[str, Any]:
    """Each place and week of the plan as arrays: its parts as they are now, and what mean and baseline gained."""
    week = ((pl.col("date") - pl.lit(as_of)).dt.total_days() // 7).alias("week")
    key = ["place", "week"]
    gained = pl.concat(
        [
            after.select("place", week, "mean_units", "baseline_units"),
            before.select("place", week, -pl.col("mean_units"), -pl.col("baseline_units")),
        ]
    )
    sums = gained.group_by(key).agg(pl.col("mean_units").sum().alias("mean"), pl.col("baseline_units").sum())
    now = after.group_by("place", week).agg(pl.col(name).sum() for name in _MOVED)
    sums = sums.join(now, on=key, how="left").with_columns(pl.col(_MOVED).fill_null(0.0)).sort(key)
    return {
        "places": sums["place"].to_list(),
        "weeks": sums["week"].to_list(),
        "mean": sums["mean"].to_list(),
        "baseline": sums["baseline_units"].to_list(),
        **{name: sums[name].to_list() for name in _MOVED},
    }


def _frame(query: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """The answer of a SELECT on Django's connection, with the types that its columns have."""
    with connection.cursor() as cursor:
        cursor.execute(query, dict(parameters))
        names = [column[0] for column in cursor.description]
        kinds = {name: _kind(name) for name in names}
        return pl.DataFrame(cursor.fetchall(), schema=kinds, orient="row")


def _kind(name: str) -> type[pl.DataType]:
    if name.endswith(("_units", "_share")) or name.startswith("units_") or name in {"units", "scale"}:
        return pl.Float64
    if name.endswith("date"):
        return pl.Date
    return pl.Int64 if name == "id" else pl.String
