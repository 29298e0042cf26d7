"""What an order that is routed again leaves to others: who waits, who is kept goods, and lots too old for its channel."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.inventory import operations
from reorder.domain.inventory.models import Allocation
from reorder.domain.inventory.promise_rules import SellingTerms
from reorder.domain.inventory.promise_terms import put_fresh_days, put_reserve, put_selling_terms
from reorder.domain.orders.models import Order
from reorder.domain.planning import regions
from reorder.domain.planning.models import CustomerValue, Run
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import fulfil
from reorder.flows.fulfil import OrderChanges, rerouting, waves
from reorder.insights.promise_proof import prove_ledger
from tests.factories.inventory import KEELUNG, make_place, opening
from tests.factories.order_life import LATER, placed
from tests.factories.placing import MERCHANT, NOON, order_of, place, stock_up

pytestmark = pytest.mark.django_db
TAICHUNG, TAINAN = "TAICHUNG", "TAINAN"
TODAY = dt.date(2026, 11, 27)


def keep(product_id: int, units: int, *, at: str = TAICHUNG) -> None:
    """The last units at a place are the champions'."""
    place_id = make_place(code=at, name=at).id
    put_reserve(
        product_id=product_id,
        place_id=place_id,
        units=Decimal(units),
        segments=["champions"],
        ends_at=NOON + dt.timedelta(days=9),
        decided_by="mei",
        moment=NOON,
    )


def make_champion(order_id: int) -> None:
    figures = dict.fromkeys(("recency_days", "monetary", "active_share", "expected_orders", "expected_value"), 1.0)
    CustomerValue.objects.create(
        run=Run.objects.create(kind="night", as_of_date=TODAY, started_at=NOON),
        customer_id=Order.objects.get(pk=order_id).customer_id,
        segment="champions",
        frequency=9,
        r_score=5,
        f_score=5,
        m_score=5,
        churn_share=0.0,
        **figures,
    )


def arrive(product_id: int, units: int, *, at: str, lot: str, days: int) -> None:
    """Goods of a lot that goes off in so many days."""
    move = opening(product_id=product_id, units=units, place=at, lot=lot, key=f"{at}-{lot}")
    operations.record_moves(moves=[replace(move, expires_date=TODAY + dt.timedelta(days=days))])


def serve_from(place_code: str, *others: str) -> None:
    """The place that comes first for everybody."""
    for code in (place_code, *others):
        make_place(code=code, name=code)
    regions.put_region(country="", postcode_start="", place_code=place_code, open_places=[place_code, *others])


def lose_keelung() -> tuple[int, ...]:
    """Keelung is out; the orders that go from elsewhere."""
    return rerouting.reroute_place(place_code=KEELUNG, actor=MERCHANT, moment=NOON).moved_order_ids


def live(order_id: int) -> list[tuple[str, str, int]]:
    """(place, state, units) of its live parcels."""
    found = FulfilmentOrder.objects.exclude(state="cancelled").filter(order_id=order_id).order_by("place__code")
    return [(one.place.code, one.state, int(sum(line.units for line in one.lines.all()))) for one in found]


def test_what_is_kept_for_champions_does_not_go_to_an_order_whose_place_is_out() -> None:
    oolong = stock_up(units=3)
    order_id = placed(("OOLONG-150", 3))
    stock_up(units=5, place=TAICHUNG)
    keep(oolong, 3)

    assert lose_keelung() == ()
    assert live(order_id) == [(KEELUNG, "allocated", 3)]

    make_champion(order_id)
    assert lose_keelung() == (order_id,)
    assert live(order_id) == [(TAICHUNG, "allocated", 3)]
    assert prove_ledger().is_proved


def test_what_others_wait_for_does_not_go_to_an_order_that_is_routed_again() -> None:
    stock_up(units=3)
    order_id = placed(("OOLONG-150", 3))
    serve_from(TAICHUNG, KEELUNG)
    waiting = placed(("OOLONG-150", 4), external_id="B", if_short="wait")
    stock_up(units=6, place=TAICHUNG)

    assert lose_keelung() == ()
    assert (live(order_id), live(waiting)) == ([(KEELUNG, "allocated", 3)], [(TAICHUNG, "waiting", 4)])

    fulfil.cancel_order(order_id=waiting, reason="", actor=MERCHANT, moment=NOON)
    assert lose_keelung() == (order_id,)
    assert prove_ledger().is_proved


def test_an_order_does_not_queue_behind_itself() -> None:
    stock_up(units=0)
    order_id = placed(("OOLONG-150", 3), if_short="wait")
    stock_up(units=3)

    done = rerouting.reroute_order(order_id=order_id, cause="manual", actor=MERCHANT, moment=NOON)

    assert (done.to_places, live(order_id)) == ((KEELUNG,), [(KEELUNG, "allocated", 3)])


def test_goods_that_keep_too_short_for_the_channel_are_passed_by_for_a_place_with_fresh_ones() -> None:
    oolong = stock_up(units=2)
    order_id = placed(("OOLONG-150", 2))
    put_fresh_days(minimum_days=30, channel="shop", product_id=oolong, decided_by="mei", moment=NOON)
    serve_from(TAICHUNG, KEELUNG, TAINAN)
    arrive(oolong, 5, at=TAICHUNG, lot="OLD", days=10)
    arrive(oolong, 5, at=TAINAN, lot="OLD", days=10)
    arrive(oolong, 2, at=TAINAN, lot="NEW", days=40)

    assert lose_keelung() == (order_id,)

    assert live(order_id) == [(TAINAN, "allocated", 2)]
    assert [one.level.lot for one in Allocation.objects.select_related("level")] == ["NEW"]
    assert prove_ledger().is_proved


def test_a_pre_order_waits_for_the_release_though_it_is_routed_again() -> None:
    oolong = stock_up(units=0)
    terms = SellingTerms(product_id=oolong, preorder_from_date=TODAY, release_date=TODAY + dt.timedelta(days=5))
    put_selling_terms(terms=terms, decided_by="mei", moment=NOON)
    order_id = placed(("OOLONG-150", 3))
    stock_up(units=5, place=TAICHUNG)

    def again(*, moment: dt.datetime) -> bool:
        return rerouting.reroute_order(order_id=order_id, cause="manual", actor=MERCHANT, moment=moment).is_changed

    assert not again(moment=NOON)
    assert live(order_id) == [(KEELUNG, "waiting", 3)]
    assert again(moment=NOON + dt.timedelta(days=5))
    assert live(order_id) == [(TAICHUNG, "allocated", 3)]


def test_an_order_that_is_edited_keeps_its_goods_though_the_last_ones_are_kept_for_others_since() -> None:
    oolong = stock_up(units=6)
    order_id = placed(("OOLONG-150", 5))
    keep(oolong, 4, at=KEELUNG)

    fulfil.edit_order(order_id=order_id, changes=OrderChanges(units={"1": Decimal(4)}), actor=MERCHANT, moment=LATER)

    assert live(order_id) == [(KEELUNG, "allocated", 4)]
    # Of what it gave back nothing is its own any more.
    assert place(order_of(("OOLONG-150", 1), external_id="B"))[0].outcome == "refused"
    assert prove_ledger().is_proved


def test_an_order_that_is_edited_finds_fresh_goods_behind_many_places_with_old_ones() -> None:
    oolong = stock_up(units=1)
    order_id = placed(("OOLONG-150", 1))
    put_fresh_days(minimum_days=30, channel="shop", product_id=oolong, decided_by="mei", moment=NOON)
    others = [f"STORE-{number}" for number in range(5)]
    serve_from(KEELUNG, *others, TAINAN)
    for code in others:
        arrive(oolong, 5, at=code, lot="OLD", days=10)
    arrive(oolong, 5, at=TAINAN, lot="NEW", days=40)

    fulfil.edit_order(order_id=order_id, changes=OrderChanges(units={"1": Decimal(3)}), actor=MERCHANT, moment=LATER)

    assert live(order_id) == [(TAINAN, "allocated", 3)]
    assert prove_ledger().is_proved


def test_a_wave_takes_nothing_that_is_kept_and_still_lets_orders_change_places() -> None:
    oolong = stock_up(units=1)
    stock_up(units=1, place=TAICHUNG)
    stock_up(sku="MATCHA-30", units=0)
    stock_up(sku="MATCHA-30", units=1, place=TAICHUNG)
    serve_from(TAICHUNG, KEELUNG)
    first = placed(("OOLONG-150", 1))
    second = placed(("OOLONG-150", 1), ("MATCHA-30", 1), external_id="B")
    keep(oolong, 5)
    keep(oolong, 5, at=KEELUNG)

    done = waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.5)

    assert done.moved_order_ids == (first, second)
    assert (live(first), live(second)) == ([(KEELUNG, "allocated", 1)], [(TAICHUNG, "allocated", 2)])
    assert prove_ledger().is_proved


def test_a_wave_leaves_a_parcel_more_where_the_only_free_goods_are_kept() -> None:
    oolong = stock_up(units=1)
    stock_up(sku="MATCHA-30", units=0)
    stock_up(sku="MATCHA-30", units=1, place=TAICHUNG)
    order_id = placed(("OOLONG-150", 1), ("MATCHA-30", 1))
    stock_up(units=1, place=TAICHUNG)
    keep(oolong, 1)
    split = [(KEELUNG, "allocated", 1), (TAICHUNG, "allocated", 1)]

    assert waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.2).moved_order_ids == ()
    assert live(order_id) == split

    make_champion(order_id)
    assert waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.2).moved_order_ids == (order_id,)
    assert live(order_id) == [(TAICHUNG, "allocated", 2)]
    assert prove_ledger().is_proved
