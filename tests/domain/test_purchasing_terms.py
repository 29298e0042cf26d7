"""Suppliers and offers as people change them, one at a time."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.errors import BadOffer, BadSupplier, OfferChanged, SupplierChanged, UnknownOffer
from reorder.domain.purchasing.queries import supplier_fingerprint
from reorder.domain.purchasing.rules import NewOffer, NewSupplier
from reorder.domain.staff.queries import list_audit
from tests.factories.catalog import make_product
from tests.factories.purchasing import make_offer, make_supplier

pytestmark = pytest.mark.django_db

ALISHAN = NewSupplier(code="ALISHAN", name="Alishan Tea Farm", currency="TWD", lead_days=5)
OOLONG = NewOffer(supplier_code="ALISHAN", sku="OOLONG-150", unit_cost_minor=20_000)


def test_a_new_supplier_is_there_once() -> None:
    row = operations.create_supplier(supplier=replace(ALISHAN, order_weekdays=(4, 1, 4)), created_by="Mei")
    assert (row.order_weekdays, row.is_active) == ((1, 4), True)
    with pytest.raises(BadSupplier, match="the code is taken"):
        operations.create_supplier(supplier=ALISHAN, created_by="Mei")


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ({"name": " "}, "a name must be there"),
        ({"language": "fr"}, "the language must be en or zh-hant"),
        ({"currency": "NT$"}, "three-letter ISO 4217"),
        ({"email": "orders"}, "no @"),
        ({"lead_days": 366}, "lead days go from 0 to 365"),
        ({"minimum_value_minor": -1}, "must not be negative"),
        ({"order_weekdays": (8,)}, "weekdays go from 1"),
    ],
)
def test_bad_terms_are_refused_with_the_reason(terms: dict[str, object], fault: str) -> None:
    with pytest.raises(BadSupplier, match=fault):
        operations.create_supplier(supplier=replace(ALISHAN, **terms), created_by="Mei")  # type: ignore[arg-type]


def test_changed_terms_are_on_record_without_the_address() -> None:
    row = operations.create_supplier(supplier=ALISHAN, created_by="Mei")
    changed = operations.change_supplier(
        supplier_id=row.id,
        terms=replace(ALISHAN, email="orders@alishan.example", lead_days=9),
        is_active=False,
        seen=supplier_fingerprint(row=row),
        changed_by="Mei",
    )
    assert (changed.lead_days, changed.is_active, changed.email) == (9, False, "orders@alishan.example")
    entry = list_audit(action="purchasing.change_supplier")[0]
    assert entry.details == {"lead_days": 9, "is_active": False, "email": "changed"}


def test_two_people_cannot_overwrite_each_others_terms() -> None:
    row = operations.create_supplier(supplier=ALISHAN, created_by="Mei")
    seen = supplier_fingerprint(row=row)
    first = replace(ALISHAN, lead_days=9)
    operations.change_supplier(supplier_id=row.id, terms=first, is_active=True, seen=seen, changed_by="Mei")
    with pytest.raises(SupplierChanged):
        operations.change_supplier(
            supplier_id=row.id, terms=replace(ALISHAN, lead_days=3), is_active=True, seen=seen, changed_by="Chen"
        )
    assert queries.get_supplier(code="ALISHAN").lead_days == 9


def test_a_currency_stays_while_offers_are_priced_in_it() -> None:
    make_supplier()
    make_product()
    row = queries.get_supplier(code="ALISHAN")
    dollars = replace(ALISHAN, currency="USD", email=row.email)
    make_offer()
    with pytest.raises(BadSupplier, match="the currency cannot change"):
        operations.change_supplier(
            supplier_id=row.id,
            terms=dollars,
            is_active=True,
            seen=supplier_fingerprint(row=row),
            changed_by="Mei",
        )


def test_an_offer_is_made_once_for_a_product_that_is_there() -> None:
    make_supplier()
    make_product()
    offer = operations.create_offer(offer=OOLONG, created_by="Mei")
    assert (offer.product_name, offer.currency, offer.unit_cost_minor) == ("Oolong 150 g", "TWD", 20_000)
    with pytest.raises(BadOffer, match="offers it already"):
        operations.create_offer(offer=OOLONG, created_by="Mei")
    with pytest.raises(BadOffer, match="no such product exists"):
        operations.create_offer(offer=replace(OOLONG, sku="COFFEE"), created_by="Mei")
    with pytest.raises(BadOffer, match="days of cover go from 1 to 3650"):
        operations.create_offer(offer=replace(OOLONG, maximum_cover_days=4000), created_by="Mei")


def test_an_offer_changes_with_the_page_that_showed_it_and_stays_with_its_product() -> None:
    make_supplier()
    make_product()
    make_product(sku="MATCHA-30")
    offer = operations.create_offer(offer=OOLONG, created_by="Mei")
    wanted = replace(OOLONG, sku="MATCHA-30", unit_cost_minor=21_050, pack_units=Decimal(12))
    changed = operations.change_offer(
        supplier_id=offer.supplier_id,
        offer_id=offer.id,
        offer=wanted,
        is_active=False,
        seen=offer.fingerprint,
        changed_by="Mei",
    )
    assert (changed.sku, changed.unit_cost_minor, changed.pack_units, changed.is_active) == (
        "OOLONG-150",
        21_050,
        12,
        False,
    )
    entry = list_audit(action="purchasing.change_offer")[0]
    assert entry.subject_key == "ALISHAN|OOLONG-150"
    assert entry.details == {"unit_cost_minor": "21050", "pack_units": "12", "is_active": "False"}
    with pytest.raises(OfferChanged):
        operations.change_offer(
            supplier_id=offer.supplier_id,
            offer_id=offer.id,
            offer=wanted,
            is_active=True,
            seen=offer.fingerprint,
            changed_by="Chen",
        )


def test_an_offer_belongs_to_its_supplier() -> None:
    make_supplier()
    make_product()
    offer = operations.create_offer(offer=OOLONG, created_by="Mei")
    with pytest.raises(UnknownOffer):
        queries.get_offer(supplier_id=offer.supplier_id + 1, offer_id=offer.id)


def test_offers_are_paged_by_sku_and_found_by_any_of_their_names() -> None:
    make_supplier()
    for sku in ("MATCHA-30", "OOLONG-150", "PUERH-357"):
        make_product(sku=sku)
        make_offer(sku=sku, supplier_sku=f"A-{sku}")
    supplier_id = queries.get_supplier(code="ALISHAN").id

    def page(after: str = "", search: str = "", size: int = 2) -> list[str]:
        rows = queries.list_offer_page(
            supplier_id=supplier_id, is_active=True, search=search, after_sku=after, size=size
        )
        return [row.sku for row in rows]

    assert page() == ["MATCHA-30", "OOLONG-150"]
    assert page(after="OOLONG-150") == ["PUERH-357"]
    assert page(search="pu-erh") == page(search="a-puerh") == ["PUERH-357"]
