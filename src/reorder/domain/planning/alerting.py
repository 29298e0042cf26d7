"""Opening, keeping and resolving alerts, set-based; and putting them off. One open alert a (kind, key)."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl
from django.db import connection, transaction

from reorder.domain.planning.errors import BadSnooze, UnknownAlert
from reorder.domain.planning.models import Alert, PlannedWeek
from reorder.domain.storage import copy_frame, run_sql, take_transaction_locks

# What comes back so soon is the same alert again: nobody is told twice of stock that wavers around a level.
WAVERS_FOR: Final = dt.timedelta(hours=24)
KEPT_RESOLVED: Final = dt.timedelta(days=400)
LONGEST_SNOOZE: Final = dt.timedelta(days=366)
PLANNED_WEEKS_KEPT: Final = 9
FOUND: Final = pl.Schema(
    {
        "kind": pl.String(),
        "key": pl.String(),
        "subject": pl.String(),
        "place_code": pl.String(),
        "supplier_code": pl.String(),
        "order_number": pl.String(),
        "severity": pl.Int64(),
        "stake_minor": pl.Int64(),
        "currency": pl.String(),
        "probability": pl.Float64(),
        "reason_code": pl.String(),
        "reason_parameters": pl.String(),
    }
)
_NAMES: Final = ", ".join(FOUND.names())
# A snooze ends when it gets worse: somebody put off less than this.
_SEEN: Final = """
    supplier_code = given.supplier_code, order_number = given.order_number, severity = given.severity,
    stake_minor = given.stake_minor, currency = given.currency, probability = given.probability,
    reason_code = given.reason_code, reason_parameters = given.reason_parameters, last_seen_at = %(moment)s,
    run_key = coalesce(%(run_key)s, known.run_key),
    critical_at = CASE WHEN given.severity < 3 THEN NULL ELSE coalesce(known.critical_at, %(moment)s) END,
    snoozed_until = CASE WHEN given.severity > known.severity THEN NULL ELSE known.snoozed_until END
"""
_KEEP: Final = f"""
UPDATE planning_alert AS known SET {_SEEN} FROM found_alert AS given
WHERE known.kind = given.kind AND known.key = given.key AND known.resolved_at IS NULL
"""  # noqa: S608 - constants of ours
_REOPEN: Final = f"""
UPDATE planning_alert AS known SET {_SEEN}, resolved_at = NULL, reopened_count = known.reopened_count + 1
FROM found_alert AS given
WHERE known.id = (SELECT max(id) FROM planning_alert AS last WHERE last.kind = given.kind AND last.key = given.key)
  AND known.resolved_at > %(wavering_since)s
"""  # noqa: S608 - constants of ours
_OPEN: Final = f"""
INSERT INTO planning_alert ({_NAMES}, run_key, first_seen_at, last_seen_at, critical_at)
SELECT {_NAMES}, %(run_key)s, %(moment)s, %(moment)s, CASE WHEN severity = 3 THEN %(moment)s END
FROM found_alert AS given
WHERE NOT EXISTS (SELECT FROM planning_alert AS known
                  WHERE known.kind = given.kind AND known.key = given.key AND known.resolved_at IS NULL)
"""  # noqa: S608 - constants of ours
_RESOLVE: Final = """
UPDATE planning_alert AS known SET resolved_at = %(moment)s, critical_at = NULL
WHERE known.resolved_at IS NULL AND known.kind = ANY(%(kinds)s)
  AND (%(pairs)s::text[] IS NULL OR known.subject || '|' || known.place_code = ANY(%(pairs)s::text[]))
  AND NOT EXISTS (SELECT FROM found_alert AS given WHERE given.kind = known.kind AND given.key = known.key)
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of what was found; `critical_count` are those that became critical just now."""

    opened_count: int
    kept_count: int
    reopened_count: int
    resolved_count: int
    critical_count: int


def hold_alerts() -> None:
    """One writer of alerts at a time, until the open transaction ends; taken before anything is read for them."""
    take_transaction_locks(names=["reorder.alerts"])


def record_alerts(
    *,
    found: pl.DataFrame,
    kinds: Collection[str],
    moment: dt.datetime,
    run_key: int | None = None,
    pairs: Collection[tuple[str, str]] | None = None,
) -> Recorded:
    """Make `found` (columns FOUND) what is open of these kinds: new ones open, standing ones follow, the rest resolve.

    `pairs` (subject, place) limits what may resolve to what was looked at; None: everything of these kinds was. What
    was resolved less than a day ago opens again as itself. Part of the open transaction, under `hold_alerts`.
    """
    run_sql(statement="DROP TABLE IF EXISTS found_alert")
    run_sql(
        statement=f"""CREATE TEMP TABLE found_alert ON COMMIT DROP AS
                      SELECT {_NAMES} FROM planning_alert WHERE false"""  # noqa: S608 - constants of ours
    )
    copy_frame(table="found_alert", frame=found.select(FOUND.names()))
    # What the planner knows of open alerts is old: without an index it would walk all that is found for each of them.
    run_sql(statement="CREATE UNIQUE INDEX ON found_alert (kind, key)")
    run_sql(statement="ANALYZE found_alert")
    given: dict[str, Any] = {
        "moment": moment,
        "run_key": run_key,
        "wavering_since": moment - WAVERS_FOR,
        "kinds": list(kinds),
        "pairs": None if pairs is None else [f"{subject}|{place}" for subject, place in pairs],
    }
    kept = run_sql(statement=_KEEP, parameters=given)
    reopened = run_sql(statement=_REOPEN, parameters=given)
    opened = run_sql(statement=_OPEN, parameters=given)
    resolved = run_sql(statement=_RESOLVE, parameters=given)
    critical = Alert.objects.filter(critical_at=moment, resolved_at__isnull=True).count()
    return Recorded(opened, kept, reopened, resolved, critical)


def record_faults(
    *, found: pl.DataFrame, moment: dt.datetime, run_key: int | None, looked_at: Callable[[str], bool]
) -> Recorded:
    """`record_alerts` for bad data, whose keys are looked at by different jobs: only `looked_at` ones may resolve."""
    kind = Alert.Kind.BAD_DATA
    others = Alert.objects.filter(kind=kind, resolved_at__isnull=True).values_list("key", flat=True)
    standing = {key for key in others if not looked_at(key)} | set(found["key"])
    recorded = record_alerts(found=found, kinds=(), moment=moment, run_key=run_key)
    resolved = Alert.objects.filter(kind=kind, resolved_at__isnull=True).exclude(key__in=standing)
    count = resolved.update(resolved_at=moment, critical_at=None)
    return replace(recorded, resolved_count=count)


def snooze_alerts(*, ids: Sequence[int], until: dt.datetime, note: str, by: str, moment: dt.datetime) -> list[int]:
    """Put open alerts off until a moment; returns those that were open. Raises BadSnooze."""
    if until <= moment:
        raise BadSnooze(reason="the moment is over already")
    if until > moment + LONGEST_SNOOZE:
        raise BadSnooze(reason="it reaches further than a year ahead")
    with transaction.atomic():
        hold_alerts()
        rows = Alert.objects.filter(pk__in=list(ids), resolved_at__isnull=True).order_by("pk")
        known = list(rows.values_list("pk", flat=True))
        Alert.objects.filter(pk__in=known).update(snoozed_until=until, snoozed_by=by, snooze_note=note.strip()[:500])
    return known


def wake_alerts(*, ids: Sequence[int]) -> list[int]:
    """Take alerts out of their snooze; returns those that were in one."""
    with transaction.atomic():
        hold_alerts()
        rows = Alert.objects.filter(pk__in=list(ids), resolved_at__isnull=True, snoozed_until__isnull=False)
        known = list(rows.order_by("pk").values_list("pk", flat=True))
        Alert.objects.filter(pk__in=known).update(snoozed_until=None, snoozed_by="", snooze_note="")
    return known


def require_open(*, alert_id: int) -> None:
    """Raises UnknownAlert for an alert that is not there or resolved."""
    if not Alert.objects.filter(pk=alert_id, resolved_at__isnull=True).exists():
        raise UnknownAlert(alert_id=alert_id)


def forget_resolved(*, moment: dt.datetime) -> int:
    """Delete alerts that were resolved longer ago than they are kept; returns how many."""
    deleted, _ = Alert.objects.filter(resolved_at__lt=moment - KEPT_RESOLVED).delete()
    return deleted


def keep_planned_week(*, as_of: dt.date) -> int:
    """Remember the plan's first week once in seven days, and forget the weeks that are too old; returns rows written.

    Only series of which at least half a unit is planned: of less, seven days tell nothing.
    """
    last = PlannedWeek.objects.order_by("-date").values_list("date", flat=True).first()
    if last is not None and as_of < last + dt.timedelta(days=7):
        return 0
    PlannedWeek.objects.filter(date__lte=as_of - dt.timedelta(weeks=PLANNED_WEEKS_KEPT)).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO planning_plannedweek (subject, place_code, date, mean_units, deviation_units)
               SELECT key, place_code, date, mean_units, greatest((p90_units - p10_units) / 2.5631, 0)
               FROM planning_demandweek
               WHERE scope = 'subject' AND week = 0 AND place_code <> '*' AND date = %(as_of)s
                 AND mean_units >= 0.5 AND p90_units IS NOT NULL AND p10_units IS NOT NULL
               ON CONFLICT DO NOTHING""",
            {"as_of": as_of},
        )
        return max(int(cursor.rowcount), 0)
