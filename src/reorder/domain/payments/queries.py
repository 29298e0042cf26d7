"""Reads of payments and refunds, and whether their sums are what their entries say."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Q

from reorder.domain.payments.dividing import PASSED_ON
from reorder.domain.payments.errors import UnknownPayment, UnknownRefund
from reorder.domain.payments.models import Payment, PaymentEntry, Refund
from reorder.domain.payments.rules import OPEN_STATES

_COMPARE: Final = """
SELECT payment.id, payment.received_minor, payment.refunded_minor,
       coalesce(sum(entry.amount_minor) FILTER (WHERE entry.kind = 'receipt'), 0)::bigint,
       coalesce(sum(entry.amount_minor) FILTER (WHERE entry.kind = 'refund'), 0)::bigint
FROM payments_payment AS payment LEFT JOIN payments_paymententry AS entry ON entry.payment_id = payment.id
GROUP BY payment.id
HAVING payment.received_minor <> coalesce(sum(entry.amount_minor) FILTER (WHERE entry.kind = 'receipt'), 0)
    OR payment.refunded_minor <> coalesce(sum(entry.amount_minor) FILTER (WHERE entry.kind = 'refund'), 0)
ORDER BY payment.id LIMIT %s
"""
# What went with a part that became an order of its own is neither received here nor given back.
_COMPARE_ORDERS: Final = f"""
WITH passed AS ({PASSED_ON}), summed AS (
    SELECT payment.order_id, sum(payment.received_minor - coalesce(passed.minor, 0))::bigint AS received,
           sum(payment.refunded_minor - coalesce(passed.minor, 0))::bigint AS refunded
    FROM payments_payment AS payment LEFT JOIN passed ON passed.payment_id = payment.id GROUP BY payment.order_id
)
SELECT o.id, o.external_id, o.paid_minor, o.refunded_minor, summed.received, summed.refunded
FROM summed JOIN orders_order AS o ON o.id = summed.order_id
WHERE o.refunded_minor <> summed.refunded OR o.paid_minor < summed.received
ORDER BY o.id LIMIT %s
"""  # noqa: S608 - made of constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One payment; amounts in minor units of `currency`."""

    id: int
    order_id: int
    provider: str
    state: str
    currency: str
    amount_minor: int
    received_minor: int
    refunded_minor: int
    reference: str
    asked_at: dt.datetime
    expires_at: dt.datetime | None

    @property
    def missing_minor(self) -> int:
        """What is still to come."""
        return max(self.amount_minor - self.received_minor, 0)

    @property
    def excess_minor(self) -> int:
        """What came beyond what was asked for, and has not gone back."""
        return max(self.received_minor - self.refunded_minor - self.amount_minor, 0)

    @property
    def refundable_minor(self) -> int:
        """What can still go back."""
        return self.received_minor - self.refunded_minor

    @property
    def is_open(self) -> bool:
        """Whether money is still waited for."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """Money that came or went."""

    id: int
    payment_id: int
    kind: str
    amount_minor: int
    happened_at: dt.datetime
    actor: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """One refund; `owed` until somebody has sent the money."""

    id: int
    payment_id: int
    order_id: int
    provider: str
    currency: str
    amount_minor: int
    way: str
    state: str
    reason: str
    asked_at: dt.datetime
    asked_by: str
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDifference:
    """A payment, or an order, whose sums are not what its entries say."""

    kind: str
    key: str
    kept_minor: tuple[int, int]
    counted_minor: tuple[int, int]


def get_payment(*, payment_id: int) -> PaymentRow:
    """One payment; raises UnknownPayment."""
    found = Payment.objects.filter(pk=payment_id).first()
    if found is None:
        raise UnknownPayment(payment=payment_id)
    return payment_row(found)


def get_refund(*, refund_id: int) -> RefundRow:
    """One refund; raises UnknownRefund."""
    found = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if found is None:
        raise UnknownRefund(refund=refund_id)
    return refund_row(found)


def find_payment_by_reference(*, reference: str) -> PaymentRow | None:
    """The payment that a customer named; None when no payment has that reference."""
    found = Payment.objects.filter(reference=reference.strip()).first() if "\x00" not in reference else None
    return payment_row(found) if found else None


def find_open_payment(*, order_id: int) -> PaymentRow | None:
    """What an order is asked for now; None when it is asked for nothing."""
    found = Payment.objects.filter(order_id=order_id, state__in=OPEN_STATES).first()
    return payment_row(found) if found else None


def list_payments_of_order(*, order_id: int) -> list[PaymentRow]:
    """Payments of an order, the first first."""
    return [payment_row(row) for row in Payment.objects.filter(order_id=order_id).order_by("pk")]


def list_entries_of_order(*, order_id: int) -> list[EntryRow]:
    """Money of an order that came and went, the first first."""
    found = PaymentEntry.objects.filter(payment__order_id=order_id).order_by("pk")
    return [
        EntryRow(
            id=row.pk,
            payment_id=row.payment_id,
            kind=row.kind,
            amount_minor=row.amount_minor,
            happened_at=row.happened_at,
            actor=row.actor,
            note=row.note,
        )
        for row in found
    ]


def list_refunds_of_order(*, order_id: int) -> list[RefundRow]:
    """Refunds of an order, the first first."""
    found = Refund.objects.filter(payment__order_id=order_id).select_related("payment").order_by("pk")
    return [refund_row(row) for row in found]


def list_owed_refunds(*, limit: int = 50) -> list[RefundRow]:
    """Refunds that somebody has yet to send, the oldest first."""
    found = Refund.objects.filter(state="owed").select_related("payment").order_by("pk")
    return [refund_row(row) for row in found[:limit]]


def list_open_payments(
    *, providers: Sequence[str] = (), before: int | None = None, limit: int = 50
) -> list[PaymentRow]:
    """Payments that wait for money, the latest first; only of these ways when given."""
    found = Payment.objects.filter(state__in=OPEN_STATES).order_by("-pk")
    if providers:
        found = found.filter(provider__in=list(providers))
    if before is not None:
        found = found.filter(pk__lt=before)
    return [payment_row(row) for row in found[:limit]]


def list_overdue_payments(
    *, moment: dt.datetime, after: tuple[dt.datetime, int] | None = None, limit: int = 100
) -> list[PaymentRow]:
    """Payments nothing of which came in time, the oldest first; one that came in part is a person's to settle.

    `after`: end and number of the last one seen.
    """
    found = Payment.objects.filter(state="waiting", expires_at__lte=moment).order_by("expires_at", "pk")
    if after is not None:
        end, payment_id = after
        found = found.filter(Q(expires_at__gt=end) | Q(expires_at=end, pk__gt=payment_id))
    return [payment_row(row) for row in found[:limit]]


def compare_payments_with_entries(*, limit: int = 20) -> list[PaymentDifference]:
    """Payments and orders whose sums are not what the entries say; empty when all are right.

    An order may have been paid elsewhere too, before it came to us: more than its payments say is no difference.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, [limit])
        found = [
            PaymentDifference(
                kind="payment", key=str(row[0]), kept_minor=(row[1], row[2]), counted_minor=(row[3], row[4])
            )
            for row in cursor.fetchall()
        ]
        cursor.execute(_COMPARE_ORDERS, [limit])
        found += [
            PaymentDifference(kind="order", key=row[1], kept_minor=(row[2], row[3]), counted_minor=(row[4], row[5]))
            for row in cursor.fetchall()
        ]
    return found


def payment_row(row: Payment) -> PaymentRow:
    return PaymentRow(
        id=row.pk,
        order_id=row.order_id,
        provider=row.provider,
        state=row.state,
        currency=row.currency,
        amount_minor=row.amount_minor,
        received_minor=row.received_minor,
        refunded_minor=row.refunded_minor,
        reference=row.reference,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
    )


def refund_row(row: Refund) -> RefundRow:
    return RefundRow(
        id=row.pk,
        payment_id=row.payment_id,
        order_id=row.payment.order_id,
        provider=row.payment.provider,
        currency=row.payment.currency,
        amount_minor=row.amount_minor,
        way=row.way,
        state=row.state,
        reason=row.reason,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        sent_at=row.sent_at,
    )
