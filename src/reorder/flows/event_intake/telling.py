"""What follows from new events of known customers: facts for journeys, and marks of what must be looked at again."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.behaviour.rules import KINDS
from reorder.domain.marketing.facts import list_wanted_kinds, note_facts
from reorder.domain.marketing.rules import NewFact
from reorder.domain.planning import operations as planning

# What happened longer ago, and is only now told or known to be somebody's, starts nothing.
_FRESH: Final = dt.timedelta(days=1)
_FACTS: Final[Mapping[str, str]] = {
    "view": "viewed",
    "cart": "carted",
    "search": "searched",
    "checkout": "checkout_begun",
    "liked": "liked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """An event of a known customer; `key` is the same whenever it is told."""

    key: str
    customer_id: int
    kind: str
    happened_at: dt.datetime
    sku: str = ""
    search_text: str = ""
    results_count: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    may_market: bool = True


def tell_events(*, events: Sequence[KnownEvent], moment: dt.datetime) -> None:
    """Note the facts that somebody listens to and mark whoever did anything; part of the transaction of the events.

    Segments look at everybody; due dates move by the kinds that the engine reads.
    """
    if not events:
        return
    marks = {("segment", str(event.customer_id)) for event in events}
    marks |= {("customer", str(event.customer_id)) for event in events if event.kind in KINDS}
    planning.mark_many(marks=sorted(marks))
    wanted = list_wanted_kinds()
    facts = [
        _fact(kind, event)
        for event in events
        if event.may_market and event.happened_at >= moment - _FRESH
        for kind in _kinds(event)
        if kind in wanted
    ]
    # A view of something that is no product of ours leads to nothing that could be written.
    note_facts(facts=[fact for fact in facts if fact.subject or fact.kind == "checkout_begun"])


def _kinds(event: KnownEvent) -> list[str]:
    found = [_FACTS[event.kind]] if event.kind in _FACTS else []
    if event.kind == "search" and event.results_count == 0:
        found.append("found_nothing")
    return found


def _fact(kind: str, event: KnownEvent) -> NewFact:
    subject = event.sku
    if event.kind == "search":
        subject = event.search_text
    elif event.kind == "checkout":
        subject = str(event.details.get("cart", ""))
    digest = hashlib.sha256(event.key.encode()).hexdigest()[:40]
    return NewFact(
        kind=kind,
        customer_id=event.customer_id,
        subject=subject,
        details=dict(event.details),
        happened_at=event.happened_at,
        key=f"event:{digest}:{kind}",
    )
