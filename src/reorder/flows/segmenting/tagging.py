"""Tags and attributes by hand and by program; segments that ask for them follow within seconds."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.domain.customers import profile
from reorder.domain.customers.operations import lock_customer
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.segmenting.counting import mark_customers
from reorder.flows.segmenting.lists import find_people


@dataclass(frozen=True, slots=True)
class Tagged:
    """How many customers wear other tags now, and which keys named nobody."""

    count: int
    unknown: tuple[str, ...]


def tag_people(
    *, keys: Sequence[str], add: Sequence[str], remove: Sequence[str], decided_by: str, moment: dt.datetime
) -> Tagged:
    """Give customers tags and take tags from them, by the shop's id or e-mail address. Raises BadTag, TooManyPeople."""
    with one_transaction():
        found = find_people(keys=keys)
        ids = sorted(set(found.values()))
        gone = profile.remove_tags(customer_ids=ids, tags=remove)
        come = profile.add_tags(customer_ids=ids, tags=add, decided_by=decided_by, moment=moment)
        touched = sorted({*gone, *come})
        mark_customers(customer_ids=touched)
        _audit(decided_by=decided_by, key="", count=len(touched))
    return Tagged(count=len(touched), unknown=tuple(key for key in keys if key not in found))


def set_profile(
    *,
    customer_id: int,
    tags: Sequence[str] | None,
    attributes: Mapping[str, str],
    decided_by: str,
    moment: dt.datetime,
) -> bool:
    """Have a customer wear these tags (None: as before) and set attributes; True when that changed anything.

    Raises UnknownCustomer, CustomerErased, CustomerMerged, BadTag, BadAttribute.
    """
    with one_transaction():
        lock_customer(customer_id=customer_id)
        is_changed = False
        if tags is not None:
            is_changed = profile.set_tags(customer_id=customer_id, tags=tags, decided_by=decided_by, moment=moment)
        if attributes:
            is_changed |= profile.set_attributes(
                customer_id=customer_id, values=attributes, decided_by=decided_by, moment=moment
            )
        if is_changed:
            mark_customers(customer_ids=[customer_id])
            _audit(decided_by=decided_by, key=str(customer_id), count=1)
    return is_changed


def _audit(*, decided_by: str, key: str, count: int) -> None:
    record_audit(
        actor=decided_by, action="customers.tag", subject_kind="customer", subject_key=key, details={"count": count}
    )
