"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_OWN: Final = "t.customer_id = ANY(%(ids)s)"
_BROWSERS: Final = "SELECT {column} FROM behaviour_visitor WHERE customer_id = ANY(%(ids)s)"

TABLES: Final = (
    # Events that were taken in and not told apart yet.
    PersonalTable(
        table="behaviour_inboxevent",
        # `k:` and a key, which may be an address under a channel's prefix; `c:` and a number.
        where="(substr(t.user_key, 3) = ANY(%(keys)s)"
        " OR lower(regexp_replace(substr(t.user_key, 3), '^[^:@]*:', '')) = ANY(%(addresses)s)"
        " OR left(t.user_key, 2) = 'c:' AND substr(t.user_key, 3) = ANY(%(texts_of_ids)s) OR t.anonymous_id IN ("
        + _BROWSERS.format(column="anonymous_id")
        + "))",
        erasure="delete",
        personal=("user_key", "anonymous_id", "search_text", "page_path", "details", "items"),
        hidden=("message_id",),
    ),
    PersonalTable(
        table="behaviour_trackedevent",
        where=f"({_OWN} OR t.customer_id IS NULL AND t.visitor_id IN (" + _BROWSERS.format(column="id") + "))",
        erasure="delete",
        personal=("search_text", "page_path", "details"),
        hidden=("message_id",),
    ),
    PersonalTable(table="behaviour_visitorlink", where=_OWN, erasure="delete"),
    PersonalTable(
        table="behaviour_visitor",
        where=_OWN,
        erasure="empty",
        personal=("anonymous_id",),
        empties={"anonymous_id": "'erased:' || t.id", "customer_id": "NULL"},
        hidden=("anonymous_id",),
        why="events of others who used the same browser point to it",
    ),
)
