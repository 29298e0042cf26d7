"""Inventory policy: how much to keep in each place and what to buy for it; frames in, plans with reasons out."""

from reorder.engine.stocking.limits import apply_limits
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

__all__ = [
    "METHODS",
    "BadPurchase",
    "BadServiceLevel",
    "DailyForecast",
    "ProductNeed",
    "PurchaseLine",
    "PurchasePlan",
    "RestockPlan",
    "RunOut",
    "StockTargets",
    "SupplierBill",
    "SupplierOffer",
    "SupplierTerms",
    "UnknownTargetMethod",
    "apply_limits",
    "economic_order_units",
    "foresee_run_out",
    "plan_purchase",
    "plan_restock",
    "safety_stock_units",
    "safety_stock_with_lead_time_variance_units",
    "set_targets",
]
