"""The pool: which methods exist, which run by default, and the guard that keeps one failure from stopping a night."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np

from reorder.engine.demand.automatic import AUTOMATIC, automatic_forecast, is_prophet_installed
from reorder.engine.demand.errors import MethodUnavailable, UnknownMethod
from reorder.engine.demand.holt import holt_winters
from reorder.engine.demand.learned import FAILURES, LEARNED, THREADS, Fit, learned_forecasts
from reorder.engine.demand.panel import Counts, Flags, Floats, Panel
from reorder.engine.demand.smoothing import (
    Past,
    adida,
    croston,
    exponential_smoothing,
    imapa,
    moving_average,
    seasonal_naive,
    theta,
    tsb,
)
from reorder.engine.demand.treatment import Treatment, deflate, inflate

CHEAP: dict[str, Callable[[Past, int], Floats]] = {
    "adida": adida,
    "croston": croston,
    "exponential_smoothing": exponential_smoothing,
    "holt_winters": holt_winters,
    "imapa": imapa,
    "moving_average": moving_average,
    "seasonal_naive": seasonal_naive,
    "theta": theta,
    "tsb": tsb,
}
# Only when named, by a person or for a series: fitted one series after the other, which no night can afford for all.
ON_REQUEST = tuple(sorted({*AUTOMATIC, "neural_network"}))
INSTALL_PROPHET = "pip install 'reorder[prophet]'"
DEFAULT_METHODS = tuple(sorted({*CHEAP, *LEARNED} - {*ON_REQUEST}))
FALLBACK = "moving_average"  # it needs no more than one known day
METHODS = tuple(sorted({*CHEAP, *LEARNED, *ON_REQUEST}))


def wanted_methods(*, methods: Sequence[str] | None) -> tuple[str, ...]:
    """The methods to run; raises UnknownMethod or MethodUnavailable."""
    if methods is None:
        return DEFAULT_METHODS
    check_names(methods=methods)
    if "prophet" in methods and not is_prophet_installed():
        raise MethodUnavailable(method="prophet", install=INSTALL_PROPHET)
    return tuple(sorted(set(methods)))


def check_names(*, methods: Sequence[str]) -> None:
    """Raise UnknownMethod for the first name that no method has."""
    for name in methods:
        if name not in METHODS:
            raise UnknownMethod(method=name, known=", ".join(METHODS))


def run_methods(
    *,
    panel: Panel,
    origins: Sequence[int],
    wanted: Mapping[str, Flags],
    seed: int,
    treatment: Treatment | None = None,
) -> dict[str, Floats]:
    """Forecasts by method, each (origins, series, horizon); NaN where a method was not asked or could not say.

    `wanted` says for which series (Flags) each method is asked; the fallback method answers for all. A learned method
    that finds too little to learn from is left out; one that breaks, or whose library is missing, has no forecast.
    `treatment` takes known effects out of the past of those methods that do not see them and puts them into the days
    ahead.
    """
    if panel.series_count == 0:
        return {name: np.zeros((len(origins), 0, panel.horizon_days)) for name in wanted}
    wanted = {**wanted, FALLBACK: np.ones(panel.series_count, dtype=np.bool_)}
    made = _cheap_forecasts(panel=panel, origins=origins, wanted=wanted, treatment=treatment)
    for name in sorted({*AUTOMATIC} & {*wanted}):
        rows = np.flatnonzero(wanted[name])
        made[name] = automatic_forecast(panel=panel, origins=origins, name=name, rows=rows, treatment=treatment)
    fits = {name: LEARNED[name] for name in sorted({*wanted} & {*LEARNED})}
    return made | (_learned(panel=panel, origins=origins, fits=fits, seed=seed, treatment=treatment) if fits else {})


def _learned(
    *, panel: Panel, origins: Sequence[int], fits: Mapping[str, Fit], seed: int, treatment: Treatment | None
) -> dict[str, Floats]:
    """Learned methods see flags and prices; named events, too rare to learn from samples, are taken out and put in."""
    if treatment is None:
        return learned_forecasts(panel=panel, origins=origins, fits=fits, seed=seed)
    plain = treatment.without_events(panel=panel)
    made = learned_forecasts(panel=plain, origins=origins, fits=fits, seed=seed)
    return {name: treatment.with_events(forecasts=values, origins=origins) for name, values in made.items()}


def _cheap_forecasts(
    *, panel: Panel, origins: Sequence[int], wanted: Mapping[str, Flags], treatment: Treatment | None
) -> dict[str, Floats]:
    shape = (len(origins), panel.series_count, panel.horizon_days)
    made = {name: np.full(shape, np.nan) for name in sorted({*CHEAP} & {*wanted})}

    def answer(task: tuple[int, str]) -> None:
        position, name = task
        rows = np.flatnonzero(wanted[name])
        if rows.size:
            made[name][position, rows] = _cheap(
                panel=panel, origin=origins[position], rows=rows, name=name, treatment=treatment
            )

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(answer, product(range(len(origins)), made)))
    return made


def _cheap(*, panel: Panel, origin: int, rows: Counts, name: str, treatment: Treatment | None) -> Floats:
    multiplier = treatment.multiplier(origin=origin) if treatment is not None else None
    multiplier = multiplier[rows] if multiplier is not None else None
    past = deflate(past=Past(units=panel.units[rows, :origin], known=panel.known[rows, :origin]), multiplier=multiplier)
    try:
        made = CHEAP[name](past, panel.horizon_days)
    except FAILURES:
        return np.full((rows.size, panel.horizon_days), np.nan)
    return inflate(forecast=made, multiplier=multiplier, origin=origin)
