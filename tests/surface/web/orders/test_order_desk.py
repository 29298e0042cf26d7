"""The desk Orders: lists by what happens next, search by anything, one order, and what people do with it."""

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client

from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.kernel import clock
from tests.factories.inventory import KEELUNG
from tests.factories.placing import MEI, order_of, place, stock_up
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 27, 6, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "current_moment", lambda: NOW)
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())


def placed(*, external_id: str = "A-1", units: int = 2, stock: int = 10, **more: object) -> Order:
    """An order of Mei's for oolong."""
    stock_up(units=stock)
    place(order_of(("OOLONG-150", units), external_id=external_id, **more))
    return Order.objects.get(external_id=external_id)


def numbers(page: object) -> list[str]:
    """The orders that a list shows."""
    return [str(row.cells[0].html) for row in page.context["list"].rows]  # type: ignore[attr-defined]


def test_an_order_with_all_its_goods_waits_to_be_released(client: Client) -> None:
    placed()
    sign_in(client, role="support")
    page = client.get("/orders/")
    assert numbers(page) == ["A-1"]
    assert page.context["state"] == "No order needs a human. 1 can be released."
    assert numbers(client.get("/orders/?tab=warehouse")) == []


@pytest.mark.parametrize("typed", ["A-1", "#A-1", "美玲", "0912345678", "+886912345678", "OOLONG-150", "110", "oolong"])
def test_an_order_is_found_by_whatever_is_known_of_it(client: Client, typed: str) -> None:
    placed()
    sign_in(client)
    assert numbers(client.get("/orders/", {"tab": "all", "q": typed})) == ["A-1"]
    assert numbers(client.get("/orders/", {"tab": "all", "q": "nobody-knows"})) == []


def test_filters_leave_out_what_they_do_not_name_and_say_what_they_cannot_read(client: Client) -> None:
    placed(payment="cash_on_delivery")
    sign_in(client)
    assert numbers(client.get("/orders/?tab=all&payment=cash_on_delivery&least=900&most=900")) == ["A-1"]
    assert numbers(client.get("/orders/?tab=all&least=901")) == []
    assert numbers(client.get("/orders/?tab=all&from=2026-11-28")) == []
    page = client.get("/orders/?tab=all&least=much")
    assert page.status_code == 200
    assert "Write an amount" in page.content.decode()


def test_pages_go_on_behind_the_last_order_seen(client: Client) -> None:
    stock_up(units=200)
    place(*(order_of(("OOLONG-150", 1), external_id=f"A-{n:03}") for n in range(1, 56)))
    sign_in(client)
    first = client.get("/orders/")
    assert numbers(first)[:2] == ["A-055", "A-054"]
    assert len(numbers(first)) == 50
    second = client.get(first.context["list"].next_url)
    assert numbers(second) == ["A-005", "A-004", "A-003", "A-002", "A-001"]
    assert client.get("/orders/?after=bm9uc2Vuc2U").status_code == 422


def test_everything_of_a_list_is_exported(client: Client) -> None:
    placed()
    sign_in(client)
    text = b"".join(client.get("/orders/export/?tab=all&format=csv").streaming_content).decode("utf-8-sig")
    head, row = text.splitlines()
    assert head.startswith("Order number,Channel,Customer,")
    assert row.startswith("A-1,shop,林美玲,shop:mei,Ready to release,")
    assert ",Paid,900.00,900.00,0.00,0.00,TWD,110," in row


def test_the_page_says_what_comes_next_and_why_this_place(client: Client) -> None:
    order = placed()
    sign_in(client)
    page = client.get(f"/orders/{order.pk}/")
    assert page.context["step"].label == "Release"
    text = page.content.decode()
    assert "2 kept at KEELUNG" in text
    assert "KEELUNG is the first place for this address, and has everything." in text
    assert ("Total", "NT$900", "sum") in page.context["money"]
    assert [event.kind for event in page.context["events"]] == ["allocated", "placed"]


def test_from_released_to_delivered_each_step_is_one_button(client: Client) -> None:
    order = placed()
    sign_in(client)
    assert client.post(f"/orders/{order.pk}/release/").status_code == 302
    part = FulfilmentOrder.objects.get(order=order)
    for step in ("pick", "pack"):
        assert client.post(f"/orders/parcels/{part.pk}/{step}/").status_code == 302
    client.post(f"/orders/parcels/{part.pk}/ship/", {"carrier": "黑貓", "tracking_number": "9007-1234-5678"})
    part.refresh_from_db()
    assert (part.state, part.carrier, part.tracking_number) == ("shipped", "黑貓", "9007-1234-5678")
    assert numbers(client.get("/orders/", {"tab": "shipped", "q": "9007-1234-5678"})) == ["A-1"]
    client.post(f"/orders/parcels/{part.pk}/deliver/")
    order.refresh_from_db()
    assert order.state == "delivered"
    again = client.post(f"/orders/parcels/{part.pk}/pack/")
    assert again.status_code == 409
    assert "Nothing was changed." in again.content.decode()


def test_a_hold_stops_the_release_and_letting_go_opens_it(client: Client) -> None:
    order = placed()
    sign_in(client)
    client.post(f"/orders/{order.pk}/hold/", {"hold-reason": "fraud", "hold-note": "card of another name"})
    refused = client.post(f"/orders/{order.pk}/release/")
    assert refused.status_code == 409
    assert "Order A-1 is held (fraud check)" in refused.content.decode()
    client.post(f"/orders/{order.pk}/unhold/")
    assert client.post(f"/orders/{order.pk}/release/").status_code == 302


def test_an_order_that_waits_for_money_goes_on_when_it_is_written_down(client: Client) -> None:
    order = placed(payment="unpaid")
    sign_in(client)
    page = client.get(f"/orders/{order.pk}/")
    assert page.context["step"].sentence == "It waits for a payment of NT$900."
    assert client.post(f"/orders/{order.pk}/pay/", {"pay-reference": "12345"}).status_code == 302
    order.refresh_from_db()
    assert (order.payment_state, order.paid_minor, order.hold_reasons) == ("paid", 90_000, [])


def test_a_wrong_address_is_refused_beside_its_field_and_a_right_one_is_taken(client: Client) -> None:
    order = placed()
    sign_in(client)
    client.post(f"/orders/{order.pk}/hold/", {"hold-reason": "address"})
    fields = {"name": "林美玲", "phone": "0912345678", "country": "TW", "postcode": "110", "region": "臺北市"}
    given = {f"address-{name}": text for name, text in fields.items()}
    refused = client.post(f"/orders/{order.pk}/address/", given)
    assert refused.status_code == 422
    assert refused.context["address_form"].errors.keys() == {"line1"}
    answer = client.post(f"/orders/{order.pk}/address/", given | {"address-line1": "松仁路 100 號"})
    assert answer.status_code == 302
    order.refresh_from_db()
    assert (order.ship_to.line1, order.hold_reasons) == ("松仁路 100 號", [])


def test_lines_can_be_changed_and_added_before_the_release(client: Client) -> None:
    order = placed()
    stock_up(sku="PUER-357", units=5)
    line = order.lines.get()
    sign_in(client)
    page = client.post(f"/orders/{order.pk}/edit/save/", {f"units-{line.pk}": "many"})
    assert page.status_code == 422
    answer = client.post(f"/orders/{order.pk}/edit/save/", {f"units-{line.pk}": "3", "sku": "PUER-357", "more": "1"})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert {one.product.sku: one.units for one in order.lines.select_related("product")} == {
        "OOLONG-150": 3,
        "PUER-357": 1,
    }


def test_cancelling_needs_a_reason_and_gives_the_goods_back(client: Client) -> None:
    order = placed()
    sign_in(client)
    assert client.post(f"/orders/{order.pk}/cancel/", {"cancel-reason": " "}).status_code == 422
    assert client.post(f"/orders/{order.pk}/cancel/", {"cancel-reason": "changed her mind"}).status_code == 302
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert numbers(client.get("/orders/?tab=cancelled")) == ["A-1"]


def test_two_orders_of_a_customer_become_one(client: Client) -> None:
    first = placed()
    place(order_of(("OOLONG-150", 1), external_id="A-2", ordered_at=NOW - dt.timedelta(hours=1)))
    second = Order.objects.get(external_id="A-2")
    for order in (first, second):
        Order.objects.filter(pk=order.pk).update(hold_reasons=[])
    sign_in(client)
    answer = client.post(f"/orders/{first.pk}/merge/", {"order": str(second.pk)})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    second.refresh_from_db()
    assert (second.state, second.merged_into_id) == ("cancelled", first.pk)
    said = client.get(f"/orders/{second.pk}/").context["step"].sentence
    assert said == "It became part of order A-1."


def test_less_on_the_shelf_than_in_the_books_is_looked_for_elsewhere(client: Client) -> None:
    order = placed(units=3, stock=3)
    sign_in(client)
    client.post(f"/orders/{order.pk}/release/")
    part = FulfilmentOrder.objects.get(order=order)
    line = part.lines.get()
    name = f"found-{line.order_line_id}-{line.product_id}"
    assert client.post(f"/orders/parcels/{part.pk}/short/", {name: "x"}).status_code == 422
    assert client.post(f"/orders/parcels/{part.pk}/short/", {name: "1"}).status_code == 302
    order.refresh_from_db()
    assert "out_of_stock" in order.hold_reasons


def test_a_note_stands_in_the_timeline_with_its_author(client: Client) -> None:
    order = placed()
    person = sign_in(client, role="support")
    client.post(f"/orders/{order.pk}/note/", {"note-text": "Leave it <b>at the door</b> 🙂"})
    event = OrderEvent.objects.filter(order=order, kind="noted").get()
    assert event.actor == person.username
    text = client.get(f"/orders/{order.pk}/").content.decode()
    assert "Leave it &lt;b&gt;at the door&lt;/b&gt; 🙂" in text


def test_who_fulfils_may_pick_but_not_cancel_and_a_viewer_may_only_look(client: Client) -> None:
    order = placed()
    sign_in(client)
    client.post(f"/orders/{order.pk}/release/")
    part = FulfilmentOrder.objects.get(order=order)
    sign_in(client, role="warehouse")
    assert client.post(f"/orders/{order.pk}/cancel/", {"cancel-reason": "no"}).status_code == 403
    assert client.post(f"/orders/parcels/{part.pk}/pick/").status_code == 302
    sign_in(client, role="viewer")
    assert client.get(f"/orders/{order.pk}/").status_code == 200
    assert client.post(f"/orders/parcels/{part.pk}/pack/").status_code == 403


def test_orders_of_other_places_are_not_there_for_who_is_limited_to_some(client: Client) -> None:
    order = placed()
    sign_in(client, role="warehouse", name="south", places=["KAOHSIUNG"])
    assert numbers(client.get("/orders/?tab=all")) == []
    assert client.get(f"/orders/{order.pk}/").status_code == 404
    sign_in(client, role="warehouse", name="north", places=[KEELUNG])
    assert client.get(f"/orders/{order.pk}/").status_code == 200


def test_an_order_of_elsewhere_is_history_that_nobody_changes(client: Client) -> None:
    order = placed()
    Order.objects.filter(pk=order.pk).update(fulfilment="elsewhere", state="placed")
    sign_in(client)
    assert numbers(client.get("/orders/?tab=history")) == ["A-1"]
    page = client.get(f"/orders/{order.pk}/")
    assert page.context["step"].sentence == "Another system fulfils this order; it is kept here as history."
    assert client.post(f"/orders/{order.pk}/release/").status_code == 409


def test_nothing_is_found_under_a_number_that_no_order_has(client: Client) -> None:
    sign_in(client)
    for address in ("/orders/99999999999999999999/", "/orders/7/", "/orders/7/edit/", "/orders/7/print/pick/"):
        assert client.get(address).status_code == 404
    assert client.post("/orders/parcels/99999999999999999999/pick/").status_code == 404


def test_script_and_sql_in_an_order_are_shown_as_text(client: Client) -> None:
    nasty = "<script>alert(1)</script>'; DROP TABLE orders_order;--"
    order = placed(external_id="X'<i>", ship_to=replace(MEI, name=nasty, line1=nasty))
    sign_in(client)
    text = client.get(f"/orders/{order.pk}/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert numbers(client.get("/orders/", {"tab": "all", "q": nasty})) == []
