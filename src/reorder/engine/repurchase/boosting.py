"""Layer 2: a discrete-time hazard by gradient boosting that starts from what layer 1 says.

Rows are (pair, stretch of days) while the pair has not bought (Singer & Willett 1993); the answer is whether it bought
in that stretch. It is used only where it explains, on a later day, customers that it was not learned from.
"""

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import polars as pl

from reorder.engine.repurchase.factors import ProductFactors
from reorder.engine.repurchase.features import PAIR_FEATURES, Matrix
from reorder.engine.repurchase.hazard import HazardTable
from reorder.engine.repurchase.landmarks import BINS, Flags, Snapshot, choose_landmarks, first_day, take_snapshot
from reorder.engine.repurchase.purchases import Numbers
from reorder.engine.repurchase.shopdays import ShopDays

STRETCH_FEATURES: Final = ("stretch", "overdue_then")
_MIN_EVENTS: Final = 4_000
_CHECKED_LANDMARKS: Final = 2
_CERTAIN: Final = 2.0  # standard errors by which layer 2 must be better
_MORE_ROUNDS: Final = 2.0  # what is learned in the end has three times the rows, and customers and days of its own
_FEWEST_ROUNDS: Final = 20
_MAX_PAIRS: Final = 400_000  # a landmark
_MAX_ROWS: Final = 1_500_000
_MAX_COMPARED_ROWS: Final = 600_000  # to choose a layer and the number of rounds
_ROUNDS: Final = 300
_PATIENCE: Final = 15
_ROWS_OF_A_THREAD: Final = 200_000
_SINGLE_SHARE: Final = 0.4  # pairs bought once are many and tell little; so many of them are learned from
_SINGLE_WEIGHT: Final = 0.5
_LEAST_HAZARD: Final = 1e-9
_LEVEL_DAYS: Final = 30
_LEVEL_PAIRS: Final = 50_000  # are enough to compare levels
_LEVEL_PRIOR: Final = 200.0
_LEVEL_STEPS: Final = 8
_LEVEL_BOUNDS: Final = (0.5, 2.0)
_BOOSTING: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.07,
    "num_leaves": 31,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "boost_from_average": False,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True)
class Boosted:
    """The trees (LightGBM's own text), good for stretches that end by `last_bin` days; `learned` tells from what.

    `level` holds what they expect of all pairs together to what layer 1 and the recent weeks make likely.
    """

    trees: str
    features: tuple[str, ...]
    last_bin: int
    learned: str
    factors: ProductFactors
    level: float = 1.0

    def ratios(self, *, features: Matrix, hazard: Numbers, overdue: Numbers, rate: Numbers) -> Numbers:
        """By how much each stretch's hazard differs from layer 1's `hazard`; stretches not learned follow the last."""
        trees = _read_trees(self.trees)
        ratios = np.ones_like(hazard)
        for stretch in range(hazard.shape[1]):
            if BINS[stretch + 1] > self.last_bin:
                ratios[:, stretch] = ratios[:, stretch - 1]
                continue
            table = _with_stretch(features=features, stretch=stretch, overdue=overdue, rate=rate)
            start = np.maximum(hazard[:, stretch], _LEAST_HAZARD)
            raw = _log_odds(start) + np.asarray(trees.predict(table, raw_score=True, num_threads=2))
            ratios[:, stretch] = np.logaddexp(0.0, raw) / start
        return ratios * self.level


@dataclass(frozen=True, slots=True)
class NotBoosted:
    """Why layer 1 answers alone."""

    why: str


@dataclass(frozen=True, slots=True)
class _Rows:
    features: Matrix
    bought: Matrix
    start: Numbers
    weight: Matrix


def learn_boosting(
    *, purchases: pl.DataFrame, cut: int, shop_days: ShopDays, table: HazardTable | None, seed: int
) -> Boosted | NotBoosted:
    """Layer 2 from up to six landmarks before `cut`, or why it is not used."""
    sampled = _sample_customers(purchases)
    days = choose_landmarks(cut=cut, first=first_day(sampled), shop_days=shop_days)
    if len(days) <= _CHECKED_LANDMARKS:
        return NotBoosted(f"{max(cut - first_day(sampled), 0) if sampled.height else 0} days of history are too few")
    snapshots = [
        take_snapshot(purchases=sampled, day=day, cut=cut, shop_days=shop_days, table=table, seed=seed) for day in days
    ]
    events = sum(int(np.isfinite(snapshot.wait_days).sum()) for snapshot in snapshots)
    if events < _MIN_EVENTS:
        return NotBoosted(f"{events} purchases after {len(days)} earlier days are fewer than {_MIN_EVENTS}")
    compared = _compare_layers(snapshots=snapshots, seed=seed)
    if compared.gained <= _CERTAIN * compared.chance:
        return NotBoosted("it does not explain later purchases of other customers better than layer 1")
    rows = _stack(snapshots=snapshots, seed=seed, held_out=None, most_rows=_MAX_ROWS)
    trees = _train(rows=rows, rounds=compared.rounds, seed=seed)
    now = take_snapshot(purchases=sampled, day=cut, cut=cut, shop_days=shop_days, table=table, seed=seed)
    reach = max(snapshot.follow_days for snapshot in snapshots)
    boosted = Boosted(
        trees=trees.model_to_string(),
        features=(*PAIR_FEATURES, *STRETCH_FEATURES),
        last_bin=max(end for end in BINS if end <= reach),
        learned=f"{events} purchases after {len(days)} earlier days, gaining {compared.gained:.4f} of log loss",
        factors=now.factors,
    )
    return replace(boosted, level=_settle_level(boosted=boosted, now=now, snapshots=snapshots))


def _settle_level(*, boosted: Boosted, now: Snapshot, snapshots: list[Snapshot]) -> float:
    """Factor on the hazard with which layer 2 expects what layer 1 does times what of it came true at the landmarks.

    Trees follow shares and rhythms that shift a little as a history grows; the level must not shift with them.
    """
    realised = expected = _LEVEL_PRIOR
    for snapshot in snapshots:
        whole = [end for end in BINS[1:] if end <= min(snapshot.follow_days, _LEVEL_DAYS)]
        if whole:
            realised += float((snapshot.wait_days < whole[-1]).sum())
            expected += float(-np.expm1(-snapshot.hazard[:, : len(whole)].sum(axis=1)).sum())
    rows = slice(None, None, max(now.repurchases.size // _LEVEL_PAIRS, 1))
    features, hazard = now.features[rows], now.hazard[rows]
    ratios = boosted.ratios(
        features=features,
        hazard=hazard,
        overdue=features[:, PAIR_FEATURES.index("overdue")].astype(np.float64),
        rate=np.exp(features[:, PAIR_FEATURES.index("log_rate")].astype(np.float64)),
    )
    ahead = BINS.index(_LEVEL_DAYS)
    scaled = (ratios * hazard)[:, :ahead].sum(axis=1)
    wanted = float(-np.expm1(-hazard[:, :ahead].sum(axis=1)).sum()) * realised / expected
    if not wanted > 0:
        return 1.0
    level = 1.0
    for _ in range(_LEVEL_STEPS):  # nearly linear: a few steps are exact to far more than matters
        level *= wanted / float(-np.expm1(-level * scaled).sum())
    return float(np.clip(level, *_LEVEL_BOUNDS))


def _sample_customers(purchases: pl.DataFrame) -> pl.DataFrame:
    """Whole customers, chosen by a hash of their id, so that a landmark has no more pairs than memory allows."""
    pairs_count = purchases.select("customer_id", "sku").n_unique() if purchases.height else 0
    if pairs_count <= _MAX_PAIRS:
        return purchases
    share = _MAX_PAIRS / pairs_count
    return purchases.filter(pl.col("customer_id").hash(seed=5) < int(share * 2**64))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """`rounds` that serve best, log loss a row `gained` over layer 1, and how far chance alone may move that."""

    rounds: int
    gained: float
    chance: float


def _compare_layers(*, snapshots: list[Snapshot], seed: int) -> _Comparison:
    """Learn from the earlier landmarks, check at the latest two on customers held out."""
    import lightgbm

    learning = _stack(
        snapshots=snapshots[:-_CHECKED_LANDMARKS], seed=seed, held_out=False, most_rows=_MAX_COMPARED_ROWS
    )
    checking = _stack(snapshots=snapshots[-_CHECKED_LANDMARKS:], seed=seed, held_out=True, most_rows=_MAX_COMPARED_ROWS)
    if not checking.bought.size or not learning.bought.size:
        return _Comparison(rounds=0, gained=0.0, chance=0.0)
    dataset = _dataset(learning)
    trees = lightgbm.train(
        {**_boosting(rows=learning, seed=seed), "metric": "binary_logloss"},
        dataset,
        _ROUNDS,
        valid_sets=[_dataset(checking, reference=dataset)],
        callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
    )
    raw = trees.predict(checking.features, raw_score=True, num_iteration=trees.best_iteration, num_threads=2)
    better = _losses(rows=checking, raw=checking.start) - _losses(rows=checking, raw=checking.start + np.asarray(raw))
    return _Comparison(
        rounds=min(max(int(trees.best_iteration * _MORE_ROUNDS), _FEWEST_ROUNDS), _ROUNDS),
        gained=float(better.mean()),
        chance=float(better.std() / np.sqrt(better.size)),
    )


def _losses(*, rows: _Rows, raw: Numbers) -> Numbers:
    """Weighted log loss of each row."""
    loss = np.logaddexp(0.0, raw) - rows.bought * raw
    return np.asarray(loss * rows.weight / rows.weight.mean())


def _train(*, rows: _Rows, rounds: int, seed: int) -> Any:
    import lightgbm

    return lightgbm.train(_boosting(rows=rows, seed=seed), _dataset(rows), rounds)


def _boosting(*, rows: _Rows, seed: int) -> dict[str, Any]:
    """Threads wait for each other longer than they work when there are few rows."""
    return {**_BOOSTING, "seed": seed, "num_threads": 1 if rows.bought.size < _ROWS_OF_A_THREAD else 2}


def _dataset(rows: _Rows, *, reference: Any = None) -> Any:
    import lightgbm

    return lightgbm.Dataset(
        rows.features, rows.bought, init_score=rows.start, weight=rows.weight, reference=reference,
        params={"max_bin": _BOOSTING["max_bin"], "verbose": -1}, free_raw_data=False,
    )  # fmt: skip


def _stack(*, snapshots: list[Snapshot], seed: int, held_out: bool | None, most_rows: int) -> _Rows:
    """Person-period rows of all landmarks, thinned to what memory allows."""
    dice = np.random.default_rng(seed)
    parts = [_rows_of(snapshot=snapshot, dice=dice, held_out=held_out) for snapshot in snapshots]
    total = sum(part.bought.size for part in parts)
    keep = min(1.0, most_rows / max(total, 1))
    thinned = [_thin(part, kept=dice.random(part.bought.size) < keep) for part in parts]
    return _Rows(
        features=np.concatenate([part.features for part in thinned]),
        bought=np.concatenate([part.bought for part in thinned]),
        start=np.concatenate([part.start for part in thinned]),
        weight=np.concatenate([part.weight for part in thinned]),
    )


def _thin(rows: _Rows, *, kept: Flags) -> _Rows:
    return _Rows(rows.features[kept], rows.bought[kept], rows.start[kept], rows.weight[kept])


def _rows_of(*, snapshot: Snapshot, dice: np.random.Generator, held_out: bool | None) -> _Rows:
    single = snapshot.repurchases == 0
    chosen = dice.random(single.size) < np.where(single, _SINGLE_SHARE, 1.0)
    if held_out is not None:
        chosen &= snapshot.held_out == held_out
    wait, rate = snapshot.wait_days, np.exp(snapshot.features[:, PAIR_FEATURES.index("log_rate")].astype(np.float64))
    overdue = snapshot.features[:, PAIR_FEATURES.index("overdue")].astype(np.float64)
    features, bought, starts, weights = [], [], [], []
    for stretch, (start, end) in enumerate(itertools.pairwise(BINS)):
        if end > snapshot.follow_days:
            break
        at_risk = chosen & (wait >= start)
        table = _with_stretch(
            features=snapshot.features[at_risk], stretch=stretch, overdue=overdue[at_risk], rate=rate[at_risk]
        )
        features.append(table)
        bought.append((wait[at_risk] < end).astype(np.float32))
        starts.append(_log_odds(np.maximum(snapshot.hazard[at_risk, stretch], _LEAST_HAZARD)))
        weights.append(np.where(single[at_risk], _SINGLE_WEIGHT / _SINGLE_SHARE, 1.0).astype(np.float32))
    return _Rows(np.concatenate(features), np.concatenate(bought), np.concatenate(starts), np.concatenate(weights))


def _with_stretch(*, features: Matrix, stretch: int, overdue: Numbers, rate: Numbers) -> Matrix:
    """The features and what depends on the stretch: which one, and how overdue the pair will be in its middle."""
    start, end = BINS[stretch], BINS[stretch + 1]
    then = overdue + rate * (start + end) / 2
    extra = np.stack([np.full(then.size, start, dtype=np.float32), then.astype(np.float32)], axis=1)
    return np.concatenate([features, extra], axis=1)


def _log_odds(hazard: Numbers) -> Numbers:
    """Log odds of a purchase in a stretch with this much hazard."""
    return np.asarray(np.log(np.expm1(hazard)))


@lru_cache(maxsize=4)
def _read_trees(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text)
