"""The night's purchases looked at together: suppliers' minimum values in one currency, and the joint plan."""

import datetime as dt
from typing import Final

import polars as pl
from django.conf import settings

from reorder.domain.catalog import queries as catalog
from reorder.domain.purchasing import queries
from reorder.domain.purchasing.queries.rates import rates_on
from reorder.engine import stocking
from reorder.kernel.money import minor_digits

# A spare unit is sold about so much later than it would have been bought; keeping it costs the holding share a day.
SPARE_DAYS: Final = 60
MOST_LOSS_SHARE: Final = 0.5
BUDGET_SECONDS: Final = 10.0


def join_purchases(*, lines: pl.DataFrame, as_of: dt.date) -> stocking.JoinedOrders:
    """Lines of `plan_restock`, some from another supplier or of more units where minimum values make that cheaper.

    Only products priced in the shop's currency take part: a plan in two currencies would compare their numbers. A
    minimum value in a currency without a rate counts as none.
    """
    minimums = _minimum_values(as_of=as_of)
    products = catalog.frame_products().select("sku", "currency")
    own = lines.join(products.filter(pl.col("currency") == settings.REORDER.currency), on="sku", how="semi")
    made = stocking.join_orders(
        lines=own,
        constraints=queries.frame_constraints(),
        minimum_values=minimums,
        surplus_loss_share=min(SPARE_DAYS * settings.REORDER.holding_share_per_day, MOST_LOSS_SHARE),
        budget_seconds=BUDGET_SECONDS,
    )
    others = lines.join(own.select("sku", "place"), on=["sku", "place"], how="anti")
    return stocking.JoinedOrders(
        lines=pl.concat([made.lines, others]).sort("sku", "place"),
        changed_count=made.changed_count,
        saved_value=made.saved_value,
        is_cut_short=made.is_cut_short,
    )


def _minimum_values(*, as_of: dt.date) -> dict[str, float]:
    """Least value of an order by supplier, in major units of the shop's currency."""
    rates = rates_on(on_date=as_of)
    values = {}
    for supplier in queries.list_suppliers():
        rate = rates.get(supplier.currency)
        if supplier.minimum_value_minor > 0 and rate is not None:
            major = supplier.minimum_value_minor / 10 ** minor_digits(currency=supplier.currency)
            values[supplier.code] = major * float(rate)
    return values
