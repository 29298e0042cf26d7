"""New orders of a batch looked at before they are written: one question for all of them, however long the past."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings

from reorder.domain.orders.recent import find_usual_total, look_back
from reorder.flows.fulfil.checking import (
    CheckedOrder,
    CheckFacts,
    CheckLimits,
    CustomerPast,
    Finding,
    PastOrder,
    check_orders,
)
from reorder.flows.fulfil.promising import Promised

_BELIEVED_SECONDS: Final = 600.0
# What an order usually comes to, by currency, and until when (of the running clock) that is believed.
_usual: dict[str, tuple[float, int | None]] = {}


def look_at_orders(*, promised: Sequence[Promised]) -> Mapping[int, tuple[Finding, ...]]:
    """Why orders that are about to be written wait for a person, by their numbers; nothing for most."""
    if not promised:
        return {}
    limits = read_limits()
    orders = [_checked(one) for one in promised]
    if not (limits.duplicate_hours or limits.fraud_score):
        return check_orders(orders=orders, facts=CheckFacts(), limits=limits)
    first = min(order.ordered_at for order in orders)
    lately = look_back(
        customer_ids=sorted({order.customer_id for order in orders}),
        since=first - timedelta(hours=max(limits.duplicate_hours, 1)),
        phones=sorted({order.phone for order in orders if order.phone}) if limits.orders_an_hour else (),
        hour_ago=first - timedelta(hours=1),
    )
    facts = CheckFacts(
        past={
            customer_id: CustomerPast(
                country=past.country,
                has_earlier=past.has_earlier,
                recent=tuple(
                    PastOrder(external_id=one.external_id, ordered_at=one.ordered_at, goods=one.goods)
                    for one in past.recent
                ),
            )
            for customer_id, past in lately.customers.items()
        },
        by_phone=lately.by_phone,
        usual_minor={currency: usual_total(currency=currency) for currency in {order.currency for order in orders}},
    )
    return check_orders(orders=orders, facts=facts, limits=limits)


def read_limits() -> CheckLimits:
    """When an order is looked at, by the settings."""
    options = settings.REORDER
    return CheckLimits(
        duplicate_hours=options.duplicate_hours,
        orders_an_hour=options.fraud_orders_an_hour,
        value_factor=options.fraud_value_factor,
        fraud_score=options.fraud_score,
        ship_countries=options.ship_countries,
    )


def usual_total(*, currency: str) -> int | None:
    """What an order usually comes to, in minor units, looked up every ten minutes; None where too few are known."""
    known = _usual.get(currency)
    if known is None or known[0] < time.monotonic():
        known = (time.monotonic() + _BELIEVED_SECONDS, find_usual_total(currency=currency))
        _usual[currency] = known
    return known[1]


def forget_usual() -> None:
    """Look again before the next order."""
    _usual.clear()


def _checked(one: Promised) -> CheckedOrder:
    plan, order = one.plan, one.plan.order
    units: dict[int, Decimal] = {}
    for product_id, line in zip(plan.product_ids, order.lines, strict=True):
        units[product_id] = units.get(product_id, Decimal(0)) + line.units
    return CheckedOrder(
        order_id=plan.order_id,
        external_id=order.external_id,
        customer_id=plan.customer_id,
        ordered_at=order.ordered_at,
        currency=order.currency,
        total_minor=order.summed().total_minor,
        goods=tuple(sorted(units.items())),
        ship_to=order.ship_to,
        ship_method=order.ship_method,
    )
