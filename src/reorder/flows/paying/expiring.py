"""Orders whose bank transfer never came: they are cancelled, so that what was promised to them is free again."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.payments.queries import list_overdue_payments


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringOrder:
    """An order nothing of which was paid in time."""

    order_id: int
    payment_id: int
    expires_at: dt.datetime


def list_orders_to_expire(
    *, moment: dt.datetime, after: ExpiringOrder | None = None, limit: int = 100
) -> list[ExpiringOrder]:
    """Orders whose time to pay is over and nothing came, the oldest first, behind `after`.

    One that was paid in part is left to a person.
    """
    seen = (after.expires_at, after.payment_id) if after else None
    return [
        ExpiringOrder(order_id=one.order_id, payment_id=one.id, expires_at=one.expires_at)
        for one in list_overdue_payments(moment=moment, after=seen, limit=limit)
        if one.expires_at is not None
    ]
