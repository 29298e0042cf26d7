"""Picking by scan: right and wrong scans, shorts at a bin, two people, crashes, and orders that change meanwhile."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.models import Allocation, Level
from reorder.domain.inventory.operations import record_moves
from reorder.domain.warehouse.errors import FulfilmentMovedOn
from reorder.domain.warehouse.models import CountTask, FulfilmentOrder, PickBatch, PickLine, Wave
from reorder.flows import fulfil, waves
from reorder.flows.floor import pick
from tests.factories.inventory import KEELUNG, opening
from tests.factories.order_life import ledger_agrees, level, parcel_of, parcels_of, placed, released, state_of
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.racing import at_once
from tests.factories.walking import (
    LATER,
    batch_of,
    bins_agree,
    in_bins,
    lay_floor,
    lines_of,
    pick_all,
    plan,
    put_in,
    scan,
    wave_at,
)

pytestmark = pytest.mark.django_db(transaction=True)
AKI = replace(MERCHANT, name="aki")


def one_line_wave(*, units: int = 3, bins: dict[str, int] | None = None, stock: int = 10) -> PickBatch:
    """An order of Oolong in a wave of its own."""
    stock_up(units=stock)
    lay_floor()
    for code, many in (bins or {"A-02": stock}).items():
        put_in(code, units=many)
    placed(("OOLONG-150", units))
    return batch_of(wave_at())


def first_line() -> int:
    return PickLine.objects.order_by("sequence").values_list("pk", flat=True)[0]


def go_to(batch: PickBatch, line: int, code: str = "A-02") -> None:
    assert scan(batch, f"b{line}", code).answer.outcome == "right"


def test_one_line_is_asked_for_by_bin_then_product_then_tote() -> None:
    batch = one_line_wave()
    line = first_line()

    assert plan(batch) == [(f"b{line}", "bin"), (f"p{line}", "product"), (f"t{line}", "tote")]

    go_to(batch, line)
    taken = scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3))
    assert (taken.answer.outcome, taken.answer.values) == ("right", {"units": "3", "sku": "OOLONG-150", "tote": 1})
    assert level() == (10, 3)
    assert in_bins() == {"A-02": 10}
    done = scan(batch, f"t{line}", "t1")

    assert done.answer.outcome == "done"
    assert in_bins() == {"A-02": 7}
    assert Allocation.objects.get().picked_units == 3


@pytest.mark.parametrize(
    ("step", "code", "more", "error"),
    [
        ("b", "B-01", {}, "warehouse.wrong_bin"),
        ("b", "NO-SUCH-BIN", {}, "warehouse.unknown_bin"),
        ("b", "T-A-01", {}, "floor.bin_of_another_place"),
        ("p", "CUP", {"units": Decimal(3)}, "warehouse.wrong_product"),
        ("p", "4006381333932", {"units": Decimal(3)}, "floor.wrong_check_digit"),
        ("p", "OOLONG-150", {"units": Decimal(4)}, "warehouse.too_many"),
        ("p", "OOLONG-150", {"units": Decimal(3), "expires_date": dt.date(2026, 11, 1)}, "warehouse.lot_expired"),
        ("t", "T1", {}, "warehouse.product_first"),
        ("x", "T1", {}, "warehouse.unknown_pick_line"),
    ],
)
def test_a_wrong_scan_says_what_is_wrong_and_changes_nothing(
    step: str, code: str, more: dict[str, object], error: str
) -> None:
    stock_up(sku="CUP", units=1)
    batch = one_line_wave()
    lay_floor(place="TAIPEI")
    line = first_line()
    if step != "b":
        go_to(batch, line)

    answered = scan(batch, f"{step}{line}", code, **more)

    assert (answered.error, answered.answer.outcome) == (error, "wrong")
    assert (in_bins(), level(), lines_of(batch.wave_id)) == ({"A-02": 10}, (10, 3), [("A-02", "", 3, "open")])


def test_the_tote_must_be_the_one_of_the_order() -> None:
    batch = one_line_wave()
    line = first_line()
    go_to(batch, line)
    scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3))

    wrong = scan(batch, f"t{line}", "T2")

    assert wrong.error == "warehouse.wrong_tote"
    assert in_bins() == {"A-02": 10}


def test_the_lot_that_was_promised_is_picked_and_no_other() -> None:
    stock_up(units=5, lot="L1")
    stock_up(units=5, lot="L2")
    lay_floor()
    put_in("A-02", units=5, lot="L1")
    put_in("A-02", units=5, lot="L2")
    placed(("OOLONG-150", 5), external_id="A-1")
    placed(("OOLONG-150", 2), external_id="A-2")
    batch = batch_of(wave_at())
    # Two orders of one line each: picked together, no totes; L1 for the first, L2 for the second.
    assert lines_of(batch.wave_id) == [("A-02", "L1", 5, "open"), ("A-02", "L2", 2, "open")]
    second = PickLine.objects.get(lot="L2").pk
    go_to(batch, second)

    wrong = scan(batch, f"p{second}", "OOLONG-150", units=Decimal(2), lot="L1")
    right = scan(batch, f"p{second}", "OOLONG-150", units=Decimal(2), lot="L2")

    assert (wrong.error, right.answer.outcome) == ("warehouse.wrong_lot", "right")
    picked = {one.level.lot: int(one.picked_units) for one in Allocation.objects.select_related("level")}
    assert picked == {"L1": 0, "L2": 2}
    assert ledger_agrees()


def test_orders_of_one_line_are_taken_in_one_go() -> None:
    stock_up(units=10)
    lay_floor()
    put_in("A-02", units=10)
    orders = [placed(("OOLONG-150", 2), external_id=f"A-{number}") for number in range(3)]
    batch = batch_of(wave_at())
    line = first_line()
    assert (batch.kind, batch.totes, plan(batch)) == ("singles", 0, [(f"b{line}", "bin"), (f"p{line}", "product")])

    go_to(batch, line)
    done = scan(batch, f"p{line}", "OOLONG-150", units=Decimal(6))

    assert done.answer.outcome == "done"
    assert [state_of(one) for one in orders] == ["picked"] * 3
    assert in_bins() == {"A-02": 4}
    assert ledger_agrees()


def test_a_bin_that_is_empty_after_a_pick_is_asked_about_and_counted() -> None:
    batch = one_line_wave(units=10)
    line = first_line()
    assert [ask for _step, ask in plan(batch)] == ["bin", "product", "tote", "choice"]
    pick_all(batch)

    answered = scan(batch, f"z{line}", "YES")

    assert answered.answer.outcome == "right"
    assert list(CountTask.objects.values_list("bin__code", "cause")) == [("A-02", "zero")]


def test_what_is_not_in_a_bin_is_on_the_list_and_can_be_picked() -> None:
    stock_up(units=10)
    lay_floor()
    put_in("A-02", units=4)
    placed(("OOLONG-150", 6))
    batch = batch_of(wave_at())
    assert lines_of(batch.wave_id) == [("A-02", "", 4, "open"), ("", "", 2, "open")]

    assert pick_all(batch) == "done"

    assert in_bins() == {}
    assert (level(), bins_agree()) == ((10, 6), True)


def test_a_short_pick_goes_on_at_another_bin_of_the_same_lot_at_once() -> None:
    batch = one_line_wave(units=3, bins={"A-01": 5, "B-02": 5})
    line = first_line()
    go_to(batch, line, "A-01")

    asked = scan(batch, f"p{line}", "OOLONG-150", units=Decimal(1))
    assert (asked.answer.outcome, [one.value for one in asked.answer.choices]) == ("wrong", ["yes", "no"])
    gone = scan(batch, f"p{line}", "OOLONG-150", units=Decimal(1), details={"short": "yes"})

    assert (gone.answer.outcome, gone.answer.values["bins"]) == ("right", "B-02")
    assert gone.answer.plan is not None
    assert lines_of(batch.wave_id) == [("A-01", "", 1, "open"), ("B-02", "", 2, "open")]
    assert list(CountTask.objects.values_list("bin__code", "cause")) == [("A-01", "short")]
    assert pick_all(batch) == "done"
    # Nothing was lost yet: the count of A-01 will tell.
    assert (level(), in_bins()) == ((10, 3), {"A-01": 4, "B-02": 3})
    assert ledger_agrees()


def test_a_short_pick_takes_another_lot_where_no_other_bin_has_the_lot() -> None:
    stock_up(units=5, lot="L1")
    stock_up(units=5, lot="L2")
    lay_floor()
    put_in("A-01", units=5, lot="L1")
    put_in("B-02", units=5, lot="L2")
    order = placed(("OOLONG-150", 3))
    batch = batch_of(wave_at())
    line = first_line()
    go_to(batch, line, "A-01")

    gone = scan(batch, f"p{line}", "", details={"choice": pick.NOT_HERE, "short": "yes"})

    assert (gone.answer.values["lots"], gone.answer.values["bins"]) == ("L2", "–")
    assert lines_of(batch.wave_id) == [("A-01", "L1", 3, "short"), ("B-02", "L2", 3, "open")]
    # The bin is empty: what it should have had is booked out, nobody is promised it.
    assert in_bins() == {"B-02": 5}
    assert pick_all(batch) == "done"
    assert state_of(order) == "picked"
    assert ledger_agrees()
    assert bins_agree()


def test_a_short_pick_takes_another_lot_of_the_same_owner_and_of_nobody_else() -> None:
    product_id = stock_up(units=0)
    Product.objects.filter(pk=product_id).update(goods_owner="TEA-HOUSE")
    stored = [("TEA-HOUSE", "L1", 5), ("TEA-HOUSE", "L2", 2), ("self", "L3", 5)]
    record_moves(
        moves=[
            replace(opening(product_id=product_id, units=units, lot=lot), owner=owner) for owner, lot, units in stored
        ]
    )
    lay_floor()
    for code, (owner, lot, units) in zip(("A-01", "B-02", "A-02"), stored, strict=True):
        put_in(code, units=units, lot=lot, owner=owner)
    order = placed(("OOLONG-150", 3))
    batch = batch_of(wave_at())
    line = first_line()
    go_to(batch, line, "A-01")

    gone = scan(batch, f"p{line}", "", details={"choice": pick.NOT_HERE, "short": "yes"})

    assert (gone.error, gone.answer.values.get("lots")) == ("", "L2"), gone
    assert lines_of(batch.wave_id) == [("A-01", "L1", 3, "short"), ("B-02", "L2", 2, "open")]
    # The bin is empty: all that it should have had is booked out, for the owner too.
    assert in_bins() == {"A-02": 5, "B-02": 2}
    assert Level.objects.get(lot="L1", location__code=f"stock:{KEELUNG}").on_hand_units == 0
    assert set(PickLine.objects.values_list("owner", flat=True)) == {"TEA-HOUSE"}
    assert pick_all(batch) == "done"
    assert parcels_of(order) == [(KEELUNG, "picked"), (KEELUNG, "waiting")]
    assert (ledger_agrees(), bins_agree()) == (True, True)


def test_a_short_pick_that_nothing_here_serves_waits_for_goods_and_the_parcel_goes_on() -> None:
    stock_up(sku="CUP", units=2)
    stock_up(units=3)
    lay_floor()
    put_in("A-01", units=3)
    put_in("B-01", sku="CUP", units=2)
    order = placed(("OOLONG-150", 3), ("CUP", 1))
    batch = batch_of(wave_at())
    tea = PickLine.objects.get(product__sku="OOLONG-150").pk
    go_to(batch, tea, "A-01")

    gone = scan(batch, f"p{tea}", "OOLONG-150", units=Decimal(2), details={"short": "yes"})

    assert "waits for them" in gone.answer.message
    assert pick_all(batch) == "done"
    assert parcels_of(order) == [(KEELUNG, "picked"), (KEELUNG, "waiting")]
    assert level() == (2, 2)
    assert ledger_agrees()
    assert bins_agree()


def test_two_people_on_one_batch_the_second_is_told_who_was_first() -> None:
    batch = one_line_wave()
    line = first_line()
    go_to(batch, line)

    second = scan(batch, f"b{line}", "A-02", by=AKI)

    assert (second.answer.outcome, second.answer.values["by"]) == ("conflict", "mei")


def test_two_pickers_race_for_one_line_and_exactly_one_takes_it() -> None:
    batch = one_line_wave()
    line = first_line()
    go_to(batch, line)
    scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3))

    answers = at_once(lambda number: scan(batch, f"t{line}", "T1", key=f"race {number}"), hands=4)

    assert sorted(one.answer.outcome for one in answers) == ["conflict", "conflict", "conflict", "done"]
    assert (in_bins(), Allocation.objects.get().picked_units) == ({"A-02": 7}, 3)
    assert ledger_agrees()


def test_a_scan_whose_answer_was_lost_is_replayed_once() -> None:
    batch = one_line_wave()
    line = first_line()
    go_to(batch, line)
    scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3))
    first = scan(batch, f"t{line}", "T1", key="the handheld lost the answer")

    again = scan(batch, f"t{line}", "T1", key="the handheld lost the answer")

    assert (again.is_replay, again.answer) == (True, first.answer)
    assert in_bins() == {"A-02": 7}


def test_a_crash_before_the_commit_leaves_nothing_and_the_replay_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = one_line_wave()
    line = first_line()
    go_to(batch, line)
    scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3))

    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("reorder.flows.floor.scanning.log_scan", die)
        with pytest.raises(KeyboardInterrupt):
            scan(batch, f"t{line}", "T1", key="killed")
    assert (in_bins(), Allocation.objects.get().picked_units) == ({"A-02": 10}, 0)

    assert scan(batch, f"t{line}", "T1", key="killed").answer.outcome == "done"
    assert in_bins() == {"A-02": 7}


def test_a_cancelled_order_drops_out_with_a_clear_word() -> None:
    stock_up(units=10)
    lay_floor()
    put_in("A-02", units=10)
    kept = placed(("OOLONG-150", 1), external_id="A-1")
    gone = placed(("OOLONG-150", 4), external_id="A-2")
    batch = batch_of(wave_at())
    line = PickLine.objects.get(units=4).pk
    fulfil.cancel_order(order_id=gone, reason="changed her mind", actor=MERCHANT, moment=LATER)

    answered = scan(batch, f"p{line}", "OOLONG-150", units=Decimal(4))

    assert (answered.answer.outcome, answered.answer.values) == (
        "conflict", {"order": "A-2", "sku": "OOLONG-150"},
    )  # fmt: skip
    assert pick_all(batch) == "done"
    assert [state_of(kept), state_of(gone)] == ["picked", "cancelled"]
    assert PickLine.objects.get(pk=line).state == "dropped"
    assert (in_bins(), bins_agree(), ledger_agrees()) == ({"A-02": 9}, True, True)


def test_goods_in_a_tote_whose_order_is_cancelled_go_back_to_be_put_away() -> None:
    stock_up(sku="CUP", units=2)
    stock_up(units=10)
    lay_floor()
    put_in("A-02", units=10)
    put_in("B-01", sku="CUP", units=2)
    order = placed(("OOLONG-150", 3), ("CUP", 1))
    batch = batch_of(wave_at())
    tea = PickLine.objects.get(product__sku="OOLONG-150").pk
    go_to(batch, tea)
    scan(batch, f"p{tea}", "OOLONG-150", units=Decimal(3))
    scan(batch, f"t{tea}", "T1")

    fulfil.cancel_order(order_id=order, reason="", actor=MERCHANT, moment=LATER)

    made = pick.plan_of(task=str(batch.pk), place_code=KEELUNG, actor=MERCHANT)
    (step,) = made["steps"]
    assert (step["id"], step["ask"]) == (f"r{tea}", "choice")
    assert step["values"] == {"order": "A-1", "units": "3", "name": step["name"], "tote": 1}
    assert scan(batch, f"r{tea}", "DONE").answer.outcome == "right"
    assert plan(batch) == []
    assert (level(), in_bins(), ledger_agrees()) == ((10, 0), {"A-02": 7}, True)


def test_an_order_that_was_cut_is_picked_with_fewer() -> None:
    batch = one_line_wave(units=5)
    order = FulfilmentOrder.objects.get().order_id
    fulfil.cancel_line(order_id=order, line_key="1", units=Decimal(2), reason="", actor=MERCHANT, moment=LATER)

    assert pick_all(batch) == "done"

    assert (state_of(order), in_bins(), level()) == ("picked", {"A-02": 7}, (10, 3))
    assert ledger_agrees()


def test_what_a_wave_has_begun_cannot_be_taken_back_but_picked_at_the_desk() -> None:
    stock_up(sku="CUP", units=2)
    stock_up(units=10)
    lay_floor()
    put_in("A-02", units=10)
    put_in("B-01", sku="CUP", units=2)
    order = placed(("OOLONG-150", 3), ("CUP", 1))
    batch = batch_of(wave_at())
    tea = PickLine.objects.get(product__sku="OOLONG-150").pk
    go_to(batch, tea)
    scan(batch, f"p{tea}", "OOLONG-150", units=Decimal(3))
    scan(batch, f"t{tea}", "T1")

    with pytest.raises(FulfilmentMovedOn):
        fulfil.unrelease_fulfilment(fulfilment_id=parcel_of(order), actor=MERCHANT, moment=LATER)
    fulfil.pick_fulfilment(fulfilment_id=parcel_of(order), actor=MERCHANT, moment=LATER)

    assert [int(one.picked_units) for one in Allocation.objects.order_by("pk")] == [3, 1]
    # The cup left its bin though nobody said from which.
    assert (in_bins(), in_bins("CUP")) == ({"A-02": 7}, {"B-01": 1})
    assert (ledger_agrees(), bins_agree()) == (True, True)


def test_what_was_put_back_can_be_in_another_wave() -> None:
    batch = one_line_wave()
    pick_all(batch)
    order = FulfilmentOrder.objects.get().order_id

    fulfil.unpick_fulfilment(fulfilment_id=parcel_of(order), actor=MERCHANT, moment=LATER)

    assert lines_of(batch.wave_id) == [("A-02", "", 3, "dropped")]
    again = batch_of(wave_at())
    assert pick_all(again) == "done"
    assert (state_of(order), ledger_agrees(), bins_agree()) == ("picked", True, True)


def test_bins_follow_an_order_that_is_shipped_without_a_wave() -> None:
    stock_up(units=10)
    lay_floor()
    put_in("A-01", units=4)
    put_in("A-02", units=6)
    order = released(("OOLONG-150", 5))

    fulfil.ship_fulfilment(fulfilment_id=parcel_of(order), actor=MERCHANT, moment=LATER)

    assert (in_bins(), level(), bins_agree()) == ({"A-02": 5}, (5, 0), True)


def test_a_place_without_bins_asks_nothing_more() -> None:
    stock_up(units=10)
    order = released(("OOLONG-150", 5))
    parcel = parcel_of(order)
    said: list[str] = []

    def listen(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        fulfil.pick_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    assert not [one for one in said if "warehouse_binstock" in one or "warehouse_binmove" in one]


def test_a_wave_that_is_cancelled_frees_its_orders_for_another() -> None:
    batch = one_line_wave()

    waves.cancel_wave(wave_id=batch.wave_id, actor=MERCHANT, moment=LATER)

    assert (Wave.objects.get().state, lines_of(batch.wave_id)) == ("cancelled", [("A-02", "", 3, "dropped")])
    assert pick_all(batch_of(wave_at())) == "done"


def test_a_batch_is_given_to_somebody_else_who_goes_on() -> None:
    batch = one_line_wave()
    line = first_line()
    go_to(batch, line)

    waves.assign_batch(batch_id=batch.pk, to="aki", actor=MERCHANT, moment=LATER)

    assert scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3)).error == ""
    assert scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3)).answer.outcome == "conflict"
    assert scan(batch, f"p{line}", "OOLONG-150", units=Decimal(3), by=AKI).answer.outcome == "right"
