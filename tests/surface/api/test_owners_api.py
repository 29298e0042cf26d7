"""Owners of goods and their statements by the API."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.rules import SUPPLIER, NewMove, stock_of
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.owners import give, make_owner

pytestmark = pytest.mark.django_db


def test_the_statement_tells_lines_and_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-27T04:00:00+00:00")
    make_place()
    make_owner()
    product = make_product(sku="HONEY")
    Product.objects.filter(pk=product.pk).update(length_mm=100, width_mm=100, height_mm=200)
    give(sku="HONEY", owner="partner")
    inventory.record_moves(
        moves=[
            NewMove(
                key="in",
                kind="receipt",
                product_id=product.pk,
                units=Decimal(3),
                source=SUPPLIER,
                target=stock_of(place_code=KEELUNG),
                cause_kind="test",
                cause_key="in",
                happened_at=dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC),
                owner="partner",
            )
        ]
    )
    caller = call_as(scopes=["stock:read"])

    told = caller.get("/owners/partner/statement", month="2026-11").body

    # Two days, the 25th and the 26th, of six litres at 1.5; three units taken in at 50.
    assert (told["days"], told["is_running"], told["currency"], told["total_minor"]) == (26, True, "TWD", 168)
    assert told["lines"][0] == {"charge": "litre_day", "quantity": "12", "rate_minor": "1.5000", "amount_minor": 18}
    assert told["stored"] == [{"sku": "HONEY", "unit_days": "6", "unit_mm3": 2_000_000}]
    [listed] = caller.get("/owners").body["items"]
    assert (listed["code"], listed["charges"][2]) == ("partner", {"charge": "shipped_order", "rate_minor": "2000.0000"})


def test_what_is_not_there_and_who_may_not_look() -> None:
    make_owner()
    caller = call_as(scopes=["stock:read"])

    assert caller.get("/owners/nobody/statement", month="2026-10").status == 404
    assert caller.get("/owners/partner/statement", month="2026-13").status == 422
    assert call_as(scopes=["stock:read"], places=[KEELUNG]).get("/owners").status == 403
