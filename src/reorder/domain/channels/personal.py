"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_NAMED: Final = "(t.customer_key = ANY(%(keys)s) OR lower(t.email) = ANY(%(addresses)s))"
_MENTIONED: Final = "EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word WHERE strpos({text}, word) > 0)"

_WEBHOOKS: Final = f"""(t.subject_kind = 'order' AND t.subject_key = ANY(%(texts_of_orders)s)
    OR t.subject_kind = 'customer' AND t.subject_key = ANY(%(texts_of_ids)s::text[] || %(keys)s::text[])
    OR {_MENTIONED.format(text="t.body")})"""
_WEBHOOK_IDS: Final = f"SELECT t.id FROM channels_webhookmessage AS t WHERE {_WEBHOOKS}"  # noqa: S608 - ours

TABLES: Final = (
    PersonalTable(
        table="channels_stagedorders",
        where=_NAMED,
        erasure="delete",
        personal=("customer_key", "customer_name", "email", "language", "country", "postcode"),
        is_shown=False,
    ),
    PersonalTable(
        table="channels_stagedevents",
        where=_NAMED,
        erasure="delete",
        personal=("customer_key", "email", "search_text"),
        is_shown=False,
    ),
    PersonalTable(
        table="channels_stagedrefusal",
        where=_MENTIONED.format(text="coalesce(t.value, '') || ' ' || t.detail"),
        erasure="empty",
        personal=("value", "detail"),
        empties={"value": "''", "detail": "''"},
        why="says which rows of a file were refused",
        is_shown=False,
    ),
    # A receiver may answer with what it was sent.
    PersonalTable(
        table="channels_webhookdelivery",
        where=f"t.message_id IN ({_WEBHOOK_IDS})",
        erasure="empty",
        personal=("excerpt", "attempts"),
        empties={"excerpt": "''", "attempts": "'[]'"},
        why="says which webhooks went; what they said goes",
        is_shown=False,
    ),
    PersonalTable(
        table="channels_webhookmessage",
        where=_WEBHOOKS,
        erasure="empty",
        personal=("body",),
        empties={"body": "'{}'"},
        why="says which webhooks went; what they said goes",
        is_shown=False,
    ),
)
