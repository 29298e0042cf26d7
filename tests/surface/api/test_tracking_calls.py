"""Calls in Segment's and GA4's form, from the request to the event: who may send, what is taken, whose it is."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from reorder.domain.behaviour import sources, visitors
from reorder.domain.behaviour.models import InboxEvent, TrackedDay, TrackedEvent, TrackingSource, Visitor, VisitorLink
from reorder.domain.behaviour.queries import list_event_days
from reorder.domain.behaviour.sources import SourceRow
from reorder.domain.customers.models import Customer
from reorder.domain.marketing.facts import set_wanted_kinds, take_facts
from reorder.domain.planning.models import DirtyMark
from reorder.domain.staff import operations as staff
from reorder.flows.event_intake import count_refused_today, drain_events
from reorder.kernel import clock
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example.org"
AGREED = {"consent": {"analytics": True, "marketing": True}}


class Shop:
    """A source whose pages send, and what became of it."""

    def __init__(self) -> None:
        self.source, self.secret = self.make("web", [SHOP])
        self.client = Client(headers={"origin": SHOP, "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
        self.mei = Customer.objects.create(key="web:mei", name="Mei")
        self.lin = Customer.objects.create(key="web:lin", name="Lin")
        make_product()
        self.now = clock.current_moment()

    def make(self, code: str, origins: list[str], before_consent: str = "counts") -> tuple[SourceRow, str]:
        return sources.make_source(
            code=code,
            name=code,
            channel="web",
            origins=origins,
            before_consent=before_consent,
            created_by="owner",
            moment=clock.current_moment(),
        )

    def send(self, body: Any, *, kind: str = "batch", key: str | None = None, **headers: str) -> tuple[int, Any]:
        name = self.source.write_key if key is None else key
        given = {"authorization": "Basic " + base64.b64encode(f"{name}:".encode()).decode(), **headers}
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.client.post(f"/v1/{kind}", sent, content_type="text/plain", headers=given)
        return answer.status_code, json.loads(answer.content)

    def take(self, *calls: dict[str, Any], **more: Any) -> Any:
        status, answer = self.send({"batch": list(calls), **more})
        assert (status, answer["success"]) == (200, True)
        drain_events(moment=clock.current_moment())
        return answer

    def call(self, message_id: str, event: str = "Product Viewed", **facts: Any) -> dict[str, Any]:
        told = {
            "type": "track",
            "event": event,
            "messageId": message_id,
            "anonymousId": "a-1",
            "properties": {"sku": "OOLONG-150"},
            "context": AGREED,
        }
        return told | facts

    def hash_of(self, user_id: str) -> str:
        return hmac.new(self.secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()

    def counts(self) -> dict[tuple[str, str], int]:
        rows = TrackedDay.objects.values_list("what", "subject", "count")
        return {(what, subject): count for what, subject, count in rows}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_calls_of_every_kind_become_events_of_a_visitor(shop: Shop) -> None:
    page = {"page": {"path": "/tea/oolong", "url": f"{SHOP}/tea/oolong?secret=1"}}
    shop.take(
        shop.call("1", context=AGREED | page),
        shop.call("2", "add_to_cart", properties={"items": [{"item_id": "OOLONG-150", "quantity": 2}]}),
        shop.call("3", "Viewed Product", properties={"ProductID": "NO-SUCH-TEA"}),
        shop.call("4", "Products Searched", properties={"query": "  green   tea ", "results": 0}),
        shop.call("5", "begin_checkout", properties={"checkout_id": "C-1", "items": [{"item_id": "OOLONG-150"}]}),
        shop.call("6", "Order Completed", properties={"order_id": "9", "total": 450}),
        shop.call("7", "Quiz Answered", properties={"shoe_size": 38}),
        shop.call("8", "page_engaged", properties={"engaged_ms": 4200}),
        {"type": "page", "messageId": "9", "anonymousId": "a-1", "context": AGREED | page, "properties": {}},
        shop.call("10", "view_item", properties={"url": "https://shop.example.org/p/OOLONG-150?x=1"}),
        shop.call("1"),
    )
    rows = TrackedEvent.objects.order_by("id").values_list(
        "message_id", "kind", "product__sku", "search_text", "results_count", "engaged_ms", "page_path", "details"
    )
    prefix = f"t{shop.source.id}:"
    assert sorted((row[0].removeprefix(prefix), *row[1:]) for row in rows) == [
        ("1", "view", "OOLONG-150", "", None, None, "/tea/oolong", None),
        ("10", "view", "OOLONG-150", "", None, None, "", None),
        ("2", "cart", "OOLONG-150", "", None, None, "", {"units": 2.0}),
        ("3", "view", None, "", None, None, "", {"item": "NO-SUCH-TEA"}),
        ("4", "search", None, "green tea", 0, None, "", None),
        ("5", "checkout", None, "", None, None, "", {"cart": "C-1", "skus": ["OOLONG-150"]}),
        ("8", "engaged", None, "", None, 4200, "", None),
        ("9", "page", None, "", None, None, "/tea/oolong", None),
    ]
    assert Visitor.objects.get().anonymous_id == "a-1"
    assert not InboxEvent.objects.exists()
    counts = shop.counts()
    assert counts["taken", "view"] == 3
    assert counts["order", "Order Completed"] == counts["unknown_name", "Quiz Answered"] == 1
    assert counts["no_product", "NO-SUCH-TEA"] == counts["duplicate", ""] == 1


def test_only_pages_of_the_source_with_its_key_may_send(shop: Shop) -> None:
    batch = {"batch": [shop.call("1")]}
    assert shop.send(batch, key="wk_unknown")[0] == 401
    assert shop.send(batch, key="no-such-token")[0] == 401
    status, answer = shop.send(batch, origin="https://evil.example")
    assert (status, answer["code"]) == (403, "behaviour.origin_not_allowed")
    # A beacon cannot set a header: its key stands in the body.
    answered = shop.client.post(
        "/v1/b", json.dumps(batch | {"writeKey": shop.source.write_key}), content_type="text/plain"
    )
    assert answered.status_code == 200
    assert answered["Access-Control-Allow-Origin"] == SHOP
    asked = shop.client.options("/v1/t")
    assert (asked.status_code, asked["Access-Control-Allow-Headers"]) == (204, "Authorization, Content-Type")
    strange = shop.client.options("/v1/t", headers={"origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in strange
    sources.switch_source(source_id=shop.source.id, is_active=False)
    assert shop.send(batch)[0] == 401
    assert InboxEvent.objects.count() == 1
    assert Client().get("/v1/track").status_code == 405


def test_a_browser_never_names_anybody_without_the_shops_hash(shop: Shop) -> None:
    known = AGREED | {"userHash": shop.hash_of("mei")}
    shop.take(shop.call("1", userId="mei"), shop.call("2", userId="mei", context=AGREED | {"userHash": "0" * 64}))
    assert list(TrackedEvent.objects.values_list("customer_id", flat=True)) == [None, None]
    assert shop.counts()["unproved", "track"] == 2
    # The hash of somebody else's id proves nothing.
    shop.take(shop.call("3", userId="lin", context=known))
    assert not VisitorLink.objects.exists()
    earlier = (shop.now - dt.timedelta(days=31)).isoformat()
    shop.take(shop.call("old", timestamp=earlier))
    DirtyMark.objects.all().delete()
    set_wanted_kinds(kinds=["viewed", "found_nothing"])

    shop.take({"type": "identify", "messageId": "4", "anonymousId": "a-1", "userId": "mei", "context": known})
    owners = dict(TrackedEvent.objects.values_list("message_id", "customer__key"))
    prefix = f"t{shop.source.id}:"
    assert owners == {
        f"{prefix}1": "web:mei",
        f"{prefix}2": "web:mei",
        f"{prefix}3": "web:mei",
        f"{prefix}old": None,
    }
    assert set(DirtyMark.objects.values_list("kind", "subject_key")) == {
        ("segment", str(shop.mei.pk)),
        ("customer", str(shop.mei.pk)),
    }
    facts = take_facts(limit=10)
    assert [(fact.kind, fact.customer_id, fact.subject) for fact in facts] == [
        ("viewed", shop.mei.pk, "OOLONG-150")
    ] * 3
    # From now on what this browser does is hers, without being told again.
    shop.take(
        shop.call("5", "search", properties={"search_term": "matcha", "results_count": 0}),
        shop.call("6", context={"consent": {"analytics": True, "marketing": False}}),
    )
    assert TrackedEvent.objects.filter(customer=shop.mei).count() == 5
    assert [(fact.kind, fact.subject) for fact in take_facts(limit=10)] == [("found_nothing", "matcha")]


def test_pages_alone_are_no_day_of_a_customer_and_nothing_for_the_engine(shop: Shop) -> None:
    known = AGREED | {"userHash": shop.hash_of("mei")}
    told = {"userId": "mei", "context": known}
    day = {"customer_id": shop.mei.pk, "before": None, "limit": 5, "time_zone": "UTC"}
    shop.take({"type": "page", "messageId": "1", "anonymousId": "a-1"} | told, shop.call("2", "page_engaged", **told))
    assert TrackedEvent.objects.filter(customer=shop.mei).count() == 2
    assert list_event_days(**day) == []
    # The engine reads nothing of it, so no date moves; segments look all the same.
    assert set(DirtyMark.objects.values_list("kind", flat=True)) == {"segment"}
    shop.take(
        shop.call("3", "Product Added to Wishlist", **told), shop.call("4", "Checkout Started", properties={}, **told)
    )
    found = list_event_days(**day)
    assert [(one.likes_count, one.checkouts_count, list(one.names)) for one in found] == [(1, 1, ["Oolong 150 g"])]


def test_two_people_at_one_browser_and_what_came_late(shop: Shop) -> None:
    def at(hours: int) -> str:
        return (shop.now - dt.timedelta(hours=hours)).isoformat()

    def named(message_id: str, user: str, hours: int) -> dict[str, Any]:
        proof = AGREED | {"hmac": shop.hash_of(user)}
        return shop.call(message_id, userId=user, context=proof, timestamp=at(hours))

    shop.take(shop.call("before", timestamp=at(9)))
    shop.take(named("mei", "mei", 8))
    shop.take(named("lin", "lin", 4))
    shop.take(
        shop.call("between, late", timestamp=at(6)),
        shop.call("after", timestamp=at(2)),
        shop.call("before, late", timestamp=at(10)),
    )
    prefix = f"t{shop.source.id}:"
    owners = {
        message_id.removeprefix(prefix): key
        for message_id, key in TrackedEvent.objects.values_list("message_id", "customer__key")
    }
    assert owners == {
        "before": "web:mei",
        "before, late": "web:mei",
        "mei": "web:mei",
        "between, late": "web:mei",
        "lin": "web:lin",
        "after": "web:lin",
    }
    assert visitors.visitor_of_browser(anonymous_id="a-1").customer_id == shop.lin.pk  # type: ignore[union-attr]


def test_a_link_of_a_mail_names_a_browser_that_nobody_has(shop: Shop) -> None:
    mark = visitors.sign_visit(customer_id=shop.mei.pk, moment=shop.now)
    stale = visitors.sign_visit(customer_id=shop.mei.pk, moment=shop.now - dt.timedelta(hours=2))
    shop.take(shop.call("1", context=AGREED | {"mark": stale}), shop.call("2", context=AGREED | {"mark": mark + "x"}))
    assert not VisitorLink.objects.exists()
    shop.take(shop.call("3", context=AGREED | {"mark": mark}))
    assert set(TrackedEvent.objects.values_list("customer__key", flat=True)) == {"web:mei"}
    ghost = Customer.objects.create(key="ghost", erased_at=shop.now)
    erased = visitors.sign_visit(customer_id=ghost.pk, moment=shop.now)
    shop.take(shop.call("ghost", anonymousId="a-9", context=AGREED | {"mark": erased}))
    assert VisitorLink.objects.count() == 1
    TrackedEvent.objects.filter(customer=None).delete()
    # A forwarded mail does not take somebody's browser away.
    other = visitors.sign_visit(customer_id=shop.lin.pk, moment=shop.now)
    shop.take(shop.call("4", context=AGREED | {"mark": other}))
    assert set(TrackedEvent.objects.values_list("customer__key", flat=True)) == {"web:mei"}
    # A browser of very many people is nobody's.
    for number in range(8):
        person = Customer.objects.create(key=f"guest-{number}")
        visitors.stitch(anonymous_id="till", customer_id=person.pk, proof="session", moment=shop.now)
    shop.take(shop.call("5", anonymousId="till"))
    assert TrackedEvent.objects.get(message_id__endswith=":5").customer_id is None


def test_without_consent_nothing_but_numbers_is_kept(shop: Shop) -> None:
    strict, _secret = shop.make("strict", [SHOP], before_consent="nothing")
    shop.take(
        shop.call("1", context={}),
        shop.call("2", context={"consent": {"analytics": False}}),
        shop.call("3", context={"consent": {"categoryPreferences": {"Analytics": True}}}),
    )
    assert shop.send({"batch": [shop.call("4")]}, **{"sec-gpc": "1"})[0] == 200
    assert shop.send({"batch": [shop.call("5", context={})]}, key=strict.write_key)[0] == 200
    drain_events(moment=clock.current_moment())
    assert [one.message_id.rpartition(":")[2] for one in TrackedEvent.objects.all()] == ["3"]
    assert shop.counts() == {("cookieless", "view"): 3, ("taken", "view"): 1}


def test_programs_are_counted_and_no_behaviour(shop: Shop) -> None:
    robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    assert shop.send({"batch": [shop.call("1")]}, **{"user-agent": robot})[0] == 200
    shop.take(shop.call("2", context=AGREED | {"automated": True}))
    # An app's library is named in the same place, and says nothing of who uses the app.
    app = Client(headers={"user-agent": "python-httpx/0.28"})
    body = {"batch": [shop.call("app", anonymousId="phone")], "writeKey": shop.source.write_key}
    assert app.post("/v1/b", json.dumps(body), content_type="text/plain").status_code == 200
    shop.take(*(shop.call(f"slow-{number}", anonymousId="fast") for number in range(100)))
    assert TrackedEvent.objects.count() == 101
    shop.take(*(shop.call(f"fast-{number}", anonymousId="fast") for number in range(100)))
    assert TrackedEvent.objects.get().visitor.anonymous_id == "phone"  # type: ignore[union-attr]
    assert shop.counts() == {
        ("bot", "crawler"): 1,
        ("bot", "automated"): 1,
        ("bot", "too_fast"): 100,
        ("taken", "view"): 101,
    }
    # Who proves to be a customer is no program, however fast.
    proved = AGREED | {"userHash": shop.hash_of("mei")}
    shop.take(shop.call("mei", anonymousId="fast", userId="mei", context=proved))
    shop.take(*(shop.call(f"again-{number}", anonymousId="fast") for number in range(130)))
    assert TrackedEvent.objects.filter(customer=shop.mei).count() == 131


def test_bad_events_are_refused_one_by_one_with_the_reason(shop: Shop) -> None:
    year = dt.timedelta(days=365)
    answer = shop.take(
        shop.call("1", properties={"sku": "OOLONG-150", "note": "x" * 1_000_000}),
        shop.call("2"),
        shop.call("3", timestamp=(shop.now + year).isoformat()),
        shop.call("4", timestamp=(shop.now - year).isoformat(), sentAt=(shop.now - year).isoformat()),
        shop.call("5", timestamp=(shop.now - 2 * year).isoformat()),
        shop.call("6", timestamp="yesterday"),
        shop.call("7", type="gaze"),
        "no event",  # type: ignore[arg-type]
        # An hour fast when it sends: the same hour is taken off what it tells.
        shop.call(
            "8",
            timestamp=(shop.now + dt.timedelta(minutes=30)).isoformat(),
            sentAt=(shop.now + dt.timedelta(hours=1)).isoformat(),
        ),
        shop.call("9", properties={"sku": "a\u0000b" * 200, "quantity": -1, "price": "many"}),
    )
    assert [(one["entry"], one["code"].removeprefix("behaviour.")) for one in answer["refused"]] == [
        (0, "too_large"),
        (2, "in_future"),
        (3, "clock_wrong"),
        (4, "too_old"),
        (5, "moment_unreadable"),
        (6, "unknown_type"),
        (7, "not_an_object"),
    ]
    assert answer["refused"][0]["messageId"] == "1"
    assert answer["refused"][2]["detail"].startswith("Event 3, sentAt: the sender's clock and ours differ by 36")
    taken = {one.message_id.rpartition(":")[2]: one for one in TrackedEvent.objects.all()}
    assert set(taken) == {"2", "8", "9"}
    assert abs(taken["8"].happened_at - (shop.now - dt.timedelta(minutes=30))) < dt.timedelta(minutes=1)
    assert taken["9"].details == {"item": ("ab" * 200)[:200]}
    # Mended and sent again under the same id, it is taken.
    shop.take(shop.call("1"))
    assert TrackedEvent.objects.count() == 4

    assert shop.send(b'{"batch": [')[0] == 400
    assert shop.send(b"[1]")[0] == 400
    assert shop.send({"batch": {}})[0] == 400
    assert shop.send({"batch": [shop.call("x", pad="x" * 30_000) for _ in range(20)]})[0] == 413
    assert shop.send({"batch": [{}] * 2501})[0] == 413
    assert shop.send(b" " * 4_000_001)[0] == 413
    assert TrackedEvent.objects.count() == 4


def test_a_server_with_a_token_is_believed_and_ga4_comes_through_one(shop: Shop) -> None:
    token = staff.make_token(name="shop server", scopes=["events:write"], created_by="owner", moment=shop.now)
    weak = staff.make_token(name="reader", scopes=["orders:read"], created_by="owner", moment=shop.now)
    server = Client(headers={"authorization": f"Bearer {token}"})
    body = {"event": "Product Added", "userId": "mei", "messageId": "1", "properties": {"sku": "OOLONG-150"}}
    assert server.post("/v1/track", json.dumps(body), content_type="application/json").status_code == 200
    ga4 = {
        "client_id": "a-7",
        "user_id": "lin",
        "timestamp_micros": int(shop.now.timestamp() * 1e6),
        "events": [
            {"name": "view_item", "params": {"items": [{"item_id": "OOLONG-150"}]}},
            {"name": "purchase", "params": {"transaction_id": "9"}},
        ],
    }
    address = f"/mp/collect?measurement_id={shop.source.write_key}&api_secret="
    for _ in range(2):
        assert server.post(address + token, json.dumps(ga4), content_type="application/json").status_code == 204
    # Google's own address never says what it did not take; the debug address does.
    checked = server.post(
        "/debug" + address + token, json.dumps({"client_id": "a-7", "events": ["?"]}), content_type="text/plain"
    )
    assert json.loads(checked.content)["validationMessages"][0]["fieldPath"] == "events[0]"
    assert Client().post(address, json.dumps(ga4), content_type="text/plain").status_code == 401
    assert Client().post(address + weak, json.dumps(ga4), content_type="text/plain").status_code != 204
    drain_events(moment=clock.current_moment())
    rows = TrackedEvent.objects.order_by("customer__key").values_list("customer__key", "kind", "visitor__anonymous_id")
    assert list(rows) == [("web:lin", "view", "a-7"), ("web:mei", "cart", None)]
    assert shop.counts()["duplicate", ""] == 2


def test_an_address_names_its_product_by_the_shops_patterns(shop: Shop) -> None:
    TrackingSource.objects.update(address_patterns=["/p/{sku}-{name}", "?variant={sku}"])
    shop.take(
        shop.call("1", properties={"url": f"{SHOP}/p/OOLONG-150-green-tea"}),
        shop.call("2", properties={}, context=AGREED | {"page": {"url": f"{SHOP}/any?variant=OOLONG-150"}}),
        # Only what the patterns say counts: no product is called by the last part any more.
        shop.call("3", properties={"url": f"{SHOP}/any/OOLONG-150"}),
        shop.call("4", properties={"url": f"{SHOP}/p/NO-SUCH-tea"}),
    )
    found = TrackedEvent.objects.order_by("id").values_list("message_id", "product__sku", "details")
    prefix = f"t{shop.source.id}:"
    assert sorted((key.removeprefix(prefix), sku, details) for key, sku, details in found) == [
        ("1", "OOLONG-150", None),
        ("2", "OOLONG-150", None),
        ("4", None, {"item": "NO-SUCH"}),
    ]
    assert shop.counts()["incomplete", "view"] == 1


def test_a_key_that_sends_too_fast_waits_and_others_do_not(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    start = dt.datetime(2026, 11, 27, 12, 0, 3, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "current_moment", lambda: start)
    TrackingSource.objects.filter(pk=shop.source.id).update(events_per_second=2)
    other, _secret = shop.make("other", [SHOP])
    batch = {"batch": [shop.call(str(number)) for number in range(10)]}
    assert [shop.send(batch)[0] for _ in range(3)] == [200, 200, 429]
    sent = json.dumps(batch | {"writeKey": shop.source.write_key})
    refused = shop.client.post("/v1/b", sent, content_type="text/plain")
    assert (refused.status_code, refused["Retry-After"]) == (429, "7")
    assert refused["Access-Control-Expose-Headers"] == "Retry-After"
    assert json.loads(refused.content)["code"] == "behaviour.too_fast"
    assert "may send 2 events a second" in json.loads(refused.content)["detail"]
    assert shop.send(batch, key=other.write_key)[0] == 200
    assert InboxEvent.objects.count() == 30
    assert count_refused_today(source_id=shop.source.id, moment=start) == 20
    monkeypatch.setattr(clock, "current_moment", lambda: start + dt.timedelta(seconds=7))
    assert shop.send(batch)[0] == 200
    # One call that is larger than all that may come in ten seconds is taken: it would never get smaller.
    monkeypatch.setattr(clock, "current_moment", lambda: start + dt.timedelta(seconds=17))
    large = {"batch": [shop.call(f"l{number}") for number in range(25)]}
    assert [shop.send(large)[0], shop.send(large)[0]] == [200, 429]
