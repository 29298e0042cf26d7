"""The addresses that a customer may choose again, and what a customer may change about himself."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from reorder.domain.customers.addresses import ADDRESS_FIELDS, ShippingAddress, keep_addresses
from reorder.domain.customers.models import Customer
from reorder.domain.customers.portal_models import SavedAddress

MOST_SAVED = 20


@dataclass(frozen=True, slots=True)
class SavedRow:
    """An address on a customer's list."""

    id: int
    address: ShippingAddress


def list_saved_addresses(*, customer_id: int) -> list[SavedRow]:
    """A customer's addresses, the last used first; those of records that were merged into it too."""
    own = Q(customer_id=customer_id) | Q(customer__merged_into_id=customer_id)
    found = SavedAddress.objects.filter(own).select_related("address").order_by("-used_at", "-pk")[:MOST_SAVED]
    return [
        SavedRow(id=row.pk, address=ShippingAddress(**{name: getattr(row.address, name) for name in ADDRESS_FIELDS}))
        for row in found
    ]


def save_address(*, customer_id: int, address: ShippingAddress, moment: dt.datetime) -> int:
    """Put an address on the list, or to its top; returns the number of the address itself."""
    kept = keep_addresses(addresses=[(customer_id, address)])
    address_id = kept[customer_id, address.content_hash]
    SavedAddress.objects.update_or_create(customer_id=customer_id, address_id=address_id, defaults={"used_at": moment})
    return address_id


def drop_saved_address(*, customer_id: int, saved_id: int) -> bool:
    """Take one's own address off the list; orders keep it. False when it is not there."""
    own = Q(customer_id=customer_id) | Q(customer__merged_into_id=customer_id)
    removed, _ = SavedAddress.objects.filter(own, pk=saved_id).delete()
    return removed > 0


def change_own_facts(*, customer_id: int, name: str, language: str) -> bool:
    """What a customer says about name and language; False for a record that is merged or erased."""
    own = Customer.objects.filter(pk=customer_id, erased_at__isnull=True, merged_into__isnull=True)
    return own.update(name=name, language=language) > 0


def add_customer(*, address: str, language: str) -> int:
    """The customer whom the shop knows by nothing but this e-mail address, made where there is none."""
    made, _ = Customer.objects.get_or_create(key=address, defaults={"language": language})
    return made.merged_into_id or made.pk
