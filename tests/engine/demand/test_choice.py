"""The choice of methods: the best three, last night's held until something is 2 % better, a person's wish above all."""

import numpy as np
import polars as pl
import pytest

from reorder.engine.demand.choice import BEST, Choice, Truth, choose, errors_of
from reorder.engine.demand.panel import Floats
from reorder.engine.demand.preferences import Preferences

SERIES = 2
WINDOWS = 3
HORIZON = 4
METHODS = ("adida", "exponential_smoothing", "imapa", "tsb")
POOLS = dict.fromkeys(("no_history", "short", "smooth", "erratic", "lumpy"), ()) | {"intermittent": METHODS}


def flat_misses(**misses: float) -> dict[str, Floats]:
    """Forecasts by method that are 10 plus a constant; the truth is always 10, so that the miss is the error."""
    return {name: np.full((WINDOWS + 1, SERIES, HORIZON), 10.0 + miss) for name, miss in misses.items()}


def flags(*values: bool) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(values, dtype=np.bool_)


def chosen(
    forecasts: dict[str, Floats],
    *,
    incumbents: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] | None = None,
    overrides: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] | None = None,
) -> Choice:
    truth = Truth(
        units=np.full((WINDOWS, SERIES, HORIZON), 10.0),
        known=np.ones((WINDOWS, SERIES, HORIZON), dtype=np.bool_),
        scale=np.ones(SERIES),
    )
    return choose(
        forecasts=forecasts,
        errors=errors_of(forecasts=forecasts, truth=truth),
        truth=truth,
        classes=np.array(["intermittent"] * SERIES),
        pools=POOLS,
        fallback="adida",
        preferences=Preferences(incumbents or {}, overrides or {}),
    )


def methods_of(choice: Choice, series: int) -> list[str]:
    return [name for name, weight in zip(choice.methods, choice.weights[:, series], strict=True) if weight > 0]


def test_the_best_three_are_averaged_and_the_best_weighs_most() -> None:
    choice = chosen(flat_misses(adida=1.0, exponential_smoothing=1.05, imapa=1.1, tsb=1.2))

    assert methods_of(choice, 0) == ["adida", "exponential_smoothing", "imapa"]
    assert BEST == 3
    assert choice.weights[:, 0].sum() == pytest.approx(1.0)
    assert choice.weights[0, 0] > choice.weights[1, 0] > choice.weights[2, 0]
    assert not choice.kept.any()


def test_a_method_of_last_night_stays_while_none_is_two_per_cent_better() -> None:
    misses = flat_misses(adida=1.0, exponential_smoothing=1.0, imapa=1.0, tsb=1.015)

    choice = chosen(misses, incumbents={"tsb": flags(True, False)})

    assert "tsb" in methods_of(choice, 0)
    assert methods_of(choice, 1) == ["adida", "exponential_smoothing", "imapa"]
    assert choice.kept.tolist() == [True, False]


def test_a_method_of_last_night_goes_when_others_are_more_than_two_per_cent_better() -> None:
    misses = flat_misses(adida=1.0, exponential_smoothing=1.0, imapa=1.0, tsb=1.03)

    choice = chosen(misses, incumbents={"tsb": flags(True, True)})

    assert methods_of(choice, 0) == ["adida", "exponential_smoothing", "imapa"]
    assert not choice.kept.any()


def test_a_persons_wish_is_the_only_method_of_its_series_however_bad() -> None:
    misses = flat_misses(adida=1.0, exponential_smoothing=1.0, imapa=1.0, tsb=5.0)

    choice = chosen(misses, overrides={"tsb": flags(False, True)}, incumbents={"adida": flags(True, True)})

    assert methods_of(choice, 1) == ["tsb"]
    assert choice.overridden.tolist() == [False, True]
    assert choice.mean[1].tolist() == pytest.approx([15.0] * HORIZON)


def test_a_wish_that_has_no_forecast_is_answered_by_the_fallback() -> None:
    misses = flat_misses(adida=1.0, exponential_smoothing=1.0, imapa=1.0, tsb=1.0)
    misses["tsb"][:, 0] = np.nan

    choice = chosen(misses, overrides={"tsb": flags(True, False)})

    assert methods_of(choice, 0) == ["adida"]
    assert choice.failed[choice.methods.index("tsb")].tolist() == [True, False]


def test_last_nights_choice_given_back_says_so_in_the_reason() -> None:
    from reorder.engine import demand

    rng = np.random.default_rng(11)
    days = pl.date_range(pl.date(2026, 1, 1), pl.date(2026, 9, 1), eager=True)
    parts = [
        pl.DataFrame({"sku": sku, "place": "Keelung", "date": days, "units": rng.poisson(0.5, days.len()) * 1.0})
        for sku in ("Oolong", "Sencha", "Matcha", "Genmaicha")
    ]
    history = pl.concat(parts)
    cheap = ("adida", "croston", "exponential_smoothing", "imapa", "moving_average", "tsb")
    first = demand.forecast(history=history, horizon_days=7, methods=cheap)

    again = demand.forecast(
        history=history, horizon_days=7, methods=cheap, incumbents=first.choices.select("sku", "place", "methods")
    )

    assert again.choices["methods"].to_list() == first.choices["methods"].to_list()
    assert again.daily.equals(first.daily)
    assert not again.choices["is_kept"].any()
