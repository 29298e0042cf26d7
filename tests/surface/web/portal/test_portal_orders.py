"""Orders of customers: nobody sees another's, links tell no more than how far it is, and what can be done with one."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reorder.domain.customers.models import Customer, ReturnRequest
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.orders.errors import OrderMovedOn
from reorder.domain.orders.models import Order, OrderEvent
from reorder.flows import fulfil, portal
from reorder.flows.paying import confirm_payment
from reorder.flows.shop_links import BadShopLink
from reorder.insights.shop_orders import get_shop_order
from reorder.kernel import clock
from reorder.web.portal import shop_urls
from tests.factories.messaging import make_reader
from tests.factories.order_life import level, parcel_of, placed
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.portal import Shopper, open_portal

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    open_portal(settings)
    make_reader()
    stock_up(units=10)


def deliver(order: Order) -> None:
    """Pay it, and bring it to the door."""
    from reorder.domain.payments.queries import find_open_payment

    moment = clock.current_moment()
    payment = find_open_payment(order_id=order.pk)
    assert payment is not None
    confirm_payment(
        payment_id=payment.id, received_minor=payment.amount_minor, key=f"paid-{order.pk}", actor="Lin", moment=moment
    )
    fulfil.release_order(order_id=order.pk, actor=MERCHANT, moment=moment)
    parcel = parcel_of(order.pk)
    fulfil.pick_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=moment)
    fulfil.pack_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=moment)
    fulfil.ship_fulfilment(
        fulfilment_id=parcel, actor=MERCHANT, moment=moment, carrier="Black Cat", tracking_number="TRACK-77"
    )
    fulfil.deliver_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=moment)


def test_nobody_sees_or_changes_another_customers_order_by_any_address() -> None:
    mei = Shopper().enter()
    order = mei.order()
    secrets = ("和平東路", "王美玲", "0912345678", "E.SUN", "mei@example.org")
    lin, nobody = Shopper().enter("lin@example.net"), Shopper()
    for pattern in shop_urls.urlpatterns:
        path = "/shop/" + str(pattern.pattern).replace("<int:order_id>", str(order.pk)).replace(
            "<int:saved_id>", "1"
        ).replace("<str:secret>", "x").replace("<str:mark>", "x")
        for visitor in (lin, nobody):
            for answer in (visitor.get(path), visitor.post(path)):
                assert answer.status_code < 500, path
                page = answer.content.decode()
                assert not any(secret in page for secret in secrets), path
                if "orders/" in path and str(order.pk) in path:
                    assert answer.status_code in {302, 404, 405}, path
                    assert "/shop/orders/" not in answer.get("Location", ""), path
        if "out" in path:
            lin.enter("lin@example.net")
    order.refresh_from_db()
    assert order.state == "allocated"
    assert [one.name for one in Customer.objects.filter(key="mei")] == ["Mei"]


def test_the_link_of_the_mail_tells_how_far_it_is_and_nothing_else() -> None:
    mei = Shopper().enter()
    order = mei.order()
    mail = OutboxMessage.objects.get(reason_code="shop.order_confirmed")
    path = mail.body_text.split("https://tea.example")[1].split()[0]
    page = Shopper().page(path)
    assert order.external_id in page
    assert "We wait for your payment." in page
    assert not any(word in page for word in ("和平東路", "王美玲", "NT$", "E.SUN", "Oolong"))
    assert mei.get(path)["Location"] == f"/shop/orders/{order.pk}/"


@pytest.mark.parametrize("mark", ["x", "eyJvIjoxfQ:forged", "%00", "🍵", "a" * 3000])
def test_links_that_were_tampered_with_open_nothing(mark: str) -> None:
    Shopper().enter().order()
    for path in (f"/shop/see/{mark}/", f"/shop/again/{mark}/"):
        answer = Shopper().get(path)
        assert answer.status_code == 422
        assert "This link does not work any more." in answer.content.decode()


def test_links_end_and_one_kind_is_not_the_other() -> None:
    moment = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
    order = portal.order_link(order_id=7, moment=moment).split("/")[-2]
    goods = portal.cart_link(customer_id=1, lines={"OOLONG-150": Decimal(2)}, moment=moment).split("/")[-2]
    assert portal.read_order_link(mark=order, moment=moment + dt.timedelta(days=179)) == 7
    assert portal.read_cart_link(mark=goods, moment=moment).lines == {"OOLONG-150": Decimal(2)}
    for read, mark, days in (
        (portal.read_order_link, order, 181),
        (portal.read_cart_link, goods, 61),
        (portal.read_order_link, goods, 0),
        (portal.read_cart_link, order, 0),
    ):
        with pytest.raises(BadShopLink):
            read(mark=mark, moment=moment + dt.timedelta(days=days))


def test_the_link_of_a_reminder_shows_goods_and_the_button_puts_them_into_the_cart() -> None:
    link = portal.cart_link(
        customer_id=1, lines={"OOLONG-150": Decimal(2), "GONE": Decimal(1)}, moment=clock.current_moment()
    )
    path = link.removeprefix("https://tea.example")
    reader = Shopper()
    assert "2 × Oolong 150 g" in reader.page(path)
    assert "Your cart is empty" in reader.page("/shop/cart/")
    assert reader.post(path)["Location"] == "/shop/cart/?said=part"
    assert 'value="2"' in reader.page("/shop/cart/")


def test_an_order_is_cancelled_while_the_warehouse_has_nothing_of_it() -> None:
    mei = Shopper().enter()
    order = mei.order(units="4")
    assert level() == (10, 4)
    assert "Cancel this order" in mei.page(f"/shop/orders/{order.pk}/")
    for _ in range(2):
        assert mei.post(f"/shop/orders/{order.pk}/cancel/").status_code == 302
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert level() == (10, 0)
    later = mei.order(units="1", way="cash_on_delivery")
    fulfil.release_order(order_id=later.pk, actor=MERCHANT, moment=clock.current_moment())
    assert "Cancel this order" not in mei.page(f"/shop/orders/{later.pk}/")
    assert mei.post(f"/shop/orders/{later.pk}/cancel/").status_code == 409
    later.refresh_from_db()
    assert later.state == "released"


def test_goods_that_left_are_told_once_by_mail_with_their_number() -> None:
    mei = Shopper().enter()
    order = mei.order()
    deliver(order)
    mail = OutboxMessage.objects.get(reason_code="shop.order_shipped")
    assert "Black Cat: TRACK-77" in mail.body_text
    assert "和平東路" not in mail.body_text
    page = mei.page(f"/shop/orders/{order.pk}/")
    assert "It was delivered." in page
    assert "TRACK-77" in page
    assert "NT$900" in mei.page(f"/shop/orders/{order.pk}/receipt/")


def test_a_wish_to_send_back_stands_with_the_order_in_the_customers_words() -> None:
    mei = Shopper().enter()
    order = mei.order(units="2")
    line = order.lines.get()
    assert (
        mei.post(f"/shop/orders/{order.pk}/send-back/", reason="damaged", **{f"units-{line.pk}": "1"}).status_code
        == 409
    )
    deliver(order)
    answer = mei.post(
        f"/shop/orders/{order.pk}/send-back/",
        reason="damaged",
        note="<b>破了</b> 😢",
        photo=SimpleUploadedFile("tin.png", PNG),
        **{f"units-{line.pk}": "1"},
    )
    assert answer.status_code == 302
    kept = ReturnRequest.objects.get()
    assert (kept.reason, kept.lines, kept.note, kept.photo_type) == (
        "damaged",
        {"1": "1"},
        "<b>破了</b> 😢",
        "image/png",
    )
    event = OrderEvent.objects.get(order=order, kind="return_requested")
    assert {name: event.details[name] for name in ("request", "lines", "has_photo")} == {
        "request": kept.pk,
        "lines": {"1": "1"},
        "has_photo": True,
    }
    assert "of 1" in mei.page(f"/shop/orders/{order.pk}/send-back/")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "damaged"}, "say how many of which goods"),
        ({"reason": "damaged", "units": "3"}, "more than was bought"),
        ({"reason": "damaged", "units": "-1"}, "say how many of which goods"),
        ({"reason": "damaged", "units": "0.5"}, "say how many of which goods"),
        ({"reason": "", "units": "1"}, "This field is required."),
        ({"reason": "<b>", "units": "1"}, "Select a valid choice"),
        ({"reason": "damaged", "units": "1", "photo": b"<svg onload=alert(1)>"}, "the picture must be a JPEG"),
        ({"reason": "damaged", "units": "1", "photo": PNG + b"0" * 4_000_000}, "the picture must be a JPEG"),
    ],
)
def test_a_wish_with_a_fault_is_refused_with_the_reason(fields: dict[str, Any], sentence: str) -> None:
    mei = Shopper().enter()
    order = mei.order(units="2")
    deliver(order)
    given = dict(fields)
    if "units" in given:
        given[f"units-{order.lines.get().pk}"] = given.pop("units")
    if "photo" in given:
        given["photo"] = SimpleUploadedFile("picture.png", given["photo"])
    answer = mei.post(f"/shop/orders/{order.pk}/send-back/", **given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ReturnRequest.objects.exists()


def test_an_order_is_bought_again_by_one_tap() -> None:
    mei = Shopper().enter()
    order = mei.order(units="3")
    assert mei.post(f"/shop/orders/{order.pk}/again/")["Location"] == "/shop/cart/?said=added"
    assert 'value="3"' in mei.page("/shop/cart/")


def test_lists_and_words_of_addresses_cannot_be_bent() -> None:
    mei = Shopper().enter()
    mei.order()
    for path in ("/shop/orders/?after=x", "/shop/orders/?after=W10", "/shop/?said=<script>", "/shop/find/?q=%00%25_\\'",
                 "/shop/orders/99999999999999999999/"):  # fmt: skip
        answer = mei.get(path)
        assert answer.status_code in {200, 404}, path
        assert "said=" not in answer.content.decode()


def test_name_language_and_addresses_are_the_customers_own() -> None:
    mei = Shopper().enter()
    mei.order()
    mei.post("/shop/me/change/", name="  美玲\x00 ", language="zh-hant")
    kept = Customer.objects.get(key="mei")
    assert (kept.name, kept.language) == ("美玲", "zh-hant")
    saved = mei.client.get("/shop/me/").content.decode().split("/shop/me/address/")[1].split("/")[0]
    lin = Shopper().enter("lin@example.net")
    assert lin.get(f"/shop/me/address/{saved}/").status_code == 404
    lin.post(f"/shop/me/address/{saved}/drop/")
    assert "和平東路" in mei.page("/shop/me/")
    mei.post(f"/shop/me/address/{saved}/drop/")
    assert "和平東路" not in mei.page("/shop/me/")
    assert Order.objects.get().ship_to is not None


def test_a_part_that_waits_for_goods_does_not_let_a_packed_parcel_be_cancelled() -> None:
    stock_up(sku="MATCHA-30", units=0)
    order_id = placed(("OOLONG-150", 1), ("MATCHA-30", 1), if_short="wait")
    order = Order.objects.get(pk=order_id)
    parcel = parcel_of(order_id, state="allocated")
    moment = clock.current_moment()
    assert portal.may_cancel(order=get_shop_order(order_id=order_id, customer_id=order.customer_id))
    fulfil.release_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=moment)
    fulfil.pick_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=moment)

    with pytest.raises(OrderMovedOn):
        portal.cancel_own_order(customer_id=order.customer_id, order_id=order_id, moment=moment)

    order.refresh_from_db()
    assert (order.state, level()) == ("placed", (10, 1))
    assert not portal.may_cancel(order=get_shop_order(order_id=order_id, customer_id=order.customer_id))
