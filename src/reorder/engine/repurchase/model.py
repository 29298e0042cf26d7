"""The repurchase model: fitted from order lines, brought up to date with new ones, saved and loaded.

An update merges the new lines into the purchase days and runs the same computation as a fit, so it equals a rebuild.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase import storage
from reorder.engine.repurchase.due import Fitted, predict_due
from reorder.engine.repurchase.errors import DateBeforeModel, EventsNotSupported
from reorder.engine.repurchase.hazard import HazardTable, learn_table
from reorder.engine.repurchase.purchases import Purchases, collapse, count_pairs, day_number, merge
from reorder.engine.repurchase.rates import fit_rates, level_totals

_LOOKAHEAD_BOUNDS_DAYS = (30, 365)
HORIZONS_DAYS = (7, 14, 30)


@dataclass(frozen=True, slots=True)
class RepurchaseModel:
    """When each customer will buy each product again, as known on `as_of`; `summary` tells which layer and why."""

    as_of: dt.date
    fitted: Fitted
    summary: str

    def due(self, *, as_of: dt.date, horizons_days: Sequence[int] = HORIZONS_DAYS) -> pl.DataFrame:
        """One row a (customer_id, sku) ever bought, in that order.

        Dates are those of the next purchase given that it comes within `fitted.lookahead_days` (a third of the history,
        30 to 365 days: no more can be checked): `due_date` is the median, `due_p10_date` … the other quantiles.
        `within_{h}_days` is the probability of a purchase in [as_of, as_of + h), `active_share` that the pair is still
        alive, `remind_date` the day whose ±3-day window is most probable and `remind_hit_share` that probability.
        `expected_units` are those of one next purchase; `usual_gap_days` is one over the mean purchase rate.

        Raises DateBeforeModel when `as_of` lies before the model's day, BadHorizon for a horizon below one day.
        """
        if as_of < self.as_of:
            raise DateBeforeModel(model_date=self.as_of, as_of=as_of)
        return predict_due(fitted=self.fitted, as_of=as_of, horizons_days=horizons_days)

    def update(self, *, order_lines: pl.DataFrame, as_of: dt.date) -> "RepurchaseModel":
        """The model of all lines so far and the new ones together, as `fit` would build it on the union.

        The new lines may lie anywhere before `as_of`, but each line may be given only once (units would count twice).
        Raises InvalidFrame, OrdersAfterDate, and DateBeforeModel when `as_of` goes back.
        """
        if as_of < self.as_of:
            raise DateBeforeModel(model_date=self.as_of, as_of=as_of)
        lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
        new = collapse(order_lines=lines, as_of=as_of)
        return _fit_purchases(purchases=merge(known=self.fitted.purchases, new=new), as_of=as_of)

    def save(self, path: Path | str) -> None:
        """Write the model to one file; an existing file is replaced."""
        storage.write(path=Path(path), as_of=self.as_of, fitted=self.fitted, summary=self.summary)

    @property
    def state(self) -> dict[str, pl.DataFrame]:
        """What a database may store: frames `pairs`, `products`, `categories`, `customers`.

        Counts are repurchases (purchase days after the first); `prior_rate_per_day` of a pair is base × its effects.
        """
        purchases, pairs, rates = self.fitted.purchases, self.fitted.pairs, self.fitted.rates
        products = purchases.products.select(
            "sku",
            "category",
            repurchases_count=level_totals(
                codes=pairs.product, repurchases=pairs.repurchases, size=purchases.products.height
            ),
            effect=rates.product_effect,
        )
        categories = products.group_by("category").agg(pl.col("repurchases_count").sum()).sort("category")
        customers = purchases.customer_ids.alias("customer_id").to_frame()
        repurchases = level_totals(codes=pairs.customer, repurchases=pairs.repurchases, size=customers.height)
        count = pl.col("repurchases_count").cast(pl.Int64)
        return {
            "pairs": _pairs_frame(fitted=self.fitted),
            "products": products.with_columns(count),
            "categories": categories.with_columns(count, effect=pl.Series(rates.category_effect)),
            "customers": customers.with_columns(
                repurchases_count=pl.Series(repurchases).cast(pl.Int64), effect=pl.Series(rates.customer_effect)
            ),
        }


def fit(*, order_lines: pl.DataFrame, as_of: dt.date, events: pl.DataFrame | None = None) -> RepurchaseModel:
    """Fit the best layer that the history supports; `model.summary` says which and why.

    Layer 1: hierarchical Poisson-Gamma on exposure (Buy It Again, KDD 2018, the plain form, with shrunk category,
    product and customer effects), stretched by a small hazard table learned at an earlier cut where the history
    supports one. `order_lines` by `frames.ORDER_LINES`; lines of a pair on one UTC day are one purchase; lines on
    `as_of` itself count as the past. Raises InvalidFrame, OrdersAfterDate, EventsNotSupported (behaviour events have no
    use in this layer).
    """
    if events is not None:
        raise EventsNotSupported(rows_count=events.height)
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
    return _fit_purchases(purchases=collapse(order_lines=lines, as_of=as_of), as_of=as_of)


def load(path: Path | str) -> RepurchaseModel:
    """Read a model that `save` wrote; raises ModelFileRefused for another version or a foreign file."""
    stored = storage.read(path=Path(path))
    return RepurchaseModel(as_of=stored.as_of, fitted=stored.fitted, summary=stored.summary)


def _fit_purchases(*, purchases: Purchases, as_of: dt.date) -> RepurchaseModel:
    cut = day_number(as_of)
    pairs = count_pairs(purchases=purchases, cut=cut)
    rates = fit_rates(
        pairs=pairs,
        customers_count=purchases.customer_ids.len(),
        products_count=purchases.products.height,
        categories_count=purchases.products["category"].n_unique(),
    )
    learned = learn_table(purchases=purchases, cut=cut)
    history_days = cut - int(pairs.first.min()) if pairs.first.size else 0
    low, high = _LOOKAHEAD_BOUNDS_DAYS
    fitted = Fitted(
        purchases=purchases,
        pairs=pairs,
        rates=rates,
        table=learned if isinstance(learned, HazardTable) else None,
        lookahead_days=min(max(history_days // 3, low), high),
    )
    if isinstance(learned, HazardTable):
        summary = f"layer 1: hierarchical Poisson-Gamma with a hazard table learned from {learned.learned}"
    else:
        summary = f"layer 1: hierarchical Poisson-Gamma without a hazard table, because {learned.why}"
    return RepurchaseModel(as_of=as_of, fitted=fitted, summary=summary)


def _pairs_frame(*, fitted: Fitted) -> pl.DataFrame:
    pairs, purchases = fitted.pairs, fitted.purchases
    return pl.DataFrame(
        {
            "customer_id": purchases.customer_ids.gather(pairs.customer),
            "sku": purchases.products["sku"].gather(pairs.product),
            "repurchases_count": pairs.repurchases.astype("int64"),
            "first_bought_date": pl.Series(pairs.first.astype("int32")).cast(pl.Date),
            "last_bought_date": pl.Series(pairs.last.astype("int32")).cast(pl.Date),
            "units": pairs.units,
            "prior_rate_per_day": fitted.rates.prior_rate(pairs=pairs),
        }
    )
