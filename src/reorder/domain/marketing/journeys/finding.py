"""Facts that nobody tells, found by looking at the books: carts that were left, products that changed.

Each look begins where the last one ended, so what it finds is noted once, and a pause of the looks loses nothing.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.marketing.journey_models import JourneyLook
from reorder.domain.storage import run_sql

OF_PRODUCTS: Final = frozenset({"back_in_stock", "price_dropped", "new_arrival"})
# A cart that nobody touched for so long was left.
LEFT_AFTER: Final = dt.timedelta(hours=1)
# After a longer pause of the looks, older carts are no news any more.
_LONGEST_LOOK: Final = dt.timedelta(days=2)
_BACK_DAYS: Final = 60
_PRICE_DAYS: Final = 30
# Less is a matter of rounding, and no reason to write to anybody.
_DROP_PERCENT: Final = 5
_MOST_PEOPLE: Final = 50_000

_KEY: Final = "left(encode(sha256(convert_to(concat_ws('|', {parts}), 'UTF8')), 'hex'), 40)"
_CARTS: Final = f"""
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT 'cart_left', cart.customer_id, cart.code,
    jsonb_build_object('since', to_jsonb(cart.changed_at), 'entry', concat('cart:', cart.code, ':',
        extract(epoch FROM cart.changed_at)::bigint), 'cart_code', cart.code,
        'skus', (SELECT jsonb_agg(line.value -> 0) FROM jsonb_array_elements(cart.lines) AS line)),
    %(moment)s, {_KEY.format(parts="'cart_left', cart.code, cart.changed_at")}
FROM customers_cart AS cart
WHERE cart.customer_id IS NOT NULL AND cart.order_id IS NULL AND jsonb_array_length(cart.lines) > 0
  AND cart.changed_at > %(from)s AND cart.changed_at <= %(until)s
  AND NOT EXISTS (SELECT FROM orders_order AS o WHERE o.customer_id = cart.customer_id
                  AND o.ordered_at >= cart.changed_at AND o.state NOT IN ('draft', 'cancelled'))
ORDER BY 6 ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 - our own words
# Carts of shops that send events: whoever put something in, and did nothing with it since.
_TRACKED_CARTS: Final = f"""
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT 'cart_left', left_one.customer_id, 'shop',
    jsonb_build_object('since', to_jsonb(left_one.last_at), 'entry', concat('cart:shop:',
        extract(epoch FROM left_one.last_at)::bigint), 'skus', left_one.skus),
    %(moment)s, {_KEY.format(parts="'cart_left', left_one.customer_id, left_one.last_at")}
FROM (
    SELECT event.customer_id, max(event.happened_at) AS last_at,
        jsonb_agg(DISTINCT product.sku) FILTER (WHERE event.kind = 'cart' AND product.sku IS NOT NULL) AS skus
    FROM behaviour_trackedevent AS event LEFT JOIN catalog_product AS product ON product.id = event.product_id
    WHERE event.customer_id IS NOT NULL AND event.kind IN ('cart', 'cart_removed', 'cart_viewed', 'checkout')
      AND event.happened_at > %(from)s::timestamptz - interval '1 day'
    GROUP BY event.customer_id
) AS left_one
WHERE left_one.skus IS NOT NULL AND left_one.last_at > %(from)s AND left_one.last_at <= %(until)s
  AND NOT EXISTS (SELECT FROM orders_order AS o WHERE o.customer_id = left_one.customer_id
                  AND o.ordered_at >= left_one.last_at - interval '1 day' AND o.state NOT IN ('draft', 'cancelled'))
ORDER BY 6 ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 - our own words
_CHANGED: Final = """
WITH present AS (
    SELECT product.sku, product.price_minor, category.code AS category_code, coalesce((
        SELECT sum(level.on_hand_units - level.allocated_units - level.held_units) > 0
        FROM inventory_level AS level WHERE level.product_id = product.id), false) AS is_there
    FROM catalog_product AS product LEFT JOIN catalog_category AS category ON category.id = product.category_id
    WHERE product.state = 'active' AND product.goods_owner = 'self'
), changed AS (
    SELECT present.*, seen.price_minor AS price_before, seen.is_there AS was_there, seen.id IS NULL AS is_new
    FROM present LEFT JOIN marketing_watchedprice AS seen ON seen.sku = present.sku
    WHERE seen.id IS NULL OR seen.price_minor IS DISTINCT FROM present.price_minor
       OR seen.is_there IS DISTINCT FROM present.is_there
), saved AS (
    INSERT INTO marketing_watchedprice (sku, price_minor, is_there, seen_at)
    SELECT sku, price_minor, is_there, %(moment)s FROM changed ORDER BY sku
    ON CONFLICT (sku) DO UPDATE
    SET price_minor = excluded.price_minor, is_there = excluded.is_there, seen_at = excluded.seen_at
)
SELECT sku, price_minor, price_before, is_there, was_there, is_new, coalesce(category_code, '') FROM changed
"""
# Who looked for a product lately, or is due for it, and has not bought it since.
_INTERESTED: Final = f"""
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT DISTINCT ON (seen.customer_id, seen.sku) %(kind)s, seen.customer_id, seen.sku,
    jsonb_build_object('entry', concat(%(kind)s::text, ':', seen.sku, ':', %(day)s::text)) || coalesce(
        %(more)s::jsonb -> seen.sku, '{{}}'),
    %(moment)s, {_KEY.format(parts="%(kind)s::text, seen.customer_id, seen.sku, %(day)s::text")}
FROM (
    SELECT event.customer_id, product.sku, product.id AS product_id, event.happened_at AS since
    FROM behaviour_trackedevent AS event JOIN catalog_product AS product ON product.id = event.product_id
    WHERE product.sku = ANY(%(skus)s) AND event.customer_id IS NOT NULL AND event.kind IN ('view', 'cart', 'liked')
      AND event.happened_at > %(since)s
    UNION ALL
    SELECT due.customer_id, product.sku, product.id, due.last_bought_date::timestamptz + interval '1 day'
    FROM planning_duedate AS due JOIN catalog_product AS product ON product.sku = due.subject
    WHERE %(with_due)s AND due.subject = ANY(%(skus)s) AND due.active_share >= 0.3
      AND due.remind_date BETWEEN %(today)s::date - 30 AND %(today)s::date + 3
) AS seen
WHERE NOT EXISTS (
    SELECT FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
    WHERE o.customer_id = seen.customer_id AND o.ordered_at >= seen.since AND line.product_id = seen.product_id
      AND o.state NOT IN ('draft', 'cancelled'))
ORDER BY seen.customer_id, seen.sku, seen.since DESC LIMIT %(most)s
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 - our own words
# Who liked or steadily bought things of a category hears of new ones, once for all of them.
_NEW_ONES: Final = f"""
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT 'new_arrival', fond.customer_id, min(arrived.sku),
    jsonb_build_object('skus', jsonb_agg(arrived.sku ORDER BY arrived.sku), 'entry', concat('new:', %(day)s::text)),
    %(moment)s, {_KEY.format(parts="'new_arrival', fond.customer_id, %(day)s::text")}
FROM jsonb_to_recordset(%(new)s::jsonb) AS arrived(sku text, category text)
JOIN (
    SELECT pair.customer_id, category.code
    FROM catalog_category AS category JOIN catalog_product AS product ON product.category_id = category.id
    JOIN planning_pairstatistic AS pair ON pair.subject = product.sku
    WHERE category.code = ANY(%(codes)s) AND pair.last_date > %(today)s::date - 365
    GROUP BY pair.customer_id, category.code HAVING sum(pair.purchases_count) >= 3
    UNION
    SELECT event.customer_id, category.code
    FROM behaviour_trackedevent AS event JOIN catalog_product AS product ON product.id = event.product_id
    JOIN catalog_category AS category ON category.id = product.category_id
    WHERE event.kind = 'liked' AND event.customer_id IS NOT NULL AND category.code = ANY(%(codes)s)
      AND event.happened_at > %(moment)s::timestamptz - interval '180 days'
) AS fond ON fond.code = arrived.category
GROUP BY fond.customer_id ORDER BY 6 LIMIT %(most)s
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class _Changed:
    sku: str
    price_minor: int | None
    price_before: int | None
    is_there: bool
    was_there: bool | None
    is_new: bool
    category_code: str

    @property
    def is_cheaper(self) -> bool:
        if self.price_minor is None or not self.price_before:
            return False
        return self.price_minor * 100 <= self.price_before * (100 - _DROP_PERCENT)


def note_left_carts(*, moment: dt.datetime) -> int:
    """Carts that nobody touched for an hour, since the last look; part of the caller's transaction."""
    until = moment - LEFT_AFTER
    start = _begin_look(name="carts", until=until)
    given = {"moment": moment, "from": start, "until": until}
    return run_sql(statement=_CARTS, parameters=given) + run_sql(statement=_TRACKED_CARTS, parameters=given)


def note_changed_products(*, moment: dt.datetime) -> dict[str, int]:
    """Goods that are back, cheaper, or new since the last look, to whom it may concern; counts by kind.

    The first look only remembers how things are. Part of the caller's transaction.
    """
    is_first = not JourneyLook.objects.filter(name="products").exists()
    _begin_look(name="products", until=moment)
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"moment": moment})
        changed = [_Changed(*row) for row in cursor.fetchall()]
    if is_first or not changed:
        return dict.fromkeys(sorted(OF_PRODUCTS), 0)
    back = [one.sku for one in changed if one.is_there and one.was_there is False]
    cheaper = {one.sku: one for one in changed if one.is_cheaper}
    prices = {sku: {"was_price_minor": one.price_before} for sku, one in cheaper.items()}
    return {
        "back_in_stock": _note_interested(kind="back_in_stock", skus=back, days=_BACK_DAYS, moment=moment),
        "new_arrival": _note_new(new=[one for one in changed if one.is_new and one.category_code], moment=moment),
        "price_dropped": _note_interested(
            kind="price_dropped", skus=sorted(cheaper), days=_PRICE_DAYS, moment=moment, more=prices
        ),
    }


def _begin_look(*, name: str, until: dt.datetime) -> dt.datetime:
    """Until when was looked before; the look that begins reaches until `until`."""
    look, _ = JourneyLook.objects.get_or_create(name=name, defaults={"looked_until": until - LEFT_AFTER / 12})
    start = max(look.looked_until, until - _LONGEST_LOOK)
    JourneyLook.objects.filter(pk=look.pk).update(looked_until=max(until, look.looked_until))
    return start


def _note_interested(
    *, kind: str, skus: Sequence[str], days: int, moment: dt.datetime, more: dict[str, Any] | None = None
) -> int:
    if not skus:
        return 0
    return run_sql(
        statement=_INTERESTED,
        parameters={
            "kind": kind,
            "skus": list(skus),
            "since": moment - dt.timedelta(days=days),
            "moment": moment,
            "day": moment.date().isoformat(),
            "today": moment.date(),
            "with_due": kind == "back_in_stock",
            "more": json.dumps(more or {}),
            "most": _MOST_PEOPLE,
        },
    )


def _note_new(*, new: Sequence[_Changed], moment: dt.datetime) -> int:
    if not new:
        return 0
    return run_sql(
        statement=_NEW_ONES,
        parameters={
            "new": json.dumps([{"sku": one.sku, "category": one.category_code} for one in new[:200]]),
            "codes": sorted({one.category_code for one in new[:200]}),
            "day": moment.date().isoformat(),
            "today": moment.date(),
            "moment": moment,
            "most": _MOST_PEOPLE,
        },
    )
