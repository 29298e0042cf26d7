"""Order lines as numbers: a purchase is one customer, one product and one UTC day; a basket is a customer's day."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine import frames

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Assortment:
    """The products that a model knows: `skus` sorted, and by position the number of each one's category."""

    skus: pl.Series
    categories: pl.Series  # names by number; "" for products without one
    category_of: np.ndarray  # Int32, by product

    def __len__(self) -> int:
        """How many products."""
        return len(self.skus)

    @property
    def codes(self) -> pl.DataFrame:
        """Every sku with its position: sku, item."""
        return pl.DataFrame({"sku": self.skus, "item": np.arange(len(self.skus), dtype=np.int32)})


def day_number(day: dt.date) -> int:
    """Days since 1970, as the frames hold them."""
    return (day - _EPOCH).days


def date_of(number: int) -> dt.date:
    """The day with this number."""
    return _EPOCH + dt.timedelta(days=number)


def require_lines(order_lines: pl.DataFrame) -> pl.DataFrame:
    """Checked lines as purchases without repeats: customer_id, sku, category?, day; raises InvalidFrame."""
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
    return lines.select("customer_id", "sku", "category", day=pl.col("ordered_at").dt.date().cast(pl.Int32))


def list_assortment(lines: pl.DataFrame) -> Assortment:
    """All products of these lines; a product belongs to the category that its latest line names."""
    latest = (
        lines.group_by("sku", "category")
        .agg(pl.col("day").max())
        .sort("day", "category", nulls_last=False)
        .group_by("sku", maintain_order=True)
        .agg(pl.col("category").drop_nulls().last().fill_null(""))
        .sort("sku")
    )
    categories = latest["category"].unique().sort()
    numbers = pl.DataFrame({"category": categories, "number": np.arange(len(categories), dtype=np.int32)})
    category_of = latest.join(numbers, on="category", how="left", maintain_order="left")["number"].to_numpy()
    return Assortment(skus=latest["sku"], categories=categories, category_of=category_of)


def number_purchases(*, lines: pl.DataFrame, assortment: Assortment) -> tuple[pl.DataFrame, pl.Series]:
    """Purchases (customer, item, day, basket; Int32, sorted) and the customers' ids by number.

    `basket` counts a customer's days from 0. Products that the assortment does not know make no purchase, but their
    days count as baskets.
    """
    ids = lines["customer_id"].unique().sort()
    customers = pl.DataFrame({"customer_id": ids, "customer": np.arange(len(ids), dtype=np.int32)})
    coded = (
        lines.join(customers, on="customer_id", how="left")
        .join(assortment.codes, on="sku", how="left")
        .select("customer", "item", "day")
        .unique()
        .sort("customer", "day", "item")
    )
    return renumber_baskets(coded).drop_nulls("item"), ids


def renumber_baskets(purchases: pl.DataFrame) -> pl.DataFrame:
    """Purchases, sorted by customer and day, with their basket's ordinal within the customer."""
    return purchases.with_columns(basket=pl.col("day").rle_id().over("customer").cast(pl.Int32))
