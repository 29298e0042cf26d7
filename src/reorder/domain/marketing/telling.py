"""Why somebody got a message, or none: every decision about a customer with its checks, for support."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reorder.domain.marketing.waiting import list_waiting_of
from reorder.domain.messaging.told import DecisionTold, MessageTold, list_decisions_of, list_marketing_of


@dataclass(frozen=True, slots=True)
class WaitingTold:
    """A message that waits, why, and when it is looked at again."""

    source_kind: str
    source_key: str
    outcome: str
    reason_code: str
    reason_parameters: Mapping[str, Any]
    look_at: dt.datetime
    latest_at: dt.datetime
    looks_count: int


@dataclass(frozen=True, slots=True)
class CustomerTold:
    """Everything that was decided about marketing to one customer, the latest first."""

    waiting: Sequence[WaitingTold]
    messages: Sequence[MessageTold]
    decisions: Sequence[DecisionTold]


def tell_customer(*, customer_id: int, limit: int = 100) -> CustomerTold:
    """What waits, what was sent or planned, and why of each, the latest first."""
    return CustomerTold(
        waiting=[WaitingTold(*row) for row in list_waiting_of(customer_id=customer_id)],
        messages=list_marketing_of(customer_id=customer_id, limit=limit),
        decisions=list_decisions_of(customer_id=customer_id, limit=limit),
    )
