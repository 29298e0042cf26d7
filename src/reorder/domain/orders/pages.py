"""Orders for looking at: one, or a page of them, the newest first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from reorder.domain.orders.errors import UnknownOrder
from reorder.domain.orders.models import Order


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """One line of an order; units are selling units, the price is in minor units of the order's currency."""

    line_key: str
    sku: str
    product_name: str
    units: Decimal
    unit_price_minor: int | None
    place_code: str


@dataclass(frozen=True, slots=True)
class BoughtOrder:
    """One order as the channel reported it; lines in the order in which they were written."""

    id: int
    channel: str
    external_id: str
    customer_id: int
    customer_key: str
    ordered_at: dt.datetime
    currency: str
    state: str
    ship_postcode: str
    imported_at: dt.datetime
    lines: tuple[BoughtLine, ...]


def get_order(*, order_id: int) -> BoughtOrder:
    """One order; raises UnknownOrder."""
    found = _with_lines().filter(pk=order_id).first()
    if found is None:
        raise UnknownOrder(order_id=order_id)
    return _row(found)


def list_numbers(*, order_ids: Sequence[int]) -> dict[int, str]:
    """What people call these orders, by their numbers in the books; those that are not there are left out."""
    return dict(Order.objects.filter(pk__in=list(order_ids)).values_list("pk", "external_id"))


def list_orders(
    *,
    limit: int,
    before: tuple[dt.datetime, int] | None = None,
    customer_id: int | None = None,
    channel: str | None = None,
    external_id: str | None = None,
    from_at: dt.datetime | None = None,
    until_at: dt.datetime | None = None,
) -> list[BoughtOrder]:
    """The newest orders, by moment and id; those before (moment, id) when given. `until_at` is not included."""
    if channel is not None and not Order.objects.filter(channel=channel).exists():
        # Else every order would be looked at to find none of a channel that does not exist.
        return []
    found = _with_lines()
    if before is not None:
        moment, order_id = before
        # The first condition alone lets the database start at the right place of its index.
        found = found.filter(ordered_at__lte=moment).filter(Q(ordered_at__lt=moment) | Q(pk__lt=order_id))
    wanted = {
        "customer_id": customer_id,
        "channel": channel,
        "external_id": external_id,
        "ordered_at__gte": from_at,
        "ordered_at__lt": until_at,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    return [_row(order) for order in found.order_by("-ordered_at", "-pk")[:limit]]


def _with_lines() -> QuerySet[Order]:
    return Order.objects.select_related("customer").prefetch_related("lines__product")


def _row(order: Order) -> BoughtOrder:
    lines: Sequence[BoughtLine] = [
        BoughtLine(
            line_key=line.line_key,
            sku=line.product.sku,
            product_name=line.product.name,
            units=line.units,
            unit_price_minor=line.unit_price_minor,
            place_code=line.demand_place_code,
        )
        for line in sorted(order.lines.all(), key=lambda line: line.pk)
    ]
    return BoughtOrder(
        id=order.pk,
        channel=order.channel,
        external_id=order.external_id,
        customer_id=order.customer_id,
        customer_key=order.customer.key,
        ordered_at=order.ordered_at,
        currency=order.currency,
        state=order.state,
        ship_postcode=order.ship_postcode,
        imported_at=order.imported_at,
        lines=tuple(lines),
    )
