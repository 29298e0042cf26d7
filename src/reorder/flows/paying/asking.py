"""An order is asked to pay by one way: what the customer is told, and whether the order must wait."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.orders.life import LockedOrder, lock_order
from reorder.domain.payments import operations as payments
from reorder.domain.payments.errors import BadPaymentAmount, WayNotOffered
from reorder.domain.payments.operations import NewPayment
from reorder.domain.payments.providers import get_provider, list_offered
from reorder.domain.payments.queries import PaymentRow
from reorder.domain.payments.rules import PaymentTerms
from reorder.domain.storage import one_transaction
from reorder.flows.paying.bookkeeping import append_event, follow_hold, outstanding_minor, settle_order
from reorder.kernel.formatting import format_money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAsked:
    """What an order was asked for. `payment` is None where nothing is owed; `account` is where to transfer to."""

    payment: PaymentRow | None
    account: str
    payment_state: str
    must_wait: bool


def get_terms() -> PaymentTerms:
    """What the shop's settings say about being paid."""
    return PaymentTerms(
        transfer_account=settings.REORDER.transfer_account, transfer_days=settings.REORDER.transfer_days
    )


def list_ways_of_paying() -> list[str]:
    """Codes of the ways of paying that this shop offers."""
    return list_offered(terms=get_terms())


def ask_payment(
    *, order_id: int, provider: str, key: str, actor: str, moment: dt.datetime, amount_minor: int | None = None
) -> PaymentAsked:
    """Ask an order of ours for what it owes, or a part of it, by one way; what was open before ends.

    Whatever must be here before goods leave makes the order wait (`awaiting_payment`); cash on delivery lets it go.
    Store credit pays at once. The same key again answers the same. Raises UnknownOrder, NotOurs, UnknownProvider,
    WayNotOffered, BadPaymentAmount, NotEnoughCredit, PaymentKeyReused.
    """
    with one_transaction():
        order = lock_order(order_id=order_id)
        return _ask(order=order, provider=provider, key=key, actor=actor, moment=moment, amount_minor=amount_minor)


def _ask(
    *, order: LockedOrder, provider: str, key: str, actor: str, moment: dt.datetime, amount_minor: int | None
) -> PaymentAsked:
    terms, ways = get_terms(), get_provider(code=provider)
    known = payments.find_started(key=key, order_id=order.id, provider=provider)
    if known is not None:
        return _told(order=order, payment=known, terms=terms)
    if order.state == "cancelled":
        raise WayNotOffered(provider=provider, reason="the order is cancelled")
    owed = outstanding_minor(order=order)
    wanted = owed if amount_minor is None else amount_minor
    if not owed and amount_minor is None:
        order = settle_order(order=order, is_cash_on_delivery=False)
        follow_hold(order=order, must_wait=False, actor=actor, moment=moment)
        return PaymentAsked(payment=None, account="", payment_state=order.payment_state, must_wait=False)
    if wanted > owed:
        amount = format_money(wanted, currency=order.currency)
        raise BadPaymentAmount(amount=amount, reason="it is more than the order still owes")
    payment = payments.start_payment(
        new=NewPayment(
            order_id=order.id,
            customer_id=order.customer_id,
            provider=provider,
            currency=order.currency,
            amount_minor=wanted,
            key=key,
            actor=actor,
            moment=moment,
            terms=terms,
        )
    )
    details = {"payment": payment.id, "provider": provider, "amount_minor": wanted, "reference": payment.reference}
    append_event(order=order, kind="payment_asked", actor=actor, moment=moment, details=details)
    pays_at_once = payment.state == "paid"
    is_at_door = payment.state == "owed" or (pays_at_once and order.payment_state == "cash_on_delivery")
    order = settle_order(order=order, received_minor=payment.received_minor, is_cash_on_delivery=is_at_door)
    if payment.received_minor:
        append_event(order=order, kind="payment_received", actor=actor, moment=moment, details=details)
    must_wait = order.payment_state != "paid" and not ways.ships_before_paid
    # A part that is paid at once says nothing about how the rest will be.
    if not (pays_at_once and must_wait):
        follow_hold(order=order, must_wait=must_wait, actor=actor, moment=moment)
    return _told(order=order, payment=payment, terms=terms)


def _told(*, order: LockedOrder, payment: PaymentRow, terms: PaymentTerms) -> PaymentAsked:
    ships_before_paid = get_provider(code=payment.provider).ships_before_paid
    return PaymentAsked(
        payment=payment,
        account=terms.transfer_account if payment.provider == "bank_transfer" else "",
        payment_state=order.payment_state,
        must_wait=order.payment_state != "paid" and not ships_before_paid,
    )
