"""Receiving on screen: half, then the rest, once for each form, more than ordered only on purpose."""

import pytest
from django.test import Client

from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.purchasing.models import Receipt
from reorder.domain.purchasing.queries import PurchaseOrderRow, get_purchase_order
from reorder.domain.staff.models import AuditEntry
from reorder.flows import restock
from tests.factories.inventory import KEELUNG, incoming_at, stock_at
from tests.factories.purchasing import MONDAY_MORNING
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(tea_shop: dict[str, int]) -> PurchaseOrderRow:
    ids = [tea_shop["oolong"], tea_shop["puerh"]]
    (placed,) = restock.approve(proposal_ids=ids, decided_by="mei", moment=MONDAY_MORNING)
    return placed


@pytest.fixture
def picker(client: Client, order: PurchaseOrderRow) -> Client:
    sign_in(client, role="warehouse", name="kai", places=[KEELUNG])
    return client


def send(client: Client, order: PurchaseOrderRow, *, key: str = "form-1", follow: bool = True, **form: object):
    """Counts by SKU with underscores; the rest of the form as given."""
    fields = {f"units-{line.id}": form.pop(line.sku.replace("-", "_"), "") for line in order.lines}
    address = f"/buying/orders/{order.number}/receive/now/"
    return client.post(address, {**fields, "key": key, "lot": "", "expires": "", **form}, follow=follow)


def test_the_form_is_filled_with_what_is_missing(picker: Client, order: PurchaseOrderRow) -> None:
    page = picker.get(f"/buying/orders/{order.number}/receive/").content.decode()

    assert 'value="12"' in page
    assert 'value="18"' in page
    assert "12 of 12 missing" in page
    assert 'name="key" value="' in page


def test_half_comes_and_then_the_rest(picker: Client, order: PurchaseOrderRow) -> None:
    first = send(picker, order, OOLONG_150="6", PUERH_357="18").content.decode()
    assert "24 units are in stock now. 1 line is still to come: OOLONG-150 6." in first
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (6, 6)
    assert 'value="6"' in picker.get(f"/buying/orders/{order.number}/receive/").content.decode()

    rest = send(picker, order, key="form-2", OOLONG_150="6").content.decode()

    assert "6 units are in stock now. The order is complete." in rest
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (12, 0)
    assert get_purchase_order(number=order.number).state == "received"
    assert compare_ledger_with_levels() == []
    assert AuditEntry.objects.filter(actor="kai", action="purchasing.receive").count() == 2


def test_the_same_form_twice_counts_once_even_when_the_order_is_complete(
    picker: Client, order: PurchaseOrderRow
) -> None:
    send(picker, order, OOLONG_150="12", PUERH_357="18")

    again = send(picker, order, OOLONG_150="12", PUERH_357="18").content.decode()

    assert "This delivery was recorded before. Nothing changed." in again
    assert stock_at(sku="OOLONG-150") == 12
    assert Receipt.objects.count() == 1


def test_a_form_that_counts_differently_the_second_time_asks(picker: Client, order: PurchaseOrderRow) -> None:
    send(picker, order, OOLONG_150="6")

    again = send(picker, order, OOLONG_150="5")

    page = again.content.decode()
    assert again.status_code == 409
    assert "This form has recorded a delivery already, with other counts." in page
    assert 'value="5"' in page
    key = page.split('name="key" value="')[1].split('"')[0]
    assert key != "form-1"
    send(picker, order, key=key, OOLONG_150="5")
    assert stock_at(sku="OOLONG-150") == 11


def test_more_than_is_missing_is_asked_about_once_and_then_taken_as_counted(
    picker: Client, order: PurchaseOrderRow
) -> None:
    asked = send(picker, order, OOLONG_150="15")
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "Oolong 150 g: 3 more" in page
    assert 'name="confirm_extra"' in page
    assert stock_at(sku="OOLONG-150") == 0

    taken = send(picker, order, OOLONG_150="15", confirm_extra="on").content.decode()

    assert "More than ordered, taken as counted: OOLONG-150 3." in taken
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (15, 0)
    assert compare_ledger_with_levels() == []


def test_nothing_counted_is_said(picker: Client, order: PurchaseOrderRow) -> None:
    answer = send(picker, order, OOLONG_150="0", PUERH_357="")

    assert answer.status_code == 422
    assert "must count at least one unit" in answer.content.decode()


@pytest.mark.parametrize("counted", ["abc", "-3", "1e40", "1.2345", "\x00", "NaN"])
def test_a_count_that_is_none_is_refused_beside_its_line(picker: Client, order: PurchaseOrderRow, counted: str) -> None:
    answer = send(picker, order, OOLONG_150=counted, PUERH_357="7")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "field-error" in page
    assert 'value="7"' in page
    assert stock_at(sku="PUERH-357") == 0


def test_a_lot_and_its_last_day_stay_with_the_goods(picker: Client, order: PurchaseOrderRow) -> None:
    send(picker, order, OOLONG_150="6", lot=" L-77 ", expires="2027-06-30")

    assert stock_at(sku="OOLONG-150", lot="L-77") == 6
    assert send(picker, order, key="2", OOLONG_150="1", expires="someday").status_code == 422


def test_an_order_that_was_closed_meanwhile_is_said_and_the_counts_stay(
    picker: Client, order: PurchaseOrderRow
) -> None:
    restock.cancel_order(number=order.number, moment=MONDAY_MORNING)

    answer = send(picker, order, OOLONG_150="6")

    assert answer.status_code == 409
    assert "is cancelled: nothing more can be received." in answer.content.decode()
    assert stock_at(sku="OOLONG-150") == 0


@pytest.mark.parametrize("role", ["viewer", "marketer", "support"])
def test_only_some_roles_receive(client: Client, order: PurchaseOrderRow, role: str) -> None:
    sign_in(client, role=role)

    assert client.get(f"/buying/orders/{order.number}/receive/").status_code == 403
    assert send(client, order, OOLONG_150="6").status_code == 403


def test_another_places_delivery_is_not_there(client: Client, order: PurchaseOrderRow) -> None:
    sign_in(client, role="warehouse", name="lin", places=["TAINAN"])

    assert send(client, order, OOLONG_150="6").status_code == 404
    assert stock_at(sku="OOLONG-150") == 0


def test_a_form_may_have_as_many_lines_as_a_supplier_has_goods(picker: Client, order: PurchaseOrderRow) -> None:
    more = {f"units-{10_000_000 + number}": "1" for number in range(1_500)}
    assert "6 units are in stock now." in send(picker, order, OOLONG_150="6", **more).content.decode()
