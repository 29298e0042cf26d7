"""Which methods a series uses: rolling-origin errors of its own, shrunk towards its class; the best three are averaged.

Averages of the best three beat picking one, and a series' own three windows alone are too few to rank methods by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reorder.engine.demand.classes import CLASSES, Names
from reorder.engine.demand.panel import Counts, Flags, Floats, Panel
from reorder.engine.demand.preferences import Preferences

WINDOWS = 3
SHORTEST_TRAINING_DAYS = 28
BEST = 3
# A squared error 1 % lower triples the weight: close methods average, clear winners lead. Both constants were judged on
# ten M5 windows: a lower power and a weaker class let chance dilute the best methods.
ACCURACY_POWER = 120.0
CLASS_WINDOWS = 80.0  # windows that the ranking of the class is worth against a series' own
SWITCH_GAIN = 0.02  # a method that was not used last night must have a root mean squared error this much lower
LASTING_SHARE = 0.4
SHOCK_DEVIATION = 0.06  # of the logarithm of a shop's total over a month, around what was expected
LARGEST_CORRECTION = 0.15

POOLS: dict[str, tuple[str, ...]] = {
    "no_history": (),
    "short": ("moving_average", "exponential_smoothing", "adida", "regression", "gradient_boosting"),
    "smooth": (
        "exponential_smoothing",
        "holt_winters",
        "theta",
        "regression",
        "gradient_boosting",
        "seasonal_naive",
    ),
    "erratic": (
        "exponential_smoothing",
        "holt_winters",
        "theta",
        "tsb",
        "croston",
        "regression",
        "gradient_boosting",
    ),
    "intermittent": (
        "exponential_smoothing",
        "adida",
        "imapa",
        "tsb",
        "croston",
        "regression",
        "gradient_boosting",
    ),
    "lumpy": (
        "exponential_smoothing",
        "moving_average",
        "adida",
        "imapa",
        "croston",
        "regression",
        "gradient_boosting",
    ),
}
DEFAULTS = ("exponential_smoothing", "moving_average", "adida")


@dataclass(frozen=True, slots=True)
class Truth:
    """What really came in the backtest windows: (windows, series, horizon), oldest first.

    `known` is False on days that cannot be judged: out of stock, or too little history before that window.
    """

    units: Floats
    known: Flags
    scale: Floats

    @property
    def windows(self) -> int:
        """How many windows the history allows."""
        return int(self.units.shape[0])


@dataclass(frozen=True, slots=True)
class Errors:
    """Mean squared and mean signed error (forecast − actual), (methods, windows, series); NaN where not judged."""

    methods: tuple[str, ...]
    squared: Floats
    signed: Floats


@dataclass(frozen=True, slots=True)
class Choice:
    """The blend of every series.

    `weights` is (methods, series), summing to 1 (or 0 for a series without usable method); `competing` counts the
    methods a series could choose from; `mean` is the blended, bias-corrected (series, horizon) forecast; `residuals`
    and `fitted` are (windows, series, horizon) of that blend. `overridden` marks series whose methods a person chose,
    `kept` those that keep a method of last night because none was better by enough.
    """

    methods: tuple[str, ...]
    weights: Floats
    competing: Counts
    judged_windows: Counts
    failed: Flags
    mean: Floats
    fitted: Floats
    residuals: Floats
    overridden: Flags
    kept: Flags


def origins(*, days: int, horizon_days: int) -> list[int]:
    """Columns at which backtest windows begin, oldest first, then the end of the history."""
    starts = [days - horizon_days * back for back in range(WINDOWS, 0, -1)]
    return [start for start in starts if start >= SHORTEST_TRAINING_DAYS] + [days]


def truth_of(*, panel: Panel, starts: Sequence[int]) -> Truth:
    """Actual units of the backtest windows and RMSSE's scale: the mean squared change a day since the first sale."""
    horizon = panel.horizon_days
    units = [panel.units[:, start : start + horizon] for start in starts]
    long_enough = [panel.age_days - (panel.days - start) >= SHORTEST_TRAINING_DAYS for start in starts]
    known = [
        panel.known[:, start : start + horizon] & enough[:, None]
        for start, enough in zip(starts, long_enough, strict=True)
    ]
    shape = (0, panel.series_count, horizon)
    return Truth(
        units=np.stack(units) if units else np.zeros(shape),
        known=np.stack(known) if known else np.zeros(shape, dtype=np.bool_),
        scale=_scale(panel=panel),
    )


def _scale(*, panel: Panel) -> Floats:
    moved = np.diff(panel.units, axis=1)
    counted = panel.known[:, 1:] & panel.known[:, :-1] & (np.cumsum(panel.units, axis=1)[:, :-1] > 0)
    return np.asarray((moved**2 * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1))


def errors_of(*, forecasts: Mapping[str, Floats], truth: Truth) -> Errors:
    """Errors of each method's forecasts, whose first axis holds the backtest windows and then the future."""
    methods = tuple(sorted(forecasts))
    days = truth.known.sum(axis=2)
    shape = (len(methods), *days.shape)
    squared, signed = np.full(shape, np.nan), np.full(shape, np.nan)
    for position, method in enumerate(methods):
        miss = np.where(truth.known, forecasts[method][: truth.windows] - truth.units, 0.0)
        judged = days > 0
        np.divide((miss**2).sum(axis=2), days, out=squared[position], where=judged)
        np.divide(miss.sum(axis=2), days, out=signed[position], where=judged)
    return Errors(methods=methods, squared=squared, signed=signed)


def choose(
    *,
    forecasts: Mapping[str, Floats],
    errors: Errors,
    truth: Truth,
    classes: Names,
    pools: Mapping[str, Sequence[str]],
    fallback: str,
    preferences: Preferences,
) -> Choice:
    """Average the best three methods of each series and take out the part of the shop's bias that lasts.

    `pools` says which methods compete in which demand class; a person's override is the pool of its series, and a
    method of last night gives way only to one that is `SWITCH_GAIN` better. `fallback` (one of `forecasts`) answers
    for a series whose whole pool failed.
    """
    usable = _usable(forecasts=forecasts, methods=errors.methods)
    demanded = preferences.overrides_of(methods=errors.methods, series_count=classes.size)
    overridden = demanded.any(axis=0) & (classes != "no_history")
    pooled = np.where(overridden, demanded, _in_pool(methods=errors.methods, classes=classes, pools=pools))
    allowed = _with_fallback(allowed=usable & pooled, usable=usable, methods=errors.methods, fallback=fallback)
    incumbent = preferences.incumbents_of(methods=errors.methods, series_count=classes.size) & ~overridden
    weights, kept = _weights(errors=errors, classes=classes, allowed=allowed, incumbent=incumbent)
    shape = next(iter(forecasts.values())).shape
    blend = np.zeros(shape)
    answered = np.ones(shape[:2], dtype=np.bool_)
    for position, method in enumerate(errors.methods):
        answered &= np.isfinite(forecasts[method]).all(axis=2) | (weights[position] == 0)
        blend += weights[position][None, :, None] * np.nan_to_num(forecasts[method])
    blend[-1] *= np.where(overridden, 1.0, _correction(blend=blend[:-1], truth=truth))[:, None]
    return Choice(
        methods=errors.methods,
        weights=weights,
        competing=allowed.sum(axis=0),
        judged_windows=truth.known.any(axis=2).sum(axis=0),
        failed=pooled & ~usable,
        mean=blend[-1],
        fitted=blend[:-1],
        residuals=np.where(truth.known & answered[:-1, :, None], truth.units - blend[:-1], np.nan),
        overridden=overridden,
        kept=kept,
    )


def _usable(*, forecasts: Mapping[str, Floats], methods: Sequence[str]) -> Flags:
    """Which methods speak about the future; silence in an early window only means that it is not judged there."""
    return np.stack([np.isfinite(forecasts[method][-1]).all(axis=1) for method in methods])


def _in_pool(*, methods: Sequence[str], classes: Names, pools: Mapping[str, Sequence[str]]) -> Flags:
    return np.stack([np.isin(classes, [name for name in CLASSES if method in pools[name]]) for method in methods])


def _with_fallback(*, allowed: Flags, usable: Flags, methods: Sequence[str], fallback: str) -> Flags:
    position = methods.index(fallback)
    stranded = ~allowed.any(axis=0)
    allowed[position, stranded] = usable[position, stranded]
    return allowed


def _weights(*, errors: Errors, classes: Names, allowed: Flags, incumbent: Flags) -> tuple[Floats, Flags]:
    """Weights on the best three of each series, the better the more; equal ones on the defaults if unjudged.

    Also says of which series an incumbent stays among the three that would have lost its place without being one.
    """
    judged = np.isfinite(errors.squared).any(axis=1)
    counts = np.isfinite(errors.squared).sum(axis=1)
    compared = judged.any(axis=0)
    # A method that no window could judge does not compete with methods that were judged.
    allowed = allowed & (judged | ~(judged & allowed).any(axis=0))
    squared = np.where(np.isfinite(errors.squared), errors.squared, 0.0).sum(axis=1) / np.maximum(counts, 1)
    typical = _mean_where(squared.T, allowed.T)
    relative = np.where(typical > 0, squared / np.where(typical > 0, typical, 1.0), 1.0)
    shared = np.ones_like(relative)
    for name in CLASSES:
        mine = compared & (classes == name)
        if mine.any():
            shared[:, mine] = _mean_where(relative, allowed & mine)[:, None]
    score = (counts * relative + CLASS_WINDOWS * shared) / (counts + CLASS_WINDOWS)
    defaults = np.array([DEFAULTS.index(name) if name in DEFAULTS else len(DEFAULTS) for name in errors.methods])
    order = np.where(compared, score, defaults[:, None].astype(np.float64))
    plain = _best(order=order, allowed=allowed)
    held = np.where(incumbent & compared, order * (1 - SWITCH_GAIN) ** 2, order)
    chosen = _best(order=held, allowed=allowed)
    weights = np.where(chosen, np.where(compared, np.maximum(score, 0.1) ** -ACCURACY_POWER, 1.0), 0.0)
    total = weights.sum(axis=0)
    return np.asarray(weights / np.where(total > 0, total, 1.0)), np.asarray((chosen & ~plain).any(axis=0))


def _best(*, order: Floats, allowed: Flags) -> Flags:
    """The three lowest of each series among those allowed."""
    rank = np.argsort(np.argsort(np.where(allowed, order, np.inf), axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray((rank < BEST) & allowed)


def _mean_where(values: Floats, mask: Flags) -> Floats:
    mean: Floats = np.where(mask, values, 0.0).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
    return mean


def _correction(*, blend: Floats, truth: Truth) -> float:
    """One factor for the whole shop: the part of its last window's bias that is expected to last.

    All series together sell a few per cent more or less than expected for weeks on end (a season, the economy), and the
    methods learn it late. On M5 the bias of one month carries two fifths into the next; each series' own is chance, and
    so is that of a shop too small to tell (its noise variance is weighed against that of such shocks).
    """
    if not truth.windows:
        return 1.0
    known = truth.known[-1]
    expected, actual = float((blend[-1] * known).sum()), float((truth.units[-1] * known).sum())
    if expected <= 0 or actual <= 0:
        return 1.0
    noise = float((((truth.units[-1] - blend[-1]) * known) ** 2).sum()) / expected**2
    trust = SHOCK_DEVIATION**2 / (SHOCK_DEVIATION**2 + noise)
    change = LASTING_SHARE * trust * np.log(actual / expected)
    return float(np.exp(np.clip(change, -LARGEST_CORRECTION, LARGEST_CORRECTION)))


def rmsse(*, squared: Floats, scale: Floats) -> npt.NDArray[np.float64]:
    """Root mean squared scaled error; NaN where the scale is zero (a series that never changed).

    Source: Makridakis et al., "The M5 accuracy competition", International Journal of Forecasting 38 (2022).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(scale > 0, np.sqrt(squared / scale), np.nan))
