"""Customers: listed, searched, shown, merged."""

import datetime as dt
from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, Given, Id, IdempotencyKey, Key, Limit
from reorder.api.paging import as_number, cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.flows import customer_care
from reorder.insights import api_customers
from reorder.insights.api_customers import CustomerProfile
from reorder.kernel import clock

router = Router(tags=["customers"])
_LIST = "customers"

Search = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class CustomerValue(Schema):
    """What the last night thinks of a customer; amounts in whole units of the shop's currency."""

    segment: str
    orders_count: int
    recency_days: float
    active_share: float = Field(description="Probability that this customer still buys here.")
    churn_share: float = Field(description="Probability that this customer has left for good.")
    expected_orders_90: float = Field(description="Expected orders within 90 days.")
    expected_value_90: float = Field(description="Expected spending within 90 days.")
    expected_orders: float = Field(description="Expected orders within 365 days.")
    expected_value: float = Field(description="Expected spending within 365 days.")
    r_score: int = Field(description="Rank by recency as a score from 1, the worst.")
    f_score: int = Field(description="Rank by frequency as a score from 1, the worst.")
    m_score: int = Field(description="Rank by money spent as a score from 1, the worst.")


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
    merged_into: int | None = Field(description="The customer who was kept when this record was merged; else null.")
    created_at: dt.datetime
    value: CustomerValue | None = Field(description="null until a night has run.")


class MergeBody(Given):
    """Which record is the same person."""

    absorb: Id = Field(description="Its orders, addresses, notes and events move; its key goes on standing for both.")


class Merged(Schema):
    """Who was kept, and what moved to them."""

    customer: Customer
    orders: int
    events: int
    notes: int
    messages: int
    withdrawn_messages: int = Field(description="Waiting reminders of the absorbed record that will not go out.")
    refusals: int = Field(description="Refusals of marketing added because either record held one.")


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


@writes(
    router,
    "/customers/{int:customer_id}/merge",
    ability=Ability.MERGE_CUSTOMERS,
    answers={200: Merged},
    summary="Merge another record of the same person into this one; cannot be undone",
)
def merge_customers(request: ApiRequest, idempotency_key: IdempotencyKey, customer_id: Id, body: MergeBody) -> Written:
    done = customer_care.merge_customers(
        keep_id=customer_id, absorb_id=body.absorb, decided_by=request.auth.name, moment=clock.current_moment()
    )
    kept = api_customers.get_customer(customer_id=customer_id)
    return Written(
        status=200,
        body=Merged(
            customer=_customer(kept),
            orders=done.orders_count,
            events=done.events_count,
            notes=done.notes_count,
            messages=done.messages_count,
            withdrawn_messages=done.stopped_count,
            refusals=done.refusals_count,
        ),
    )


def _customer(row: CustomerProfile) -> Customer:
    value = None
    if row.segment is not None:
        value = CustomerValue(
            segment=row.segment,
            orders_count=row.frequency or 0,
            recency_days=as_number(row.recency_days or 0),
            active_share=as_number(row.active_share or 0),
            churn_share=as_number(row.churn_share or 0),
            expected_orders_90=as_number(row.expected_orders_90 or 0),
            expected_value_90=as_number(row.expected_value_90 or 0),
            expected_orders=as_number(row.expected_orders or 0),
            expected_value=as_number(row.expected_value or 0),
            r_score=row.r_score or 0,
            f_score=row.f_score or 0,
            m_score=row.m_score or 0,
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
        merged_into=row.merged_into_id,
        created_at=row.created_at,
        value=value,
    )
