"""Money that is waited for and money that is to be sent, with the orders and customers it belongs to."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import conditions, read_rows

_OPEN: Final = """
SELECT payment.id, payment.provider, payment.state, payment.reference, payment.currency, payment.amount_minor,
       payment.received_minor, payment.refunded_minor, payment.asked_at, payment.expires_at, o.id AS order_id,
       o.external_id AS order_number, customer.name AS customer_name
FROM payments_payment AS payment JOIN orders_order AS o ON o.id = payment.order_id
JOIN customers_customer AS customer ON customer.id = o.customer_id
{where} ORDER BY payment.id DESC LIMIT %(limit)s
"""
_REFUNDS: Final = """
SELECT refund.id, refund.amount_minor, refund.reason, refund.asked_at, refund.asked_by, payment.provider,
       payment.currency, o.id AS order_id, o.external_id AS order_number, customer.name AS customer_name
FROM payments_refund AS refund JOIN payments_payment AS payment ON payment.id = refund.payment_id
JOIN orders_order AS o ON o.id = payment.order_id JOIN customers_customer AS customer ON customer.id = o.customer_id
WHERE refund.state = 'owed' AND refund.id > %(after)s ORDER BY refund.id LIMIT %(limit)s
"""
_FIND: Final = """
SELECT payment.id FROM payments_payment AS payment JOIN orders_order AS o ON o.id = payment.order_id
WHERE payment.reference = %(text)s OR o.external_id = %(text)s
ORDER BY payment.reference = %(text)s DESC, payment.state IN ('waiting', 'owed', 'part_paid') DESC, payment.id DESC
LIMIT 1
"""
# What the lists show, by the key of their tab.
OPEN_TABS: Final = {"transfers": "payment.state IN ('waiting', 'part_paid')", "door": "payment.state = 'owed'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPayment:
    """Money that is waited for; amounts in minor units of `currency`."""

    id: int
    provider: str
    state: str
    reference: str
    currency: str
    amount_minor: int
    received_minor: int
    refunded_minor: int
    asked_at: dt.datetime
    expires_at: dt.datetime | None
    order_id: int
    order_number: str
    customer_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRefund:
    """Money that somebody has yet to send back."""

    id: int
    amount_minor: int
    reason: str
    asked_at: dt.datetime
    asked_by: str
    provider: str
    currency: str
    order_id: int
    order_number: str
    customer_name: str


def list_open_payments(*, actor: Actor, tab: str, before: int | None = None, limit: int = 51) -> list[OpenPayment]:
    """Payments that wait, the latest first. Raises NotAllowed."""
    actor.require(Ability.MANAGE_ORDERS)
    where = conditions(given={OPEN_TABS[tab]: True, "payment.id < %(before)s": before})
    rows = read_rows(statement=_OPEN.format(where=where), parameters={"before": before, "limit": limit})
    return [OpenPayment(**row) for row in rows]


def list_owed_refunds(*, actor: Actor, after: int = 0, limit: int = 51) -> list[OwedRefund]:
    """Refunds that are still to be sent, the oldest first. Raises NotAllowed."""
    actor.require(Ability.MANAGE_ORDERS)
    return [OwedRefund(**row) for row in read_rows(statement=_REFUNDS, parameters={"after": after, "limit": limit})]


def find_payment_id(*, actor: Actor, text: str) -> int | None:
    """The payment with that reference, else the one of the order with that number; None where there is none."""
    actor.require(Ability.MANAGE_ORDERS)
    rows = read_rows(statement=_FIND, parameters={"text": text.strip()}) if "\x00" not in text else []
    return int(rows[0]["id"]) if rows else None
