"""What the shop sold around the days on which a customer comes: taste of the season, promotions, new products.

How popular a product is changes by the week, and the week that counts is the customer's own next visit, not the last
one of the history. Only known purchases are counted, never those that are to be guessed.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

# Days after (from, until] the last visit of the customer, beside it and before it.
WINDOWS = {"ahead_7": (0, 7), "ahead_14": (7, 21), "beside_7": (-7, 0), "beside_28": (-28, -7)}
_PRIOR_BASKETS = 20.0
_LIKELY_WINDOW = (-7, 14)


@dataclass(frozen=True, slots=True)
class Moments:
    """`sold`: sorted Int64 keys item × span + day, one a purchase; `baskets`: all baskets up to and with each day."""

    first_day: int
    baskets: np.ndarray
    sold: np.ndarray

    @property
    def span(self) -> int:
        """Days from the first to the last known purchase, with both."""
        return len(self.baskets)


def record_moments(*, purchases: pl.DataFrame) -> Moments:
    """From numbered purchases: customer, item, day."""
    day = purchases["day"].to_numpy().astype(np.int64)
    if not len(day):
        return Moments(first_day=0, baskets=np.zeros(1), sold=np.zeros(0, dtype=np.int64))
    first = int(day.min())
    visits = purchases.select("customer", "day").unique()["day"].to_numpy() - first
    span = int(day.max()) - first + 1
    sold = np.sort(purchases["item"].to_numpy().astype(np.int64) * span + day - first)
    return Moments(first_day=first, baskets=np.cumsum(np.bincount(visits, minlength=span)).astype(float), sold=sold)


def measure_moments(*, moments: Moments, item: np.ndarray, visited: np.ndarray, usual: np.ndarray) -> list[pl.Series]:
    """Of each row (a product, the day of the customer's last visit) the shares of the shop's baskets by window.

    `usual`: the product's share of all baskets ever, to which few baskets are shrunk; `…_rise` is the logarithm of the
    share over it.
    """
    columns = []
    for name, (after, until) in WINDOWS.items():
        sold, baskets = _between(moments=moments, item=item, after=visited + after, until=visited + until)
        share = (sold + _PRIOR_BASKETS * usual) / (baskets + _PRIOR_BASKETS)
        columns += [
            pl.Series(f"moment_{name}", share),
            pl.Series(f"moment_{name}_rise", np.log((share + 1e-6) / (usual + 1e-6))),
        ]
    return columns


def list_popular_at(*, moments: Moments, visited: np.ndarray, count: int, products_count: int) -> pl.DataFrame:
    """The `count` products sold most around each of these days: visited, item."""
    day = moments.sold % moments.span + moments.first_day
    product = moments.sold // moments.span
    order = np.argsort(day, kind="stable")
    day, product = day[order], product[order]
    parts = []
    for last in np.unique(visited):
        low, high = np.searchsorted(day, (last + _LIKELY_WINDOW[0] + 1, last + _LIKELY_WINDOW[1] + 1))
        sold = np.bincount(product[low:high], minlength=products_count)
        best = np.argsort(-sold, kind="stable")[:count]
        best = best[sold[best] > 0].astype(np.int32)
        parts.append(pl.DataFrame({"visited": np.full(len(best), last, dtype=np.int32), "item": best}))
    return pl.concat(parts) if parts else pl.DataFrame(schema={"visited": pl.Int32, "item": pl.Int32})


def _between(
    *, moments: Moments, item: np.ndarray, after: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Purchases of each item, and all baskets, on the days after `after` up to and with `until`."""
    low, high = (np.clip(day - moments.first_day, -1, moments.span - 1).astype(np.int64) for day in (after, until))
    base = item.astype(np.int64) * moments.span
    sold = np.searchsorted(moments.sold, base + high, side="right") - np.searchsorted(
        moments.sold, base + low, side="right"
    )
    counted = np.concatenate([[0.0], moments.baskets])
    return sold.astype(float), counted[high + 1] - counted[low + 1]
