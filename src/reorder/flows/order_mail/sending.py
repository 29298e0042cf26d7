"""Letters about orders into the outbox, in the transaction of what they tell: never without it, and never twice."""

import datetime as dt
from collections.abc import Callable
from functools import partial

from django.conf import settings

from reorder.domain.customers.queries import get_customer
from reorder.domain.messaging.of_customer import get_reach
from reorder.domain.messaging.operations import plan_messages
from reorder.domain.messaging.rules import MessageDraft
from reorder.domain.payments.queries import find_open_payment
from reorder.domain.shipping.public_links import give_token
from reorder.flows.order_mail.wording import (
    Letter,
    Shop,
    letter_language,
    write_confirmation,
    write_late,
    write_parcel,
    write_return_answer,
    write_return_step,
    write_shipped,
    write_sign_in,
    write_sign_up,
)
from reorder.flows.shop_links import enter_link, order_link, parcels_link, sign_up_link
from reorder.insights.parcels import list_order_parcels
from reorder.insights.shop_orders import ShopOrder, get_shop_order
from reorder.kernel.ids import idempotency_key
from reorder.kernel.jobs import JobName, defer_job

# Orders of other channels are told of by the shop that took them.
PORTAL_CHANNEL = "portal"


def mail_confirmation(*, order_id: int, moment: dt.datetime) -> bool:
    """Plan the mail that confirms an order of the portal; part of the caller's transaction.

    False where the order came by another channel, nobody can be written to, or it was planned before.
    """
    order = get_shop_order(order_id=order_id, customer_id=None)
    return _mail(
        write=write_confirmation,
        key=idempotency_key("order.confirmed", order.id),
        reason_code="shop.order_confirmed",
        order=order,
        reader=_reader(order),
        moment=moment,
    )


def mail_shipped(*, order_id: int, fulfilment_id: int, moment: dt.datetime) -> bool:
    """Plan the mail that goods of an order of the portal have left; part of the caller's transaction.

    Once for each fulfilment order, with the number of each of its boxes. False as above, or where the fulfilment is
    not the order's.
    """
    boxes = [
        one
        for one in list_order_parcels(order_ids=[order_id])
        if one.fulfilment_id == fulfilment_id and one.state != "cancelled"
    ]
    return _mail_parcel(
        write=partial(write_shipped, boxes=boxes),
        key="order.shipped",
        reason_code="shop.order_shipped",
        order_id=order_id,
        fulfilment_id=fulfilment_id,
        link=_parcels_link(order_id=order_id, moment=moment) if boxes else "",
        moment=moment,
    )


def mail_parcel(*, order_id: int, parcel_id: int, state: str, moment: dt.datetime) -> bool:
    """Plan the mail that a parcel of an order of the portal came to a state; part of the caller's transaction.

    Once for each parcel and state of PARCEL_STATES_TOLD. False as above, or where the parcel is not the order's.
    """
    together = [
        one for one in list_order_parcels(order_ids=[order_id]) if one.direction == "out" and one.state != "cancelled"
    ]
    parcel = next((one for one in together if one.id == parcel_id), None)
    if parcel is None:
        return False
    order = get_shop_order(order_id=order_id, customer_id=None)
    return _mail(
        write=partial(write_parcel, parcel=parcel, together=together, state=state),
        key=idempotency_key("order.parcel", parcel_id, state),
        reason_code=f"shop.parcel_{state}",
        order=order,
        reader=_reader(order),
        link=_parcels_link(order_id=order_id, moment=moment),
        moment=moment,
    )


def mail_late(*, order_id: int, fulfilment_id: int, moment: dt.datetime) -> bool:
    """Plan the mail that goods of an order of the portal leave later; part of the caller's transaction.

    Once for each fulfilment order. False as above.
    """
    return _mail_parcel(
        write=write_late,
        key="order.late",
        reason_code="shop.order_late",
        order_id=order_id,
        fulfilment_id=fulfilment_id,
        moment=moment,
    )


def mail_return(
    *, order_id: int, return_id: int, number: str, kind: str, word: str, moment: dt.datetime, amount_minor: int = 0
) -> bool:
    """Plan the mail about a step of a return: accepted, declined, received, or refunded; part of a transaction.

    Once for each step of a return, for orders of every channel. False where nobody can be written to.
    """
    order = get_shop_order(order_id=order_id, customer_id=None)
    is_answer = kind in {"accepted", "declined"}
    write = (
        partial(write_return_answer, is_accepted=kind == "accepted", word=word, number=number)
        if is_answer
        else partial(write_return_step, kind=kind, word=word, number=number, amount_minor=amount_minor)
    )
    return _mail(
        write=write,
        key=idempotency_key("order.return", return_id, "answered" if is_answer else kind),
        reason_code=f"shop.return_{kind}",
        order=order,
        reader=_reader_of(order),
        moment=moment,
    )


def mail_sign_in(
    *, address: str, customer_id: int | None, secret: str, language: str, minutes: int, moment: dt.datetime
) -> None:
    """Plan the mail with a link that lets its reader in; it is not sent any more when the link has ended."""
    letter = write_sign_in(
        language=language, shop_name=settings.REORDER.shop_name, link=enter_link(secret=secret), minutes=minutes
    )
    _mail_link(
        letter=letter,
        kind="shop.sign_in",
        secret=secret,
        address=address,
        customer_id=customer_id,
        lasts=dt.timedelta(minutes=minutes),
        moment=moment,
    )


def mail_sign_up(*, address: str, secret: str, language: str, lasts: dt.timedelta, moment: dt.datetime) -> None:
    """Plan the mail that asks the reader of a mailbox whether they want news; part of the caller's transaction."""
    letter = write_sign_up(
        language=language, shop_name=settings.REORDER.shop_name, link=sign_up_link(secret=secret), days=lasts.days
    )
    _mail_link(
        letter=letter,
        kind="shop.sign_up",
        secret=secret,
        address=address,
        customer_id=None,
        lasts=lasts,
        moment=moment,
    )


def _mail_link(
    *,
    letter: Letter,
    kind: str,
    secret: str,
    address: str,
    customer_id: int | None,
    lasts: dt.timedelta,
    moment: dt.datetime,
) -> None:
    plan_messages(
        drafts=[
            MessageDraft(
                idempotency_key=idempotency_key(kind, secret),
                purpose="transactional",
                address=address,
                customer_id=customer_id,
                subject=letter.subject,
                body_text=letter.body_text,
                body_html=letter.body_html,
                reason_code=kind,
                send_after=moment,
                expires_at=moment + lasts,
            )
        ]
    )
    defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")


class _Reader:
    """Whom to write to."""

    def __init__(self, *, address: str, name: str, language: str) -> None:
        self.address, self.name, self.language = address, name, language


def _reader(order: ShopOrder) -> _Reader | None:
    return _reader_of(order) if order.channel == PORTAL_CHANNEL else None


def _reader_of(order: ShopOrder) -> _Reader | None:
    reach = get_reach(customer_id=order.customer_id)
    address = next((one.address for one in reach.contact_points if one.unreachable_at is None), "")
    if not address:
        return None
    person = get_customer(customer_id=order.customer_id)
    language = letter_language(customer_language=person.language, shop_language=settings.REORDER.language)
    return _Reader(address=address, name=person.name, language=language)


def _parcels_link(*, order_id: int, moment: dt.datetime) -> str:
    return parcels_link(token=give_token(order_id=order_id, moment=moment))


def _shop(*, order_id: int) -> Shop:
    options = settings.REORDER
    payment = find_open_payment(order_id=order_id)
    is_transfer = payment is not None and payment.provider == "bank_transfer"
    return Shop(
        name=options.shop_name,
        transfer_account=options.transfer_account if is_transfer else "",
        transfer_days=options.transfer_days,
        reference=payment.reference if payment else "",
    )


def _mail(
    *,
    write: Callable[..., Letter],
    key: str,
    reason_code: str,
    order: ShopOrder,
    reader: _Reader | None,
    moment: dt.datetime,
    link: str = "",
) -> bool:
    """Plan a letter about an order; False where nobody can be written to, or it was planned before.

    `link` is where its reader sees more, the order's own page without one.
    """
    if reader is None:
        return False
    letter = write(
        order=order,
        customer_name=reader.name,
        language=reader.language,
        shop=_shop(order_id=order.id),
        link=link or order_link(order_id=order.id, moment=moment),
    )
    planned = plan_messages(
        drafts=[
            MessageDraft(
                idempotency_key=key,
                purpose="transactional",
                address=reader.address,
                customer_id=order.customer_id,
                subject=letter.subject,
                body_text=letter.body_text,
                body_html=letter.body_html,
                reason_code=reason_code,
                reason_parameters={"number": order.number},
                send_after=moment,
            )
        ]
    )
    if planned.new_count:
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    return planned.new_count > 0


def _mail_parcel(
    *,
    write: Callable[..., Letter],
    key: str,
    reason_code: str,
    order_id: int,
    fulfilment_id: int,
    moment: dt.datetime,
    link: str = "",
) -> bool:
    order = get_shop_order(order_id=order_id, customer_id=None)
    parcel = next((one for one in order.parcels if one.id == fulfilment_id), None)
    if parcel is None:
        return False
    return _mail(
        write=partial(write, parcel=parcel),
        key=idempotency_key(key, fulfilment_id),
        reason_code=reason_code,
        order=order,
        reader=_reader(order),
        link=link,
        moment=moment,
    )
