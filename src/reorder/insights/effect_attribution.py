"""What is attributed to messages, the usual way, and what they cost: to stand beside what they caused."""

import datetime as dt
from typing import Final

import polars as pl

from reorder.domain.storage import read_frame

# An order counts for the last message that its customer clicked within so many days before it.
CLICK_DAYS: Final = 7
_ATTRIBUTED: Final = """
WITH click AS (
    SELECT message.customer_id, message.source_kind, message.source_key, message.step_key, message.variant,
           event.happened_at
    FROM messaging_messageevent AS event
    JOIN messaging_outboxmessage AS message ON message.id = event.message_id
    WHERE event.kind = 'clicked' AND event.happened_at >= {since} AND message.purpose = 'marketing'
      AND message.customer_id IS NOT NULL
), credited AS (
    SELECT DISTINCT ON (o.id) o.id, o.currency, click.source_kind, click.source_key, click.step_key, click.variant
    FROM click JOIN orders_order AS o ON o.customer_id = click.customer_id AND o.ordered_at >= click.happened_at
        AND o.ordered_at < click.happened_at + make_interval(days => {days})
    WHERE o.state NOT IN ('draft', 'cancelled')
    ORDER BY o.id, click.happened_at DESC
)
SELECT CASE WHEN source_kind = '' THEN 'reminder' ELSE source_kind END AS source_kind,
       CASE WHEN source_kind = '' THEN 'due' ELSE source_key END AS source_key, step_key, variant,
       count(*)::float8 AS orders,
       coalesce(sum((SELECT sum(line.units * coalesce(line.unit_price_minor, 0) - line.discount_minor)
                     FROM orders_orderline AS line WHERE line.order_id = credited.id))
                FILTER (WHERE credited.currency = {currency}), 0)::float8 AS revenue
FROM credited GROUP BY 1, 2, 3, 4
"""
_COSTS: Final = """
SELECT CASE WHEN source_kind = '' THEN 'reminder' ELSE source_kind END AS source_kind,
       CASE WHEN source_kind = '' THEN 'due' ELSE source_key END AS source_key, step_key,
       count(*) FILTER (WHERE state = 'sent')::float8 AS sent, coalesce(sum(cost_micros), 0)::float8 AS cost_micros
FROM messaging_outboxmessage
WHERE purpose = 'marketing' AND planned_at >= {since} AND (source_kind <> '' OR reason_code LIKE 'reminder.%')
GROUP BY 1, 2, 3
"""


def frame_attributed(*, since: dt.datetime, currency: str) -> pl.DataFrame:
    """Orders after a click, by the last click: source_kind, source_key, step_key, variant, orders, revenue."""
    return read_frame(query=_ATTRIBUTED, parameters={"since": since, "days": CLICK_DAYS, "currency": currency})


def frame_costs(*, since: dt.datetime) -> pl.DataFrame:
    """Messages that left and what that cost: source_kind, source_key, step_key, sent, cost_micros."""
    return read_frame(query=_COSTS, parameters={"since": since})
