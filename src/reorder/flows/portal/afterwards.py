"""What customers do with orders of theirs: cancel while that is easy, ask to send goods back, buy the same again."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.customers import return_requests, saved_addresses
from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.customers.portal import SessionRow
from reorder.domain.customers.return_requests import Photo
from reorder.domain.orders import life
from reorder.domain.orders.errors import OrderMovedOn, UnknownOrder
from reorder.domain.orders.rules import UNRELEASED
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.domain.warehouse.life import lock_fulfilments
from reorder.domain.warehouse.return_errors import BadReturnPhoto, UnknownReturn
from reorder.domain.warehouse.return_rules import REASONS
from reorder.domain.warehouse.returns import add_photo, get_held_return
from reorder.domain.warehouse.rules import GONE, IN_WORK
from reorder.flows import returns
from reorder.flows.fulfil.cancelling import cancel_order
from reorder.flows.portal.confirming import actor_of
from reorder.flows.portal.errors import BadReturn, NotReturnable
from reorder.flows.portal.filling import add_goods, list_sold_skus
from reorder.flows.returns.answering import cancel_held
from reorder.flows.returns.picturing import MOST_BYTES, kind_of_picture
from reorder.flows.returns.sending import mark_under_way_held
from reorder.flows.returns.telling import HeldCase
from reorder.insights.shop_orders import ShopOrder, get_shop_order
from reorder.kernel.quantity import plain_decimal

RETURN_REASONS: Final = REASONS
_LONGEST_NOTE: Final = 1_000
MOST_PHOTO_BYTES: Final = MOST_BYTES
MOST_MORE_PHOTOS: Final = 3


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
    """Units by line that the customer can still ask to send back: delivered, and not on their way back already."""
    if not order.is_ours or order.state != "delivered":
        return {}
    return returns.returnable_units(order_id=order.id)


def request_return(
    *,
    customer_id: int,
    order_id: int,
    reason: str,
    units_by_line: Mapping[str, Decimal],
    note: str,
    photo: bytes,
    moment: dt.datetime,
    wants: str = "refund",
    more_photos: Sequence[bytes] = (),
) -> int:
    """Keep a customer's wish to send goods back and open a return for it, with an event; returns the wish's number.

    The shop's rules say whether it can be, and whether it is accepted at once; else staff answer it. Raises
    UnknownOrder, NotReturnable, BadReturn, and what `returns.open_for_customer` raises.
    """
    actor = actor_of(customer_id=customer_id)
    with one_transaction():
        locked = _lock(customer_id=customer_id, order_id=order_id)
        order = get_shop_order(order_id=order_id, customer_id=customer_id)
        units = {key: count for key, count in units_by_line.items() if count > 0}
        _refuse_bad_return(order=order, reason=reason, units=units, note=note)
        pictures = [_photo(one) for one in more_photos[:MOST_MORE_PHOTOS]]
        plain = note.replace("\x00", "").strip()
        request_id = return_requests.add_return_request(
            customer_id=customer_id,
            order_id=order_id,
            reason=reason,
            lines=units,
            note=plain,
            photo=_photo(photo),
            moment=moment,
        )
        wish = returns.ReturnWish(
            reason=reason,
            units_by_line=units,
            note=plain,
            wants=wants,
            opened_by="customer",
            request_id=request_id,
            has_photo=bool(photo),
        )
        opened = returns.open_for_customer(order=locked, wish=wish, actor=actor, moment=moment)
        _keep_photos(return_id=opened.return_id, pictures=pictures, taken_by=actor.name, moment=moment)
    return request_id


def _keep_photos(*, return_id: int, pictures: Sequence[Photo | None], taken_by: str, moment: dt.datetime) -> None:
    for one in pictures:
        if one is not None:
            add_photo(
                return_id=return_id,
                content=one.content,
                media_type=one.media_type,
                taken_by=taken_by,
                moment=moment,
            )


def say_sent(
    *, customer_id: int, order_id: int, return_id: int, carrier: str, tracking_number: str, moment: dt.datetime
) -> bool:
    """The customer has handed the parcel in; False when that was known. Raises UnknownOrder, UnknownReturn."""
    with one_transaction():
        held = _own_return(customer_id=customer_id, order_id=order_id, return_id=return_id)
        return mark_under_way_held(
            case=held,
            carrier=carrier,
            tracking_number=tracking_number,
            actor=actor_of(customer_id=customer_id),
            moment=moment,
        )


def call_return_off(*, customer_id: int, order_id: int, return_id: int, moment: dt.datetime) -> None:
    """The customer keeps the goods after all. Raises UnknownOrder, UnknownReturn, ReturnMovedOn."""
    with one_transaction():
        held = _own_return(customer_id=customer_id, order_id=order_id, return_id=return_id)
        cancel_held(case=held, word="", actor=actor_of(customer_id=customer_id), moment=moment)


def _own_return(*, customer_id: int, order_id: int, return_id: int) -> HeldCase:
    order = _lock(customer_id=customer_id, order_id=order_id)
    held = get_held_return(return_id=return_id)
    if held.order_id != order.id:
        raise UnknownReturn(number=return_id)
    return HeldCase(order=order, held=held)


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
    try:
        return Photo(media_type=kind_of_picture(content=content), content=content)
    except BadReturnPhoto:
        raise BadReturn(reason="the picture must be a JPEG, PNG or WebP of at most 4 MB") from None
