"""Inventory policy: how much to keep in each place and what to buy for it; frames in, plans with reasons out."""

from reorder.engine.stocking.budgets import BudgetPlan, fit_budget
from reorder.engine.stocking.classes import CLASSES, classify_abc_xyz
from reorder.engine.stocking.depletion import run_out_share
from reorder.engine.stocking.excess import find_excess
from reorder.engine.stocking.expiry import cap_by_expiry
from reorder.engine.stocking.joining import JoinedOrders, join_orders
from reorder.engine.stocking.limits import apply_limits
from reorder.engine.stocking.pricing import PRICED_LEVELS, price_service_levels
from reorder.engine.stocking.purchase import (
    BadPurchase,
    ProductNeed,
    PurchaseLine,
    PurchasePlan,
    SupplierBill,
    SupplierOffer,
    SupplierTerms,
    plan_purchase,
)
from reorder.engine.stocking.restock import RestockPlan, plan_restock
from reorder.engine.stocking.run_out import RunOut, foresee_run_out
from reorder.engine.stocking.service import USUAL_LEVELS, BadServicePolicy, ServicePolicy, service_levels
from reorder.engine.stocking.targets import (
    METHODS,
    BadServiceLevel,
    DailyForecast,
    StockTargets,
    UnknownTargetMethod,
    set_targets,
)
from reorder.engine.stocking.textbook import (
    economic_order_units,
    safety_stock_units,
    safety_stock_with_lead_time_variance_units,
)
from reorder.engine.stocking.transfers import TransferPlan, plan_transfers

__all__ = [
    "CLASSES",
    "METHODS",
    "PRICED_LEVELS",
    "USUAL_LEVELS",
    "BadPurchase",
    "BadServiceLevel",
    "BadServicePolicy",
    "BudgetPlan",
    "DailyForecast",
    "JoinedOrders",
    "ProductNeed",
    "PurchaseLine",
    "PurchasePlan",
    "RestockPlan",
    "RunOut",
    "ServicePolicy",
    "StockTargets",
    "SupplierBill",
    "SupplierOffer",
    "SupplierTerms",
    "TransferPlan",
    "UnknownTargetMethod",
    "apply_limits",
    "cap_by_expiry",
    "classify_abc_xyz",
    "economic_order_units",
    "find_excess",
    "fit_budget",
    "foresee_run_out",
    "join_orders",
    "plan_purchase",
    "plan_restock",
    "plan_transfers",
    "price_service_levels",
    "run_out_share",
    "safety_stock_units",
    "safety_stock_with_lead_time_variance_units",
    "service_levels",
    "set_targets",
]
