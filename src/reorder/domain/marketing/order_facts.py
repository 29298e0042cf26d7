"""Facts about orders, their parcels and returns, noted in the transaction of what happened by one statement.

Nothing is read or written where no journey listens. What happened long ago, as in a file of history, is no news.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from reorder.domain.marketing.facts import list_wanted_kinds
from reorder.domain.storage import run_sql

# Older than this it is history, not news.
NEWS_DAYS: Final = 3
_ORDER: Final = """
    SELECT o.id, o.customer_id, o.external_id, o.ordered_at, o.total_minor, o.currency, o.state,
        coalesce(jsonb_agg(product.sku ORDER BY line.id) FILTER (WHERE product.sku IS NOT NULL), '[]') AS skus,
        coalesce(jsonb_agg(product.sku ORDER BY line.id)
            FILTER (WHERE product.sku IS NOT NULL AND line.unit_price_minor = 0), '[]') AS free_skus
    FROM orders_order AS o
    LEFT JOIN orders_orderline AS line ON line.order_id = o.id
    LEFT JOIN catalog_product AS product ON product.id = line.product_id
    WHERE {which} GROUP BY o.id
"""
_DETAILS: Final = """jsonb_build_object('skus', one.skus, 'entry', %(word)s::text || ':' || {key}, 'order',
        jsonb_build_object('number', one.external_id,
            'date', to_char(one.ordered_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD'),
            'total_minor', one.total_minor, 'currency', one.currency))"""
_PLACED: Final = """
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT fact.kind, one.customer_id, fact.subject,
    {details} || CASE WHEN fact.kind = 'trial_started' THEN jsonb_build_object('skus', jsonb_build_array(fact.subject))
                 ELSE '{{}}'::jsonb END,
    one.ordered_at, fact.kind || ':' || one.id || ':' || fact.place
FROM ({order}) AS one
CROSS JOIN LATERAL (
    SELECT 'ordered' AS kind, one.external_id AS subject, 0 AS place
    UNION ALL SELECT 'first_order', one.external_id, 0 WHERE NOT EXISTS (
        SELECT FROM orders_order AS before WHERE before.customer_id = one.customer_id AND before.id <> one.id
            AND before.state NOT IN ('draft', 'cancelled') AND before.ordered_at <= one.ordered_at)
    UNION ALL SELECT 'trial_started', free.sku, free.place::integer
        FROM jsonb_array_elements_text(one.free_skus) WITH ORDINALITY AS free(sku, place)
) AS fact
JOIN marketing_wantedfact AS wanted ON wanted.kind = fact.kind
WHERE one.state NOT IN ('draft', 'cancelled') AND one.ordered_at > %(since)s
ORDER BY 6 ON CONFLICT (key) DO NOTHING
"""
_SUBJECT: Final = "coalesce(nullif(%(number)s, ''), one.external_id)"
_ABOUT: Final = """
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT wanted.kind, one.customer_id, {key}, {details}, %(happened_at)s, left(wanted.kind || ':' || {key}, 64)
FROM ({order}) AS one JOIN marketing_wantedfact AS wanted ON wanted.kind = %(word)s
ORDER BY 6 ON CONFLICT (key) DO NOTHING
"""


def note_orders(*, order_ids: Sequence[int], moment: dt.datetime, time_zone: str) -> int:
    """These orders were placed: ordered, first_order and trial_started, as far as anybody listens."""
    return _note_placed(which="o.id = ANY(%(ids)s)", ids=order_ids, moment=moment, time_zone=time_zone)


def note_orders_of(*, customer_ids: Sequence[int], moment: dt.datetime, time_zone: str) -> int:
    """The latest orders of these customers may be new, as after a file was taken in."""
    which = "o.customer_id = ANY(%(ids)s) AND o.ordered_at > %(since)s"
    return _note_placed(which=which, ids=customer_ids, moment=moment, time_zone=time_zone)


def note_about_order(*, kind: str, order_id: int, number: str, happened_at: dt.datetime, time_zone: str) -> int:
    """Something happened to an order: order_cancelled, shipped, delivered, parcel_late, return_settled.

    `number` is that of the parcel or return; empty: the order's own.
    """
    if kind not in list_wanted_kinds():
        return 0
    which = _ORDER.format(which="o.id = ANY(%(ids)s)")
    return run_sql(
        statement=_ABOUT.format(order=which, details=_DETAILS.format(key=_SUBJECT), key=_SUBJECT),
        parameters={
            "ids": [order_id],
            "number": number,
            "word": kind,
            "happened_at": happened_at,
            "zone": time_zone,
        },
    )


def _note_placed(*, which: str, ids: Sequence[int], moment: dt.datetime, time_zone: str) -> int:
    if not ids or not list_wanted_kinds() & {"ordered", "first_order", "trial_started"}:
        return 0
    since = moment - dt.timedelta(days=NEWS_DAYS)
    return run_sql(
        statement=_PLACED.format(
            order=_ORDER.format(which=which), details=_DETAILS.format(key="one.id || ':' || fact.place")
        ),
        parameters={"ids": list(ids), "since": since, "word": "order", "zone": time_zone},
    )
