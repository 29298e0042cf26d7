"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

TABLES: Final = (
    PersonalTable(
        table="behaviour_trackedevent",
        where="t.customer_id = ANY(%(ids)s)",
        erasure="delete",
        personal=("search_text",),
        hidden=("message_id",),
    ),
)
