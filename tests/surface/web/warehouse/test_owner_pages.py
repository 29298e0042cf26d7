"""Goods of others at the desk: an owner is entered, given a product, and gets its statement as page, file and paper."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from reorder.domain.catalog.models import Product
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.owners import get_owner
from reorder.domain.inventory.rules import SUPPLIER, NewMove, stock_of
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
ENTERED = {"code": "partner", "name": "Mountain Honey", "is_active": "on", "litre_day": "0.015", "parcel": "15"}


@pytest.fixture
def owner(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-27T04:00:00+00:00")
    sign_in(client)
    return client


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def stored(client: Client) -> Product:
    """Ten bottles of two litres since the first of October."""
    make_place()
    client.post("/setup/owners/create", ENTERED)
    product = make_product(sku="HONEY")
    Product.objects.filter(pk=product.pk).update(length_mm=100, width_mm=100, height_mm=200)
    client.post(f"/products/{product.pk}/keeping/owner/", {"owner": "partner"})
    inventory.record_moves(
        moves=[
            NewMove(
                key="in",
                kind="receipt",
                product_id=product.pk,
                units=Decimal(10),
                source=SUPPLIER,
                target=stock_of(place_code=KEELUNG),
                cause_kind="test",
                cause_key="in",
                happened_at=dt.datetime(2026, 9, 30, 17, tzinfo=dt.UTC),
                owner="partner",
            )
        ]
    )
    return product


def test_charges_are_typed_in_dollars_and_kept_finer_than_a_cent(owner: Client) -> None:
    answer = owner.post("/setup/owners/create", ENTERED)

    assert answer.status_code == 302
    rates = get_owner(code="partner").rates
    assert (rates["litre_day"], rates["parcel"], rates["picked_unit"]) == (Decimal("1.5"), Decimal(1500), 0)
    assert 'value="0.015"' in text_of(owner.get("/setup/owners/owner/partner/"))
    assert "There is an owner" in text_of(owner.post("/setup/owners/create", ENTERED))
    refused = owner.post("/setup/owners/create", ENTERED | {"code": "self"})
    assert (refused.status_code, "self means our own goods" in text_of(refused)) == (422, True)


def test_the_statement_of_a_month_is_a_page_a_file_and_a_paper(owner: Client) -> None:
    stored(owner)

    page = text_of(owner.get("/warehouse/owners/partner/?month=2026-10"))
    assert "NT$9.30" in page  # 10 × 2 l × 31 days = 620 litre-days at 1.5 cents
    rows = b"".join(owner.get("/warehouse/owners/partner/statement/?month=2026-10").streaming_content).decode()  # type: ignore[attr-defined]
    assert '2026-10,"Storage, a litre for a day",620,0.015000,9.30,TWD' in rows
    paper = owner.get("/warehouse/owners/partner/statement.pdf?month=2026-10")
    assert paper.content.startswith(b"%PDF")
    assert owner.get("/warehouse/owners/partner/?month=2027-01").status_code == 422
    assert owner.get("/warehouse/owners/nobody/").status_code == 404


def test_the_list_and_the_owners_own_files_tell_what_stands_here(owner: Client) -> None:
    stored(owner)

    assert "Mountain Honey" in text_of(owner.get("/warehouse/owners/"))
    rows = b"".join(owner.get("/warehouse/owners/partner/stock/").streaming_content).decode()  # type: ignore[attr-defined]
    assert "HONEY,HONEY,KEELUNG,,,10.000,0.000,20" in rows
    assert owner.get("/warehouse/owners/partner/orders/?month=2026-10").status_code == 200


def test_a_product_with_stock_keeps_its_owner_and_the_page_says_why(owner: Client) -> None:
    product = stored(owner)

    answer = owner.post(f"/products/{product.pk}/keeping/owner/", {"owner": "self"}, follow=True)

    assert "HONEY cannot change hands: 10 units of it are here" in text_of(answer)
    assert Product.objects.get(pk=product.pk).goods_owner == "partner"


def test_a_person_of_one_place_sees_no_statement(owner: Client) -> None:
    stored(owner)
    limited = Client()
    sign_in(limited, role="warehouse", name="ken", places=[KEELUNG])

    assert limited.get("/warehouse/owners/").status_code == 403
    assert limited.get("/warehouse/owners/partner/").status_code == 403
