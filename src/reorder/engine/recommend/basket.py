"""What a customer will put in the next basket: learn from the lines at hand and rank, in one call."""

import datetime as dt

import polars as pl

from reorder.engine.recommend.errors import BadSize
from reorder.engine.recommend.model import fit


def next_basket(
    *,
    order_lines: pl.DataFrame,
    as_of: dt.date | None = None,
    size: int = 20,
    due: pl.DataFrame | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """The `size` likeliest products of each customer: customer_id, rank (1..), sku, score, method, reason and its code.

    `fit` and `BasketModel.next_basket` on the same lines. A basket is what one customer bought on one UTC day;
    `as_of=None` is the customer's own next visit. `method` says whether the ranking was `learned` or, with too few
    baskets, goes by `frequency`. A shop with fewer products gives shorter lists.
    Raises InvalidFrame, OrdersAfterDate, BadSize, BadDue.
    """
    if size < 1:
        raise BadSize(size=size)
    model = fit(order_lines=order_lines, as_of=as_of, seed=seed)
    return model.next_basket(order_lines=order_lines, as_of=as_of, size=size, due=due)
