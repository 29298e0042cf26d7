"""A customer of the portal at a browser: comes in by the mail, fills a cart, orders."""

import dataclasses
import re
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.orders.models import Order

ADDRESS = {
    "saved": "new",
    "name": "王美玲",
    "phone": "0912-345-678",
    "postcode": "106",
    "region": "臺北市",
    "city": "大安區",
    "line1": "和平東路一段 1 號",
}


def open_portal(settings: Any, **more: Any) -> None:
    """The shop lets customers in and takes transfers; nobody has asked for a link or guessed one yet."""
    cache.clear()
    settings.REORDER = dataclasses.replace(
        settings.REORDER,
        portal=True,
        transfer_account="E.SUN 808-0912",
        shop_name="Keelung Tea",
        public_url="https://tea.example",
        **more,
    )


def last_link(address: str = "mei@example.org") -> str:
    """The page of the latest link that was mailed to a mailbox."""
    mail = OutboxMessage.objects.filter(address=address, reason_code="shop.sign_in").latest("pk")
    return re.findall(r"https://tea\.example(/shop/enter/[\w-]+/)", mail.body_text)[0]


def field(page: str, name: str) -> str:
    """The value of a field in a page."""
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


class Shopper:
    """Somebody at a browser of their own."""

    def __init__(self, *, language: str = "en") -> None:
        self.client = Client(headers={"Accept-Language": language})

    def get(self, path: str) -> HttpResponse:
        return self.client.get(path)  # type: ignore[return-value]

    def post(self, path: str, **fields: Any) -> HttpResponse:
        return self.client.post(path, fields)  # type: ignore[return-value]

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def enter(self, address: str = "mei@example.org") -> "Shopper":
        assert self.post("/shop/enter/", address=address).status_code == 200
        answer = self.post(last_link(address))
        assert answer.status_code == 302
        return self

    def put(self, sku: str = "OOLONG-150", units: str = "2") -> HttpResponse:
        return self.post("/shop/cart/add/", sku=sku, units=units)

    def form(self, **more: str) -> dict[str, str]:
        """What the confirming page would send."""
        page = self.page("/shop/confirm/")
        return {
            **ADDRESS,
            "cart": field(page, "cart"),
            "seen": field(page, "seen"),
            "way": "bank_transfer",
            "do": "order",
            **more,
        }

    def order(self, sku: str = "OOLONG-150", units: str = "2", **more: str) -> Order:
        """Buy something; the order."""
        self.put(sku, units)
        answer = self.post("/shop/confirm/", **self.form(**more))
        assert answer.status_code == 302, answer.content.decode()
        return Order.objects.get(pk=int(answer["Location"].split("/")[3]))
