"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_OWN: Final = "t.customer_id = ANY(%(ids)s)"
_ENROLMENTS: Final = "SELECT id FROM marketing_enrolment WHERE customer_id = ANY(%(ids)s)"
_MEASURED: Final = "counted in what marketing earned; without the person it names nobody"

TABLES: Final = (
    PersonalTable(
        table="marketing_fact", where=_OWN, erasure="delete", personal=("subject", "details"), hidden=("key",)
    ),
    PersonalTable(
        table="marketing_waitingmessage",
        where=_OWN,
        erasure="delete",
        personal=("wanted", "reason_parameters"),
        hidden=("key",),
    ),
    PersonalTable(
        table="marketing_journeytask", where=_OWN, erasure="delete", personal=("text",), hidden=("key", "enrolment_id")
    ),
    PersonalTable(
        table="marketing_enrolmentevent",
        where=f"t.enrolment_id IN ({_ENROLMENTS})",
        erasure="delete",
        personal=("details",),
    ),
    PersonalTable(table="marketing_enrolment", where=_OWN, erasure="delete", personal=("entry_key", "context")),
    PersonalTable(table="marketing_handedcycle", where=_OWN, erasure="delete", hidden=("cycle_key", "message_key")),
    PersonalTable(table="marketing_segmentmember", where=_OWN, erasure="delete"),
    PersonalTable(table="marketing_segmentstay", where=_OWN, erasure="delete"),
    PersonalTable(
        table="marketing_listrejection",
        where="""(t.value = ANY(%(keys)s) OR lower(t.value) = ANY(%(addresses)s))""",
        erasure="delete",
        personal=("value",),
        is_shown=False,
    ),
    PersonalTable(table="marketing_exposure", where=_OWN, erasure="keep", hidden=("message_key",), why=_MEASURED),
)
