"""Suppliers and offers are saved as given, and a fault is named before anything is written."""

import dataclasses
from decimal import Decimal

import pytest

from reorder.domain.purchasing import operations
from reorder.domain.purchasing.errors import BadOffer, BadSupplier
from reorder.domain.purchasing.models import Offer
from reorder.domain.purchasing.queries import get_supplier, list_suppliers
from reorder.domain.purchasing.rules import NewOffer, NewSupplier
from tests.factories.catalog import make_product
from tests.factories.purchasing import make_offer, make_supplier

pytestmark = pytest.mark.django_db

ALISHAN = NewSupplier(code="ALISHAN", name="Alishan Tea Farm", currency="TWD")
OFFER = NewOffer(supplier_code="ALISHAN", sku="OOLONG-150", unit_cost_minor=20_000)


def test_a_supplier_saved_again_takes_the_new_terms() -> None:
    make_supplier(lead_days=5)
    make_supplier(lead_days=8, order_weekdays=(1, 4))

    (supplier,) = list_suppliers()
    assert (supplier.lead_days, supplier.order_weekdays) == (8, (1, 4))


def test_an_offer_saved_again_takes_the_new_cost() -> None:
    make_supplier()
    make_product()
    make_offer(unit_cost_minor=20_000)
    make_offer(unit_cost_minor=21_500, pack=12)

    offer = Offer.objects.get()
    assert (offer.unit_cost_minor, offer.pack_units) == (21_500, 12)
    assert get_supplier(code="ALISHAN").offers_count == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": " "}, "no spaces"),
        ({"email": "@alishan"}, "no @"),
        ({"currency": "NT$"}, "ISO 4217"),
        ({"order_weekdays": (0,)}, "1 .Monday. to 7"),
        ({"lead_days": -1}, "lead days"),
        ({"minimum_value_minor": -1}, "not be negative"),
    ],
)
def test_a_supplier_with_a_fault_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(BadSupplier, match=reason):
        operations.save_suppliers(suppliers=[dataclasses.replace(ALISHAN, **change)])  # type: ignore[arg-type]

    assert list_suppliers() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pack_units": Decimal(0)}, "pack"),
        ({"minimum_units": Decimal(-1)}, "minimum"),
        ({"unit_cost_minor": -1}, "cost"),
        ({"maximum_cover_days": 0}, "cover"),
        ({"lead_days": 400}, "lead days"),
        ({"sku": "GHOST"}, "no such product"),
        ({"supplier_code": "NOBODY"}, "no such supplier"),
    ],
)
def test_an_offer_with_a_fault_is_refused(change: dict[str, object], reason: str) -> None:
    make_supplier()
    make_product()

    with pytest.raises(BadOffer, match=reason):
        operations.save_offers(offers=[dataclasses.replace(OFFER, **change)])  # type: ignore[arg-type]

    assert Offer.objects.count() == 0


def test_one_supplier_cannot_offer_a_product_twice_at_once() -> None:
    make_supplier()
    make_product()

    with pytest.raises(BadOffer, match="given twice"):
        operations.save_offers(offers=[OFFER, dataclasses.replace(OFFER, unit_cost_minor=1)])
