"""Where many people can be reached, what rests on them and what they got: one look a kind, for decisions about lots."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from reorder.domain.storage import fetch_prepared

# Answers of earlier messages tell what the next will meet for about so long.
_REMEMBERED: Final = dt.timedelta(days=180)
# The address of a channel that can be reached, the newest first; one that cannot only where there is no other.
_REACHES: Final = """
SELECT point.customer_id, point.channel, point.address, point.unreachable_at IS NULL, (
    SELECT entry.is_granted FROM messaging_consententry AS entry
    WHERE entry.customer_id = point.customer_id AND entry.channel = point.channel AND entry.purpose = 'marketing'
    ORDER BY entry.declared_at DESC, entry.id DESC LIMIT 1)
FROM (
    SELECT DISTINCT ON (customer_id, channel) customer_id, channel, address, unreachable_at
    FROM messaging_contactpoint WHERE customer_id = ANY(%(ids)s::bigint[])
    ORDER BY customer_id, channel, unreachable_at IS NOT NULL, created_at DESC, id DESC
) AS point
"""
_ANSWERS: Final = """
SELECT message.customer_id, message.channel, count(*),
       count(*) FILTER (WHERE told.is_answered), bool_or(coalesce(told.is_complaint, false))
FROM messaging_outboxmessage AS message
LEFT JOIN LATERAL (
    SELECT bool_or(event.kind IN ('opened', 'clicked')) AS is_answered,
           bool_or(event.kind = 'complained') AS is_complaint
    FROM messaging_messageevent AS event WHERE event.message_id = message.id
) AS told ON true
WHERE message.customer_id = ANY(%(ids)s::bigint[]) AND message.purpose = 'marketing' AND message.state = 'sent'
  AND message.planned_at > %(since)s::timestamptz
GROUP BY 1, 2
"""
_PAUSES: Final = """
SELECT customer_id, cause, resumes_date FROM messaging_marketingpause
WHERE customer_id = ANY(%(ids)s::bigint[]) AND resumed_at IS NULL
  AND (resumes_date IS NULL OR resumes_date > %(day)s::date)
ORDER BY id
"""
# Held, so that the sender takes none of those that may give way while it is decided; it passes over what is held.
_CONTACTS: Final = """
SELECT id, customer_id, channel, coalesce(finished_at, sending_at, send_after), value_minor,
       state IN ('planned', 'held_out') AND finished_at IS NULL AND send_after > %(moment)s, expires_at,
       idempotency_key
FROM messaging_outboxmessage
WHERE customer_id = ANY(%(ids)s) AND purpose = 'marketing'
  AND state IN ('planned', 'held_out', 'sending', 'sent', 'unknown')
  AND coalesce(finished_at, sending_at, send_after) > %(since)s
ORDER BY id FOR NO KEY UPDATE
"""
# One message a person promises its goods once, until the person bought or the days of the promise are over.
_PROMISED: Final = """
SELECT item.product_id, count(DISTINCT message.customer_id)
FROM messaging_outboxmessage AS message JOIN messaging_outboxitem AS item ON item.message_id = message.id
WHERE message.purpose = 'marketing' AND item.product_id = ANY(%(product_ids)s::bigint[])
  AND (message.state IN ('planned', 'sending')
       OR message.state IN ('sent', 'unknown') AND message.sending_at > %(since)s::timestamptz)
GROUP BY item.product_id
"""
_USUAL: Final = """
SELECT message.channel, count(*), count(*) FILTER (WHERE EXISTS (
    SELECT FROM messaging_messageevent AS event
    WHERE event.message_id = message.id AND event.kind IN ('opened', 'clicked')))
FROM (
    SELECT id, channel FROM messaging_outboxmessage
    WHERE state = 'sent' AND purpose = 'marketing' AND finished_at > %(since)s::timestamptz
    ORDER BY finished_at DESC LIMIT 5000
) AS message
GROUP BY message.channel
"""
# Sent by hand is what a person let go at the very moment that it has.
_DUE: Final = """
SELECT id, customer_id, value_minor, variables->>'stock_rule' IS DISTINCT FROM 'ignore' AS is_counted
FROM messaging_outboxmessage
WHERE state = 'planned' AND purpose = 'marketing' AND customer_id IS NOT NULL
  AND send_after <= %(moment)s::timestamptz AND approved_at IS DISTINCT FROM send_after
"""
_DOUBTFUL: Final = f"""
WITH due AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY value_minor DESC, id) AS place FROM ({_DUE}) AS one
), zones AS MATERIALIZED (SELECT name FROM pg_timezone_names)
SELECT due.id, due.customer_id FROM due
JOIN customers_customer AS customer ON customer.id = due.customer_id
LEFT JOIN zones ON zones.name = customer.time_zone AND customer.time_zone <> ''
CROSS JOIN LATERAL (
    SELECT count(*) AS week_count,
           count(*) FILTER (WHERE coalesce(other.finished_at, other.sending_at)
                            > %(moment)s::timestamptz - interval '24 hours') AS day_count
    FROM messaging_outboxmessage AS other
    WHERE other.customer_id = due.customer_id AND other.purpose = 'marketing'
      AND other.state IN ('sending', 'sent', 'unknown')
      AND coalesce(other.finished_at, other.sending_at) > %(moment)s::timestamptz - interval '7 days'
) AS gone
WHERE due.place > 1 OR gone.day_count >= %(per_day)s::int OR gone.week_count >= %(per_week)s::int
   OR extract(hour FROM %(moment)s::timestamptz AT TIME ZONE coalesce(zones.name, %(time_zone)s::text))
      NOT BETWEEN %(first)s::int AND %(last)s::int - 1
   OR due.is_counted AND EXISTS (SELECT FROM messaging_outboxitem AS item
      WHERE item.message_id = due.id AND item.product_id = ANY(%(product_ids)s::bigint[]))
ORDER BY due.customer_id LIMIT %(limit)s::int
"""  # noqa: S608 - constants of ours
_DUE_PRODUCTS: Final = f"""
SELECT DISTINCT item.product_id FROM ({_DUE}) AS due JOIN messaging_outboxitem AS item ON item.message_id = due.id
"""  # noqa: S608 - constants of ours
_SHORT: Final = """
SELECT message.id FROM messaging_outboxmessage AS message
WHERE message.id = ANY(%(ids)s::bigint[]) AND message.variables->>'stock_rule' IS DISTINCT FROM 'ignore'
  AND EXISTS (SELECT FROM messaging_outboxitem AS item
              WHERE item.message_id = message.id AND item.product_id = ANY(%(product_ids)s::bigint[]))
"""
_OF_SOURCE: Final = """
SELECT count(*) FILTER (WHERE state IN ('planned', 'sending')), count(*) FILTER (WHERE state = 'held_out'),
       count(*) FILTER (WHERE state IN ('sent', 'unknown')), count(*) FILTER (WHERE state = 'stopped'),
       count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE told.is_opened),
       count(*) FILTER (WHERE told.is_clicked), count(*) FILTER (WHERE told.is_unsubscribed),
       count(*) FILTER (WHERE told.is_complained), coalesce(sum(cost_micros), 0)::bigint
FROM messaging_outboxmessage AS message
LEFT JOIN LATERAL (
    SELECT bool_or(kind IN ('opened', 'clicked')) AS is_opened, bool_or(kind = 'clicked') AS is_clicked,
           bool_or(kind = 'unsubscribed') AS is_unsubscribed, bool_or(kind = 'complained') AS is_complained
    FROM messaging_messageevent AS event WHERE event.message_id = message.id AND message.state = 'sent'
) AS told ON true
WHERE source_kind = %(source_kind)s::text AND source_key = %(source_key)s::text
"""
# A channel's answers count once so many of its messages have left.
_LEAST_SENT: Final = 30


@dataclass(frozen=True, slots=True)
class ReachRow:
    customer_id: int
    channel: str
    address: str
    is_reachable: bool
    is_granted: bool | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What a person did about marketing by one channel: messages that left, those answered, and any complaint."""

    customer_id: int
    channel: str
    sent_count: int
    answered_count: int
    has_complained: bool


@dataclass(frozen=True, slots=True)
class HeldPause:
    customer_id: int
    cause: str
    resumes_date: dt.date | None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A marketing message that counts against the caps; `is_movable`: it still waits for a moment to come."""

    id: int
    customer_id: int
    channel: str
    at: dt.datetime
    value_minor: float
    is_movable: bool
    expires_at: dt.datetime | None
    key: str


def list_reaches(*, customer_ids: Sequence[int]) -> list[ReachRow]:
    """Of each customer and channel the address, and the declaration about marketing by it that holds (None: none)."""
    return [ReachRow(*row) for row in fetch_prepared(statement=_REACHES, parameters={"ids": list(customer_ids)})]


def list_answers(*, customer_ids: Sequence[int], moment: dt.datetime) -> list[AnswerRow]:
    """What became of marketing that left for these customers in the last half year."""
    given = {"ids": list(customer_ids), "since": moment - _REMEMBERED}
    return [AnswerRow(*row) for row in fetch_prepared(statement=_ANSWERS, parameters=given)]


def list_held_pauses(*, customer_ids: Sequence[int], day: dt.date) -> list[HeldPause]:
    """Every pause of marketing that holds on a day of the shop's calendar."""
    rows = fetch_prepared(statement=_PAUSES, parameters={"ids": list(customer_ids), "day": day})
    return [HeldPause(*row) for row in rows]


def hold_contacts(*, customer_ids: Sequence[int], since: dt.datetime, moment: dt.datetime) -> list[ContactRow]:
    """Marketing messages after `since`, planned ones included, held until the open transaction ends.

    Held-out messages count as sent ones do, so that both arms of a comparison are planned alike.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, {"ids": list(customer_ids), "since": since, "moment": moment})
        return [ContactRow(*row) for row in cursor.fetchall()]


def count_promises(*, product_ids: Sequence[int], since: dt.datetime) -> Mapping[int, int]:
    """People to whom a message about a product waits, or went after `since`, by product."""
    rows = fetch_prepared(statement=_PROMISED, parameters={"product_ids": list(product_ids), "since": since})
    return dict(rows)


def list_usual_answers(*, moment: dt.datetime) -> dict[str, float]:
    """The share of a channel's latest messages that was answered, of channels with enough of them."""
    rows = fetch_prepared(statement=_USUAL, parameters={"since": moment - _REMEMBERED})
    return {channel: answered / sent for channel, sent, answered in rows if sent >= _LEAST_SENT}


def list_doubtful(
    *,
    moment: dt.datetime,
    waking: tuple[int, int],
    time_zone: str,
    per_day: int,
    per_week: int,
    short_product_ids: Sequence[int],
    limit: int,
) -> list[tuple[int, int]]:
    """Due marketing that may not be right any more, as (message, customer): to be looked at again, each by itself.

    It would come outside waking hours, one of the person's other messages left lately or leaves now, or goods are gone.
    What a person sent by hand is left alone.
    """
    given = {
        "moment": moment,
        "first": waking[0],
        "last": waking[1],
        "time_zone": time_zone,
        "per_day": per_day,
        "per_week": per_week,
        "product_ids": list(short_product_ids),
        "limit": limit,
    }
    return [(row[0], row[1]) for row in fetch_prepared(statement=_DOUBTFUL, parameters=given)]


def list_due_products(*, moment: dt.datetime) -> list[int]:
    """Products that due marketing is about."""
    return [row[0] for row in fetch_prepared(statement=_DUE_PRODUCTS, parameters={"moment": moment})]


def list_short_messages(*, ids: Sequence[int], product_ids: Sequence[int]) -> list[int]:
    """Those of the messages whose stock counts and that are about one of these products."""
    given = {"ids": list(ids), "product_ids": list(product_ids)}
    return [row[0] for row in fetch_prepared(statement=_SHORT, parameters=given)]


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """What became of a source's messages, and what people did with them."""

    planned: int
    held_out: int
    sent: int
    stopped: int
    failed: int
    opened: int
    clicked: int
    unsubscribed: int
    complained: int
    cost_micros: int


def count_of_source(*, source_kind: str, source_key: str) -> SourceCounts:
    """The messages of one journey or campaign by what became of them."""
    rows = fetch_prepared(statement=_OF_SOURCE, parameters={"source_kind": source_kind, "source_key": source_key})
    return SourceCounts(*rows[0])
