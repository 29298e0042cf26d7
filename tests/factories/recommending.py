"""Ranked lists and companions as the nights leave them."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from reorder.domain.catalog.models import Product
from reorder.domain.customers.models import Customer
from reorder.domain.planning import recommendations
from reorder.domain.staff.rules import ROLE_ABILITIES, Actor, Role
from tests.factories.catalog import make_product

TODAY = dt.date(2026, 11, 22)
_PARAMETERS = {
    "recommend.own": '{"baskets_count":2,"visits_count":5,"last_bought":"2026-11-01"}',
    "recommend.rhythm": '{"baskets_count":6,"gap_days":24,"last_bought":"2026-10-26"}',
    "recommend.with": '{"with_sku":"OOLONG-150"}',
    "recommend.popular": '{"customers_count":12}',
}


def owner() -> Actor:
    return Actor(name="owner", abilities=ROLE_ABILITIES[Role.OWNER])


def nobody() -> Actor:
    return Actor(name="nobody", abilities=frozenset())


def recommended(*, skus: Sequence[str], codes: Sequence[str] = (), key: str = "mei", name: str = "Mei") -> Customer:
    """A customer with a list of these products, made where they are missing; reasons default to habit."""
    customer = Customer.objects.create(key=key, name=name)
    _make(skus)
    given = [*codes, *["recommend.rhythm"] * (len(skus) - len(codes))]
    ranked = pl.DataFrame(
        {
            "customer_id": [str(customer.pk)] * len(skus),
            "rank": list(range(1, len(skus) + 1)),
            "sku": list(skus),
            "score": [1 / place for place in range(1, len(skus) + 1)],
            "reason_code": given,
            "reason_parameters": [_PARAMETERS[code] for code in given],
        }
    )
    recommendations.save_recommendations(
        as_of=TODAY, model_id=1, method="learned", customer_ids=[customer.pk], ranked=ranked
    )
    return customer


def companions(*, sku: str, others: Sequence[str]) -> None:
    """Products that go with one, the first one most."""
    _make([sku, *others])
    rows = pl.DataFrame(
        {
            "sku": [sku] * len(others),
            "rank": list(range(1, len(others) + 1)),
            "other_sku": list(others),
            "lift": [4.0 / place for place in range(1, len(others) + 1)],
            "orders_together": [20 - place for place in range(1, len(others) + 1)],
        }
    )
    recommendations.replace_companions(as_of=TODAY, companions=rows)


def _make(skus: Sequence[str]) -> None:
    for one in skus:
        if not Product.objects.filter(sku=one).exists():
            make_product(sku=one)
