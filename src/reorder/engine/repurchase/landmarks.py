"""Earlier days from which layer 2 learns what came next: pairs as they were known then, and what they did until now.

Nothing after the cut and, in what is known at a landmark, nothing after the landmark.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.repurchase.factors import ProductFactors, learn_factors
from reorder.engine.repurchase.features import Matrix, build_features, know
from reorder.engine.repurchase.hazard import HazardTable, wait_days_of
from reorder.engine.repurchase.purchases import Numbers, code_statistics, date_of, day_number
from reorder.engine.repurchase.rates import fit_posterior, fit_rates
from reorder.engine.repurchase.shopdays import ShopDays
from reorder.engine.repurchase.statistics import count_purchases
from reorder.engine.repurchase.timing import draw_curves

BINS: Final = (0, 3, 7, 10, 14, 21, 30, 45, 60, 90)
_LANDMARKS: Final = 6
_NEAREST_DAYS, _FARTHEST_DAYS = 14, 90
_FARTHEST_SHARE: Final = 0.42
_QUIET_FACTOR: Final = 0.6
Flags = npt.NDArray[np.bool_]


def choose_landmarks(*, cut: int, first: int, shop_days: ShopDays) -> list[int]:
    """Day numbers of up to six landmarks, nearest last, on different weekdays and on days that sold as usual."""
    farthest = min(_FARTHEST_DAYS, int((cut - first) * _FARTHEST_SHARE))
    if farthest < _NEAREST_DAYS:
        return []
    chosen: list[int] = []
    for offset in np.linspace(farthest, _NEAREST_DAYS, _LANDMARKS).round().astype(int):
        near = [cut - int(offset) - shift for shift in (0, 1, -1, 2, -2, 3, -3)]
        free = [day for day in near if cut - day >= _NEAREST_DAYS and day not in chosen]
        fresh = [day for day in free if day % 7 not in {other % 7 for other in chosen}]
        usual = [day for day in fresh if float(shop_days.factors(start=day, days=1)[0]) > _QUIET_FACTOR]
        # A quiet day is better than no landmark: how quiet it was is known and counted.
        chosen += (usual or fresh or free)[:1]
    return sorted(chosen)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One landmark: features, layer 1's hazard in each bin, days until the next purchase (infinite when not by then).

    `held_out` marks the pairs of customers on whom layers are compared.
    """

    day: int
    follow_days: int
    features: Matrix
    hazard: Numbers
    wait_days: Numbers
    repurchases: npt.NDArray[np.int32]
    held_out: Flags
    factors: ProductFactors


def take_snapshot(
    *, purchases: pl.DataFrame, day: int, cut: int, shop_days: ShopDays, table: HazardTable | None, seed: int
) -> Snapshot:
    """What was known on `day` and what happened before `cut`."""
    date = date_of(day)
    before = purchases.filter(pl.col("date") < date)
    coded = code_statistics(count_purchases(purchases=before, as_of=date))
    rates = fit_rates(coded=coded)
    posterior = fit_posterior(pairs=coded.pairs, rates=rates)
    follow = min(cut - day, BINS[-1])
    factors = learn_factors(coded=coded, seed=seed)
    known = know(coded=coded, cut=day, factors=factors)
    everything = slice(0, coded.pairs.last.size)
    features = build_features(
        coded=coded, pairs=coded.pairs, rows=everything, rates=rates, posterior=posterior, known=known
    )
    curves = draw_curves(
        pairs=coded.pairs, posterior=posterior, table=table, factors=shop_days.factors(start=day, days=BINS[-1]),
        until_days=BINS[-1],
    )  # fmt: skip
    return Snapshot(
        day=day,
        follow_days=follow,
        features=features,
        hazard=curves.between(days=BINS),
        wait_days=wait_days_of(coded=coded, purchases=purchases, window_days=follow),
        repurchases=coded.pairs.repurchases,
        held_out=_held_out(coded.statistics.customers["customer_id"])[coded.pairs.customer],
        factors=factors,
    )


def _held_out(customer_ids: pl.Series) -> Flags:
    """A fifth of the customers, by a hash of their id, on whom layers are compared."""
    return np.asarray((customer_ids.hash(seed=11) % 5 == 0).to_numpy())


def first_day(purchases: pl.DataFrame) -> int:
    """Day number of the first purchase; zero without any."""
    first = purchases["date"].min()
    return day_number(first) if first is not None else 0  # type: ignore[arg-type]
