"""What to offer next and to whom; pure, from order lines alone."""

from reorder.engine.recommend.basket import next_basket
from reorder.engine.recommend.errors import BadDue, BadSize, BasketModelRefused, OrdersAfterDate
from reorder.engine.recommend.model import BasketModel, fit, read_basket_model
from reorder.engine.recommend.storage import VERSION
from reorder.engine.recommend.together import also_bought

__all__ = [
    "VERSION",
    "BadDue",
    "BadSize",
    "BasketModel",
    "BasketModelRefused",
    "OrdersAfterDate",
    "also_bought",
    "fit",
    "next_basket",
    "read_basket_model",
]
