"""Reads of customers."""

from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.customers.models import Customer


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One person as others need to know them; `key` is the shop's own id, or the e-mail address."""

    id: int
    key: str
    name: str
    language: str
    time_zone: str


def list_customer_names(*, ids: Sequence[int]) -> dict[int, CustomerRow]:
    """Customers by id; ids that do not exist are left out."""
    rows = Customer.objects.filter(pk__in=list(ids)).only("pk", "key", "name", "language", "time_zone")
    return {
        row.pk: CustomerRow(id=row.pk, key=row.key, name=row.name, language=row.language, time_zone=row.time_zone)
        for row in rows.iterator(chunk_size=10_000)
    }


def find_customer_by_key(*, key: str) -> CustomerRow | None:
    """One customer by the shop's own id or e-mail address, None when unknown."""
    row = Customer.objects.filter(key=key).first()
    if row is None:
        return None
    return CustomerRow(id=row.pk, key=row.key, name=row.name, language=row.language, time_zone=row.time_zone)
