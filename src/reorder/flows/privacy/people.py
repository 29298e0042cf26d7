"""Everything by which one person is found anywhere."""

from reorder.domain.customers import privacy as customers
from reorder.domain.customers.privacy import erased_key
from reorder.domain.messaging.suppressing import list_addresses_of
from reorder.domain.orders.of_person import list_order_ids
from reorder.domain.storage.personal import Person


def gather_person(*, customer_id: int) -> Person:
    """The person behind a record: it and those merged into it, with every key, address, phone and name they have."""
    known = customers.find_person(customer_id=customer_id)
    points = list_addresses_of(customer_ids=known.ids)
    return Person(
        customer_ids=known.ids,
        keys=known.keys,
        addresses=tuple(sorted({*known.addresses, *(address.lower() for _, address in points)})),
        phones=known.phones,
        names=known.names,
        order_ids=tuple(list_order_ids(customer_ids=known.ids)),
        new_keys={number: erased_key(key=key) for number, key in zip(known.ids, known.keys, strict=True)},
    )
