"""What customers bought product by product: the frames that recommendations are learned from and ranked by.

Unlike planning frames they name products, not planning subjects: nobody is recommended "tea", but a tea.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl

from reorder.domain.orders.queries import OF_SOME_CUSTOMERS
from reorder.domain.storage import read_frame

_LINES: Final = """
SELECT o.customer_id::text AS customer_id, o.id::text AS order_id,
       (o.ordered_at AT TIME ZONE {time_zone})::date AS date, product.sku, category.code AS category
FROM orders_order AS o
JOIN orders_orderline AS line ON line.order_id = o.id
JOIN catalog_product AS product ON product.id = line.product_id
LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE o.state NOT IN ('draft', 'cancelled') AND o.ordered_at < ({before_date}::date::timestamp AT TIME ZONE {time_zone})
"""
_OF_CUSTOMERS: Final = " AND o.customer_id = ANY({customer_ids}::bigint[])"


def frame_baskets(*, before_date: dt.date, time_zone: str, customers_permille: int | None = None) -> pl.DataFrame:
    """Every bought product before a day of the shop's calendar, as ORDER_LINES without prices.

    With `customers_permille` only the lines of so many customers of a thousand, the same ones every time.
    """
    parameters: dict[str, object] = {"before_date": before_date, "time_zone": time_zone}
    if customers_permille is None:
        return _frame(query=_LINES, parameters=parameters)
    return _frame(query=_LINES + OF_SOME_CUSTOMERS, parameters={**parameters, "customers_permille": customers_permille})


def frame_baskets_of(*, customer_ids: Sequence[int], before_date: dt.date, time_zone: str) -> pl.DataFrame:
    """The same of these customers alone."""
    parameters = {"before_date": before_date, "time_zone": time_zone, "customer_ids": list(customer_ids)}
    return _frame(query=_LINES + _OF_CUSTOMERS, parameters=parameters)


def _frame(*, query: str, parameters: dict[str, object]) -> pl.DataFrame:
    lines = read_frame(query=query, parameters=parameters)
    moment = pl.col("date").cast(pl.Date).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return lines.select(
        "customer_id",
        "order_id",
        moment.alias("ordered_at"),
        "sku",
        pl.lit(1.0).alias("quantity"),
        pl.col("category").cast(pl.String),
    )
