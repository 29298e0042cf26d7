"""What to offer next and to whom; pure, from order lines alone."""

from reorder.engine.recommend.basket import next_basket
from reorder.engine.recommend.errors import BadDue, BadSize, OrdersAfterDate
from reorder.engine.recommend.together import also_bought

__all__ = ["BadDue", "BadSize", "OrdersAfterDate", "also_bought", "next_basket"]
