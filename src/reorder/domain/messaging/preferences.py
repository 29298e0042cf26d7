"""Topics, what people said about them, and how often they want to hear from us."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.messaging.compliance_models import ContactPreference, Topic, TopicEntry
from reorder.domain.messaging.errors import BadTopic
from reorder.domain.messaging.models import ConsentEntry
from reorder.domain.messaging.topic_rules import NOBODY_SAID, READY_MADE, Standing, TopicRow
from reorder.domain.storage import fetch_prepared

MOST_A_WEEK: Final = 7
_MOST_TOPICS: Final = 20
# The latest word about each topic holds, and with it the week's limit; people who never said anything have no row.
_STANDINGS: Final = """
SELECT said.customer_id, said.topic, said.is_wanted, NULL::smallint FROM (
    SELECT DISTINCT ON (customer_id, topic) customer_id, topic, is_wanted FROM messaging_topicentry
    WHERE customer_id = ANY(%(ids)s::bigint[]) ORDER BY customer_id, topic, declared_at DESC, id DESC) AS said
UNION ALL
SELECT customer_id, '', NULL, messages_per_week FROM messaging_contactpreference
WHERE customer_id = ANY(%(ids)s::bigint[])
"""
_MARKETED: Final = """
SELECT asked.id FROM unnest(%(ids)s::bigint[]) AS asked (id)
WHERE EXISTS (SELECT FROM messaging_outboxmessage AS message
              WHERE message.customer_id = asked.id AND message.purpose = 'marketing' AND message.state = 'sent')
"""
_WAITING: Final = """
SELECT DISTINCT source_kind, source_key FROM messaging_outboxmessage
WHERE customer_id = %s AND purpose = 'marketing' AND state IN ('planned', 'held_out') AND finished_at IS NULL
"""
_MOVE: Final = """
INSERT INTO messaging_topicentry
    (customer_id, topic, is_wanted, source, text_version, proof, declared_at, idempotency_key)
SELECT %(keep)s, topic, is_wanted, source, text_version, proof, declared_at,
       left(encode(sha256(convert_to(concat_ws('|', 'merge', 'topic', %(keep)s, id), 'UTF8')), 'hex'), 40)
FROM messaging_topicentry WHERE customer_id = %(absorb)s ORDER BY declared_at, id
ON CONFLICT (idempotency_key) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopicEntry:
    """One declaration about one topic."""

    customer_id: int
    topic: str
    is_wanted: bool
    source: str
    declared_at: dt.datetime
    idempotency_key: str
    text_version: str = ""
    proof: str = ""


def list_topics(*, is_active_only: bool = True) -> list[TopicRow]:
    """Topics in their order; the ready-made ones until somebody changes any."""
    rows = [_row(topic) for topic in Topic.objects.order_by("position", "code")] or list(READY_MADE)
    return [row for row in rows if row.is_active or not is_active_only]


def put_topic(*, topic: TopicRow, changed_by: str) -> None:
    """Add a topic, or change that of this code; the ready-made ones are laid down with the first. Raises BadTopic."""
    if not topic.code.isascii() or not topic.code.replace("_", "").isalnum() or topic.code != topic.code.lower():
        raise BadTopic(reason="a code has small letters, digits and _ only")
    if not topic.name.strip():
        raise BadTopic(reason="it has no name")
    if not Topic.objects.exists():
        Topic.objects.bulk_create(
            [Topic(**_values(one, changed_by="system")) for one in READY_MADE], ignore_conflicts=True
        )
    if Topic.objects.exclude(code=topic.code).count() >= _MOST_TOPICS:
        raise BadTopic(reason="there are 20 topics already; nobody reads more")
    values = _values(topic, changed_by=changed_by)
    Topic.objects.update_or_create(code=values.pop("code"), defaults=values)


def list_standings(*, customer_ids: Collection[int]) -> dict[int, Standing]:
    """What these people said, set-based; who said nothing is left out (`NOBODY_SAID` stands for them)."""
    if not customer_ids:
        return {}
    said: dict[int, dict[str, bool]] = {}
    weekly: dict[int, int | None] = {}
    rows = fetch_prepared(statement=_STANDINGS, parameters={"ids": sorted(set(customer_ids))})
    for customer_id, topic, is_wanted, per_week in rows:
        if topic:
            said.setdefault(customer_id, {})[topic] = is_wanted
        else:
            weekly[customer_id] = per_week
    return {
        number: Standing(said=said.get(number, {}), messages_per_week=weekly.get(number))
        for number in said.keys() | weekly.keys()
    }


def get_standing(*, customer_id: int) -> Standing:
    """What one person said."""
    return list_standings(customer_ids=[customer_id]).get(customer_id, NOBODY_SAID)


def record_topics(*, entries: Sequence[NewTopicEntry]) -> int:
    """Append declarations; one whose idempotency key is known changes nothing. Returns how many were given."""
    if entries:
        # Whoever claims a message asks the table of topics alone.
        _lay_down_ready_made()
    made = TopicEntry.objects.bulk_create(
        [TopicEntry(**asdict(one)) for one in entries], ignore_conflicts=True, batch_size=1000
    )
    return len(made)


def list_known_declarations(*, keys: Collection[str]) -> set[str]:
    """Those of these idempotency keys under which something was declared already, to either ledger."""
    given = list(keys)
    known = ConsentEntry.objects.filter(idempotency_key__in=given).values_list("idempotency_key", flat=True)
    told = TopicEntry.objects.filter(idempotency_key__in=given).values_list("idempotency_key", flat=True)
    return {*known, *told}


def list_marketed(*, customer_ids: Collection[int]) -> frozenset[int]:
    """Those of these people who got marketing before."""
    rows = fetch_prepared(statement=_MARKETED, parameters={"ids": sorted(set(customer_ids))}) if customer_ids else []
    return frozenset(row[0] for row in rows)


def list_waiting_sources(*, customer_id: int) -> list[tuple[str, str]]:
    """Kind and key of the sources from which marketing waits for this person, each once."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [customer_id])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def set_messages_per_week(*, customer_id: int, messages_per_week: int | None, moment: dt.datetime) -> None:
    """At most so many marketing messages a week to this person, 1 to 7; None: as the shop's cap says."""
    most = None if messages_per_week is None else min(max(messages_per_week, 1), MOST_A_WEEK)
    ContactPreference.objects.update_or_create(
        customer_id=customer_id, defaults={"messages_per_week": most, "changed_at": moment}
    )


def merge_preferences(*, keep_id: int, absorb_id: int) -> None:
    """Bring what the absorbed record said to the kept one: declarations with their moments, the stricter limit."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"keep": keep_id, "absorb": absorb_id})
    gone = ContactPreference.objects.filter(customer_id=absorb_id).first()
    if gone is None:
        return
    kept = ContactPreference.objects.filter(customer_id=keep_id).first()
    if kept is None:
        ContactPreference.objects.filter(pk=gone.pk).update(customer_id=keep_id)
        return
    limits = [limit for limit in (kept.messages_per_week, gone.messages_per_week) if limit is not None]
    ContactPreference.objects.filter(pk=kept.pk).update(messages_per_week=min(limits) if limits else None)
    ContactPreference.objects.filter(pk=gone.pk).delete()


def _lay_down_ready_made() -> None:
    if not Topic.objects.exists():
        ready = [Topic(**_values(one, changed_by="system")) for one in READY_MADE]
        Topic.objects.bulk_create(ready, ignore_conflicts=True)


def _row(topic: Topic) -> TopicRow:
    return TopicRow(
        code=topic.code,
        name=topic.name,
        name_zh=topic.name_zh,
        words=topic.words,
        words_zh=topic.words_zh,
        sources=tuple(topic.sources),
        category_codes=tuple(topic.category_codes),
        needs_explicit=topic.needs_explicit,
        position=topic.position,
        is_active=topic.is_active,
    )


def _values(topic: TopicRow, *, changed_by: str) -> dict[str, Any]:
    lists = {"sources": list(topic.sources), "category_codes": list(topic.category_codes)}
    return asdict(topic) | lists | {"changed_by": changed_by}
