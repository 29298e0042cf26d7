"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_OWN: Final = "t.customer_id = ANY(%(ids)s)"

TABLES: Final = (
    PersonalTable(
        table="marketing_fact", where=_OWN, erasure="delete", personal=("subject", "details"), hidden=("key",)
    ),
)
