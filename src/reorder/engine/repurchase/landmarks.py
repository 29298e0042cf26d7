"""Earlier days from which layer 2 learns what came next: pairs as they were known then, and what happened until the cut.

Nothing after the cut and, in what is known at a landmark, nothing after the landmark.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.repurchase.factors import learn_factors
from reorder.engine.repurchase.features import Known, Matrix, build_features, know
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
    weekdays: set[int] = set()
    for offset in np.linspace(farthest, _NEAREST_DAYS, _LANDMARKS).round().astype(int):
        for shift in (0, 1, -1, 2, -2, 3, -3):
            day = cut - int(offset) - shift
            usual = float(shop_days.factors(start=day, days=1)[0]) > _QUIET_FACTOR
            if usual and day % 7 not in weekdays and day not in chosen and _NEAREST_DAYS <= cut - day:
                chosen.append(day)
                weekdays.add(day % 7)
                break
    return sorted(chosen)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One landmark: features, layer 1's hazard in each bin, days until the next purchase (infinite when not by then)."""

    day: int
    follow_days: int
    features: Matrix
    hazard: Numbers
    wait_days: Numbers
    repurchases: npt.NDArray[np.int32]
    customer_half: Flags
    pairs: pl.DataFrame
    known: Known


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
    known = know(coded=coded, cut=day, factors=learn_factors(coded=coded, seed=seed))
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
        customer_half=_held_out(coded.statistics.customers["customer_id"])[coded.pairs.customer],
        pairs=coded.statistics.pairs.select("customer_id", "sku"),
        known=known,
    )


def _held_out(customer_ids: pl.Series) -> Flags:
    """A fifth of the customers, by a hash of their id, on whom layers are compared."""
    return np.asarray((customer_ids.hash(seed=11) % 5 == 0).to_numpy())


def first_day(purchases: pl.DataFrame) -> int:
    """Day number of the first purchase; zero without any."""
    first = purchases["date"].min()
    return day_number(first) if first is not None else 0  # type: ignore[arg-type]
