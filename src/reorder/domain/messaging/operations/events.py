"""What became of messages after they left, as providers and readers tell; told twice is known once."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.db import connection, transaction

from reorder.domain.messaging.channel_models import StrayEvent
from reorder.domain.messaging.models import ContactPoint
from reorder.domain.storage import run_sql

# Our own number, our Message-ID, or the provider's number: whichever was told.
_RECORD: Final = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(events)s::jsonb) AS given (
        kind text, happened_at timestamptz, key text, outbox_id bigint, message_id text, way text, provider_key text,
        url text, details jsonb)),
found AS MATERIALIZED (
    SELECT DISTINCT ON (given.key) given.*, message.id AS found_id, message.customer_id, message.channel,
           message.address, message.state
    FROM given LEFT JOIN messaging_outboxmessage AS message ON message.id = given.outbox_id
        OR given.outbox_id IS NULL AND given.message_id <> '' AND message.message_id = given.message_id
        OR given.outbox_id IS NULL AND given.message_id = '' AND given.provider_key <> ''
           AND message.provider = given.way AND message.provider_key = given.provider_key
    ORDER BY given.key),
made AS (
    INSERT INTO messaging_messageevent (message_id, kind, happened_at, url, details, key)
    SELECT found_id, kind, happened_at, url, details, key FROM found WHERE found_id IS NOT NULL ORDER BY key
    ON CONFLICT (key) DO NOTHING RETURNING key),
-- Whoever tells of a message has it: one whose answer had been lost was delivered.
settled AS (
    UPDATE messaging_outboxmessage AS message
    SET state = 'sent', finished_at = found.happened_at, outcome_code = 'outbox.sent.told'
    FROM (SELECT found_id, min(happened_at) AS happened_at FROM found GROUP BY found_id) AS found
    WHERE message.id = found.found_id AND message.state = 'unknown')
SELECT found.key, found.kind, found.found_id, found.customer_id, found.channel, found.address, made.key IS NOT NULL
FROM found LEFT JOIN made ON made.key = found.key ORDER BY found.key
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessageEvent:
    """What is told of one message; equal keys (64 characters at most) are one event.

    The message is known by our number (`outbox_id`), by its Message-ID, or by the provider's number at `way`.
    """

    kind: str
    happened_at: dt.datetime
    key: str
    outbox_id: int | None = None
    message_id: str = ""
    way: str = ""
    provider_key: str = ""
    url: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """An event with the message that it is about (None: none of ours); `is_new`: it was not known before."""

    key: str
    kind: str
    outbox_id: int | None
    customer_id: int | None
    channel: str | None
    address: str | None
    is_new: bool


def record_message_events(*, events: Sequence[NewMessageEvent]) -> list[ToldMessage]:
    """Append what was told, set-based; part of the open transaction, or one of its own.

    A message that was parked, because the answer to handing it over was lost, is settled as sent by whatever is told of
    it. Returns every event with its message, in the order of keys.
    """
    if not events:
        return []
    given = json.dumps([asdict(one) for one in events], ensure_ascii=False, default=str)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RECORD, {"events": given.replace("\\u0000", "\N{REPLACEMENT CHARACTER}")})
        return [ToldMessage(*row) for row in cursor.fetchall()]


def keep_strays(*, way: str, rows: Sequence[tuple[str, str, str]], moment: dt.datetime) -> None:
    """Remember (kind, reason, digest) of what could not be used; what was told is not kept, for it may name people."""
    StrayEvent.objects.bulk_create(
        (
            StrayEvent(way=way, kind=kind, reason_code=reason, digest=digest, received_at=moment)
            for kind, reason, digest in rows
        ),
        ignore_conflicts=True,
    )


def forget_strays(*, before: dt.datetime) -> int:
    """Remove what could not be used and is old."""
    return StrayEvent.objects.filter(received_at__lt=before).delete()[0]


def list_customers_at(*, channel: str, address: str) -> list[int]:
    """Customers who have this address at a channel."""
    points = ContactPoint.objects.filter(channel=channel, address=address).order_by("customer_id")
    return list(points.values_list("customer_id", flat=True))


def mark_reachable(*, channel: str, address: str) -> int:
    """Use an address again: its owner came back."""
    return run_sql(
        statement="""UPDATE messaging_contactpoint SET unreachable_at = NULL
            WHERE channel = %s AND address = %s AND unreachable_at IS NOT NULL""",
        parameters=[channel, address],
    )


def mark_left(*, channel: str, address: str, moment: dt.datetime) -> int:
    """Use an address no more, whoever's it is: its owner left the channel."""
    points = ContactPoint.objects.filter(channel=channel, address=address, unreachable_at__isnull=True)
    return points.update(unreachable_at=moment)


def keep_contact_point(
    *, customer_id: int, channel: str, address: str, details: Mapping[str, Any], moment: dt.datetime
) -> None:
    """Keep an address whose owner has just shown that it is theirs, with what its channel needs besides."""
    run_sql(
        statement="""INSERT INTO messaging_contactpoint (customer_id, channel, address, details, verified_at)
            VALUES (%(customer_id)s, %(channel)s, %(address)s, %(details)s::jsonb, %(moment)s)
            ON CONFLICT ON CONSTRAINT contact_point_once DO UPDATE
            SET details = excluded.details, verified_at = excluded.verified_at, unreachable_at = NULL""",
        parameters={
            "customer_id": customer_id,
            "channel": channel,
            "address": address,
            "details": json.dumps(dict(details)),
            "moment": moment,
        },
    )


def drop_contact_point(*, customer_id: int, channel: str, address: str) -> bool:
    """Forget an address that its owner took back."""
    points = ContactPoint.objects.filter(customer_id=customer_id, channel=channel, address=address)
    return bool(points.delete()[0])
