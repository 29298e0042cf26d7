"""A small table of hazard multipliers by (repurchases, elapsed × rate), learned at an earlier cut.

It carries what a Poisson process lacks: refractory time, regularity and drop-out. Nothing after the earlier cut enters
the rates it is compared with, and the table is used only when it explains customers that it was not learned from.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine.repurchase.purchases import Coded, Codes, Days, Numbers, code_statistics, date_of, day_number
from reorder.engine.repurchase.rates import fit_posterior, fit_rates
from reorder.engine.repurchase.shopdays import ShopDays
from reorder.engine.repurchase.statistics import count_purchases

REPURCHASE_BOUNDS = np.array([1, 2, 3, 5, 8, 15], dtype=np.float64)
OVERDUE_BOUNDS = np.array([0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4.5, 7, 12], dtype=np.float64)
_SHAPE = (REPURCHASE_BOUNDS.size + 1, OVERDUE_BOUNDS.size + 1)
PIECE_STARTS = (0, 3, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)
_WINDOW_DAYS = 30
_MIN_HISTORY_DAYS = 56
_MIN_EVENTS = 200
_CELL_PRIOR = 20.0


@dataclass(frozen=True, slots=True)
class HazardTable:
    """`multipliers[repurchase bin, overdue bin]` on the Poisson-Gamma hazard; `learned` tells what it rests on."""

    multipliers: Numbers
    learned: str

    def at(self, *, rows: Codes, overdue: Numbers) -> Numbers:
        """Multipliers of pairs in bins `rows` whose elapsed time times rate is `overdue`."""
        return self.multipliers[rows, np.searchsorted(OVERDUE_BOUNDS, overdue, side="right")]


@dataclass(frozen=True, slots=True)
class NoTable:
    """Why the Poisson-Gamma hazard is used as it is."""

    why: str


def repurchase_bins(repurchases: Days) -> Codes:
    """Table row of each pair."""
    return np.searchsorted(REPURCHASE_BOUNDS, repurchases, side="right").astype(np.int64)


def learn_table(*, purchases: pl.DataFrame, cut: int, shop_days: ShopDays) -> HazardTable | NoTable:
    """Observed over expected purchases a cell in the last weeks before `cut`, or why there is no table.

    How busy the shop was on each of those days is counted in what was expected, so the level of the table is how pairs
    behave and not what the season or a closed week did.
    """
    first = purchases["date"].min()
    history_days = cut - day_number(first) if isinstance(first, dt.date) else 0
    if history_days < _MIN_HISTORY_DAYS:
        return NoTable(f"{history_days} days of history are fewer than {_MIN_HISTORY_DAYS}")
    window_days = min(_WINDOW_DAYS, history_days // 3)
    observed, expected = _count_cells(
        purchases=purchases, early_cut=cut - window_days, window_days=window_days, shop_days=shop_days
    )
    events = int(observed.sum())
    if events < _MIN_EVENTS:
        return NoTable(f"{events} purchases in the last {window_days} days are fewer than {_MIN_EVENTS}")
    gain = sum(_gain(observed=observed, expected=expected, half=half) for half in (0, 1))
    if gain <= 0:
        return NoTable("the table does not explain customers that it was not learned from")
    return HazardTable(
        multipliers=_shrink(observed=observed.sum(axis=0), expected=expected.sum(axis=0)),
        learned=f"{events} purchases in the last {window_days} days",
    )


def _count_cells(
    *, purchases: pl.DataFrame, early_cut: int, window_days: int, shop_days: ShopDays
) -> tuple[Numbers, Numbers]:
    """Observed and expected purchases per half of the customers and cell, in the window after `early_cut`."""
    early_date = date_of(early_cut)
    before = purchases.filter(pl.col("date") < early_date)
    coded = code_statistics(count_purchases(purchases=before, as_of=early_date))
    pairs = coded.pairs
    posterior = fit_posterior(pairs=pairs, rates=fit_rates(coded=coded))
    wait_days = wait_days_of(coded=coded, purchases=purchases, window_days=window_days)
    factors = shop_days.factors(start=early_cut, days=window_days)
    clock = np.concatenate([[0.0], np.cumsum(factors)])
    base = ((pairs.customer % 2) * _SHAPE[0] + repurchase_bins(pairs.repurchases)) * _SHAPE[1]
    size = 2 * _SHAPE[0] * _SHAPE[1]
    observed, expected = np.zeros(size), np.zeros(size)
    for start, end in pieces(until=window_days):
        hit = (wait_days >= start) & (wait_days < end)
        # A purchase on day d happened somewhere within that day: half of it counts as exposure.
        until = np.where(wait_days < end, np.maximum(wait_days, start), end).astype(np.int64)
        exposed = clock[until] - clock[start] + np.where(hit, factors[np.minimum(until, window_days - 1)] / 2, 0.0)
        middle = pairs.elapsed_days + (start + end) / 2
        cell = base + np.searchsorted(OVERDUE_BOUNDS, middle * posterior.rate, side="right")
        hazard = posterior.alpha * np.log1p(exposed / (posterior.beta_days + clock[start]))
        observed += np.bincount(cell, weights=hit, minlength=size)
        expected += np.bincount(cell, weights=hazard, minlength=size)
    return observed.reshape(2, *_SHAPE), expected.reshape(2, *_SHAPE)


def pieces(*, until: int) -> list[tuple[int, int]]:
    """Half-open stretches of days ahead within which a pair's multiplier is constant, up to `until`."""
    starts = list(PIECE_STARTS)
    while starts[-1] < until:
        starts.append(starts[-1] + 180)
    return [(start, min(end, until)) for start, end in zip(starts, [*starts[1:], until], strict=True) if start < until]


def wait_days_of(*, coded: Coded, purchases: pl.DataFrame, window_days: int) -> Numbers:
    """Days from the cut of `coded` to the next purchase of each of its pairs; infinite when not in the window."""
    start = coded.statistics.as_of
    window = purchases.filter(pl.col("date").is_between(start, start + dt.timedelta(days=window_days), closed="left"))
    following = window.group_by("customer_id", "sku").agg(next_date=pl.col("date").min())
    joined = coded.statistics.pairs.select("customer_id", "sku").join(
        following, on=["customer_id", "sku"], how="left", maintain_order="left"
    )
    return (joined["next_date"] - start).dt.total_days().cast(pl.Float64).fill_null(np.inf).to_numpy()


def _shrink(*, observed: Numbers, expected: Numbers) -> Numbers:
    """Cells shrunk to their column, columns to the level of the table."""
    level = observed.sum() / expected.sum()
    column = (observed.sum(axis=0) + _CELL_PRIOR * level) / (expected.sum(axis=0) + _CELL_PRIOR)
    return np.asarray((observed + _CELL_PRIOR * column) / (expected + _CELL_PRIOR))


def _gain(*, observed: Numbers, expected: Numbers, half: int) -> float:
    """Poisson log likelihood that the table of the other half gains here over its own level alone."""
    other = 1 - half
    if not observed[other].sum():
        return 0.0
    level = observed[other].sum() / expected[other].sum()
    multipliers = _shrink(observed=observed[other], expected=expected[other])
    gained = observed[half] * np.log(multipliers / level) - (multipliers - level) * expected[half]
    return float(gained.sum())
