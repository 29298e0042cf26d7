"""What the engine concluded, each row with the run that made it.

`subject` is a product's SKU, or `category:CODE` where a category is planned as a whole (see kernel.ids). Due dates,
forecasts, the plan and targets hold only the current night; runs and their steps are kept.
"""

from reorder.domain.planning.models.alerts import Alert, AlertDigest, AlertSubscription, PlannedWeek
from reorder.domain.planning.models.customers import CustomerValue, DueDate, NextDue
from reorder.domain.planning.models.demand import (
    Commitment,
    DemandPlanDay,
    DemandWeek,
    Forecast,
    ForecastChoice,
    ForecastWeek,
    MethodScore,
    Scope,
    Standing,
    Target,
)
from reorder.domain.planning.models.learned import LearnedModel, PredictionBacktest, ReminderPolicy, SegmentMove
from reorder.domain.planning.models.marks import DirtyMark
from reorder.domain.planning.models.parts import DemandGate, DemandRegion, PartOrigin, PartScore
from reorder.domain.planning.models.policies import ServiceCost, ServicePolicy, StockRule
from reorder.domain.planning.models.recommendations import Companions, Recommendation
from reorder.domain.planning.models.replays import ReplayNight
from reorder.domain.planning.models.reports import (
    ReportDay,
    ServiceCheck,
    ServiceFigure,
    ServiceWeek,
    StockFigure,
)
from reorder.domain.planning.models.responses import ContactResponse
from reorder.domain.planning.models.runs import Run, RunStep
from reorder.domain.planning.models.signals import CalendarEntry, LearnedEffect, MethodOverride, Signal
from reorder.domain.planning.models.statistics import (
    CategoryStatistic,
    CountedSubject,
    CustomerStatistic,
    PairStatistic,
    ProductDay,
    ProductStatistic,
    ShopDay,
    StatisticsState,
)

__all__ = [
    "Alert",
    "AlertDigest",
    "AlertSubscription",
    "CalendarEntry",
    "CategoryStatistic",
    "Commitment",
    "Companions",
    "ContactResponse",
    "CountedSubject",
    "CustomerStatistic",
    "CustomerValue",
    "DemandGate",
    "DemandPlanDay",
    "DemandRegion",
    "DemandWeek",
    "DirtyMark",
    "DueDate",
    "Forecast",
    "ForecastChoice",
    "ForecastWeek",
    "LearnedEffect",
    "LearnedModel",
    "MethodOverride",
    "MethodScore",
    "NextDue",
    "PairStatistic",
    "PartOrigin",
    "PartScore",
    "PlannedWeek",
    "PredictionBacktest",
    "ProductDay",
    "ProductStatistic",
    "Recommendation",
    "ReminderPolicy",
    "ReplayNight",
    "ReportDay",
    "Run",
    "RunStep",
    "Scope",
    "SegmentMove",
    "ServiceCheck",
    "ServiceCost",
    "ServiceFigure",
    "ServicePolicy",
    "ServiceWeek",
    "ShopDay",
    "Signal",
    "Standing",
    "StatisticsState",
    "StockFigure",
    "StockRule",
    "Target",
]
