"""Products without any history: what similar products of the same place sell, until they have days of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reorder.engine.demand.panel import Counts, Flags, Floats, Panel
from reorder.engine.demand.smoothing import Past, mean_of

PEER_DAYS = 28
PRICE_BANDS = 3
PRIOR_PEERS = 5.0


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Rows of the panel without history, and on how many peers each one's forecast rests."""

    rows: Counts
    peers: Counts


def forecast_newcomers(*, panel: Panel, mean: Floats, quantiles: Floats, levels: Sequence[float]) -> Newcomers:
    """Fill `mean` (series, days) and `quantiles` (levels, series, days) of series without history, in place.

    The mean of the category's price band, shrunk towards the category and that towards all products; the quantiles
    are those of the same peers' days, in proportion. Without any peer everything stays zero.
    """
    rows = np.flatnonzero(panel.age_days == 0)
    counts = np.zeros(rows.size, dtype=np.int64)
    old = panel.age_days > 0
    if not rows.size or not old.any():
        return Newcomers(rows=rows, peers=counts)
    level = mean_of(past=Past(units=panel.units, known=panel.known), days=PEER_DAYS)
    category, band = _static(panel=panel, name="category"), _price_bands(panel=panel)
    for position, row in enumerate(rows):
        alike = old & (category == category[row])
        closest = alike & (band == band[row])
        expected = _shrunk(level[closest], towards=_shrunk(level[alike], towards=float(level[old].mean())))
        peers = next(group for group in (closest, alike, old) if group.any())
        counts[position] = peers.sum()
        mean[row] = expected
        quantiles[:, row] = _peer_quantiles(panel=panel, peers=peers, expected=expected, levels=levels)[:, None]
    return Newcomers(rows=rows, peers=counts)


def _shrunk(values: Floats, *, towards: float) -> float:
    return float((values.sum() + PRIOR_PEERS * towards) / (values.size + PRIOR_PEERS))


def _peer_quantiles(*, panel: Panel, peers: Flags, expected: float, levels: Sequence[float]) -> Floats:
    units, known = panel.units[peers, -PEER_DAYS:], panel.known[peers, -PEER_DAYS:]
    days = units[known]
    if not days.size or days.sum() == 0:
        return np.zeros(len(levels))
    return np.asarray(np.quantile(days, levels) * expected / days.mean())


def _static(*, panel: Panel, name: str) -> Floats:
    """The last value of a regressor for each series; one common value where there is no such regressor."""
    if name not in panel.regressors.names:
        return np.zeros(panel.series_count)
    values = panel.regressors.values[panel.regressors.names.index(name)]
    return np.asarray(np.nan_to_num(values[:, -1].astype(np.float64), nan=-1.0))


def _price_bands(*, panel: Panel) -> Floats:
    price = _static(panel=panel, name="price")
    edges = np.quantile(price, [band / PRICE_BANDS for band in range(1, PRICE_BANDS)])
    return np.searchsorted(edges, price).astype(np.float64)
