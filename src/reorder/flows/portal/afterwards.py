"""What customers do with orders of theirs: cancel while that is easy, ask to send goods back, buy the same again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.customers import return_requests, saved_addresses
from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.customers.portal import SessionRow
from reorder.domain.customers.return_requests import Photo
from reorder.domain.orders import life
from reorder.domain.orders.errors import OrderMovedOn, UnknownOrder
from reorder.domain.orders.placing import EventRow
from reorder.domain.orders.rules import UNRELEASED
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.domain.warehouse.life import lock_fulfilments
from reorder.domain.warehouse.rules import GONE, IN_WORK
from reorder.flows.fulfil.cancelling import cancel_order
from reorder.flows.portal.confirming import actor_of
from reorder.flows.portal.errors import BadReturn, NotReturnable
from reorder.flows.portal.filling import add_goods, list_sold_skus
from reorder.insights.shop_orders import ShopOrder, get_shop_order
from reorder.kernel.origin import current_origin
from reorder.kernel.quantity import plain_decimal

RETURN_REASONS: Final = ("damaged", "wrong goods", "not as described", "not wanted any more", "something else")
_LONGEST_NOTE: Final = 1_000
MOST_PHOTO_BYTES: Final = 4_000_000
# A picture is what its first bytes say, whatever its name.
_PICTURES: Final = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
)


@dataclass(frozen=True, slots=True)
class Put:
    """What of an order could be put into the cart again, and the names of what cannot be bought any more."""

    put_count: int
    gone: tuple[str, ...]


def may_cancel(*, order: ShopOrder) -> bool:
    """Whether the customer can still cancel by himself: the warehouse has nothing of it in its hands yet."""
    begun = any(parcel.state in (*IN_WORK, *GONE) for parcel in order.parcels)
    return order.is_ours and order.state in UNRELEASED and not begun


def cancel_own_order(*, customer_id: int, order_id: int, moment: dt.datetime) -> bool:
    """Cancel an order of this customer; False when it was cancelled before.

    Raises UnknownOrder for anybody else's, NotOurs, and OrderMovedOn once the warehouse has it.
    """
    with widened_transaction():
        order = _lock(customer_id=customer_id, order_id=order_id)
        if order.state != "cancelled" and order.state not in UNRELEASED:
            raise OrderMovedOn(order=order.external_id, state=order.state, wanted="cancelling")
        # An order of which a part still waits for goods counts as placed, whatever became of its other parcels.
        for parcel in lock_fulfilments(order_ids=[order_id]):
            if parcel.state in IN_WORK:
                raise OrderMovedOn(order=order.external_id, state=parcel.state, wanted="cancelling")
        done = cancel_order(
            order_id=order_id, reason="the customer", actor=actor_of(customer_id=customer_id), moment=moment
        )
    return done.is_new


def returnable_units(*, order: ShopOrder) -> dict[str, Decimal]:
    """Units by line that the customer can still ask to send back: delivered, and not asked for before."""
    if not order.is_ours or order.state != "delivered":
        return {}
    asked: dict[str, Decimal] = {}
    for request in return_requests.list_return_requests(order_id=order.id):
        for key, units in request.lines.items():
            asked[key] = asked.get(key, Decimal(0)) + units
    left = {line.line_key: line.units - asked.get(line.line_key, Decimal(0)) for line in order.lines}
    return {key: units for key, units in left.items() if units > 0}


def request_return(
    *,
    customer_id: int,
    order_id: int,
    reason: str,
    units_by_line: Mapping[str, Decimal],
    note: str,
    photo: bytes,
    moment: dt.datetime,
) -> int:
    """Keep a customer's wish to send goods back, with an event on the order; returns its number.

    Nothing moves yet: staff answer it. Raises UnknownOrder, NotReturnable, BadReturn.
    """
    with one_transaction():
        _lock(customer_id=customer_id, order_id=order_id)
        order = get_shop_order(order_id=order_id, customer_id=customer_id)
        units = {key: count for key, count in units_by_line.items() if count > 0}
        _refuse_bad_return(order=order, reason=reason, units=units, note=note)
        request_id = return_requests.add_return_request(
            customer_id=customer_id,
            order_id=order_id,
            reason=reason,
            lines=units,
            note=note.replace("\x00", "").strip(),
            photo=_photo(photo),
            moment=moment,
        )
        told = {key: plain_decimal(number=count) for key, count in units.items()}
        life.add_events(
            events=[
                EventRow(
                    order_id=order_id,
                    kind="return_requested",
                    happened_at=moment,
                    actor=actor_of(customer_id=customer_id).name,
                    via=current_origin().via,
                    reason=reason,
                    details={"request": request_id, "lines": told, "has_photo": bool(photo)},
                )
            ]
        )
    return request_id


def buy_again(*, session: SessionRow, order_id: int, moment: dt.datetime) -> Put:
    """Put everything of an order of this customer that can still be bought into the cart. Raises UnknownOrder."""
    order = get_shop_order(order_id=order_id, customer_id=session.customer_id or 0)
    return put_goods(
        session=session,
        units_by_sku={line.sku: plain_decimal(number=line.units) for line in order.lines if not line.is_gift},
        names={line.sku: line.name for line in order.lines},
        moment=moment,
    )


def put_goods(
    *, session: SessionRow, units_by_sku: Mapping[str, str], names: Mapping[str, str], moment: dt.datetime
) -> Put:
    """Put what of these can be bought into the cart; the rest is named."""
    sold = list_sold_skus(skus=list(units_by_sku))
    wanted = {sku: units for sku, units in units_by_sku.items() if sku in sold}
    if wanted:
        add_goods(session=session, units_by_sku=wanted, moment=moment)
    return Put(put_count=len(wanted), gone=tuple(names.get(sku, sku) for sku in units_by_sku if sku not in sold))


def change_own_facts(*, customer_id: int, name: str, language: str) -> None:
    """What a customer wants to be called, and in which language to be written to."""
    cleaned = " ".join(name.replace("\x00", "").split())[:120]
    with one_transaction():
        saved_addresses.change_own_facts(customer_id=customer_id, name=cleaned, language=language)


def keep_own_address(*, customer_id: int, address: ShippingAddress, replaces: int | None, moment: dt.datetime) -> None:
    """Put an address on the customer's list, instead of another one where that is named."""
    with one_transaction():
        if replaces is not None:
            saved_addresses.drop_saved_address(customer_id=customer_id, saved_id=replaces)
        saved_addresses.save_address(customer_id=customer_id, address=address, moment=moment)


def drop_own_address(*, customer_id: int, saved_id: int) -> None:
    """Take an address off the customer's list; orders keep it."""
    with one_transaction():
        saved_addresses.drop_saved_address(customer_id=customer_id, saved_id=saved_id)


def _lock(*, customer_id: int, order_id: int) -> life.LockedOrder:
    """The customer's own order, held until the transaction ends; somebody else's is not there."""
    get_shop_order(order_id=order_id, customer_id=customer_id)
    order = life.lock_order(order_id=order_id)
    if order.customer_id != customer_id:
        raise UnknownOrder(order_id=order_id)
    return order


def _refuse_bad_return(*, order: ShopOrder, reason: str, units: Mapping[str, Decimal], note: str) -> None:
    if not order.is_ours:
        raise NotReturnable(order=order.number, reason="it is fulfilled elsewhere")
    if order.state != "delivered":
        raise NotReturnable(order=order.number, reason="they were not delivered yet")
    if reason not in RETURN_REASONS:
        raise BadReturn(reason="choose a reason")
    if not units:
        raise BadReturn(reason="say how many of which goods")
    left = returnable_units(order=order)
    if any(count > left.get(key, Decimal(0)) for key, count in units.items()):
        raise BadReturn(reason="more than was bought, or than is left after earlier requests")
    if len(note) > _LONGEST_NOTE:
        raise BadReturn(reason="the note is longer than 1,000 characters")


def _photo(content: bytes) -> Photo | None:
    if not content:
        return None
    kind = next((kind for mark, at, kind in _PICTURES if content[at : at + len(mark)] == mark), "")
    if not kind or len(content) > MOST_PHOTO_BYTES:
        raise BadReturn(reason="the picture must be a JPEG, PNG or WebP of at most 4 MB")
    return Photo(media_type=kind, content=content)
