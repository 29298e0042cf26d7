"""Restock plans: rounding, caps, order days and suppliers, and a literal slow planner that must agree on random cases."""

from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

import numpy as np
import polars as pl
import pytest

from reorder.engine import stocking
from reorder.engine.frames import InvalidFrame
from reorder.engine.reasons import parameters_of, render
from tests.engine.stocking.shelves import TODAY, offer, position, targets


def plan(
    *,
    stock: pl.DataFrame | None = None,
    target: pl.DataFrame | None = None,
    offers: pl.DataFrame | None = None,
    as_of: date = TODAY,
) -> stocking.RestockPlan:
    return stocking.plan_restock(
        position=position() if stock is None else stock,
        targets=targets() if target is None else target,
        constraints=offer() if offers is None else offers,
        as_of=as_of,
    )


def test_position_counts_incoming_and_takes_off_what_is_promised() -> None:
    made = plan(stock=position(on_hand=30.0, incoming=10.0, allocated=12.0, held=3.0, backordered=5.0))

    line = made.lines.row(0, named=True)
    assert (line["position_units"], line["units"], line["days_of_cover"]) == (20.0, 30.0, 5.0)
    assert line["reason"] == "Stock position 20 is at or below the reorder point 20; 30 units lift it to 50."


def test_above_the_reorder_point_nothing_is_ordered() -> None:
    made = plan(stock=position(on_hand=20.5))

    assert (made.lines.height, made.shortfall.height) == (0, 0)


def test_a_target_without_a_position_row_stands_at_zero() -> None:
    made = plan(stock=position("Matcha", on_hand=100.0))

    assert made.lines.select("sku", "units").rows() == [("Oolong", 50.0)]


def test_units_are_rounded_up_to_packs_and_say_so() -> None:
    made = plan(stock=position(on_hand=19.0), offers=offer(pack_units=12.0, minimum_units=30.0))

    line = made.lines.row(0, named=True)
    assert (line["wanted_units"], line["units"], line["order_value"]) == (31.0, 36.0, 108.0)
    assert line["reason_code"] == "stocking.order.rounded_up"


def test_a_minimum_above_the_need_is_bought_in_whole_packs() -> None:
    made = plan(stock=position(on_hand=20.0), offers=offer(pack_units=12.0, minimum_units=100.0))

    assert made.lines["units"].to_list() == [108.0]


def test_tenths_of_a_kilogram_do_not_round_to_one_pack_too_many() -> None:
    made = plan(
        target=targets(reorder_point_units=0.1, order_up_to_units=0.3), offers=offer(pack_units=0.1, minimum_units=0.3)
    )

    assert made.lines["units"].to_list() == [pytest.approx(0.3)]


def test_shelf_life_cuts_the_order_down_to_whole_packs_and_lists_the_rest() -> None:
    made = plan(
        stock=position(on_hand=10.0), offers=offer(pack_units=8.0, maximum_cover_days=30.0, shelf_life_days=9.0)
    )

    line, missing = made.lines.row(0, named=True), made.shortfall.row(0, named=True)
    assert (line["units"], line["reason_code"]) == (24.0, "stocking.order.capped")  # 9 × 4 − 10 = 26, three packs of 8
    assert (missing["missing_units"], missing["reason_code"]) == (16.0, "stocking.shortfall.capped")
    assert missing["reason"] == (
        "The order stops at 24 units because only 26 more sell within 9 days; 16 units are missing."
    )


def test_a_cap_below_the_minimum_orders_nothing_and_says_so() -> None:
    made = plan(stock=position(on_hand=10.0), offers=offer(minimum_units=40.0, maximum_cover_days=9.0))

    assert made.lines.height == 0
    assert made.shortfall.row(0, named=True)["reason"] == (
        "Nothing can be ordered: the least order is 40 units, but only 26 more sell within 9 days; 40 units are missing."
    )


def test_units_owed_to_customers_are_bought_even_when_nothing_more_sells() -> None:
    made = plan(
        stock=position(backordered=6.0),
        target=targets(reorder_point_units=0.0, order_up_to_units=0.0, daily_units=0.0),
        offers=offer(maximum_cover_days=30.0),
    )

    assert made.lines.select("units", "days_of_cover").rows() == [(6.0, None)]


def test_without_a_demand_rate_caps_cannot_bind() -> None:
    made = plan(target=targets().drop("daily_units"), offers=offer(maximum_cover_days=1.0))

    assert made.lines["units"].to_list() == [50.0]


@pytest.mark.parametrize(
    ("weekdays", "ordered"),
    [
        ([1, 4], TODAY),
        ([4], TODAY + timedelta(days=3)),
        ([7], TODAY + timedelta(days=6)),
        ([], TODAY),
        (None, TODAY),
    ],
)
def test_the_order_waits_for_the_next_permitted_weekday(weekdays: list[int] | None, ordered: date) -> None:
    made = plan(offers=offer(order_weekdays=weekdays))

    assert made.lines["order_by_date"].to_list() == [ordered]


def test_the_cheapest_supplier_serves_and_ties_go_by_name() -> None:
    made = plan(
        offers=pl.concat([offer("Wu", unit_cost=2.0), offer("Chen", unit_cost=2.0), offer("An", unit_cost=3.0)])
    )

    assert made.lines["supplier"].to_list() == ["Chen"]


def test_a_cheaper_supplier_whose_minimum_is_forbidden_gives_way_to_the_next() -> None:
    cheap, dear = offer("An", unit_cost=1.0, minimum_units=500.0, maximum_cover_days=60.0), offer("Wu", unit_cost=2.0)

    made = plan(offers=pl.concat([cheap, dear]))

    assert made.lines.select("supplier", "units").rows() == [("Wu", 50.0)]
    assert made.shortfall.height == 0


def test_a_need_without_supplier_and_a_debt_without_target_are_listed() -> None:
    made = plan(stock=position("Matcha", backordered=4.0), offers=offer(sku="Sencha"))

    assert made.shortfall.select("sku", "missing_units", "reason_code").rows() == [
        ("Matcha", 4.0, "stocking.shortfall.no_target"),
        ("Oolong", 50.0, "stocking.shortfall.no_supplier"),
    ]


def test_money_at_risk_is_uncovered_demand_at_its_lost_margin() -> None:
    made = plan(stock=position(on_hand=5.0), target=targets(expected_units=16.0, lost_unit_cost=1.5))

    assert made.lines["money_at_risk"].to_list() == [16.5]


def test_every_reason_reads_the_same_from_its_code_and_parameters() -> None:
    made = plan(stock=position(on_hand=10.0), offers=offer(pack_units=8.0, maximum_cover_days=9.0))

    for frame in (made.lines, made.shortfall):
        row = frame.row(0, named=True)
        assert (
            render(code=row["reason_code"], parameters=parameters_of(encoded=row["reason_parameters"]))
            == (row["reason"])
        )


@pytest.mark.parametrize(
    ("offers", "column"),
    [
        (offer(pack_units=0.0), "pack_units"),
        (offer(unit_cost=-1.0), "unit_cost"),
        (offer(order_weekdays=[0]), "order_weekdays"),
        (offer(order_weekdays=[3, 8]), "order_weekdays"),
        (pl.concat([offer(), offer()]), "sku+place+supplier"),
    ],
)
def test_broken_constraints_are_refused_by_column(offers: pl.DataFrame, column: str) -> None:
    with pytest.raises(InvalidFrame) as refusal:
        plan(offers=offers)

    assert refusal.value.parameters["column"] == column


def test_nothing_to_plan_gives_empty_frames_with_the_same_columns() -> None:
    some, none = plan(), plan(target=targets().clear())

    assert (none.lines.columns, none.lines.height) == (some.lines.columns, 0)
    assert (none.shortfall.columns, none.shortfall.height) == (some.shortfall.columns, 0)


def slow_units(*, wanted: int, stock: int, daily: int, row: dict[str, object]) -> int:
    """What one supplier would deliver, by exact fractions."""
    pack, minimum = int(str(row["pack_units"])), int(str(row["minimum_units"]))
    full = ceil(Fraction(max(wanted, minimum, pack), pack)) * pack
    caps = [int(str(row[name])) for name in ("maximum_cover_days", "shelf_life_days") if row[name] is not None]
    if not caps:
        return full
    cut = floor(Fraction(max(min(caps) * daily - stock, 0), pack)) * pack
    if full <= cut:
        return full
    return cut if cut >= max(minimum, pack) else 0


def test_a_literal_planner_agrees_on_two_thousand_random_cases() -> None:
    rng = np.random.default_rng(17)
    cases, stocks, goals, offers, expected = 2000, [], [], [], {}
    for number in range(cases):
        sku = f"tea {number:04d}"
        stock = {name: int(rng.integers(0, 25)) for name in ("on_hand", "incoming", "allocated", "held", "backordered")}
        point, extra, daily = int(rng.integers(0, 30)), int(rng.integers(0, 40)), int(rng.integers(0, 6))
        rows = [
            {
                "supplier": name,
                "pack_units": int(rng.integers(1, 13)),
                "minimum_units": int(rng.integers(0, 50)),
                "maximum_cover_days": int(rng.integers(1, 40)) if rng.random() < 0.5 else None,
                "shelf_life_days": int(rng.integers(1, 40)) if rng.random() < 0.3 else None,
                "unit_cost": int(rng.integers(1, 4)),
            }
            for name in ("An", "Chen", "Wu")[: int(rng.integers(0, 4))]
        ]
        stocks.append({"sku": sku, "place": "Keelung", **stock})
        goals.append(
            {
                "sku": sku,
                "place": "Keelung",
                "reorder_point_units": point,
                "order_up_to_units": point + extra,
                "daily_units": daily,
            }
        )
        offers += [{"sku": sku, "place": "Keelung", **row} for row in rows]
        free = stock["on_hand"] + stock["incoming"] - stock["allocated"] - stock["held"] - stock["backordered"]
        wanted = point + extra - free
        if free > point or wanted <= 0:
            continue
        answers = [
            (row["unit_cost"], row["supplier"], units)
            for row in rows
            if (units := slow_units(wanted=wanted, stock=free, daily=daily, row=row)) > 0
        ]
        expected[sku] = (wanted, min(answers)[1:] if answers else None)

    made = stocking.plan_restock(
        position=pl.DataFrame(stocks),
        targets=pl.DataFrame(goals),
        constraints=pl.DataFrame(offers, infer_schema_length=None),
        as_of=TODAY,
    )

    lines = {row["sku"]: (row["supplier"], row["units"]) for row in made.lines.iter_rows(named=True)}
    missing = dict(made.shortfall.select("sku", "missing_units").iter_rows())
    assert lines == {sku: answer for sku, (_, answer) in expected.items() if answer}
    assert missing == {
        sku: wanted - (answer[1] if answer else 0)
        for sku, (wanted, answer) in expected.items()
        if wanted > (answer[1] if answer else 0)
    }
    assert len(lines) > 500
    assert len(missing) > 200
    whole = made.lines.with_columns(packs=pl.col("units") / pl.col("pack_units"))
    assert (
        whole.filter((pl.col("packs") != pl.col("packs").round()) | (pl.col("units") < pl.col("minimum_units"))).height
        == 0
    )
