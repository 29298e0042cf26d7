"""What a source sent, by day and outcome: what became events, what was only counted, what was refused and why."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

_OF_SOURCE: Final = """
SELECT what, subject, sum(count) FROM behaviour_trackedday
WHERE source_id = %(source_id)s AND date >= %(since)s GROUP BY what, subject ORDER BY sum(count) DESC
"""
_BY_SOURCE: Final = """
SELECT source.id, coalesce(sum(count) FILTER (WHERE what = 'taken'), 0),
       coalesce(sum(count) FILTER (WHERE what = 'refused'), 0), max(date)
FROM behaviour_trackingsource AS source
LEFT JOIN behaviour_trackedday AS day ON day.source_id = source.id AND date >= %(since)s GROUP BY source.id
"""


@dataclass(frozen=True, slots=True)
class SourceSums:
    """What one source sent since a day."""

    taken_count: int
    refused_count: int
    last_date: dt.date | None


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How often one thing came of what was sent: `what` became of it, `subject` what it was."""

    what: str
    subject: str
    count: int


def sum_sources(*, since: dt.date) -> dict[int, SourceSums]:
    """All sources with what they sent since a day of the shop's calendar."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_SOURCE, {"since": since})
        return {row[0]: SourceSums(int(row[1]), int(row[2]), row[3]) for row in cursor.fetchall()}


def list_outcomes(*, source_id: int, since: dt.date) -> Sequence[OutcomeCount]:
    """What one source sent since a day, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_SOURCE, {"source_id": source_id, "since": since})
        return [OutcomeCount(row[0], row[1], int(row[2])) for row in cursor.fetchall()]
