"""What channels and offers were found to add: replaced by the night, read by the decision about messages."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from reorder.domain.planning.models import ContactResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRow:
    """Extra orders as a share of those that would have come anyway; `scope` is all, channel or offer."""

    scope: str
    key: str
    segment: str
    treated_count: int
    held_out_count: int
    lift_share: float
    deviation: float
    learned_share: float


@transaction.atomic
def replace_responses(*, responses: Sequence[ResponseRow], as_of: dt.date) -> int:
    """Save what a night found in place of what was known; returns how many rows."""
    ContactResponse.objects.all().delete()
    ContactResponse.objects.bulk_create(
        ContactResponse(as_of_date=as_of, **{name: getattr(one, name) for name in ResponseRow.__slots__})
        for one in responses
    )
    return len(responses)


def list_responses(*, scope: str = "") -> list[ResponseRow]:
    """Everything that is known, or what is known of channels (or offers) alone."""
    rows = ContactResponse.objects.all()
    if scope:
        rows = rows.filter(scope=scope)
    return [
        ResponseRow(**{name: getattr(row, name) for name in ResponseRow.__slots__})
        for row in rows.order_by("scope", "key", "segment")
    ]
