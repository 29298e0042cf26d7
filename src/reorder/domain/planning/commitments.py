"""The public door of commitments: demand that we cause or hold already, written whole by whatever makes it.

What makes them (a subscription, a campaign, the reminders of a night) owns a kind and a key, and says each time what
stands under it now: the same said again changes nothing. Days gone by are never withdrawn, for they are taken out of
the history of the baseline. Adjustments of people are another door (`adjusting`).
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db import connection

from reorder.domain.planning.errors import BadCommitment, UnknownCommitment
from reorder.domain.planning.models import Commitment
from reorder.domain.planning.rules import COMMITTED_KINDS, LONGEST_ADJUSTMENT_DAYS, MOST_UNITS
from reorder.domain.storage import read_frame, run_sql

# As far back as the baseline looks.
OLDEST_DAYS: Final = 1100
LONGEST_KEY: Final = 200
_UPSERT: Final = """
INSERT INTO planning_commitment AS known
    (kind, key, subject, place_code, date, units, deviation_units, author, reason)
SELECT %(kind)s, %(key)s, subject, place_code, date, units, deviation_units, %(author)s, %(reason)s
FROM unnest(%(subjects)s::text[], %(places)s::text[], %(dates)s::date[], %(units)s::float8[], %(deviations)s::float8[])
    AS given(subject, place_code, date, units, deviation_units)
ORDER BY subject, place_code, date
ON CONFLICT (kind, key, subject, place_code, date) DO UPDATE
SET units = excluded.units, deviation_units = excluded.deviation_units, author = excluded.author,
    reason = excluded.reason, withdrawn_at = NULL, recorded_at = now()
WHERE (known.units, known.deviation_units, known.reason) IS DISTINCT FROM
      (excluded.units, excluded.deviation_units, excluded.reason) OR known.withdrawn_at IS NOT NULL
RETURNING subject
"""
_WITHDRAW_OTHERS: Final = """
UPDATE planning_commitment AS known SET withdrawn_at = %(moment)s
WHERE kind = %(kind)s AND key = %(key)s AND withdrawn_at IS NULL AND date >= %(from_date)s AND NOT EXISTS (
    SELECT FROM unnest(%(subjects)s::text[], %(places)s::text[], %(dates)s::date[]) AS given(subject, place_code, date)
    WHERE given.subject = known.subject AND given.place_code = known.place_code AND given.date = known.date)
RETURNING subject
"""
_SETTLE: Final = """
UPDATE planning_commitment AS known SET realised_units = given.units
FROM unnest(%(subjects)s::text[], %(places)s::text[], %(dates)s::date[], %(units)s::float8[])
    AS given(subject, place_code, date, units)
WHERE known.kind = %(kind)s AND known.key = %(key)s AND known.withdrawn_at IS NULL AND known.subject = given.subject
  AND known.place_code = given.place_code AND known.date = given.date
  AND known.realised_units IS DISTINCT FROM given.units
"""
_ROWS: Final = """
SELECT kind, key, subject AS sku, place_code AS place, date, units, deviation_units
FROM planning_commitment
WHERE withdrawn_at IS NULL AND date >= {from_date} AND date < {before_date}
"""
_PAST: Final = """
SELECT subject AS sku, place_code AS place, date, sum(coalesce(realised_units, units))::float8 AS units
FROM planning_commitment
WHERE withdrawn_at IS NULL AND kind <> 'adjustment' AND date >= {from_date} AND date < {before_date}
GROUP BY 1, 2, 3
"""
_KNOWN: Final = """
SELECT subject AS sku, place_code AS place, date, sum(units)::float8 AS units
FROM planning_commitment
WHERE withdrawn_at IS NULL AND kind <> 'adjustment' AND date >= {from_date} AND date < {before_date}
  AND recorded_at < {known_on}::date
GROUP BY 1, 2, 3
"""
# One key is wrong as one, so its deviations add up.
_LIST: Final = """
SELECT kind, key, min(author), min(reason), min(date), max(date), sum(units), sum(deviation_units), max(recorded_at),
       bool_and(withdrawn_at IS NOT NULL), array_agg(DISTINCT subject ORDER BY subject), sum(realised_units)
FROM planning_commitment
WHERE kind <> 'adjustment' AND (%(kind)s = '' OR kind = %(kind)s) AND (%(key)s = '' OR key = %(key)s)
  AND (%(is_everywhere)s OR place_code = ANY(%(places)s)) AND (withdrawn_at IS NULL OR %(with_withdrawn)s)
  AND (%(is_first)s OR (kind, key) > (%(after_kind)s, %(after_key)s))
GROUP BY kind, key ORDER BY kind, key LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class CommittedDay:
    """Units expected of a subject at a place on a day, and their standard deviation (0: certain)."""

    subject: str
    place_code: str
    date: dt.date
    units: float
    deviation_units: float = 0.0


@dataclass(frozen=True, slots=True)
class RealisedDay:
    """What a committed day came to."""

    subject: str
    place_code: str
    date: dt.date
    units: float


@dataclass(frozen=True, slots=True)
class Replaced:
    """Subjects whose commitments changed, and how many days were written and withdrawn."""

    subjects: frozenset[str]
    written_count: int
    withdrawn_count: int


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """Everything under one kind and key."""

    kind: str
    key: str
    author: str
    reason: str
    from_date: dt.date
    until_date: dt.date
    units: float
    deviation_units: float
    recorded_at: dt.datetime
    is_withdrawn: bool
    subjects: Sequence[str]
    realised_units: float | None


def replace_commitments(
    *,
    kind: str,
    key: str,
    rows: Sequence[CommittedDay],
    today: dt.date,
    moment: dt.datetime,
    author: str = "",
    reason: str = "",
) -> Replaced:
    """From now on `rows` are what stands under (kind, key): other days from `today` on are withdrawn.

    Days gone by may be given too (what a campaign sold is taken out of history), and stay when they are not. Part of
    the caller's transaction. Raises BadCommitment.
    """
    refuse_bad(kind=kind, key=key, rows=rows, today=today)
    given = {
        "kind": kind,
        "key": key,
        "author": author,
        "reason": reason.strip(),
        "moment": moment,
        "from_date": today,
        "subjects": [row.subject for row in rows],
        "places": [row.place_code for row in rows],
        "dates": [row.date for row in rows],
        "units": [row.units for row in rows],
        "deviations": [row.deviation_units for row in rows],
    }
    withdrawn = _subjects(statement=_WITHDRAW_OTHERS, parameters=given)
    written = _subjects(statement=_UPSERT, parameters=given)
    return Replaced(
        subjects=frozenset([*withdrawn, *written]), written_count=len(written), withdrawn_count=len(withdrawn)
    )


def withdraw_commitments(*, kind: str, key: str, from_date: dt.date, moment: dt.datetime) -> Replaced:
    """What stands under (kind, key) from `from_date` on is off; earlier days stay. Raises UnknownCommitment."""
    if kind not in COMMITTED_KINDS or not Commitment.objects.filter(kind=kind, key=key).exists():
        raise UnknownCommitment(kind=kind, key=key)
    given = {"kind": kind, "key": key, "from_date": from_date, "moment": moment}
    nothing: dict[str, list[str]] = {"subjects": [], "places": [], "dates": []}
    withdrawn = _subjects(statement=_WITHDRAW_OTHERS, parameters=given | nothing)
    return Replaced(subjects=frozenset(withdrawn), written_count=0, withdrawn_count=len(withdrawn))


def stands_elsewhere(*, kind: str, key: str, places: frozenset[str]) -> bool:
    """Whether something stands under (kind, key) at a place that is none of these."""
    found = Commitment.objects.filter(kind=kind, key=key, withdrawn_at__isnull=True)
    return found.exclude(place_code__in=places).exists()


def settle_commitments(*, kind: str, key: str, realised: Sequence[RealisedDay]) -> int:
    """Record what committed days came to; history is freed of that instead of what was expected.

    Days that nobody committed are left alone. Returns how many rows changed. Raises BadCommitment.
    """
    for row in realised:
        if not math.isfinite(row.units) or abs(row.units) >= MOST_UNITS:
            raise BadCommitment(reason="the number is larger than any demand can be", subject=row.subject)
    return run_sql(
        statement=_SETTLE,
        parameters={
            "kind": kind,
            "key": key,
            "subjects": [row.subject for row in realised],
            "places": [row.place_code for row in realised],
            "dates": [row.date for row in realised],
            "units": [row.units for row in realised],
        },
    )


def refuse_bad(*, kind: str, key: str, rows: Sequence[CommittedDay], today: dt.date) -> None:
    """Raises BadCommitment with the first subject that is wrong and why."""
    if kind not in COMMITTED_KINDS:
        raise BadCommitment(reason="there is no such kind of commitment", subject=kind)
    if not key.strip() or len(key) > LONGEST_KEY:
        raise BadCommitment(reason="give it a key of at most 200 characters", subject=key[:50])
    seen: set[tuple[str, str, dt.date]] = set()
    for row in rows:
        same = (row.subject, row.place_code, row.date)
        reasons = (
            (not row.subject, "say which product"),
            (
                not math.isfinite(row.units) or abs(row.units) >= MOST_UNITS,
                "the number is larger than any demand can be",
            ),
            (row.units < 0 and kind != "price_change", "units must not be negative"),
            (not 0 <= row.deviation_units < MOST_UNITS, "a deviation is zero or more"),
            (row.date < today - dt.timedelta(days=OLDEST_DAYS), "the day lies too far back to matter"),
            (row.date >= today + dt.timedelta(days=LONGEST_ADJUSTMENT_DAYS), "it reaches further than a year ahead"),
            (same in seen, "the same product, place and day stands there twice"),
        )
        for is_wrong, reason in reasons:
            if is_wrong:
                raise BadCommitment(reason=reason, subject=f"{row.subject} {row.date}")
        seen.add(same)


def frame_commitment_rows(*, from_date: dt.date, before_date: dt.date) -> pl.DataFrame:
    """Every commitment and adjustment of these days: kind, key, sku (subject), place, date, units, deviation_units."""
    return read_frame(query=_ROWS, parameters={"from_date": from_date, "before_date": before_date})


def frame_past_commitments(*, from_date: dt.date, before_date: dt.date) -> pl.DataFrame:
    """What committed days came to, or were expected to: sku (subject), place, date, units. Adjustments are no sales."""
    return read_frame(query=_PAST, parameters={"from_date": from_date, "before_date": before_date})


def frame_known_commitments(*, from_date: dt.date, before_date: dt.date, known_on: dt.date) -> pl.DataFrame:
    """What was committed of these days and recorded before a day: sku (subject), place, date, units as expected."""
    return read_frame(
        query=_KNOWN, parameters={"from_date": from_date, "before_date": before_date, "known_on": known_on}
    )


def list_commitments(
    *,
    places: frozenset[str],
    kind: str = "",
    key: str = "",
    after: tuple[str, str] | None = None,
    with_withdrawn: bool = False,
    limit: int = 50,
) -> list[CommitmentRow]:
    """What stands, by kind and key; at `places` only, unless that is empty."""
    given: dict[str, Any] = {
        "kind": kind,
        "key": key,
        "is_everywhere": not places,
        "places": sorted(places),
        "is_first": after is None,
        "after_kind": after[0] if after else "",
        "after_key": after[1] if after else "",
        "with_withdrawn": with_withdrawn,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST, given)
        return [CommitmentRow(*row) for row in cursor.fetchall()]


def _subjects(*, statement: str, parameters: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
