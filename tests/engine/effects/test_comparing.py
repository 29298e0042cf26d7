"""Intervals hold what they promise: truth is simulated, and covered as often as was said."""

import math

import numpy as np
import polars as pl
import pytest

from reorder.engine import effects
from reorder.engine.effects import Arms, ArmSums

RUNS = 800


def sums_of(*, trials: np.ndarray, value: np.ndarray, before: np.ndarray | None = None) -> ArmSums:
    before = np.zeros_like(value) if before is None else before
    return ArmSums(
        people=float(trials.size),
        trials=float(trials.sum()),
        value=float(value.sum()),
        before=float(before.sum()),
        tt=float((trials * trials).sum()),
        vv=float((value * value).sum()),
        bb=float((before * before).sum()),
        tv=float((trials * value).sum()),
        tb=float((trials * before).sum()),
        vb=float((value * before).sum()),
    )


def buyers(*, dice: np.random.Generator, people: int, share: float) -> ArmSums:
    """People who are exposed one to four times and resemble themselves: each has a rate of their own."""
    trials = dice.integers(1, 5, size=people)
    own = dice.beta(share * 6, (1 - share) * 6, size=people)
    return sums_of(trials=trials.astype(float), value=dice.binomial(trials, own).astype(float))


def spenders(*, dice: np.random.Generator, people: int, extra: float) -> ArmSums:
    """People whose spending before foretells what they spend after; most spend nothing, some a lot."""
    habit = dice.gamma(0.7, 1_000.0, size=people)
    before = np.where(dice.random(people) < 0.6, habit * dice.lognormal(0.0, 0.4, people), 0.0)
    after = np.where(dice.random(people) < 0.6, habit * dice.lognormal(0.0, 0.4, people), 0.0)
    return sums_of(trials=np.ones(people), value=after + extra, before=before)


def test_a_95_percent_interval_of_buyers_covers_the_truth_in_95_of_100_shops() -> None:
    dice = np.random.default_rng(8)
    covered = proved = 0
    for _ in range(RUNS):
        arms = Arms(buyers(dice=dice, people=900, share=0.26), buyers(dice=dice, people=110, share=0.20))
        found = effects.compare_shares(arms=arms)
        assert found is not None
        covered += found.low <= 0.06 <= found.high
        same = Arms(buyers(dice=dice, people=900, share=0.20), buyers(dice=dice, people=110, share=0.20))
        nothing = effects.compare_shares(arms=same)
        assert nothing is not None
        proved += nothing.is_gain or nothing.is_loss
    assert 0.935 <= covered / RUNS <= 0.97
    assert proved / RUNS <= 0.06


def test_an_interval_without_clusters_would_promise_too_much() -> None:
    dice = np.random.default_rng(9)
    trials = np.full(2_000, 4.0)
    value = dice.binomial(4, dice.beta(0.3, 1.2, size=2_000)).astype(float)
    alike = sums_of(trials=trials, value=value)
    assert alike.trials == 8_000
    assert 2_600 < alike.effective_trials < 4_400


def test_days_before_make_intervals_of_revenue_narrower_and_no_less_true() -> None:
    dice = np.random.default_rng(10)
    covered = 0
    cuts = []
    for _ in range(RUNS):
        arms = Arms(spenders(dice=dice, people=2_000, extra=40.0), spenders(dice=dice, people=300, extra=0.0))
        found = effects.compare_amounts(arms=arms)
        assert found is not None
        covered += found.low <= 40.0 <= found.high
        cuts.append(found.variance_cut_share)
    assert 0.93 <= covered / RUNS <= 0.97
    assert 0.15 <= float(np.mean(cuts)) <= 0.6


def test_one_who_looks_every_day_is_wrong_no_more_often_than_said_and_with_fixed_intervals_far_more() -> None:
    dice = np.random.default_rng(11)
    looks = np.arange(100, 2_001, 100)
    wrong_always = wrong_fixed = 0
    runs = 300
    fixed = effects.fixed_horizon()
    for _ in range(runs):
        treated = np.cumsum(dice.random(2_000 * 4) < 0.2)
        held = np.cumsum(dice.random(2_000) < 0.2)
        seen_always = seen_fixed = False
        for look in looks:
            arms = Arms(_yes(treated[look * 4 - 1], look * 4), _yes(held[look - 1], look))
            always = effects.always_valid(people=look)
            one, two = (effects.compare_shares(arms=arms, certainty=kind) for kind in (always, fixed))
            assert one is not None
            assert two is not None
            seen_always |= one.is_gain or one.is_loss
            seen_fixed |= two.is_gain or two.is_loss
        wrong_always += seen_always
        wrong_fixed += seen_fixed
    assert wrong_always / runs <= 0.05
    assert wrong_fixed / runs >= 0.12


def _yes(count: float, trials: int) -> ArmSums:
    good = float(count)
    return ArmSums(people=trials, trials=trials, value=good, tt=trials, vv=good, tv=good)


def test_newcombe_s_published_example() -> None:
    # Newcombe 1998, table II: 56/70 against 48/80, method 10 without continuity correction.
    found = effects.compare_shares(arms=Arms(_yes(56, 70), _yes(48, 80)))
    assert found is not None
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=2e-3)
    assert found.is_gain
    assert found.lift_share == pytest.approx(1 / 3)


def test_few_people_or_no_difference_among_them_prove_nothing() -> None:
    assert effects.compare_shares(arms=Arms(_yes(3, 10), _yes(0, 1))) is None
    nobody = effects.compare_shares(arms=Arms(_yes(0, 40), _yes(0, 5)))
    assert nobody is not None
    assert nobody.low < 0 < nobody.high
    money = effects.compare_amounts(arms=Arms(_yes(0, 40), _yes(0, 5)))
    assert money is not None
    assert (money.low, money.high) == (-math.inf, math.inf)
    assert effects.always_valid(people=0).multiplier == math.inf


def test_arms_are_summed_over_people_and_an_unknown_arm_is_refused() -> None:
    people = pl.DataFrame(
        {
            "customer_id": ["mei", "mei", "lin", "wu"],
            "arm": ["treated", "treated", "treated", "held_out"],
            "step": ["ask", "ask", "ask", "ask"],
            "trials": [1.0, 2.0, 1.0, 1.0],
            "orders": [1.0, 1.0, 0.0, 1.0],
            "earlier": [0.0, 3.0, 1.0, 2.0],
        }
    )
    arms = effects.sum_arms(people=people, by=("step",), value="orders", before="earlier")[("ask",)]
    assert arms.treated == ArmSums(people=2, trials=4, value=2, before=4, tt=10, vv=4, bb=10, tv=6, tb=10, vb=6)
    assert arms.held_out.people == 1
    with pytest.raises(effects_error(), match="is none of both arms"):
        effects.sum_arms(people=people.with_columns(pl.lit("both").alias("arm")), by=(), value="orders")


def effects_error() -> type[Exception]:
    from reorder.engine.frames import InvalidFrame

    return InvalidFrame
