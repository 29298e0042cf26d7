"""Marketing waits while a parcel of a customer is late or was not delivered: nobody wants an offer instead of goods."""

import datetime as dt
from typing import Final

from reorder.domain.customers import operations as customers
from reorder.domain.messaging import operations as messaging
from reorder.domain.messaging.of_customer import list_parcel_pauses
from reorder.domain.shipping.under_way import list_troubled_customers
from reorder.domain.storage import one_transaction
from reorder.flows.shop_day import shop_date
from reorder.kernel.errors import ReorderError

# A lost parcel silences nobody for good: by then somebody has answered for it.
_LONGEST: Final = dt.timedelta(days=30)


def follow_pauses(*, moment: dt.datetime) -> tuple[int, int]:
    """Pause marketing to customers with a parcel in trouble, and let it go where none is left: (begun, ended).

    What a person paused stays so; what a person let go is not paused again for the same trouble. Safe to run twice.
    """
    troubled = list_troubled_customers(moment=moment)
    ended = sum(
        _end(customer_id=customer_id, moment=moment)
        for customer_id in list_parcel_pauses()
        if customer_id not in troubled
    )
    begun = sum(_begin(customer_id=one, since=since, moment=moment) for one, since in sorted(troubled.items()))
    return begun, ended


def _begin(*, customer_id: int, since: dt.datetime, moment: dt.datetime) -> bool:
    today = shop_date(moment=moment)
    with one_transaction():
        if not _lock(customer_id):
            return False
        is_new = messaging.pause_for_parcel(
            customer_id=customer_id, since=since, until_date=today + _LONGEST, moment=moment, today=today
        )
        if is_new:
            messaging.stop_waiting_marketing(
                customer_id=customer_id, outcome_code="outbox.stopped.parcel", moment=moment
            )
    return is_new


def _end(*, customer_id: int, moment: dt.datetime) -> bool:
    with one_transaction():
        return _lock(customer_id) and messaging.end_parcel_pause(customer_id=customer_id, moment=moment)


def _lock(customer_id: int) -> bool:
    """Hold the customer; False for one that was erased or merged meanwhile."""
    try:
        customers.lock_customer(customer_id=customer_id)
    except ReorderError:
        return False
    return True
