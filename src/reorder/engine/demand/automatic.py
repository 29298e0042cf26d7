"""AutoARIMA and Prophet for the best sellers, only when asked for: both are too slow for every series of a night.

ARIMA's orders are capped and its likelihood approximated; a series outside the budget has no forecast (NaN).
"""

import importlib.util
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from reorder.engine.demand.panel import Counts, Floats, Panel

SERIES = 40  # fitted one by one, at every origin
SHORTEST_DAYS = 28
# A season of the year needs all there is; ARIMA's cost grows with every day.
DAYS = {"arima": 182, "prophet": 728}


def is_prophet_installed() -> bool:
    """Whether the extra `prophet` is there."""
    return importlib.util.find_spec("prophet") is not None


def automatic_forecast(*, panel: Panel, origins: Sequence[int], name: str, only: Counts | None = None) -> Floats:
    """(origins, series, horizon) forecasts of `arima` or `prophet`; NaN outside the budget or where it failed.

    `only` names the series (rows of the panel) to fit; without it the best sellers are.

    Sources: Hyndman and Khandakar, "Automatic time series forecasting", Journal of Statistical Software 27 (2008);
    Taylor and Letham, "Forecasting at scale", The American Statistician 72 (2018).
    """
    out = np.full((len(origins), panel.series_count, panel.horizon_days), np.nan)
    days = DAYS[name]
    candidates = np.arange(panel.series_count) if only is None else only
    sold = panel.units[candidates, -days:].sum(axis=1)
    best_sellers = candidates[np.argsort(-sold, kind="stable")[:SERIES]]
    for position, origin in enumerate(origins):
        last = panel.last_date - timedelta(days=panel.days - origin)
        for series in best_sellers:
            start = max(0, origin - days, panel.days - int(panel.age_days[series]))
            known = panel.known[series, start:origin]
            if known.sum() >= SHORTEST_DAYS:
                # Days out of stock take the mean: neither method here has a word for a missing value.
                units = panel.units[series, start:origin]
                told = np.where(known, units, units[known].mean())
                out[position, series] = _FITS[name](told, last, panel.horizon_days)
    return out


def _arima(units: Floats, last_date: date, horizon_days: int) -> Floats:
    del last_date  # ARIMA counts days, it does not date them
    from statsforecast.models import AutoARIMA

    model = AutoARIMA(season_length=7, max_p=2, max_q=2, max_P=1, max_Q=1, approximation=True)
    with warnings.catch_warnings():
        # A search that did not converge still forecasts, and the backtest judges how well.
        warnings.simplefilter("ignore")
        try:
            made = model.forecast(y=units, h=horizon_days)["mean"]
        except (ArithmeticError, ValueError, IndexError, np.linalg.LinAlgError):
            return np.full(horizon_days, np.nan)
    return np.clip(np.asarray(made, dtype=np.float64), 0.0, None)


def _prophet(units: Floats, last_date: date, horizon_days: int) -> Floats:
    for chatty in ("cmdstanpy", "prophet.plot"):  # neither a fitted chain nor a missing plot library is news
        logging.getLogger(chatty).disabled = True
    import pandas as pd
    from prophet import Prophet

    days = pd.date_range(end=last_date, periods=len(units), freq="D")
    ahead = pd.date_range(start=last_date + timedelta(days=1), periods=horizon_days, freq="D")
    # Only the point forecast is used: the quantiles come from residuals, as for every method.
    model = Prophet(weekly_seasonality=True, daily_seasonality=False, uncertainty_samples=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.fit(pd.DataFrame({"ds": days, "y": units}))
            made = model.predict(pd.DataFrame({"ds": ahead}))["yhat"]
        except (ArithmeticError, ValueError, RuntimeError):
            return np.full(horizon_days, np.nan)
    return np.clip(np.asarray(made, dtype=np.float64), 0.0, None)


_FITS: Mapping[str, Callable[[Floats, date, int], Floats]] = {"arima": _arima, "prophet": _prophet}
