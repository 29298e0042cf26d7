"""What must be known of a person's orders before the person's data goes."""

import datetime as dt
from collections.abc import Collection
from typing import Final

from django.db.models import Q

from reorder.domain.orders.models import Order, OrderStep

# Handed to the carrier so long ago that nobody waits for it any more, whatever the carrier said.
_UNDER_WAY: Final = dt.timedelta(days=30)
_BEFORE_THE_DOOR: Final = ("placed", "allocated", "released", "picked", "packed")


def list_order_ids(*, customer_ids: Collection[int]) -> list[int]:
    """All orders of these records, whatever became of them."""
    return list(Order.objects.filter(customer_id__in=list(customer_ids)).order_by("pk").values_list("pk", flat=True))


def list_unfinished_numbers(*, order_ids: Collection[int], moment: dt.datetime) -> list[str]:
    """Numbers of orders that we still have to send or refund, and whose parcel is under way."""
    own = Order.objects.filter(pk__in=list(order_ids), fulfilment="reorder")
    waiting = OrderStep.objects.filter(order_id__in=list(order_ids), state="waiting").values("order_id")
    unfinished = (
        Q(state__in=_BEFORE_THE_DOOR) | Q(state="shipped", ordered_at__gt=moment - _UNDER_WAY) | Q(pk__in=waiting)
    )
    return sorted(own.filter(unfinished).values_list("external_id", flat=True))
