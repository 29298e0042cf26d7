"""Power before the start, limits while it runs, winners at the end: with simulated truth."""

import numpy as np
import polars as pl
import pytest

from reorder.engine import effects
from reorder.engine.effects import ArmSums, BadComparison, VariantTrial


def test_a_lift_of_the_promised_size_is_found_four_times_of_five() -> None:
    sight = effects.see_lifts(people=20_000, held_out_share=0.1, base_share=0.12)
    assert sight.held_out_people == 2_000
    assert sight.least_lift_share == pytest.approx(0.19, abs=0.01)
    dice = np.random.default_rng(3)
    share = 0.12 * (1 + sight.least_lift_share)
    treated, held = dice.binomial(18_000, share, size=2_000), dice.binomial(2_000, 0.12, size=2_000)
    found = [
        effects.compare_shares(arms=effects.Arms(_yes(one, 18_000), _yes(two, 2_000)))
        for one, two in zip(treated, held, strict=True)
    ]
    assert 0.77 <= np.mean([one is not None and one.is_gain for one in found]) <= 0.83


def _yes(count: int, trials: int) -> ArmSums:
    return ArmSums(people=trials, trials=trials, value=count, tt=trials, vv=count, tv=count)


def test_more_weeks_see_smaller_lifts_until_everybody_was_seen() -> None:
    seen = effects.see_by_weeks(
        people_a_week=500, most_people=5_000, held_out_share=0.1, base_share=0.2, weeks=(4, 8, 26)
    )
    lifts = [one.sight.least_lift_share for one in seen]
    assert [one.sight.people for one in seen] == [2_000, 4_000, 5_000]
    assert lifts == sorted(lifts, reverse=True)
    # The same people again know less than as many others would.
    once, twice, others = (
        effects.see_lifts(people=people, held_out_share=0.1, base_share=0.2, repeats=repeats).least_lift_share
        for people, repeats in ((5_000, 1.0), (5_000, 2.0), (10_000, 1.0))
    )
    assert once > twice > others


@pytest.mark.parametrize(
    ("people", "share", "base", "verdict", "suggested"),
    [
        (20_000, 0.1, 0.12, "good", 0.075),
        (20_000, 0.0, 0.12, "none", 0.075),
        (20_000, 0.002, 0.12, "too_small", 0.075),
        (20_000, 0.8, 0.12, "too_large", 0.075),
        (200, 0.1, 0.12, "too_few", None),
        (600, 0.1, 0.02, "blind", None),
    ],
)
def test_silly_holdouts_are_told_apart(
    people: int, share: float, base: float, verdict: str, suggested: float | None
) -> None:
    judged = effects.judge_holdout(people=people, held_out_share=share, base_share=base)
    assert (judged.verdict, judged.suggested_share) == (verdict, suggested)
    assert judged.is_silly == (verdict not in {"good", "none"})


def test_nonsense_is_refused_by_name() -> None:
    with pytest.raises(BadComparison, match="base_share must be between 0 and 1, got 0"):
        effects.see_lifts(people=10, held_out_share=0.1, base_share=0)
    with pytest.raises(BadComparison, match="repeats must be 1 or more"):
        effects.see_lifts(people=10, held_out_share=0.1, base_share=0.1, repeats=0.5)
    with pytest.raises(BadComparison, match="limit_share"):
        effects.judge_guard(bad_count=1, trials=2, limit_share=1.0)
    with pytest.raises(BadComparison, match="bad_count must be from 0 to 2"):
        effects.judge_guard(bad_count=3, trials=2, limit_share=0.1)


def test_a_guard_looked_at_every_day_cries_wolf_at_most_once_in_twenty_and_sees_real_harm() -> None:
    dice = np.random.default_rng(4)
    false_alarms = found = 0
    for _ in range(400):
        kept = np.cumsum(dice.random(5_000) < 0.005)
        broken = np.cumsum(dice.random(5_000) < 0.015)
        looks = range(100, 5_001, 100)
        false_alarms += any(_broken(kept[at - 1], at) for at in looks)
        found += any(_broken(broken[at - 1], at) for at in looks)
    assert false_alarms / 400 <= 0.05
    assert found / 400 >= 0.95


def _broken(bad: int, trials: int) -> bool:
    return effects.judge_guard(bad_count=int(bad), trials=trials, limit_share=0.005).is_broken


def test_equal_variants_have_no_winner_and_a_better_one_is_found_although_one_looks_every_day() -> None:
    dice = np.random.default_rng(5)
    crowned = right = wrong = 0
    for _ in range(200):
        crowned += _winner(dice, shares=(0.10, 0.10, 0.10)) is not None
        winner = _winner(dice, shares=(0.10, 0.15, 0.10))
        right += winner == "b"
        wrong += winner in {"a", "c"}
    assert crowned / 200 <= 0.05
    assert right / 200 >= 0.9
    assert wrong / 200 <= 0.01


def _winner(dice: np.random.Generator, *, shares: tuple[float, ...]) -> str | None:
    """The first that is ever crowned in thirty looks at 150 people more for each."""
    good = [np.cumsum(dice.binomial(150, share, size=30)) for share in shares]
    for look in range(30):
        seen = 150 * (look + 1)
        trials = [
            VariantTrial(name=name, sums=_yes(int(one[look]), seen)) for name, one in zip("abc", good, strict=True)
        ]
        winner = effects.find_winner(trials=trials, planned_people=2_000)
        if winner:
            return winner
    return None


def test_weights_lean_to_what_looks_better_and_starve_nobody() -> None:
    trials = [VariantTrial(name="short", sums=_yes(90, 400)), VariantTrial(name="long", sums=_yes(60, 400))]
    verdict = effects.judge_variants(trials=trials, dice=np.random.default_rng(1))
    short, long = verdict.standings
    assert (short.name, verdict.winner) == ("short", None)
    assert short.weight + long.weight == pytest.approx(1.0)
    assert long.weight >= 0.2
    assert short.best_share > 0.98
    assert not effects.judge_variants(trials=[], dice=np.random.default_rng(1)).standings


def test_channels_are_compared_with_their_own_held_out_people_and_shrunk_to_the_whole() -> None:
    rows = []
    dice = np.random.default_rng(6)
    for channel, treated_share, held_share in (("line", 0.30, 0.20), ("email", 0.21, 0.20)):
        for arm, share, count in (("treated", treated_share, 4_000), ("held_out", held_share, 1_500)):
            for number in range(count):
                hit = float(dice.random() < share)
                rows.append((f"{channel}{arm}{number}", arm, channel, "", "champions", 1.0, hit))
    names = ["customer_id", "arm", "channel", "offer", "segment", "trials", "hits"]
    learned = effects.learn_responses(people=pl.DataFrame(rows, schema=names, orient="row"))
    overall = learned[0]
    assert overall.scope == "all"
    line = effects.find_response(responses=learned, scope="channel", key="line", segment="champions")
    email = effects.find_response(responses=learned, scope="channel", key="email", segment="champions")
    assert email.lift_share < overall.lift_share < line.lift_share < 0.5
    assert line.lift_share > email.lift_share + 0.1
    assert line.learned_share > 0
    sms = effects.find_response(responses=learned, scope="channel", key="sms", segment="champions")
    assert sms == overall
    assert effects.find_response(responses=[], scope="offer", key="TEN", segment="").lift_share == 0.1


def test_nothing_seen_is_all_assumed() -> None:
    names = {"customer_id": pl.String, "arm": pl.String, "channel": pl.String, "offer": pl.String, "segment": pl.String}
    empty = pl.DataFrame(schema=names | {"trials": pl.Float64, "hits": pl.Float64})
    (only,) = effects.learn_responses(people=empty)
    assert (only.lift_share, only.learned_share, only.treated_count) == (0.1, 0.0, 0)
