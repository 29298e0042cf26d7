"""A return from the wish to the money: what stands where, who can buy it, what goes back; ledger and levels agree."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.allocating import Wanted, allocate_units
from reorder.domain.inventory.models import Hold, Level, Move
from reorder.domain.messaging.models import ContactPoint, OutboxMessage
from reorder.domain.orders.models import Order, OrderEvent, PriceRule
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.payments.credit import get_balance
from reorder.domain.shipping.models import Parcel
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.models import Return, ReturnLine, ReturnPiece
from reorder.domain.warehouse.return_errors import (
    BadReturnInput,
    NeverRestocked,
    NotInspectedYet,
    RefundAboveValue,
    ReturnMovedOn,
    TooManyReturned,
    UnknownReturnCode,
    WrongGoodsBack,
    WrongLotBack,
)
from reorder.flows import returns
from reorder.flows.fulfil import Totals
from reorder.flows.order_intake import Buyer
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import events_of, ledger_agrees, placed, state_of
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.racing import at_once
from tests.factories.returning import BACK, came, delivered, graded, line_key, opened, received, refunded_of, settled

pytestmark = pytest.mark.django_db(transaction=True)


def stock(sku: str = "OOLONG-150") -> tuple[int, int]:
    """On hand, and kept apart."""
    level = Level.objects.get(product__sku=sku, location__code=f"stock:{KEELUNG}")
    return int(level.on_hand_units), int(level.held_units)


def state(return_id: int) -> str:
    return Return.objects.get(pk=return_id).state


def test_goods_that_came_back_as_new_are_sold_again_and_the_money_goes_back() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    assert stock() == (7, 0)

    return_id, piece = received(order_id, 2)
    assert (stock(), state(return_id)) == ((9, 2), "received")
    done = graded(return_id, piece)
    assert (done.disposition, stock(), state(return_id)) == ("restock", (9, 0), "inspected")
    money = settled(return_id)

    assert (money.refund_minor, refunded_of(order_id), state(return_id)) == (90_000, 90_000, "closed")
    kinds = [kind for kind, _, _ in events_of(order_id) if kind.startswith(("return", "refund"))]
    assert kinds == [
        "return_opened",
        "return_accepted",
        "return_received",
        "return_graded",
        "return_inspected",
        "refund_made",
        "return_closed",
    ]
    assert state_of(order_id) == "delivered"
    back = Move.objects.get(kind="return")
    assert (back.source.code, back.target.code, back.cause_kind, back.units) == (
        "customer",
        f"stock:{KEELUNG}",
        "return",
        2,
    )
    assert ledger_agrees()


def test_goods_that_wait_to_be_looked_at_are_promised_to_nobody() -> None:
    product_id = stock_up(units=3)
    order_id = delivered(("OOLONG-150", 3))
    _, piece = received(order_id, 2)
    with one_transaction():
        promise = allocate_units(
            wanted=[Wanted(demand_key="order_line:999", product_id=product_id, place_code=KEELUNG, units=Decimal(1))],
            key="try",
            cause_kind="order",
            moment=BACK,
        )
    assert ([one.free_units for one in promise.short], stock()) == ([0], (2, 2))
    assert Hold.objects.get().hold_key == f"return_piece:{piece.id}"
    assert ledger_agrees()


@pytest.mark.parametrize(
    ("grade", "disposition", "after"),
    [("B", "refurbish", (9, 2)), ("C", "quarantine", (9, 2)), ("D", "scrap", (7, 0))],
)
def test_every_grade_has_a_way_of_its_own_and_the_ledger_follows(
    grade: str, disposition: str, after: tuple[int, int]
) -> None:
    stock_up(units=10)
    return_id, piece = received(delivered(("OOLONG-150", 3)), 2)
    assert (graded(return_id, piece, grade).disposition, stock()) == (disposition, after)
    assert ledger_agrees()


def test_mended_goods_go_to_stock_and_others_leave_quarantine_by_a_persons_word() -> None:
    stock_up(units=10)
    return_id, piece = received(delivered(("OOLONG-150", 3)), 3)
    mended = graded(return_id, piece, "B", units=2)
    rest = ReturnPiece.objects.get(grade="")
    broken = graded(return_id, rest, "C")
    assert (stock(), state(return_id)) == ((10, 3), "inspected")

    for one, to in ((mended, "restock"), (broken, "scrap")):
        returns.redispose_goods(
            return_id=return_id,
            piece_id=one.id,
            seen_units=one.units,
            units=one.units,
            disposition=to,
            reason="looked at again",
            actor=MERCHANT,
            moment=BACK,
        )
    assert (stock(), Hold.objects.count()) == ((9, 0), 0)
    with pytest.raises(ReturnMovedOn):
        returns.redispose_goods(
            return_id=return_id,
            piece_id=broken.id,
            seen_units=broken.units,
            units=broken.units,
            disposition="restock",
            reason="no",
            actor=MERCHANT,
            moment=BACK,
        )
    assert ledger_agrees()


def test_frozen_goods_are_never_sold_again_whoever_wishes_it() -> None:
    stock_up(sku="GYOZA", units=5)
    Product.objects.filter(sku="GYOZA").update(temperature_class="frozen")
    order_id = delivered(("GYOZA", 2))
    return_id = opened(order_id, {"GYOZA": 2})
    piece = came(return_id, 2, sku="GYOZA")
    with pytest.raises(NeverRestocked):
        graded(return_id, piece, "A", disposition="restock", reason="still hard")
    done = graded(return_id, piece, "A")
    assert (done.disposition, done.reason, stock("GYOZA")) == ("scrap", "frozen", (3, 0))
    assert ledger_agrees()


def test_another_disposition_than_the_rule_needs_a_reason_and_is_marked() -> None:
    stock_up(units=10)
    return_id, piece = received(delivered(("OOLONG-150", 3)), 2)
    with pytest.raises(BadReturnInput, match="say why"):
        graded(return_id, piece, "A", disposition="supplier")
    done = graded(return_id, piece, "A", disposition="supplier", reason="the whole batch smells")
    assert (done.disposition, done.is_overridden, done.reason) == ("supplier", True, "the whole batch smells")


def test_wrong_goods_and_more_than_was_sent_change_nothing() -> None:
    stock_up(units=10)
    stock_up(sku="GREEN-100", units=5)
    order_id = delivered(("OOLONG-150", 2))
    return_id = opened(order_id, 1)
    with pytest.raises(WrongGoodsBack, match="was not part of order A-1"):
        came(return_id, 1, sku="GREEN-100")
    with pytest.raises(TooManyReturned, match="only 2 can still come back"):
        came(return_id, 3)
    assert (stock(), ReturnPiece.objects.count(), ledger_agrees()) == ((8, 0), 0, True)


def test_more_than_was_announced_is_taken_as_long_as_it_was_sold() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 2))
    return_id = opened(order_id, 1)
    came(return_id, 2)
    returns.finish_receiving(return_id=return_id, actor=MERCHANT, moment=BACK)
    line = ReturnLine.objects.get()
    assert (line.announced_units, line.units, line.received_units) == (1, 2, 2)
    assert returns.returnable_units(order_id=order_id) == {}


def test_a_lot_that_the_order_never_got_is_somebody_elses() -> None:
    stock_up(units=5, lot="L-1")
    order_id = delivered(("OOLONG-150", 2))
    return_id = opened(order_id, 1)
    with pytest.raises(WrongLotBack, match="had L-1"):
        came(return_id, 1, lot="L-9")
    piece = came(return_id, 1)
    assert (piece.lot, Move.objects.get(kind="return").lot) == ("L-1", "L-1")
    assert ledger_agrees()


def test_the_same_scan_twice_counts_once() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 2))
    return_id = opened(order_id, 1)
    first, second = came(return_id, 1, key="one"), came(return_id, 1, key="one")
    assert (first.id, stock(), ledger_agrees()) == (second.id, (9, 1), True)


def test_what_never_came_and_what_was_declined_can_be_asked_for_again() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    key = line_key(order_id)
    wish = returns.ReturnWish(reason="damaged", units_by_line={key: Decimal(3)})
    declined = returns.open_return(order_id=order_id, wish=wish, actor=MERCHANT, moment=BACK)
    assert returns.returnable_units(order_id=order_id) == {}
    returns.decline(return_id=declined.return_id, word="Opened tins stay.", actor=MERCHANT, moment=BACK)
    assert returns.returnable_units(order_id=order_id) == {key: 3}

    return_id = opened(order_id, 3)
    came(return_id, 1)
    returns.finish_receiving(return_id=return_id, actor=MERCHANT, moment=BACK)
    assert returns.returnable_units(order_id=order_id) == {key: 2}


def test_goods_that_never_come_are_given_up_after_their_time() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 2))
    return_id = opened(order_id, 2)
    assert returns.expire_returns(moment=BACK + dt.timedelta(days=29)) == 0
    assert returns.expire_returns(moment=BACK + dt.timedelta(days=30)) == 1
    assert returns.expire_returns(moment=BACK + dt.timedelta(days=31)) == 0
    assert (state(return_id), returns.returnable_units(order_id=order_id)) == ("expired", {line_key(order_id): 2})


def test_two_who_grade_the_same_goods_at_once_grade_them_once() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    return_id, piece = received(order_id, 2)

    def grade(hand: int) -> str:
        try:
            graded(return_id, piece, "AD"[hand])
        except ReturnMovedOn:
            return "late"
        return "done"

    assert sorted(at_once(grade, hands=2)) == ["done", "late"]
    only = ReturnPiece.objects.get()
    assert stock() == ((9, 0) if only.grade == "A" else (7, 0))
    assert ledger_agrees()


def test_two_who_settle_at_once_give_the_money_back_once() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    return_id, piece = received(order_id, 2)
    graded(return_id, piece)

    def settle(_hand: int) -> str:
        try:
            settled(return_id)
        except ReturnMovedOn:
            return "late"
        return "done"

    assert sorted(at_once(settle, hands=2)) == ["done", "late"]
    assert (refunded_of(order_id), ledger_agrees()) == (90_000, True)


def test_a_return_is_not_settled_before_all_its_goods_are_graded_or_above_their_worth() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    return_id, piece = received(order_id, 2)
    graded(return_id, piece, units=1)
    with pytest.raises(NotInspectedYet):
        settled(return_id)
    graded(return_id, ReturnPiece.objects.get(grade=""))
    with pytest.raises(RefundAboveValue):
        settled(return_id, amount_minor=90_001)
    assert settled(return_id, amount_minor=50_000).refund_minor == 50_000
    # What was not given back for these two is not given back with the third.
    third, piece = received(order_id, 1)
    graded(third, piece)
    assert settled(third).refund_minor == 45_000


def test_store_credit_is_given_instead_of_money() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 1))
    return_id, piece = received(order_id, 1)
    graded(return_id, piece)
    settled(return_id, "credit")
    customer_id = Order.objects.get(pk=order_id).customer_id
    assert get_balance(customer_id=customer_id, currency="TWD") == 45_000


def test_an_exchange_is_an_order_at_no_charge_promised_at_once_or_waiting() -> None:
    stock_up(units=3)
    order_id = delivered(("OOLONG-150", 3))
    return_id, piece = received(order_id, 2)
    graded(return_id, piece, "D")
    money = settled(return_id, "exchange")
    new = Order.objects.get(pk=money.exchange_order_id)
    assert (new.total_minor, new.state, new.tags, new.external_id) == (
        0,
        "placed",
        ["exchange"],
        Return.objects.get().number,
    )
    assert (refunded_of(order_id), new.customer_id) == (0, Order.objects.get(pk=order_id).customer_id)
    # The same value is not given back a second time.
    third, piece = received(order_id, 1)
    graded(third, piece)
    assert (settled(third).refund_minor, ledger_agrees()) == (45_000, True)


def test_an_unknown_parcel_says_what_to_do_and_an_order_number_opens_a_return() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 2))
    with pytest.raises(UnknownReturnCode):
        returns.open_by_scan(code="NOBODY", place_code=KEELUNG, actor=MERCHANT, moment=BACK)
    return_id = returns.open_by_scan(code="A-1", place_code=KEELUNG, actor=MERCHANT, moment=BACK)
    assert returns.open_by_scan(code="T1", place_code=KEELUNG, actor=MERCHANT, moment=BACK) == return_id
    number = Return.objects.get().number
    assert returns.open_by_scan(code=number.lower(), place_code=KEELUNG, actor=MERCHANT, moment=BACK) == return_id
    came(return_id, 2)
    returns.finish_receiving(return_id=return_id, actor=MERCHANT, moment=BACK)
    assert (state(return_id), state_of(order_id), stock()) == ("received", "delivered", (10, 2))


def test_an_order_that_has_not_left_has_nothing_to_come_back() -> None:
    stock_up(units=10)
    placed(("OOLONG-150", 2))
    with pytest.raises(UnknownReturnCode):
        returns.open_by_scan(code="A-1", place_code=KEELUNG, actor=MERCHANT, moment=BACK)
    assert Return.objects.count() == 0


def test_the_customer_reads_of_every_step() -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 2), buyer=Buyer(key="mei", email="mei@example.org", name="Mei"))
    assert ContactPoint.objects.count() == 1
    return_id, piece = received(order_id, 1)
    graded(return_id, piece)
    settled(return_id)
    codes = OutboxMessage.objects.filter(reason_code__startswith="shop.return").order_by("pk")
    assert list(codes.values_list("reason_code", flat=True)) == [
        "shop.return_accepted",
        "shop.return_received",
        "shop.return_refunded",
    ]
    assert "NT$450" in codes.last().body_text  # type: ignore[union-attr]


def test_a_parcel_on_its_way_back_is_awaited_and_followed() -> None:
    stock_up(units=10)
    return_id = opened(delivered(("OOLONG-150", 2)), 1)
    number = returns.send_instructions(
        return_id=return_id, way_back="store", carrier="7-ELEVEN", tracking_number="S 1", actor=MERCHANT, moment=BACK
    )
    parcel = Parcel.objects.get(direction="back")
    assert (parcel.number, parcel.shipment_key, parcel.tracking_number, state(return_id)) == (
        number,
        f"return:{return_id}",
        "S 1",
        "sent",
    )
    with one_transaction():
        for told in ("pending", "picked_up", "in_transit"):
            returns.follow_back_parcel(shipment_key=parcel.shipment_key, parcel_state=told, actor=MERCHANT, moment=BACK)
    assert (state(return_id), OrderEvent.objects.filter(kind="return_under_way").count()) == ("under_way", 1)
    assert returns.open_by_scan(code="S 1", place_code=KEELUNG, actor=MERCHANT, moment=BACK) == return_id
    came(return_id, 1)
    with pytest.raises(ReturnMovedOn):
        returns.cancel(return_id=return_id, word="", actor=MERCHANT, moment=BACK)


def test_a_coupon_of_an_order_that_came_back_whole_can_be_used_again_and_shipping_goes_back() -> None:
    stock_up(units=10)
    totals = Totals(goods_minor=90_000, shipping_minor=8_000, total_minor=98_000)
    order_id = delivered(("OOLONG-150", 2), totals=totals)
    rule = PriceRule.objects.create(code="TEA", name="Tea", is_coupon=True, kind="percent", maximum_uses=1)
    settle_rule_uses(order_id=order_id, discounts_minor={"TEA": 0}, moment=BACK)
    for turn in range(2):
        return_id, piece = received(order_id, 1)
        graded(return_id, piece)
        money = settled(return_id)
        rule.refresh_from_db()
        assert (money.refund_minor, rule.uses_count) == ((45_000, 1), (53_000, 0))[turn]
