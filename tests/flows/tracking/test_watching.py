"""Parcels that are late or quiet: noted once, told once, and over by themselves."""

import datetime as dt

import pytest

from reorder.domain.messaging.models import MarketingPause, OutboxMessage
from reorder.domain.orders.models import Order
from reorder.domain.planning.models import Alert
from reorder.domain.shipping import strays
from reorder.domain.shipping.models import Parcel, ParcelWatch, StrayCallback
from reorder.domain.storage import one_transaction
from reorder.flows.customer_care import pausing
from reorder.flows.tracking import forget_strays, watch_parcels
from tests.factories.order_life import LATER, details_of, events_of, state_of
from tests.factories.placing import stock_up
from tests.factories.tracked import DAY, HOUR, box, of_the_portal, packed_order, scanned, told, word

pytestmark = pytest.mark.django_db
GONE = LATER + HOUR


def gone(**more: object) -> Parcel:
    """A parcel of an order of the portal that left, and of which the carrier spoke at once."""
    stock_up(units=5)
    parcel = box(of_the_portal(packed_order(("OOLONG-150", 1))), **more)
    scanned("P-1", moment=GONE)
    told(parcel, word("in_transit", GONE))
    return parcel


def late_reason() -> str:
    return ParcelWatch.objects.get().late_reason


def test_a_parcel_whose_day_has_passed_is_late_and_everybody_is_told_once() -> None:
    parcel = gone(promised_date=GONE.date())

    assert watch_parcels(moment=GONE + HOUR).late_count == 0
    first = watch_parcels(moment=GONE + DAY)
    again = watch_parcels(moment=GONE + DAY + HOUR)

    assert (first.late_count, again.late_count, late_reason()) == (1, 0, "promise_passed")
    assert details_of(parcel.order_id, "parcel_late")["promised_date"] == "2026-11-27"
    assert [one.reason_code for one in OutboxMessage.objects.filter(reason_code__startswith="shop.parcel")] == [
        "shop.parcel_delivery_delayed"
    ]
    alert = Alert.objects.get(kind="late_parcels", resolved_at__isnull=True)
    assert (alert.key, alert.reason_code, alert.reason_parameters) == (
        "under_way",
        "alert.late_under_way",
        {"count": "1", "first": "A-1"},
    )


def test_lateness_ends_with_the_parcels_arrival_and_so_does_its_alert() -> None:
    parcel = gone(promised_date=GONE.date())
    watch_parcels(moment=GONE + DAY)

    told(parcel, word("delivered", GONE + DAY + HOUR))
    watch_parcels(moment=GONE + DAY + 2 * HOUR)

    assert late_reason() == ""
    assert not Alert.objects.filter(kind="late_parcels", resolved_at__isnull=True).exists()
    assert state_of(parcel.order_id) == "delivered"


def test_a_carrier_that_says_nothing_for_three_days_makes_a_parcel_late_until_it_speaks() -> None:
    parcel = gone()
    watch_parcels(moment=GONE + 3 * DAY - HOUR)
    assert late_reason() == ""

    watch_parcels(moment=GONE + 3 * DAY)
    assert late_reason() == "silent"
    told(parcel, word("in_transit", GONE + 3 * DAY + HOUR))
    watch_parcels(moment=GONE + 3 * DAY + 2 * HOUR)

    assert late_reason() == ""
    assert not OutboxMessage.objects.filter(reason_code__startswith="shop.parcel").exists()


def test_a_parcel_of_which_nobody_ever_tells_anything_is_not_called_late() -> None:
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)), promised_date=GONE.date())
    scanned("P-1", moment=GONE)

    assert watch_parcels(moment=GONE + 9 * DAY).late_count == 0
    assert (late_reason(), ParcelWatch.objects.get().is_followed) == ("", False)


def test_one_that_waits_at_its_store_is_not_late() -> None:
    parcel = gone(promised_date=GONE.date())
    told(parcel, word("ready_for_pickup", GONE + HOUR))

    assert watch_parcels(moment=GONE + 5 * DAY).late_count == 0


def test_marketing_waits_while_a_parcel_is_in_trouble_and_goes_on_after_it() -> None:
    parcel = gone()
    told(parcel, word("delivery_failed", GONE + HOUR))

    begun = watch_parcels(moment=GONE + HOUR)
    pause = MarketingPause.objects.get()
    told(parcel, word("delivered", GONE + DAY))
    ended = watch_parcels(moment=GONE + DAY)

    assert (begun.pauses_begun_count, ended.pauses_ended_count) == (1, 1)
    assert (pause.cause, pause.paused_by, pause.resumes_date) == ("parcel", "system", dt.date(2026, 12, 27))
    assert pause.reason == "A parcel is late or was not delivered."
    pause.refresh_from_db()
    assert (pause.resumed_at, pause.resumed_by) == (GONE + DAY, "system")


def test_who_was_let_go_by_a_person_is_not_paused_again_for_the_same_parcel() -> None:
    parcel = gone()
    told(parcel, word("delivery_failed", GONE + HOUR))
    watch_parcels(moment=GONE + HOUR)
    customer_id = Order.objects.get(pk=parcel.order_id).customer_id

    pausing.resume_marketing(customer_id=customer_id, decided_by="ann", moment=GONE + 2 * HOUR)
    watch_parcels(moment=GONE + 3 * HOUR)

    assert not MarketingPause.objects.filter(resumed_at__isnull=True).exists()


def test_what_a_person_paused_stays_paused_when_the_parcel_arrives() -> None:
    parcel = gone()
    told(parcel, word("delivery_failed", GONE + HOUR))
    watch_parcels(moment=GONE + HOUR)
    customer_id = Order.objects.get(pk=parcel.order_id).customer_id
    pausing.pause_marketing(
        customer_id=customer_id, reason="moving house", resumes_date=None, decided_by="ann", moment=GONE + 2 * HOUR
    )

    told(parcel, word("delivered", GONE + DAY))
    watch_parcels(moment=GONE + DAY)

    assert MarketingPause.objects.get(resumed_at__isnull=True).reason == "moving house"


def test_a_word_that_came_before_its_parcel_finds_it_later() -> None:
    with one_transaction():
        strays.keep_stray_word(
            account_code="Cat",
            reason_code="no_parcel",
            word=word("in_transit", GONE, tracking_number="TP-1", expected_date=dt.date(2026, 11, 30)),
            moment=GONE,
        )
    assert watch_parcels(moment=GONE).settled_count == 0
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)))

    done = watch_parcels(moment=GONE + HOUR)

    assert done.settled_count == 1
    assert (Parcel.objects.get().state, ParcelWatch.objects.get().expected_date) == (
        "in_transit",
        dt.date(2026, 11, 30),
    )
    assert StrayCallback.objects.get().settled_by == "system"


def test_letters_that_nobody_could_use_are_forgotten_after_thirty_days() -> None:
    with one_transaction():
        strays.keep_unreadable(account_code="Cat", detail="?", digest="d", moment=GONE)

    assert forget_strays(moment=GONE + 30 * DAY) == 0
    assert forget_strays(moment=GONE + 30 * DAY + HOUR) == 1


def test_events_of_late_parcels_stand_on_the_timeline_in_their_order() -> None:
    parcel = gone(promised_date=GONE.date())
    watch_parcels(moment=GONE + DAY)

    assert [kind for kind, _from, _to in events_of(parcel.order_id)][-2:] == ["shipped", "parcel_late"]
