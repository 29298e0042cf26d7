"""The page Payments: transfers are confirmed by their reference, refunds are sent."""

import dataclasses
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.orders.models import Order
from reorder.domain.payments.queries import list_payments_of_order
from reorder.flows import paying
from tests.factories.pages import said
from tests.factories.pricing import NOON, make_order
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
PAGE = "/orders/payments/"


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REORDER", dataclasses.replace(settings.REORDER, transfer_account="007 123-45"))


@pytest.fixture
def support(client: Client) -> Client:
    sign_in(client, role="support", name="Lin")
    return client


def ask(order: Order, provider: str = "bank_transfer") -> str:
    asked = paying.ask_payment(order_id=order.pk, provider=provider, key=f"a{order.pk}", actor="Mei", moment=NOON)
    assert asked.payment
    return asked.payment.reference


def confirm(client: Client, named: str, amount: str, key: str = "one", **more: str) -> Any:
    return client.post(f"{PAGE}confirm", {"named": named, "amount": amount, "key": key} | more, follow=True)


def test_a_transfer_is_confirmed_by_its_reference(support: Client) -> None:
    order = make_order()
    reference = ask(order)
    assert f"R-1 Mei Bank transfer {reference} NT$900 NT$0 waiting" in said(support.get(PAGE))

    answer = confirm(support, f" {reference} ", "900", note="12345")

    assert "The order is paid." in said(answer)
    assert reference not in said(answer)
    order.refresh_from_db()
    assert (order.payment_state, order.paid_minor) == ("paid", 90_000)


def test_the_order_number_does_as_well_and_the_same_form_sent_twice_counts_once(support: Client) -> None:
    order = make_order()
    ask(order)

    first, again = confirm(support, "R-1", "500"), confirm(support, "R-1", "500")

    assert "NT$400 is still missing" in said(first)
    assert "NT$400 is still missing" in said(again)
    assert list_payments_of_order(order_id=order.pk)[0].received_minor == 50_000


def test_too_much_and_money_for_a_cancelled_order_are_told(support: Client) -> None:
    over, gone = make_order(number="R-1"), make_order(number="R-2")
    ask(over)
    ask(gone)
    Order.objects.filter(pk=gone.pk).update(state="cancelled")

    assert "NT$50 came beyond that" in said(confirm(support, "R-1", "950", key="1"))
    assert "The order is cancelled: give NT$900 back" in said(confirm(support, "R-2", "900", key="2"))


@pytest.mark.parametrize(
    ("named", "amount", "fault"),
    [
        ("0000018", "900", "No payment has this reference"),
        ("R-1", "much", "is not an amount of TWD"),
        ("R-1", "-5", "below zero"),
        ("R-1", "0", "it must be above zero"),
        ("R-1\x00", "900", "Null characters"),
        ("", "900", "This field is required"),
        ("R-1", "9" * 20, "too large"),
    ],
)
def test_what_cannot_be_confirmed_is_said_and_nothing_is_written(
    support: Client, named: str, amount: str, fault: str
) -> None:
    order = make_order()
    ask(order)

    answer = confirm(support, named, amount)

    assert answer.status_code == 422
    assert fault in said(answer)
    assert list_payments_of_order(order_id=order.pk)[0].received_minor == 0


def test_a_refund_is_sent_by_a_person_once(support: Client) -> None:
    order = make_order()
    confirm(support, ask(order), "900")
    made = paying.refund_order(order_id=order.pk, key="r", actor="Lin", moment=NOON, reason="Broken")
    assert "R-1 Mei NT$900 Bank transfer Broken" in said(support.get(f"{PAGE}?tab=refunds"))

    address = f"{PAGE}refunds/{made.refunds[0].id}/sent"
    assert "NT$900 was sent back" in said(support.post(address, follow=True))
    assert "Nothing is owed back to anybody" in said(support.post(address, follow=True))
    assert support.post(f"{PAGE}refunds/999/sent").status_code == 404


def test_what_is_owed_at_the_door_has_a_tab_of_its_own(support: Client) -> None:
    ask(make_order(), "cash_on_delivery")

    assert "R-1" not in said(support.get(PAGE))
    assert "R-1 Mei Cash on delivery" in said(support.get(f"{PAGE}?tab=door"))


def test_many_payments_take_as_many_queries_as_one_and_are_paged(support: Client) -> None:
    def queries() -> int:
        support.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            support.get(PAGE)
        return len(captured)

    ask(make_order(number="R-0"))
    before = queries()
    for number in range(1, 53):
        ask(make_order(number=f"R-{number}"))
    assert queries() == before <= 12
    following = re.search(r'href="([^"]+after=[^"]+)"', support.get(PAGE).content.decode())
    assert following
    assert "R-2 Mei" in said(support.get(following[1].replace("&amp;", "&")))


def test_who_manages_no_orders_sees_none_of_it(client: Client) -> None:
    sign_in(client, role="marketer")

    assert client.get(PAGE).status_code == 403
