"""Customers ask to send goods back in the portal; staff see it on the order and answer it, once, with a word."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reorder.domain.customers.models import ReturnRequest
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.orders.models import Order, OrderEvent
from reorder.flows.order_desk import accept_return, decline_return
from reorder.flows.order_desk.returning import ReturnAnswered
from reorder.insights.order_problems import count_needing_orders, count_problems, find_problem, list_problems
from reorder.kernel import clock
from tests.factories.messaging import make_reader
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.portal import Shopper, open_portal
from tests.factories.racing import at_once
from tests.factories.staff import sign_in
from tests.surface.web.portal.test_portal_orders import PNG, deliver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    open_portal(settings)
    make_reader()
    stock_up(units=10)


def asked(*, photo: bytes = PNG) -> tuple[Shopper, Order, int]:
    """Mei has two packs of oolong and wants to send one back."""
    mei = Shopper().enter()
    order = mei.order(units="2")
    deliver(order)
    given: dict[str, Any] = {"photo": SimpleUploadedFile("tin.png", photo)} if photo else {}
    mei.post(
        f"/shop/orders/{order.pk}/send-back/",
        reason="damaged",
        note="<b>破了</b>",
        **{f"units-{order.lines.get().pk}": "1"},
        **given,
    )
    return mei, order, ReturnRequest.objects.get().pk


def test_a_wish_to_send_back_waits_in_the_queue_until_it_is_answered(client: Client) -> None:
    _, order, request_id = asked()
    moment = clock.current_moment()
    sign_in(client, role="support")

    assert [(row.id, row.problems) for row in list_problems(actor=MERCHANT, moment=moment).rows] == [
        (order.pk, ["returned"])
    ]
    assert count_needing_orders(moment=moment) == 1
    page = client.get("/orders/exceptions/?kind=returned").content.decode()
    assert f'href="/orders/{order.pk}/#returns"' in page
    assert "waits for an answer" in page

    answer = client.post(
        f"/orders/{order.pk}/returns/{request_id}/answer/",
        {"answer": "accept", "answer-word": "Send it to Keelung,\nby Friday."},
    )

    assert answer.status_code == 302
    assert (find_problem(actor=MERCHANT, order_id=order.pk, moment=moment), count_needing_orders(moment=moment)) == (
        None,
        0,
    )
    assert "The customer may send goods back; they" in client.get(f"/orders/{order.pk}/").content.decode()
    event = OrderEvent.objects.get(kind="return_accepted")
    assert (event.details["request"], event.details["note"]) == (request_id, "Send it to Keelung,\nby Friday.")
    assert (event.from_state, event.to_state) == ("delivered", "delivered")


def test_the_page_of_the_order_shows_goods_reason_note_and_picture_as_text(client: Client) -> None:
    _, order, request_id = asked()
    sign_in(client, role="support")
    page = client.get(f"/orders/{order.pk}/").content.decode()
    assert "&lt;b&gt;破了&lt;/b&gt;" in page
    assert "it came damaged" in page
    assert "· the customer · " in page
    assert "your link to sign in" not in page
    assert f'src="/orders/{order.pk}/returns/{request_id}/photo/"' in page
    photo = client.get(f"/orders/{order.pk}/returns/{request_id}/photo/")
    assert (photo["Content-Type"], photo.content, photo["X-Content-Type-Options"]) == ("image/png", PNG, "nosniff")
    assert client.get(f"/orders/{order.pk}/returns/{request_id + 1}/photo/").status_code == 404
    assert client.get(f"/orders/{order.pk + 1}/returns/{request_id}/photo/").status_code == 404


@pytest.mark.parametrize(
    ("button", "told", "reason_code"),
    [
        ("accept", "You may send it back.", "shop.return_accepted"),
        ("decline", "We cannot take it back.", "shop.return_declined"),
    ],
)
def test_the_customer_reads_the_answer_by_mail_and_on_the_order(
    client: Client, button: str, told: str, reason_code: str
) -> None:
    mei, order, request_id = asked(photo=b"")
    assert "We have your request and answer it by mail." in mei.page(f"/shop/orders/{order.pk}/")
    sign_in(client, role="support")
    address = f"/orders/{order.pk}/returns/{request_id}/answer/"
    client.post(address, {"answer": button, "answer-word": "Opened tins: <ask us>."})

    mail = OutboxMessage.objects.get(reason_code=reason_code)
    assert (mail.address, "Opened tins: <ask us>." in mail.body_text) == ("mei@example.org", True)
    assert "Opened tins: &lt;ask us&gt;." in mail.body_html
    page = mei.page(f"/shop/orders/{order.pk}/")
    assert told in page
    assert "Opened tins: &lt;ask us&gt;." in page

    again = client.post(address, {"answer": "accept", "answer-word": "Once more"})
    assert again.status_code == 409
    assert "answered already by" in again.content.decode()
    assert OrderEvent.objects.filter(kind__in=["return_accepted", "return_declined"]).count() == 1
    assert OutboxMessage.objects.filter(reason_code__startswith="shop.return_").count() == 1


def test_two_who_answer_at_once_give_one_answer() -> None:
    _, order, request_id = asked(photo=b"")
    moment = clock.current_moment()

    def answer(hand: int) -> str:
        act = (accept_return, decline_return)[hand]
        try:
            act(order_id=order.pk, request_id=request_id, word=f"Word {hand}", actor=MERCHANT, moment=moment)
        except ReturnAnswered:
            return "late"
        return "done"

    assert sorted(at_once(answer, hands=2)) == ["done", "late"]
    told = OutboxMessage.objects.get(reason_code__startswith="shop.return_")
    event = OrderEvent.objects.get(kind__in=["return_accepted", "return_declined"])
    assert (told.reason_code, event.details["note"] in told.body_text) == (f"shop.{event.kind}", True)


def test_an_answer_without_a_word_or_by_somebody_who_may_not_changes_nothing(client: Client) -> None:
    _, order, request_id = asked(photo=b"")
    address = f"/orders/{order.pk}/returns/{request_id}/answer/"
    sign_in(client, role="support")
    for word in ("", "  \x00 ", "x" * 1001):
        answer = client.post(address, {"answer": "accept", "answer-word": word})
        assert answer.status_code == 422
    assert client.post(f"/orders/{order.pk}/returns/{request_id + 1}/answer/", {"answer-word": "x"}).status_code == 404
    sign_in(client, role="warehouse")
    assert client.post(address, {"answer": "accept", "answer-word": "yes"}).status_code == 403
    assert not OrderEvent.objects.filter(kind__startswith="return_a").exists()
    counts = count_problems(actor=MERCHANT, moment=clock.current_moment())
    assert sorted((one.kind, one.orders_count) for one in counts) == [
        ("any", 1),
        ("returned", 1),
    ]
