"""Marketing waits while a parcel is late or a return is open: nobody wants an offer instead of an answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from reorder.domain.customers import operations as customers
from reorder.domain.messaging import operations as messaging
from reorder.domain.messaging.of_customer import list_paused_for
from reorder.domain.shipping.under_way import list_troubled_customers
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.return_people import list_customers_with_returns
from reorder.flows.shop_day import shop_date
from reorder.kernel.errors import ReorderError

# Nothing that is open silences anybody for good: by then somebody has answered for it.
_LONGEST: Final[Mapping[str, dt.timedelta]] = {"parcel": dt.timedelta(days=30), "return": dt.timedelta(days=45)}


def follow_pauses(*, moment: dt.datetime) -> tuple[int, int]:
    """Pause marketing to customers for whom something is open, and let it go where it ended: (begun, ended).

    What a person paused stays so; what a person let go is not paused again for the same trouble. Safe to run twice.
    """
    begun, ended = zip(
        _follow(cause="parcel", troubled=list_troubled_customers(moment=moment), moment=moment),
        _follow(
            cause="return",
            troubled=list_customers_with_returns(since=moment - _LONGEST["return"]),
            moment=moment,
        ),
        strict=True,
    )
    return sum(begun), sum(ended)


def _follow(*, cause: str, troubled: Mapping[int, dt.datetime], moment: dt.datetime) -> tuple[int, int]:
    paused = set(list_paused_for(cause=cause))
    ended = sum(_end(cause=cause, customer_id=one, moment=moment) for one in sorted(paused - set(troubled)))
    begun = sum(
        _begin(cause=cause, customer_id=one, since=since, moment=moment)
        for one, since in sorted(troubled.items())
        if one not in paused
    )
    return begun, ended


def _begin(*, cause: str, customer_id: int, since: dt.datetime, moment: dt.datetime) -> bool:
    today = shop_date(moment=moment)
    with one_transaction():
        if not _lock(customer_id):
            return False
        is_new = messaging.pause_for_cause(
            cause=cause,
            customer_id=customer_id,
            since=since,
            until_date=today + _LONGEST[cause],
            moment=moment,
            today=today,
        )
        if is_new:
            messaging.stop_waiting_marketing(
                customer_id=customer_id, outcome_code=f"outbox.stopped.{cause}", moment=moment
            )
    return is_new


def _end(*, cause: str, customer_id: int, moment: dt.datetime) -> bool:
    with one_transaction():
        return _lock(customer_id) and messaging.end_pause_of_cause(cause=cause, customer_id=customer_id, moment=moment)


def _lock(customer_id: int) -> bool:
    """Hold the customer; False for one that was erased or merged meanwhile."""
    try:
        customers.lock_customer(customer_id=customer_id)
    except ReorderError:
        return False
    return True
