"""The demand plan: baseline forecast + what we cause or already hold + manual adjustment, and stock targets from it."""

from reorder.flows.demand_plan.adjusting import Adjusted, adjust_demand, withdraw_adjustment
from reorder.flows.demand_plan.committing import CommitmentLine, commit_demand, withdraw_demand
from reorder.flows.demand_plan.files import set_bundle
from reorder.flows.demand_plan.forecasting import forecast_baseline, load_history
from reorder.flows.demand_plan.parts import compose_plan
from reorder.flows.demand_plan.planning import build_demand_plan
from reorder.flows.demand_plan.targeting import set_stock_targets

__all__ = [
    "Adjusted",
    "CommitmentLine",
    "adjust_demand",
    "build_demand_plan",
    "commit_demand",
    "compose_plan",
    "forecast_baseline",
    "load_history",
    "set_bundle",
    "set_stock_targets",
    "withdraw_adjustment",
    "withdraw_demand",
]
