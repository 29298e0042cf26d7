"""The page of a customer's store credit."""

import re
from typing import Any

import pytest
from django.test import Client

from reorder.domain.payments import credit
from tests.factories.pages import said
from tests.factories.pricing import make_customer
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(client: Client) -> Client:
    sign_in(client, role="support", name="Lin")
    return client


def move(client: Client, customer_id: int, amount: str, way: str = "give", key: str = "one") -> Any:
    given = {"amount": amount, "way": way, "reason": "Torn packet", "key": key}
    return client.post(f"/orders/payments/credit/{customer_id}/move", given, follow=True)


def test_store_credit_is_given_once_shown_and_taken_back(support: Client) -> None:
    mei = make_customer()
    assert f'href="/orders/payments/credit/{mei.pk}/"' in support.get(f"/customers/{mei.pk}/").content.decode()
    assert "This customer has none" in said(support.get(f"/orders/payments/credit/{mei.pk}/"))

    assert "The balance is NT$500 now" in said(move(support, mei.pk, "500"))
    move(support, mei.pk, "500")
    answer = said(move(support, mei.pk, "200", way="take", key="two"))

    assert "The balance is NT$300 now" in answer
    assert "given NT$500 Torn packet Lin" in answer
    assert "taken back -NT$200 Torn packet Lin" in answer


@pytest.mark.parametrize(
    ("amount", "way", "fault"),
    [
        ("0", "give", "it must be above zero"),
        ("-1", "give", "below zero"),
        ("much", "give", "is not an amount"),
        ("1", "take", "The store credit does not reach"),
        ("1", "burn", "Select a valid choice"),
    ],
)
def test_what_cannot_be_given_or_taken_is_said(support: Client, amount: str, way: str, fault: str) -> None:
    mei = make_customer()

    answer = move(support, mei.pk, amount, way=way)

    assert answer.status_code == 422
    assert fault in said(answer)
    assert credit.list_credit_moves(customer_id=mei.pk) == []


def test_a_customer_who_is_not_there_is_not_found(support: Client) -> None:
    assert support.get("/orders/payments/credit/999999/").status_code == 404


def test_moves_are_paged(support: Client) -> None:
    mei = make_customer()
    for number in range(52):
        move(support, mei.pk, "1", key=f"k{number}")

    page = support.get(f"/orders/payments/credit/{mei.pk}/").content.decode()
    following = re.search(r'href="([^"]+after=[^"]+)"', page)
    assert following
    assert page.count("Torn packet") == 50
    assert support.get(following[1].replace("&amp;", "&")).content.decode().count("Torn packet") == 2
