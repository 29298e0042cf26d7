"""Orders that are cancelled, cut, edited and short: goods, money and coupons follow, and the sums are right."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.inventory.models import Allocation, Backorder, Move
from reorder.domain.inventory.operations import record_moves
from reorder.domain.orders.errors import BadOrderChange, OrderMovedOn, PartShipped, UnknownLine
from reorder.domain.orders.models import Order, OrderLine, OrderStep
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.warehouse.models import FulfilmentLine, FulfilmentOrder, RoutingDecision
from reorder.flows import fulfil
from reorder.flows.fulfil import LineCut, LineToAdd, OrderChanges, Totals, timely
from reorder.flows.fulfil.errors import GoodsShort, TotalsDiffer, UnitsNotWhole
from reorder.flows.order_intake.errors import UnknownProducts
from reorder.flows.promising.filling import fill_backorders
from tests.factories.inventory import opening
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
from tests.factories.placing import MEI, MERCHANT, order_of, place, stock_up
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db

ONE = Decimal(1)


def money(order_id: int) -> tuple[int | None, ...]:
    """Goods, discount, shipping, tax, total, paid, refunded and payment state."""
    o = Order.objects.get(pk=order_id)
    return (o.goods_minor, o.discount_minor, o.shipping_minor, o.tax_added_minor, o.total_minor, o.paid_minor)


def lines_of(order_id: int) -> list[tuple[str, str, int]]:
    found = OrderLine.objects.filter(order_id=order_id).order_by("pk").select_related("product")
    return [(line.line_key, line.product.sku, int(line.units)) for line in found]


def sent_by(order_id: int) -> list[tuple[str, str, str, int]]:
    """What live parcels send: place, state, SKU, units."""
    found = FulfilmentLine.objects.filter(fulfilment__order_id=order_id).exclude(fulfilment__state="cancelled")
    return sorted(
        (one.fulfilment.place.code, one.fulfilment.state, one.product.sku, int(one.units))
        for one in found.select_related("fulfilment__place", "product")
    )


def test_a_cancelled_order_gives_everything_back_and_its_money_is_due() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 3))
    fulfil.pick_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)

    done = fulfil.cancel_order(order_id=order_id, reason="changed her mind", actor=MERCHANT, moment=LATER)
    again = fulfil.cancel_order(order_id=order_id, reason="changed her mind", actor=MERCHANT, moment=LATER)

    assert (done.state, done.refund_minor, done.is_new) == ("cancelled", 135_000, True)
    assert (again.refund_minor, again.is_new) == (0, False)
    assert (level(), parcels_of(order_id), Allocation.objects.count()) == ((10, 0), [("KEELUNG", "cancelled")], 0)
    assert events_of(order_id)[-2:] == [
        ("cancelled", "picked", "cancelled"),
        ("refund_due", "cancelled", "cancelled"),
    ]
    assert details_of(order_id, "cancelled")["put_back"] == [
        {"sku": "OOLONG-150", "units": "3.000", "place": "KEELUNG"}
    ]
    assert ledger_agrees()


def test_the_refund_of_a_cancelled_order_is_made_once_however_often_the_job_runs() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))
    fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER)

    assert [timely.take_order_steps(moment=LATER), timely.take_order_steps(moment=LATER)] == [1, 0]
    # The taker died after it had refunded and before it wrote that down.
    OrderStep.objects.update(state="waiting", ended_at=None, due_at=LATER)
    assert timely.take_order_steps(moment=LATER) == 1

    order = Order.objects.get(pk=order_id)
    assert (order.paid_minor, order.refunded_minor, order.payment_state) == (135_000, 135_000, "refunded")
    assert [step.state for step in OrderStep.objects.all()] == ["done"]


def test_a_step_that_cannot_be_done_comes_again_later_and_in_the_end_calls_a_person() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))
    fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER)
    OrderStep.objects.update(details={"amount_minor": 900_000, "reason": ""})

    assert timely.take_order_steps(moment=LATER) == 0
    step = OrderStep.objects.get()
    assert (step.state, step.attempts, step.due_at) == ("waiting", 1, LATER + dt.timedelta(minutes=1))
    OrderStep.objects.update(attempts=11, due_at=LATER)
    assert timely.take_order_steps(moment=LATER) == 0

    assert OrderStep.objects.get().state == "failed"
    assert events_of(order_id)[-1] == ("step_failed", "cancelled", "cancelled")


def test_an_order_that_waits_for_goods_waits_no_longer_when_it_is_cancelled() -> None:
    stock_up(units=2)
    order_id = placed(("OOLONG-150", 3), if_short="wait", payment="unpaid")

    done = fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER)

    assert (done.refund_minor, Backorder.objects.count(), OrderStep.objects.count()) == (0, 0, 0)
    assert ledger_agrees()


def test_what_has_left_is_not_cancelled_but_the_rest_is() -> None:
    stock_up(units=5)
    stock_up(sku="MATCHA-30", units=5, place="TAICHUNG")
    order_id = released(("OOLONG-150", 1), ("MATCHA-30", 2))
    fulfil.ship_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)

    with pytest.raises(PartShipped):
        fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER)
    with pytest.raises(PartShipped):
        fulfil.cancel_line(order_id=order_id, line_key="1", reason="", actor=MERCHANT, moment=LATER)
    done = fulfil.cancel_line(order_id=order_id, line_key="2", reason="", actor=MERCHANT, moment=LATER)

    assert (done.state, done.refund_minor, done.total_minor) == ("shipped", 90_000, 45_000)
    assert lines_of(order_id) == [("1", "OOLONG-150", 1)]
    assert level("MATCHA-30", "TAICHUNG") == (5, 0)
    with pytest.raises(OrderMovedOn):
        fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER)
    assert ledger_agrees()


def test_units_are_cut_from_a_line_that_the_warehouse_has() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 3))
    fulfil.pick_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)

    done = fulfil.cancel_lines(
        order_id=order_id, cuts=[LineCut(line_key="1", units=ONE)], reason="", actor=MERCHANT, moment=LATER
    )

    assert (done.state, done.refund_minor) == ("picked", 45_000)
    assert money(order_id) == (90_000, 0, 0, 0, 90_000, 135_000)
    assert (level(), sent_by(order_id)) == ((10, 2), [("KEELUNG", "picked", "OOLONG-150", 2)])
    assert details_of(order_id, "edited")["lines"] == [
        {"line": "1", "sku": "OOLONG-150", "from_units": "3", "to_units": "2"}
    ]
    fulfil.ship_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)
    assert level() == (8, 0)
    assert ledger_agrees()


@pytest.mark.parametrize("units", ["0", "-1", "4", "NaN"])
def test_a_cut_of_a_line_must_be_one(units: str) -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))

    with pytest.raises(BadOrderChange):
        fulfil.cancel_lines(
            order_id=order_id,
            cuts=[LineCut(line_key="1", units=Decimal(units))],
            reason="",
            actor=MERCHANT,
            moment=LATER,
        )
    with pytest.raises(UnknownLine):
        fulfil.cancel_line(order_id=order_id, line_key="x", reason="", actor=MERCHANT, moment=LATER)


def test_an_order_that_loses_its_last_line_is_cancelled() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))

    done = fulfil.cancel_line(order_id=order_id, line_key="1", reason="", actor=MERCHANT, moment=LATER)

    assert (done.state, done.refund_minor, level()) == ("cancelled", 135_000, (10, 0))


def test_discount_and_tax_fall_with_the_goods() -> None:
    stock_up(units=10)
    totals = Totals(
        goods_minor=135_000, discount_minor=13_500, shipping_minor=6_000, tax_included_minor=6_000, total_minor=127_500
    )
    order_id = placed(("OOLONG-150", 3), totals=totals)
    OrderLine.objects.update(discount_minor=13_500)

    fulfil.cancel_lines(
        order_id=order_id, cuts=[LineCut(line_key="1", units=ONE)], reason="", actor=MERCHANT, moment=LATER
    )

    assert money(order_id) == (90_000, 9_000, 6_000, 0, 87_000, 127_500)
    assert OrderLine.objects.get().discount_minor == 9_000
    assert Order.objects.get().tax_included_minor == 4_100


def test_more_units_are_promised_and_what_they_cost_is_to_pay() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))

    done = fulfil.edit_order(
        order_id=order_id, changes=OrderChanges(units={"1": Decimal(5)}), actor=MERCHANT, moment=LATER
    )

    assert (done.total_before_minor, done.total_minor) == (135_000, 225_000)
    assert (done.to_pay_minor, done.to_refund_minor, done.payment_state) == (90_000, 0, "unpaid")
    assert (level(), sent_by(order_id)) == ((10, 5), [("KEELUNG", "allocated", "OOLONG-150", 5)])
    assert Order.objects.get().hold_reasons == ["awaiting_payment"]
    assert [one.cause for one in RoutingDecision.objects.order_by("pk")] == ["placed", "edited"]
    assert FulfilmentOrder.objects.count() == 1
    assert events_of(order_id)[2:] == [("held", "allocated", "allocated"), ("edited", "allocated", "allocated")]
    assert ledger_agrees()


def test_an_edit_that_stock_does_not_cover_changes_nothing() -> None:
    stock_up(units=4)
    order_id = placed(("OOLONG-150", 3))
    before = (lines_of(order_id), sent_by(order_id), money(order_id), level(), events_of(order_id))

    with pytest.raises(GoodsShort):
        fulfil.edit_order(
            order_id=order_id,
            changes=OrderChanges(units={"1": Decimal(5)}, ship_method="home"),
            actor=MERCHANT,
            moment=LATER,
        )

    assert (lines_of(order_id), sent_by(order_id), money(order_id), level(), events_of(order_id)) == before
    assert Move.objects.filter(kind="release").count() == 0
    assert ledger_agrees()


def test_an_edit_may_wait_for_goods_and_waits_no_longer_when_it_is_taken_back() -> None:
    stock_up(units=4)
    order_id = placed(("OOLONG-150", 3))

    more = fulfil.edit_order(
        order_id=order_id,
        changes=OrderChanges(units={"1": Decimal(5)}, if_short="wait"),
        actor=MERCHANT,
        moment=LATER,
    )
    assert (more.state, sent_by(order_id)) == ("placed", [("KEELUNG", "waiting", "OOLONG-150", 5)])
    assert Order.objects.get().hold_reasons == ["awaiting_payment", "out_of_stock"]
    less = fulfil.edit_order(
        order_id=order_id, changes=OrderChanges(units={"1": Decimal(3)}), actor=MERCHANT, moment=LATER
    )

    assert (less.state, less.payment_state, less.to_refund_minor) == ("allocated", "paid", 0)
    assert sent_by(order_id) == [("KEELUNG", "allocated", "OOLONG-150", 3)]
    assert (Order.objects.get().hold_reasons, Backorder.objects.count(), level()) == ([], 0, (4, 3))
    assert ledger_agrees()


def test_an_order_that_is_edited_does_not_queue_for_what_was_its_own() -> None:
    stock_up(units=4)
    order_id = placed(("OOLONG-150", 3))
    placed(("OOLONG-150", 9), external_id="B", if_short="wait")

    fulfil.edit_order(order_id=order_id, changes=OrderChanges(ship_method="home"), actor=MERCHANT, moment=LATER)
    with pytest.raises(GoodsShort):
        fulfil.edit_order(
            order_id=order_id, changes=OrderChanges(units={"1": Decimal(4)}), actor=MERCHANT, moment=LATER
        )

    assert (sent_by(order_id), level()) == ([("KEELUNG", "allocated", "OOLONG-150", 3)], (4, 3))
    assert ledger_agrees()


def test_lines_are_added_and_taken_away_together() -> None:
    stock_up(units=4)
    stock_up(sku="MATCHA-30", units=5)
    order_id = placed(("OOLONG-150", 3))

    done = fulfil.edit_order(
        order_id=order_id,
        changes=OrderChanges(
            units={"1": Decimal(0)},
            added=(LineToAdd(sku="MATCHA-30", units=Decimal(2), unit_price_minor=30_000),),
        ),
        actor=MERCHANT,
        moment=LATER,
    )

    assert (done.total_minor, done.to_refund_minor) == (60_000, 75_000)
    assert lines_of(order_id) == [("2", "MATCHA-30", 2)]
    assert (level(), level("MATCHA-30")) == ((4, 0), (5, 2))
    assert details_of(order_id, "edited")["lines"] == [
        {"line": "1", "sku": "OOLONG-150", "from_units": "3", "to_units": "0"},
        {"line": "2", "sku": "MATCHA-30", "from_units": "0", "to_units": "2"},
    ]
    assert ledger_agrees()


def test_an_order_is_sent_elsewhere_later_and_by_another_way() -> None:
    stock_up(units=4)
    order_id = placed(("OOLONG-150", 3))
    day = LATER.date().replace(day=30)

    fulfil.edit_order(
        order_id=order_id,
        changes=OrderChanges(
            ship_to=replace(MEI, postcode="700", city="中西區", region="臺南市"),
            ship_method="home",
            not_before_date=day,
            note="asked by phone",
        ),
        actor=MERCHANT,
        moment=LATER,
    )

    order = Order.objects.select_related("ship_to").get()
    assert order.ship_to is not None
    assert (order.ship_postcode, order.ship_to.region, order.ship_method) == ("700", "臺南市", "home")
    assert (order.not_before_date, order.hold_reasons) == (day, ["requested_date"])
    told = details_of(order_id, "edited")
    assert (told["address"], told["not_before_date"], told["note"]) == ("changed", "2026-11-30", "asked by phone")
    assert "臺南市" not in str(told)
    fulfil.edit_order(order_id=order_id, changes=OrderChanges(not_before_date=None), actor=MERCHANT, moment=LATER)
    assert Order.objects.get().hold_reasons == []
    assert ledger_agrees()


def test_amounts_of_another_system_must_add_up() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))
    right = Totals(goods_minor=180_000, discount_minor=10_000, shipping_minor=0, total_minor=170_000)

    with pytest.raises(TotalsDiffer):
        fulfil.edit_order(
            order_id=order_id,
            changes=OrderChanges(units={"1": Decimal(4)}, totals=replace(right, total_minor=170_001)),
            actor=MERCHANT,
            moment=LATER,
        )
    done = fulfil.edit_order(
        order_id=order_id, changes=OrderChanges(units={"1": Decimal(4)}, totals=right), actor=MERCHANT, moment=LATER
    )

    assert (done.total_minor, done.to_pay_minor) == (170_000, 35_000)
    assert money(order_id) == (180_000, 10_000, 0, 0, 170_000, 135_000)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (OrderChanges(), BadOrderChange),
        (OrderChanges(units={"1": Decimal(0)}), BadOrderChange),
        (OrderChanges(units={"1": Decimal("0.5")}), UnitsNotWhole),
        (OrderChanges(units={"1": Decimal(-1)}), BadOrderChange),
        (OrderChanges(units={"1": Decimal("Infinity")}), BadOrderChange),
        (OrderChanges(units={"9": ONE}), UnknownLine),
        (OrderChanges(added=(LineToAdd(sku="NOTHING", units=ONE),)), UnknownProducts),
        (OrderChanges(added=(LineToAdd(sku="OOLONG-150\x00", units=ONE),)), UnknownProducts),
        (OrderChanges(added=(LineToAdd(sku="OOLONG-150", units=Decimal(0)),)), BadOrderChange),
        (OrderChanges(added=(LineToAdd(sku="OOLONG-150", units=Decimal("1e9")),)), BadOrderChange),
        (OrderChanges(ship_method="x" * 100), BadOrderChange),
    ],
)
def test_bad_changes_are_refused_by_name(changes: OrderChanges, fault: type[Exception]) -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))

    with pytest.raises(fault):
        fulfil.edit_order(order_id=order_id, changes=changes, actor=MERCHANT, moment=LATER)

    assert (lines_of(order_id), level()) == ([("1", "OOLONG-150", 3)], (10, 3))


def test_an_order_that_the_warehouse_has_is_not_edited_before_it_is_taken_back() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 3))
    changes = OrderChanges(units={"1": Decimal(4)})

    with pytest.raises(OrderMovedOn):
        fulfil.edit_order(order_id=order_id, changes=changes, actor=MERCHANT, moment=LATER)
    fulfil.unrelease_order(order_id=order_id, actor=MERCHANT, moment=LATER)
    fulfil.edit_order(order_id=order_id, changes=changes, actor=MERCHANT, moment=LATER)

    assert lines_of(order_id) == [("1", "OOLONG-150", 4)]


def test_an_edit_goes_round_a_place_that_cannot_serve_it_any_more() -> None:
    stock_up(units=3)
    stock_up(units=9, place="TAICHUNG")
    order_id = placed(("OOLONG-150", 3))
    assert sent_by(order_id) == [("KEELUNG", "allocated", "OOLONG-150", 3)]

    fulfil.edit_order(order_id=order_id, changes=OrderChanges(units={"1": Decimal(5)}), actor=MERCHANT, moment=LATER)

    assert sent_by(order_id) == [("TAICHUNG", "allocated", "OOLONG-150", 5)]
    assert parcels_of(order_id) == [("KEELUNG", "cancelled"), ("TAICHUNG", "allocated")]
    assert (level(), level(at="TAICHUNG")) == ((3, 0), (9, 5))
    assert ledger_agrees()


def test_what_a_picker_does_not_find_is_booked_out_and_comes_from_elsewhere() -> None:
    stock_up(units=10)
    stock_up(units=9, place="TAICHUNG")
    order_id = released(("OOLONG-150", 3))
    parcel = parcel_of(order_id)
    line = OrderLine.objects.get().pk

    done = fulfil.short_pick(fulfilment_id=parcel, order_line_id=line, found_units=ONE, actor=MERCHANT, moment=LATER)

    assert (done.missing_units, done.other_places, done.waiting_units) == (2, ("TAICHUNG",), 0)
    assert done.order_state == "allocated"
    assert sent_by(order_id) == [
        ("KEELUNG", "released", "OOLONG-150", 1),
        ("TAICHUNG", "allocated", "OOLONG-150", 2),
    ]
    assert (level(), level(at="TAICHUNG")) == ((8, 1), (9, 2))
    assert [(one.kind, int(one.units), one.cause_key) for one in Move.objects.filter(cause_kind="short_pick")] == [
        ("adjust", 2, str(order_id))
    ]
    assert [one.cause for one in RoutingDecision.objects.order_by("pk")] == ["placed", "short_pick"]
    fulfil.ship_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)
    fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=LATER)
    fulfil.ship_fulfilment(fulfilment_id=parcel_of(order_id, at="TAICHUNG"), actor=MERCHANT, moment=LATER)
    assert (state_of(order_id), level(), level(at="TAICHUNG")) == ("shipped", (7, 0), (7, 0))
    assert ledger_agrees()


def test_what_nobody_else_has_is_waited_for() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 3))
    line = OrderLine.objects.get().pk

    done = fulfil.short_pick(
        fulfilment_id=parcel_of(order_id), order_line_id=line, found_units=Decimal(0), actor=MERCHANT, moment=LATER
    )

    assert (done.other_places, done.waiting_units, done.order_state) == ((), 3, "placed")
    assert Order.objects.get().hold_reasons == ["out_of_stock"]
    assert parcels_of(order_id) == [("KEELUNG", "cancelled"), ("KEELUNG", "waiting")]
    assert [int(one.units) for one in Backorder.objects.all()] == [3]
    assert level() == (7, 0)
    assert ledger_agrees()


def test_a_short_pick_must_be_short_and_of_this_parcel() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 3))
    line, parcel = OrderLine.objects.get().pk, parcel_of(order_id)

    for units in ("3", "-1", "NaN"):
        with pytest.raises(BadOrderChange):
            fulfil.short_pick(
                fulfilment_id=parcel, order_line_id=line, found_units=Decimal(units), actor=MERCHANT, moment=LATER
            )
    with pytest.raises(UnknownLine):
        fulfil.short_pick(fulfilment_id=parcel, order_line_id=line + 1, found_units=ONE, actor=MERCHANT, moment=LATER)


def test_notes_and_tags_stay_with_the_order() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))

    fulfil.note_order(order_id=order_id, note="  送禮，請附卡片 🎁 ", actor=MERCHANT, moment=LATER)
    assert fulfil.tag_order(order_id=order_id, added=["gift", "VIP"], actor=MERCHANT, moment=LATER)
    assert not fulfil.tag_order(order_id=order_id, added=["gift"], actor=MERCHANT, moment=LATER)
    fulfil.tag_order(order_id=order_id, removed=["VIP"], actor=MERCHANT, moment=LATER)

    assert details_of(order_id, "noted") == {"note": "送禮，請附卡片 🎁"}
    assert Order.objects.get().tags == ["gift"]
    for note in ("  ", "x" * 2001, "a\x00b"):
        with pytest.raises(BadOrderChange):
            fulfil.note_order(order_id=order_id, note=note, actor=MERCHANT, moment=LATER)


def test_people_set_only_reasons_that_people_judge() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3), payment="unpaid")

    for reason in ("awaiting_payment", "out_of_stock", "nonsense"):
        with pytest.raises(BadOrderChange):
            fulfil.hold_order(order_id=order_id, reason=reason, actor=MERCHANT, moment=LATER)
    with pytest.raises(BadOrderChange):
        fulfil.unhold_order(order_id=order_id, reasons=["awaiting_payment"], actor=MERCHANT, moment=LATER)

    assert Order.objects.get().hold_reasons == ["awaiting_payment"]


def test_what_is_on_its_way_back_is_not_given_back_again() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 5))
    cut = [LineCut(line_key="1", units=ONE)]
    for _ in range(2):
        fulfil.cancel_lines(order_id=order_id, cuts=cut, reason="", actor=MERCHANT, moment=LATER)

    assert timely.take_order_steps(moment=LATER) == 2
    order = Order.objects.get(pk=order_id)
    assert (order.total_minor, order.paid_minor, order.refunded_minor) == (135_000, 225_000, 90_000)

    fulfil.cancel_lines(order_id=order_id, cuts=cut, reason="", actor=MERCHANT, moment=LATER)
    fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER)
    assert timely.take_order_steps(moment=LATER) == 2
    order.refresh_from_db()
    assert (order.refunded_minor, order.payment_state) == (225_000, "refunded")
    assert list(OrderStep.objects.order_by("pk").values_list("details__amount_minor", flat=True)) == [
        45_000,
        45_000,
        45_000,
        90_000,
    ]


def test_two_parcels_of_one_line_keep_the_goods_that_each_has() -> None:
    oolong = stock_up(units=3)
    order_id = released(("OOLONG-150", 3))
    first = parcel_of(order_id)
    line_id = OrderLine.objects.get().pk
    short = {"order_line_id": line_id, "actor": MERCHANT, "moment": LATER}
    fulfil.short_pick(fulfilment_id=first, found_units=Decimal(2), **short)
    fulfil.pick_fulfilment(fulfilment_id=first, actor=MERCHANT, moment=LATER)
    record_moves(moves=[opening(product_id=oolong, units=5, place="KEELUNG", lot="", key="came")])
    assert fill_backorders(moment=LATER) == 1
    second = parcel_of(order_id, state="allocated")

    fulfil.short_pick(fulfilment_id=first, found_units=ONE, **short)
    fulfil.release_fulfilment(fulfilment_id=second, actor=MERCHANT, moment=LATER)
    fulfil.pick_fulfilment(fulfilment_id=second, actor=MERCHANT, moment=LATER)
    cut = [LineCut(line_key="1", units=Decimal(2))]
    fulfil.cancel_lines(order_id=order_id, cuts=cut, reason="", actor=MERCHANT, moment=LATER)
    fulfil.ship_fulfilment(fulfilment_id=first, actor=MERCHANT, moment=LATER)

    assert parcels_of(order_id) == [("KEELUNG", "shipped"), ("KEELUNG", "cancelled"), ("KEELUNG", "cancelled")]
    assert (level(), Allocation.objects.count(), Backorder.objects.count()) == ((5, 0), 0, 0)
    assert ledger_agrees()


def test_what_staff_gave_away_stays_when_an_order_of_our_prices_is_edited() -> None:
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=10)
    make_rule("TEA10")
    order = order_of(("OOLONG-150", 1), ("MATCHA-30", 1))
    free = replace(order, lines=(order.lines[0], replace(order.lines[1], unit_price_minor=0)))
    (outcome,) = place(free)
    assert outcome.order_id is not None
    settle_rule_uses(order_id=outcome.order_id, discounts_minor={"TEA10": 4_500}, moment=LATER)

    fulfil.edit_order(
        order_id=outcome.order_id, changes=OrderChanges(units={"1": Decimal(2)}), actor=MERCHANT, moment=LATER
    )

    assert lines_of(outcome.order_id) == [("1", "OOLONG-150", 2), ("2", "MATCHA-30", 1)]
    assert money(outcome.order_id)[:5] == (90_000, 9_000, 0, 0, 81_000)
