"""Journeys in the books: drafts that are edited, versions that never change, and which of them run."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from reorder.domain.marketing.facts import set_wanted_kinds
from reorder.domain.marketing.journey_models import Enrolment, Journey, JourneyVersion
from reorder.domain.marketing.journeys.definition import read_definition
from reorder.domain.marketing.journeys.errors import BadJourneyCode, JourneyChanged, JourneyExists, UnknownJourney
from reorder.domain.marketing.journeys.ways import Running
from reorder.domain.storage import run_sql

_CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")
# Addresses of pages that are about no single journey.
_TAKEN: Final = frozenset({"create", "new", "people", "ready", "tasks"})
_OPEN: Final = ("active", "held")
# A version runs while it lets people in or somebody is still on it.
_RUNNING: Final = """
SELECT journey.id, journey.code, version.id, version.definition,
    journey.state = 'live' AND journey.live_version_id = version.id
FROM marketing_journeyversion AS version JOIN marketing_journey AS journey ON journey.id = version.journey_id
WHERE (journey.state IN ('live', 'paused') AND journey.live_version_id = version.id)
   OR EXISTS (SELECT FROM marketing_enrolment AS way
              WHERE way.version_id = version.id AND way.state IN ('active', 'held'))
ORDER BY journey.id, version.id
"""
_NOTE_END: Final = """
INSERT INTO marketing_enrolmentevent (enrolment_id, happened_at, step_key, code, details)
SELECT way.id, %(moment)s, way.step_key, 'left', jsonb_build_object('code', %(code)s::text)
FROM marketing_enrolment AS way WHERE way.journey_id = %(journey)s AND way.state IN ('active', 'held')
"""
_END: Final = """
UPDATE marketing_enrolment
SET state = 'left', ended_code = %(code)s, finished_at = %(moment)s, due_at = NULL, is_waiting = false, awaits = '{}'
WHERE journey_id = %(journey)s AND state IN ('active', 'held')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyRow:
    """A journey as lists and editors need it; `draft` differs from `live` once it was edited while it ran."""

    id: int
    code: str
    name: str
    ready_made: str
    state: str
    draft: Mapping[str, Any]
    draft_number: int
    live: Mapping[str, Any] | None
    version_number: int | None
    changed_at: dt.datetime
    changed_by: str
    switched_at: dt.datetime | None

    @property
    def is_edited(self) -> bool:
        """Whether the draft holds changes that are not switched on."""
        return self.live is not None and self.draft != self.live


def list_journeys() -> list[JourneyRow]:
    """Every journey, the running ones first, then by code."""
    order = {"live": 0, "paused": 1, "draft": 2, "off": 3}
    rows = [_row(one) for one in Journey.objects.select_related("live_version")]
    return sorted(rows, key=lambda row: (order[row.state], row.code))


def find_journey(*, code: str) -> JourneyRow | None:
    """A journey by its code."""
    found = Journey.objects.select_related("live_version").filter(code=code).first()
    return _row(found) if found else None


def get_journey(*, code: str) -> JourneyRow:
    """A journey by its code; raises UnknownJourney."""
    found = find_journey(code=code)
    if found is None:
        raise UnknownJourney(what="journey", key=code)
    return found


def lock_journey(*, code: str) -> JourneyRow:
    """The same, held until the transaction ends."""
    if not Journey.objects.select_for_update().filter(code=code).exists():
        raise UnknownJourney(what="journey", key=code)
    return get_journey(code=code)


def create_journey(
    *, code: str, name: str, ready_made: str, document: Mapping[str, Any], decided_by: str, moment: dt.datetime
) -> JourneyRow:
    """A new draft. Raises BadJourneyCode, JourneyExists."""
    if not _CODE.fullmatch(code) or code in _TAKEN:
        raise BadJourneyCode(value=code or "–")
    try:
        with transaction.atomic():
            Journey.objects.create(
                code=code,
                name=name.strip()[:200],
                ready_made=ready_made,
                draft=dict(document),
                changed_at=moment,
                changed_by=decided_by,
            )
    except IntegrityError as fault:
        raise JourneyExists(key=code) from fault
    return get_journey(code=code)


def save_draft(
    *, code: str, document: Mapping[str, Any], seen_number: int | None, decided_by: str, moment: dt.datetime
) -> JourneyRow:
    """Put a changed draft in place of the one that was seen; raises UnknownJourney, JourneyChanged."""
    rows = Journey.objects.filter(code=code)
    if seen_number is not None:
        rows = rows.filter(draft_number=seen_number)
    number = get_journey(code=code).draft_number if seen_number is None else seen_number
    changed = rows.update(draft=dict(document), draft_number=number + 1, changed_at=moment, changed_by=decided_by)
    if not changed:
        get_journey(code=code)
        raise JourneyChanged
    return get_journey(code=code)


def rename_journey(*, code: str, name: str, decided_by: str, moment: dt.datetime) -> None:
    """Give a journey another name; raises UnknownJourney."""
    cleaned = " ".join(name.replace("\x00", "").split())[:200]
    if not Journey.objects.filter(code=code).update(name=cleaned, changed_at=moment, changed_by=decided_by):
        raise UnknownJourney(what="journey", key=code)


def publish_version(*, journey: JourneyRow, decided_by: str, moment: dt.datetime) -> int:
    """Make the draft of a locked journey a version, unless it is the live one already; returns the version's id."""
    live = Journey.objects.get(pk=journey.id).live_version
    if live is not None and live.definition == journey.draft:
        return live.pk
    number = JourneyVersion.objects.filter(journey_id=journey.id).aggregate(last=Max("number"))["last"] or 0
    made = JourneyVersion.objects.create(
        journey_id=journey.id,
        number=number + 1,
        definition=dict(journey.draft),
        published_at=moment,
        published_by=decided_by,
    )
    Journey.objects.filter(pk=journey.id).update(live_version=made)
    return made.pk


def set_state(*, journey_id: int, state: str, moment: dt.datetime) -> None:
    """Let a locked journey be live, paused or off; the caller sees to who is in it."""
    Journey.objects.filter(pk=journey_id).update(state=state, switched_at=moment)


def list_running() -> list[Running]:
    """Versions that run: what lets people in, and what somebody is still on."""
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING)
        rows = cursor.fetchall()
    return [
        Running(
            journey_id=row[0],
            code=row[1],
            version_id=row[2],
            definition=read_definition(document=plain(row[3])),
            lets_in=row[4],
        )
        for row in rows
    ]


def listen_to_what_runs() -> None:
    """Have those facts noted that somebody waits for, and no others; part of the transaction that switches."""
    kinds: set[str] = set()
    for one in list_running():
        kinds |= one.definition.listened()
        kinds.update(one.definition.trigger.facts if one.lets_in else ())
    set_wanted_kinds(kinds=sorted(kinds))


def move_ways(*, journey_id: int, version_id: int, steps: Sequence[str]) -> int:
    """Let everybody on an older version go on by this one, if their step is one of `steps`; returns how many."""
    return (
        Enrolment.objects.filter(journey_id=journey_id, state__in=_OPEN, step_key__in=[*steps, ""])
        .exclude(version_id=version_id)
        .update(version_id=version_id)
    )


def hold_ways(*, journey_id: int) -> int:
    """Everybody in a journey waits where they are; returns how many."""
    return Enrolment.objects.filter(journey_id=journey_id, state="active").update(state="held")


def release_ways(*, journey_id: int) -> int:
    """Everybody who was held goes on; whose moment has come meanwhile at once."""
    return Enrolment.objects.filter(journey_id=journey_id, state="held").update(state="active")


def end_ways_of_journey(*, journey_id: int, code: str, moment: dt.datetime) -> int:
    """Everybody leaves a journey at once; returns how many. What happened is one event for each of them."""
    run_sql(statement=_NOTE_END, parameters={"journey": journey_id, "code": code, "moment": moment})
    return run_sql(statement=_END, parameters={"journey": journey_id, "code": code, "moment": moment})


def list_versions(*, code: str) -> list[tuple[int, dt.datetime, str]]:
    """Versions of a journey, the newest first: number, when and by whom it was switched on."""
    rows = JourneyVersion.objects.filter(journey__code=code).order_by("-number")
    return list(rows.values_list("number", "published_at", "published_by")[:100])


def forget_journey(*, code: str) -> bool:
    """Remove a draft that was never switched on; False where there is none."""
    removed, _ = Journey.objects.filter(code=code, state="draft", live_version__isnull=True).delete()
    return removed > 0


def plain(value: Any) -> Any:
    """JSON of a raw cursor as Python has it."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def _row(journey: Journey) -> JourneyRow:
    live = journey.live_version
    return JourneyRow(
        id=journey.pk,
        code=journey.code,
        name=journey.name,
        ready_made=journey.ready_made,
        state=journey.state,
        draft=journey.draft,
        draft_number=journey.draft_number,
        live=live.definition if live else None,
        version_number=live.number if live else None,
        changed_at=journey.changed_at,
        changed_by=journey.changed_by,
        switched_at=journey.switched_at,
    )
