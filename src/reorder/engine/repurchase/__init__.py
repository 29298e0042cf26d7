"""When each customer will need each product again, and what each customer is worth; pure, from order lines alone."""

from reorder.engine.repurchase.base import CustomerBase, fit_customer_base
from reorder.engine.repurchase.bgnbd import BgNbd, fit_bgnbd
from reorder.engine.repurchase.customers import customers, value_customers
from reorder.engine.repurchase.errors import (
    BadCells,
    BadCustomers,
    BadCuts,
    BadHorizon,
    BadStatistics,
    DateBeforeModel,
    ModelFileRefused,
    NoHistory,
    OrdersAfterDate,
)
from reorder.engine.repurchase.learning import Learned, learn, learn_quickly, read_learned
from reorder.engine.repurchase.model import RepurchaseModel, fit, fit_statistics, load, score_statistics
from reorder.engine.repurchase.pareto import ParetoNbd, fit_pareto_nbd
from reorder.engine.repurchase.rates import Effects
from reorder.engine.repurchase.segments import FIFTHS, RULES, SEGMENTS, SegmentRule
from reorder.engine.repurchase.spend import GammaGamma, fit_gamma_gamma
from reorder.engine.repurchase.statistics import Statistics, count_statistics

__all__ = [
    "FIFTHS",
    "RULES",
    "SEGMENTS",
    "BadCells",
    "BadCustomers",
    "BadCuts",
    "BadHorizon",
    "BadStatistics",
    "BgNbd",
    "CustomerBase",
    "DateBeforeModel",
    "Effects",
    "GammaGamma",
    "Learned",
    "ModelFileRefused",
    "NoHistory",
    "OrdersAfterDate",
    "ParetoNbd",
    "RepurchaseModel",
    "SegmentRule",
    "Statistics",
    "count_statistics",
    "customers",
    "fit",
    "fit_bgnbd",
    "fit_customer_base",
    "fit_gamma_gamma",
    "fit_pareto_nbd",
    "fit_statistics",
    "learn",
    "learn_quickly",
    "load",
    "read_learned",
    "score_statistics",
    "value_customers",
]
