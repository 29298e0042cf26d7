"""How much: units per product, place and day, with quantiles and honest errors."""

from reorder.engine.demand.effects import estimate_effects
from reorder.engine.demand.errors import BadRequest, MethodUnavailable, UnknownMethod
from reorder.engine.demand.forecasting import DemandForecast, forecast
from reorder.engine.demand.lead_time import lead_time_demand
from reorder.engine.demand.methods import METHODS
from reorder.engine.demand.outliers import cap_outliers
from reorder.engine.demand.reconcile import Reconciled, reconcile
from reorder.engine.demand.stockouts import mark_likely_stockouts
from reorder.engine.demand.weeks import WEEK_DAYS, forecast_totals, forecast_weeks

__all__ = [
    "METHODS",
    "WEEK_DAYS",
    "BadRequest",
    "DemandForecast",
    "MethodUnavailable",
    "Reconciled",
    "UnknownMethod",
    "cap_outliers",
    "estimate_effects",
    "forecast",
    "forecast_totals",
    "forecast_weeks",
    "lead_time_demand",
    "mark_likely_stockouts",
    "reconcile",
]
