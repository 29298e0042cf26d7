"""Payments of an order that becomes two: what was paid and what is asked for goes with the part that it is for.

Entries are append-only: a part that goes over leaves its payment by an entry of its own, which is no refund, and comes
into a payment of the new order, by the same way, so that it can go back as it came. The caller holds both orders.
"""

import datetime as dt
from typing import Final

from django.db import connection

from reorder.domain.payments.models import Payment, PaymentEntry
from reorder.domain.payments.rules import OPEN_STATES, make_reference
from reorder.domain.storage import fetch_prepared
from reorder.kernel.ids import idempotency_key

_NEXT: Final = "SELECT nextval(pg_get_serial_sequence('payments_payment', 'id'))"
# By payment. Every refund has an entry of its own key.
PASSED_ON: Final = """
SELECT entry.payment_id, sum(entry.amount_minor) AS minor FROM payments_paymententry AS entry
WHERE entry.kind = 'refund'
  AND NOT EXISTS (SELECT FROM payments_refund AS refund WHERE refund.idempotency_key = entry.idempotency_key)
GROUP BY entry.payment_id
"""
_SUM_PASSED_ON: Final = f"""
SELECT coalesce(sum(passed.minor), 0)::bigint FROM payments_payment AS payment
JOIN ({PASSED_ON}) AS passed ON passed.payment_id = payment.id WHERE payment.order_id = %(order)s::bigint
"""  # noqa: S608 - made of constants only


def divide_payments(
    *,
    from_order_id: int,
    to_order_id: int,
    paid_minor: int,
    owed_from_minor: int,
    owed_to_minor: int,
    actor: str,
    moment: dt.datetime,
) -> None:
    """Give `paid_minor` of an order's payments to another one, and what it is asked for beyond what it owes now.

    The latest payment gives first; what was paid elsewhere and stands in no payment goes without one. What is asked for
    keeps its way and its time.
    """
    left = paid_minor
    for payment in Payment.objects.filter(order_id=from_order_id).order_by("-pk"):
        part = min(left, payment.received_minor - payment.refunded_minor)
        if part:
            _pass_on(payment=payment, part_minor=part, to_order_id=to_order_id, actor=actor, moment=moment)
            left -= part
    asked = Payment.objects.filter(order_id=from_order_id, state__in=OPEN_STATES).first()
    if asked is None:
        return
    missing = asked.amount_minor - asked.received_minor
    part = min(missing - owed_from_minor, owed_to_minor)
    if part > 0:
        _ask_apart(asked=asked, part_minor=part, to_order_id=to_order_id)


def sum_passed_on(*, order_id: int) -> int:
    """What payments of an order gave to other orders, in minor units."""
    return int(fetch_prepared(statement=_SUM_PASSED_ON, parameters={"order": order_id})[0][0])


def _pass_on(*, payment: Payment, part_minor: int, to_order_id: int, actor: str, moment: dt.datetime) -> None:
    made = _copy(
        payment=payment, order_id=to_order_id, state="paid", amount_minor=part_minor, received_minor=part_minor
    )
    Payment.objects.filter(pk=payment.pk).update(refunded_minor=payment.refunded_minor + part_minor)
    for one, kind, note in (
        (payment, "refund", f"to order {to_order_id}"),
        (made, "receipt", f"from order {payment.order_id}"),
    ):
        PaymentEntry.objects.create(
            payment_id=one.pk,
            kind=kind,
            amount_minor=part_minor,
            happened_at=moment,
            actor=actor,
            note=note,
            idempotency_key=idempotency_key("passed_on", payment.pk, to_order_id, kind),
        )


def _ask_apart(*, asked: Payment, part_minor: int, to_order_id: int) -> None:
    rest = asked.amount_minor - part_minor
    known = Payment.objects.filter(pk=asked.pk)
    if rest == 0:
        known.update(order_id=to_order_id)
        return
    known.update(amount_minor=rest, state="paid" if rest == asked.received_minor else asked.state)
    state = "waiting" if asked.state == "part_paid" else asked.state
    _copy(payment=asked, order_id=to_order_id, state=state, amount_minor=part_minor, received_minor=0)


def _copy(*, payment: Payment, order_id: int, state: str, amount_minor: int, received_minor: int) -> Payment:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        row = cursor.fetchone()
    number = int(row[0]) if row else 0
    return Payment.objects.create(
        pk=number,
        order_id=order_id,
        provider=payment.provider,
        state=state,
        currency=payment.currency,
        amount_minor=amount_minor,
        received_minor=received_minor,
        reference=make_reference(payment_id=number),
        asked_at=payment.asked_at,
        expires_at=payment.expires_at if state in OPEN_STATES else None,
        idempotency_key=idempotency_key("part_of", payment.pk, order_id, state),
    )
