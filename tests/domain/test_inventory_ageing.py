"""Mean stock and ages, read off the ledger: each number can be followed by hand."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.inventory import operations
from reorder.domain.inventory.ageing import frame_mean_stock, frame_stock_ages
from reorder.domain.inventory.rules import NewMove
from tests.factories.catalog import make_product
from tests.factories.inventory import MORNING, make_place, opening, shipment

# Frames are read on a connection of their own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
NOW = MORNING + dt.timedelta(days=100)


def at(move: NewMove, *, day: int, units: str | int | None = None, key: str = "") -> NewMove:
    return dataclasses.replace(
        move,
        happened_at=MORNING + dt.timedelta(days=day),
        key=key or f"{move.key}-{day}",
        units=move.units if units is None else Decimal(units),
    )


def test_the_mean_weighs_each_level_by_its_days() -> None:
    make_place()
    tea = make_product()
    # 40 for 90 days, 20 for the last ten; the window of 50 days holds 40 days of 40 and 10 of 20.
    operations.record_moves(moves=[at(opening(product_id=tea.pk, units=40), day=0)])
    operations.record_moves(moves=[at(shipment(product_id=tea.pk, units=20, key="order"), day=90)])

    (row,) = frame_mean_stock(moment=NOW, days=50).to_dicts()

    assert (row["product_id"], row["place"], row["on_hand_units"]) == (tea.pk, "KEELUNG", 20.0)
    assert row["mean_on_hand_units"] == pytest.approx((40 * 40 + 10 * 20) / 50)
    assert row["mean_days"] == pytest.approx(50)


def test_a_product_that_came_lately_is_averaged_since_it_came() -> None:
    make_place()
    tea = make_product()
    operations.record_moves(moves=[at(opening(product_id=tea.pk, units=12), day=92)])
    operations.record_moves(moves=[at(shipment(product_id=tea.pk, units=6, key="order"), day=96)])

    (row,) = frame_mean_stock(moment=NOW, days=90).to_dicts()

    assert row["mean_days"] == pytest.approx(8)
    assert row["mean_on_hand_units"] == pytest.approx((4 * 12 + 4 * 6) / 8)


def test_what_stands_there_came_last() -> None:
    make_place()
    tea = make_product()
    operations.record_moves(moves=[at(opening(product_id=tea.pk, units=10), day=0)])
    operations.record_moves(moves=[at(opening(product_id=tea.pk, units=5, key="second"), day=60)])
    operations.record_moves(moves=[at(opening(product_id=tea.pk, units=4, key="third"), day=95)])
    operations.record_moves(moves=[at(shipment(product_id=tea.pk, units=12, key="order"), day=97)])

    ages = frame_stock_ages(moment=NOW)

    # Seven are left: the four of day 95 and three of the five of day 60.
    assert ages.select("age_days", "units").rows() == [(5, 4.0), (40, 3.0)]


def test_an_empty_place_has_no_ages() -> None:
    make_place()
    tea = make_product()
    operations.record_moves(moves=[at(opening(product_id=tea.pk, units=3), day=0)])
    operations.record_moves(moves=[at(shipment(product_id=tea.pk, units=3, key="order"), day=1)])

    assert frame_stock_ages(moment=NOW).is_empty()
