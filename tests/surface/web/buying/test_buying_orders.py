"""Purchase orders on screen: the list by what is still to come, one order with everything about it, files, cancelling."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.purchasing.models import PurchaseOrder
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place
from tests.factories.purchasing import MONDAY, MONDAY_MORNING, make_offer, make_supplier, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(tea_shop: dict[str, int]) -> PurchaseOrderRow:
    ids = [tea_shop["oolong"], tea_shop["puerh"]]
    (placed,) = restock.approve(proposal_ids=ids, decided_by="mei", moment=MONDAY_MORNING)
    return placed


def test_each_tab_shows_its_orders(buyer: Client, tea_shop: dict[str, int]) -> None:
    numbers = {
        name: restock.approve(proposal_ids=[tea_shop[name]], decided_by="mei", moment=MONDAY_MORNING)[0].number
        for name in ("oolong", "puerh", "oolong_tainan", "matcha")
    }
    PurchaseOrder.objects.filter(number=numbers["oolong"]).update(expected_date=MONDAY - timedelta(days=1))
    restock.receive(
        number=numbers["puerh"], lines={"PUERH-357": Decimal(6)}, received_at=MONDAY_MORNING, idempotency_key="1"
    )
    restock.receive(number=numbers["oolong_tainan"], received_at=MONDAY_MORNING, idempotency_key="2")
    restock.cancel_order(number=numbers["matcha"], moment=MONDAY_MORNING)

    shown = {tab: orders_on(buyer, tab) for tab in ("open", "late", "partly_received", "received", "cancelled", "all")}

    assert shown["open"] == [numbers["oolong"], numbers["puerh"]]
    assert shown["late"] == [numbers["oolong"]]
    assert shown["partly_received"] == [numbers["puerh"]]
    assert shown["received"] == [numbers["oolong_tainan"]]
    assert shown["cancelled"] == [numbers["matcha"]]
    assert len(shown["all"]) == 4
    assert "2 orders are still to come. 1 is past its day." in buyer.get("/buying/orders/").content.decode()


def test_orders_are_found_by_number_supplier_and_sku(buyer: Client, order: PurchaseOrderRow) -> None:
    for words in (order.number, "alishan", "PUERH-357"):
        assert orders_on(buyer, "open", q=words) == [order.number]
    for words in ("nobody", "%", "MATCHA-30", "_"):
        assert orders_on(buyer, "open", q=words) == []


@pytest.mark.parametrize("tab", ["open", "all"])
def test_pages_follow_each_other_without_gap(buyer: Client, tab: str) -> None:
    many_orders(55)

    first = buyer.get("/buying/orders/", {"tab": tab}).content.decode()
    second = buyer.get("/buying/orders/" + next_of(first)).content.decode()

    seen = numbers_of(first) + numbers_of(second)
    assert len(seen) == 55
    assert len(set(seen)) == 55
    assert 'rel="next"' not in second


def test_a_cursor_of_another_tab_starts_again(buyer: Client, order: PurchaseOrderRow) -> None:
    from reorder.web.lists import encode_cursor

    for cursor in (["2026-11-28", 1], ["x", 1], [1], [None, None], ["2026-11-23T01:30:00+00:00", "1"]):
        answer = buyer.get("/buying/orders/", {"tab": "all", "after": encode_cursor(cursor)})
        assert answer.status_code == 200
    assert buyer.get("/buying/orders/", {"after": "%%%"}).status_code == 422


def test_the_list_takes_the_same_number_of_queries_for_two_and_thirty_orders(buyer: Client) -> None:
    many_orders(2)
    buyer.get("/buying/orders/")
    few = queries_of(buyer, "/buying/orders/")
    many_orders(30, first=10)

    assert queries_of(buyer, "/buying/orders/") == few
    assert few <= 12


def test_an_order_shows_lines_letter_and_history(buyer: Client, order: PurchaseOrderRow) -> None:
    restock.receive(
        number=order.number,
        lines={"OOLONG-150": Decimal(5)},
        received_at=MONDAY_MORNING,
        idempotency_key="n",
        received_by="kai",
        lot="L-77",
    )

    page = buyer.get(f"/buying/orders/{order.number}/").content.decode()

    assert "partly received" in page
    assert "Lot L-77" in page
    assert "below the supplier's minimum of NT$10,000" in page
    assert "leaves 2026-11-23 09:30" in page
    assert page.index("Delivery received · kai") < page.index("Approved and ordered · mei")


def test_an_order_of_another_place_is_not_there(client: Client, order: PurchaseOrderRow) -> None:
    sign_in(client, role="buyer", name="kai", places=["TAINAN"])

    for address in ("", "file/?format=pdf", "cancel/", "receive/"):
        assert client.get(f"/buying/orders/{order.number}/{address}").status_code == 404
    for address in ("cancel/now/", "receive/now/"):
        assert client.post(f"/buying/orders/{order.number}/{address}").status_code == 404
    assert orders_on(client, "all") == []


def test_an_order_is_downloaded_in_every_form(buyer: Client, order: PurchaseOrderRow) -> None:
    address = f"/buying/orders/{order.number}/file/"

    pdf = buyer.get(address, {"format": "pdf", "language": "zh-hant"})
    plain = buyer.get(address, {"format": "csv"})
    sheet = buyer.get(address, {"format": "xlsx"})

    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Disposition"] == f'attachment; filename="{order.number}.pdf"'
    rows = list(csv.DictReader(io.StringIO(plain.content.decode("utf-8-sig"))))
    assert [row["units"] for row in rows] == ["12", "18"]
    cells = list(openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active.values)
    assert cells[1][:5] == ("OOLONG-150", None, "Oolong 150 g", 12, 0)
    assert buyer.get(address, {"format": "exe"}).status_code == 422
    sheet.close()


def test_the_list_is_exported_by_tab(buyer: Client, order: PurchaseOrderRow) -> None:
    answer = buyer.get("/buying/orders/export/?tab=open&format=csv")

    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert (row["Purchase order"], row["Cost"], row["State"]) == (order.number, "6000.00", "placed")


def test_an_export_of_many_orders_has_each_once(buyer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from reorder.web.buying import orders

    monkeypatch.setattr(orders, "_EXPORT_PAGE", 4)
    many_orders(11)

    for tab in ("open", "all"):
        answer = buyer.get(f"/buying/orders/export/?tab={tab}&format=csv")
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert len({row["Purchase order"] for row in rows}) == len(rows) == 11


def test_cancelling_names_its_consequences_first(buyer: Client, order: PurchaseOrderRow) -> None:
    before = buyer.get(f"/buying/orders/{order.number}/cancel/").content.decode()
    assert "Goods for NT$6,000 no longer come" in before
    assert "The letter has not left yet: it is stopped, and the supplier hears nothing." in before
    OutboxMessage.objects.update(state="sent", finished_at=MONDAY_MORNING)
    after = buyer.get(f"/buying/orders/{order.number}/cancel/").content.decode()
    assert "The supplier is told by e-mail to orders@alishan.example. This cannot be taken back." in after
    assert incoming_at(sku="OOLONG-150") == 12

    page = buyer.post(f"/buying/orders/{order.number}/cancel/now/", follow=True).content.decode()

    assert f"{order.number} is cancelled; 30 units no longer come." in page
    assert "Cancelled what was still missing · mei" in page
    assert incoming_at(sku="OOLONG-150") == 0


def test_cancelling_twice_says_that_it_is_closed(buyer: Client, order: PurchaseOrderRow) -> None:
    buyer.post(f"/buying/orders/{order.number}/cancel/now/")

    page = buyer.post(f"/buying/orders/{order.number}/cancel/now/", follow=True).content.decode()

    assert "is cancelled: nothing more can be cancelled." in page


def test_warehouse_people_do_not_cancel(client: Client, order: PurchaseOrderRow) -> None:
    sign_in(client, role="warehouse")

    assert client.get(f"/buying/orders/{order.number}/cancel/").status_code == 403
    assert client.post(f"/buying/orders/{order.number}/cancel/now/").status_code == 403
    assert "Cancel the rest" not in client.get(f"/buying/orders/{order.number}/").content.decode()


@pytest.mark.parametrize("number", ["PO-1999-000001", "x"])
def test_an_unknown_order_is_not_found(buyer: Client, number: str) -> None:
    assert buyer.get(f"/buying/orders/{number}/").status_code == 404


def orders_on(client: Client, tab: str, **more: str) -> list[str]:
    return numbers_of(client.get("/buying/orders/", {"tab": tab, **more}).content.decode())


def numbers_of(page: str) -> list[str]:
    return [part.split("/")[0] for part in page.split('data-side="/buying/orders/')[1:]]


def next_of(page: str) -> str:
    return "?" + page.split('rel="next"', maxsplit=1)[0].rsplit('href="', 1)[1].split("?", 1)[1].split('"', maxsplit=1)[
        0
    ].replace("&amp;", "&")


def many_orders(count: int, *, first: int = 0) -> None:
    make_place()
    make_supplier()
    for number in range(first, first + count):
        sku = f"TEA-{number:03}"
        make_product(sku=sku)
        make_offer(sku=sku)
        (made,) = restock.approve(
            proposal_ids=propose((sku, 6)), decided_by="mei", moment=MONDAY_MORNING - timedelta(minutes=number % 7)
        )
        PurchaseOrder.objects.filter(number=made.number).update(expected_date=MONDAY + timedelta(days=number % 5))


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)
