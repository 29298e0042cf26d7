"""The table of due dates: one row a pair ever bought, computed in slices so that memory stays bounded."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from reorder.engine.repurchase.errors import BadHorizon
from reorder.engine.repurchase.explain import evidence, explain
from reorder.engine.repurchase.hazard import HazardTable
from reorder.engine.repurchase.purchases import Pairs, Purchases, day_number
from reorder.engine.repurchase.rates import Rates, fit_posterior, level_totals
from reorder.engine.repurchase.timing import active_share, best_reminder, draw_curves

_SLICE_PAIRS = 500_000
_UNITS_PRIOR_PURCHASES = 2.0
_QUANTILES = {"due_p10_date": 0.10, "due_p25_date": 0.25, "due_date": 0.50, "due_p75_date": 0.75, "due_p90_date": 0.90}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Everything that predictions are made from."""

    purchases: Purchases
    pairs: Pairs
    rates: Rates
    table: HazardTable | None
    lookahead_days: int


def predict_due(*, fitted: Fitted, as_of: dt.date, horizons_days: Sequence[int]) -> pl.DataFrame:
    """The due table of all pairs seen from `as_of`, in the order of customer_id and sku."""
    for days in horizons_days:
        if days < 1:
            raise BadHorizon(days=days)
    pairs = replace(fitted.pairs, cut=day_number(as_of))
    starts = range(0, max(pairs.last.size, 1), _SLICE_PAIRS)
    parts = [
        _predict_slice(fitted=fitted, pairs=_slice(pairs, start=start), as_of=as_of, horizons_days=horizons_days)
        for start in starts
    ]
    named = _with_levels(pl.concat(parts), fitted=fitted).with_columns(evidence())
    explained = explain(due=named)
    within = [f"within_{days}_days" for days in horizons_days]
    return explained.select(
        "customer_id", "sku", "due_date", "due_p10_date", "due_p25_date", "due_p75_date", "due_p90_date",
        "active_share", *within, "remind_date", "remind_hit_share", "expected_units", "orders_count", "usual_gap_days",
        "last_bought_date", "evidence", "reason", "reason_code", "reason_parameters",
    )  # fmt: skip


def _slice(pairs: Pairs, *, start: int) -> Pairs:
    rows = slice(start, start + _SLICE_PAIRS)
    return Pairs(
        cut=pairs.cut,
        customer=pairs.customer[rows],
        product=pairs.product[rows],
        category=pairs.category[rows],
        repurchases=pairs.repurchases[rows],
        first=pairs.first[rows],
        last=pairs.last[rows],
        units=pairs.units[rows],
    )


def _predict_slice(*, fitted: Fitted, pairs: Pairs, as_of: dt.date, horizons_days: Sequence[int]) -> pl.DataFrame:
    posterior = fit_posterior(pairs=pairs, rates=fitted.rates)
    lookahead = fitted.lookahead_days
    until = max([lookahead, *horizons_days])
    curves = draw_curves(pairs=pairs, posterior=posterior, table=fitted.table, until_days=until)
    again = curves.within(days=float(lookahead))
    remind_days, remind_hit = best_reminder(curves=curves)
    columns: dict[str, object] = {
        "customer": pairs.customer,
        "product": pairs.product,
        "last": pairs.last,
        "units": pairs.units,
        "orders_count": pairs.repurchases + 1,
        "elapsed_days": pairs.elapsed_days,
        "usual_gap_days": 1.0 / posterior.rate,
        "active_share": active_share(
            pairs=pairs, posterior=posterior, table=fitted.table, within=again, days=lookahead
        ),
        "remind_date": remind_days,
        "remind_hit_share": remind_hit,
    }
    for days in horizons_days:
        columns[f"within_{days}_days"] = curves.within(days=float(days))
    for name, share in _QUANTILES.items():
        columns[name] = np.floor(curves.quantile_days(share=share * again))
    dates = ["remind_date", *_QUANTILES]
    return pl.DataFrame(columns).with_columns(
        pl.col("orders_count").cast(pl.Int64),
        *((pl.lit(as_of) + pl.duration(days=pl.col(name).cast(pl.Int64))).cast(pl.Date).alias(name) for name in dates),
    )


def _with_levels(due: pl.DataFrame, *, fitted: Fitted) -> pl.DataFrame:
    """Codes become ids, and each pair gets what its customer, product and category know."""
    pairs, purchases = fitted.pairs, fitted.purchases
    products = purchases.products.with_columns(
        product_repurchases=level_totals(
            codes=pairs.product, repurchases=pairs.repurchases, size=purchases.products.height
        ),
        product_purchases=np.bincount(
            pairs.product, weights=pairs.repurchases + 1, minlength=purchases.products.height
        ),
        product_units=np.bincount(pairs.product, weights=pairs.units, minlength=purchases.products.height),
    ).with_columns(category_repurchases=pl.col("product_repurchases").sum().over("category"))
    customer_repurchases = level_totals(
        codes=pairs.customer, repurchases=pairs.repurchases, size=purchases.customer_ids.len()
    )
    rows = products[due["product"]] if due.height else products.clear()
    customers = (
        purchases.customer_ids.alias("customer_id").to_frame().with_columns(customer_repurchases=customer_repurchases)
    )
    owners = customers[due["customer"]] if due.height else customers.clear()
    units_a_purchase = pl.col("product_units") / pl.col("product_purchases")
    return pl.concat([due, rows, owners], how="horizontal").with_columns(
        expected_units=(pl.col("units") + _UNITS_PRIOR_PURCHASES * units_a_purchase)
        / (pl.col("orders_count") + _UNITS_PRIOR_PURCHASES),
        last_bought_date=pl.col("last").cast(pl.Int32).cast(pl.Date),
    )
