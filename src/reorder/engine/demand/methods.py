"""The pool: which methods exist, which run by default, and the guard that keeps one failure from stopping a night."""

from collections.abc import Sequence

import numpy as np

from reorder.engine.demand.errors import MethodUnavailable, UnknownMethod
from reorder.engine.demand.panel import Floats, Panel
from reorder.engine.demand.smoothing import CHEAP, Past

LEARNED = ("gradient_boosting", "regression")
UNBUILT = {
    "arima": "pip install 'reorder[arima]'",
    "neural_network": "pip install 'reorder[neural]'",
    "prophet": "pip install 'reorder[prophet]'",
}
METHODS = tuple(sorted([*CHEAP, *LEARNED, *UNBUILT]))
# What a broken library or a degenerate series raises; anything else is a fault of ours and must be seen.
FAILURES = (ArithmeticError, ValueError, np.linalg.LinAlgError, ImportError, OSError)


def wanted_methods(*, methods: Sequence[str] | None) -> tuple[str, ...]:
    """The methods to run; raises UnknownMethod or MethodUnavailable."""
    if methods is None:
        return tuple(sorted([*CHEAP, *LEARNED]))
    for name in methods:
        if name not in METHODS:
            raise UnknownMethod(method=name, known=", ".join(METHODS))
        if name in UNBUILT:
            raise MethodUnavailable(method=name, install=UNBUILT[name])
    return tuple(sorted(set(methods)))


def run_methods(*, panel: Panel, origins: Sequence[int], names: Sequence[str], seed: int) -> dict[str, Floats]:
    """Forecasts by method, each (origins, series, horizon); NaN where a method could not say."""
    made = {}
    if panel.series_count == 0:
        return {name: np.zeros((len(origins), 0, panel.horizon_days)) for name in names}
    for name in names:
        if name in CHEAP:
            made[name] = _cheap(panel=panel, origins=origins, name=name)
    return made


def _cheap(*, panel: Panel, origins: Sequence[int], name: str) -> Floats:
    out = np.full((len(origins), panel.series_count, panel.horizon_days), np.nan)
    for position, origin in enumerate(origins):
        past = Past(units=panel.units[:, :origin], known=panel.known[:, :origin])
        try:
            out[position] = CHEAP[name](past, panel.horizon_days)
        except FAILURES:
            continue
    return out
