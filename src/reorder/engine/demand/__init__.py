"""How much: units per product, place and day, with quantiles and honest errors."""

from reorder.engine.demand.errors import BadRequest, MethodUnavailable, UnknownMethod
from reorder.engine.demand.forecasting import DemandForecast, forecast
from reorder.engine.demand.lead_time import lead_time_demand
from reorder.engine.demand.methods import METHODS

__all__ = [
    "METHODS",
    "BadRequest",
    "DemandForecast",
    "MethodUnavailable",
    "UnknownMethod",
    "forecast",
    "lead_time_demand",
]
