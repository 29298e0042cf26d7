"""What a message adds, learned from customers who were held out by chance, and the hour at which people order."""

import numpy as np
import polars as pl
import pytest

from reorder.engine import repurchase
from reorder.engine.frames import InvalidFrame
from reorder.engine.repurchase import Uplift, assume_uplift, find_best_hours, learn_uplift
from reorder.engine.repurchase.contact.uplift import lifts_of_pairs

_SCHEMA = {
    "customer_id": pl.String,
    "arm": pl.String,
    "lateness": pl.String,
    "evidence": pl.String,
    "segment": pl.String,
    "trials": pl.Float64,
    "hits": pl.Float64,
}


def arm(
    name: str, *, customers: int, buyers: int, lateness: str = "on_time", evidence: str = "pair", segment: str = "loyal"
) -> list[tuple[str, str, str, str, str, float, float]]:
    """So many customers, one trial each, of whom the first so many bought."""
    return [
        (f"{name} {lateness} {evidence} {one}", name, lateness, evidence, segment, 1.0, float(one < buyers))
        for one in range(customers)
    ]


def outcomes(*rows: list[tuple[str, str, str, str, str, float, float]]) -> pl.DataFrame:
    return pl.DataFrame([row for part in rows for row in part], schema=_SCHEMA, orient="row")


def test_without_a_comparison_one_tenth_is_assumed_and_said_to_be() -> None:
    for uplift in (assume_uplift(), learn_uplift(outcomes=outcomes())):
        assert uplift.overall.lift_share == 0.1
        assert uplift.overall.low_share == pytest.approx(-0.096, abs=1e-3)
        assert uplift.overall.high_share == pytest.approx(0.296, abs=1e-3)
        assert not uplift.overall.is_learned
        assert uplift.overall.learned_share == 0


def test_treated_customers_alone_teach_nothing() -> None:
    uplift = learn_uplift(outcomes=outcomes(arm("treated", customers=500, buyers=400)))

    assert uplift.overall.lift_share == 0.1
    assert (uplift.overall.treated_customers, uplift.overall.held_out_customers) == (500, 0)
    assert (uplift.overall.treated_share, uplift.overall.held_out_share) == (0.8, None)


def test_a_few_customers_move_the_assumption_a_little_and_many_replace_it() -> None:
    few = learn_uplift(
        outcomes=outcomes(arm("treated", customers=30, buyers=12), arm("held_out", customers=10, buyers=3))
    ).overall
    many = learn_uplift(
        outcomes=outcomes(
            arm("treated", customers=90_000, buyers=36_000), arm("held_out", customers=10_000, buyers=3_000)
        )
    ).overall

    assert 0.1 < few.lift_share < 0.12
    assert not few.is_learned
    # 40 % against 30 %: one third more.
    assert many.lift_share == pytest.approx(1 / 3, abs=0.01)
    assert many.low_share < 1 / 3 < many.high_share
    assert many.is_learned


def test_messages_that_drive_customers_away_have_a_negative_lift() -> None:
    uplift = learn_uplift(
        outcomes=outcomes(
            arm("treated", customers=50_000, buyers=9_000), arm("held_out", customers=10_000, buyers=3_000)
        )
    )

    assert uplift.overall.lift_share < -0.3
    assert uplift.overall.high_share < 0


def test_trials_of_one_customer_do_not_count_as_so_many_customers() -> None:
    singles = outcomes(arm("treated", customers=4_000, buyers=1_600), arm("held_out", customers=1_000, buyers=300))
    # The same numbers, but each customer has ten trials that all end alike.
    clustered = pl.concat(
        [
            outcomes(arm("treated", customers=400, buyers=160), arm("held_out", customers=100, buyers=30)).with_columns(
                pl.col("trials") * 10, pl.col("hits") * 10
            )
        ]
    )

    assert learn_uplift(outcomes=clustered).overall.deviation > learn_uplift(outcomes=singles).overall.deviation


def test_a_part_is_shrunk_to_the_whole_that_it_belongs_to() -> None:
    uplift = learn_uplift(
        outcomes=outcomes(
            arm("treated", customers=40_000, buyers=16_000),
            arm("held_out", customers=10_000, buyers=4_000),
            arm("treated", customers=20, buyers=20, lateness="late", evidence="store"),
            arm("held_out", customers=20, buyers=0, lateness="late", evidence="store"),
        )
    )

    parts = {(one.lateness, one.evidence, one.segment): one for one in uplift.lifts}
    assert set(parts) == {
        ("", "", ""),
        ("on_time", "", ""),
        ("on_time", "pair", ""),
        ("on_time", "pair", "loyal"),
        ("late", "", ""),
        ("late", "store", ""),
        ("late", "store", "loyal"),
    }
    assert parts["", "", ""].lift_share == pytest.approx(0.0, abs=0.01)
    # Twenty against none would be a lift without bounds; forty customers are not worth that much belief.
    assert parts["", "", ""].lift_share < parts["late", "", ""].lift_share < 0.1


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    dice = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        lift = dice.normal(0.1, 0.1)
        bought = dice.random(3_000) < 0.3 * (1 + lift)
        kept = dice.random(800) < 0.3
        rows = outcomes(
            arm("treated", customers=3_000, buyers=int(bought.sum())),
            arm("held_out", customers=800, buyers=int(kept.sum())),
        )
        found = learn_uplift(outcomes=rows).overall
        held += found.low_share <= lift <= found.high_share
    assert 180 <= held <= 199


def test_estimates_survive_being_stored() -> None:
    uplift = learn_uplift(
        outcomes=outcomes(arm("treated", customers=90, buyers=36), arm("held_out", customers=10, buyers=3))
    )

    assert Uplift.from_json(values=uplift.as_json()) == uplift


def test_a_pair_takes_the_closest_estimate_that_exists() -> None:
    uplift = pl.DataFrame(
        [
            ("", "", "", 0.01),
            ("late", "", "", 0.02),
            ("late", "pair", "", 0.03),
            ("late", "pair", "loyal", 0.04),
        ],
        schema={"lateness": pl.String, "evidence": pl.String, "segment": pl.String, "lift_share": pl.Float64},
        orient="row",
    )
    pairs = pl.DataFrame({"evidence": ["pair", "pair", "store", None], "segment": ["loyal", "lost", "loyal", None]})

    lifts = lifts_of_pairs(pairs=pairs, uplift=uplift)

    assert lifts["late"].to_list() == [0.04, 0.03, 0.02, 0.02]
    assert lifts["early"].to_list() == [0.01] * 4
    assert lifts_of_pairs(pairs=pairs, uplift=uplift.clear())["late"].to_list() == [0.1] * 4


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("arm", "tested", "contact_outcomes.arm: is none of treated, held_out"),
        ("lateness", "never", "contact_outcomes.lateness: is none of early, on_time, late"),
        ("hits", 2.0, "contact_outcomes.hits: exceeds the trials"),
    ],
)
def test_outcomes_that_cannot_be_are_refused(column: str, value: object, said: str) -> None:
    odd = outcomes(arm("treated", customers=1, buyers=1)).with_columns(pl.lit(value).alias(column))

    with pytest.raises(InvalidFrame, match=said):
        learn_uplift(outcomes=odd)


def hours_of(**orders: dict[int, int]) -> pl.DataFrame:
    rows = [(name, hour, float(count)) for name, counts in orders.items() for hour, count in counts.items()]
    return pl.DataFrame(
        rows, schema={"customer_id": pl.String, "hour": pl.Int64, "orders_count": pl.Float64}, orient="row"
    )


def test_a_customer_who_always_orders_in_the_evening_has_that_hour_of_its_own() -> None:
    found = find_best_hours(order_hours=hours_of(mei={19: 8, 18: 2}, hui={19: 1}), send_hour=10)

    assert found.select("customer_id", "hour", "is_own").rows() == [("hui", 10, False), ("mei", 19, True)]


def test_who_orders_at_all_hours_stays_at_the_shop_s() -> None:
    dice = np.random.default_rng(5)
    hours = {f"n{one}": np.bincount(dice.integers(8, 20, size=40), minlength=24) for one in range(200)}
    counted = {name: {hour: int(count) for hour, count in enumerate(row) if count} for name, row in hours.items()}

    found = find_best_hours(order_hours=hours_of(**counted), send_hour=10)

    assert (found["hour"] == 10).mean() > 0.8


def test_nobody_is_written_to_at_night_even_who_orders_then() -> None:
    found = find_best_hours(order_hours=hours_of(owl={2: 50, 23: 40}), send_hour=10)

    assert found.select("hour", "is_own").row(0) == (10, False)


def test_who_orders_at_the_shop_s_hour_has_it_of_its_own() -> None:
    found = find_best_hours(order_hours=hours_of(mei={10: 9}), send_hour=10)

    assert found.select("hour", "is_own").row(0) == (10, True)


def test_an_hour_that_no_day_has_is_refused() -> None:
    with pytest.raises(InvalidFrame, match=r"order_hours\.hour: is above 23"):
        find_best_hours(order_hours=hours_of(mei={24: 1}), send_hour=10)


def test_no_orders_give_no_hours() -> None:
    assert find_best_hours(order_hours=hours_of(), send_hour=10).height == 0
    assert repurchase.FIRST_HOUR < repurchase.LAST_HOUR
