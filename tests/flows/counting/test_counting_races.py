"""Counting while others pick, and two people on one thing: real connections, exact figures at the end."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.inventory.allocating import Settled, Wanted, allocate_units, settle_units
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.bin_stock import NewBinMove, list_excess, move_between_bins
from reorder.domain.warehouse.count_models import CountEntry, CountTask
from reorder.domain.warehouse.counts import get_count
from reorder.domain.warehouse.errors import CountMovedOn, CountTaken
from reorder.domain.warehouse.models import FulfilmentLine, FulfilmentOrder
from reorder.flows.count_conflicts import give_up_promise
from reorder.flows.counting import ask_count
from reorder.flows.counting.deciding import approve_count
from reorder.flows.counting.errors import NotPromised
from reorder.flows.counting.taking import CountedUnits, enter_count, finish_count, start_count
from reorder.insights.counts import find_promises
from tests.factories.catalog import make_product
from tests.factories.counting import ANN, MEI, NOON, OWNER, fill_bin, in_bin, make_bins
from tests.factories.inventory import KEELUNG, stock_at
from tests.factories.placing import order_of, place
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 6


def _entered(*, task: int, product_id: int, units: int, key: str = "entry") -> None:
    enter_count(
        task_id=task,
        counted=CountedUnits(key=key, product_id=product_id, units=Decimal(units), counted_at=NOON),
        actor=MEI,
        moment=NOON,
    )


def test_pickers_who_pick_while_a_bin_is_counted_leave_no_variance() -> None:
    oolong = make_product()
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=40)
    for number in range(HANDS):
        with one_transaction():
            allocate_units(
                wanted=[
                    Wanted(
                        demand_key=f"order_line:{number}", product_id=oolong.pk, place_code=KEELUNG, units=Decimal(2)
                    )
                ],
                key=f"promise {number}",
                cause_kind="order",
                moment=NOON,
            )
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=task, actor=MEI, moment=NOON)

    def work(hand: int) -> None:
        if hand == HANDS:
            # Forty stand there at noon; what the pickers take after noon is theirs.
            _entered(task=task, product_id=oolong.pk, units=40)
            return
        later = NOON + dt.timedelta(seconds=hand + 1)
        with one_transaction():
            settle_units(
                kind="pick",
                settled=[Settled(demand_key=f"order_line:{hand}", product_id=oolong.pk, place_code=KEELUNG)],
                key=f"pick {hand}",
                cause_kind="order",
                cause_key=str(hand),
                moment=later,
            )
            move_between_bins(
                moves=[
                    NewBinMove(
                        key=f"pick {hand}",
                        kind="pick",
                        product_id=oolong.pk,
                        units=Decimal(2),
                        source="A01",
                        target="",
                        cause_kind="pick_line",
                        cause_key=str(hand),
                        actor="picker",
                        happened_at=later,
                    )
                ]
            )

    at_once(work, hands=HANDS + 1)
    entry = CountEntry.objects.get()
    assert entry.variance_units == 0
    assert entry.counted_units + entry.moved_units == entry.expected_units
    assert finish_count(task_id=task, actor=MEI, moment=NOON + dt.timedelta(minutes=1), key="end").outcome == "exact"
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (40, 40 - 2 * HANDS)
    assert compare_ledger_with_levels() == []
    assert list_excess(place_code=KEELUNG) == []


def test_of_two_who_start_one_count_one_counts() -> None:
    make_bins()
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id

    def start(hand: int) -> str:
        try:
            start_count(task_id=task, actor=(MEI, ANN)[hand], moment=NOON)
        except CountTaken:
            return "taken"
        return "counts"

    assert sorted(at_once(start, hands=2)) == ["counts", "taken"]


def test_many_who_ask_at_once_get_one_count() -> None:
    make_bins()
    asked = at_once(lambda _: ask_count(bin_code="A01", cause="short", actor=MEI, moment=NOON), hands=HANDS)
    assert len({one.task_id for one in asked}) == 1
    assert sum(one.is_new for one in asked) == 1
    assert CountTask.objects.count() == 1


def test_two_who_approve_one_count_book_it_once() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=50)
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=task, actor=MEI, moment=NOON)
    _entered(task=task, product_id=oolong.pk, units=20)
    assert finish_count(task_id=task, actor=MEI, moment=NOON, key="end").state == "counted"

    def approve(_hand: int) -> str:
        try:
            return approve_count(task_id=task, actor=OWNER, moment=NOON).state
        except CountMovedOn:
            return "moved on"

    assert sorted(at_once(approve, hands=2)) == ["approved", "moved on"]
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (20, 20)


def test_a_promise_on_goods_that_are_gone_is_given_up_and_the_rest_is_approved() -> None:
    """Ten stand in the books and eight are promised; four are there. Of the six that are gone, two were free."""
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=10)
    place(order_of(("OOLONG-150", 5), external_id="A-1"), order_of(("OOLONG-150", 3), external_id="A-2"))
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=task, actor=MEI, moment=NOON)
    _entered(task=task, product_id=oolong.pk, units=4)
    finish_count(task_id=task, actor=MEI, moment=NOON, key="end")
    assert approve_count(task_id=task, actor=OWNER, moment=NOON).outcome == "promised"
    row = get_count(task_id=task)
    entry = CountEntry.objects.get()
    held = find_promises(task=row, goods=_goods(task))
    assert held.free_units == 2
    assert {(one.order_number, one.units) for one in held.lines} == {("A-1", 5), ("A-2", 3)}
    line = OrderLine.objects.get(order__external_id="A-1")
    parcel = FulfilmentOrder.objects.get(order__external_id="A-1")
    done = give_up_promise(
        task_id=task, entry_id=entry.pk, fulfilment_id=parcel.pk, order_line_id=line.pk, actor=OWNER, moment=NOON
    )
    assert done.missing_units == 5
    # The parcel's five are booked out of stock and of this bin; one is still missing and free.
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (5, 5)
    assert _goods(task).open_units == -1
    assert approve_count(task_id=task, actor=OWNER, moment=NOON).state == "approved"
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (4, 4)
    assert FulfilmentLine.objects.filter(fulfilment__order__external_id="A-2").get().units == 3
    assert Order.objects.filter(external_id="A-1").exists()
    assert compare_ledger_with_levels() == []
    assert list_excess(place_code=KEELUNG) == []
    with pytest.raises(CountMovedOn):
        give_up_promise(
            task_id=task, entry_id=entry.pk, fulfilment_id=parcel.pk, order_line_id=line.pk, actor=OWNER, moment=NOON
        )


def test_a_promise_of_other_goods_is_not_given_up() -> None:
    oolong = make_product(unit_cost_minor=20_000)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=10)
    place(order_of(("OOLONG-150", 5), external_id="A-1"))
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=task, actor=MEI, moment=NOON)
    _entered(task=task, product_id=oolong.pk, units=1)
    finish_count(task_id=task, actor=MEI, moment=NOON, key="end")
    parcel = FulfilmentOrder.objects.get(order__external_id="A-1")
    with pytest.raises(NotPromised):
        give_up_promise(
            task_id=task,
            entry_id=CountEntry.objects.get().pk,
            fulfilment_id=parcel.pk,
            order_line_id=0,
            actor=OWNER,
            moment=NOON,
        )
    assert stock_at(sku="OOLONG-150") == 10


def _goods(task: int):  # type: ignore[no-untyped-def]
    from reorder.domain.warehouse.counts import list_goods

    return list_goods(task=get_count(task_id=task))[0]
