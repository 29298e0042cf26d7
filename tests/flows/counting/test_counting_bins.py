"""Counting a bin: blind, exact to the unit, booked in stock and bin together."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from reorder.domain.inventory.allocating import Wanted, allocate_units
from reorder.domain.inventory.operations import record_moves
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.bin_stock import list_excess, list_loose
from reorder.domain.warehouse.count_models import CountEntry, CountTask
from reorder.domain.warehouse.counts import get_count
from reorder.domain.warehouse.errors import (
    CountMovedOn,
    CountNotByYou,
    CountNotFinished,
    CountTaken,
    OwnCount,
    UnknownBin,
)
from reorder.flows.counting import ask_count
from reorder.flows.counting.deciding import approve_count, give_count, recount, reject_count
from reorder.flows.counting.errors import BadCount
from reorder.flows.counting.taking import CountedUnits, FinishedCount, enter_count, finish_count, start_count
from tests.factories.catalog import make_product
from tests.factories.counting import ANN, MEI, NOON, OWNER, fill_bin, in_bin, make_bins, take_from_bin
from tests.factories.inventory import KEELUNG, opening, stock_at
from tests.factories.staff import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def _count(
    *, bin_code: str, counted: dict[int, str], by: Actor = MEI, at: dt.datetime = NOON
) -> tuple[int, FinishedCount]:
    task = ask_count(bin_code=bin_code, cause="asked", actor=OWNER, moment=at).task_id
    return task, _take(task=task, counted=counted, by=by, at=at)


def _take(*, task: int, counted: dict[int, str], by: Actor = MEI, at: dt.datetime = NOON) -> FinishedCount:
    start_count(task_id=task, actor=by, moment=at)
    for product_id, units in counted.items():
        enter_count(
            task_id=task,
            counted=CountedUnits(
                key=f"{task}-{by.name}-{product_id}-{units}-{at.isoformat()}",
                product_id=product_id,
                units=Decimal(units),
                counted_at=at,
            ),
            actor=by,
            moment=at,
        )
    return finish_count(task_id=task, actor=by, moment=at, key=f"{task}-{by.name}")


def _ledger_is_whole() -> None:
    assert compare_ledger_with_levels() == []
    assert list_excess(place_code=KEELUNG) == []


def _people(*names: str) -> None:
    for name in names:
        make_person(role="owner" if name in {"owner", "boss"} else "warehouse", name=name)


def test_a_bin_has_one_open_count_whoever_asks() -> None:
    oolong = make_product()
    make_bins()
    first = ask_count(bin_code="A01", cause="cycle", actor=OWNER, moment=NOON, product_id=oolong.pk)
    again = ask_count(bin_code="A01", cause="short", actor=MEI, moment=NOON)
    assert (first.is_new, again.is_new, again.task_id) == (True, False, first.task_id)
    task = CountTask.objects.get()
    # What happened there counts more than whose turn it was, and the whole bin more than one product.
    assert (task.cause, task.product_id) == ("short", None)
    with pytest.raises(UnknownBin):
        ask_count(bin_code="Z99", cause="asked", actor=OWNER, moment=NOON)


def test_an_exact_count_changes_nothing_and_is_done() -> None:
    oolong = make_product()
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=12)
    task, done = _count(bin_code="A01", counted={oolong.pk: "12"})
    assert done == FinishedCount(state="approved", outcome="exact")
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (12, 12)
    assert get_count(task_id=task).counted_by == "mei"


def test_a_small_variance_is_booked_at_once_in_stock_and_bin() -> None:
    oolong = make_product(unit_cost_minor=100)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    _task, done = _count(bin_code="A01", counted={oolong.pk: "48"})
    assert done == FinishedCount(state="approved", outcome="booked")
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (48, 48)
    entry = CountEntry.objects.get()
    assert (entry.expected_units, entry.counted_units, entry.variance_units, entry.variance_minor) == (50, 48, -2, -200)
    _ledger_is_whole()


def test_goods_that_nobody_counted_keep_the_count_open_until_somebody_says_that_they_are_not_there() -> None:
    oolong, matcha = make_product(unit_cost_minor=100), make_product(sku="MATCHA-30", unit_cost_minor=100)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    fill_bin(bin_code="A01", product_id=matcha.pk, units=1)
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    with pytest.raises(CountNotFinished) as fault:
        _take(task=task, counted={oolong.pk: "50"})
    assert fault.value.parameters["goods"] == "MATCHA-30"
    done = finish_count(task_id=task, actor=MEI, moment=NOON, key="end", rest_is_missing=True)
    assert done.outcome == "booked"
    assert (in_bin(bin_code="A01", sku="MATCHA-30"), stock_at(sku="MATCHA-30")) == (0, 0)


def test_a_large_variance_is_counted_again_by_somebody_else_and_then_waits_for_a_person() -> None:
    _people("mei", "ann", "owner")
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    task, first = _count(bin_code="A01", counted={oolong.pk: "20"})
    assert first == FinishedCount(state="open", outcome="recount")
    with pytest.raises(CountNotByYou):
        start_count(task_id=task, actor=MEI, moment=NOON)
    second = _take(task=task, counted={oolong.pk: "21"}, by=ANN)
    assert second == FinishedCount(state="counted", outcome="large")
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (50, 50)
    decided = approve_count(task_id=task, actor=OWNER, moment=NOON)
    assert (decided.state, decided.outcome) == ("approved", "booked")
    # The second count holds.
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (21, 21)
    with pytest.raises(CountMovedOn):
        approve_count(task_id=task, actor=OWNER, moment=NOON)
    assert stock_at(sku="OOLONG-150") == 21
    _ledger_is_whole()


def test_nobody_approves_his_own_large_variance_while_somebody_else_could() -> None:
    _people("owner", "boss", "ann")
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    task, _ = _count(bin_code="A01", counted={oolong.pk: "20"}, by=ANN)
    assert _take(task=task, counted={oolong.pk: "20"}, by=OWNER).state == "counted"
    with pytest.raises(OwnCount):
        approve_count(task_id=task, actor=OWNER, moment=NOON)
    boss = Actor(name="boss", abilities=OWNER.abilities)
    assert approve_count(task_id=task, actor=boss, moment=NOON).state == "approved"


def test_somebody_alone_counts_and_approves_alone() -> None:
    _people("owner")
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    task, done = _count(bin_code="A01", counted={oolong.pk: "20"}, by=OWNER)
    assert done == FinishedCount(state="counted", outcome="large")
    assert approve_count(task_id=task, actor=OWNER, moment=NOON).state == "approved"
    assert stock_at(sku="OOLONG-150") == 20


def test_a_rejected_count_books_nothing_and_the_bin_can_be_asked_for_again() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    task, _ = _count(bin_code="A01", counted={oolong.pk: "20"})
    assert reject_count(task_id=task, actor=OWNER, moment=NOON, note="wrong box").state == "rejected"
    assert stock_at(sku="OOLONG-150") == 50
    assert ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).is_new


def test_a_count_below_what_is_promised_is_not_booked_but_waits() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    with transaction.atomic():
        allocate_units(
            wanted=[Wanted(demand_key="order_line:1", product_id=oolong.pk, place_code=KEELUNG, units=Decimal(45))],
            key="promise",
            cause_kind="order",
            moment=NOON,
        )
    task, _ = _count(bin_code="A01", counted={oolong.pk: "40"})
    decided = approve_count(task_id=task, actor=OWNER, moment=NOON)
    assert (decided.state, decided.outcome) == ("counted", "promised")
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (50, 50)
    _ledger_is_whole()


def test_goods_that_wait_to_be_put_away_and_stand_in_the_bin_already_change_the_bin_only() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=10)
    record_moves(moves=[opening(product_id=oolong.pk, units=6, key="dock")])
    _task, done = _count(bin_code="A01", counted={oolong.pk: "16"})
    assert done == FinishedCount(state="approved", outcome="put_away")
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (16, 16)
    assert list_loose(place_code=KEELUNG) == []


def test_goods_missing_in_one_bin_and_found_in_another_are_moved_and_both_counts_are_done() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    first, waits = _count(bin_code="A01", counted={oolong.pk: "20"})
    assert waits.state == "counted"
    _second, done = _count(bin_code="A02", counted={oolong.pk: "30"})
    assert done == FinishedCount(state="approved", outcome="misplaced")
    assert get_count(task_id=first).state == "approved"
    assert (in_bin(bin_code="A01", sku="OOLONG-150"), in_bin(bin_code="A02", sku="OOLONG-150")) == (20, 30)
    assert stock_at(sku="OOLONG-150") == 50
    _ledger_is_whole()


def test_a_person_says_from_which_bin_found_goods_are() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    task, waits = _count(bin_code="A02", counted={oolong.pk: "30"})
    assert waits.state == "counted"
    entry = CountEntry.objects.get().pk
    with pytest.raises(BadCount):
        approve_count(task_id=task, actor=OWNER, moment=NOON, found_from={entry: "A03"})
    decided = approve_count(task_id=task, actor=OWNER, moment=NOON, found_from={entry: "A01"})
    assert (decided.state, decided.outcome) == ("approved", "misplaced")
    assert (in_bin(bin_code="A01", sku="OOLONG-150"), in_bin(bin_code="A02", sku="OOLONG-150")) == (20, 30)
    assert stock_at(sku="OOLONG-150") == 50


def test_what_was_picked_between_the_look_and_the_entry_counts_as_seen() -> None:
    """A handheld without Wi-Fi: 12 were on the shelf, 3 were picked, then the count of 12 arrives."""
    oolong = make_product()
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=12)
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=task, actor=MEI, moment=NOON)
    later = NOON + dt.timedelta(minutes=20)
    take_from_bin(bin_code="A01", product_id=oolong.pk, units=3, happened_at=NOON + dt.timedelta(minutes=5))
    enter_count(
        task_id=task,
        counted=CountedUnits(key="late", product_id=oolong.pk, units=Decimal(12), counted_at=NOON),
        actor=MEI,
        moment=later,
    )
    entry = CountEntry.objects.get()
    assert (entry.counted_units, entry.moved_units, entry.expected_units, entry.variance_units) == (12, -3, 9, 0)
    assert finish_count(task_id=task, actor=MEI, moment=later, key="end").outcome == "exact"


def test_a_pick_that_arrives_after_the_count_and_happened_before_it_has_the_bin_counted_again() -> None:
    """The picker's handheld was out of Wi-Fi: the count saw 9, the books still said 12."""
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=12)
    task, _ = _count(bin_code="A01", counted={oolong.pk: "9"})
    assert get_count(task_id=task).state == "counted"
    take_from_bin(bin_code="A01", product_id=oolong.pk, units=3, happened_at=NOON - dt.timedelta(minutes=5))
    decided = approve_count(task_id=task, actor=OWNER, moment=NOON)
    assert (decided.state, decided.outcome) == ("open", "late")
    assert _take(task=task, counted={oolong.pk: "9"}, at=NOON + dt.timedelta(minutes=1)).outcome == "exact"
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (12, 9)


def test_two_people_on_one_count_are_told_and_the_first_goes_on() -> None:
    make_bins()
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=task, actor=MEI, moment=NOON)
    with pytest.raises(CountTaken) as fault:
        start_count(task_id=task, actor=ANN, moment=NOON)
    assert fault.value.parameters["by"] == "mei"
    give_count(task_id=task, assigned_to="ann", actor=OWNER)
    start_count(task_id=task, actor=ANN, moment=NOON)
    with pytest.raises(CountTaken):
        start_count(task_id=task, actor=MEI, moment=NOON)


def test_counting_again_in_one_round_replaces_and_one_key_counts_once() -> None:
    oolong = make_product()
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=12)
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    for key, units in (("one", 10), ("one", 10), ("two", 12)):
        counted = CountedUnits(key=key, product_id=oolong.pk, units=Decimal(units), counted_at=NOON)
        enter_count(task_id=task, counted=counted, actor=MEI, moment=NOON)
    assert CountEntry.objects.count() == 2
    assert finish_count(task_id=task, actor=MEI, moment=NOON, key="end").outcome == "exact"
    below = CountedUnits(key="x", product_id=oolong.pk, units=Decimal(-1), counted_at=NOON)
    with pytest.raises(BadCount):
        enter_count(task_id=task, counted=below, actor=MEI, moment=NOON)


def test_a_person_has_a_bin_counted_again_instead_of_deciding() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    task, _ = _count(bin_code="A01", counted={oolong.pk: "20"})
    assert recount(task_id=task, actor=OWNER, moment=NOON).state == "open"
    # Nobody else is on the staff: mei counts again herself.
    assert _take(task=task, counted={oolong.pk: "50"}).outcome == "exact"


def test_what_was_counted_cannot_be_changed() -> None:
    oolong = make_product()
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=12)
    _count(bin_code="A01", counted={oolong.pk: "12"})
    with pytest.raises(IntegrityError):
        CountEntry.objects.update(counted_units=1)
