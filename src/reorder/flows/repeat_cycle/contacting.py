"""The moment for each of tonight's candidates: their margins, hours and uplift into the engine, its choice back."""

import datetime as dt
from collections.abc import Sequence

import polars as pl
from django.conf import settings

from reorder.domain.orders.hours import frame_order_hours
from reorder.domain.planning import reminders as planning
from reorder.engine import repurchase
from reorder.engine.repurchase import Uplift

# Hours change with jobs and seasons; older orders say little of them.
_HOURS_KEPT_DAYS = 365
# A moment is compared with those of the next two weeks: a candidate's most probable days have begun, or soon will.
_HORIZON_DAYS = 14
CHOSEN = (
    "contact_date", "contact_hour", "window_share", "window_until_date", "lateness", "lift_share",
    "expected_extra_orders", "gross_extra_margin_minor", "contact_code",
)  # fmt: skip


def choose_moments(*, candidates: pl.DataFrame, uplift: Uplift, as_of: dt.date, moment: dt.datetime) -> pl.DataFrame:
    """`candidates` (pairs with their product, price_minor?, unit_cost_minor?, currency?) with segment and CHOSEN."""
    ids = candidates["customer_id"].unique().sort().to_list()
    known = candidates.join(
        planning.frame_segments(customer_ids=ids), on="customer_id", how="left", maintain_order="left"
    ).with_columns(pl.col("segment").fill_null(""))
    # A category is margined by the product that this customer would be reminded of.
    due = known.with_columns(pl.col("customer_id").cast(pl.String), pl.coalesce("sku", "subject_key").alias("sku"))
    chosen = repurchase.choose_contact(
        due=due,
        margins=margins_of(products=known.filter(pl.col("sku").is_not_null()), currency=settings.REORDER.currency),
        uplift=uplift.frame,
        costs=pl.DataFrame(schema={"customer_id": pl.String, "message_cost_minor": pl.Float64}),
        best_hours=_best_hours(customer_ids=ids, moment=moment),
        as_of=as_of,
        horizon_days=_HORIZON_DAYS,
        delivery_days=settings.REORDER.delivery_days,
        send_hour=settings.REORDER.send_hour,
        time_zone=settings.REORDER.time_zone,
    ).rename({"reason_code": "contact_code"})
    return pl.concat([known, chosen.select(CHOSEN)], how="horizontal")


def margins_of(*, products: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The engine's MARGINS by SKU: price less cost; where the cost is not known, the usual share of the price.

    `products` repeats a SKU alike; amounts of another currency are not known, because there is no exchange rate.
    """
    own = products.unique("sku", keep="first", maintain_order=True).filter(pl.col("currency") == currency)
    costed = own.filter(pl.col("unit_cost_minor").is_not_null() & (pl.col("price_minor") > 0))
    share = _usual_share(costed)
    exact = (pl.col("price_minor") - pl.col("unit_cost_minor")).cast(pl.Float64)
    return own.select(
        "sku",
        exact.fill_null(pl.col("price_minor") * pl.lit(share, dtype=pl.Float64)).alias("margin_minor"),
    )


def _usual_share(costed: pl.DataFrame) -> float | None:
    if costed.is_empty():
        return None
    prices, costs = float(costed["price_minor"].sum()), float(costed["unit_cost_minor"].sum())
    return (prices - costs) / prices


def _best_hours(*, customer_ids: Sequence[int], moment: dt.datetime) -> pl.DataFrame:
    hours = frame_order_hours(
        customer_ids=customer_ids,
        since=moment - dt.timedelta(days=_HOURS_KEPT_DAYS),
        time_zone=settings.REORDER.time_zone,
    )
    return repurchase.find_best_hours(order_hours=hours, send_hour=settings.REORDER.send_hour)
