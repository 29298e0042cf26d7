"""How much: units per product, place and day, with quantiles and honest errors."""

from reorder.engine.demand.effects import estimate_effects
from reorder.engine.demand.errors import BadRequest, MethodUnavailable, UnknownMethod
from reorder.engine.demand.forecasting import DemandForecast, forecast
from reorder.engine.demand.lead_time import lead_time_demand
from reorder.engine.demand.methods import METHODS
from reorder.engine.demand.weeks import WEEK_DAYS, forecast_totals, forecast_weeks

__all__ = [
    "METHODS",
    "WEEK_DAYS",
    "BadRequest",
    "DemandForecast",
    "MethodUnavailable",
    "UnknownMethod",
    "estimate_effects",
    "forecast",
    "forecast_totals",
    "forecast_weeks",
    "lead_time_demand",
]
