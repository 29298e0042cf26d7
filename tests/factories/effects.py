"""A shop whose replenishment journey works: whom it wrote to, whom it kept back, and what everybody bought."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from reorder.domain.catalog.models import Product
from reorder.domain.customers.models import Customer
from reorder.domain.messaging.models import MessageEvent, OutboxMessage
from reorder.domain.orders.models import Order, OrderLine
from reorder.kernel.ids import idempotency_key

DECIDED = dt.datetime(2026, 10, 1, 2, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 21, 18, 30, tzinfo=dt.UTC)


def make_people(*, count: int, start: str = "person") -> list[Customer]:
    return Customer.objects.bulk_create(Customer(key=f"{start}-{number}", name=start) for number in range(count))


def decide_messages(
    *,
    customers: Sequence[Customer],
    holdout: str = "",
    source: tuple[str, str, str] = ("journey", "replenishment", "ask"),
    variant: str = "",
    channel: str = "email",
    offer: str = "",
    decided_at: dt.datetime = DECIDED,
    state: str = "",
) -> list[OutboxMessage]:
    """Marketing that was decided about, sent or held out; `state` where it ended otherwise."""
    kind, key, step = source
    made = OutboxMessage.objects.bulk_create(
        OutboxMessage(
            idempotency_key=idempotency_key("made", customer.pk, key, step, decided_at.isoformat()),
            message_id=f"<{customer.pk}-{key}-{step}-{decided_at:%Y%m%d}@example.org>",
            customer=customer,
            channel=channel,
            purpose="marketing",
            address=f"{customer.key}@example.org",
            subject="Oolong",
            body_text="Oolong",
            state=state or ("held_out" if holdout else "sent"),
            reason_code="journey.step",
            send_after=decided_at,
            finished_at=decided_at,
            source_kind=kind,
            source_key=key,
            step_key=step,
            variant=variant,
            holdout=holdout,
            variables={"offer": offer},
        )
        for customer in customers
    )
    OutboxMessage.objects.filter(pk__in=[one.pk for one in made]).update(planned_at=decided_at)
    return made


def sell(
    *,
    customers: Sequence[Customer],
    product: Product,
    at: dt.datetime,
    price_minor: int = 45_000,
    state: str = "placed",
) -> None:
    """One order of one unit each."""
    orders = Order.objects.bulk_create(
        Order(
            external_id=f"{customer.pk}-{at.isoformat()}",
            customer=customer,
            ordered_at=at,
            currency="TWD",
            content_hash="made",
            state=state,
        )
        for customer in customers
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, line_key="1", product=product, units=Decimal(1), unit_price_minor=price_minor)
        for order in orders
    )


def tell(*, messages: Sequence[OutboxMessage], kind: str, at: dt.datetime) -> None:
    MessageEvent.objects.bulk_create(
        MessageEvent(message=message, kind=kind, happened_at=at, key=idempotency_key("made", message.pk, kind))
        for message in messages
    )
