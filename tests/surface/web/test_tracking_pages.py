"""Pages of tracking: sources under Setup, the script of pages, and what people search for in vain."""

import dataclasses
import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from reorder.domain.behaviour.models import TrackedDay, TrackedEvent, TrackingSource, Visitor
from reorder.domain.behaviour.months import open_months
from reorder.domain.behaviour.sources import get_source_of_key, make_source, prove_user, proves_user
from reorder.domain.behaviour.visitors import VisitMark, read_visit
from reorder.domain.catalog.models import Product
from reorder.domain.customers.models import Customer
from reorder.domain.customers.portal import open_session
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.staff.models import AuditEntry
from reorder.kernel import clock
from tests.factories.catalog import make_product
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def signed_in(role: str = "owner") -> Client:
    client = Client()
    sign_in(client, role=role)
    return client


def test_a_source_is_added_used_changed_and_switched_off() -> None:
    client = signed_in()
    given = {
        "name": "茶店 Tea",
        "channel": "web",
        "origins": "https://Shop.example.org/\n",
        "before_consent": "counts",
        "events_per_second": "10000",
    }
    refused = client.post("/setup/tracking/create", given | {"origins": "shop.example.org/tea"})
    assert refused.status_code == 422
    assert "shop.example.org/tea is not the address of a shop" in refused.content.decode()
    refused = client.post("/setup/tracking/create", given | {"address_patterns": "/products/"})
    assert refused.status_code == 422
    assert "/products/ is no pattern of addresses: {sku} stands in it once." in refused.content.decode()

    shown = client.post("/setup/tracking/create", given).content.decode()
    row = TrackingSource.objects.get()
    assert (row.origins, row.channel, row.created_by) == (["https://shop.example.org"], "web", "owner")
    secret = re.search(r'id="secret">([^<]+)<', shown)
    assert secret is not None
    source = get_source_of_key(write_key=row.write_key)
    assert f"data-key=&quot;{row.write_key}&quot;" in shown
    before = prove_user(source=source, user_id="mei")

    TrackedDay.objects.create(
        source=row, date=clock.current_date(time_zone="Asia/Taipei"), what="unknown_name", subject="Quiz <b>", count=7
    )
    page = client.get(f"/setup/tracking/{row.pk}/").content.decode()
    assert "Quiz &lt;b&gt;" in page
    assert secret[1] not in page
    assert "Nothing yet" not in page
    assert client.get("/setup/tracking/").status_code == 200

    make_product()

    def tried(address: str) -> str:
        return client.get(f"/setup/tracking/{row.pk}/", {"address": address}).content.decode()

    assert "It is about the product OOLONG-150." in tried("https://shop.example.org/any/OOLONG-150?x=1")
    patterns = {"address_patterns": "/p/{sku}-{name}\r\n?variant={sku}", "events_per_second": "50"}
    client.post(f"/setup/tracking/{row.pk}/change", given | patterns)
    page = tried("/p/OOLONG-150-green-tea")
    assert "It is about the product OOLONG-150." in page
    assert "Read by /p/{sku}-{name}." in page
    assert "No product is called NO-SUCH." in tried("/x?variant=NO-SUCH")
    assert "No pattern fits this address." in tried("/any/OOLONG-150")
    row.refresh_from_db()
    assert (row.address_patterns, row.events_per_second) == (["/p/{sku}-{name}", "?variant={sku}"], 50)

    client.post(f"/setup/tracking/{row.pk}/change", given | {"before_consent": "nothing", "origins": ""})
    client.post(f"/setup/tracking/{row.pk}/secret")
    client.post(f"/setup/tracking/{row.pk}/off")
    row.refresh_from_db()
    assert (row.before_consent, row.origins, row.is_active) == ("nothing", [], False)
    client.post(f"/setup/tracking/{row.pk}/on")
    assert not proves_user(source=get_source_of_key(write_key=row.write_key), user_id="mei", proof=before)
    actions = AuditEntry.objects.filter(action__startswith="tracking.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        f"tracking.{word}" for word in ("add", "change", "change", "renew_secret", "switch_off", "switch_on")
    ]


def test_the_script_has_five_kilobytes_at_most_and_stays_at_its_address() -> None:
    answer = Client().get("/v1/track.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert len(answer.content) <= 5_000
    # Parts that must not be lost when it is made smaller.
    for part in ("globalPrivacyControl", "doNotTrack", "sendBeacon", "webdriver", "reorder_consent", "page_engaged"):
        assert part in answer.content.decode()


def test_words_that_found_nothing_stand_first_by_people_and_say_what_was_bought() -> None:
    now = clock.current_moment()
    mei, lin = (Customer.objects.create(key=key) for key in ("mei", "lin"))
    visitor = Visitor.objects.create(anonymous_id="a-1", first_seen_at=now, last_seen_at=now, minute_at=now)
    make_product()
    oolong = Product.objects.get(sku="OOLONG-150")
    open_months(first_at=now - dt.timedelta(days=40), last_at=now)

    def search(words: str, found: int | None, person: Customer | None, days: int = 1) -> None:
        TrackedEvent.objects.create(
            message_id=f"{words}{found}{person}{days}",
            kind="search",
            search_text=words,
            results_count=found,
            customer=person,
            visitor=None if person else visitor,
            happened_at=now - dt.timedelta(days=days),
        )

    search("Matcha", 0, mei)
    search("ＭＡＴＣＨＡ", 0, None)
    search("matcha", 2, lin)
    search("kettle", 0, mei)
    search("oolong", 5, lin)
    search("old words", 0, lin, days=35)
    search("untold", None, lin)
    order = Order.objects.create(
        channel="web",
        external_id="1",
        customer=mei,
        ordered_at=now - dt.timedelta(hours=3),
        currency="TWD",
        content_hash="x",
        total_minor=450,
    )
    OrderLine.objects.create(order=order, line_key="1", product=oolong, units=1)

    client = signed_in()
    missing = client.get("/marketing/searches/").content.decode()
    rows = re.findall(r'<th scope="row" class="row-name">([^<]+)</th>', missing)
    assert rows == ["matcha", "kettle"]
    assert "1 of 2 customers" in missing
    assert "Oolong 150 g" in missing
    every = client.get("/marketing/searches/?tab=all&days=90").content.decode()
    assert re.findall(r'row-name">([^<]+)</th>', every) == ["matcha", "kettle", "old words", "oolong", "untold"]
    assert "not told" in every
    assert "kettle" not in client.get("/marketing/searches/?q=MAT").content.decode()
    lines = b"".join(client.get("/marketing/searches/export/").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1].startswith("matcha,3,3,2,2,")
    assert signed_in("buyer").get("/marketing/searches/").status_code == 200


def test_the_portal_tells_who_is_signed_in_and_what_was_searched(settings: Any) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, portal=True, public_url="https://shop.example.org")
    now = clock.current_moment()
    mei = Customer.objects.create(key="mei", name="Mei")
    _session, secret = open_session(customer_id=mei.pk, moment=now)
    client = Client()
    client.cookies["reorder_shop"] = secret
    assert "track.js" not in client.get("/shop/find/?q=matcha").content.decode()
    make_source(
        code="portal",
        name="Portal",
        channel="file",
        origins=["https://shop.example.org"],
        before_consent="counts",
        created_by="owner",
        moment=now,
    )
    page = client.get("/shop/find/?q=matcha").content.decode()
    signed = re.search(r'data-signed="([^"]+)"', page)
    assert signed is not None
    assert read_visit(mark=signed[1], moment=now) == VisitMark(mei.pk, "session")
    assert read_visit(mark=signed[1], moment=now + dt.timedelta(hours=2)) is None
    assert "&quot;Products Searched&quot;, {&quot;query&quot;: &quot;matcha&quot;, &quot;results&quot;: 0}" in page
    assert "data-reorder-agree" in page
    assert "data-signed" not in Client().get("/shop/find/?q=matcha").content.decode()
