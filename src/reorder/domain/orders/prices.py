"""What products were really sold for, week by week."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl

from reorder.domain.storage import minor_in_major, read_frame

# One odd price, or one customer's discount, is no price of the shop.
FEWEST_LINES: Final = 3
_WEEKLY: Final = """
SELECT product.sku, product.currency,
       date_trunc('week', o.ordered_at AT TIME ZONE {time_zone})::date AS date,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY line.unit_price_minor)::float8 AS price_minor
FROM orders_orderline AS line
JOIN orders_order AS o ON o.id = line.order_id
JOIN catalog_product AS product ON product.id = line.product_id
WHERE o.state NOT IN ('draft', 'cancelled') AND product.sku = ANY({skus}::text[]) AND line.unit_price_minor IS NOT NULL
  AND o.currency = product.currency
  AND o.ordered_at >= ({from_date}::date::timestamp AT TIME ZONE {time_zone})
  AND o.ordered_at < ({before_date}::date::timestamp AT TIME ZONE {time_zone})
GROUP BY 1, 2, 3 HAVING count(*) >= {fewest}
ORDER BY 1, 3
"""


def frame_weekly_prices(
    *, skus: Sequence[str], from_date: dt.date, before_date: dt.date, time_zone: str
) -> pl.DataFrame:
    """The middle price that lines of each week paid: sku, date (the week's Monday), price in major units.

    Only weeks with enough lines, and only lines in the product's own currency. One price a week, because a price that
    showed only on days with a sale would tell a forecast on which days something was sold.
    """
    found = read_frame(
        query=_WEEKLY,
        parameters={
            "skus": list(skus),
            "from_date": from_date,
            "before_date": before_date,
            "time_zone": time_zone,
            "fewest": FEWEST_LINES,
        },
    )
    factor = minor_in_major(table=found)
    return found.select("sku", pl.col("date").cast(pl.Date), (pl.col("price_minor") / factor).alias("price"))
