"""What customers bought after a reminder, or after the moment at which a held-out one would have got it."""

import datetime as dt

import polars as pl

from reorder.domain.catalog.rules import SUBJECT_SQL
from reorder.domain.storage import read_frame

# The latest so many messages of each arm: more would not sharpen the comparison, and a night has no time to waste.
MESSAGES_OF_AN_ARM = 100_000

# Days are the shop's. A message that the mail server refused counts as treated: nobody knows who of the held-out
# customers would have been refused. Whom all marketing keeps back misses more than reminders: no comparison for them.
_OUTCOMES = f"""
WITH message AS (
    (SELECT id, customer_id, state, finished_at, reason_parameters FROM messaging_outboxmessage
     WHERE state = 'held_out' AND purpose = 'marketing' AND finished_at >= {{since}} AND finished_at < {{until}}
       AND customer_id IS NOT NULL AND holdout <> 'global'
     ORDER BY finished_at DESC, id DESC LIMIT {{most}})
    UNION ALL
    (SELECT id, customer_id, state, finished_at, reason_parameters FROM messaging_outboxmessage
     WHERE state = 'sent' AND purpose = 'marketing' AND finished_at >= {{since}} AND finished_at < {{until}}
       AND customer_id IS NOT NULL AND holdout <> 'global'
     ORDER BY finished_at DESC, id DESC LIMIT {{most}})
    UNION ALL
    (SELECT id, customer_id, state, finished_at, reason_parameters FROM messaging_outboxmessage
     WHERE state = 'failed' AND purpose = 'marketing' AND finished_at >= {{since}} AND finished_at < {{until}}
       AND customer_id IS NOT NULL AND holdout <> 'global'
     ORDER BY finished_at DESC, id DESC LIMIT {{most}})
), contact AS (
    SELECT message.customer_id, CASE message.state WHEN 'held_out' THEN 'held_out' ELSE 'treated' END AS arm,
           item.subject_key, item.due_date, message.finished_at,
           (message.finished_at AT TIME ZONE {{time_zone}})::date + {{delivery_days}}::int AS arrival_date,
           told.value AS told
    FROM message
    JOIN messaging_outboxitem AS item ON item.message_id = message.id AND item.cycle_key IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT one.value FROM jsonb_array_elements(message.reason_parameters -> 'items') AS one
        WHERE one.value ->> 'subject' = item.subject_key LIMIT 1) AS told ON true
    WHERE item.due_date IS NOT NULL
), outcome AS (
    SELECT contact.*, EXISTS (
        SELECT FROM orders_order AS o
        JOIN orders_orderline AS line ON line.order_id = o.id
        JOIN catalog_product AS product ON product.id = line.product_id
        LEFT JOIN catalog_category AS category ON category.id = product.category_id
        WHERE o.customer_id = contact.customer_id AND o.state NOT IN ('draft', 'cancelled')
          AND {SUBJECT_SQL} = contact.subject_key
          AND o.ordered_at > contact.finished_at
          AND o.ordered_at >= ((arrival_date - {{window_days}}::int)::timestamp AT TIME ZONE {{time_zone}})
          AND o.ordered_at < ((arrival_date + {{window_days}}::int + 1)::timestamp AT TIME ZONE {{time_zone}})
    ) AS is_hit
    FROM contact
)
SELECT customer_id::text AS customer_id, arm,
       CASE WHEN arrival_date - due_date < -{{near_days}}::int THEN 'early'
            WHEN arrival_date - due_date > {{near_days}}::int THEN 'late' ELSE 'on_time' END AS lateness,
       coalesce(told ->> 'evidence', '') AS evidence, coalesce(told ->> 'segment', '') AS segment,
       count(*)::float8 AS trials, (count(*) FILTER (WHERE is_hit))::float8 AS hits
FROM outcome GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours


def frame_reminder_outcomes(
    *,
    since: dt.datetime,
    until: dt.datetime,
    delivery_days: int,
    window_days: int,
    near_days: int,
    time_zone: str,
) -> pl.DataFrame:
    """The engine's CONTACT_OUTCOMES of messages that went out, or would have, in [since, until).

    A product of a message counts as bought when the customer bought it after the message and within `window_days` of
    the day on which a parcel ordered at once would have come. `until` lies before the last of those windows ends.
    """
    return read_frame(
        query=_OUTCOMES,
        parameters={
            "since": since,
            "until": until,
            "delivery_days": delivery_days,
            "window_days": window_days,
            "near_days": near_days,
            "time_zone": time_zone,
            "most": MESSAGES_OF_AN_ARM,
        },
    )
