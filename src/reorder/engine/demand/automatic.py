"""AutoARIMA, AutoETS, AutoTheta and Prophet, only when asked for: fitted one series after the other, at every origin.

ARIMA's orders are capped and its likelihood approximated; a series outside the budget has no forecast (NaN).
"""

import importlib.util
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from reorder.engine.demand.panel import Counts, Floats, Panel
from reorder.engine.demand.treatment import Treatment

SHORTEST_DAYS = 28
# A season of the year needs all there is; the cost of the others grows with every day.
DAYS = {"arima": 182, "auto_ets": 420, "auto_theta": 420, "prophet": 728}
# How many series a call may fit; the best sellers come first.
SERIES = {"arima": 40, "auto_ets": 400, "auto_theta": 400, "prophet": 40}
AUTOMATIC = tuple(sorted(DAYS))
_FAILURES = (ArithmeticError, ValueError, IndexError, RuntimeError, ImportError, OSError, np.linalg.LinAlgError)


def is_prophet_installed() -> bool:
    """Whether the extra `prophet` is there."""
    return importlib.util.find_spec("prophet") is not None


def automatic_forecast(
    *, panel: Panel, origins: Sequence[int], name: str, rows: Counts, treatment: Treatment | None = None
) -> Floats:
    """(origins, series, horizon) forecasts of one of `AUTOMATIC` for `rows`; NaN outside the budget or where it failed.

    Known effects of `treatment` are divided out of the past and multiplied into the days ahead.
    Sources: Hyndman and Khandakar, "Automatic time series forecasting", Journal of Statistical Software 27 (2008);
    Hyndman et al., "A state space framework for automatic forecasting", IJF 18 (2002); Fiorucci et al., "Models for
    optimising the theta method", IJF 32 (2016); Taylor and Letham, "Forecasting at scale", The American Statistician 72
    (2018).
    """
    horizon, days = panel.horizon_days, DAYS[name]
    out = np.full((len(origins), panel.series_count, horizon), np.nan)
    sold = panel.units[rows, -days:].sum(axis=1)
    best_sellers = rows[np.argsort(-sold, kind="stable")[: SERIES[name]]]
    for position, origin in enumerate(origins):
        last = panel.last_date - timedelta(days=panel.days - origin)
        multiplier = treatment.multiplier(origin=origin) if treatment is not None else None
        for series in best_sellers:
            start = max(0, origin - days, panel.days - int(panel.age_days[series]))
            known = panel.known[series, start:origin]
            if known.sum() < SHORTEST_DAYS:
                continue
            effects = np.ones(panel.days + horizon) if multiplier is None else multiplier[series]
            units = panel.units[series, start:origin] / effects[start:origin]
            # Days out of stock take the mean: no method here has a word for a missing value.
            told = np.where(known, units, units[known].mean())
            out[position, series] = _fitted(name=name, units=told, last_date=last, horizon_days=horizon)
            out[position, series] *= effects[origin : origin + horizon]
    return out


def _fitted(*, name: str, units: Floats, last_date: date, horizon_days: int) -> Floats:
    with warnings.catch_warnings():
        # A search that did not converge still forecasts, and the backtest judges how well.
        warnings.simplefilter("ignore")
        try:
            made = _FITS[name](units, last_date, horizon_days)
        except _FAILURES:
            return np.full(horizon_days, np.nan)
    return np.clip(np.asarray(made, dtype=np.float64), 0.0, None)


def _arima(units: Floats, last_date: date, horizon_days: int) -> Floats:
    del last_date  # ARIMA counts days, it does not date them
    from statsforecast.models import AutoARIMA

    model = AutoARIMA(season_length=7, max_p=2, max_q=2, max_P=1, max_Q=1, approximation=True)
    return np.asarray(model.forecast(y=units, h=horizon_days)["mean"])


def _auto_ets(units: Floats, last_date: date, horizon_days: int) -> Floats:
    del last_date
    from statsforecast.models import AutoETS

    return np.asarray(AutoETS(season_length=7).forecast(y=units, h=horizon_days)["mean"])


def _auto_theta(units: Floats, last_date: date, horizon_days: int) -> Floats:
    del last_date
    from statsforecast.models import AutoTheta

    return np.asarray(AutoTheta(season_length=7).forecast(y=units, h=horizon_days)["mean"])


def _prophet(units: Floats, last_date: date, horizon_days: int) -> Floats:
    for chatty in ("cmdstanpy", "prophet.plot"):  # neither a fitted chain nor a missing plot library is news
        logging.getLogger(chatty).disabled = True
    import pandas as pd
    from prophet import Prophet

    days = pd.date_range(end=last_date, periods=len(units), freq="D")
    ahead = pd.date_range(start=last_date + timedelta(days=1), periods=horizon_days, freq="D")
    # Only the point forecast is used: the quantiles come from residuals, as for every method.
    model = Prophet(weekly_seasonality=True, daily_seasonality=False, uncertainty_samples=0)
    model.fit(pd.DataFrame({"ds": days, "y": units}))
    return np.asarray(model.predict(pd.DataFrame({"ds": ahead}))["yhat"])


_FITS: Mapping[str, Callable[[Floats, date, int], Floats]] = {
    "arima": _arima,
    "auto_ets": _auto_ets,
    "auto_theta": _auto_theta,
    "prophet": _prophet,
}
