"""Requests made up from the published description, good ones and bad ones: no 5xx, and no answer it does not describe.

A few examples for each operation by default; many with `REORDER_TEST_FULL=1`.
"""

import datetime as dt
import os
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from reorder.domain.customers.models import Customer
from reorder.domain.inventory.operations import record_moves
from reorder.domain.planning import operations as planning
from reorder.kernel import clock
from tests.factories.api import call_as, make_secret
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.surface.api.test_orders import an_order
from tests.surface.api.test_plans import predict

EXAMPLES = 100 if os.environ.get("REORDER_TEST_FULL") else 6
MONDAY = dt.date(2026, 11, 23)
NIGHT_AT = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)
_keys = count(1)
load_all_checks()
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def secret(_no_jobs_left: None) -> str:
    """A small shop with one of everything, and a token for all of it that is never throttled."""
    make_place()
    teas = [make_product(), make_product(sku="MATCHA-30")]
    record_moves(moves=[opening(product_id=tea.pk, units=50, lot="L1") for tea in teas])
    make_supplier()
    make_offer()
    make_offer(sku="MATCHA-30")
    shop = call_as()
    shop.post("/proposals/approve", {"ids": propose(("OOLONG-150", 24))})
    propose(("MATCHA-30", 6))
    shop.post("/orders", an_order())
    ours = [_of_today(number=number, payment=payment) for number, payment in enumerate(("paid", "unpaid", "paid"))]
    placed = [shop.post("/orders", one).body["order"] for one in ours]
    shop.post(f"/orders/{placed[2]['id']}/release", {})
    shop.post(f"/orders/{placed[0]['id']}/refunds", {"amount": 1})
    shop.post("/carts/cart-1/holds", {"lines": [{"sku": "OOLONG-150", "units": 1}]})
    predict(customer=Customer.objects.get(), subject="OOLONG-150", remind=MONDAY)
    run = planning.open_run(kind="night", as_of_date=MONDAY, moment=NIGHT_AT)
    planning.start_step(run_id=run.id, name="import_files", ordinal=0, moment=NIGHT_AT)
    planning.close_run(run_id=run.id, moment=NIGHT_AT)
    return make_secret(requests_per_minute=1_000_000)


def _of_today(*, number: int, payment: str) -> dict[str, Any]:
    return {
        "external_id": f"ours-{number}",
        "ordered_at": clock.current_moment().isoformat(),
        "currency": "TWD",
        "customer": {"key": "mei"},
        "lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": 450}],
        "payment": payment,
    }


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_described(case: Any, secret: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=_excluded(case))


def _excluded(case: Any) -> list[Any]:
    """A request may fit the description and name goods that do not exist: that is 422 or 404, and right.

    Any bytes are a file until somebody reads it, so nothing sent to /imports is against its description.
    """
    names = ["positive_data_acceptance"]
    if case.operation.path.endswith("/imports"):
        names.append("negative_data_rejection")
    if _is_sent_as_described(case):
        names.append("negative_data_rejection")
    return [CHECKS.get_one(name) for name in names]


def _is_sent_as_described(case: Any) -> bool:
    """Whether what was made wrong never leaves: the token is always sent, and an empty list is no part of an address."""
    known = {parameter.name for parameter in case.operation.query}
    unknown = {name: value for name, value in (case.query or {}).items() if name not in known}
    return bool(unknown) and all(value in ([], {}, None) for value in unknown.values())
