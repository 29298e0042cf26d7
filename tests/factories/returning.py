"""Orders that were delivered, and goods that come back of them."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reorder.domain.catalog.models import Product
from reorder.domain.orders.models import Order, OrderLine
from reorder.flows import fulfil, returns
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import parcel_of, placed
from tests.factories.placing import MERCHANT, NOON

DELIVERED = NOON + dt.timedelta(hours=3)
BACK = NOON + dt.timedelta(days=4)


def delivered(*lines: tuple[str, int | str], at: str = KEELUNG, **more: Any) -> int:
    """The number of an order that its customer has."""
    order_id = placed(*lines, **more)
    fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=NOON)
    parcel = parcel_of(order_id, at=at)
    fulfil.ship_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=NOON, carrier="Black Cat", tracking_number="T1")
    fulfil.deliver_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=DELIVERED)
    return order_id


def line_key(order_id: int, sku: str = "OOLONG-150") -> str:
    return OrderLine.objects.filter(order_id=order_id, product__sku=sku).earliest("pk").line_key


def opened(order_id: int, units: Mapping[str, int] | int = 1, **more: Any) -> int:
    """A return that the desk opened and accepted: units of the first line, or by SKU."""
    given = {"OOLONG-150": units} if isinstance(units, int) else units
    wish = returns.ReturnWish(
        reason=more.pop("reason", "not wanted any more"),
        units_by_line={line_key(order_id, sku): Decimal(count) for sku, count in given.items()},
        **more,
    )
    case = returns.open_return(order_id=order_id, wish=wish, actor=MERCHANT, moment=BACK)
    returns.accept(return_id=case.return_id, word="Send it to Keelung.", actor=MERCHANT, moment=BACK)
    return case.return_id


def came(return_id: int, units: int | str = 1, sku: str = "OOLONG-150", key: str = "", **more: Any) -> Any:
    """Goods of it that are scanned at the dock."""
    product = Product.objects.get(sku=sku)
    scan = returns.GoodsScan(
        key=key or f"scan-{return_id}-{sku}-{units}", product_id=product.pk, units=Decimal(units), **more
    )
    return returns.receive_goods(return_id=return_id, scan=scan, actor=MERCHANT, moment=BACK)


def received(order_id: int, units: int = 1, **more: Any) -> tuple[int, Any]:
    """A return whose goods are here, and the piece that came."""
    return_id = opened(order_id, units, **more)
    piece = came(return_id, units)
    returns.finish_receiving(return_id=return_id, actor=MERCHANT, moment=BACK)
    return return_id, piece


def graded(return_id: int, piece: Any, grade: str = "A", units: int | None = None, **more: Any) -> Any:
    """The piece, or some units of it, after somebody has looked at them."""
    grading = returns.Grading(
        piece_id=piece.id,
        seen_units=piece.units,
        units=piece.units if units is None else Decimal(units),
        grade=grade,
        **more,
    )
    return returns.grade_goods(return_id=return_id, grading=grading, actor=MERCHANT, moment=BACK)


def settled(return_id: int, resolution: str = "refund", **more: Any) -> Any:
    return returns.settle_return(
        return_id=return_id,
        settlement=returns.Settlement(resolution=resolution, **more),
        actor=MERCHANT,
        moment=BACK,
    )


def refunded_of(order_id: int) -> int:
    return Order.objects.get(pk=order_id).refunded_minor
