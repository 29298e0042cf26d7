"""Products with no or little history: what a like product or similar products sell, until they have days of their own.

The fewer days of its own a product has, and the more alike its peers are, the more the peers count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.demand.classes import SHORT_DAYS
from reorder.engine.demand.panel import CATEGORY_COLUMN, Counts, Flags, Floats, Panel
from reorder.engine.demand.quantiles import Spread
from reorder.engine.demand.smoothing import Past, mean_of

PEER_DAYS = 28
SHORTEST_PEER_DAYS = 28
PRICE_BANDS = 3
PRIOR_PEERS = 5.0
LIKE_DEVIATION = 0.5  # how far, as a share, a product sells from the one that a person calls alike
FEWEST_DAYS_WORTH = 0.5
FEWEST_PEERS = 5  # to say how far products of a band differ
MOST_PEER_DAYS = 56.0  # days of its own that peers are worth at most
TOLD_SHARE = 0.1  # peers who count for less are not mentioned
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Rows of the panel that lean on others: `share` of their forecast rests on `peers` products or on row `like`.

    `like` is −1 where there is no like product; `days` are the row's own known days.
    """

    rows: Counts
    peers: Counts
    like: Counts
    share: Floats
    days: Counts


def lean_on_others(*, panel: Panel, mean: Floats, products: pl.DataFrame | None = None) -> Newcomers:
    """Blend `mean` (series, days) of series of under 180 days with what others sell, in place.

    A row's own forecast counts as many days as it has, its peers as many as their likeness is worth: variance of a
    day's demand over variance between the peers' levels (empirical Bayes). A like product of the same place gives its
    whole forecast, day by day; else the category's price band gives its mean, shrunk towards the category and the
    shop. Without any peer nothing changes.
    """
    days = np.where(panel.age_days > 0, panel.known.sum(axis=1), 0)
    rows = np.flatnonzero(panel.age_days < SHORT_DAYS)
    old = peers_of(panel=panel)
    like = _like_rows(panel=panel, products=products, old=old)[rows]
    nothing = np.zeros(rows.size)
    if not rows.size or not old.any():
        return Newcomers(rows=rows, peers=nothing.astype(np.int64), like=like, share=nothing, days=days[rows])
    level = mean_of(past=Past(units=panel.units, known=panel.known), days=PEER_DAYS)
    noise = _variances(panel=panel)
    groups = _groups(panel=panel, products=products)
    expected, worth, peers = _from_groups(level=level, noise=noise, old=old, groups=groups, rows=rows)
    between = np.maximum((LIKE_DEVIATION * level[like]) ** 2, _TINY)
    worth = np.where(like >= 0, np.maximum(noise[like] / between, 1.0), worth)
    # A handful of peers says something to a product that has nothing, not to one that has days of its own.
    worth = np.where((like < 0) & (days[rows] > 0) & (peers < FEWEST_PEERS), 0.0, np.minimum(worth, MOST_PEER_DAYS))
    share = worth / np.maximum(worth + days[rows], _TINY)
    others = np.where((like >= 0)[:, None], mean[like], expected[:, None])
    mean[rows] = share[:, None] * others + (1 - share)[:, None] * mean[rows]
    return Newcomers(rows=rows, peers=np.where(like >= 0, 0, peers), like=like, share=share, days=days[rows])


def peers_of(*, panel: Panel) -> Flags:
    """Which series can be peers: those of four weeks or more, in a new shop all with history."""
    old = panel.age_days >= SHORTEST_PEER_DAYS
    return np.asarray(old if old.any() else panel.age_days > 0)


def _groups(*, panel: Panel, products: pl.DataFrame | None) -> list[Counts]:
    """Group numbers from the closest to the widest: price band of the category, category, everything."""
    category = _categories(panel=panel, products=products)
    band = _price_bands(price=_prices(panel=panel, products=products))
    closest = np.unique(category * (PRICE_BANDS + 1) + band, return_inverse=True)[1]
    return [closest, np.unique(category, return_inverse=True)[1], np.zeros(category.size, dtype=np.int64)]


def _from_groups(
    *, level: Floats, noise: Floats, old: Flags, groups: list[Counts], rows: Counts
) -> tuple[Floats, Floats, Counts]:
    """Expected units a day of each row from other series, the days of its own that this is worth, and the peers."""
    expected, worth, peers = np.zeros(rows.size), np.zeros(rows.size), np.zeros(rows.size, dtype=np.int64)
    for number, group in enumerate(reversed(groups)):
        count, total, squares, scatter = (
            np.bincount(group[old], values[old], minlength=int(group.max()) + 1)[group[rows]]
            - np.where(old, values, 0.0)[rows]  # nobody is a peer of its own
            for values in (np.ones(level.size), level, level**2, noise)
        )
        some = np.rint(count) > 0
        mean = total / np.maximum(count, 1)
        expected = mean if number == 0 else (total + PRIOR_PEERS * expected) / (count + PRIOR_PEERS)
        spread = np.maximum(squares / np.maximum(count, 1) - mean**2, 0.0)
        between = np.where(count >= FEWEST_PEERS, spread, mean**2)
        mine = scatter / np.maximum(count, 1) / np.maximum(between, _TINY)
        worth = np.where(some, np.maximum(mine, FEWEST_DAYS_WORTH), worth)
        peers = np.where(some, np.rint(count).astype(np.int64), peers)
    return expected, worth, peers


def _variances(*, panel: Panel) -> Floats:
    """Variance of a day's units of each series over the last weeks."""
    units, known = panel.units[:, -PEER_DAYS:], panel.known[:, -PEER_DAYS:]
    count = np.maximum(known.sum(axis=1), 1)
    middle = (units * known).sum(axis=1) / count
    return np.asarray(np.where(known, (units - middle[:, None]) ** 2, 0.0).sum(axis=1) / count)


def _like_rows(*, panel: Panel, products: pl.DataFrame | None, old: Flags) -> Counts:
    """The row of each series' like product at the same place; −1 without one that has history."""
    out = np.full(panel.series_count, -1, dtype=np.int64)
    if products is None:
        return out
    numbered = panel.keys.with_columns(row=pl.int_range(panel.series_count, dtype=pl.Int64))
    pairs = numbered.join(
        products.filter(pl.col("like_sku").is_not_null() & (pl.col("like_sku") != pl.col("sku"))).select(
            "sku", "like_sku"
        ),
        on="sku",
    ).join(
        numbered.select(pl.col("sku").alias("like_sku"), "place", pl.col("row").alias("like_row")),
        on=["like_sku", "place"],
    )
    mine, theirs = pairs["row"].to_numpy(), pairs["like_row"].to_numpy()
    out[mine[old[theirs]]] = theirs[old[theirs]]
    return out


def _categories(*, panel: Panel, products: pl.DataFrame | None) -> npt.NDArray[np.int64]:
    """A number for each series' category: from `products`, else from the column of that name."""
    own = _last(panel=panel, name=CATEGORY_COLUMN)
    said = panel.keys.select("sku").with_columns(own=pl.Series(own).cast(pl.String))
    if products is not None:
        said = said.join(products.select("sku", "category"), on="sku", how="left", maintain_order="left")
        said = said.with_columns(own=pl.coalesce("category", "own"))
    return said["own"].rank("dense").fill_null(0).to_numpy().astype(np.int64)


def _prices(*, panel: Panel, products: pl.DataFrame | None) -> Floats:
    own = _last(panel=panel, name="price")
    if products is None:
        return own
    given = panel.keys.select("sku").join(
        products.select("sku", "unit_price"), on="sku", how="left", maintain_order="left"
    )["unit_price"]
    return np.where(given.is_null().to_numpy(), own, given.fill_null(0.0).to_numpy())


def _last(*, panel: Panel, name: str) -> Floats:
    """The last value of a regressor for each series; one common value where there is no such regressor."""
    if name not in panel.regressors.names:
        return np.zeros(panel.series_count)
    values = panel.regressors.values[panel.regressors.names.index(name)]
    return np.asarray(np.nan_to_num(values[:, -1].astype(np.float64), nan=-1.0))


def _price_bands(*, price: Floats) -> npt.NDArray[np.int64]:
    edges = np.quantile(price, [band / PRICE_BANDS for band in range(1, PRICE_BANDS)])
    return np.searchsorted(edges, price).astype(np.int64)


def widen_spread(*, spread: Spread, newcomers: Newcomers, old: Flags) -> Spread:
    """Few days show too little of how uneven demand is: a newcomer's dispersion leans on others as its mean does."""
    if not newcomers.rows.size or not old.any():
        return spread
    typical = float(np.median(spread.dispersion[old]))
    dispersion = spread.dispersion.copy()
    own = dispersion[newcomers.rows]
    known = np.maximum(newcomers.days, 0) / (newcomers.days + PEER_DAYS / 2)
    dispersion[newcomers.rows] = known * own + (1 - known) * np.maximum(typical, own)
    return Spread(dispersion=dispersion, typical_units=spread.typical_units)


def peer_quantiles(
    *,
    panel: Panel,
    newcomers: Newcomers,
    mean: Floats,
    quantiles: Floats,
    levels: Sequence[float],
    products: pl.DataFrame | None = None,
) -> None:
    """Fill `quantiles` (levels, series, days) of series without any day, in place.

    A like product's own; else those of the closest peers' days, all together, in proportion to the mean: how far
    peers differ is how little is known.
    """
    empty = np.flatnonzero(newcomers.days == 0)
    if not empty.size:
        return
    old = peers_of(panel=panel)
    groups = _groups(panel=panel, products=products)
    shapes: dict[tuple[int, int], Floats] = {}
    for position in empty:
        row, like = newcomers.rows[position], newcomers.like[position]
        if like >= 0:
            quantiles[:, row] = quantiles[:, like]
            continue
        near = next((number for number, group in enumerate(groups) if (old & (group == group[row])).any()), None)
        if near is not None:
            key = near, int(groups[near][row])
            if key not in shapes:
                shapes[key] = _shape(panel=panel, peers=old & (groups[near] == key[1]), levels=levels)
            quantiles[:, row] = shapes[key][:, None] * mean[row][None, :]


def _shape(*, panel: Panel, peers: Flags, levels: Sequence[float]) -> Floats:
    """Quantiles of the peers' days over the mean of those days."""
    days = panel.units[peers, -PEER_DAYS:][panel.known[peers, -PEER_DAYS:]]
    if not days.size or days.sum() == 0:
        return np.zeros(len(levels))
    return np.asarray(np.quantile(days, levels) / days.mean())
