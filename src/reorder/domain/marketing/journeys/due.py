"""Purchase cycles that a night hands to the journey of due goods, each once, and the messages that name them."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.marketing.journey_models import HandedCycle, Journey
from reorder.domain.storage import run_sql

_HAND: Final = """
INSERT INTO marketing_handedcycle
    (cycle_key, customer_id, product_id, subject_key, due_date, last_bought_date, handed_at)
SELECT given.cycle_key, given.customer_id, given.product_id, given.subject_key, given.due_date, given.last_bought_date,
    %(moment)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(cycle_key text, customer_id bigint, product_id bigint,
    subject_key text, due_date date, last_bought_date date)
ORDER BY given.cycle_key ON CONFLICT (cycle_key) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A customer, what they will need again, and the purchase that it follows; see messaging.rules.DraftItem."""

    cycle_key: str
    customer_id: int
    product_id: int
    subject_key: str
    due_date: dt.date | None
    last_bought_date: dt.date | None
    message_key: str = ""


def find_due_state() -> str:
    """Whether journeys write about due goods: `live` (a night hands over), `paused` (nobody writes), or empty."""
    states = Journey.objects.filter(
        state__in=["live", "paused"], live_version__definition__trigger__facts__contains=["due"]
    ).values_list("state", flat=True)
    found = set(states)
    return "live" if "live" in found else "paused" if found else ""


def hand_cycles(*, cycles: Sequence[Cycle], moment: dt.datetime) -> int:
    """Remember cycles that are handed over; part of the transaction that notes the facts. Returns the new ones."""
    rows = [
        {
            "cycle_key": one.cycle_key,
            "customer_id": one.customer_id,
            "product_id": one.product_id,
            "subject_key": one.subject_key,
            "due_date": one.due_date,
            "last_bought_date": one.last_bought_date,
        }
        for one in cycles
    ]
    if not rows:
        return 0
    return run_sql(statement=_HAND, parameters={"rows": json.dumps(rows, default=str), "moment": moment})


def list_handed_cycles(*, cycle_keys: Sequence[str]) -> set[str]:
    """Those of the given cycles that were handed over."""
    known = HandedCycle.objects.filter(cycle_key__in=list(cycle_keys))
    return set(known.values_list("cycle_key", flat=True))


def name_message(*, cycle_keys: Sequence[str], message_key: str) -> None:
    """The message by which these cycles are reminded was asked for under this key."""
    HandedCycle.objects.filter(cycle_key__in=list(cycle_keys), message_key="").update(message_key=message_key)


def list_unattached(*, limit: int) -> list[Cycle]:
    """Cycles whose message was asked for and does not name them yet."""
    rows = HandedCycle.objects.filter(is_attached=False).exclude(message_key="").order_by("message_key", "id")
    return [
        Cycle(
            cycle_key=row.cycle_key,
            customer_id=row.customer_id,
            product_id=row.product_id,
            subject_key=row.subject_key,
            due_date=row.due_date,
            last_bought_date=row.last_bought_date,
            message_key=row.message_key,
        )
        for row in rows[:limit]
    ]


def mark_attached(*, cycle_keys: Sequence[str]) -> None:
    """The messages of these cycles name them."""
    HandedCycle.objects.filter(cycle_key__in=list(cycle_keys)).update(is_attached=True)


def forget_cycles(*, handed_before: dt.datetime) -> int:
    """Forget cycles whose next purchase is long past."""
    removed, _ = HandedCycle.objects.filter(handed_at__lt=handed_before).delete()
    return removed


def merge_cycles(*, keep_id: int, absorb_id: int, key_of: Callable[[str, dt.date], str]) -> int:
    """Cycles of a record that is merged are those of the one that is kept; returns how many moved.

    `key_of` names a cycle of the kept record, by subject and last purchase. Part of the caller's transaction.
    """
    moved = 0
    for row in HandedCycle.objects.filter(customer_id=absorb_id, last_bought_date__isnull=False):
        key = key_of(row.subject_key, row.last_bought_date or dt.date.min)
        if not HandedCycle.objects.filter(cycle_key=key).exists():
            HandedCycle.objects.filter(pk=row.pk).update(customer_id=keep_id, cycle_key=key)
            moved += 1
    return moved
