"""The inbox drained: events placed, visitors known, facts noted for journeys, conclusions marked to be drawn again."""

import datetime as dt
from typing import Final

from django.conf import settings
from django.db import transaction

from reorder.domain.behaviour import draining
from reorder.domain.behaviour.draining import PlacedEvent
from reorder.domain.customers import operations as customers
from reorder.flows.event_intake.people import find_named
from reorder.flows.event_intake.telling import KnownEvent, tell_events
from reorder.kernel.jobs import JobName, defer_job

LOT: Final = 5_000
_MOST_LOTS: Final = 40


def drain_events(*, moment: dt.datetime) -> int:
    """Place what came in, in lots of 5,000, each one transaction; returns how many rows were drained.

    Safe to run twice and side by side. Ends after forty lots: the next second goes on.
    """
    drained = 0
    for _ in range(_MOST_LOTS):
        taken = _drain_lot(moment=moment)
        drained += taken
        if taken < LOT:
            break
    return drained


def _drain_lot(*, moment: dt.datetime) -> int:
    with transaction.atomic(durable=True):
        taken = draining.take_rows(limit=LOT)
        if not taken:
            return 0
        customers.hold_merges_off()
        draining.see_visitors(moment=moment)
        people = find_named(names=draining.list_named())
        placed = draining.place_events(people=people, time_zone=settings.REORDER.time_zone)
        tell_events(events=[_known(event) for event in placed], moment=moment)
        if placed:
            # Whoever did something joins and leaves segments at once, not with the next period of the job.
            defer_job(name=JobName.REFRESH_SEGMENTS, once_key=JobName.REFRESH_SEGMENTS)
    return taken


def _known(event: PlacedEvent) -> KnownEvent:
    return KnownEvent(
        key=event.message_id,
        customer_id=event.customer_id,
        kind=event.kind,
        happened_at=event.happened_at,
        sku=event.sku or "",
        search_text=event.search_text,
        results_count=event.results_count,
        details=event.details,
        may_market=event.may_market,
    )
