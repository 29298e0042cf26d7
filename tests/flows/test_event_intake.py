"""Events of known customers are taken once, the others are told apart with the reason; the engine sees shop days."""

import datetime as dt

import polars as pl
import pytest

from reorder.domain.behaviour import operations, queries
from reorder.domain.behaviour.errors import (
    EventCustomerUnknown,
    EventFieldMissing,
    EventFieldTooLong,
    EventFieldUnreadable,
    EventInFuture,
    EventProductUnknown,
    EventTooOld,
    TooManyEvents,
    UnknownEventKind,
)
from reorder.domain.behaviour.models import TrackedEvent
from reorder.domain.catalog.models import Category, Product
from reorder.domain.customers.models import Customer
from reorder.domain.messaging.models import ContactPoint
from reorder.domain.planning.models import DirtyMark
from reorder.engine import frames
from reorder.flows.event_intake import IncomingEvent, take_events
from reorder.flows.upkeep import forget_events
from reorder.kernel.errors import BadInput
from tests.factories.catalog import make_product
from tests.factories.racing import at_once

NOW = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)


def event(message_id: str, **facts: object) -> IncomingEvent:
    told: dict[str, object] = {"kind": "view", "sku": "OOLONG-150", "customer_key": "mei", "happened_at": NOW}
    return IncomingEvent(message_id=message_id, **(told | facts))  # type: ignore[arg-type]


def take(*events: IncomingEvent, channel: str = "file") -> list[str]:
    """The outcomes, by their word."""
    return [one.outcome for one in take_events(events=events, channel=channel, moment=NOW)]


def fault_of(given: IncomingEvent) -> BadInput:
    outcome = take_events(events=[given], channel="file", moment=NOW)[0]
    assert outcome.outcome == "refused"
    assert outcome.fault is not None
    return outcome.fault


@pytest.fixture
def mei(transactional_db: None) -> Customer:
    make_product()
    return Customer.objects.create(key="mei", name="Mei")


def test_good_events_are_taken_and_mark_their_customers_once(mei: Customer) -> None:
    lin = Customer.objects.create(key="lin")
    outcomes = take(
        event("1"),
        event("2", kind="cart"),
        event("3", customer_key="lin", kind="search", sku="", search_text="  tea \n pot "),
        event("4", customer_key="lin", kind="promotion", sku=""),
    )
    assert outcomes == ["added"] * 4
    stored = TrackedEvent.objects.order_by("message_id").values_list(
        "message_id", "customer__key", "kind", "product__sku", "search_text"
    )
    assert list(stored) == [
        ("1", "mei", "view", "OOLONG-150", ""),
        ("2", "mei", "cart", "OOLONG-150", ""),
        ("3", "lin", "search", None, "tea pot"),
        ("4", "lin", "promotion", None, ""),
    ]
    marks = set(DirtyMark.objects.values_list("kind", "subject_key"))
    assert marks == {(kind, str(one.pk)) for kind in ("customer", "segment") for one in (mei, lin)}


def test_the_same_message_id_is_one_event_however_often_it_comes(mei: Customer) -> None:
    assert take(event("1"), event("1", kind="cart"), event("2")) == ["added", "known", "added"]
    DirtyMark.objects.all().delete()
    assert take(event("1"), event("2")) == ["known", "known"]
    assert TrackedEvent.objects.get(message_id="1").kind == "view"
    assert not DirtyMark.objects.exists()


def test_two_shops_may_use_the_same_ids(mei: Customer) -> None:
    Customer.objects.create(key="till:mei")
    assert take(event("1")) == ["added"]
    assert take(event("1"), channel="till") == ["added"]
    assert sorted(TrackedEvent.objects.values_list("message_id", "customer__key")) == [
        ("1", "mei"),
        ("till:1", "till:mei"),
    ]


@pytest.mark.parametrize(
    ("facts", "fault", "words"),
    [
        ({"kind": "gaze"}, UnknownEventKind, "Event 0, kind: gaze is none of view, cart, search, promotion."),
        ({"customer_key": "nobody"}, EventCustomerUnknown, "Event 0, customer: nobody is known by nobody. "),
        ({"customer_key": "mei\x00"}, EventCustomerUnknown, "Event 0, customer: "),
        ({"sku": "NONE-1"}, EventProductUnknown, "Event 0, sku: there is no product NONE-1."),
        ({"sku": ""}, EventFieldMissing, "Event 0, sku: it must be given for an event of kind view."),
        ({"kind": "search"}, EventFieldMissing, "Event 0, search_text: it must be given"),
        ({"search_text": "x" * 301}, EventFieldTooLong, "Event 0, search_text: longer than 300 characters."),
        ({"search_text": "tea\x00"}, EventFieldUnreadable, "Event 0, search_text: it holds characters"),
        ({"happened_at": NOW + dt.timedelta(minutes=11)}, EventInFuture, "Event 0, happened_at: it lies more than 10"),
        ({"happened_at": NOW - dt.timedelta(days=401)}, EventTooOld, "Event 0, happened_at: older than 400 days;"),
    ],
)
def test_a_bad_event_is_refused_by_entry_and_field(
    mei: Customer, facts: dict[str, object], fault: type[BadInput], words: str
) -> None:
    found = fault_of(event("1", **facts))
    assert type(found) is fault
    assert str(found).startswith(words)
    assert not TrackedEvent.objects.exists()


def test_a_bad_event_does_not_keep_the_good_ones_out(mei: Customer) -> None:
    outcomes = take_events(events=[event("1"), event("2", sku="?"), event("3")], channel="file", moment=NOW)
    assert [one.outcome for one in outcomes] == ["added", "refused", "added"]
    assert str(outcomes[1].fault) == "Event 1, sku: there is no product ?."


def test_clocks_may_be_ten_minutes_ahead(mei: Customer) -> None:
    assert take(event("1", happened_at=NOW + dt.timedelta(minutes=10))) == ["added"]


def test_more_than_a_thousand_at_once_are_refused_as_a_whole(mei: Customer) -> None:
    with pytest.raises(TooManyEvents):
        take(*(event(str(number)) for number in range(1001)))


def test_an_erased_person_is_nobody(mei: Customer) -> None:
    Customer.objects.filter(pk=mei.pk).update(erased_at=NOW)
    assert isinstance(fault_of(event("1")), EventCustomerUnknown)


def test_a_person_is_known_by_an_address_that_only_they_have(mei: Customer) -> None:
    lin = Customer.objects.create(key="lin@example.org")
    ContactPoint.objects.create(customer=mei, channel="email", address="Mei@Example.org")
    for customer in (mei, lin):
        ContactPoint.objects.create(customer=customer, channel="email", address="both@example.org")
    by_address = {"customer_key": ""}
    assert take(
        event("1", email=" MEI@example.org", **by_address),
        event("2", email="LIN@example.org", **by_address),
        event("3", email="both@example.org", **by_address),
        event("4", **by_address),
    ) == ["added", "added", "refused", "refused"]
    assert list(TrackedEvent.objects.order_by("message_id").values_list("customer_id", flat=True)) == [mei.pk, lin.pk]


def test_the_engine_sees_planning_subjects_and_the_days_of_the_shop(mei: Customer) -> None:
    pots = Category.objects.create(code="pots", name="Pots")
    Product.objects.create(sku="POT-1", name="Pot", currency="TWD", category=pots, planned_by="category")
    # 17:30 in UTC is half past one of the next day in Taipei.
    evening = dt.datetime(2026, 11, 24, 17, 30, tzinfo=dt.UTC)
    take(
        event("1", happened_at=evening),
        event("2", sku="POT-1", kind="cart", happened_at=NOW),
        event("3", sku="", kind="search", search_text="tea", happened_at=NOW),
    )
    frame = queries.frame_events(
        from_date=dt.date(2026, 11, 25), before_date=dt.date(2026, 11, 27), time_zone="Asia/Taipei"
    )
    assert frames.require(table=frame, contract=frames.EVENTS).sort("happened_at", "kind").rows() == [
        (str(mei.pk), "view", "OOLONG-150", dt.datetime(2026, 11, 25, 1, 30, tzinfo=dt.UTC)),
        (str(mei.pk), "cart", "category:pots", dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)),
        (str(mei.pk), "search", None, dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)),
    ]
    later = queries.frame_events(
        from_date=dt.date(2026, 11, 26),
        before_date=dt.date(2026, 11, 27),
        time_zone="Asia/Taipei",
        customer_ids=[mei.pk + 1],
    )
    assert later.is_empty()
    assert (
        later.schema
        == frame.schema
        == {
            "customer_id": pl.String,
            "kind": pl.String,
            "sku": pl.String,
            "happened_at": pl.Datetime("us", "UTC"),
        }
    )


def test_old_events_go_and_newer_ones_stay(mei: Customer) -> None:
    take(event("old", happened_at=NOW - dt.timedelta(days=399)), event("new"))
    assert forget_events(moment=NOW) == 0
    assert forget_events(moment=NOW + dt.timedelta(days=2)) == 1
    assert list(TrackedEvent.objects.values_list("message_id", flat=True)) == ["new"]


def test_a_day_is_one_entry_with_its_counts_and_first_names(mei: Customer) -> None:
    for sku in ("MATCHA-30", "PUERH-357", "X-1"):
        make_product(sku=sku)
    take(
        event("1", happened_at=NOW - dt.timedelta(hours=3)),
        event("2", happened_at=NOW - dt.timedelta(hours=2)),
        event("3", sku="MATCHA-30", kind="cart", happened_at=NOW - dt.timedelta(hours=1)),
        event("4", sku="PUERH-357", happened_at=NOW - dt.timedelta(minutes=50)),
        event("5", sku="X-1", happened_at=NOW - dt.timedelta(minutes=55)),
        event("6", sku="", kind="search", search_text="tea pot", happened_at=NOW),
        event("7", happened_at=NOW - dt.timedelta(days=1)),
    )
    days = queries.list_event_days(customer_id=mei.pk, before=None, limit=5, time_zone="Asia/Taipei")
    today = days[0]
    assert (today.views_count, today.carts_count, today.searches_count, today.promotions_count) == (4, 1, 1, 0)
    assert (today.likes_count, today.checkouts_count) == (0, 0)
    assert list(today.names) == ["Oolong 150 g", "Pu-erh cake 357 g", "X-1"]
    assert (today.unnamed_count, list(today.searches), today.last_at) == (1, ["tea pot"], NOW)
    assert [day.views_count for day in days] == [4, 1]
    rest = queries.list_event_days(
        customer_id=mei.pk, before=(today.last_at, "behaviour", today.day_number), limit=5, time_zone="Asia/Taipei"
    )
    assert [day.last_at for day in rest] == [NOW - dt.timedelta(days=1)]


def test_the_same_batch_from_many_hands_is_taken_once(mei: Customer) -> None:
    batch = [event(f"m-{number}") for number in range(200)]

    def send(hand: int) -> int:
        ordered = batch if hand % 2 else batch[::-1]
        return take(*ordered).count("added")

    assert sum(at_once(send, hands=4)) == 200
    assert TrackedEvent.objects.count() == 200


def test_no_events_are_no_work(mei: Customer) -> None:
    assert operations.record_events(events=[]).customer_ids == []
