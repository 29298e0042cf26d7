"""When each customer will need each product again, and what each customer is worth; pure, from order lines alone."""

from reorder.engine.repurchase.bgnbd import BgNbd, fit_bgnbd
from reorder.engine.repurchase.customers import customers
from reorder.engine.repurchase.errors import (
    BadCells,
    BadHorizon,
    DateBeforeModel,
    EventsNotSupported,
    ModelFileRefused,
    OrdersAfterDate,
)
from reorder.engine.repurchase.model import RepurchaseModel, fit, load
from reorder.engine.repurchase.spend import GammaGamma, fit_gamma_gamma

__all__ = [
    "BadCells",
    "BadHorizon",
    "BgNbd",
    "DateBeforeModel",
    "EventsNotSupported",
    "GammaGamma",
    "ModelFileRefused",
    "OrdersAfterDate",
    "RepurchaseModel",
    "customers",
    "fit",
    "fit_bgnbd",
    "fit_gamma_gamma",
    "load",
]
