"""What follows from what carriers say: the parcel, its order, letters and others who listen."""

from itertools import permutations

import pytest
from django.db import DatabaseError, transaction

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.shipping.models import ParcelWatch, TrackingEvent
from tests.factories.order_life import LATER, events_of, level, parcels_of, state_of
from tests.factories.placing import stock_up
from tests.factories.tracked import DAY, HOUR, box, of_the_portal, packed_order, scanned, told, word

pytestmark = pytest.mark.django_db
GONE = LATER + HOUR


def test_a_parcel_that_arrives_takes_its_order_along() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    parcel = box(order_id)
    scanned("P-1", moment=GONE)

    told(parcel, word("in_transit", GONE + HOUR), word("delivered", GONE + DAY))

    parcel.refresh_from_db()
    assert (parcel.state, parcel.delivered_at) == ("delivered", GONE + DAY)
    assert (state_of(order_id), level()) == ("delivered", (4, 0))
    assert [kind for kind, _from, _to in events_of(order_id)][-3:] == ["shipped", "parcel_delivered", "delivered"]


def test_the_same_word_counts_once_and_nothing_more_follows() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    parcel = box(order_id)
    scanned("P-1", moment=GONE)
    first = told(parcel, word("delivered", GONE + DAY))
    events = events_of(order_id)

    again = told(parcel, word("delivered", GONE + DAY))

    assert (first.new_count, again.new_count, again.known_count) == (1, 0, 1)
    assert events_of(order_id) == events


def test_of_two_parcels_the_order_has_arrived_with_the_last() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 2))
    one, two = box(order_id), box(order_id, "P-2")
    scanned("P-1", moment=GONE)
    assert parcels_of(order_id) == [("KEELUNG", "packed")]
    scanned("P-2", moment=GONE)
    assert parcels_of(order_id) == [("KEELUNG", "shipped")]

    told(two, word("delivered", GONE + DAY))
    assert state_of(order_id) == "shipped"
    told(one, word("delivered", GONE + 2 * DAY))

    assert state_of(order_id) == "delivered"


def test_a_carrier_that_has_what_nobody_scanned_ships_it() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    parcel = box(order_id)

    told(parcel, word("in_transit", GONE))

    parcel.refresh_from_db()
    assert (parcel.shipped_at, state_of(order_id), level()) == (GONE, "shipped", (4, 0))


def test_all_orders_of_words_end_the_same() -> None:
    said = [
        word("picked_up", GONE),
        word("in_transit", GONE + HOUR),
        word("delivery_failed", GONE + DAY, reason="consignee_not_home"),
        word("delivered", GONE + 2 * DAY),
    ]
    ends = set()
    stock_up(units=50)
    for number, order in enumerate(permutations(said)):
        order_id = packed_order(("OOLONG-150", 1), external_id=f"A-{number}")
        parcel = box(order_id, f"P-{number}")
        for one in [*order, said[number % 4]]:
            told(parcel, one, moment=GONE + 3 * DAY)
        parcel.refresh_from_db()
        ends.add((parcel.state, parcel.state_at, parcel.shipped_at, parcel.delivered_at, state_of(order_id)))

    assert ends == {("delivered", GONE + 2 * DAY, GONE, GONE + 2 * DAY, "delivered")}


def test_one_that_goes_back_is_not_delivered() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    parcel = box(order_id)
    scanned("P-1", moment=GONE)

    told(parcel, word("return_to_sender", GONE + DAY), word("delivered", GONE + 2 * DAY))

    parcel.refresh_from_db()
    assert (parcel.state, parcel.delivered_at, state_of(order_id)) == ("return_to_sender", None, "shipped")


def test_words_from_the_future_or_of_another_parcel_are_refused() -> None:
    stock_up(units=5)
    parcel = box(packed_order(("OOLONG-150", 1)))

    found = told(parcel, word("delivered", GONE + 2 * DAY), word("delivered", GONE - 9 * DAY), moment=GONE)

    assert [reason for _word, reason in found.refused] == ["ahead", "another_parcel"]
    assert (TrackingEvent.objects.count(), found.state) == (0, "pending")


def test_what_was_said_is_never_changed() -> None:
    stock_up(units=5)
    told(box(packed_order(("OOLONG-150", 1))), word("in_transit", GONE))

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TrackingEvent.objects.update(state="delivered")


def test_each_state_is_told_to_the_customer_once_and_several_parcels_are_numbered() -> None:
    stock_up(units=5)
    order_id = of_the_portal(packed_order(("OOLONG-150", 2)))
    one, two = box(order_id), box(order_id, "P-2")

    told(two, word("out_for_delivery", GONE + DAY))
    told(two, word("in_transit", GONE + DAY + HOUR))
    told(two, word("out_for_delivery", GONE + DAY + 2 * HOUR))
    told(one, word("ready_for_pickup", GONE + DAY, collect_until_date=(GONE + 8 * DAY).date()))

    sent = OutboxMessage.objects.filter(reason_code__startswith="shop.parcel_").order_by("id")
    assert [mail.reason_code for mail in sent] == ["shop.parcel_out_for_delivery", "shop.parcel_ready_for_pickup"]
    assert "It is parcel 2 of 2." in sent[0].body_text
    assert "Follow it with 黑貓: TP-2" in sent[0].body_text
    assert "It is kept until 2026-12-05." in sent[1].body_text
    assert "松仁路" not in sent[0].body_text + sent[0].body_html
    assert "/t/" in sent[0].body_text


def test_a_history_that_comes_at_once_tells_of_its_end_only() -> None:
    stock_up(units=5)
    order_id = of_the_portal(packed_order(("OOLONG-150", 1)))

    told(box(order_id), word("out_for_delivery", GONE), word("delivered", GONE + HOUR))

    assert not OutboxMessage.objects.filter(reason_code__startswith="shop.parcel_").exists()


def test_a_parcel_that_is_over_is_watched_no_longer() -> None:
    stock_up(units=5)
    parcel = box(packed_order(("OOLONG-150", 1)))
    told(parcel, word("in_transit", GONE))
    ParcelWatch.objects.update(late_reason="silent", late_at=GONE, next_poll_at=GONE)

    told(parcel, word("delivered", GONE + DAY))

    watch = ParcelWatch.objects.get()
    assert (watch.late_reason, watch.late_at, watch.next_poll_at) == ("", None, None)
