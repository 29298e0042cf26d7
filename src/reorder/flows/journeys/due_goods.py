"""Goods that come due, on their way through a journey: their messages name the purchase cycles, as reminders do.

So a cycle is reminded once whoever writes, and the nights learn from these messages what reminding adds.
"""

import datetime as dt
from typing import Final

from reorder.domain.marketing.journeys import due
from reorder.domain.marketing.journeys.ways import Way
from reorder.domain.messaging.cycles import attach_cycles
from reorder.domain.messaging.rules import DraftItem

_LOT: Final = 5000
_KEPT: Final = dt.timedelta(days=400)


def keep_cycles(*, way: Way, message_key: str) -> None:
    """The first message of this way is about the cycles that the customer came in with."""
    keys = way.context.get("details", {}).get("cycle_keys", ())
    if keys:
        due.name_message(cycle_keys=keys, message_key=message_key)


def attach_handed_cycles(*, moment: dt.datetime) -> int:
    """Let messages that were planned meanwhile name their cycles; part of the caller's transaction.

    Cycles of long ago are forgotten: whoever has not bought since is no longer due.
    """
    due.forget_cycles(handed_before=moment - _KEPT)
    waiting = due.list_unattached(limit=_LOT)
    done = attach_cycles(
        items=[
            (
                one.message_key,
                DraftItem(
                    product_id=one.product_id,
                    subject_key=one.subject_key,
                    due_date=one.due_date,
                    last_bought_date=one.last_bought_date,
                    cycle_key=one.cycle_key,
                ),
            )
            for one in waiting
        ]
    )
    due.mark_attached(cycle_keys=done)
    return len(done)
