"""Orders placed and changed while a wave is being solved: nobody waits for it, and nothing is oversold or lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from reorder.domain.inventory.models import Allocation, Level
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.engine import routing as engine
from reorder.flows import fulfil
from reorder.flows.fulfil import waves
from reorder.insights.promise_proof import prove_ledger
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import placed
from tests.factories.placing import MERCHANT, NOON, order_of, place, stock_up
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TAICHUNG = "TAICHUNG"


def live(order_id: int) -> list[tuple[str, int]]:
    """(place, units) of its live parcels."""
    found = FulfilmentOrder.objects.exclude(state="cancelled").filter(order_id=order_id).order_by("place__code")
    return [(one.place.code, int(sum(line.units for line in one.lines.all()))) for one in found]


def split_order(external_id: str, *, matcha: str) -> int:
    """An order in two parcels that will fit into one when a second Oolong stands in Taichung."""
    stock_up(sku=matcha, units=1, place=TAICHUNG)
    return placed(("OOLONG-150", 1), (matcha, 1), external_id=external_id)


def solve_while(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> list[object]:
    """Let others do something on a connection of their own when the wave is solved but not written; their answers."""
    solve, answers = engine.route_orders, list[object]()

    def on_its_own() -> object:
        try:
            with connection.cursor() as cursor:
                # Whoever has to wait for the wave fails: it does not go on before this is through.
                cursor.execute("SET lock_timeout = '5s'")
            return work()
        finally:
            connection.close()

    def solve_slowly(**given: object) -> engine.RoutingPlan:
        plan = solve(**given)  # type: ignore[arg-type]
        # Others route too, with the solver that there is.
        monkeypatch.setattr(engine, "route_orders", solve)
        with ThreadPoolExecutor(1) as pool:
            answers.append(pool.submit(on_its_own).result(60))
        return plan

    monkeypatch.setattr(engine, "route_orders", solve_slowly)
    return answers


def test_an_order_that_is_placed_while_a_wave_is_solved_does_not_wait_and_keeps_its_goods(monkeypatch) -> None:
    stock_up(units=1)
    order_id = split_order("A", matcha="MATCHA-30")
    stock_up(units=1, place=TAICHUNG)
    answers = solve_while(
        monkeypatch, lambda: [one.outcome for one in place(order_of(("OOLONG-150", 1), external_id="B"))]
    )

    done = waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.2)

    assert answers == [["added"]]
    # The unit that the plan counted on is the other order's now.
    assert (done.moved_order_ids, done.cost_after) == ((), done.cost_before)
    assert live(order_id) == [(KEELUNG, 1), (TAICHUNG, 1)]
    assert sum(one.units for one in Allocation.objects.all()) == 3
    assert prove_ledger().is_proved


def test_an_order_that_is_cancelled_while_a_wave_is_solved_stays_cancelled(monkeypatch) -> None:
    stock_up(units=1)
    gone = split_order("A", matcha="MATCHA-30")
    stock_up(units=1, place=TAICHUNG)
    answers = solve_while(
        monkeypatch,
        lambda: fulfil.cancel_order(order_id=gone, reason="asked", actor=MERCHANT, moment=NOON).state,
    )

    assert waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.2).moved_order_ids == ()

    assert (answers, live(gone)) == (["cancelled"], [])
    assert not Allocation.objects.exists()
    assert prove_ledger().is_proved


def test_what_did_not_change_while_a_wave_was_solved_is_written(monkeypatch) -> None:
    stock_up(units=2)
    first = split_order("A", matcha="MATCHA-30")
    second = split_order("B", matcha="SENCHA-50")
    stock_up(units=2, place=TAICHUNG)
    answers = solve_while(monkeypatch, lambda: fulfil.release_order(order_id=first, actor=MERCHANT, moment=NOON))

    done = waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.2)

    assert (answers, done.moved_order_ids) == (["released"], (second,))
    assert (live(first), live(second)) == ([(KEELUNG, 1), (TAICHUNG, 1)], [(TAICHUNG, 2)])
    assert done.cost_after < done.cost_before
    free = Level.objects.filter(product__sku="OOLONG-150").order_by("location__code")
    assert [int(one.on_hand_units - one.allocated_units) for one in free] == [1, 1]
    assert prove_ledger().is_proved


def test_goods_that_a_wave_leaves_are_whose_who_comes_first_and_the_rest_of_the_wave_is_written(monkeypatch) -> None:
    stock_up(units=2)
    stock_up(sku="GENMAI-80", units=1)
    first = split_order("A", matcha="MATCHA-30")
    second = placed(("OOLONG-150", 1), ("GENMAI-80", 1), external_id="B")
    stock_up(units=1, place=TAICHUNG)
    answers = solve_while(monkeypatch, lambda: live(place(order_of(("OOLONG-150", 1), external_id="C"))[0].order_id))

    done = waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.2)

    assert (answers, done.moved_order_ids) == ([[(TAICHUNG, 1)]], ())
    assert (live(first), live(second)) == ([(KEELUNG, 1), (TAICHUNG, 1)], [(KEELUNG, 2)])
    assert prove_ledger().is_proved


def test_waves_and_orders_that_are_placed_and_cancelled_at_once_leave_the_books_right() -> None:
    for sku in ("OOLONG-150", "SENCHA-50"):
        stock_up(sku=sku, units=12)
        stock_up(sku=sku, units=6, place=TAICHUNG)
    stock_up(sku="MATCHA-30", units=12, place=TAICHUNG)
    for number in range(8):
        sku = ("OOLONG-150", "SENCHA-50")[number % 2]
        placed((sku, 1), ("MATCHA-30", 1), external_id=f"OLD-{number}")

    def work(hand: int) -> int:
        if hand == 0:
            return sum(
                len(waves.reroute_wave(actor=MERCHANT, moment=NOON, budget_seconds=0.1, seed=seed).moved_order_ids)
                for seed in range(4)
            )
        added = 0
        for number in range(6):
            skus = ("OOLONG-150", "SENCHA-50") if hand % 2 else ("SENCHA-50", "OOLONG-150")
            (outcome,) = place(order_of(*((sku, 1) for sku in skus), external_id=f"{hand}-{number}"))
            added += outcome.outcome == "added"
            if outcome.order_id is not None and number % 3 == 2:
                fulfil.cancel_order(order_id=outcome.order_id, reason="asked", actor=MERCHANT, moment=NOON)
        return added

    _, *added = at_once(work, hands=4)

    # 28 units of two teas are free for the 18 orders, of which each cancelled one gives two back.
    assert sum(added) <= 18
    assert prove_ledger().is_proved
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone() == (0,)
