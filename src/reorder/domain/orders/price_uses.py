"""Uses of discounts and coupons by orders: append-only, and never more than a limit allows, whoever asks at once."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from django.db import connection, transaction

from reorder.domain.orders.errors import UnknownOrder
from reorder.domain.orders.models import PriceRule, PriceRuleUse
from reorder.domain.orders.price_errors import PriceRuleUsedUp

_LOCK_ORDER: Final = "SELECT customer_id FROM orders_order WHERE id = %s FOR UPDATE"
# Held until the order is written, so that a limit that is being set waits for it, and it sees a limit that was set.
_LOCK_RULES: Final = """
SELECT id, code, is_active, starts_at, ends_at, maximum_uses, maximum_uses_per_customer
FROM orders_pricerule WHERE code = ANY(%s) ORDER BY id FOR KEY SHARE
"""
_COUNT_UP: Final = """
UPDATE orders_pricerule SET uses_count = uses_count + 1
WHERE id = %s AND (maximum_uses IS NULL OR uses_count < maximum_uses)
"""
_COUNT_DOWN: Final = "UPDATE orders_pricerule SET uses_count = uses_count - 1 WHERE id = %s AND uses_count > 0"
_OWN: Final = """
SELECT coalesce(sum(used.uses), 0) FROM orders_priceruleuse AS used JOIN orders_order AS o ON o.id = used.order_id
WHERE used.rule_id = %s AND o.customer_id = %s
"""
_STANDING: Final = """
SELECT rule.code, rule.id FROM orders_priceruleuse AS used JOIN orders_pricerule AS rule ON rule.id = used.rule_id
WHERE used.order_id = %s GROUP BY rule.code, rule.id HAVING sum(used.uses) > 0
"""


def settle_rule_uses(*, order_id: int, discounts_minor: Mapping[str, int], moment: dt.datetime) -> None:
    """From now on the order uses exactly these rules, by code with what each takes off; the same again changes nothing.

    Part of the caller's transaction; rules are locked in order of their ids after the order. An order that is cancelled
    gives its uses back by settling none. Raises UnknownOrder, and PriceRuleUsedUp when a rule's last use went to
    somebody else, or it was switched off or ended since the price was made.
    """
    with transaction.atomic():
        customer_id = _lock_order(order_id)
        standing = _standing_uses(order_id)
        for code, rule_id in sorted(standing.items(), key=lambda one: one[1]):
            if code not in discounts_minor:
                _give_back(order_id=order_id, rule_id=rule_id, moment=moment)
        wanted = {code: minor for code, minor in discounts_minor.items() if code not in standing}
        if wanted:
            _use(order_id=order_id, customer_id=customer_id, wanted=wanted, moment=moment)


def list_rule_codes_of_order(*, order_id: int) -> tuple[list[str], list[str]]:
    """Codes of the coupons, and of the automatic discounts, that the order uses."""
    standing = _standing_uses(order_id)
    coupons = set(PriceRule.objects.filter(pk__in=standing.values(), is_coupon=True).values_list("code", flat=True))
    return sorted(coupons), sorted(set(standing) - coupons)


def _lock_order(order_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDER, [order_id])
        row = cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_id=order_id)
    return int(row[0])


def _standing_uses(order_id: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [order_id])
        return dict(cursor.fetchall())


def _give_back(*, order_id: int, rule_id: int, moment: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT maximum_uses IS NOT NULL FROM orders_pricerule WHERE id = %s FOR KEY SHARE", [rule_id])
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(_COUNT_DOWN, [rule_id])
    PriceRuleUse.objects.create(rule_id=rule_id, order_id=order_id, uses=-1, happened_at=moment)


def _use(*, order_id: int, customer_id: int, wanted: Mapping[str, int], moment: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_RULES, [sorted(wanted)])
        rules = cursor.fetchall()
        missing = sorted(set(wanted) - {row[1] for row in rules})
        if missing:
            raise PriceRuleUsedUp(rule=missing[0], reason="it was switched off")
        for rule_id, code, is_active, starts_at, ends_at, most, own_most in rules:
            _refuse_ended(code, is_active=is_active, starts_at=starts_at, ends_at=ends_at, moment=moment)
            if most is None and own_most is None:
                continue
            # The update holds the rule's row, so the count of the customer's uses below is that of nobody before us.
            cursor.execute(_COUNT_UP, [rule_id])
            if not cursor.rowcount:
                raise PriceRuleUsedUp(rule=code, reason="it was used as often as is allowed")
            cursor.execute(_OWN, [rule_id, customer_id])
            row = cursor.fetchone()
            if own_most is not None and row and row[0] >= own_most:
                raise PriceRuleUsedUp(rule=code, reason="this customer used it as often as is allowed")
    PriceRuleUse.objects.bulk_create(
        PriceRuleUse(rule_id=row[0], order_id=order_id, uses=1, discount_minor=wanted[row[1]], happened_at=moment)
        for row in rules
    )


def _refuse_ended(
    code: str,
    *,
    is_active: bool,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    moment: dt.datetime,
) -> None:
    reasons = (
        (not is_active, "it was switched off"),
        (ends_at is not None and moment >= ends_at, "it is over"),
        (starts_at is not None and moment < starts_at, "it has not begun yet"),
    )
    for holds, reason in reasons:
        if holds:
            raise PriceRuleUsedUp(rule=code, reason=reason)
