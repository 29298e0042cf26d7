"""Payments and refunds into the books: every write has a key, sums change under guards, entries are append-only.

Whoever calls holds the order's row (`orders.life.lock_order`), so that one order's payments are written one after
another; the guards hold all the same.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection

from reorder.domain.payments.errors import (
    BadPaymentAmount,
    PaymentKeyReused,
    RefundTooLarge,
    UnknownPayment,
    UnknownRefund,
    WayNotOffered,
)
from reorder.domain.payments.models import Payment, PaymentEntry, Refund
from reorder.domain.payments.providers import Charge, ChargeRequest, GiveBack, get_provider
from reorder.domain.payments.queries import PaymentRow, RefundRow, payment_row, refund_row
from reorder.domain.payments.rules import MOST_MINOR, OPEN_STATES, PaymentTerms, make_reference
from reorder.domain.storage import run_sql
from reorder.kernel.formatting import format_money
from reorder.kernel.ids import idempotency_key

_NEXT: Final = "SELECT nextval(pg_get_serial_sequence('payments_payment', 'id'))"
_RECEIVE: Final = """
UPDATE payments_payment
SET received_minor = received_minor + %(amount)s,
    state = CASE WHEN state = 'ended' THEN 'ended' WHEN received_minor + %(amount)s >= amount_minor THEN 'paid'
                 ELSE 'part_paid' END
WHERE id = %(payment)s
"""
_ASK_LESS: Final = """
UPDATE payments_payment SET amount_minor = amount_minor - %(by)s
WHERE order_id = %(order)s AND state = ANY(%(open)s) AND amount_minor - received_minor > %(by)s
"""
_GIVE_BACK: Final = """
UPDATE payments_payment SET refunded_minor = refunded_minor + %(amount)s
WHERE id = %(payment)s AND received_minor - refunded_minor >= %(amount)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """An amount that an order is asked to pay by one way; `key` makes it happen once."""

    order_id: int
    customer_id: int
    provider: str
    currency: str
    amount_minor: int
    key: str
    actor: str
    moment: dt.datetime
    terms: PaymentTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """Money that came in for a payment; `note` is what staff saw, such as the last digits of the account."""

    payment_id: int
    amount_minor: int
    key: str
    actor: str
    moment: dt.datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """Money of a payment that goes back: the `original` way, or as `store_credit`."""

    payment_id: int
    customer_id: int
    amount_minor: int
    way: str
    reason: str
    key: str
    actor: str
    moment: dt.datetime


def start_payment(*, new: NewPayment) -> PaymentRow:
    """Ask for money; what was open before ends, or asks for less when this pays at once. The same key again returns it.

    Raises UnknownProvider, WayNotOffered, BadPaymentAmount, PaymentKeyReused, and what the provider raises.
    """
    _refuse_amount(new.amount_minor, new.currency)
    known = find_started(key=new.key, order_id=new.order_id, provider=new.provider)
    if known is not None:
        return known
    key = idempotency_key("payment", new.key)
    provider = get_provider(code=new.provider)
    if obstacle := provider.find_obstacle(terms=new.terms):
        raise WayNotOffered(provider=new.provider, reason=obstacle)
    charge = provider.start_charge(request=_charge_request(new, key))
    if charge.state == "paid":
        _ask_less(order_id=new.order_id, by_minor=new.amount_minor)
    else:
        end_open_payments(order_id=new.order_id)
    return payment_row(_add_payment(new, charge, key))


def find_started(*, key: str, order_id: int, provider: str) -> PaymentRow | None:
    """The payment that this key has made; None when it has made none. Raises PaymentKeyReused."""
    known = Payment.objects.filter(idempotency_key=idempotency_key("payment", key)).first()
    if known is None:
        return None
    if (known.order_id, known.provider) != (order_id, provider):
        raise PaymentKeyReused(key=key)
    return payment_row(known)


def record_paid_elsewhere(*, new: NewPayment) -> PaymentRow:
    """Let a payment stand for what an order had paid before it came to us, so that it can be given back; once a key.

    An order that was merged with others has paid elsewhere more than once.
    """
    key = idempotency_key("elsewhere", new.order_id, new.key)
    known = Payment.objects.filter(idempotency_key=key).first()
    return payment_row(known or _add_payment(new, Charge(state="paid"), key))


def record_receipt(*, new: NewReceipt) -> tuple[PaymentRow, bool]:
    """Write down money that came in; the payment after it, and False when the key had written it down already.

    More than was asked for is taken: it is there. Raises UnknownPayment, BadPaymentAmount, PaymentKeyReused.
    """
    payment = get_payment_model(payment_id=new.payment_id)
    _refuse_amount(new.amount_minor, payment.currency)
    key = idempotency_key("receipt", new.key)
    known = PaymentEntry.objects.filter(idempotency_key=key).first()
    if known is not None:
        if (known.payment_id, known.amount_minor) != (new.payment_id, new.amount_minor):
            raise PaymentKeyReused(key=new.key)
        return payment_row(payment), False
    _add_entry(payment_id=payment.pk, kind="receipt", new=new, key=key, note=new.note)
    run_sql(statement=_RECEIVE, parameters={"amount": new.amount_minor, "payment": payment.pk})
    payment.refresh_from_db()
    return payment_row(payment), True


def start_refund(*, new: NewRefund) -> RefundRow:
    """Give money of a payment back; several payments may be given back by one key.

    It counts as given back at once, and stays `owed` until a person has sent it where the way needs one. Raises
    UnknownPayment, BadPaymentAmount, RefundTooLarge.
    """
    payment = get_payment_model(payment_id=new.payment_id)
    _refuse_amount(new.amount_minor, payment.currency)
    given = {"amount": new.amount_minor, "payment": payment.pk}
    if not run_sql(statement=_GIVE_BACK, parameters=given):
        left = payment.received_minor - payment.refunded_minor
        raise RefundTooLarge(
            amount=format_money(new.amount_minor, currency=payment.currency),
            refundable=format_money(left, currency=payment.currency),
        )
    key = idempotency_key("refund", new.key, payment.pk)
    _add_entry(payment_id=payment.pk, kind="refund", new=new, key=key, note=new.reason)
    provider = get_provider(code="store_credit" if new.way == "store_credit" else payment.provider)
    state = provider.give_back(request=_give_back_request(new, payment, key))
    made = Refund.objects.create(
        payment=payment,
        amount_minor=new.amount_minor,
        way=new.way,
        state=state,
        reason=new.reason,
        asked_at=new.moment,
        asked_by=new.actor,
        sent_at=new.moment if state == "sent" else None,
        sent_by=new.actor if state == "sent" else "",
        idempotency_key=key,
    )
    return refund_row(made)


def list_refunds_of_key(*, order_id: int, key: str) -> list[RefundRow]:
    """Refunds of an order that this key has made; none when it has made none."""
    ids = Payment.objects.filter(order_id=order_id).values_list("pk", flat=True)
    keys = [idempotency_key("refund", key, payment_id) for payment_id in ids]
    found = Refund.objects.filter(idempotency_key__in=keys).select_related("payment").order_by("-pk")
    return [refund_row(row) for row in found]


def mark_refund_sent(*, refund_id: int, actor: str, moment: dt.datetime) -> tuple[RefundRow, bool]:
    """A person has sent the money; False when that was known already. Raises UnknownRefund."""
    changed = Refund.objects.filter(pk=refund_id, state="owed").update(state="sent", sent_at=moment, sent_by=actor)
    found = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if found is None:
        raise UnknownRefund(refund=refund_id)
    return refund_row(found), bool(changed)


def end_open_payments(*, order_id: int) -> int:
    """Ask no longer for what is open; money that came stays counted. Returns how many ended."""
    return Payment.objects.filter(order_id=order_id, state__in=OPEN_STATES).update(state="ended")


def get_payment_model(*, payment_id: int) -> Payment:
    """The row of a payment, for operations of this room; raises UnknownPayment."""
    found = Payment.objects.filter(pk=payment_id).first()
    if found is None:
        raise UnknownPayment(payment=payment_id)
    return found


def _ask_less(*, order_id: int, by_minor: int) -> None:
    """What was open asks for so much less now; for nothing more, it ends."""
    if not run_sql(statement=_ASK_LESS, parameters={"order": order_id, "by": by_minor, "open": list(OPEN_STATES)}):
        end_open_payments(order_id=order_id)


def _charge_request(new: NewPayment, key: str) -> ChargeRequest:
    return ChargeRequest(
        order_id=new.order_id,
        customer_id=new.customer_id,
        currency=new.currency,
        amount_minor=new.amount_minor,
        key=key,
        actor=new.actor,
        moment=new.moment,
        terms=new.terms,
    )


def _give_back_request(new: NewRefund, payment: Payment, key: str) -> GiveBack:
    return GiveBack(
        order_id=payment.order_id,
        customer_id=new.customer_id,
        currency=payment.currency,
        amount_minor=new.amount_minor,
        key=key,
        actor=new.actor,
        reason=new.reason,
        moment=new.moment,
    )


def _add_payment(new: NewPayment, charge: Charge, key: str) -> Payment:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        row = cursor.fetchone()
    number = int(row[0]) if row else 0
    is_paid = charge.state == "paid"
    payment = Payment.objects.create(
        pk=number,
        order_id=new.order_id,
        provider=new.provider,
        state=charge.state,
        currency=new.currency,
        amount_minor=new.amount_minor,
        received_minor=new.amount_minor if is_paid else 0,
        reference=make_reference(payment_id=number),
        asked_at=new.moment,
        expires_at=charge.expires_at,
        idempotency_key=key,
    )
    if is_paid:
        _add_entry(payment_id=payment.pk, kind="receipt", new=new, key=key, note="")
    return payment


def _add_entry(*, payment_id: int, kind: str, new: NewPayment | NewReceipt | NewRefund, key: str, note: str) -> None:
    PaymentEntry.objects.create(
        payment_id=payment_id,
        kind=kind,
        amount_minor=new.amount_minor,
        happened_at=new.moment,
        actor=new.actor,
        note=note,
        idempotency_key=key,
    )


def _refuse_amount(amount_minor: int, currency: str) -> None:
    if not 0 < amount_minor <= MOST_MINOR:
        reason = "it is too large" if amount_minor > 0 else "it must be above zero"
        raise BadPaymentAmount(amount=format_money(amount_minor, currency=currency), reason=reason)
