"""What events before a day say of purchases after it: a factor on each pair's hazard, learned at earlier cuts.

The base model (either layer) answers without events; its hazard is multiplied by exp(signals × weights), a
proportional-hazards model (Cox 1972) in its grouped form (Prentice & Gloeckler 1978), for the next week and for the
three weeks after it. Where many purchases are announced by events, a pair without any is a little less likely: `rest`.
`lifting` learns the weights, and learns none where events mean nothing.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl

from reorder.engine.repurchase.purchases import Codes, Numbers
from reorder.engine.repurchase.statistics import NO_CATEGORY, Statistics
from reorder.engine.repurchase.timing import Curves

# Days ahead in which one set of weights holds; further ahead events say nothing.
STRETCHES: Final = ((0, 7), (7, 30))
SIGNAL_DAYS: Final = 30
_RECENT_DAYS: Final = 7
SIGNALS: Final = (
    "product_views_7", "product_views_30", "product_carts_7", "product_carts_30", "product_recency",
    "category_7", "category_30", "customer_7", "customer_30", "searches_7", "promotions_7",
)  # fmt: skip
_RECENCY_DAYS: Final = 3.0
_FACTOR_BOUNDS: Final = (0.2, 20.0)


@dataclass(frozen=True, slots=True)
class Signals:
    """Of those pairs that have any: their rows, and one column a name of `SIGNALS`."""

    rows: Codes
    values: Numbers


@dataclass(frozen=True, slots=True)
class EventWeights:
    """Weights of `SIGNALS` a stretch, and the factor of pairs without any; zeros and one where events say nothing."""

    weights: Numbers
    rest: Numbers
    learned: str

    def factors(self, *, signals: Signals, pairs_count: int) -> Numbers:
        """Factors on the hazard, one row a pair and one column a stretch."""
        found = np.tile(self.rest, (pairs_count, 1))
        found[signals.rows] *= np.clip(np.exp(signals.values @ self.weights.T), *_FACTOR_BOUNDS)
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values for a file."""
        return {
            "signals": list(SIGNALS),
            "weights": self.weights.tolist(),
            "rest": self.rest.tolist(),
            "learned": self.learned,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "EventWeights":
        """What `as_json` gave."""
        weights, rest = (np.array(stored[name], dtype=np.float64) for name in ("weights", "rest"))
        return cls(weights=weights, rest=rest, learned=str(stored["learned"]))


def count_signals(*, events: pl.DataFrame, statistics: Statistics, as_of: dt.date) -> Signals:
    """Signals of the pairs of `statistics`, in the order of their rows, seen from `as_of`.

    `events` by `frames.EVENTS`; those after `as_of` and those older than 30 days count for nothing, and so do views
    and carts of a product up to its last purchase: they led to that one. What happened on `as_of` counts as the day
    before.
    """
    recent = _recent(events=events, as_of=as_of)
    # Products without a category have nothing in common.
    named = statistics.products.select("sku", pl.col("category").replace(NO_CATEGORY, None))
    numbered = statistics.pairs.select("customer_id", "sku", "last_date").with_row_index("row")
    touched = numbered.join(recent.select("customer_id").unique(), on="customer_id", how="semi")
    if touched.is_empty():
        return Signals(rows=np.zeros(0, dtype=np.int64), values=np.zeros((0, len(SIGNALS))))
    browsed = recent.filter(pl.col("kind").is_in(["view", "cart"]) & pl.col("sku").is_not_null())
    told = (
        touched.join(named, on="sku", how="left")
        .join(_of_products(browsed=browsed, touched=touched), on="row", how="left")
        .join(_of_categories(browsed=browsed.join(named, on="sku")), on=["customer_id", "category"], how="left")
        .join(_own(browsed=browsed), on=["customer_id", "sku"], how="left")
        .join(_of_customers(recent=recent), on="customer_id", how="left")
        .sort("row")
        .with_columns(pl.col("category_7", "category_30", "own_7", "own_30").fill_null(0).cast(pl.Int64))
    )
    # The pair's own product speaks for itself. Counts weigh by their order of magnitude.
    others = told.with_columns(
        (pl.col(f"category_{days}") - pl.col(f"own_{days}")).clip(lower_bound=0).alias(f"category_{days}")
        for days in (_RECENT_DAYS, SIGNAL_DAYS)
    )
    counts = [name for name in SIGNALS if name != "product_recency"]
    values = others.with_columns(
        pl.col(counts).fill_null(0).cast(pl.Float64).log1p(), pl.col("product_recency").fill_null(0.0)
    )
    return Signals(rows=told["row"].cast(pl.Int64).to_numpy(), values=values.select(SIGNALS).to_numpy())


def lift_curves(*, curves: Curves, factors: Numbers) -> Curves:
    """`curves` with the hazard within each stretch multiplied by its factor; rows of ones stay bit for bit."""
    rows = np.flatnonzero((factors != 1.0).any(axis=1))
    if not rows.size:
        return curves
    steps = np.diff(curves.hazard[rows], axis=1)
    for number, (start, end) in enumerate(STRETCHES):
        within = (curves.knots[:-1] >= start) & (curves.knots[:-1] < end)
        steps[:, within] *= factors[rows, number, None]
    hazard = curves.hazard.copy()
    hazard[rows, 1:] = np.cumsum(steps, axis=1)
    return replace(curves, hazard=hazard)


def _recent(*, events: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    date = pl.col("happened_at").dt.date()
    days = (pl.lit(as_of) - date).dt.total_days()
    return (
        events.with_columns(date=date, days=days.clip(lower_bound=1))
        .filter((date <= as_of) & (days <= SIGNAL_DAYS))
        .with_columns(is_recent=pl.col("days") <= _RECENT_DAYS)
    )


def _counted(*, name: str, condition: pl.Expr) -> list[pl.Expr]:
    """How often in the last week, and in the weeks before it."""
    return [
        (condition & pl.col("is_recent")).sum().alias(f"{name}_7"),
        (condition & ~pl.col("is_recent")).sum().alias(f"{name}_30"),
    ]


def _of_products(*, browsed: pl.DataFrame, touched: pl.DataFrame) -> pl.DataFrame:
    since = touched.join(browsed, on=["customer_id", "sku"]).filter(pl.col("date") > pl.col("last_date"))
    return since.group_by("row").agg(
        *_counted(name="product_views", condition=pl.col("kind") == "view"),
        *_counted(name="product_carts", condition=pl.col("kind") == "cart"),
        product_recency=(-pl.col("days").min() / _RECENCY_DAYS).exp(),
    )


def _own(*, browsed: pl.DataFrame) -> pl.DataFrame:
    """Those of a category that are about the pair's own product."""
    return browsed.group_by("customer_id", "sku").agg(_counted(name="own", condition=pl.lit(value=True)))


def _of_categories(*, browsed: pl.DataFrame) -> pl.DataFrame:
    return browsed.group_by("customer_id", "category").agg(_counted(name="category", condition=pl.lit(value=True)))


def _of_customers(*, recent: pl.DataFrame) -> pl.DataFrame:
    return recent.group_by("customer_id").agg(
        *_counted(name="customer", condition=pl.lit(value=True)),
        searches_7=((pl.col("kind") == "search") & pl.col("is_recent")).sum(),
        promotions_7=((pl.col("kind") == "promotion") & pl.col("is_recent")).sum(),
    )
