"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_OF_ORDERS: Final = "t.order_id = ANY(%(orders)s)"
_LAW: Final = "the law asks for books; amounts, goods and days stay, nobody's name"
# What people typed, and what the address said.
_TYPED: Final = "ARRAY['note', 'reason', 'findings', 'address', 'ship_to', 'name', 'phone', 'email', 'buyer']"

TABLES: Final = (
    PersonalTable(
        table="orders_orderevent",
        where=_OF_ORDERS,
        erasure="empty",
        personal=("reason", "details"),
        empties={
            # A code stays; what a person wrote goes.
            "reason": "CASE WHEN t.reason ~ '^[a-z_.]*$' THEN t.reason ELSE '' END",
            "details": f"t.details - {_TYPED}",
        },
        why=_LAW,
    ),
    PersonalTable(
        table="orders_orderstep",
        where=_OF_ORDERS,
        erasure="empty",
        personal=("details", "fault"),
        empties={"details": f"t.details - {_TYPED}", "fault": "''"},
        hidden=("idempotency_key",),
        why=_LAW,
    ),
    PersonalTable(
        table="orders_coupon",
        where="t.customer_id = ANY(%(ids)s)",
        erasure="empty",
        personal=("message_key",),
        empties={"message_key": "NULL"},
        why="discounts that orders got are booked by it",
    ),
    PersonalTable(table="orders_orderline", where=_OF_ORDERS, erasure="keep", why=_LAW),
    PersonalTable(
        table="orders_order",
        where="t.id = ANY(%(orders)s)",
        erasure="empty",
        personal=("ship_postcode",),
        empties={"ship_postcode": "''"},
        hidden=("content_hash",),
        why=_LAW,
    ),
)
