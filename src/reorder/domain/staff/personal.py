"""What this room holds about a customer, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

TABLES: Final = (
    PersonalTable(
        table="staff_auditentry",
        where="""(t.actor = ANY(%(actors)s)
            OR t.subject_kind = 'customer' AND t.subject_key = ANY(%(texts_of_ids)s::text[] || %(keys)s::text[])
            OR t.subject_kind = 'order' AND t.subject_key = ANY(%(texts_of_orders)s))""",
        erasure="empty",
        personal=("address", "subject_key", "details"),
        empties={
            # The network address is the person's only where the person acted.
            "address": "CASE WHEN t.actor = ANY(%(actors)s) OR t.actor = 'customer' THEN '' ELSE t.address END",
            "subject_key": "CASE WHEN t.subject_key = ANY(%(keys)s) THEN 'erased' ELSE t.subject_key END",
            "details": "t.details - ARRAY['reason', 'note', 'key', 'address', 'name']",
        },
        hidden=("request_id",),
        why="who of the staff did what stays provable",
    ),
    PersonalTable(
        table="staff_storedanswer",
        where="""EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word
            WHERE position(convert_to(word, 'UTF8') IN t.body) > 0)""",
        erasure="empty",
        personal=("body",),
        empties={"body": "convert_to('{}', 'UTF8')"},
        why="an answer that a system repeats within a week must not be made anew",
        is_shown=False,
    ),
)
