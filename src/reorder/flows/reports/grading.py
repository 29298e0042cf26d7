"""ABC by how much money a product turns over at a place, XYZ by how regularly it sells: the classes of stocking."""

import datetime as dt

import polars as pl
from django.conf import settings

from reorder.domain.purchasing import queries as purchasing
from reorder.engine import stocking


def grade_products(*, products: pl.DataFrame, history: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """product_id, place, abc, xyz of every product that has an offer and is stocked at a place.

    `products` as `catalog.frame_products` gives them; `history`: daily units before `as_of`. A unit brings its price:
    cost and margin.
    """
    options = settings.REORDER
    terms = purchasing.frame_terms(
        service_level=options.service_level,
        review_days=options.review_days,
        holding_share_per_day=options.holding_share_per_day,
        order_cost=float(options.order_cost),
    )
    values = terms.select("sku", "place", (pl.col("unit_cost") + pl.col("lost_unit_cost")).alias("unit_value"))
    classes = stocking.classify_abc_xyz(history=history, values=values, as_of=as_of)
    own = products.filter(pl.col("planned_by") == "product").select("sku", "product_id")
    return classes.join(own, on="sku").select("product_id", "place", "abc", "xyz")
