"""Coming in by mail: once, for 15 minutes, the same answer for everybody; and going out."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from reorder.domain.customers.models import Customer, PortalLink, PortalSession
from reorder.domain.messaging.models import OutboxMessage
from tests.factories.messaging import give_address, make_customer, make_reader
from tests.factories.portal import Shopper, last_link, open_portal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _open(settings: Any) -> None:
    open_portal(settings)


def test_a_shop_that_has_not_opened_it_has_no_portal(settings: Any) -> None:
    open_portal(settings)
    object.__setattr__(settings.REORDER, "portal", False)
    for path in ("/shop/", "/shop/enter/", "/shop/cart/", "/shop/orders/1/"):
        assert Client().get(path).status_code == 404


def test_opening_the_link_signs_nobody_in_and_the_button_does_once() -> None:
    make_reader()
    mei = Shopper()
    mei.post("/shop/enter/", address=" Mei@Example.org ")
    link = last_link()
    assert "Continue" in mei.page(link)
    assert mei.client.head(link).status_code == 200
    assert PortalSession.objects.count() == 0
    assert mei.post(link)["Location"] == "/shop/"
    assert "Hello Mei" in mei.page("/shop/")
    second = Shopper().post(link)
    assert second.status_code == 422
    assert "This link no longer works." in second.content.decode()


def test_a_link_ends_after_15_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    make_reader()
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-27T04:00:00+00:00")
    mei = Shopper()
    mei.post("/shop/enter/", address="mei@example.org")
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-27T04:15:00+00:00")
    assert mei.post(last_link()).status_code == 422
    assert OutboxMessage.objects.get().expires_at == dt.datetime(2026, 11, 27, 4, 15, tzinfo=dt.UTC)


def test_known_and_unknown_mailboxes_get_the_same_answer_and_the_same_work() -> None:
    make_reader()
    pages = []
    for address in ("mei@example.org", "nobody@example.net"):
        page = Shopper().post("/shop/enter/", address=address).content.decode()
        pages.append(page.replace(address, "…"))
    tokens = [page.split('csrfmiddlewaretoken" value="')[1].split('"')[0] for page in pages]
    assert pages[0].replace(tokens[0], "") == pages[1].replace(tokens[1], "")
    assert PortalLink.objects.count() == OutboxMessage.objects.count() == 2
    texts = [mail.body_text.split("/shop/enter/")[0] for mail in OutboxMessage.objects.all()]
    assert texts[0] == texts[1]


def test_somebody_new_becomes_a_customer_by_opening_the_link_and_not_before() -> None:
    new = Shopper(language="zh-TW")
    new.post("/shop/enter/", address="lin@example.net")
    assert not Customer.objects.exists()
    new.post(last_link("lin@example.net"))
    lin = Customer.objects.get()
    assert (lin.key, lin.language) == ("lin@example.net", "zh-hant")
    assert [point.address for point in lin.contact_points.all()] == ["lin@example.net"]


def test_one_mailbox_gets_three_links_in_a_quarter_of_an_hour_and_nobody_sees_that() -> None:
    make_reader()
    answers = [Shopper().post("/shop/enter/", address="mei@example.org") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert OutboxMessage.objects.count() == 3


def test_one_place_asks_twenty_times_and_guesses_twenty_times() -> None:
    asked = [Shopper().post("/shop/enter/", address=f"reader-{n}@example.org").status_code for n in range(21)]
    assert asked == [200] * 20 + [429]
    guessed = [Shopper().post(f"/shop/enter/guess-{n}/").status_code for n in range(21)]
    assert guessed == [422] * 20 + [429]


@pytest.mark.parametrize(
    "address",
    ["", "mei", "mei@", "@example.org", "a@b@c", "mei@example.org, lin@example.org", "mei@exa mple.org",
     "mei@example.org\r\nBcc: x@example.org", "<script>@example.org", "x" * 70 + "@example.org", "\x00@example.org"],
)  # fmt: skip
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    answer = Shopper().post("/shop/enter/", address=address)
    assert answer.status_code == 422
    assert not OutboxMessage.objects.exists()
    assert "<script>" not in answer.content.decode().replace('<script src="/static', "")


def test_a_session_that_was_planted_is_not_the_one_that_signs_in() -> None:
    make_reader()
    from tests.factories.inventory import make_place

    make_place()
    attacker = Shopper()
    attacker.post("/shop/cart/coupon/", code="TEA10")
    planted = attacker.client.cookies["reorder_shop"].value
    victim = Shopper()
    victim.client.cookies["reorder_shop"] = planted
    victim.enter()
    assert victim.client.cookies["reorder_shop"].value != planted
    assert attacker.get("/shop/orders/").status_code == 302


def test_signing_out_here_and_everywhere() -> None:
    make_reader()
    phone, desk = Shopper().enter(), Shopper().enter()
    Shopper().post("/shop/enter/", address="mei@example.org")
    waiting = last_link()
    phone.post("/shop/out/")
    assert [one.get("/shop/orders/").status_code for one in (phone, desk)] == [302, 200]
    desk.post("/shop/out/everywhere/")
    assert desk.get("/shop/orders/").status_code == 302
    assert Shopper().post(waiting).status_code == 422


def test_a_session_goes_on_while_it_is_used_under_another_secret_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    make_reader()
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-01T04:00:00+00:00")
    mei = Shopper().enter()
    first = mei.client.cookies["reorder_shop"].value
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-26T04:00:00+00:00")
    assert mei.get("/shop/orders/").status_code == 200
    second = mei.client.cookies["reorder_shop"].value
    assert second != first
    monkeypatch.setenv("REORDER_CLOCK", "2026-12-20T04:00:00+00:00")
    assert mei.get("/shop/orders/").status_code == 200
    thief = Shopper()
    thief.client.cookies["reorder_shop"] = first
    assert thief.get("/shop/orders/").status_code == 302
    monkeypatch.setenv("REORDER_CLOCK", "2027-02-01T04:00:00+00:00")
    assert mei.get("/shop/orders/").status_code == 302


def test_an_erased_customer_is_signed_out_and_a_merged_one_goes_on_as_who_was_kept() -> None:
    lin = make_customer(key="lin", name="Lin")
    give_address(customer=lin)
    mei = make_reader()
    one = Shopper().enter("lin@example.org")
    Customer.objects.filter(pk=lin.pk).update(merged_into=mei, merged_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    assert "Hello Mei" in one.page("/shop/")
    Customer.objects.filter(pk=mei.pk).update(erased_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    assert one.get("/shop/orders/").status_code == 302


def test_forged_forms_are_refused_and_headers_keep_pages_out_of_search_and_store() -> None:
    make_reader()
    strict = Client(enforce_csrf_checks=True)
    for path in ("/shop/enter/", "/shop/cart/add/", "/shop/out/", "/shop/language/"):
        assert strict.post(path).status_code == 403
    answer = Shopper().enter().get("/shop/")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin"


def test_staff_who_are_signed_in_are_strangers_here() -> None:
    from tests.factories.staff import sign_in

    client = Client()
    sign_in(client, role="owner")
    assert client.get("/shop/orders/")["Location"] == "/shop/enter/?to=%2Fshop%2Forders%2F"


def test_the_link_stands_in_no_page_of_the_staff() -> None:
    from tests.factories.staff import sign_in

    make_reader()
    Shopper().post("/shop/enter/", address="mei@example.org")
    secret = last_link().split("/")[3]
    mail = OutboxMessage.objects.get()
    client = Client()
    sign_in(client, role="owner")
    for path in (f"/messages/{mail.pk}/", f"/messages/{mail.pk}/html"):
        assert secret not in client.get(path, follow=True).content.decode()
