"""Events through the API: taken by themselves, once, by tokens that may do nothing else; and merging two customers."""

from typing import Any

import pytest

from reorder.domain.behaviour.models import TrackedEvent
from reorder.domain.customers.models import Customer
from reorder.domain.orders.models import Order
from reorder.domain.planning.models import DirtyMark
from tests.factories.api import Caller, call_as
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db
MOMENT = "2026-11-26T09:30:00+08:00"


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-26T02:00:00+00:00")
    make_product()
    Customer.objects.create(key="api:mei", name="Mei")


def an_event(number: int = 1, **facts: Any) -> dict[str, Any]:
    event = {
        "message_id": f"m-{number}",
        "kind": "view",
        "happened_at": MOMENT,
        "customer": {"key": "mei"},
        "sku": "OOLONG-150",
    }
    return event | facts


def shop() -> Caller:
    return call_as(scopes=["events:write"])


def test_good_events_are_taken_and_bad_ones_come_back_with_their_place_and_reason() -> None:
    events = [
        an_event(1),
        an_event(2, kind="gaze"),
        an_event(3, customer={"email": "nobody@example.org"}),
        an_event(4, sku="NONE-1"),
        an_event(5, happened_at="2026-11-26T10:11:00+08:00"),
        an_event(6, kind="search", sku=None, search_text="tea pot"),
        an_event(1),
    ]
    answer = shop().post("/events", {"events": events})
    assert answer.status == 200, answer.body
    refusals = answer.body.pop("refusals")
    assert answer.body == {"added": 2, "known": 1, "refused": 4}
    assert [(one["entry"], one["message_id"], one["code"]) for one in refusals] == [
        (1, "m-2", "behaviour.unknown_kind"),
        (2, "m-3", "behaviour.unknown_customer"),
        (3, "m-4", "behaviour.unknown_product"),
        (4, "m-5", "behaviour.in_future"),
    ]
    assert refusals[2]["detail"] == "Event 3, sku: there is no product NONE-1."
    assert set(TrackedEvent.objects.values_list("message_id", "kind")) == {("api:m-1", "view"), ("api:m-6", "search")}
    assert set(DirtyMark.objects.values_list("kind", flat=True)) == {"customer", "segment"}


def test_sent_again_the_events_are_known_and_with_the_same_key_the_answer_is_the_same() -> None:
    caller = shop()
    first = caller.post("/events", {"events": [an_event()]}, key="batch-1")
    again = caller.post("/events", {"events": [an_event()]}, key="batch-1")
    other = caller.post("/events", {"events": [an_event()]}, key="batch-2")
    assert (first.body["added"], again.body["added"], again.headers["Idempotency-Replayed"]) == (1, 1, "true")
    assert (other.body["added"], other.body["known"]) == (0, 1)
    assert TrackedEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("events", "field"),
    [
        ([], "body.events"),
        ([an_event(number) for number in range(1001)], "body.events"),
        ([an_event(), an_event(2, happened_at="yesterday")], "body.events.1.happened_at"),
        ([an_event(message_id="")], "body.events.0.message_id"),
        ([an_event(colour="red")], "body.events.0.colour"),
        ([an_event(customer={"key": "a\x00"})], "body.events.0.customer.key"),
    ],
)
def test_a_body_of_another_form_is_refused_with_the_field(events: list[dict[str, Any]], field: str) -> None:
    answer = shop().post("/events", {"events": events})
    assert (answer.status, answer.code) == (422, "api.invalid")
    assert answer.body["errors"][0]["field"] == field
    assert not TrackedEvent.objects.exists()


@pytest.mark.parametrize("text", ["\x00", "é" * 2000, "\ud83d\ude00 𠮷野家", "' OR 1=1 --", "a\tb\nc"])
def test_strange_texts_are_taken_or_refused_but_never_break_anything(text: str) -> None:
    events = [
        an_event(1, kind="search", sku=None, search_text=text),
        an_event(2, kind=text),
        an_event(3, sku=text),
        an_event(4, customer={"email": text[:200]}),
    ]
    answer = shop().post("/events", {"events": events})
    assert answer.status == 200, answer.body
    assert answer.body["refused"] >= 3


def test_a_token_for_events_reads_and_changes_nothing_else() -> None:
    customer = Customer.objects.get()
    for path in ("/orders", "/customers", f"/customers/{customer.pk}", "/products", "/due"):
        assert shop().get(path).status == 403
    assert call_as(scopes=["orders:write"]).post("/events", {"events": [an_event()]}).status == 403


def test_two_customers_become_one_and_the_old_key_finds_the_kept_one() -> None:
    mei = Customer.objects.get()
    old = Customer.objects.create(key="api:old")
    Order.objects.create(external_id="1", customer=old, ordered_at=MOMENT, currency="TWD", content_hash="1")
    caller = call_as(scopes=["customers:write"])

    answer = caller.post(f"/customers/{mei.pk}/merge", {"absorb": old.pk})

    assert answer.status == 200, answer.body
    assert (answer.body["customer"]["id"], answer.body["orders"]) == (mei.pk, 1)
    assert caller.get(f"/customers/{old.pk}").body["merged_into"] == mei.pk
    assert [one["id"] for one in caller.get("/customers").body["items"]] == [mei.pk]
    assert [one["id"] for one in caller.get("/customers", key="api:old").body["items"]] == [mei.pk]
    assert caller.get("/customers", key="api:nobody").body["items"] == []
    again = caller.post(f"/customers/{mei.pk}/merge", {"absorb": old.pk})
    assert (again.status, again.code) == (409, "customers.merged")
    itself = caller.post(f"/customers/{mei.pk}/merge", {"absorb": mei.pk})
    assert (itself.status, itself.code) == (422, "customers.same_customer")
    assert caller.post(f"/customers/{mei.pk}/merge", {"absorb": 999999}).status == 404
