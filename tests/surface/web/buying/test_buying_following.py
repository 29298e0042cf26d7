"""After the order: the supplier's answer, faulty goods, claims, costs, single lines cancelled, suppliers compared."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.purchasing import queries
from reorder.domain.purchasing.delivery_faults import DeliveryFault
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.flows import restock
from tests.factories.following import exchange_with, receive, save_rate, two_teas_ordered
from tests.factories.inventory import incoming_at, stock_at
from tests.factories.pages import said
from tests.factories.purchasing import MONDAY_MORNING, make_supplier
from tests.factories.staff import sign_in
from tests.factories.x12 import x12_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> PurchaseOrderRow:
    return two_teas_ordered()


def answer_form(order: PurchaseOrderRow, **changes: str) -> dict[str, str]:
    """What the page posts when nothing is changed, with these fields changed (`units_OOLONG`)."""
    form = {"key": "form-1", "reference": "S-778", "day": "", "note": ""}
    for line in order.lines:
        short = line.sku.partition("-")[0]
        form |= {
            f"units-{line.id}": changes.get(f"units_{short}", str(line.missing_units)),
            f"price-{line.id}": changes.get(f"price_{short}", "200"),
            f"day-{line.id}": changes.get(f"day_{short}", ""),
        }
        if f"later_{short}" in changes:
            form[f"later-{line.id}"] = "on"
    return form


def test_an_answer_is_typed_line_by_line(buyer: Client, order: PurchaseOrderRow) -> None:
    page = buyer.get(f"/buying/orders/{order.number}/answer/")
    assert 'value="12"' in page.content.decode()
    assert 'value="200.00"' in page.content.decode()

    form = answer_form(order, units_OOLONG="9", price_OOLONG="205", day_OOLONG="2026-12-02")
    done = buyer.post(f"/buying/orders/{order.number}/answer/now/", form, follow=True)

    assert "Will not come: OOLONG-150 3. The plan looks at them again. Expected on 2026-12-02." in said(done)
    assert "price NT$205 (+2.5%) 3 will not come promised for 2 Dec (4 days late)" in said(done)
    assert "accepted with changes: 9 of 12 units, NT$205 instead of NT$200, on 2 Dec" in said(done)
    assert incoming_at(sku="OOLONG-150") == 9
    again = buyer.post(f"/buying/orders/{order.number}/answer/now/", form)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"units_OOLONG": "13"}, "more units are accepted than are still to come"),
        ({"units_OOLONG": "many"}, "not a number"),
        ({"price_OOLONG": "2.005"}, "more than 2 decimals"),
        ({"price_OOLONG": "-1"}, "not below zero"),
        ({"day_OOLONG": "2 December"}, "year-month-day"),
        ({"day_OOLONG": "2026-11-01"}, "before the order"),
    ],
)
def test_an_answer_that_cannot_be_is_said_beside_it(
    buyer: Client, order: PurchaseOrderRow, change: dict[str, str], fault: str
) -> None:
    done = buyer.post(f"/buying/orders/{order.number}/answer/now/", answer_form(order, **change))
    assert (done.status_code, fault in said(done)) == (422, True)
    assert incoming_at(sku="OOLONG-150") == 12


def test_an_855_file_is_taken_or_refused_whole(buyer: Client, order: PurchaseOrderRow) -> None:
    content = x12_answer("PO1|1|8|EA|||BP|MATCHA-30", "ACK|IR|8|EA").replace(b"PO-2026-000123", order.number.encode())
    url = f"/buying/orders/{order.number}/answer/x12/"

    bad = buyer.post(url, {"file": SimpleUploadedFile("a.x12", b"hello")})
    assert (bad.status_code, "does not begin with ISA" in said(bad)) == (422, True)
    assert buyer.post(url).status_code == 422

    done = buyer.post(url, {"file": SimpleUploadedFile("a.x12", content)}, follow=True)
    assert "Will not come: MATCHA-30 8" in said(done)
    assert incoming_at(sku="MATCHA-30") == 0


def test_an_855_for_another_place_is_not_found(client: Client, order: PurchaseOrderRow) -> None:
    sign_in(client, role="buyer", name="ting", places=["TAINAN"])
    content = x12_answer().replace(b"PO-2026-000123", order.number.encode())
    answer = client.post(f"/buying/orders/{order.number}/answer/x12/", {"file": SimpleUploadedFile("a.x12", content)})
    assert answer.status_code == 404
    assert queries.list_acknowledgements(order_id=order.id) == []


def test_an_order_is_downloaded_as_x12_once_both_ids_are_known(buyer: Client, order: PurchaseOrderRow) -> None:
    page = f"/buying/orders/{order.number}/"
    assert "X12 850" not in said(buyer.get(page))
    assert "X12 is not set up" in said(buyer.post(f"{page}x12/", follow=True))

    exchange_with()
    assert "X12 850" in said(buyer.get(page))
    file = buyer.post(f"{page}x12/")
    assert file["Content-Type"] == "application/edi-x12"
    assert file.content.decode().startswith(
        "ISA*00*          *00*          *ZZ*TEAHOUSE       *01*123456789      *261123"
    )


def test_damaged_goods_are_counted_beside_and_claimed(buyer: Client, order: PurchaseOrderRow) -> None:
    matcha, oolong = order.lines
    form = {
        "key": "form-1",
        f"units-{matcha.id}": "8",
        f"units-{oolong.id}": "10",
        f"kind-{oolong.id}": "damaged",
        f"wrong-{oolong.id}": "2",
        f"note-{oolong.id}": "wet",
    }
    done = buyer.post(f"/buying/orders/{order.number}/receive/now/", form, follow=True)
    assert "Not taken, on the list of claims: OOLONG-150 2 damaged." in said(done)
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (10, 2)

    assert "Oolong 150 g" in said(buyer.get("/buying/claims/"))
    sent = buyer.post("/buying/claims/send/", {"supplier": "ALISHAN"}, follow=True)
    assert "goes to orders@alishan.example" in said(sent)
    assert OutboxMessage.objects.filter(reason_code="restock.letter.claim").count() == 1
    (row,) = queries.list_discrepancies(states=["claimed"], size=9)
    assert b"OOLONG-150" in buyer.get(f"/buying/claims/{row.claim_number}/file/").content
    assert "Settled." in said(buyer.post(f"/buying/claims/settle/{row.id}/", {"settlement": "credited"}, follow=True))
    assert "Nothing is open" in said(buyer.get("/buying/claims/"))
    assert b"credited" in b"".join(buyer.get("/buying/claims/export/?format=csv"))  # type: ignore[arg-type]
    assert "Nothing is open to claim from" in said(
        buyer.post("/buying/claims/send/", {"supplier": "ALISHAN"}, follow=True)
    )


@pytest.mark.parametrize(
    ("kind", "units", "fault"), [("damaged", "", "Say how many units."), ("", "2", "Say what is wrong with them.")]
)
def test_a_fault_needs_its_kind_and_its_units(
    buyer: Client, order: PurchaseOrderRow, kind: str, units: str, fault: str
) -> None:
    oolong = order.lines[1]
    form = {"key": "form-1", f"units-{oolong.id}": "9", f"kind-{oolong.id}": kind, f"wrong-{oolong.id}": units}
    done = buyer.post(f"/buying/orders/{order.number}/receive/now/", form)
    assert (done.status_code, fault in said(done)) == (422, True)


def test_a_discrepancy_of_another_place_is_not_settled(client: Client, order: PurchaseOrderRow) -> None:
    fault = DeliveryFault(sku="OOLONG-150", kind="damaged", units=Decimal(1))
    restock.receive(number=order.number, received_at=MONDAY_MORNING, idempotency_key="1", faults=[fault])
    (row,) = queries.list_discrepancies(states=["open"], size=9)
    sign_in(client, role="buyer", name="ting", places=["TAINAN"])
    client.post(f"/buying/claims/settle/{row.id}/", {"settlement": "credited"})
    assert queries.get_discrepancy(discrepancy_id=row.id).state == "open"
    assert "Nothing is open" in said(client.get("/buying/claims/"))


def test_freight_is_added_once_and_taken_back(buyer: Client, order: PurchaseOrderRow) -> None:
    receive(order, day=23)
    url = f"/buying/orders/{order.number}/costs/"
    form = {"kind": "freight", "amount": "400", "currency": "TWD", "basis": "value", "receipt": "", "key": "k1"}

    done = buyer.post(f"{url}add/", form, follow=True)
    assert "NT$220" in said(done)
    assert "10% on top" in said(done)
    assert "entered before" in said(buyer.post(f"{url}add/", form, follow=True))
    bad = buyer.post(f"{url}add/", form | {"amount": "much", "key": "k2"})
    assert (bad.status_code, "not a number" in said(bad)) == (422, True)

    (charge,) = queries.list_charges(order_id=order.id)
    assert "counts no longer" in said(buyer.post(f"{url}{charge.id}/withdraw/", follow=True))
    assert queries.list_charges(order_id=order.id) == []


def test_ticked_lines_are_cancelled_and_the_rest_stands(buyer: Client, order: PurchaseOrderRow) -> None:
    url = f"/buying/orders/{order.number}/cancel/now/"
    assert "No line is ticked" in said(buyer.post(url, {"lines": "1"}, follow=True))

    done = buyer.post(url, {"lines": "1", "line": "MATCHA-30"}, follow=True)

    assert "No longer expected of" in said(done)
    assert (incoming_at(sku="MATCHA-30"), incoming_at(sku="OOLONG-150")) == (0, 12)
    buyer.post(url, {"lines": "1", "line": "OOLONG-150"})
    assert queries.get_purchase_order(number=order.number).state == "cancelled"


def test_suppliers_are_compared_over_two_spans(buyer: Client, order: PurchaseOrderRow) -> None:
    receive(order, day=23)
    supplier_id = queries.get_supplier(code="ALISHAN").id
    page = said(buyer.get("/buying/suppliers/?days=365"))
    assert "Alishan Tea Farm ALISHAN · not enough deliveries yet 100% 2/2 100% 0 days" in page
    assert "2 of 2 lines" in said(buyer.get(f"/buying/suppliers/{supplier_id}/"))
    assert buyer.get("/buying/suppliers/999999/").status_code == 404
    rows = b"".join(buyer.get("/buying/suppliers/export/?format=csv")).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert rows[1].startswith("ALISHAN,Alishan Tea Farm,90,2,2,1.0,1.0,2,1,0.0")


def test_a_currency_without_a_rate_is_said_where_suppliers_are_compared(buyer: Client) -> None:
    make_supplier(code="UJI", currency="JPY")
    assert "Nobody has said what these currencies are worth: JPY." in said(buyer.get("/buying/suppliers/"))
    save_rate("JPY", "0.21", day=MONDAY_MORNING.date())
    assert "Nobody has said" not in said(buyer.get("/buying/suppliers/"))


@pytest.mark.parametrize(
    "path", ["orders/{number}/", "orders/{number}/answer/", "orders/{number}/costs/", "claims/", "suppliers/"]
)
def test_pages_ask_the_database_at_most_a_dozen_times(buyer: Client, order: PurchaseOrderRow, path: str) -> None:
    fault = DeliveryFault(sku="OOLONG-150", kind="damaged", units=Decimal(1))
    restock.receive(number=order.number, received_at=MONDAY_MORNING, idempotency_key="1", lines={}, faults=[fault])
    address = "/buying/" + path.format(number=order.number)
    buyer.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert buyer.get(address).status_code == 200
    own = [one["sql"] for one in asked if "django_session" not in one["sql"] and "staff_" not in one["sql"]]
    assert len(own) <= 14, own
