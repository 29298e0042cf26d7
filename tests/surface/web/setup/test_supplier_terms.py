"""A supplier's calendar, limit and order units, typed and said."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from reorder.domain.purchasing.calendar import Closing
from reorder.domain.purchasing.models import Offer
from reorder.domain.purchasing.queries import get_supplier
from reorder.domain.staff.queries import list_audit
from tests.factories.catalog import make_product
from tests.factories.pages import said
from tests.factories.purchasing import make_offer, make_supplier
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
TERMS = {
    "name": "Alishan Tea Farm",
    "email": "orders@alishan.example",
    "language": "en",
    "currency": "TWD",
    "lead_days": "5",
    "order_weekdays": ["1", "4"],
    "cut_off": "14:30",
    "counts_working_days": "on",
    "delivery_weekdays": ["2", "5"],
    "country": "tw",
    "closings": "2027-02-04 - 2027-02-10 Lunar New Year\r\n2026-12-31 stocktaking\n",
    "automatic_limit": "20,000",
    "is_active": "on",
}


@pytest.fixture
def buyer(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T07:00:00")  # Monday, 15:00 in Taipei
    make_supplier()
    sign_in(client, role="buyer", name="mei")
    return client


def page_of(code: str = "ALISHAN") -> str:
    return f"/setup/suppliers/{get_supplier(code=code).id}/"


def change(client: Client, **typed: object) -> Any:
    found = re.search(r'name="seen" value="(\w+)"', client.get(f"{page_of()}terms").content.decode())
    assert found
    return client.post(f"{page_of()}change", TERMS | {"seen": found[1]} | typed)


def test_the_calendar_is_kept_shown_and_on_record(buyer: Client) -> None:
    assert change(buyer).status_code == 302
    row = get_supplier(code="ALISHAN")
    assert (row.order_weekdays, row.delivery_weekdays, row.cut_off) == ((1, 4), (2, 5), dt.time(14, 30))
    assert (row.country, row.counts_working_days, row.automatic_limit_minor) == ("TW", True, 20_000_00)
    assert row.closings == (
        Closing(dt.date(2026, 12, 31), dt.date(2026, 12, 31), "stocktaking"),
        Closing(dt.date(2027, 2, 4), dt.date(2027, 2, 10), "Lunar New Year"),
    )
    (entry,) = list_audit(action="purchasing.change_supplier")
    assert entry.details["cut_off"] == "14:30:00"
    assert entry.details["closings"] == ["2027-02-04 2027-02-10 Lunar New Year", "2026-12-31 2026-12-31 stocktaking"]
    page = said(buyer.get(page_of()))
    assert "until 14:30" in page
    # Past Monday's cut-off: Thursday counts; five working days later is Thursday, and Friday is the day of delivery.
    assert "2026-11-26 would arrive on 2026-12-04" in page
    assert "NT$20,000" in page
    shown = buyer.get(f"{page_of()}terms").content.decode()
    assert "2027-02-04 - 2027-02-10 Lunar New Year" in shown
    assert change(buyer).status_code == 302  # as it is: nothing new is on record
    assert len(list_audit(action="purchasing.change_supplier")) == 1


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"closings": "next week"}, "Write days as 2027-02-04"),
        ({"closings": "2027-02-30"}, "Write days as 2027-02-04"),
        ({"closings": "2027-02-10 - 2027-02-04"}, "must not end before it begins"),
        ({"closings": "2026-01-01 - 2030-01-01"}, "half a year at most"),
        ({"closings": "2027-01-01\n2027-01-01"}, "given twice"),
        ({"cut_off": "25:00"}, "Enter a valid time"),
        ({"country": "T1"}, "two-letter ISO 3166"),
        ({"automatic_limit": "0"}, "above zero"),
        ({"automatic_limit": "-4"}, "below zero"),
        ({"automatic_limit": "much"}, "much"),
        ({"lead_days": ""}, "required"),
        ({"delivery_weekdays": ["9"]}, "9 is not one of the available choices"),
    ],
)
def test_bad_terms_are_answered_and_nothing_is_changed(buyer: Client, typed: dict[str, Any], fault: str) -> None:
    answer = change(buyer, **typed)
    assert (answer.status_code, fault in said(answer)) == (422, True)
    assert get_supplier(code="ALISHAN").cut_off is None


def test_an_offer_by_the_case_is_typed_changed_and_taken_back(buyer: Client) -> None:
    make_product()
    given = {"sku": "OOLONG-150", "pack_units": "1", "minimum_units": "1", "order_unit": "case"}
    given |= {"order_unit_units": "12", "order_unit_cost": "1,000"}
    assert buyer.post(f"{page_of()}offers/create", given).status_code == 302
    offer = Offer.objects.get()
    assert (offer.pack_units, offer.order_unit_cost_minor, offer.unit_cost_minor) == (12, 1_000_00, 83_33)
    assert "1 case (12)" in said(buyer.get(page_of()))

    page = f"{page_of()}offers/{offer.pk}/"
    seen = re.search(r'name="seen" value="(\w+)"', buyer.get(page).content.decode())
    assert seen
    plain = {"unit_cost": "90", "pack_units": "6", "minimum_units": "6", "order_unit": "", "is_active": "on"}
    # What is left over in the other two fields means nothing without a unit.
    plain |= {"order_unit_units": "12", "order_unit_cost": "1,000", "seen": seen[1]}
    assert buyer.post(f"{page}change", plain).status_code == 302
    offer.refresh_from_db()
    assert (offer.order_unit, offer.order_unit_units, offer.pack_units) == ("", Decimal(1), 6)
    assert (offer.order_unit_cost_minor, offer.unit_cost_minor) == (None, 90_00)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"order_unit_units": "0"}, "greater than or equal to 0.001"),
        ({"order_unit_units": "1000000000"}, "less than or equal to 1000000"),
        ({"order_unit_cost": "", "unit_cost": ""}, "Say what it costs."),
        ({"order_unit_cost": "-1"}, "below zero"),
        ({"pack_units": "0"}, "greater than or equal to 0.001"),
        ({"order_unit": "each ", "order_unit_units": "", "order_unit_cost": ""}, "Say what it costs."),
    ],
)
def test_a_bad_order_unit_is_answered(buyer: Client, typed: dict[str, str], fault: str) -> None:
    make_product()
    given = {"sku": "OOLONG-150", "pack_units": "1", "minimum_units": "1", "order_unit": "case"}
    given |= {"order_unit_units": "12", "order_unit_cost": "1,000"}
    answer = buyer.post(f"{page_of()}offers/create", given | typed)
    assert (answer.status_code, fault in said(answer)) == (422, True)
    assert Offer.objects.count() == 0


def test_a_case_that_the_product_does_not_have_like_that_is_said_above_the_form(buyer: Client) -> None:
    make_product()
    make_offer()
    make_supplier(code="UJI", name="Uji")
    given = {"sku": "OOLONG-150", "pack_units": "1", "minimum_units": "1", "order_unit": "case"}
    given |= {"order_unit_units": "12", "order_unit_cost": "1,000"}
    assert buyer.post(f"{page_of('UJI')}offers/create", given).status_code == 302
    make_supplier(code="THIRD", name="Third")
    answer = buyer.post(f"{page_of('THIRD')}offers/create", given | {"order_unit_units": "24"})
    assert (answer.status_code, "a case of it holds 12 units" in said(answer)) == (422, True)
