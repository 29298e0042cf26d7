"""A delivery taken in by scans: right, wrong, too much, gone off, in cases, and without an order."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Barcode, Product
from reorder.domain.inventory.keeping_apart import sum_kept_apart
from reorder.domain.inventory.models import Level
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.purchasing.queries import get_purchase_order, list_discrepancies_of_order
from reorder.domain.warehouse.models import PackCode
from reorder.flows.floor.receive import count_open, list_open, plan_of
from tests.factories.catalog import make_product
from tests.factories.floor import (
    MATCHA_GTIN,
    MEI,
    OOLONG_CASE,
    OOLONG_GTIN,
    STRANGE_GTIN,
    make_delivery,
    make_pack,
    outcome_of,
    scanned,
)
from tests.factories.inventory import KEELUNG, incoming_at, make_place, stock_at
from tests.factories.owners import give, make_owner

pytestmark = pytest.mark.django_db
GOOD_DAY = dt.date(2027, 8, 31)


def make_partners_product() -> None:
    """A pu-erh cake that we store for a partner."""
    product = make_product(sku="PUERH-357")
    Barcode.objects.create(product=product, code=STRANGE_GTIN, kind="gtin")
    make_owner(code="partner")
    give(sku="PUERH-357", owner="partner")


def choices_of(answered: object) -> list[str]:
    return [one.value for one in answered.answer.choices]  # type: ignore[attr-defined]


def test_the_plan_asks_for_each_product_and_for_lots_of_those_that_go_off() -> None:
    order = make_delivery()

    plan = plan_of(task=order.number, place_code=KEELUNG, actor=MEI)

    matcha, oolong, finish = plan["steps"]
    assert (plan["mode"], plan["done_steps"]) == ("any_order", [])
    assert (matcha["sku"], matcha["units"], matcha["needs"]) == ("MATCHA-30", "8", ["units", "lot", "expires"])
    assert (oolong["expect"], oolong["needs"]) == (["04006381333931", "OOLONG-150"], ["units"])
    assert oolong["details"]["packs"] == [["case", "6"]]
    assert finish["ask"] == "choice"
    assert count_open(place_code=KEELUNG, actor=MEI) == 1
    assert [one.task for one in list_open(place_code=KEELUNG, actor=MEI)] == [order.number]


def test_a_case_brings_the_units_in_it() -> None:
    order = make_delivery()

    answered = scanned(task=order.number, code=OOLONG_CASE)

    assert outcome_of(answered) == ("right", "6 × Oolong 150 g taken in. 6 still to come.")
    assert stock_at(sku="OOLONG-150") == 6


def test_a_case_of_several_kinds_is_asked_once_and_then_known() -> None:
    order = make_delivery(oolong=24)
    make_pack(sku="OOLONG-150", code="pallet", units=12)

    asked = scanned(task=order.number, code=OOLONG_CASE)
    assert (asked.answer.outcome, choices_of(asked)) == ("wrong", ["case", "pallet"])
    assert stock_at(sku="OOLONG-150") == 0
    assert outcome_of(scanned(task=order.number, code=OOLONG_CASE, details={"unit": "pallet"}))[0] == "right"
    assert PackCode.objects.get().unit_code == "pallet"
    scanned(task=order.number, code=OOLONG_CASE)

    assert stock_at(sku="OOLONG-150") == 24


def test_lot_and_day_come_from_the_code() -> None:
    order = make_delivery()

    answered = scanned(task=order.number, code="]C10100036000291452" + "17270831" + "10L-7", units=8)

    assert outcome_of(answered) == ("right", "8 × Matcha 30 g taken in. All of it is here.")
    level = Level.objects.get(product__sku="MATCHA-30", lot="L-7")
    assert (level.on_hand_units, level.expires_date) == (8, GOOD_DAY)


def test_goods_that_go_off_come_in_with_lot_and_day_only() -> None:
    order = make_delivery()

    assert scanned(task=order.number, code=MATCHA_GTIN, units=8).error == "floor.lot_needed"
    assert scanned(task=order.number, code=MATCHA_GTIN, units=8, lot="L-7").error == "floor.lot_needed"
    assert stock_at(sku="MATCHA-30") == 0


def test_a_product_of_another_order_is_refused_loudly() -> None:
    order = make_delivery()
    product = make_product(sku="PUERH-357")
    Barcode.objects.create(product=product, code=STRANGE_GTIN, kind="gtin")

    answered = scanned(task=order.number, code=STRANGE_GTIN)

    assert answered.error == "floor.not_on_order"
    assert outcome_of(answered)[1].startswith("This is Pu-erh cake 357 g (PUERH-357). It is not on PO-2026-")


def test_a_misread_number_is_told_and_what_is_near_is_named() -> None:
    order = make_delivery()

    assert scanned(task=order.number, code="4006381333932").error == "floor.wrong_check_digit"
    near = scanned(task=order.number, code="4006381333955")  # a right number, of nothing here
    assert near.error == "floor.unknown_code"
    assert "4006381333931 (OOLONG-150)" in outcome_of(near)[1]


def test_more_than_ordered_is_asked_and_taken_as_a_person_says() -> None:
    order = make_delivery()

    asked = scanned(task=order.number, code=OOLONG_GTIN, units=15)
    assert (asked.answer.outcome, choices_of(asked)) == ("wrong", ["take", "only"])
    assert stock_at(sku="OOLONG-150") == 0
    taken = scanned(task=order.number, code=OOLONG_GTIN, units=15, details={"extra": "take"})

    assert outcome_of(taken) == ("right", "15 × Oolong 150 g taken in, 3 more than ordered.")
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (15, 0)
    assert [(one.kind, one.units) for one in list_discrepancies_of_order(order_id=order.id)] == [("over", 3)]


def test_the_rest_of_too_much_can_go_back() -> None:
    order = make_delivery()

    scanned(task=order.number, code=OOLONG_GTIN, units=15, details={"extra": "only"})
    nothing = scanned(task=order.number, code=OOLONG_GTIN, units=2, details={"extra": "only"})

    assert stock_at(sku="OOLONG-150") == 12
    assert outcome_of(nothing) == ("right", "2 × Oolong 150 g not taken in. Give them back to the driver.")


def test_a_lot_that_went_off_is_refused_or_kept_apart() -> None:
    order = make_delivery()
    gone = {"task": order.number, "code": MATCHA_GTIN, "lot": "L-1", "expires_date": dt.date(2026, 11, 26)}

    asked = scanned(**gone, units=3)
    assert (outcome_of(asked)[1], choices_of(asked)) == (
        "Matcha 30 g, lot L-1: went off on 2026-11-26. It must not be sold.",
        ["refuse", "quarantine"],
    )
    assert scanned(**gone, units=3, details={"short_lived": "take"}).answer.outcome == "wrong"
    scanned(**gone, units=3, details={"short_lived": "refuse"})
    scanned(**gone, units=2, details={"short_lived": "quarantine"})

    matcha = Product.objects.get(sku="MATCHA-30")
    level = Level.objects.get(product=matcha, lot="L-1", location__kind="stock")
    assert (level.on_hand_units, level.held_units) == (2, 2)
    assert sum_kept_apart(place_code=KEELUNG, product_ids=[matcha.pk]) == {(matcha.pk, "self", "L-1"): Decimal(2)}
    assert [(one.kind, one.units) for one in list_discrepancies_of_order(order_id=order.id)] == [("quality_refused", 3)]


def test_a_lot_that_keeps_too_short_is_asked_and_can_be_taken() -> None:
    order = make_delivery()
    short = {"task": order.number, "code": MATCHA_GTIN, "lot": "L-2", "expires_date": dt.date(2027, 1, 31)}

    asked = scanned(**short, units=8)
    assert choices_of(asked) == ["refuse", "quarantine", "take"]
    assert "in 65 days; it should keep 99 more" in outcome_of(asked)[1]
    assert scanned(**short, units=8, details={"short_lived": "take"}).answer.outcome == "right"
    assert stock_at(sku="MATCHA-30", lot="L-2") == 8


def test_one_lot_has_one_day() -> None:
    order = make_delivery()
    scanned(task=order.number, code=MATCHA_GTIN, units=3, lot="L-3", expires_date=GOOD_DAY)

    answered = scanned(
        task=order.number, code=MATCHA_GTIN, units=3, lot="L-3", expires_date=GOOD_DAY + dt.timedelta(days=1)
    )

    assert answered.error == "floor.lot_has_other_day"
    assert stock_at(sku="MATCHA-30") == 3


def test_half_a_packet_and_none_are_no_counts() -> None:
    order = make_delivery()

    for units in ("0.5", 0, -1):
        assert scanned(task=order.number, code=OOLONG_GTIN, units=units).error == "floor.bad_units"


def test_the_end_tells_what_is_short_and_it_stays_on_order() -> None:
    order = make_delivery()
    scanned(task=order.number, code=OOLONG_GTIN, units=12)

    done = scanned(task=order.number, step="finish", code="finish")

    assert outcome_of(done) == (
        "done",
        f"{order.number}: 1 products are not complete. Still to come: MATCHA-30 8.",
    )
    assert get_purchase_order(number=order.number).state == "partly_received"


def test_a_complete_order_is_closed_and_takes_nothing_more() -> None:
    order = make_delivery(matcha_goes_off=False)
    scanned(task=order.number, code=OOLONG_GTIN, units=12)
    scanned(task=order.number, code=MATCHA_GTIN, units=8)

    assert outcome_of(scanned(task=order.number, step="finish", code="finish"))[1] == f"{order.number} is complete."
    late = scanned(task=order.number, code=OOLONG_GTIN, units=1)

    assert (late.answer.outcome, late.error) == ("conflict", "floor.order_closed")
    assert compare_ledger_with_levels() == []


def test_an_order_of_another_place_is_not_there() -> None:
    order = make_delivery()
    make_place(code="TAINAN", name="Tainan")

    assert scanned(task=order.number, code=OOLONG_GTIN, place_code="TAINAN").error == "floor.unknown_task"
    assert scanned(task="PO-1999-000001", code=OOLONG_GTIN).error == "floor.unknown_task"


def test_goods_without_an_order_come_in_for_their_owner() -> None:
    make_delivery()

    make_partners_product()

    scanned(task="blind:self", code=OOLONG_GTIN, units=4)
    answered = scanned(task="blind:partner", code=STRANGE_GTIN, units=9)

    assert outcome_of(answered) == ("right", "9 × Pu-erh cake 357 g taken in.")
    levels = Level.objects.filter(location__kind="stock", on_hand_units__gt=0).values_list(
        "product__sku", "owner", "on_hand_units"
    )
    assert sorted(levels) == [("OOLONG-150", "self", 4), ("PUERH-357", "partner", 9)]
    assert incoming_at(sku="OOLONG-150") == 12
    assert compare_ledger_with_levels() == []


def test_goods_of_somebody_else_are_refused_with_clear_words() -> None:
    make_delivery()
    make_partners_product()

    ours = scanned(task="blind:partner", code=OOLONG_GTIN, units=9)
    theirs = scanned(task="blind:self", code=STRANGE_GTIN, units=1)
    nobody = scanned(task="blind:stranger", code=OOLONG_GTIN, units=9)

    assert (ours.error, theirs.error, nobody.error) == (
        "owners.wrong_owner",
        "owners.wrong_owner",
        "owners.unknown_owner",
    )
    assert outcome_of(theirs)[1].startswith("PUERH-357 belongs to 'partner', and this delivery is for 'self'.")
    assert stock_at(sku="OOLONG-150") == stock_at(sku="PUERH-357") == 0


def test_a_code_that_two_products_share_is_asked_unless_the_order_settles_it() -> None:
    order = make_delivery()
    twin = make_product(sku="PUERH-357")
    Barcode.objects.create(product=twin, code="0036000291452", kind="gtin")  # the matcha's GTIN, written in 13 digits

    assert scanned(task="blind:self", code=MATCHA_GTIN).error == "floor.many_products"
    on_order = scanned(task=order.number, code=MATCHA_GTIN, units=1, lot="L", expires_date=GOOD_DAY)
    assert on_order.answer.outcome == "right"
