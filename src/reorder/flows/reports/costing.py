"""What a unit of each product costs, in minor units of the shop's currency."""

import datetime as dt

import polars as pl
from django.conf import settings

from reorder.domain.purchasing import queries as purchasing
from reorder.domain.purchasing.queries.rates import rates_on
from reorder.domain.storage import minor_in_major
from reorder.kernel.money import minor_digits


def value_products(*, products: pl.DataFrame, on_date: dt.date) -> pl.DataFrame:
    """The cheapest offer with what its supplier's deliveries cost on top, else the product's own cost, else nothing.

    `products` as `catalog.frame_products` gives them. Columns: product_id, cost_minor (null where nothing is known, or
    where nobody has said what the currency is worth).
    """
    landed = _offer_costs()
    shop = settings.REORDER.currency
    known = {shop: 1.0, **{code: float(rate) for code, rate in rates_on(on_date=on_date).items()}}
    # A rate is about whole units of two currencies that may count cents differently.
    factor = {
        code: rate * 10.0 ** (minor_digits(currency=shop) - minor_digits(currency=code)) for code, rate in known.items()
    }
    in_shop = pl.col("currency").replace_strict(factor, default=None, return_dtype=pl.Float64)
    major = minor_in_major(table=products)
    return products.join(landed, on="sku", how="left").select(
        "product_id",
        (pl.coalesce(pl.col("landed_cost") * major, pl.col("unit_cost_minor").cast(pl.Float64)) * in_shop).alias(
            "cost_minor"
        ),
    )


def _offer_costs() -> pl.DataFrame:
    """sku, landed_cost: of the cheapest offer, in major units of the product's currency."""
    options = settings.REORDER
    terms = purchasing.frame_terms(
        service_level=options.service_level,
        review_days=options.review_days,
        holding_share_per_day=options.holding_share_per_day,
        order_cost=float(options.order_cost),
    )
    landed = terms.group_by("sku").agg(pl.col("unit_cost").min().alias("landed_cost"))
    # Products planned as a part of their category have offers, too, but no terms.
    plain = purchasing.frame_constraints().group_by("sku").agg(pl.col("unit_cost").min().alias("landed_cost"))
    return pl.concat([landed, plain.join(landed, on="sku", how="anti")])
