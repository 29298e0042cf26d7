"""Customers: listed, searched, shown."""

import datetime as dt
from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, reads
from reorder.api.fields import Cursor, Id, Key, Limit
from reorder.api.paging import as_number, cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.insights import api_customers
from reorder.insights.api_customers import CustomerProfile

router = Router(tags=["customers"])
_LIST = "customers"

Search = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class CustomerValue(Schema):
    """What the last night thinks of a customer; amounts in whole units of the shop's currency."""

    segment: str
    orders_count: int
    recency_days: float
    active_share: float = Field(description="Probability that this customer still buys here.")
    expected_orders: float
    expected_value: float


class Customer(Schema):
    """One customer; facts are empty where the shop said nothing, or after erasure."""

    id: int
    key: str
    name: str
    email_addresses: list[str]
    accepts_marketing: bool | None = Field(description="The latest declaration; null: none was ever made.")
    language: str
    time_zone: str
    country: str
    postcode: str
    is_erased: bool
    created_at: dt.datetime
    value: CustomerValue | None = Field(description="null until a night has run.")


class CustomerPage(Schema):
    """A page of customers by id."""

    items: list[Customer]
    next_cursor: str | None


class CustomerFilter(Schema):
    """What to list."""

    key: Key | None = Field(default=None, description="Exactly this key, as `customer.key` of an order shows it.")
    search: Search | None = Field(
        default=None,
        description="Words of a name or key; one or two Chinese characters are enough. Finds 1,000 at most.",
    )


@reads(
    router, "/customers", ability=Ability.VIEW_CUSTOMERS, answer=CustomerPage, summary="List or search customers by id"
)
def list_customers(
    request: ApiRequest, wanted: Query[CustomerFilter], limit: Limit = 50, cursor: Cursor = None
) -> CustomerPage:
    values = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    after = values[0] if values else None
    if wanted.search is not None:
        rows = api_customers.search_customers(text=wanted.search, limit=limit + 1, after=after)
    else:
        rows = api_customers.list_customers(limit=limit + 1, after=after, key=wanted.key)
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return CustomerPage(items=[_customer(row) for row in shown], next_cursor=following)


@reads(
    router,
    "/customers/{int:customer_id}",
    ability=Ability.VIEW_CUSTOMERS,
    answer=Customer,
    summary="Show one customer",
)
def get_customer(request: ApiRequest, customer_id: Id) -> Customer:
    return _customer(api_customers.get_customer(customer_id=customer_id))


def _customer(row: CustomerProfile) -> Customer:
    value = None
    if row.segment is not None:
        value = CustomerValue(
            segment=row.segment,
            orders_count=row.frequency or 0,
            recency_days=as_number(row.recency_days or 0),
            active_share=as_number(row.active_share or 0),
            expected_orders=as_number(row.expected_orders or 0),
            expected_value=as_number(row.expected_value or 0),
        )
    return Customer(
        id=row.id,
        key=row.key,
        name=row.name,
        email_addresses=row.email_addresses,
        accepts_marketing=row.accepts_marketing,
        language=row.language,
        time_zone=row.time_zone,
        country=row.country,
        postcode=row.postcode,
        is_erased=row.erased_at is not None,
        created_at=row.created_at,
        value=value,
    )
