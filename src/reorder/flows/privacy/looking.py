"""What staff see of a person before they hand the data out or erase it; reads only."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.customers.privacy import RequestRow, list_requests_of
from reorder.domain.customers.queries import find_kept_ids, get_customer
from reorder.domain.messaging.of_customer import list_customers_with_addresses
from reorder.domain.orders.of_person import list_unfinished_numbers
from reorder.domain.payments.credit import list_balances
from reorder.domain.storage.personal import count_rows
from reorder.flows.privacy.people import gather_person
from reorder.flows.privacy.register import PERSONAL_TABLES
from reorder.insights.api_customers import CustomerProfile, list_customers_by_id, search_customers


@dataclass(frozen=True, slots=True)
class HeldTable:
    """One table with rows about the person: how many, and what erasing does: delete, empty or keep, and why."""

    table: str
    rows_count: int
    erasure: str
    why: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person; `name` empty once erased. `unfinished` are orders that must end before the person can be erased."""

    customer_id: int
    name: str
    key: str
    records_count: int
    tables: Sequence[HeldTable]
    unfinished: Sequence[str]
    balances: Sequence[tuple[str, int]]
    requests: Sequence[RequestRow]
    erased_at: dt.datetime | None


def look_at_person(*, customer_id: int, moment: dt.datetime) -> PersonPage:
    """One person with all records; raises UnknownCustomer."""
    facts = get_customer(customer_id=customer_id)
    if facts.merged_into_id is not None:
        facts = get_customer(customer_id=facts.merged_into_id)
    kept_id = facts.id
    person = gather_person(customer_id=kept_id)
    counts = count_rows(tables=PERSONAL_TABLES, person=person)
    return PersonPage(
        customer_id=kept_id,
        name=facts.name,
        key=facts.key if facts.erased_at is None else "",
        records_count=len(person.customer_ids),
        tables=[
            HeldTable(table=one.table, rows_count=counts[one.table], erasure=one.erasure, why=one.why)
            for one in reversed(PERSONAL_TABLES)
            if one.table in counts
        ],
        unfinished=list_unfinished_numbers(order_ids=person.order_ids, moment=moment),
        balances=[(currency, minor) for currency, minor in list_balances(customer_id=kept_id) if minor],
        requests=list_requests_of(customer_id=kept_id),
        erased_at=facts.erased_at,
    )


def find_people(*, text: str, limit: int) -> list[CustomerProfile]:
    """People by name, key or the whole e-mail address; erased ones never."""
    found = {row.id: row for row in search_customers(text=text, limit=limit, after=None)}
    if "@" in text:
        kept = find_kept_ids(ids=list_customers_with_addresses(addresses=[text]))
        found |= {row.id: row for row in list_customers_by_id(ids=sorted(set(kept.values())))}
    return [row for _, row in sorted(found.items())][:limit]
