"""Forecasts of series and of their totals made to agree, where that makes them better: else totals are plain sums.

Weighted least squares on a tree (series, SKU, category, shop), weights by what each was off in the backtest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.demand.errors import BadRequest
from reorder.engine.demand.forecasting import DemandForecast
from reorder.engine.demand.forecasting import forecast as forecast_demand
from reorder.engine.demand.panel import KEY, Counts, Floats

SHOP = "shop"
CATEGORY = "category"
SKU = "sku"
NO_CATEGORY = ""
LEAST_GAIN = 0.002
SMALLEST_SHARE = 0.1  # of the median variance
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`forecast` whose series add up to `totals` (scope, key, date, mean_units).

    `gain_share` is how much lower the scaled squared error of the series was in the backtest after reconciling;
    `is_used` says whether that was enough: otherwise `forecast` is unchanged and the totals are its sums.
    """

    forecast: DemandForecast
    totals: pl.DataFrame
    gain_share: float
    is_used: bool


@dataclass(frozen=True, slots=True)
class _Tree:
    """Levels from the series up: `parents[l]` is the position of each node's parent on level l + 1."""

    names: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    parents: tuple[Counts, ...]


def reconcile(
    *, forecast: DemandForecast, history: pl.DataFrame, products: pl.DataFrame | None = None, seed: int = 0
) -> Reconciled:
    """Forecast SKUs over all places, categories (`products`: sku, category) and the shop, and make all sums agree.

    Used only where the backtest gains; each window is judged with weights from the other windows. Raises InvalidFrame;
    BadRequest when `forecast` was not made from `history`. Source: Wickramasuriya, Athanasopoulos and Hyndman, "Optimal
    forecast reconciliation through trace minimization", JASA 114 (2019), with a diagonal of variances.
    """
    history = frames.require(table=history, contract=frames.HISTORY)
    if products is not None:
        products = frames.require(table=products, contract=frames.PRODUCTS)
    keys = forecast.backtest.keys
    daily = forecast.daily.sort(*KEY, "date")
    if keys.height == 0:
        return Reconciled(forecast, _totals(daily=daily, tree=_tree(keys=keys, products=products)), 0.0, is_used=False)
    if history.select(KEY).unique().join(keys, on=KEY, how="anti").height:
        raise BadRequest(argument="history", value="a series", reason="the forecast was not made from this history")
    tree = _tree(keys=keys, products=products)
    mean = daily["mean_units"].to_numpy().reshape(keys.height, -1)
    above = _forecast_totals(history=history, keys=keys, tree=tree, horizon_days=mean.shape[1], seed=seed)
    means, fitted, residuals = _levels(forecast=forecast, mean=mean, above=above, tree=tree)
    gain = _gain(fitted=fitted, residuals=residuals, tree=tree)
    if not gain > LEAST_GAIN:
        return Reconciled(forecast, _totals(daily=daily, tree=tree), gain, is_used=False)
    made = np.clip(agree(estimates=means, variances=_variances(residuals), parents=tree.parents), 0.0, None)
    ratio = np.where(mean > 0, made / np.where(mean > 0, mean, 1.0), 1.0).ravel()
    figures = [name for name in daily.columns if name not in {*KEY, "date"}]
    changed = daily.with_columns((pl.col(name) * pl.Series(ratio)).alias(name) for name in figures)
    return Reconciled(replace(forecast, daily=changed), _totals(daily=changed, tree=tree), gain, is_used=True)


def agree(*, estimates: Sequence[Floats], variances: Sequence[Floats], parents: Sequence[Counts]) -> Floats:
    """The series (nodes, days) that fit all levels' estimates best and add up exactly.

    Levels run from the series up, the last with any number of roots; an infinite variance says that a node has no
    estimate of its own. Two passes over the tree give the exact solution of weighted least squares.
    """
    up, spread = [estimates[0]], [np.maximum(variances[0], _TINY)]
    children: list[tuple[Floats, Floats]] = []
    for level, parent in enumerate(parents):
        count = estimates[level + 1].shape[0]
        total = np.zeros((count, up[level].shape[1]))
        np.add.at(total, parent, up[level])
        joint = np.bincount(parent, spread[level], minlength=count).astype(np.float64)
        children.append((total, joint))
        trust = joint / (joint + np.maximum(variances[level + 1], _TINY))  # of the node's own estimate
        trust = np.where(np.isfinite(variances[level + 1]), trust, 0.0)
        up.append(total + trust[:, None] * (np.nan_to_num(estimates[level + 1]) - total))
        spread.append(np.maximum((1 - trust) * joint, _TINY))
    final = up[-1]
    for level in range(len(parents) - 1, -1, -1):
        total, joint = children[level]
        share = spread[level] / np.maximum(joint[parents[level]], _TINY)
        final = up[level] + share[:, None] * (final - total)[parents[level]]
    return np.asarray(final)


def _tree(*, keys: pl.DataFrame, products: pl.DataFrame | None) -> _Tree:
    table = keys.select("sku").with_columns(category=pl.lit(None, dtype=pl.String))
    if products is not None:
        table = keys.select("sku").join(products.select("sku", "category"), on="sku", how="left", maintain_order="left")
    table = table.with_columns(pl.col("category").fill_null(NO_CATEGORY))
    by_sku = table.unique("sku").sort("sku")
    skus, categories = by_sku["sku"].to_list(), by_sku["category"].unique().sort().to_list()
    sku_of = np.searchsorted(np.array(skus, dtype=str), table["sku"].to_numpy().astype(str))
    category_of = np.searchsorted(np.array(categories, dtype=str), by_sku["category"].to_numpy().astype(str))
    return _Tree(
        names=(SKU, CATEGORY, SHOP),
        keys=(tuple(skus), tuple(categories), ("",)),
        parents=(
            sku_of.astype(np.int64),
            category_of.astype(np.int64),
            np.zeros(len(categories), dtype=np.int64),
        ),
    )


def _forecast_totals(
    *, history: pl.DataFrame, keys: pl.DataFrame, tree: _Tree, horizon_days: int, seed: int
) -> DemandForecast:
    """The forecast of all totals as series of their own: `sku` holds the scope, `place` the key."""
    numbered = keys.with_columns(
        sku_key=pl.Series([tree.keys[0][position] for position in tree.parents[0]], dtype=pl.String),
        category_key=pl.Series(
            [tree.keys[1][tree.parents[1][position]] for position in tree.parents[0]], dtype=pl.String
        ),
    )
    rows = history.select(*KEY, "date", "units").join(numbered, on=KEY)
    several = numbered.group_by("sku_key").len().filter(pl.col("len") > 1).select("sku_key")
    parts = [
        rows.join(several, on="sku_key", how="semi").select(
            key="sku_key", date="date", units="units", scope=pl.lit(SKU)
        ),
        rows.select(key="category_key", date="date", units="units", scope=pl.lit(CATEGORY)),
        rows.select(key=pl.lit(""), date="date", units="units", scope=pl.lit(SHOP)),
    ]
    totals = pl.concat(parts).group_by("scope", "key", "date").agg(pl.col("units").sum())
    return forecast_demand(
        history=totals.select(sku="scope", place="key", date="date", units="units"),
        horizon_days=horizon_days,
        quantiles=(0.5,),
        seed=seed,
    )


def _levels(
    *, forecast: DemandForecast, mean: Floats, above: DemandForecast, tree: _Tree
) -> tuple[list[Floats], list[Floats], list[Floats]]:
    """Means (nodes, days), fitted values and residuals (windows, nodes, days) of every level; NaN without its own."""
    windows = min(forecast.backtest.fitted.shape[0], above.backtest.fitted.shape[0])
    means = [mean]
    fitted, residuals = (
        [forecast.backtest.fitted[-windows or None :]],
        [forecast.backtest.residuals[-windows or None :]],
    )
    if windows == 0:
        fitted, residuals = [fitted[0][:0]], [residuals[0][:0]]
    made = above.daily.sort(*KEY, "date")["mean_units"].to_numpy().reshape(above.backtest.keys.height, -1)
    place = {key: row for row, key in enumerate(above.backtest.keys.iter_rows())}
    for name, keys in zip(tree.names, tree.keys, strict=True):
        rows = np.array([place.get((name, key), -1) for key in keys], dtype=np.int64)
        own = rows >= 0
        means.append(np.where(own[:, None], made[rows], np.nan))
        first = above.backtest.fitted.shape[0] - windows
        fitted.append(np.where(own[None, :, None], above.backtest.fitted[first:, rows], np.nan))
        residuals.append(np.where(own[None, :, None], above.backtest.residuals[first:, rows], np.nan))
    return means, fitted, residuals


def _variances(residuals: Sequence[Floats]) -> list[Floats]:
    """Mean squared residual of each node; infinite for a node of a higher level that was never judged."""
    out = []
    for level, values in enumerate(residuals):
        judged = np.isfinite(values)
        count = judged.sum(axis=(0, 2))
        squared = (np.where(judged, values, 0.0) ** 2).sum(axis=(0, 2)) / np.maximum(count, 1)
        typical = float(np.median(squared[count > 0])) if (count > 0).any() else 1.0
        out.append(np.where(count > 0, squared, typical if level == 0 else np.inf))
    return out


def _gain(*, fitted: Sequence[Floats], residuals: Sequence[Floats], tree: _Tree) -> float:
    """By how much reconciling lowers the scaled squared error of the series; −inf where it cannot be judged."""
    windows = fitted[0].shape[0]
    before = after = 0.0
    if windows < 2:
        return -np.inf
    for window in range(windows):
        others = [window != other for other in range(windows)]
        variances = _variances([values[others] for values in residuals])
        made = agree(estimates=[values[window] for values in fitted], variances=variances, parents=tree.parents)
        missed = residuals[0][window]
        judged = np.isfinite(missed)
        changed = missed + fitted[0][window] - np.clip(made, 0.0, None)
        # A series that was hardly ever off would outweigh all others.
        scale = np.maximum(variances[0], SMALLEST_SHARE * float(np.median(variances[0])) + _TINY)[:, None]
        before += float((np.where(judged, missed, 0.0) ** 2 / scale).sum())
        after += float((np.where(judged, changed, 0.0) ** 2 / scale).sum())
    return 1 - after / before if before > 0 else -np.inf


def _totals(*, daily: pl.DataFrame, tree: _Tree) -> pl.DataFrame:
    """Sums of the series by SKU, category and shop: scope, key, date, mean_units."""
    category = pl.DataFrame(
        {"sku": tree.keys[0], "category": [tree.keys[1][position] for position in tree.parents[1]]},
        schema={"sku": pl.String, "category": pl.String},
    )
    table = daily.join(category, on="sku")
    parts = [
        table.select(scope=pl.lit(scope), key=key, date="date", mean_units="mean_units")
        for scope, key in ((SKU, pl.col("sku")), (CATEGORY, pl.col("category")), (SHOP, pl.lit("")))
    ]
    return (
        pl.concat(parts).group_by("scope", "key", "date").agg(pl.col("mean_units").sum()).sort("scope", "key", "date")
    )
