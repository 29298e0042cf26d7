"""What this room concluded about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_OWN: Final = "t.customer_id = ANY(%(ids)s)"

TABLES: Final = (
    PersonalTable(table="planning_duedate", where=_OWN, erasure="delete", personal=("due_date",), hidden=("run_id",)),
    PersonalTable(table="planning_nextdue", where=_OWN, erasure="delete", personal=("due_date",), hidden=("run_id",)),
    PersonalTable(table="planning_customervalue", where=_OWN, erasure="delete", personal=("segment",)),
    PersonalTable(table="planning_segmentmove", where=_OWN, erasure="delete", personal=("from_segment", "to_segment")),
    PersonalTable(table="planning_recommendation", where=_OWN, erasure="delete", personal=("items",)),
    PersonalTable(
        table="planning_customerstatistic",
        where=_OWN,
        erasure="keep",
        why="counted from orders that stay, without a name; demand is forecast from it",
    ),
    PersonalTable(
        table="planning_pairstatistic",
        where=_OWN,
        erasure="keep",
        why="counted from orders that stay, without a name; demand is forecast from it",
    ),
)
