"""How long a delivery takes, as shares over days: from receipts of the SKU, of its supplier, or a prior.

Rows whose shares live on the same days form one group, so that the quantile rule can work on whole arrays.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reorder.engine.stocking.textbook import FloatArray

IntArray = NDArray[np.int64]
# Without any receipt: a week, give or take three days. Five equally likely points of a gamma law with that mean and
# deviation, as multiples of the mean.
PRIOR_LEAD_DAYS = 7.0
PRIOR_MULTIPLES = np.array([0.50, 0.74, 0.94, 1.19, 1.63])
# From this many receipts on a supplier speaks for itself; below, the prior fills the rest in proportion.
ENOUGH_RECEIPTS = 10
# More distinct days than this are merged into equally likely bins: the quantile does not feel it, the clock does.
MOST_POINTS = 12


@dataclass(frozen=True, slots=True)
class LeadGroup:
    """Rows of the terms (`rows`) with lead times on the same `days`; `shares` is rows × days and sums to 1 a row."""

    rows: IntArray
    days: IntArray
    shares: FloatArray
    receipts: IntArray
    evidence: str

    @property
    def mean_days(self) -> FloatArray:
        """Mean lead time a row."""
        mean: FloatArray = self.shares @ self.days
        return mean

    @property
    def variance_days(self) -> FloatArray:
        """Variance of the lead time a row, in days squared."""
        variance: FloatArray = np.maximum(self.shares @ self.days.astype(float) ** 2 - self.mean_days**2, 0.0)
        return variance


def group_lead_times(*, keys: pl.DataFrame, lead_times: pl.DataFrame) -> list[LeadGroup]:
    """Lead-time shares for every row of `keys` (sku, place, optional supplier, optional quoted_lead_days).

    The supplier of a row is the one named in `keys`, else the one with most receipts (then latest, then name).
    """
    receipts = lead_times.select("sku", "place", "supplier", "lead_days", "received_date")
    rows = _rows_with_supplier(keys=keys, receipts=receipts)
    everything = receipts["lead_days"].to_numpy().astype(np.int64)
    by_supplier = {
        str(name[0]): part
        for name, part in receipts.join(
            rows.select("sku", "place", "supplier", "row"), on=["sku", "place", "supplier"], how="left"
        ).group_by("supplier")
    }
    counts = {name: part.height for name, part in by_supplier.items()}
    rows = rows.with_columns(
        known=pl.col("supplier").replace_strict(counts, default=0, return_dtype=pl.Int64).fill_null(0)
    ).with_columns(quoted=pl.when(pl.col("known") < ENOUGH_RECEIPTS).then("quoted_lead_days"))
    groups = []
    for (supplier, quoted), part in rows.group_by("supplier", "quoted", maintain_order=True):
        fallback = _fallback(quoted=quoted, everything=everything)
        own = None if supplier is None else by_supplier.get(str(supplier))
        groups.append(_make_group(rows=part["row"], own=own, fallback=fallback))
    return groups


def _rows_with_supplier(*, keys: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    usual = (
        receipts.group_by("sku", "place", "supplier")
        .agg(count=pl.len(), latest=pl.col("received_date").max())
        .sort("count", "latest", "supplier", descending=[True, True, False], nulls_last=True)
        .unique(["sku", "place"], keep="first", maintain_order=True)
        .select("sku", "place", usual_supplier="supplier")
    )
    given = pl.col("supplier") if "supplier" in keys.columns else pl.lit(None, dtype=pl.String)
    quoted = pl.col("quoted_lead_days") if "quoted_lead_days" in keys.columns else pl.lit(None)
    return (
        keys.with_row_index("row")
        .join(usual, on=["sku", "place"], how="left", maintain_order="left")
        .select(
            "row",
            "sku",
            "place",
            supplier=pl.coalesce(given.cast(pl.String), "usual_supplier"),
            quoted_lead_days=quoted.cast(pl.Float64),
        )
    )


def _fallback(*, quoted: object, everything: IntArray) -> tuple[IntArray, FloatArray, str]:
    """What to believe where a supplier has few receipts: its quoted time, else all receipts, else the stated prior."""
    if quoted is None and len(everything) >= ENOUGH_RECEIPTS:
        days, shares = _merge(days=everything, shares=np.full(len(everything), 1 / len(everything)))
        return days, shares, "all_suppliers"
    mean = PRIOR_LEAD_DAYS if quoted is None else float(str(quoted))
    days = np.rint(mean * PRIOR_MULTIPLES).astype(np.int64)
    return days, np.full(len(days), 1 / len(days)), "prior" if quoted is None else "quoted"


def _make_group(*, rows: pl.Series, own: pl.DataFrame | None, fallback: tuple[IntArray, FloatArray, str]) -> LeadGroup:
    numbers = rows.to_numpy().astype(np.int64)
    days, shares, evidence = fallback
    if own is None:
        return LeadGroup(numbers, days, np.tile(shares, (len(numbers), 1)), np.zeros(len(numbers), np.int64), evidence)
    seen = own["lead_days"].to_numpy().astype(np.int64)
    trust = min(len(seen) / ENOUGH_RECEIPTS, 1.0)
    days, pooled = _merge(
        days=np.concatenate([seen, days]),
        shares=np.concatenate([np.full(len(seen), trust / len(seen)), (1 - trust) * shares]),
    )
    counts = _counts_a_row(own=own, numbers=numbers, days=days)
    received = counts.sum(1)
    weight = (received / (received + _credibility_receipts(own=own)))[:, None]
    blended = weight * counts / np.maximum(received, 1)[:, None] + (1 - weight) * pooled
    return LeadGroup(numbers, days, blended, np.full(len(numbers), len(seen)), "supplier")


def _merge(*, days: IntArray, shares: FloatArray) -> tuple[IntArray, FloatArray]:
    """Distinct days in rising order with their shares, merged into at most MOST_POINTS equally likely bins."""
    days, shares = days[shares > 0], shares[shares > 0]
    points, place = np.unique(days, return_inverse=True)
    weight = np.bincount(place, weights=shares)
    if len(points) <= MOST_POINTS:
        return points.astype(np.int64), weight / weight.sum()
    middle = (np.cumsum(weight) - weight / 2) / weight.sum()
    bins = np.minimum((middle * MOST_POINTS).astype(np.int64), MOST_POINTS - 1)
    mass = np.bincount(bins, weights=weight)
    mean = np.bincount(bins, weights=weight * points)[mass > 0] / mass[mass > 0]
    return _merge(days=np.rint(mean).astype(np.int64), shares=mass[mass > 0].astype(np.float64))


def _counts_a_row(*, own: pl.DataFrame, numbers: IntArray, days: IntArray) -> FloatArray:
    """Receipts a row and day, each receipt counted at the nearest of `days`."""
    mine = own.filter(pl.col("row").is_not_null())
    counts = np.zeros((len(numbers), len(days)))
    order = np.argsort(numbers)
    row = mine["row"].to_numpy().astype(np.int64)
    place = np.minimum(np.searchsorted(numbers, row, sorter=order), len(numbers) - 1)
    here = numbers[order[place]] == row
    nearest = np.searchsorted((days[1:] + days[:-1]) / 2, mine["lead_days"].to_numpy())
    np.add.at(counts, (order[place[here]], nearest[here]), 1.0)
    return counts


def _credibility_receipts(*, own: pl.DataFrame) -> float:
    """Receipts at which a SKU's own lead times weigh as much as its supplier's: within over between variance.

    Infinite when the SKUs of the supplier do not differ more than chance. Source: Bühlmann and Gisler, A Course in
    Credibility Theory, section 4.8.
    """
    parts = own.group_by("sku", "place").agg(
        count=pl.len(), mean=pl.col("lead_days").mean(), squares=(pl.col("lead_days") ** 2).sum()
    )
    count, mean = parts["count"].to_numpy().astype(float), parts["mean"].to_numpy().astype(float)
    total, groups = count.sum(), len(count)
    if groups < 2 or total == groups:
        return np.inf
    within = max(float((parts["squares"].to_numpy() - count * mean**2).sum()), 0.0) / (total - groups)
    grand = float(count @ mean) / total
    spread = float(count @ (mean - grand) ** 2) / (groups - 1)
    between = (spread - within) / ((total - float(count @ count) / total) / (groups - 1))
    return max(within / between, 1e-9) if between > 1e-12 else np.inf
