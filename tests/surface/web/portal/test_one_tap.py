"""The link of a message: it shows on GET, fills a cart once on POST, brings its coupon, and says nothing of anybody."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from reorder.domain.customers.models import Cart, Customer
from reorder.domain.marketing.offers import NewOffer, create_offer
from reorder.domain.messaging.models import MessageEvent, OutboxMessage
from reorder.domain.messaging.operations import plan_messages, unsubscribe_token
from reorder.domain.messaging.rules import MessageDraft
from reorder.flows.content import render_message
from reorder.flows.content.links import followed_url
from reorder.flows.shop_links import CART_LINK_LASTS, reorder_link
from reorder.kernel import clock
from tests.factories.content import Message, make_template
from tests.factories.messaging import make_reader
from tests.factories.placing import stock_up
from tests.factories.portal import Shopper, open_portal
from tests.factories.pricing import terms

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.fixture
def mei(settings: Any) -> Customer:
    open_portal(settings)
    stock_up(units=10)
    customer = make_reader()
    create_offer(
        offer=NewOffer(code="TEN", terms=terms("TEN"), words={"en": "10 % off"}, valid_days=7), created_by="Lin"
    )
    return customer


def plan(customer: Customer, key: str = "m-1") -> OutboxMessage:
    """A message that was planned from a template."""
    version = make_template()
    draft = MessageDraft(
        idempotency_key=key,
        purpose="marketing",
        address="mei@example.org",
        subject="",
        body_text="",
        reason_code="journey.due",
        send_after=clock.current_moment(),
        customer_id=customer.pk,
        template_version_id=version.id,
        variables={"skus": ["OOLONG-150"], "offer": "TEN"},
        source_kind="journey",
        source_key="replenishment",
        step_key="remind",
    )
    plan_messages(drafts=[draft])
    return OutboxMessage.objects.get(idempotency_key=key)


def written(message: OutboxMessage) -> list[str]:
    """The addresses in the mail."""
    made = render_message(
        message=Message(
            id=message.pk,
            idempotency_key=message.idempotency_key,
            customer_id=message.customer_id,
            template_version_id=message.template_version_id,
            variables=message.variables,
            dated_at=message.send_after,
        )
    )
    return re.findall(r'<a [^>]*?href="(.*?)"', made.html)


def test_a_tap_fills_the_cart_once_with_its_coupon_and_the_order_is_known_to_come_from_the_message(mei) -> None:
    message = plan(mei)
    path = written(message)[0].removeprefix("https://tea.example").split("?")[0]

    shown = Shopper().page(path)
    assert "1 × OOLONG-150" in shown or "1 × Oolong 150 g" in shown
    assert "With your coupon." in shown
    assert not Cart.objects.exists()
    for private in ("mei@example.org", "Mei", str(mei.pk) + "/"):
        assert private not in shown.replace("/shop/me/", "")

    shopper = Shopper().enter()
    for _ in range(2):  # tapped twice, it is in once
        answer = shopper.post(path)
        assert answer["Location"] == "/shop/cart/?said=added"
    cart = Cart.objects.get(customer=mei)
    assert [(sku, Decimal(units)) for sku, units in cart.lines] == [("OOLONG-150", Decimal(1))]
    assert len(cart.coupon_codes) == 1
    event = MessageEvent.objects.get(message=message)
    assert (event.kind, event.details) == ("clicked", {"cart": cart.code})
    assert "Offer TEN: 10% off." in shopper.page("/shop/cart/")

    # Forwarded, it fills a stranger's cart, and the coupon is not theirs.
    stranger = Shopper()
    assert stranger.post(path)["Location"] == "/shop/cart/?said=added"
    other = Cart.objects.exclude(pk=cart.pk).get()
    assert (other.customer_id, len(other.lines)) == (None, 1)


def test_links_that_are_forged_cut_or_old_fill_nothing(mei) -> None:
    moment = clock.current_moment()
    good = reorder_link(customer_id=mei.pk, lines={"OOLONG-150": Decimal(2)}, moment=moment, message_id=1)
    old = reorder_link(customer_id=mei.pk, lines={"OOLONG-150": Decimal(2)}, moment=moment - CART_LINK_LASTS)
    for link in (good[:-3] + "xx/", good[: len(good) // 2] + "/", old):
        for method in ("get", "post"):
            answer = getattr(Client(), method)(link.removeprefix("https://tea.example"))
            assert answer.status_code == 422, link
    assert not Cart.objects.exists()


def test_a_followed_link_leads_only_where_its_message_pointed_and_counts_for_who_agreed(mei) -> None:
    message = plan(mei)
    browser = Client(headers={"user-agent": PHONE})
    path = followed_url(message_id=message.pk, url="https://tea.example/brew?x=1").removeprefix("https://tea.example")

    # Whoever has not agreed is led on, and nothing is kept.
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (302, "https://tea.example/brew?x=1")
    assert not MessageEvent.objects.exists()

    token = unsubscribe_token(customer_id=mei.pk)
    assert f"/l/choice/{token}" in browser.get(f"/u/{token}").content.decode()
    assert "Nothing is counted." in browser.get(f"/l/choice/{token}").content.decode()
    assert "You agreed." in browser.post(f"/l/choice/{token}", {"do": "yes"}).content.decode()
    assert browser.get(f"/l/choice/{token[:-1]}").status_code == 404
    assert browser.head(path).status_code == 302
    assert (
        Client(headers={"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}).get(path).status_code == 302
    )
    assert not MessageEvent.objects.exists()
    for _ in range(2):
        assert browser.get(path)["Location"].startswith("https://tea.example/brew?x=1")
    assert [one.kind for one in MessageEvent.objects.all()] in (["clicked"], ["clicked", "clicked"])
    pixel = path[: -len(path.split("/")[-1])] + followed_url(message_id=message.pk, url="").split("/")[-1] + ".gif"
    assert browser.get(pixel)["Content-Type"] == "image/gif"
    assert MessageEvent.objects.filter(kind="opened").count() == 1
    assert "Nothing is counted." in browser.post(f"/l/choice/{token}", {"do": "no"}).content.decode()
    # A link of a message that nobody knows any more still leads on.
    gone = followed_url(message_id=message.pk + 99, url="https://tea.example/").removeprefix("https://tea.example")
    assert browser.get(gone)["Location"] == "https://tea.example/"
    for forged in ("/l/x", path[:-1] + ("A" if path[-1] != "A" else "B"), "/l/eyJtIjoxfQ:1:x"):
        answer = browser.get(forged)
        assert (answer.status_code, "Location" in answer) == (404, False)
    assert browser.get("/l/x.gif").status_code == 404
    assert browser.post(path).status_code == 405
