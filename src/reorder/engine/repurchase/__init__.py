"""When each customer will need each product again, and what each customer is worth; pure, from order lines alone."""

from reorder.engine.repurchase.backtest.errors import BadBacktestHorizon, TooLittleHistory
from reorder.engine.repurchase.backtest.figures import Quality
from reorder.engine.repurchase.backtest.judging import (
    Backtest,
    CutBacktest,
    backtest,
    choose_cuts,
    judge_cut,
    read_levels,
)
from reorder.engine.repurchase.contact.choosing import FIRST_HOUR, LAST_HOUR, BadContact, choose_contact
from reorder.engine.repurchase.contact.hours import find_best_hours
from reorder.engine.repurchase.contact.uplift import Lift, Uplift, assume_uplift, learn_uplift
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
from reorder.engine.repurchase.eventful import learn, learn_quickly
from reorder.engine.repurchase.learning import Learned, read_learned
from reorder.engine.repurchase.model import RepurchaseModel, fit, fit_statistics, load, score_statistics
from reorder.engine.repurchase.rates import Effects
from reorder.engine.repurchase.statistics import Statistics, count_statistics
from reorder.engine.repurchase.value.base import CustomerBase, fit_customer_base
from reorder.engine.repurchase.value.bgnbd import BgNbd, ModifiedBgNbd, fit_bgnbd
from reorder.engine.repurchase.value.customers import customers, value_customers
from reorder.engine.repurchase.value.pareto import ParetoNbd, fit_pareto_nbd
from reorder.engine.repurchase.value.segments import FIFTHS, RULES, SEGMENTS, SegmentRule
from reorder.engine.repurchase.value.spend import GammaGamma, fit_gamma_gamma

__all__ = [
    "FIFTHS",
    "FIRST_HOUR",
    "LAST_HOUR",
    "RULES",
    "SEGMENTS",
    "Backtest",
    "BadBacktestHorizon",
    "BadCells",
    "BadContact",
    "BadCustomers",
    "BadCuts",
    "BadHorizon",
    "BadStatistics",
    "BgNbd",
    "CustomerBase",
    "CutBacktest",
    "DateBeforeModel",
    "Effects",
    "GammaGamma",
    "Learned",
    "Lift",
    "ModelFileRefused",
    "ModifiedBgNbd",
    "NoHistory",
    "OrdersAfterDate",
    "ParetoNbd",
    "Quality",
    "RepurchaseModel",
    "SegmentRule",
    "Statistics",
    "TooLittleHistory",
    "Uplift",
    "assume_uplift",
    "backtest",
    "choose_contact",
    "choose_cuts",
    "count_statistics",
    "customers",
    "find_best_hours",
    "fit",
    "fit_bgnbd",
    "fit_customer_base",
    "fit_gamma_gamma",
    "fit_pareto_nbd",
    "fit_statistics",
    "judge_cut",
    "learn",
    "learn_quickly",
    "learn_uplift",
    "load",
    "read_learned",
    "read_levels",
    "score_statistics",
    "value_customers",
]
