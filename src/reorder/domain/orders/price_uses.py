"""Uses of discounts and coupons by orders: append-only, and never more than a limit allows, whoever asks at once."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from reorder.domain.orders.errors import UnknownOrder
from reorder.domain.orders.price_errors import PriceRuleUsedUp
from reorder.domain.orders.price_models import PriceRule, PriceRuleUse
from reorder.domain.storage import run_sql

_LOCK_ORDER: Final = "SELECT customer_id FROM orders_order WHERE id = %s FOR UPDATE"
# Held until the order is written, so that a limit that is being set waits for it, and it sees a limit that was set.
_LOCK_RULES: Final = """
SELECT id, code, is_active, starts_at, ends_at, maximum_uses IS NOT NULL OR maximum_uses_per_customer IS NOT NULL,
       maximum_uses_per_customer
FROM orders_pricerule WHERE code = ANY(%s) AND NOT is_issued ORDER BY id FOR KEY SHARE
"""
# Codes of a single use are taken after rules, in the order of their ids too: by their own rows, for nobody else.
_LOCK_COUPONS: Final = """
SELECT rule.id, coupon.code, rule.is_active AND coupon.voided_at IS NULL, rule.starts_at,
       least(rule.ends_at, coupon.expires_at), true, NULL, coupon.id,
       CASE WHEN coupon.is_bound THEN coalesce(coupon.customer_id, 0) END
FROM orders_coupon AS coupon JOIN orders_pricerule AS rule ON rule.id = coupon.rule_id
WHERE coupon.code = ANY(%s) ORDER BY coupon.id FOR NO KEY UPDATE OF coupon FOR KEY SHARE OF rule
"""
_TAKE_COUPON: Final = "UPDATE orders_coupon SET uses_count = 1 WHERE id = %(rule)s AND uses_count = 0"
_GIVE_COUPON_BACK: Final = "UPDATE orders_coupon SET uses_count = 0 WHERE id = %(rule)s AND uses_count = 1"
_COUNT_UP: Final = """
UPDATE orders_pricerule SET uses_count = uses_count + 1
WHERE id = %(rule)s AND (maximum_uses IS NULL OR uses_count < maximum_uses)
"""
_COUNT_DOWN: Final = """
UPDATE orders_pricerule SET uses_count = uses_count - %(uses)s WHERE id = %(rule)s AND uses_count >= %(uses)s
"""
_OWN: Final = """
SELECT coalesce(sum(used.uses), 0) FROM orders_priceruleuse AS used JOIN orders_order AS o ON o.id = used.order_id
WHERE used.rule_id = %s AND o.customer_id = %s
"""
_STANDING: Final = """
SELECT coalesce(coupon.code, rule.code) AS code, rule.id, sum(used.uses)::int
FROM orders_priceruleuse AS used JOIN orders_pricerule AS rule ON rule.id = used.rule_id
LEFT JOIN orders_coupon AS coupon ON coupon.id = used.coupon_id
WHERE used.order_id = %s GROUP BY 1, rule.id HAVING sum(used.uses) > 0
"""
# What stands of an order's uses are its latest: each goes with what it took off.
_MOVE: Final = """
WITH standing AS (
    SELECT rule_id, coupon_id, sum(uses) AS many FROM orders_priceruleuse
    WHERE order_id = %(from)s GROUP BY rule_id, coupon_id
), ranked AS (
    SELECT used.rule_id, used.coupon_id, used.discount_minor,
           row_number() OVER (PARTITION BY used.rule_id, used.coupon_id ORDER BY used.id DESC) AS turn
    FROM orders_priceruleuse AS used WHERE used.order_id = %(from)s AND used.uses = 1
), moving AS (
    SELECT ranked.rule_id, ranked.coupon_id, ranked.discount_minor FROM ranked
    JOIN standing ON standing.rule_id = ranked.rule_id AND standing.coupon_id IS NOT DISTINCT FROM ranked.coupon_id
    JOIN orders_pricerule AS rule ON rule.id = ranked.rule_id
    LEFT JOIN orders_coupon AS coupon ON coupon.id = ranked.coupon_id
    JOIN jsonb_each_text(%(uses)s::jsonb) AS given (code, many) ON given.code = coalesce(coupon.code, rule.code)
    WHERE ranked.turn <= least(standing.many, given.many::int)
)
INSERT INTO orders_priceruleuse (rule_id, coupon_id, order_id, uses, discount_minor, happened_at)
SELECT moving.rule_id, moving.coupon_id, way.order_id, way.uses,
       CASE WHEN way.uses > 0 THEN moving.discount_minor ELSE 0 END, %(now)s
FROM moving, (VALUES (%(from)s::bigint, -1), (%(to)s::bigint, 1)) AS way (order_id, uses)
ORDER BY moving.rule_id, moving.coupon_id, way.uses
"""


def settle_rule_uses(*, order_id: int, discounts_minor: Mapping[str, int], moment: dt.datetime) -> None:
    """From now on the order uses exactly these rules once, by code with what each takes off; the same changes nothing.

    Part of the caller's transaction; rules are locked in order of their ids after the order. An order that is cancelled
    gives its uses back by settling none. Raises UnknownOrder, and PriceRuleUsedUp when a rule's last use went to
    somebody else, or it was switched off or ended since the price was made.
    """
    with transaction.atomic():
        customer_id = _lock_order(order_id)
        standing = _standing_uses(order_id)
        more = {code: (code in discounts_minor) - uses for code, (_rule_id, uses) in standing.items()}
        more |= {code: 1 for code in discounts_minor if code not in standing}
        changing = sorted(code for code, uses in more.items() if uses)
        rules = _lock_rules(changing)
        if missing := sorted(set(changing) - {rule.code for rule in rules}):
            raise PriceRuleUsedUp(rule=missing[0], reason="it was switched off")
        # In the order of their ids, up or down: two orders that exchange coupons wait for each other, and never both.
        for rule in rules:
            if more[rule.code] < 0:
                _give_back(rule=rule, uses=-more[rule.code])
            else:
                _count_use(rule=rule, customer_id=customer_id, moment=moment)
        PriceRuleUse.objects.bulk_create(
            PriceRuleUse(
                rule_id=rule.id,
                coupon_id=rule.coupon_id,
                order_id=order_id,
                uses=1 if more[rule.code] > 0 else -1,
                discount_minor=discounts_minor.get(rule.code, 0) if more[rule.code] > 0 else 0,
                happened_at=moment,
            )
            for rule in rules
            for _ in range(abs(more[rule.code]))
        )


def move_rule_uses(*, from_order_id: int, to_order_id: int, uses: Mapping[str, int], moment: dt.datetime) -> int:
    """Let another order of the same customer stand for so many uses by code, as far as they stand; returns how many.

    Limits do not notice: nothing is used more or less. The caller holds both orders.
    """
    given = {"from": from_order_id, "to": to_order_id, "uses": json.dumps(dict(uses)), "now": moment}
    return run_sql(statement=_MOVE, parameters=given) // 2


def count_rule_uses_of_order(*, order_id: int) -> dict[str, int]:
    """How often the order uses each rule, by code; more than once only after orders were merged."""
    return {code: uses for code, (_rule_id, uses) in _standing_uses(order_id).items()}


def list_rule_codes_of_order(*, order_id: int) -> tuple[list[str], list[str]]:
    """Codes of the coupons, and of the automatic discounts, that the order uses."""
    standing = _standing_uses(order_id)
    rule_ids = [rule_id for rule_id, _uses in standing.values()]
    named = set(PriceRule.objects.filter(pk__in=rule_ids, is_coupon=True).values_list("pk", flat=True))
    coupons = {code for code, (rule_id, _uses) in standing.items() if rule_id in named}
    return sorted(coupons), sorted(set(standing) - coupons)


def _lock_order(order_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDER, [order_id])
        row = cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_id=order_id)
    return int(row[0])


def _standing_uses(order_id: int) -> dict[str, tuple[int, int]]:
    """The rule's number and how often it is used, by code."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [order_id])
        return {code: (rule_id, uses) for code, rule_id, uses in cursor.fetchall()}


def _lock_rules(codes: Sequence[str]) -> list["_Rule"]:
    if not codes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_RULES, [list(codes)])
        rules = [_Rule(*row) for row in cursor.fetchall()]
        if left := sorted(set(codes) - {rule.code for rule in rules}):
            cursor.execute(_LOCK_COUPONS, [left])
            rules += [_Rule(*row) for row in cursor.fetchall()]
    return rules


def _count_use(*, rule: "_Rule", customer_id: int, moment: dt.datetime) -> None:
    _refuse_ended(rule, moment=moment)
    if rule.belongs_to is not None and rule.belongs_to != customer_id:
        raise PriceRuleUsedUp(rule=rule.code, reason="it was given to somebody else")
    if rule.coupon_id is not None:
        if not _run(_TAKE_COUPON, rule.coupon_id):
            raise PriceRuleUsedUp(rule=rule.code, reason="it was used as often as is allowed")
        return
    if not rule.is_limited:
        return
    # The update holds the rule's row, so the customer's uses below are all that there are.
    if not _run(_COUNT_UP, rule.id):
        raise PriceRuleUsedUp(rule=rule.code, reason="it was used as often as is allowed")
    if rule.own_maximum is not None:
        with connection.cursor() as cursor:
            cursor.execute(_OWN, [rule.id, customer_id])
            row = cursor.fetchone()
        if row and row[0] >= rule.own_maximum:
            raise PriceRuleUsedUp(rule=rule.code, reason="this customer used it as often as is allowed")


def _give_back(*, rule: "_Rule", uses: int) -> None:
    if rule.coupon_id is not None:
        _run(_GIVE_COUPON_BACK, rule.coupon_id)
    elif rule.is_limited:
        _run(_COUNT_DOWN, rule.id, uses=uses)


def _run(statement: str, rule_id: int, *, uses: int = 1) -> int:
    return run_sql(statement=statement, parameters={"rule": rule_id, "uses": uses})


def _refuse_ended(rule: "_Rule", *, moment: dt.datetime) -> None:
    reasons = (
        (not rule.is_active, "it was switched off"),
        (rule.ends_at is not None and moment >= rule.ends_at, "it is over"),
        (rule.starts_at is not None and moment < rule.starts_at, "it has not begun yet"),
    )
    for holds, reason in reasons:
        if holds:
            raise PriceRuleUsedUp(rule=rule.code, reason=reason)


@dataclass(frozen=True, slots=True)
class _Rule:
    id: int
    code: str
    is_active: bool
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    is_limited: bool
    own_maximum: int | None
    coupon_id: int | None = None
    belongs_to: int | None = None
