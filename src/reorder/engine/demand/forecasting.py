"""The forecast of a night: every method at every origin, the best three of each series, quantiles from real errors.

Deterministic for a given seed; a method that fails leaves the pool of that series and is named in its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.demand import choice as choosing
from reorder.engine.demand import quantiles as spreading
from reorder.engine.demand.classes import CLASSES, Names, classify
from reorder.engine.demand.discontinued import is_discontinued, sellable
from reorder.engine.demand.effects import effect_frame
from reorder.engine.demand.errors import BadRequest
from reorder.engine.demand.methods import FALLBACK, check_names, run_methods, wanted_methods
from reorder.engine.demand.newcomers import Newcomers, lean_on_others, peer_quantiles, peers_of, widen_spread
from reorder.engine.demand.notes import add_notes
from reorder.engine.demand.outliers import cut_giants
from reorder.engine.demand.panel import KEY, Flags, Floats, Panel, build_panel
from reorder.engine.demand.preferences import read_preferences
from reorder.engine.demand.report import choice_frame, score_frame
from reorder.engine.demand.treatment import plan_treatment

LONGEST_HORIZON_DAYS = 365
SPREAD_DAYS = 364


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the quantiles of sums need: residuals and fitted values (windows, series, days) in the order of `keys`.

    On `closed` days nothing could sell: nothing was expected and nothing missed, so they count in sums but not as days.
    """

    keys: pl.DataFrame
    classes: Names
    fitted: Floats
    residuals: Floats
    closed: Flags
    whole: Flags
    spread: spreading.Spread


@dataclass(frozen=True, slots=True)
class DemandForecast:
    """`daily`: expected units and quantiles a day; `choices`: which methods and why; `scores`: the table of errors.

    `effects`: how much a promotion, an event or a price moved demand, with an interval.
    """

    daily: pl.DataFrame
    choices: pl.DataFrame
    scores: pl.DataFrame
    effects: pl.DataFrame
    backtest: Backtest = field(repr=False)


def forecast(
    *,
    history: pl.DataFrame,
    horizon_days: int = 28,
    known_future: pl.DataFrame | None = None,
    quantiles: Sequence[float] = (0.5, 0.9, 0.95, 0.99),
    methods: Sequence[str] | None = None,
    seed: int = 0,
    incumbents: pl.DataFrame | None = None,
    overrides: pl.DataFrame | None = None,
    products: pl.DataFrame | None = None,
) -> DemandForecast:
    """Expected units per sku, place and day for the `horizon_days` after the last day of the whole history.

    `history` (sku, place, date, units, optional `in_stock` and known-future columns): days without a row between a
    series' first day and the last day of all history are zero, days out of stock say nothing; an empty history gives
    empty tables. `known_future` holds the known-future columns of the horizon; without it they are not used. Fractions
    (a price) last until their next row, whole numbers and flags are 0 where missing; a text, or a list of texts, names
    the events of its day, unless it never changes within a series (a category). Where `is_open` is false nothing sells:
    such a day is no zero, and is forecast as nothing. Effects of events, flags, prices and numbers are learned, and
    used where they gain in the backtest. One giant order counts as the busiest usual day. `methods` restricts the pool.
    The best three methods by rolling-origin error, shrunk towards the demand class, are averaged; quantiles (one column
    each, `p90_units`, non-decreasing, never negative) blend the series' own backtest residuals with its class's.

    `incumbents` (sku, place, methods) is what was used last night: another method takes its place only if it is 2 %
    better. `overrides` (sku, place, methods) is what a person demands; it wins, also over `methods`. `products` (sku,
    optional category, unit_price, like_sku, is_discontinued) helps products of few days and lets what ends fade.

    Raises InvalidFrame, UnknownMethod, MethodUnavailable, BadRequest.
    """
    names = wanted_methods(methods=methods)
    levels = _checked(horizon_days=horizon_days, quantiles=quantiles)
    panel, giants = cut_giants(panel=build_panel(history=history, known_future=known_future, horizon_days=horizon_days))
    preferences = read_preferences(panel=panel, incumbents=incumbents, overrides=overrides)
    check_names(methods=sorted(preferences.overrides))
    if products is not None:
        products = frames.require(table=products, contract=frames.PRODUCTS)
    classes = classify(units=panel.units, known=panel.known, age_days=panel.age_days)
    starts = choosing.origins(days=panel.days, horizon_days=horizon_days)
    treatment = plan_treatment(panel=panel, classes=classes, starts=starts, products=products)
    pools = dict.fromkeys(CLASSES, names) if methods is not None else choosing.POOLS
    wanted = _wanted(classes=classes, pools=pools, overrides=preferences.overrides)
    made = run_methods(panel=panel, origins=starts, wanted=wanted, seed=seed, treatment=treatment)
    # Whoever names methods has decided: one that could not answer at all is reported, not forgotten.
    nothing = np.full((len(starts), panel.series_count, horizon_days), np.nan)
    forecasts = dict.fromkeys([*preferences.overrides, *(methods or ())], nothing) | made
    truth = choosing.truth_of(panel=panel, starts=starts[:-1])
    errors = choosing.errors_of(forecasts=forecasts, truth=truth)
    choice = choosing.choose(
        forecasts=forecasts,
        errors=errors,
        truth=truth,
        classes=classes,
        pools=pools,
        fallback=FALLBACK,
        preferences=preferences,
    )
    mean = choice.mean.copy()
    newcomers = lean_on_others(panel=panel, mean=mean, products=products)
    backtest = _backtest(panel=panel, classes=classes, choice=choice, newcomers=newcomers)
    around = _around(mean=mean, backtest=backtest, levels=levels)
    peer_quantiles(panel=panel, newcomers=newcomers, mean=mean, quantiles=around, levels=levels, products=products)
    gone = is_discontinued(panel=panel, products=products)
    sold = sellable(panel=panel, gone=gone)
    mean, around = mean * sold, spreading.round_to_units(quantiles=around * sold[None], whole=backtest.whole)
    choices = choice_frame(panel=panel, classes=classes, choice=choice, scale=truth.scale, newcomers=newcomers)
    return DemandForecast(
        daily=_daily(panel=panel, mean=mean, quantiles=around, levels=levels),
        choices=add_notes(choices=choices, panel=panel, newcomers=newcomers, giants=giants, gone=gone),
        scores=score_frame(panel=panel, errors=errors, scale=truth.scale, names=[*names, *preferences.overrides]),
        effects=effect_frame(panel=panel, estimates=treatment.estimates),
        backtest=backtest,
    )


def _wanted(*, classes: Names, pools: Mapping[str, Sequence[str]], overrides: Mapping[str, Flags]) -> dict[str, Flags]:
    """The series for which each method is asked: those of the classes in whose pool it is, and by a person's wish."""
    out = dict(overrides)
    for name in sorted({name for pool in pools.values() for name in pool}):
        mine = np.isin(classes, [one for one in CLASSES if name in pools[one]])
        out[name] = np.asarray(mine | out.get(name, False))
    return out


def _backtest(*, panel: Panel, classes: Names, choice: choosing.Choice, newcomers: Newcomers) -> Backtest:
    windows, horizon = choice.fitted.shape[0], panel.horizon_days
    closed = panel.closed[:, panel.days - windows * horizon : panel.days]
    closed = np.moveaxis(closed.reshape(panel.series_count, windows, horizon), 1, 0)
    spread = spreading.spread_of(units=panel.units[:, -SPREAD_DAYS:], known=panel.known[:, -SPREAD_DAYS:])
    return Backtest(
        keys=panel.keys,
        classes=classes,
        fitted=np.where(closed, 0.0, choice.fitted),
        residuals=choice.residuals,
        closed=closed,
        whole=spreading.whole_units(units=panel.units, known=panel.known),
        spread=widen_spread(spread=spread, newcomers=newcomers, old=peers_of(panel=panel)),
    )


def _around(*, mean: Floats, backtest: Backtest, levels: Sequence[float]) -> Floats:
    return spreading.blended_quantiles(
        mean=mean,
        fitted=backtest.fitted,
        residuals=backtest.residuals,
        spread=backtest.spread,
        classes=backtest.classes,
        levels=levels,
    )


def quantile_column(*, level: float) -> str:
    """The name of a quantile's column: 0.95 → `p95_units`, 0.995 → `p99_5_units`."""
    return f"p{level * 100:.6g}_units".replace(".", "_")


def _checked(*, horizon_days: int, quantiles: Sequence[float]) -> list[float]:
    if not 1 <= horizon_days <= LONGEST_HORIZON_DAYS:
        raise BadRequest(
            argument="horizon_days", value=horizon_days, reason=f"it must be 1 to {LONGEST_HORIZON_DAYS} days"
        )
    return checked_levels(quantiles=quantiles)


def checked_levels(*, quantiles: Sequence[float]) -> list[float]:
    """The quantile levels in ascending order, each once; raises BadRequest outside (0, 1)."""
    for level in quantiles:
        if not 0 < level < 1:
            raise BadRequest(argument="quantiles", value=level, reason="a quantile lies between 0 and 1")
    return sorted(set(quantiles))


def _daily(*, panel: Panel, mean: Floats, quantiles: Floats, levels: Sequence[float]) -> pl.DataFrame:
    dates = [panel.last_date + timedelta(days=step + 1) for step in range(panel.horizon_days)]
    columns = {"mean_units": mean.ravel()} | {
        quantile_column(level=level): values.ravel() for level, values in zip(levels, quantiles, strict=True)
    }
    days = pl.DataFrame({"date": dates}, schema={"date": pl.Date})
    return panel.keys.join(days, how="cross").select(*KEY, "date").with_columns(pl.DataFrame(columns))
