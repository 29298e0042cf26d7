"""Changes of orders lock in the order in which new orders lock: two that meet wait, and neither is killed for it."""

from dataclasses import replace
from typing import Any

import pytest

from reorder.domain.customers.models import Address
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.orders.errors import OrderMovedOn
from reorder.domain.orders.life import lock_order
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.planning.operations import mark_dirty
from reorder.domain.storage import fetch_prepared
from reorder.flows import fulfil, order_desk
from reorder.flows.fulfil import OrderChanges
from tests.factories.interleaving import meet, queue
from tests.factories.order_life import LATER, ledger_agrees, level, placed, state_of
from tests.factories.placing import MEI, MERCHANT, stock_up

pytestmark = pytest.mark.django_db(transaction=True)

ELSEWHERE = replace(MEI, line1="松仁路 2 號")


def edit(order_id: int) -> str:
    changes = OrderChanges(ship_to=ELSEWHERE)
    return fulfil.edit_order(order_id=order_id, changes=changes, actor=MERCHANT, moment=LATER).state


def cancel(order_id: int) -> str:
    return fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER).state


def test_an_edited_and_a_new_order_of_one_address_and_product_both_go_through() -> None:
    oolong = stock_up(units=10)
    first = placed(("OOLONG-150", 2), external_id="A")

    new, edited = queue(
        holder=lambda: lock_levels(product_ids=[oolong]),
        works=[
            lambda: state_of(placed(("OOLONG-150", 3), external_id="B", ship_to=ELSEWHERE)),
            lambda: edit(first),
        ],
    )

    assert (new, edited) == ("allocated", "allocated")
    assert Address.objects.filter(line1="松仁路 2 號").count() == 1
    assert set(Order.objects.values_list("ship_to__line1", flat=True)) == {"松仁路 2 號"}
    assert (level(), ledger_agrees()) == ((10, 5), True)


def test_a_cancelled_order_that_waited_and_a_new_one_of_the_same_goods_both_go_through() -> None:
    stock_up(units=0)
    waiting = placed(("OOLONG-150", 2), external_id="A", if_short="wait")
    customer = Order.objects.get().customer_id
    stock_up(units=10)

    new, cancelled = queue(
        holder=lambda: mark_dirty(kind="customer", subject_keys=[str(customer)]),
        works=[
            lambda: state_of(placed(("OOLONG-150", 3), external_id="B")),
            lambda: cancel(waiting),
        ],
    )

    assert (new, cancelled) == ("allocated", "cancelled")
    assert (level(), ledger_agrees()) == ((10, 3), True)


@pytest.mark.parametrize("change", ["edit", "cancel", "merge", "split"])
def test_a_change_writes_all_its_marks_in_one_statement(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=10)
    first = placed(("OOLONG-150", 2), ("MATCHA-30", 1), external_id="A")
    second = placed(("OOLONG-150", 2), external_id="B")
    changes = {
        "edit": lambda: edit(first),
        "cancel": lambda: cancel(first),
        "merge": lambda: fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER),
        "split": lambda: fulfil.split_order(order_id=first, line_keys=["2"], actor=MERCHANT, moment=LATER),
    }

    marked: list[list[str]] = []

    def run(*, statement: str, parameters: dict[str, Any]) -> Any:
        marked.append(sorted(set(parameters["kinds"])))
        return fetch_prepared(statement=statement, parameters=parameters)

    monkeypatch.setattr("reorder.domain.planning.operations.fetch_prepared", run)
    changes[change]()

    goods = ["position"] if change in {"edit", "cancel"} else []
    assert marked == [["customer", "day", *goods]]


def test_who_only_asks_for_the_numbers_of_orders_waits_for_nobody() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 1), external_id="A")

    met = meet(
        first=lambda: lock_order(order_id=order_id),
        second=lambda: order_desk.numbers_of(order_ids=[order_id, 4711]),
    )

    assert (met.second, met.waited) == ({order_id: "A"}, False)


def test_a_merged_order_lives_again_while_somebody_wants_to_merge_it_once_more() -> None:
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=10)
    first = placed(("MATCHA-30", 1), external_id="A")
    second = placed(("OOLONG-150", 2), external_id="B")
    fulfil.merge_orders(order_ids=[first, second], into_id=second, actor=MERCHANT, moment=LATER)

    def merge_again() -> str:
        try:
            fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)
        except OrderMovedOn:
            return "moved on"
        return "merged"

    def split() -> int:
        lines = dict(OrderLine.objects.values_list("product__sku", "line_key"))
        keys = [lines["MATCHA-30"]]
        return fulfil.split_order(order_id=second, line_keys=keys, actor=MERCHANT, moment=LATER).new_order_id

    answers = queue(holder=lambda: lock_order(order_id=first), works=[merge_again, split])

    assert answers == ["moved on", first]
    assert (state_of(first), state_of(second), ledger_agrees()) == ("allocated", "allocated", True)
