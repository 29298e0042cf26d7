"""What reminders are expected to bring the demand plan: nothing while their effect is only assumed."""

import datetime as dt

import polars as pl
import pytest

from reorder.engine.repurchase import Lift, Uplift
from reorder.flows.repeat_cycle.committing import expect_lift

TUESDAY = dt.date(2026, 11, 24)


def decided(*, extra: float = 0.7, units: float = 2.0, reason: str = "reminder.planned") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_key": ["OOLONG-150"],
            "contact_date": [TUESDAY],
            "expected_extra_orders": [extra],
            "expected_units": [units],
            "reason_code": [reason],
        }
    )


def measured(*, learned: float = 0.5) -> Uplift:
    return Uplift([Lift(lift_share=0.2, deviation=0.1, learned_share=learned)])


def test_an_assumed_effect_brings_nothing() -> None:
    assert expect_lift(decided=decided(), uplift=measured(learned=0.0)).is_empty()


def test_a_measured_effect_is_spread_over_the_week_of_the_message() -> None:
    lift = expect_lift(decided=decided(), uplift=measured())
    # 0.7 orders of 2 units, half of them measured; from the day of the message on.
    assert lift["units"].sum() == pytest.approx(0.7)
    assert lift["date"].to_list() == [TUESDAY + dt.timedelta(days=day) for day in range(7)]
    assert lift["deviation_units"].sum() == pytest.approx(0.35)


def test_who_is_held_out_brings_nothing() -> None:
    assert expect_lift(decided=decided(reason="reminder.held_out"), uplift=measured()).is_empty()
