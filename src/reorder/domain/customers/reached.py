"""People whom something is about to be decided about, held so that nobody decides about them at the same time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

# In the order of their ids, so that two lots with the same people wait for each other instead of deadlocking. Keys that
# point here are not changed, so rows that refer to these people can be written meanwhile.
_HOLD: Final = """
SELECT id, language, time_zone, country, birthday, erased_at IS NOT NULL OR merged_into_id IS NOT NULL
FROM customers_customer WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """What a decision needs to know of a person; `is_gone`: erased, or merged into another record."""

    id: int
    language: str
    time_zone: str
    country: str
    birthday: dt.date | None
    is_gone: bool


def hold_people(*, customer_ids: Sequence[int]) -> list[HeldPerson]:
    """Hold these customers until the open transaction ends; unknown ids are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"ids": sorted(set(customer_ids))})
        return [HeldPerson(*row) for row in cursor.fetchall()]
