"""Live numbers of journeys: how many came in, are where, were written to, and left; of today and the days before."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

_DAYS: Final = 30
_BY_JOURNEY: Final = """
SELECT journey.code, counted.code, sum(counted.count)
FROM marketing_journeycount AS counted JOIN marketing_journey AS journey ON journey.id = counted.journey_id
WHERE counted.date > %(since)s GROUP BY 1, 2
"""
_INSIDE: Final = """
SELECT journey.code, count(*)
FROM marketing_enrolment AS way JOIN marketing_journey AS journey ON journey.id = way.journey_id
WHERE way.state IN ('active', 'held') GROUP BY 1
"""
# What happened of 30 days, who is where now, and what became of messages: as they left, not as it was decided.
_BY_STEP: Final = """
SELECT step_key, code, sum(count) FROM marketing_journeycount
WHERE journey_id = %(journey)s AND date > %(since)s GROUP BY 1, 2
UNION ALL
SELECT step_key, '@inside', count(*) FROM marketing_enrolment
WHERE journey_id = %(journey)s AND state IN ('active', 'held') GROUP BY 1
UNION ALL
SELECT step_key, '@' || state, count(*) FROM messaging_outboxmessage
WHERE source_kind = 'journey' AND source_key = %(code)s AND planned_at > %(moment)s
  AND state IN ('sent', 'planned', 'held_out') GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyNumbers:
    """Of 30 days, but for `inside`, which is now."""

    inside: int = 0
    entered: int = 0
    planned: int = 0
    done: int = 0
    left: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNumbers:
    """Of 30 days, but for `waiting`, which is now; `sent` are messages that left, `waits_to_go` those that will."""

    waiting: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    sent: int = 0
    waits_to_go: int = 0
    held_out: int = 0


def list_numbers(*, today: dt.date) -> dict[str, JourneyNumbers]:
    """The numbers of every journey that has any, by code."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_BY_JOURNEY, {"since": today - dt.timedelta(days=_DAYS)})
        for journey, code, count in cursor.fetchall():
            counts[journey][code] = int(count)
        cursor.execute(_INSIDE)
        inside = dict(cursor.fetchall())
    return {
        journey: JourneyNumbers(
            inside=inside.get(journey, 0),
            **{name: counts[journey].get(name, 0) for name in ("entered", "planned", "done", "left", "failed")},
        )
        for journey in sorted({*counts, *inside})
    }


def list_step_numbers(*, journey_id: int, code: str, today: dt.date, moment: dt.datetime) -> dict[str, StepNumbers]:
    """The numbers of each step of one journey; those without any are left out."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    given: dict[str, int | str | dt.date] = {
        "journey": journey_id,
        "code": code,
        "since": today - dt.timedelta(days=_DAYS),
        "moment": moment - dt.timedelta(days=_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_STEP, given)
        for step, what, count in cursor.fetchall():
            counts[step][what] = int(count)
    return {
        step: StepNumbers(
            waiting=found.get("@inside", 0),
            counts=found,
            sent=found.get("@sent", 0),
            waits_to_go=found.get("@planned", 0),
            held_out=found.get("@held_out", 0),
        )
        for step, found in sorted(counts.items())
    }
