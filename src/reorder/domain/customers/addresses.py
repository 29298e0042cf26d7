"""Where people want their parcels; an address is never changed, so that an order keeps where it went."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.customers.models import Address
from reorder.domain.storage import fetch_prepared

# The update that changes nothing makes the row come back, also when somebody else has just written it.
_KEEP = """
INSERT INTO customers_address AS known (customer_id, content_hash, name, phone, company, country, postcode, region,
                                        city, line1, line2, store_code, note)
SELECT DISTINCT ON (customer_id, content_hash) *
FROM unnest(%(customer_id)s::bigint[], %(content_hash)s::text[], %(name)s::text[], %(phone)s::text[],
            %(company)s::text[], %(country)s::text[], %(postcode)s::text[], %(region)s::text[], %(city)s::text[],
            %(line1)s::text[], %(line2)s::text[], %(store_code)s::text[], %(note)s::text[])
     AS given (customer_id, content_hash)
ORDER BY customer_id, content_hash
ON CONFLICT (customer_id, content_hash) DO UPDATE SET content_hash = excluded.content_hash
RETURNING customer_id, content_hash, id
"""
ADDRESS_FIELDS = (
    "name",
    "phone",
    "company",
    "country",
    "postcode",
    "region",
    "city",
    "line1",
    "line2",
    "store_code",
    "note",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingAddress:
    """Who receives a parcel and where; `region`: state or 縣市, `city`: city or 鄉鎮市區, `note`: for who delivers."""

    name: str
    phone: str = ""
    company: str = ""
    country: str
    postcode: str = ""
    region: str = ""
    city: str = ""
    line1: str = ""
    line2: str = ""
    store_code: str = ""
    note: str = ""

    @property
    def content_hash(self) -> str:
        """Equal for equal addresses."""
        return hashlib.sha256("\x1f".join([getattr(self, name) for name in ADDRESS_FIELDS]).encode()).hexdigest()


def keep_addresses(*, addresses: Sequence[tuple[int, ShippingAddress]]) -> dict[tuple[int, str], int]:
    """The ids of addresses of customers, by customer id and content hash, written where they are new."""
    if not addresses:
        return {}
    columns: dict[str, list[object]] = {
        "customer_id": [customer_id for customer_id, _ in addresses],
        "content_hash": [address.content_hash for _, address in addresses],
    }
    columns |= {name: [getattr(address, name) for _, address in addresses] for name in ADDRESS_FIELDS}
    rows = fetch_prepared(statement=_KEEP, parameters=columns)
    return {(customer_id, content_hash): address_id for customer_id, content_hash, address_id in rows}


def find_address(*, address_id: int) -> ShippingAddress | None:
    """One address by its number."""
    row = Address.objects.filter(pk=address_id).values(*ADDRESS_FIELDS).first()
    return ShippingAddress(**row) if row else None
