"""Transfers before buying: only what a place can spare, only where it pays, in whole packs."""

import datetime as dt

import polars as pl
import pytest

from reorder.engine import stocking
from reorder.engine.stocking import TransferPlan

AS_OF = dt.date(2026, 11, 23)


def position(**on_hand: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": "OOLONG",
            "place": list(on_hand),
            "on_hand": list(on_hand.values()),
            **dict.fromkeys(("incoming", "allocated", "held", "backordered"), 0.0),
        }
    )


def targets(**levels: tuple[float, float, float]) -> pl.DataFrame:
    """Reorder point, order-up-to level and daily units a place."""
    rows = list(levels.values())
    return pl.DataFrame(
        {
            "sku": "OOLONG",
            "place": list(levels),
            "reorder_point_units": [row[0] for row in rows],
            "order_up_to_units": [row[1] for row in rows],
            "daily_units": [row[2] for row in rows],
            "lost_unit_cost": 5.0,
        }
    )


def plan(
    stock: pl.DataFrame, levels: pl.DataFrame, *, transfer_cost: float = 10.0, unit_cost: float = 0.5, pack: float = 6.0
) -> TransferPlan:
    places = stock["place"].to_list()
    lanes = [(a, b, transfer_cost, unit_cost) for a in places for b in places if a != b]
    return stocking.plan_transfers(
        position=stock,
        targets=levels,
        lanes=pl.DataFrame(lanes, schema=["source", "destination", "transfer_cost", "unit_cost"], orient="row"),
        goods=pl.DataFrame(
            {"sku": ["OOLONG"], "pack_units": [pack], "unit_value": [20.0], "holding_share_per_day": [0.001]}
        ),
        as_of=AS_OF,
    )


LEVELS = targets(KEELUNG=(10.0, 30.0, 2.0), TAIPEI=(10.0, 40.0, 4.0))


def test_what_one_place_can_spare_goes_to_the_short_one_in_whole_packs() -> None:
    made = plan(position(KEELUNG=50.0, TAIPEI=4.0), LEVELS)

    # Keelung may go down to 30: 20 units, three packs of six.
    assert made.lines.select("sku", "source", "destination", "units", "source_after_units").rows() == [
        ("OOLONG", "KEELUNG", "TAIPEI", 18.0, 32.0)
    ]
    # Six units are sales that would be missed (5 each); 18 units stand 20.5 − 2.25 days shorter at 0.02 a day.
    assert made.lines["saving"][0] == pytest.approx(6 * 5 + 18 * 0.02 * (20.5 - 2.25))
    assert made.lanes.select("lines", "units", "cost").row(0) == (1, 18.0, 10 + 18 * 0.5)
    assert made.lines["reason"][0] == (
        "TAIPEI stands at 4, at or below its reorder point 10; KEELUNG keeps 32 units after giving 18, and needs 30."
    )


def test_nothing_moves_where_nobody_can_spare_or_nobody_is_short() -> None:
    assert plan(position(KEELUNG=30.0, TAIPEI=4.0), LEVELS).lines.is_empty()
    assert plan(position(KEELUNG=90.0, TAIPEI=11.0), LEVELS).lines.is_empty()
    assert plan(position(KEELUNG=35.0, TAIPEI=4.0), LEVELS).lines.is_empty()  # less than a pack


def test_a_lane_that_costs_more_than_it_saves_is_not_driven() -> None:
    made = plan(position(KEELUNG=50.0, TAIPEI=4.0), LEVELS, transfer_cost=200.0)

    assert made.lines.is_empty()
    assert made.lanes.is_empty()


def test_goods_promised_to_customers_stay_although_more_is_coming() -> None:
    stock = position(KEELUNG=50.0, TAIPEI=4.0).with_columns(
        allocated=pl.Series([45.0, 0.0]), incoming=pl.Series([60.0, 0.0])
    )

    assert plan(stock, LEVELS, pack=1.0).lines["units"].to_list() == [5.0]


def test_two_sources_fill_one_place_and_it_is_never_filled_twice() -> None:
    levels = targets(HUALIEN=(5.0, 10.0, 0.0), KEELUNG=(10.0, 30.0, 2.0), TAIPEI=(10.0, 40.0, 4.0))

    made = plan(position(HUALIEN=22.0, KEELUNG=54.0, TAIPEI=0.0), levels, transfer_cost=0.0)

    after = made.lines.group_by("source").agg(pl.col("units").sum()).sort("source").rows()
    # Hualien's twelve sell nowhere and go first; they lift Taipei above its point, and the rest is bought.
    assert after == [("HUALIEN", 12.0)]


def test_excess_is_what_stands_above_level_and_cover_with_its_money() -> None:
    stock = pl.concat(
        [
            position(KEELUNG=200.0),
            position(KEELUNG=7.0).with_columns(sku=pl.lit("GHOST")),
            position(KEELUNG=31.0).with_columns(sku=pl.lit("LEAN")),
        ]
    )
    levels = pl.concat(
        [targets(KEELUNG=(10.0, 30.0, 2.0)), targets(KEELUNG=(10.0, 30.0, 2.0)).with_columns(sku=pl.lit("LEAN"))]
    )
    prices = pl.DataFrame({"sku": ["OOLONG", "GHOST"], "place": ["KEELUNG"] * 2, "unit_value": [3.0, 50.0]})

    made = stocking.find_excess(position=stock, targets=levels, values=prices, cover_days=60)

    assert made.select("sku", "excess_units", "excess_value").rows() == [("GHOST", 7.0, 350.0), ("OOLONG", 50.0, 150.0)]
    assert made["cover_weeks"].to_list() == [None, pytest.approx(200 / 14)]
    assert made["reason_code"].to_list() == ["stocking.excess.no_demand", "stocking.excess.slow"]
