"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_OWN: Final = "t.customer_id = ANY(%(ids)s)"
_SESSIONS: Final = "SELECT id FROM customers_portalsession WHERE customer_id = ANY(%(ids)s)"
# What orders point to stays as a row without a word of anybody.
_ORDERS_POINT: Final = "orders and parcels point to it"

TABLES: Final = (
    PersonalTable(table="customers_note", where=_OWN, erasure="delete", personal=("text",), hidden=("customer_id",)),
    PersonalTable(table="customers_customertag", where=_OWN, erasure="delete", personal=("tag",)),
    PersonalTable(table="customers_customerattribute", where=_OWN, erasure="delete", personal=("name", "value")),
    PersonalTable(table="customers_savedaddress", where=_OWN, erasure="delete"),
    PersonalTable(
        table="customers_cart",
        where=f"({_OWN} OR t.session_id IN ({_SESSIONS}))",
        erasure="delete",
        personal=("lines", "coupon_codes"),
        hidden=("session_id",),
    ),
    PersonalTable(
        table="customers_portallink",
        where=f"({_OWN} OR lower(t.address) = ANY(%(addresses)s))",
        erasure="delete",
        personal=("address",),
        hidden=("secret_hash",),
    ),
    PersonalTable(
        table="customers_portalsession", where=_OWN, erasure="delete", hidden=("secret_hash", "previous_hash")
    ),
    PersonalTable(
        table="customers_returnrequest",
        where=_OWN,
        erasure="empty",
        personal=("note", "photo"),
        empties={"note": "''", "photo": "NULL", "photo_type": "''"},
        hidden=("photo",),
        why="the order's history points to it",
    ),
    PersonalTable(
        table="customers_address",
        where=_OWN,
        erasure="empty",
        personal=(
            "name", "phone", "company", "postcode", "region", "city", "line1", "line2", "store_code", "note",
            "content_hash",
        ),
        empties={
            **dict.fromkeys(
                ("name", "phone", "company", "postcode", "region", "city", "line1", "line2", "store_code", "note"), "''"
            ),
            # Each row keeps a key of its own, made of nothing but its number.
            "content_hash": "'erased:' || t.id",
        },
        hidden=("content_hash",),
        why=_ORDERS_POINT,
    ),
    PersonalTable(
        table="customers_privacyrequest",
        where=_OWN,
        erasure="keep",
        personal=("how_known", "answer"),
        why="shows that the person's right was served; holds no name and no address",
    ),
    PersonalTable(
        table="customers_customer",
        where="t.id = ANY(%(ids)s)",
        erasure="empty",
        personal=("key", "name", "language", "time_zone", "country", "postcode", "birthday"),
        empties={
            "key": "coalesce((SELECT given.key FROM unnest(%(new_ids)s::bigint[], %(new_keys)s::text[])"
            " AS given (id, key) WHERE given.id = t.id), 'erased:' || t.id)",
            **dict.fromkeys(("name", "language", "time_zone", "country", "postcode"), "''"),
            "birthday": "NULL",
        },
        why="orders point to it",
    ),
)  # fmt: skip
