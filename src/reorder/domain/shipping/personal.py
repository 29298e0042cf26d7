"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_PARCELS: Final = "SELECT id FROM shipping_parcel WHERE order_id = ANY(%(orders)s)"
_COSTS: Final = "what shipping cost and how long it took is counted"

TABLES: Final = (
    PersonalTable(
        table="shipping_straycallback",
        where="""(t.tracking_number <> '' AND t.tracking_number IN (
                SELECT tracking_number FROM shipping_parcel WHERE order_id = ANY(%(orders)s))
            OR EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word
                       WHERE strpos(t.said::text || ' ' || t.detail, word) > 0))""",
        erasure="delete",
        personal=("said", "detail", "tracking_number"),
        hidden=("key",),
    ),
    PersonalTable(
        table="shipping_trackingevent",
        where=f"t.parcel_id IN ({_PARCELS})",
        erasure="empty",
        personal=("carrier_words", "place_text"),
        empties={"carrier_words": "''", "place_text": "''"},
        hidden=("key",),
        why=_COSTS,
    ),
    PersonalTable(
        table="shipping_label",
        where=f"t.parcel_id IN ({_PARCELS})",
        erasure="empty",
        personal=("pdf", "zpl", "details", "fault", "tracking_number", "carrier_reference"),
        empties={
            "pdf": "NULL",
            "zpl": "''",
            "details": "'{}'",
            "fault": "NULL",
            "tracking_number": "''",
            "carrier_reference": "''",
        },
        hidden=("pdf", "zpl", "idempotency_key", "details"),
        why=_COSTS,
    ),
    PersonalTable(
        table="shipping_publiclink", where="t.order_id = ANY(%(orders)s)", erasure="delete", hidden=("token",)
    ),
    PersonalTable(
        table="shipping_parcel",
        where="t.order_id = ANY(%(orders)s)",
        erasure="empty",
        personal=("tracking_number",),
        empties={"tracking_number": "''"},
        hidden=("placements", "shipment_key"),
        why=_COSTS,
    ),
)
