"""Carts: one open one a customer, or a browser; changed under its lock, and an order at most once."""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from reorder.domain.customers.portal_models import Cart
from reorder.kernel.quantity import plain_decimal

MOST_CART_LINES: Final = 100
# No vowels, so that no words come about, and nothing that is read as something else.
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ23456789"
_LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class CartRow:
    """A cart: units by SKU in the order in which they were put in; `order_id` once it was bought."""

    id: int
    code: str
    customer_id: int | None
    session_id: int | None
    lines: Mapping[str, Decimal]
    coupon_codes: tuple[str, ...]
    held_until: dt.datetime | None
    order_id: int | None

    @property
    def units(self) -> Decimal:
        """Units of all goods together."""
        return sum(self.lines.values(), Decimal(0))


def find_cart(*, customer_id: int | None, session_id: int | None) -> CartRow | None:
    """The open cart of a customer, else of a browser; None where nobody has put anything in."""
    if customer_id is None and session_id is None:
        return None
    mine = _open_of(customer_id=customer_id, session_id=session_id)
    row = mine.first()
    return _row(row) if row else None


def lock_cart(*, customer_id: int | None, session_id: int | None, moment: dt.datetime) -> CartRow:
    """The open cart of a customer or a browser, made where there is none, held until the transaction ends."""
    mine = _open_of(customer_id=customer_id, session_id=session_id)
    row = mine.select_for_update().first()
    if row is None:
        # Two first clicks at once: the constraint lets one in, and both lock what it made.
        Cart.objects.bulk_create(
            [
                Cart(
                    code=new_cart_code(),
                    customer_id=customer_id,
                    session_id=None if customer_id is not None else session_id,
                    changed_at=moment,
                )
            ],
            ignore_conflicts=True,
        )
        row = mine.select_for_update().get()
    return _row(row)


def find_cart_by_code(*, code: str) -> CartRow | None:
    """A cart by its code, open or bought."""
    row = Cart.objects.filter(code=code).first()
    return _row(row) if row else None


def lock_cart_by_code(*, code: str) -> CartRow | None:
    """The same, held until the transaction ends."""
    row = Cart.objects.select_for_update().filter(code=code).first()
    return _row(row) if row else None


def save_cart(
    *,
    cart_id: int,
    lines: Mapping[str, Decimal],
    coupon_codes: Sequence[str],
    held_until: dt.datetime | None,
    moment: dt.datetime,
) -> bool:
    """Write what lies in a locked cart; False when it was bought meanwhile."""
    # Pairs: JSON in the database does not keep the order of its keys.
    stored = [[sku, plain_decimal(number=units)] for sku, units in lines.items()]
    return (
        Cart.objects.filter(pk=cart_id, order_id__isnull=True).update(
            lines=stored, coupon_codes=list(coupon_codes), held_until=held_until, changed_at=moment
        )
        > 0
    )


def set_held_until(*, cart_id: int, held_until: dt.datetime | None, moment: dt.datetime) -> bool:
    """Until when goods are held for a cart, whatever lies in it by now; False when it was bought meanwhile."""
    return Cart.objects.filter(pk=cart_id, order_id__isnull=True).update(held_until=held_until, changed_at=moment) > 0


def close_cart(*, cart_id: int, order_id: int, moment: dt.datetime) -> bool:
    """The cart became an order; False when it had become one before."""
    return (
        Cart.objects.filter(pk=cart_id, order_id__isnull=True).update(
            order_id=order_id, held_until=None, changed_at=moment
        )
        > 0
    )


def take_cart_over(*, code: str, customer_id: int, moment: dt.datetime) -> CartRow | None:
    """Give what a stranger put into a cart to the customer who that turned out to be; the stranger's is emptied.

    What lies in both carts is there once, with the larger number. None when the stranger's cart is not there, is
    somebody's, or is empty.
    """
    with transaction.atomic():
        row = Cart.objects.select_for_update().filter(code=code, customer__isnull=True, order_id__isnull=True).first()
        theirs = _row(row) if row else None
        if theirs is None or not theirs.lines:
            return None
        own = lock_cart(customer_id=customer_id, session_id=None, moment=moment)
        lines = dict(own.lines)
        for sku, units in theirs.lines.items():
            lines[sku] = max(lines.get(sku, Decimal(0)), units)
        save_cart(
            cart_id=own.id,
            lines=dict(list(lines.items())[:MOST_CART_LINES]),
            coupon_codes=sorted({*own.coupon_codes, *theirs.coupon_codes}),
            held_until=own.held_until,
            moment=moment,
        )
        save_cart(cart_id=theirs.id, lines={}, coupon_codes=(), held_until=None, moment=moment)
    return theirs


def forget_old_carts(*, changed_before: dt.datetime) -> int:
    """Remove open carts that nobody touched since; returns how many."""
    removed, _ = Cart.objects.filter(order_id__isnull=True, changed_at__lt=changed_before).delete()
    return removed


def new_cart_code() -> str:
    """A short code that nobody guesses, and that can be typed beside a bank transfer: W-8K3MQ2XT."""
    return "W-" + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _open_of(*, customer_id: int | None, session_id: int | None) -> "QuerySet[Cart]":
    if customer_id is not None:
        return Cart.objects.filter(customer_id=customer_id, order_id__isnull=True)
    return Cart.objects.filter(session_id=session_id, customer__isnull=True, order_id__isnull=True)


def _row(cart: Cart) -> CartRow:
    return CartRow(
        id=cart.pk,
        code=cart.code,
        customer_id=cart.customer_id,
        session_id=cart.session_id,
        lines={sku: Decimal(units) for sku, units in cart.lines},
        coupon_codes=tuple(cart.coupon_codes),
        held_until=cart.held_until,
        order_id=cart.order_id,
    )
