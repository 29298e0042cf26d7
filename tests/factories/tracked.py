"""Parcels of orders, as packing and labels leave them."""

import datetime as dt
from typing import Any

from reorder.domain.inventory.models import Place
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.shipping.models import Parcel
from reorder.domain.shipping.tracking_rules import CarrierWord
from reorder.domain.storage import widened_transaction
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import fulfil
from reorder.flows.tracking.handing import ScannedOut, scan_out
from reorder.flows.tracking.taking import Taken, take_words
from tests.factories.inventory import KEELUNG
from tests.factories.messaging import give_address
from tests.factories.order_life import LATER, parcel_of, placed
from tests.factories.placing import MERCHANT

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def packed_order(*lines: tuple[str, int | str], **more: Any) -> int:
    """The number of an order that is packed, without its parcels."""
    order_id = placed(*lines, **more)
    fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=LATER)
    part = parcel_of(order_id)
    fulfil.pick_fulfilment(fulfilment_id=part, actor=MERCHANT, moment=LATER)
    fulfil.pack_fulfilment(fulfilment_id=part, actor=MERCHANT, moment=LATER)
    return order_id


def box(order_id: int, number: str = "P-1", **more: Any) -> Parcel:
    """A labelled box of an order's live fulfilment order."""
    line = OrderLine.objects.filter(order_id=order_id).first()
    assert line is not None
    given: dict[str, Any] = {
        "shipment_key": f"fulfilment:{FulfilmentOrder.objects.exclude(state='cancelled').get(order_id=order_id).pk}",
        "order": Order.objects.get(pk=order_id),
        "place": Place.objects.get(code=KEELUNG),
        "carrier": "黑貓",
        "service_code": "home",
        "tracking_number": f"T{number}",
        "packed_at": LATER,
        "packed_by": "ann",
        "contents": [[line.pk, line.product_id, "OOLONG-150", "1", ""]],
    } | more
    return Parcel.objects.create(number=number, **given)


def of_the_portal(order_id: int) -> int:
    """The order, as if its customer had bought it in the portal, and can be written to."""
    order = Order.objects.get(pk=order_id)
    Order.objects.filter(pk=order_id).update(channel="portal")
    give_address(customer=order.customer)
    return order_id


def word(state: str, at: dt.datetime, **more: Any) -> CarrierWord:
    """What a carrier says of a parcel."""
    return CarrierWord(**{"tracking_number": "", "state": state, "happened_at": at} | more)


def told(parcel: Parcel, *words: CarrierWord, moment: dt.datetime | None = None, source: str = "callback") -> Taken:
    """What becomes of words about a parcel."""
    with widened_transaction():
        return take_words(
            parcel_id=parcel.pk,
            order_id=parcel.order_id,
            words=words,
            source=source,
            told_by="Cat",
            account_code="Cat",
            moment=moment or max((one.happened_at for one in words), default=LATER),
        )


def scanned(code: str, *, cage: str = "", at: str = KEELUNG, moment: dt.datetime = LATER + HOUR) -> ScannedOut:
    """What a scan at the dock comes to."""
    with widened_transaction():
        return scan_out(codes=[code], place_code=at, cage=cage, actor=MERCHANT, moment=moment)
