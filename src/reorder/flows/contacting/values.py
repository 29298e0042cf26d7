"""What became of a wanted message, as its source is told."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """`outcome`: planned, held_out, rescheduled, held_for_stock or suppressed; `at` when it goes or is looked at again.

    `message_id` is the message of the outbox, for planned and held-out ones.
    """

    key: str
    outcome: str
    reason_code: str
    at: dt.datetime | None = None
    channel: str = ""
    message_id: int | None = None
