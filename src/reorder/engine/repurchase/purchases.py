"""Statistics with ids turned into integer codes, so that ten million pairs are a few arrays.

Codes are positions in the sorted lists of ids: the same counts give the same numbers in whatever order they came.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.repurchase.errors import BadStatistics
from reorder.engine.repurchase.statistics import Statistics

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]

_EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(day: int) -> dt.date:
    """The date of a day number."""
    return _EPOCH + dt.timedelta(days=day)


def days_of(dates: pl.Series) -> Days:
    """Days since 1970-01-01 of a column of dates without nulls."""
    return dates.cast(pl.Int32).to_numpy()


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known of each pair on the morning of day `cut`; `customer`, `product` and `category` are codes."""

    cut: int
    customer: Days
    product: Days
    category: Days
    repurchases: Days
    first: Days
    last: Days
    units: Numbers

    @property
    def exposure_days(self) -> Numbers:
        """Days since the first purchase: the open interval counts."""
        return (self.cut - self.first).astype(np.float64)

    @property
    def elapsed_days(self) -> Numbers:
        """Days since the last purchase."""
        return (self.cut - self.last).astype(np.float64)

    def part(self, rows: slice) -> "Pairs":
        """The pairs of some rows, with the same codes."""
        return Pairs(
            cut=self.cut,
            customer=self.customer[rows],
            product=self.product[rows],
            category=self.category[rows],
            repurchases=self.repurchases[rows],
            first=self.first[rows],
            last=self.last[rows],
            units=self.units[rows],
        )


@dataclass(frozen=True, slots=True)
class Coded:
    """`statistics` in canonical order (by id), its pairs as codes, and the names of the categories."""

    statistics: Statistics
    pairs: Pairs
    categories: pl.Series


def code_statistics(statistics: Statistics) -> Coded:
    """Codes of `statistics`; raises BadStatistics when a pair names a customer or product that has no row."""
    customers = statistics.customers.sort("customer_id")
    products = statistics.products.sort("sku")
    categories = products["category"].unique().sort()
    customer = _code(statistics.pairs["customer_id"], ids=customers["customer_id"])
    product = _code(statistics.pairs["sku"], ids=products["sku"])
    frame = statistics.pairs
    key = customer.astype(np.int64) * max(products.height, 1) + product
    if (np.diff(key) <= 0).any():
        order = np.argsort(key, kind="stable")
        frame, customer, product = frame[order], customer[order], product[order]
    category_of = _code(products["category"], ids=categories)
    pairs = Pairs(
        cut=day_number(statistics.as_of),
        customer=customer,
        product=product,
        category=category_of[product] if product.size else product,
        repurchases=frame["purchases_count"].cast(pl.Int32).to_numpy() - np.int32(1),
        first=days_of(frame["first_date"]),
        last=days_of(frame["last_date"]),
        units=frame["units"].to_numpy(),
    )
    ordered = Statistics(
        as_of=statistics.as_of, pairs=frame, customers=customers, products=products, days=statistics.days.sort("date")
    )
    return Coded(statistics=ordered, pairs=pairs, categories=categories)


def _code(values: pl.Series, *, ids: pl.Series) -> Days:
    """Position of each value in `ids`."""
    known = pl.DataFrame({"id": ids}).with_columns(code=pl.int_range(pl.len(), dtype=pl.Int32))
    codes = pl.DataFrame({"id": values}).join(known, on="id", how="left", maintain_order="left")["code"]
    if codes.null_count():
        raise BadStatistics(column=values.name, value=values.filter(codes.is_null())[0])
    return codes.to_numpy()
