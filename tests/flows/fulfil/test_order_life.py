"""An order on its way: each step from the states that allow it and from no other, with its event and its goods."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings

from reorder.domain.inventory.models import Allocation, Move
from reorder.domain.orders.errors import OrderHeld, OrderMovedOn, OrderUnpaid
from reorder.domain.orders.models import Order
from reorder.domain.staff.models import AuditEntry
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse.errors import FulfilmentMovedOn, UnknownFulfilment
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import fulfil
from reorder.flows.order_intake import Buyer
from tests.factories.order_life import (
    LATER,
    details_of,
    events_of,
    ledger_agrees,
    level,
    parcel_of,
    parcels_of,
    placed,
    released,
    state_of,
)
from tests.factories.placing import MERCHANT, order_of, place, stock_up

pytestmark = pytest.mark.django_db

WAY = ("released", "picked", "packed", "shipped", "delivered")
STEPS: dict[str, Callable[..., Any]] = {
    "released": fulfil.release_fulfilment,
    "picked": fulfil.pick_fulfilment,
    "packed": fulfil.pack_fulfilment,
    "shipped": fulfil.ship_fulfilment,
    "delivered": fulfil.deliver_fulfilment,
    "unreleased": fulfil.unrelease_fulfilment,
    "unpicked": fulfil.unpick_fulfilment,
    "unpacked": fulfil.unpack_fulfilment,
}
POSSIBLE = {
    "allocated": {"released"},
    "released": {"picked", "shipped", "unreleased"},
    "picked": {"packed", "shipped", "unpicked"},
    "packed": {"shipped", "unpacked"},
    "shipped": {"delivered"},
    "delivered": set(),
}


def bring(order_id: int, state: str) -> int:
    """The parcel of an order, brought to a state step by step."""
    parcel = parcel_of(order_id)
    for step in WAY[: WAY.index(state) + 1] if state in WAY else ():
        STEPS[step](fulfilment_id=parcel, actor=MERCHANT, moment=LATER)
    return parcel


def test_an_order_goes_all_the_way_and_its_goods_with_it() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))

    done = fulfil.release_orders(order_ids=[order_id], actor=MERCHANT, moment=LATER)
    assert (done.order_ids, done.left) == ((order_id,), ())
    parcel = parcel_of(order_id)
    fulfil.pick_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)
    assert [int(one.picked_units) for one in Allocation.objects.all()] == [3]
    fulfil.pack_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)
    assert level() == (10, 3)
    told = fulfil.ship_fulfilment(
        fulfilment_id=parcel, carrier="黑貓", tracking_number=" 9001 ", actor=MERCHANT, moment=LATER
    )
    assert (told.fulfilment_state, told.order_state) == ("shipped", "shipped")
    assert level() == (7, 0)
    fulfil.deliver_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    assert events_of(order_id) == [
        ("placed", "", "placed"),
        ("allocated", "placed", "allocated"),
        ("released", "allocated", "released"),
        ("picked", "released", "picked"),
        ("packed", "picked", "packed"),
        ("shipped", "packed", "shipped"),
        ("delivered", "shipped", "delivered"),
    ]
    sent = FulfilmentOrder.objects.get()
    assert (sent.state, sent.carrier, sent.tracking_number) == ("delivered", "黑貓", "9001")
    moments = (sent.released_at, sent.picked_at, sent.packed_at, sent.shipped_at, sent.delivered_at)
    assert moments == (LATER,) * 5
    assert details_of(order_id, "shipped") == {
        "fulfilments": [parcel],
        "places": ["KEELUNG"],
        "carrier": "黑貓",
        "tracking_number": "9001",
    }
    assert Allocation.objects.count() == 0
    assert [entry.action for entry in AuditEntry.objects.filter(subject_kind="order").order_by("pk")] == [
        "orders.released",
        "orders.picked",
        "orders.packed",
        "orders.shipped",
        "orders.delivered",
    ]
    assert ledger_agrees()


@pytest.mark.parametrize("state", list(POSSIBLE))
def test_each_step_is_possible_from_its_states_and_from_no_other(state: str) -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))
    parcel = bring(order_id, state)
    before = (events_of(order_id), level(), parcels_of(order_id))

    for step in sorted(set(STEPS) - POSSIBLE[state]):
        with pytest.raises(FulfilmentMovedOn):
            STEPS[step](fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    assert (events_of(order_id), level(), parcels_of(order_id)) == before
    assert ledger_agrees()


def test_steps_back_put_goods_back_and_forget_their_moments() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))
    parcel = bring(order_id, "packed")

    for step in ("unpacked", "unpicked", "unreleased"):
        STEPS[step](fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    assert events_of(order_id)[-3:] == [
        ("unpacked", "packed", "picked"),
        ("unpicked", "picked", "released"),
        ("unreleased", "released", "allocated"),
    ]
    sent = FulfilmentOrder.objects.get()
    assert (sent.released_at, sent.picked_at, sent.packed_at) == (None, None, None)
    assert [int(one.picked_units) for one in Allocation.objects.all()] == [0]
    bring(order_id, "shipped")
    assert level() == (7, 0)
    assert [move.kind for move in Move.objects.exclude(kind="opening").order_by("pk")] == [
        "allocate",
        "pick",
        "pick",
        "pick",
        "ship",
    ]
    assert ledger_agrees()


def test_an_order_in_two_parcels_is_as_far_as_the_one_that_lags() -> None:
    stock_up(units=5)
    stock_up(sku="MATCHA-30", units=5, place="TAICHUNG")
    order_id = released(("OOLONG-150", 1), ("MATCHA-30", 1))
    first, second = parcel_of(order_id), parcel_of(order_id, at="TAICHUNG")

    one = fulfil.ship_fulfilment(fulfilment_id=first, actor=MERCHANT, moment=LATER)
    assert (one.fulfilment_state, one.order_state) == ("shipped", "released")
    assert events_of(order_id)[-1] == ("part_shipped", "released", "released")
    fulfil.deliver_fulfilment(fulfilment_id=first, actor=MERCHANT, moment=LATER)
    two = fulfil.ship_fulfilment(fulfilment_id=second, actor=MERCHANT, moment=LATER)

    assert two.order_state == "shipped"
    assert events_of(order_id)[-2:] == [("part_delivered", "released", "released"), ("shipped", "released", "shipped")]
    assert ledger_agrees()


def test_what_can_leave_leaves_while_the_rest_waits_for_goods() -> None:
    stock_up(units=2)
    stock_up(sku="MATCHA-30", units=5)
    order_id = placed(("MATCHA-30", 1), ("OOLONG-150", 3), if_short="wait")

    left = fulfil.release_orders(order_ids=[order_id], actor=MERCHANT, moment=LATER).left
    assert [type(one.fault) for one in left] == [OrderHeld]
    parcel = parcel_of(order_id, state="allocated")
    fulfil.release_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)
    fulfil.ship_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    assert state_of(order_id) == "placed"
    assert parcels_of(order_id) == [("KEELUNG", "shipped"), ("KEELUNG", "waiting")] or parcels_of(order_id) == [
        ("KEELUNG", "waiting"),
        ("KEELUNG", "shipped"),
    ]
    assert ledger_agrees()


def test_orders_are_released_in_bulk_and_those_left_say_why() -> None:
    stock_up(units=10)
    good = placed(("OOLONG-150", 1), external_id="A")
    held = placed(("OOLONG-150", 1), external_id="B")
    unpaid = placed(("OOLONG-150", 1), external_id="C", payment="unpaid")
    fulfil.hold_order(order_id=held, reason="fraud", actor=MERCHANT, moment=LATER)

    done = fulfil.release_orders(order_ids=[unpaid, held, good, good, 999], actor=MERCHANT, moment=LATER)
    again = fulfil.release_orders(order_ids=[good], actor=MERCHANT, moment=LATER)

    assert done.order_ids == (good,)
    assert [(one.order_id, str(one.fault)) for one in done.left] == [
        (held, "Order B is held (fraud check); releasing is not possible before somebody lets it go."),
        (unpaid, "Order C is held (waits for payment); releasing is not possible before somebody lets it go."),
        (999, "There is no order 999."),
    ]
    assert [str(one.fault) for one in again.left] == ["Order A is released by now; releasing is not possible any more."]


def test_an_order_that_is_not_paid_is_not_released_even_if_nothing_holds_it() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 1), payment="unpaid")
    Order.objects.filter(pk=order_id).update(hold_reasons=[])

    with pytest.raises(OrderUnpaid):
        fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=LATER)
    with pytest.raises(OrderUnpaid):
        fulfil.release_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)


def test_a_held_order_stops_where_it_is_and_goes_on_when_it_is_let_go() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 1))
    parcel = parcel_of(order_id)

    assert fulfil.hold_order(order_id=order_id, note="customer called", actor=MERCHANT, moment=LATER) == ["manual"]
    for step in ("picked", "shipped"):
        with pytest.raises(OrderHeld):
            STEPS[step](fulfilment_id=parcel, actor=MERCHANT, moment=LATER)
    assert fulfil.unhold_order(order_id=order_id, actor=MERCHANT, moment=LATER) == []
    fulfil.ship_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    assert events_of(order_id)[3:] == [
        ("held", "released", "released"),
        ("unheld", "released", "released"),
        ("shipped", "released", "shipped"),
    ]
    assert details_of(order_id, "held") == {"note": "customer called"}
    with pytest.raises(OrderMovedOn):
        fulfil.hold_order(order_id=order_id, actor=MERCHANT, moment=LATER)


def test_a_release_is_taken_back_until_somebody_has_picked() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 1))

    assert fulfil.unrelease_order(order_id=order_id, actor=MERCHANT, moment=LATER) == "allocated"
    fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=LATER)
    fulfil.pick_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)

    with pytest.raises(OrderMovedOn):
        fulfil.unrelease_order(order_id=order_id, actor=MERCHANT, moment=LATER)


def test_who_works_at_another_place_does_not_touch_the_parcel() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 1))
    stranger = Actor(name="kai", abilities=frozenset({Ability.FULFIL_ORDERS}), place_codes=frozenset({"TAICHUNG"}))

    with pytest.raises(UnknownFulfilment):
        fulfil.pick_fulfilment(fulfilment_id=parcel_of(order_id), actor=stranger, moment=LATER)
    with pytest.raises(UnknownFulfilment):
        fulfil.pick_fulfilment(fulfilment_id=4711, actor=MERCHANT, moment=LATER)


def test_an_order_goes_on_when_the_day_that_was_asked_for_comes() -> None:
    from reorder.flows.fulfil import timely

    stock_up(units=10)
    order_id = placed(("OOLONG-150", 1), not_before_date=LATER.date().replace(day=29))
    assert Order.objects.get(pk=order_id).hold_reasons == ["requested_date"]

    assert timely.advance_orders(moment=LATER).let_go_count == 0
    assert timely.advance_orders(moment=LATER.replace(day=29)).let_go_count == 1
    assert timely.advance_orders(moment=LATER.replace(day=29)).let_go_count == 0

    assert Order.objects.get(pk=order_id).hold_reasons == []
    assert events_of(order_id)[-1] == ("unheld", "allocated", "allocated")


def test_a_customer_of_the_portal_hears_once_that_a_parcel_is_late(settings: LazySettings) -> None:
    from reorder.domain.messaging.models import OutboxMessage
    from reorder.flows.fulfil import timely

    settings.REORDER = replace(settings.REORDER, late_letters=True)
    stock_up(units=10)
    buyer = Buyer(key="mei", name="林美玲", email="mei@example.org")
    (own,) = place(order_of(("OOLONG-150", 2), buyer=buyer), channel="portal")
    place(order_of(("OOLONG-150", 1), external_id="B"), channel="shop")
    FulfilmentOrder.objects.update(ship_by_at=LATER)

    assert [timely.tell_late(moment=LATER), timely.tell_late(moment=LATER)] == [2, 0]

    (letter,) = OutboxMessage.objects.all()
    assert (letter.address, letter.purpose, letter.reason_code) == (
        "mei@example.org",
        "transactional",
        "shop.order_late",
    )
    assert "2 × " in letter.body_text
    assert own.order_id is not None


def test_a_late_parcel_is_told_once_and_the_alert_ends_when_it_has_left() -> None:
    from reorder.domain.planning.models import Alert
    from reorder.flows.fulfil import timely

    stock_up(units=10)
    order_id = released(("OOLONG-150", 1))
    FulfilmentOrder.objects.update(ship_by_at=LATER)

    assert [timely.tell_late(moment=LATER), timely.tell_late(moment=LATER)] == [1, 0]
    assert events_of(order_id)[-1] == ("delayed", "released", "released")
    assert [one.order_id for one in timely.list_delayed_orders(moment=LATER)] == [order_id]
    assert [
        (alert.kind, alert.reason_code, alert.reason_parameters)
        for alert in Alert.objects.filter(resolved_at__isnull=True)
    ] == [("late_parcels", "alert.late_parcels", {"count": "1", "first": "A-1"})]
    fulfil.ship_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)
    timely.tell_late(moment=LATER)

    assert Alert.objects.filter(resolved_at__isnull=True).count() == 0
