"""The demand plan: baseline forecast + what we cause or already hold + manual adjustment, and stock targets from it."""

from reorder.flows.demand_plan.adjusting import Adjusted, adjust_demand, withdraw_adjustment
from reorder.flows.demand_plan.forecasting import forecast_baseline, load_history
from reorder.flows.demand_plan.parts import compose_plan
from reorder.flows.demand_plan.planning import build_demand_plan
from reorder.flows.demand_plan.targeting import set_stock_targets

__all__ = [
    "Adjusted",
    "adjust_demand",
    "build_demand_plan",
    "compose_plan",
    "forecast_baseline",
    "load_history",
    "set_stock_targets",
    "withdraw_adjustment",
]
