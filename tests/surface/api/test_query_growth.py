"""A list asks the database the same number of questions whether it shows two rows or thirty."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reorder.domain.channels.models import UploadedFile
from reorder.domain.customers.models import Customer
from reorder.domain.planning.models import DemandPlanDay, Run
from reorder.domain.purchasing.models import PurchaseOrder
from tests.factories.api import Caller, call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.surface.api.test_orders import an_order
from tests.surface.api.test_plans import MONDAY, predict

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)
ROWS = 30


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Caller:
    """Thirty of everything."""
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:30:00+00:00")
    caller = call_as()
    make_place()
    make_supplier()
    skus = [f"TEA-{number:02}" for number in range(ROWS)]
    for sku in skus:
        make_product(sku=sku)
        make_offer(sku=sku)
    lines = [{"sku": sku, "place": "KEELUNG", "units": 5, "lot": "L1"} for sku in skus]
    caller.post("/stock/counts", {"lines": lines})
    orders = [
        an_order(external_id=sku, customer={"key": sku, "email": f"{sku}@x.example", "accepts_marketing": True},
                 lines=[{"sku": sku, "units": 1}, {"sku": "TEA-00", "units": 2}])
        for sku in skus
    ]  # fmt: skip
    caller.post("/orders/batch", {"orders": orders})
    for customer in Customer.objects.all():
        predict(customer=customer, subject=customer.key.removeprefix("api:"), remind=MONDAY)
    run = Run.objects.get()
    Run.objects.bulk_create(Run(kind="night", as_of_date=MONDAY, started_at=MOMENT, state="failed") for _ in skus)
    DemandPlanDay.objects.bulk_create(
        DemandPlanDay(
            run=run, subject=sku, place_code="KEELUNG", date=MONDAY, baseline_units=1, known_customers_units=1,
            committed_units=0, adjustment_units=0, mean_units=1, p50_units=1, p90_units=2, p95_units=2, p99_units=3,
        )
        for sku in skus
    )  # fmt: skip
    for sku in skus:
        caller.post("/proposals/approve", {"ids": propose((sku, 6))})
    propose(*((sku, 7) for sku in skus))
    UploadedFile.objects.bulk_create(
        UploadedFile(name=f"{sku}.csv", folder=sku, bytes=1, sha256="x", type="csv", uploaded_at=MOMENT) for sku in skus
    )
    assert PurchaseOrder.objects.count() == ROWS
    return caller


def questions(ask: Callable[[], int]) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


@pytest.mark.parametrize(
    "path",
    [
        "/orders",
        "/products",
        "/stock",
        "/customers",
        "/due",
        "/demand",
        "/proposals",
        "/purchase-orders",
        "/runs",
        "/imports",
    ],
)
def test_a_list_of_thirty_asks_no_more_than_a_list_of_two(shop: Caller, path: str) -> None:
    def show(limit: int) -> int:
        answer = shop.get(path, limit=limit)
        assert answer.status == 200, answer.body
        return len(answer.body["items"])

    assert (show(2), show(ROWS)) == (2, ROWS)
    few, many = questions(lambda: show(2)), questions(lambda: show(ROWS))
    assert few == many
    assert many <= 8
