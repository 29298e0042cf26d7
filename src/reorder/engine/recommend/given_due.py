"""Repurchase probabilities that somebody else computed, brought to the horizon that the ranking knows."""

import numpy as np
import polars as pl

from reorder.engine.recommend.errors import BadDue
from reorder.engine.recommend.purchases import Assortment

_HORIZON_DAYS = 7


def number_due(*, due: pl.DataFrame, ids: pl.Series, assortment: Assortment) -> pl.DataFrame:
    """customer, item, within_7 from the shortest horizon of `due`, at a constant rate. Raises BadDue."""
    name, days = _shortest_horizon(due=due)
    customers = pl.DataFrame({"customer_id": ids, "customer": np.arange(len(ids), dtype=np.int32)})
    likely = pl.col(name).cast(pl.Float64).clip(0.0, 1.0)
    return (
        due.select("customer_id", "sku", within_7=1 - (1 - likely) ** (_HORIZON_DAYS / days))
        .join(customers, on="customer_id")
        .join(assortment.codes, on="sku")
        .select("customer", "item", "within_7")
        .unique(["customer", "item"], keep="first", maintain_order=True)
    )


def _shortest_horizon(*, due: pl.DataFrame) -> tuple[str, int]:
    horizons = {
        int(name.removeprefix("within_").removesuffix("_days")): name
        for name in due.columns
        if name.startswith("within_") and name.endswith("_days")
    }
    missing = [name for name in ("customer_id", "sku") if name not in due.columns] + (
        [] if horizons else ["within_…_days"]
    )
    if missing:
        raise BadDue(missing=", ".join(missing))
    days = min(horizons)
    return horizons[days], days
