"""The inbox drained: events placed, visitors known, facts noted for journeys, conclusions marked to be drawn again."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db import transaction

from reorder.domain.behaviour import draining
from reorder.domain.behaviour.draining import PlacedEvent
from reorder.domain.behaviour.rules import KINDS
from reorder.domain.customers import operations as customers
from reorder.domain.marketing.facts import list_wanted_kinds, note_facts
from reorder.domain.marketing.rules import NewFact
from reorder.domain.planning import operations as planning
from reorder.flows.event_intake.people import find_named

log = logging.getLogger(__name__)
LOT: Final = 5_000
_MOST_LOTS: Final = 40
# What happened longer ago, and is only now known to be somebody's, starts nothing.
_FRESH: Final = dt.timedelta(days=1)
_FACTS: Final = {
    "view": "viewed",
    "cart": "carted",
    "search": "searched",
    "checkout": "checkout_begun",
    "liked": "liked",
}


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
        _mark(placed)
        note_facts(facts=_facts(placed, moment=moment))
    return taken


def _mark(placed: Sequence[PlacedEvent]) -> None:
    """Segments look at whoever did anything; due dates move by the kinds that the engine reads."""
    marks = {("segment", str(event.customer_id)) for event in placed}
    marks |= {("customer", str(event.customer_id)) for event in placed if event.kind in KINDS}
    if marks:
        planning.mark_many(marks=sorted(marks))


def _facts(placed: Sequence[PlacedEvent], *, moment: dt.datetime) -> list[NewFact]:
    wanted = list_wanted_kinds() if placed else frozenset()
    facts = [
        _fact(kind, event)
        for event in placed
        if event.may_market and event.happened_at >= moment - _FRESH
        for kind in _kinds(event)
        if kind in wanted
    ]
    # A view without a product of ours leads to nothing that could be written.
    return [fact for fact in facts if fact.subject or fact.kind == "checkout_begun"]


def _kinds(event: PlacedEvent) -> list[str]:
    found = [_FACTS[event.kind]] if event.kind in _FACTS else []
    if event.kind == "search" and event.results_count == 0:
        found.append("found_nothing")
    return found


def _fact(kind: str, event: PlacedEvent) -> NewFact:
    subject = event.sku or ""
    if event.kind == "search":
        subject = event.search_text
    elif event.kind == "checkout":
        subject = str(event.details.get("cart", ""))
    return NewFact(
        kind=kind,
        customer_id=event.customer_id,
        subject=subject,
        details=dict(event.details),
        happened_at=event.happened_at,
        key=f"event:{event.id}:{kind}",
    )
