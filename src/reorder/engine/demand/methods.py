"""The pool: which methods exist, which run by default, and the guard that keeps one failure from stopping a night."""

from collections.abc import Mapping, Sequence

import numpy as np

from reorder.engine.demand.automatic import automatic_forecast, is_prophet_installed
from reorder.engine.demand.errors import MethodUnavailable, UnknownMethod
from reorder.engine.demand.learned import FAILURES, LEARNED, learned_forecasts
from reorder.engine.demand.panel import Counts, Flags, Floats, Panel
from reorder.engine.demand.smoothing import CHEAP, Past
from reorder.engine.demand.treatment import Treatment, deflate, inflate

# Only when named: too slow for every night; not compared with the pool yet.
ON_REQUEST = ("arima", "neural_network", "prophet")
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
    names: Sequence[str],
    seed: int,
    demanded: Mapping[str, Flags] | None = None,
    treatment: Treatment | None = None,
) -> dict[str, Floats]:
    """Forecasts by method, each (origins, series, horizon); NaN where a method could not say.

    The fallback method is always among them. A learned method that finds too little to learn from is left out.
    `demanded` names further methods with the series (Flags) that a person wants them for; one whose library is missing
    or breaks has no forecast, and the choice says so. `treatment` takes known effects out of the past of those methods
    that do not see them and puts them into the days ahead.
    """
    made: dict[str, Floats] = {}
    demanded = demanded or {}
    if panel.series_count == 0:
        return {name: np.zeros((len(origins), 0, panel.horizon_days)) for name in names}
    for name in sorted({*names, *demanded, FALLBACK}):
        if name in CHEAP:
            made[name] = _cheap(panel=panel, origins=origins, name=name, treatment=treatment)
    for name in sorted({"arima", "prophet"} & {*names, *demanded}):
        only = None if name in names else np.flatnonzero(demanded[name])
        made[name] = _automatic(panel=panel, origins=origins, name=name, only=only)
    fits = {name: LEARNED[name] for name in sorted({*names, *demanded} & {*LEARNED})}
    return made | (learned_forecasts(panel=panel, origins=origins, fits=fits, seed=seed) if fits else {})


def _cheap(*, panel: Panel, origins: Sequence[int], name: str, treatment: Treatment | None) -> Floats:
    out = np.full((len(origins), panel.series_count, panel.horizon_days), np.nan)
    for position, origin in enumerate(origins):
        multiplier = treatment.multiplier(origin=origin) if treatment is not None else None
        past = Past(units=panel.units[:, :origin], known=panel.known[:, :origin])
        past = deflate(past=past, multiplier=multiplier)
        try:
            made = CHEAP[name](past, panel.horizon_days)
            out[position] = inflate(forecast=made, multiplier=multiplier, origin=origin)
        except FAILURES:
            continue
    return out


def _automatic(*, panel: Panel, origins: Sequence[int], name: str, only: Counts | None) -> Floats:
    try:
        return automatic_forecast(panel=panel, origins=origins, name=name, only=only)
    except FAILURES:
        return np.full((len(origins), panel.series_count, panel.horizon_days), np.nan)
