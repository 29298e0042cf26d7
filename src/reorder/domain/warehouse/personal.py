"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_RETURNS: Final = "SELECT id FROM warehouse_return WHERE order_id = ANY(%(orders)s)"

TABLES: Final = (
    PersonalTable(
        table="warehouse_returnphoto",
        where=f"t.of_return_id IN ({_RETURNS})",
        erasure="delete",
        personal=("content",),
        hidden=("content",),
    ),
    PersonalTable(
        table="warehouse_return",
        where="t.order_id = ANY(%(orders)s)",
        erasure="empty",
        personal=("note", "word", "tracking_number"),
        empties={"note": "''", "word": "''", "tracking_number": "''"},
        why="goods that came back, and money that went, are booked by it",
    ),
)
