"""Orders routed again: what waits finds goods, a place that is out gives its orders away, a wave changes places."""

import datetime as dt

import pytest

from reorder.domain.catalog.models import BundleComponent
from reorder.domain.inventory import queries
from reorder.domain.inventory.models import Backorder
from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.planning import regions
from reorder.domain.warehouse.models import FulfilmentOrder, RoutingDecision
from reorder.flows.fulfil import moving, rerouting, rerouting_jobs, waves
from tests.factories.inventory import KEELUNG
from tests.factories.placing import MERCHANT, NOON, order_of, place, stock_up

pytestmark = pytest.mark.django_db
TAICHUNG = "TAICHUNG"


def live(order_id: int | None = None) -> list[tuple[str, str, str, int]]:
    """(order, place, state, units) of every live fulfilment order."""
    found = FulfilmentOrder.objects.exclude(state="cancelled").order_by("order_id", "place__code", "state")
    return [
        (one.order.external_id, one.place.code, one.state, int(sum(line.units for line in one.lines.all())))
        for one in (found.filter(order_id=order_id) if order_id else found)
    ]


def placed(*lines: tuple[str, int | str], external_id: str = "A-1", **more: object) -> int:
    (outcome,) = place(order_of(*lines, external_id=external_id, **more))
    assert outcome.order_id is not None, outcome.fault
    return outcome.order_id


def again(order_id: int, **more: object) -> rerouting.Rerouted:
    given: dict[str, object] = {"cause": "manual", "actor": MERCHANT, "moment": NOON} | more
    return rerouting.reroute_order(order_id=order_id, **given)  # type: ignore[arg-type]


def assert_books_agree() -> None:
    assert queries.compare_ledger_with_levels() == []


def test_what_waited_goes_from_a_place_that_has_it_now() -> None:
    stock_up(units=2)
    order_id = placed(("OOLONG-150", 3), if_short="wait")
    stock_up(units=5, place=TAICHUNG)

    done = again(order_id)

    assert (done.from_places, done.to_places, done.state) == ((KEELUNG,), (TAICHUNG,), "allocated")
    assert live() == [("A-1", TAICHUNG, "allocated", 3)]
    assert Backorder.objects.count() == 0
    order = Order.objects.get()
    assert (order.state, order.hold_reasons) == ("allocated", [])
    event = OrderEvent.objects.get(kind="rerouted")
    assert (event.details["from"], event.details["to"]) == ([KEELUNG], [TAICHUNG])
    decision = RoutingDecision.objects.order_by("pk").last()
    assert decision is not None
    assert (decision.cause, decision.candidates[0]["places"]) == ("manual", [TAICHUNG])
    assert_books_agree()


def test_an_order_that_stands_best_already_is_left_alone() -> None:
    stock_up(units=5)
    stock_up(units=5, place=TAICHUNG)
    order_id = placed(("OOLONG-150", 3))

    done = again(order_id)

    assert not done.is_changed
    assert RoutingDecision.objects.count() == 1


def test_orders_of_a_place_that_is_out_go_from_elsewhere_and_the_rest_stays_promised() -> None:
    stock_up(units=5)
    stock_up(sku="MATCHA-30", units=5)
    stock_up(units=4, place=TAICHUNG)
    first = placed(("OOLONG-150", 3))
    second = placed(("OOLONG-150", 1), ("MATCHA-30", 1), external_id="B")
    third = placed(("MATCHA-30", 2), external_id="C")
    moving.release_order(order_id=first, actor=MERCHANT, moment=NOON)

    done = rerouting.reroute_place(place_code=KEELUNG, actor=MERCHANT, moment=NOON)

    assert (done.moved_order_ids, done.left_order_ids) == ((first, second), (third,))
    assert live() == [
        ("A-1", TAICHUNG, "allocated", 3),
        ("B", KEELUNG, "allocated", 1),
        ("B", TAICHUNG, "allocated", 1),
        ("C", KEELUNG, "allocated", 2),
    ]
    assert Order.objects.get(pk=first).state == "allocated"
    assert_books_agree()


def test_what_is_picked_does_not_move() -> None:
    stock_up(units=5)
    stock_up(units=5, place=TAICHUNG)
    order_id = placed(("OOLONG-150", 3))
    moving.release_order(order_id=order_id, actor=MERCHANT, moment=NOON)
    moving.pick_fulfilment(fulfilment_id=FulfilmentOrder.objects.get().pk, actor=MERCHANT, moment=NOON)

    assert not again(order_id, avoid_places=[KEELUNG]).is_changed
    assert live() == [("A-1", KEELUNG, "picked", 3)]


def test_a_wave_changes_places_where_that_saves_a_parcel() -> None:
    stock_up(units=1)
    stock_up(units=1, place=TAICHUNG)
    stock_up(sku="MATCHA-30", units=0)
    stock_up(sku="MATCHA-30", units=1, place=TAICHUNG)
    regions.put_region(country="", postcode_start="", place_code=TAICHUNG, open_places=[KEELUNG, TAICHUNG])
    placed(("OOLONG-150", 1))
    placed(("OOLONG-150", 1), ("MATCHA-30", 1), external_id="B")
    assert live() == [
        ("A-1", TAICHUNG, "allocated", 1),
        ("B", KEELUNG, "allocated", 1),
        ("B", TAICHUNG, "allocated", 1),
    ]

    done = waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.5)

    assert live() == [("A-1", KEELUNG, "allocated", 1), ("B", TAICHUNG, "allocated", 2)]
    assert (done.orders_count, len(done.moved_order_ids)) == (2, 2)
    assert done.cost_after < done.cost_before
    assert_books_agree()


def test_a_wave_without_anything_to_gain_writes_nothing() -> None:
    stock_up(units=5)
    placed(("OOLONG-150", 1))

    done = waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.2)

    assert (done.moved_order_ids, done.cost_before) == ((), done.cost_after)
    assert RoutingDecision.objects.count() == 1


def test_waves_go_through_all_orders_however_many_stand_before() -> None:
    stock_up(units=9)
    stock_up(sku="MATCHA-30", units=0)
    stock_up(sku="MATCHA-30", units=1, place=TAICHUNG)
    for number in range(3):
        placed(("OOLONG-150", 1), external_id=f"OLD-{number}")
    split = placed(("OOLONG-150", 1), ("MATCHA-30", 1), external_id="LAST")
    stock_up(units=1, place=TAICHUNG)

    done = rerouting_jobs.run_waves(asked_by="mei", moment=NOON, limit=2)

    assert [(one.orders_count, one.moved_order_ids) for one in done] == [(2, ()), (2, (split,)), (0, ())]
    assert live(split) == [("LAST", TAICHUNG, "allocated", 2)]


def test_a_shop_without_open_orders_has_an_empty_wave() -> None:
    assert waves.reroute_wave(actor=MERCHANT, moment=NOON).orders_count == 0


def test_of_a_bundle_only_what_came_is_waited_for_no_longer() -> None:
    oolong, matcha, box = stock_up(units=0), stock_up(sku="MATCHA-30", units=0), stock_up(sku="GIFT-BOX", units=0)
    BundleComponent.objects.create(bundle_id=box, component_id=oolong, units=2)
    BundleComponent.objects.create(bundle_id=box, component_id=matcha, units=1)
    order_id = placed(("GIFT-BOX", 1), if_short="wait")
    Backorder.objects.update(kind="preorder", promised_date=dt.date(2026, 12, 24))
    stock_up(units=5, place=TAICHUNG)

    done = again(order_id)

    assert (done.to_places, done.state) == ((TAICHUNG,), "placed")
    assert live() == [("A-1", KEELUNG, "waiting", 1), ("A-1", TAICHUNG, "allocated", 2)]
    assert list(Backorder.objects.values_list("product__sku", "units", "kind", "promised_date")) == [
        ("MATCHA-30", 1, "preorder", dt.date(2026, 12, 24))
    ]
    assert_books_agree()
