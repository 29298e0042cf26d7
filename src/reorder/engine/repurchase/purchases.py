"""The purchase days of all (customer, product) pairs as integer codes, sorted, one row a pair and day.

Codes are positions in the sorted lists of ids, so that the same lines give the same numbers however split.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.repurchase.errors import OrdersAfterDate

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

NO_CATEGORY = ""
_EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


@dataclass(frozen=True, slots=True)
class Purchases:
    """Lines of one pair on one day are one purchase.

    `days`: customer, product (codes), day (days since 1970), units; sorted by the first three.
    `products`: sku, category, category_day; the category is that of the latest line that names one.
    """

    days: pl.DataFrame
    customer_ids: pl.Series
    products: pl.DataFrame


def collapse(*, order_lines: pl.DataFrame, as_of: dt.date) -> Purchases:
    """Purchases of validated order lines; raises OrdersAfterDate when a line lies after `as_of`."""
    lines = order_lines.with_columns(day=pl.col("ordered_at").dt.date().to_physical())
    _refuse_later(lines=lines, as_of=as_of)
    customer_ids = lines["customer_id"].unique().sort()
    skus = lines["sku"].unique().sort()
    coded = lines.select(
        _code(lines["customer_id"], ids=customer_ids).alias("customer"),
        _code(lines["sku"], ids=skus).alias("product"),
        "day",
        pl.col("quantity").alias("units"),
    )
    named = lines.filter(pl.col("category").is_not_null()).select("sku", "category", category_day="day")
    return Purchases(
        days=_sum_days(coded), customer_ids=customer_ids, products=_latest_categories(skus=skus, named=named)
    )


def merge(*, known: Purchases, new: Purchases) -> Purchases:
    """The purchases of both parts, equal to `collapse` of all their lines together."""
    customer_ids = pl.concat([known.customer_ids, new.customer_ids]).unique().sort()
    skus = pl.concat([known.products["sku"], new.products["sku"]]).unique().sort()
    parts = [_recode(part=part, customer_ids=customer_ids, skus=skus) for part in (known, new)]
    named = pl.concat([known.products, new.products]).filter(pl.col("category") != NO_CATEGORY)
    return Purchases(
        days=_sum_days(pl.concat(parts)),
        customer_ids=customer_ids,
        products=_latest_categories(skus=skus, named=named),
    )


def _refuse_later(*, lines: pl.DataFrame, as_of: dt.date) -> None:
    later = lines.filter(pl.col("day") > day_number(as_of))
    if later.height:
        raise OrdersAfterDate(
            lines_count=later.height, as_of=as_of, latest_date=later.select(pl.col("ordered_at").dt.date().max()).item()
        )


def _code(values: pl.Series, *, ids: pl.Series) -> pl.Series:
    """Position of each value in the sorted `ids`."""
    if not values.len():
        return pl.Series(values.name, [], pl.Int32)
    return values.cast(pl.Enum(ids)).to_physical().cast(pl.Int32)


def _recode(*, part: Purchases, customer_ids: pl.Series, skus: pl.Series) -> pl.DataFrame:
    customer = _code(part.customer_ids, ids=customer_ids)
    product = _code(part.products["sku"], ids=skus)
    return part.days.with_columns(
        customer=customer.gather(part.days["customer"]), product=product.gather(part.days["product"])
    )


def _sum_days(coded: pl.DataFrame) -> pl.DataFrame:
    return coded.group_by("customer", "product", "day").agg(pl.col("units").sum()).sort("customer", "product", "day")


def _latest_categories(*, skus: pl.Series, named: pl.DataFrame) -> pl.DataFrame:
    latest = (
        named.group_by("sku", "category")
        .agg(pl.col("category_day").max())
        .sort("category_day", "category")
        .group_by("sku", maintain_order=True)
        .last()
    )
    return (
        skus.to_frame("sku")
        .join(latest, on="sku", how="left")
        .select("sku", pl.col("category").fill_null(NO_CATEGORY), pl.col("category_day").fill_null(0))
        .sort("sku")
    )


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known of each pair on the morning of day `cut`; arrays run in the order of (customer, product) codes."""

    cut: int
    customer: Codes
    product: Codes
    category: Codes
    repurchases: Numbers
    first: Numbers
    last: Numbers
    units: Numbers

    @property
    def exposure_days(self) -> Numbers:
        """Days since the first purchase: the open interval counts."""
        return self.cut - self.first

    @property
    def elapsed_days(self) -> Numbers:
        """Days since the last purchase."""
        return self.cut - self.last


def count_pairs(*, purchases: Purchases, cut: int, days: pl.DataFrame | None = None) -> Pairs:
    """Sufficient statistics of every pair from `days` (default: all purchases), seen from day `cut`."""
    table = (
        (purchases.days if days is None else days)
        .group_by("customer", "product", maintain_order=True)
        .agg(
            repurchases=pl.len() - 1,
            first=pl.col("day").min(),
            last=pl.col("day").max(),
            units=pl.col("units").sum(),
        )
    )
    category = purchases.products["category"].rank("dense").cast(pl.Int64).to_numpy() - 1
    product = table["product"].cast(pl.Int64).to_numpy()
    return Pairs(
        cut=cut,
        customer=table["customer"].cast(pl.Int64).to_numpy(),
        product=product,
        category=category[product] if product.size else product,
        repurchases=table["repurchases"].cast(pl.Float64).to_numpy(),
        first=table["first"].cast(pl.Float64).to_numpy(),
        last=table["last"].cast(pl.Float64).to_numpy(),
        units=table["units"].to_numpy(),
    )
