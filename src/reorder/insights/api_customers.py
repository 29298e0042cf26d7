"""Customers for the API: one, or a page of them; personal facts leave this room for those who may see customers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.customers.errors import UnknownCustomer
from reorder.domain.customers.queries import find_customer_by_key, find_customers_by_words
from reorder.insights.reading import conditions, read_rows

# A search that fits more people than this is too wide to be read to its end.
MOST_FOUND: Final = 1000
_CUSTOMERS: Final = """
SELECT customer.id, customer.key, customer.name, customer.language, customer.time_zone, customer.country,
       customer.postcode, customer.created_at, customer.erased_at, customer.merged_into_id, value.segment,
       value.frequency, value.recency_days, value.active_share, value.churn_share, value.expected_orders_90,
       value.expected_value_90, value.expected_orders, value.expected_value, value.r_score, value.f_score,
       value.m_score,
       ARRAY(SELECT point.address FROM messaging_contactpoint AS point
             WHERE point.customer_id = customer.id AND point.channel = 'email' ORDER BY point.id) AS email_addresses,
       (SELECT entry.is_granted FROM messaging_consententry AS entry
        WHERE entry.customer_id = customer.id AND entry.channel = 'email' AND entry.purpose = 'marketing'
        ORDER BY entry.declared_at DESC, entry.id DESC LIMIT 1) AS accepts_marketing
FROM customers_customer AS customer LEFT JOIN planning_customervalue AS value ON value.customer_id = customer.id
{where} ORDER BY customer.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerProfile:
    """One person and what the last night thinks of them; empty facts where the shop said nothing."""

    id: int
    key: str
    name: str
    language: str
    time_zone: str
    country: str
    postcode: str
    created_at: dt.datetime
    erased_at: dt.datetime | None
    merged_into_id: int | None
    email_addresses: list[str]
    accepts_marketing: bool | None
    segment: str | None
    frequency: int | None
    recency_days: float | None
    active_share: float | None
    churn_share: float | None
    expected_orders_90: float | None
    expected_value_90: float | None
    expected_orders: float | None
    expected_value: float | None
    r_score: int | None
    f_score: int | None
    m_score: int | None


def list_customers(*, limit: int, after: int | None = None, key: str | None = None) -> list[CustomerProfile]:
    """Customers by id, those after one id when given; merged records are left out, their keys find who was kept."""
    known = find_customer_by_key(key=key) if key is not None else None
    if key is not None and known is None:
        return []
    parameters = {"after": after, "id": known.id if known else None, "limit": limit}
    given = {
        "customer.id > %(after)s": after,
        "customer.id = %(id)s": parameters["id"],
        "customer.merged_into_id IS NULL": True,
    }
    return _read(where=conditions(given=given), parameters=parameters)


def search_customers(*, text: str, limit: int, after: int | None = None) -> list[CustomerProfile]:
    """Customers by id whose name or key has everything that was typed; the first thousand that are found."""
    ids = sorted(find_customers_by_words(text=text, limit=MOST_FOUND))
    return list_customers_by_id(ids=[number for number in ids if after is None or number > after][:limit])


def list_customers_by_id(*, ids: Sequence[int]) -> list[CustomerProfile]:
    """These customers, by id; unknown ones are left out."""
    return _read(where="WHERE customer.id = ANY(%(ids)s)", parameters={"ids": list(ids), "limit": len(ids)})


def get_customer(*, customer_id: int) -> CustomerProfile:
    """One customer; raises UnknownCustomer."""
    found = _read(where="WHERE customer.id = %(id)s", parameters={"id": customer_id, "limit": 1})
    if not found:
        raise UnknownCustomer(customer_id=customer_id)
    return found[0]


def _read(*, where: str, parameters: dict[str, Any]) -> list[CustomerProfile]:
    rows = read_rows(statement=_CUSTOMERS.format(where=where), parameters=parameters)
    return [CustomerProfile(**row) for row in rows]
