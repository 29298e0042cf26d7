"""What became of messages that left: by way, by mail service, by what failed. Reads."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

# A message counts once for each kind, however often it was opened.
_BY_WAY: Final = """
SELECT message.provider, message.channel,
       count(*) FILTER (WHERE message.state = 'sent'),
       count(*) FILTER (WHERE message.state = 'failed'),
       count(*) FILTER (WHERE message.state = 'unknown'),
       count(*) FILTER (WHERE told.delivered), count(*) FILTER (WHERE told.opened),
       count(*) FILTER (WHERE told.clicked), count(*) FILTER (WHERE told.bounced),
       count(*) FILTER (WHERE told.complained),
       count(*) FILTER (WHERE told.unsubscribed)
FROM messaging_outboxmessage AS message
LEFT JOIN LATERAL (
    SELECT bool_or(kind = 'delivered') AS delivered, bool_or(kind = 'opened') AS opened,
           bool_or(kind = 'clicked') AS clicked, bool_or(kind = 'bounced') AS bounced,
           bool_or(kind = 'complained') AS complained, bool_or(kind = 'unsubscribed') AS unsubscribed
    FROM messaging_messageevent WHERE message_id = message.id
) AS told ON true
WHERE message.sending_at >= %(since)s AND message.state IN ('sent', 'failed', 'unknown')
GROUP BY message.provider, message.channel ORDER BY count(*) DESC
"""
_BY_DOMAIN: Final = """
SELECT split_part(lower(message.address), '@', 2) AS domain, count(*) FILTER (WHERE message.state = 'sent'),
       count(*) FILTER (WHERE message.state = 'failed'),
       count(*) FILTER (WHERE told.bounced), count(*) FILTER (WHERE told.complained),
       count(*) FILTER (WHERE told.opened)
FROM messaging_outboxmessage AS message
LEFT JOIN LATERAL (
    SELECT bool_or(kind = 'bounced') AS bounced, bool_or(kind = 'complained') AS complained,
           bool_or(kind = 'opened') AS opened
    FROM messaging_messageevent WHERE message_id = message.id
) AS told ON true
WHERE message.channel = 'email' AND message.sending_at >= %(since)s AND message.state IN ('sent', 'failed')
GROUP BY 1 ORDER BY count(*) DESC LIMIT %(limit)s
"""
_FAULTS: Final = """
SELECT channel, outcome_code, count(*), max(coalesce(finished_at, sending_at)), (array_agg(error ORDER BY id DESC))[1]
FROM messaging_outboxmessage
WHERE sending_at >= %(since)s AND (state IN ('failed', 'unknown') OR state = 'planned' AND attempts_count > 0)
GROUP BY channel, outcome_code ORDER BY count(*) DESC LIMIT 50
"""
_STRAYS: Final = "SELECT way, count(*) FROM messaging_strayevent WHERE received_at >= %(since)s GROUP BY way"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayFate:
    """What became of messages of a way and channel that left since a moment."""

    way: str
    channel: str
    sent_count: int
    failed_count: int
    unknown_count: int
    delivered_count: int
    opened_count: int
    clicked_count: int
    bounced_count: int
    complained_count: int
    unsubscribed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainFate:
    """What became of mails to one mail service."""

    domain: str
    sent_count: int
    failed_count: int
    bounced_count: int
    complained_count: int
    opened_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCount:
    """How often something went wrong, when last, and the other side's words of that time."""

    channel: str
    outcome_code: str
    count: int
    last_at: dt.datetime | None
    error: str


def list_way_fates(*, since: dt.datetime) -> list[WayFate]:
    """By way and channel, the most messages first."""
    names = tuple(WayFate.__slots__)
    return [WayFate(**dict(zip(names, row, strict=True))) for row in _rows(_BY_WAY, since=since)]


def list_domain_fates(*, since: dt.datetime, limit: int = 20) -> list[DomainFate]:
    """By mail service, the most mails first."""
    names = tuple(DomainFate.__slots__)
    return [DomainFate(**dict(zip(names, row, strict=True))) for row in _rows(_BY_DOMAIN, since=since, limit=limit)]


def list_fault_counts(*, since: dt.datetime) -> list[FaultCount]:
    """What went wrong, the most frequent first."""
    names = tuple(FaultCount.__slots__)
    return [FaultCount(**dict(zip(names, row, strict=True))) for row in _rows(_FAULTS, since=since)]


def count_strays(*, since: dt.datetime) -> dict[str, int]:
    """What providers told of messages that are none of ours, by way."""
    return dict(_rows(_STRAYS, since=since))


def _rows(statement: str, **parameters: dt.datetime | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
