"""AutoARIMA for the best sellers, only when it is asked for: it is too slow for every series of a night.

Orders are capped and the likelihood approximated; a series outside the budget has no ARIMA forecast (NaN).
"""

import warnings
from collections.abc import Sequence

import numpy as np

from reorder.engine.demand.panel import Floats, Panel

ARIMA_SERIES = 40  # fitted one by one, at every origin
ARIMA_DAYS = 182
SHORTEST_DAYS = 28


def arima_forecast(*, panel: Panel, origins: Sequence[int]) -> Floats:
    """(origins, series, horizon) forecasts by statsforecast's AutoARIMA; NaN outside the budget or where it failed.

    Source: Hyndman and Khandakar, "Automatic time series forecasting", Journal of Statistical Software 27 (2008).
    """
    out = np.full((len(origins), panel.series_count, panel.horizon_days), np.nan)
    best_sellers = np.argsort(-panel.units[:, -ARIMA_DAYS:].sum(axis=1), kind="stable")[:ARIMA_SERIES]
    for position, origin in enumerate(origins):
        for series in best_sellers:
            start = max(0, origin - ARIMA_DAYS, panel.days - int(panel.age_days[series]))
            known = panel.known[series, start:origin]
            if known.sum() >= SHORTEST_DAYS:
                # Days out of stock take the mean: ARIMA here has no word for a missing value.
                units = panel.units[series, start:origin]
                told = np.where(known, units, units[known].mean())
                out[position, series] = _one_series(units=told, horizon_days=panel.horizon_days)
    return out


def _one_series(*, units: Floats, horizon_days: int) -> Floats:
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
