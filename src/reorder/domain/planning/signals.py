"""Signals in and out: the same value told again changes nothing, a corrected one is a later version.

Reads for a forecast, a backtest or a replay see only the latest version that was known at the origin.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db import connection
from django.db.models import Q

from reorder.domain.planning.models import CalendarEntry, Signal
from reorder.domain.planning.signal_rules import KINDS, EntryRow, NewSignal, expand_entries
from reorder.domain.storage import copy_frame, read_frame, run_sql

_KEY: Final = "kind, date, scope, key, place_code, name"
SIGNAL_SCHEMA: Final = {
    "kind": pl.String(),
    "name": pl.String(),
    "scope": pl.String(),
    "key": pl.String(),
    "place_code": pl.String(),
    "date": pl.Date(),
    "number": pl.Float64(),
    "text": pl.String(),
    "known_at": pl.Datetime("us", "UTC"),
    "source": pl.String(),
}
# The version that stood at the moment from which the given value is known.
_STANDS: Final = """
LEFT JOIN LATERAL (
    SELECT number, text, known_at FROM planning_signal AS stood
    WHERE stood.kind = given.kind AND stood.date = given.date AND stood.scope = given.scope AND stood.key = given.key
      AND stood.place_code = given.place_code AND stood.name = given.name AND stood.known_at <= given.known_at
    ORDER BY stood.known_at DESC LIMIT 1
) AS stands ON true
"""
_CONTRADICTING: Final = f"""
SELECT given.row_number FROM given_signal AS given {_STANDS}
WHERE stands.known_at = given.known_at
  AND (stands.number IS DISTINCT FROM given.number OR stands.text <> given.text)
"""  # noqa: S608 - constants of ours
_INSERT: Final = f"""
WITH version AS (
    SELECT DISTINCT ON ({_KEY}, known_at) * FROM given_signal ORDER BY {_KEY}, known_at, row_number
), stepped AS (
    SELECT version.*, lag(number) OVER series AS number_before, lag(text) OVER series AS text_before,
           lag(known_at) OVER series AS known_before
    FROM version WINDOW series AS (PARTITION BY {_KEY} ORDER BY known_at)
)
INSERT INTO planning_signal ({_KEY}, number, text, known_at, source)
SELECT given.kind, given.date, given.scope, given.key, given.place_code, given.name, given.number, given.text,
       given.known_at, given.source
FROM stepped AS given {_STANDS}
WHERE CASE WHEN given.known_before IS NOT NULL AND given.known_before >= coalesce(stands.known_at, '-infinity')
           THEN given.number IS DISTINCT FROM given.number_before OR given.text IS DISTINCT FROM given.text_before
           ELSE stands.known_at IS NULL OR stands.number IS DISTINCT FROM given.number OR stands.text <> given.text END
ORDER BY {_KEY}, given.known_at
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants of ours
_LATEST: Final = f"""
SELECT DISTINCT ON ({_KEY}) kind, name, scope, key, place_code, date, number, text, known_at, source
FROM planning_signal
WHERE date >= {{from_date}}::date AND date < {{before_date}}::date AND known_at < {{known_before}}::timestamptz
  AND kind = ANY({{kinds}}::text[])
ORDER BY {_KEY}, known_at DESC
"""  # noqa: S608 - constants of ours


_VERSIONS: Final = """
SELECT kind, name, scope, key, place_code, date, number, text, known_at, source
FROM planning_signal
WHERE date >= {from_date}::date AND date < {before_date}::date AND known_at < {known_before}::timestamptz
  AND kind = ANY({kinds}::text[])
"""


@dataclass(frozen=True, slots=True)
class RecordedSignals:
    """How many versions were new, and the rows (by their number) that contradict a value known at the same moment."""

    added_count: int
    contradicting_rows: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One version of a signal as it stands in the books."""

    id: int
    kind: str
    name: str
    scope: str
    key: str
    place_code: str
    date: dt.date
    number: float | None
    text: str
    known_at: dt.datetime
    source: str


def record_signals(*, signals: Sequence[NewSignal], moment: dt.datetime) -> RecordedSignals:
    """Record judged signals; one without a moment is known from `moment` on. Part of the open transaction.

    A value that stood already is not written again; one that contradicts a value known at the same moment is left out
    and told by its place in `signals`, from 0.
    """
    rows = [
        {
            "row_number": number,
            "kind": one.kind,
            "date": one.date,
            "scope": one.scope,
            "key": one.key,
            "place_code": one.place_code,
            "name": one.name,
            "number": one.number,
            "text": one.text,
            "known_at": one.known_at or moment,
            "source": one.source,
        }
        for number, one in enumerate(signals)
    ]
    run_sql(statement="DROP TABLE IF EXISTS given_signal")
    run_sql(
        statement="""CREATE TEMP TABLE given_signal ON COMMIT DROP AS
                     SELECT 0::bigint AS row_number, kind, date, scope, key, place_code, name, number, text, known_at,
                            source FROM planning_signal WHERE false"""
    )
    frame = pl.DataFrame(rows, schema={"row_number": pl.Int64(), **SIGNAL_SCHEMA})
    copy_frame(table="given_signal", frame=frame)
    return record_given()


def record_given() -> RecordedSignals:
    """Record what stands in the temporary table `given_signal`; contradicting rows are taken out of it."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTRADICTING)
        contradicting = {int(row[0]) for row in cursor.fetchall()}
        cursor.execute(
            f"""SELECT later.row_number FROM given_signal AS later JOIN given_signal AS earlier
                    USING ({_KEY}, known_at)
                WHERE earlier.row_number < later.row_number
                  AND (earlier.number IS DISTINCT FROM later.number OR earlier.text <> later.text)"""  # noqa: S608
        )
        contradicting |= {int(row[0]) for row in cursor.fetchall()}
        cursor.execute("DELETE FROM given_signal WHERE row_number = ANY(%s)", [list(contradicting)])
        cursor.execute(_INSERT)
        return RecordedSignals(max(cursor.rowcount, 0), frozenset(contradicting))


def frame_signals(
    *, from_date: dt.date, before_date: dt.date, known_before: dt.datetime, kinds: Sequence[str] | None = None
) -> pl.DataFrame:
    """What was known before a moment about the days in [from_date, before_date): the latest version of each signal.

    The calendar as it stood then is a part of it. Columns of `SIGNAL_SCHEMA`.
    """
    wanted = list(kinds or KINDS)
    told = read_frame(
        query=_LATEST,
        parameters={"from_date": from_date, "before_date": before_date, "known_before": known_before, "kinds": wanted},
    ).cast(dict(SIGNAL_SCHEMA))  # type: ignore[arg-type]
    stood = expand_entries(
        entries=list_entries_known(from_date=from_date, before_date=before_date, known_before=known_before),
        from_date=from_date,
        before_date=before_date,
    )
    rows = [{name: getattr(one, name) for name in SIGNAL_SCHEMA} for one in stood if one.kind in wanted]
    return pl.concat([told.select(list(SIGNAL_SCHEMA)), pl.DataFrame(rows, schema=dict(SIGNAL_SCHEMA))])


def frame_signal_versions(
    *, from_date: dt.date, before_date: dt.date, known_before: dt.datetime, kinds: Sequence[str]
) -> pl.DataFrame:
    """Every version known before a moment of signals about [from_date, before_date). Columns of `SIGNAL_SCHEMA`."""
    return read_frame(
        query=_VERSIONS,
        parameters={
            "from_date": from_date,
            "before_date": before_date,
            "known_before": known_before,
            "kinds": list(kinds),
        },
    ).cast(dict(SIGNAL_SCHEMA))  # type: ignore[arg-type]


def list_entries_known(*, from_date: dt.date, before_date: dt.date, known_before: dt.datetime) -> list[EntryRow]:
    """The calendar's entries that stood at a moment and touch the days in [from_date, before_date)."""
    rows = CalendarEntry.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=known_before),
        recorded_at__lt=known_before,
        from_date__lt=before_date,
        until_date__gte=from_date,
    ).order_by("from_date", "id")
    return [entry_row(row) for row in rows]


def entry_row(row: CalendarEntry) -> EntryRow:
    """An entry as others need to know it."""
    return EntryRow(
        id=row.pk,
        kind=row.kind,
        name=row.name,
        from_date=row.from_date,
        until_date=row.until_date,
        scope=row.scope,
        key=row.key,
        place_code=row.place_code,
        price=row.price,
        discount_share=row.discount_share,
        expected_effect_share=row.expected_effect_share,
        note=row.note,
        author=row.author,
        recorded_at=row.recorded_at,
        withdrawn_at=row.withdrawn_at,
        replaces_id=row.replaces_id,
        source_key=row.source_key,
    )


def list_signals(
    *,
    limit: int,
    after_id: int | None = None,
    kind: str | None = None,
    sku: str | None = None,
    place_code: str | None = None,
    from_date: dt.date | None = None,
    until_date: dt.date | None = None,
) -> list[SignalRow]:
    """Versions as they were recorded, the latest first; `after_id` is the last one of the page before."""
    given: dict[str, Any] = {
        "pk__lt": after_id,
        "kind": kind,
        "key": sku,
        "place_code": place_code,
        "date__gte": from_date,
        "date__lte": until_date,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    if sku is not None:
        wanted["scope"] = "product"
    rows = Signal.objects.filter(**wanted).order_by("-pk")[:limit]
    return [
        SignalRow(
            id=row.pk,
            kind=row.kind,
            name=row.name,
            scope=row.scope,
            key=row.key,
            place_code=row.place_code,
            date=row.date,
            number=row.number,
            text=row.text,
            known_at=row.known_at,
            source=row.source,
        )
        for row in rows
    ]


def record_staged_signals(*, moment: dt.datetime) -> int:
    """Record the settled rows of a file (view `staged_signal`); returns how many versions were new."""
    run_sql(statement="DROP TABLE IF EXISTS given_signal")
    run_sql(
        statement="""CREATE TEMP TABLE given_signal ON COMMIT DROP AS
                     SELECT row_number, kind, date, scope, key, place_code, name, number, text,
                            coalesce(known_at, %s) AS known_at, source FROM staged_signal""",
        parameters=[moment],
    )
    return record_given().added_count
