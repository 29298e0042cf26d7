"""Training the ranking on earlier baskets of the same customers, with a sample of bounded size."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from reorder.engine.recommend.features import describe_candidates, ranked_columns, to_matrix
from reorder.engine.recommend.frequency import score_by_frequency
from reorder.engine.recommend.levels import Level, list_levels
from reorder.engine.recommend.purchases import Assortment
from reorder.engine.recommend.shop import survey_shop

MOST_BASKETS = 16_000
LEAST_HITS = 400
_PART = 4_000
_NEGATIVE_SHARE = 0.3  # of all products that were not taken, own ones or new: else the one kind would seem likelier
_ROUNDS = 300
_PATIENCE_ROUNDS = 30
_KEPT_BACK_EVERY = 7
_COMPARED = 10
# Two threads that wait for each other on a busy machine cost more than they bring where there is little to do.
_ROWS_FOR_TWO_THREADS = 100_000
_PARAMETERS: dict[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 30,
    "metric": "ndcg",
    "eval_at": [10],
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "max_bin": 127,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True)
class Ranking:
    """A trained booster as text, the features it reads, and on how much it was trained.

    `learned_gain` and `frequency_gain`: discounted gain of the first ten places, on baskets kept back from training.
    """

    booster: str
    columns: list[str]
    baskets_count: int
    hits_count: int
    learned_gain: float
    frequency_gain: float


@dataclass(frozen=True, slots=True)
class _Sample:
    columns: list[str]
    features: np.ndarray
    wanted: np.ndarray
    frequency: np.ndarray
    groups: np.ndarray
    is_kept_back: np.ndarray  # by group; these hold every candidate


def learn_ranking(
    *, purchases: pl.DataFrame, assortment: Assortment, as_of: dt.date | None, seed: int
) -> Ranking | None:
    """A ranking learned from earlier baskets; None when they are too few, or when frequency guesses better."""
    samples: list[_Sample] = []
    left = MOST_BASKETS
    for ordinal, level in enumerate(list_levels(purchases=purchases, as_of=as_of)):
        if left <= 0:
            break
        chosen = _choose_customers(wanted=level.wanted, most=left, seed=seed + ordinal)
        left -= len(chosen)
        dice = np.random.default_rng(seed + ordinal)
        samples += _take(level=level, chosen=chosen, assortment=assortment, generator=dice)
    if sum(int(sample.wanted.sum()) for sample in samples) < LEAST_HITS:
        return None
    known, kept_back = _split(_join(samples))
    ranking = _train(known=known, kept_back=kept_back, seed=seed)
    return ranking if ranking.learned_gain > ranking.frequency_gain else None


def _join(samples: list[_Sample]) -> _Sample:
    return _Sample(
        columns=samples[0].columns,
        features=np.concatenate([sample.features for sample in samples]),
        wanted=np.concatenate([sample.wanted for sample in samples]),
        frequency=np.concatenate([sample.frequency for sample in samples]),
        groups=np.concatenate([sample.groups for sample in samples]),
        is_kept_back=np.concatenate([sample.is_kept_back for sample in samples]),
    )


def _split(sample: _Sample) -> tuple[_Sample, _Sample]:
    """What is trained on, and what is kept back to stop in time and to compare with frequency."""
    is_back = sample.is_kept_back
    rows = np.repeat(is_back, sample.groups)
    known, back = (
        _Sample(
            columns=sample.columns,
            features=sample.features[chosen],
            wanted=sample.wanted[chosen],
            frequency=sample.frequency[chosen],
            groups=sample.groups[baskets],
            is_kept_back=is_back[baskets],
        )
        for chosen, baskets in ((~rows, ~is_back), (rows, is_back))
    )
    return known, back


def threads_for(*, rows: int) -> int:
    """How many threads LightGBM gets; the answer does not depend on it."""
    return 2 if rows > _ROWS_FOR_TWO_THREADS else 1


def _choose_customers(*, wanted: pl.DataFrame, most: int, seed: int) -> np.ndarray:
    customers = wanted["customer"].unique().sort().to_numpy()
    if len(customers) <= most:
        return customers
    return np.sort(np.random.default_rng(seed).choice(customers, size=most, replace=False))


def _take(*, level: Level, chosen: np.ndarray, assortment: Assortment, generator: np.random.Generator) -> list[_Sample]:
    """The candidates of the chosen customers in parts of bounded size; who wanted none of them teaches nothing."""
    if not len(chosen):
        return []
    shop = survey_shop(purchases=level.history, assortment=assortment, end=level.end)
    samples = []
    for start in range(0, len(chosen), _PART):
        part = pl.DataFrame({"customer": chosen[start : start + _PART]}).with_row_index("number")
        number = part.select("customer", pl.col("number").cast(pl.Int32))
        history, wanted = (
            frame.join(number, on="customer", how="inner").with_columns(customer=pl.col("number")).drop("number")
            for frame in (level.history, level.wanted)
        )
        rows = describe_candidates(
            purchases=history.sort("customer", "day", "item"), shop=shop, end=level.end, least=0, due=None
        )
        samples.append(_sample(rows=rows, wanted=wanted, generator=generator))
    return [sample for sample in samples if len(sample.groups)]


def _sample(*, rows: pl.DataFrame, wanted: pl.DataFrame, generator: np.random.Generator) -> _Sample:
    marked = rows.join(
        wanted.with_columns(is_wanted=pl.lit(value=True)), on=["customer", "item"], how="left", maintain_order="left"
    ).with_columns(pl.col("is_wanted").fill_null(value=False))
    drawn = pl.Series(generator.random(marked.height) < _NEGATIVE_SHARE)
    kept_back = pl.col("customer") % _KEPT_BACK_EVERY == 0
    kept = marked.filter((pl.col("is_wanted") | drawn | kept_back) & pl.col("is_wanted").any().over("customer"))
    groups = kept.group_by("customer", maintain_order=True).len()
    columns = ranked_columns(rows)
    return _Sample(
        columns=columns,
        features=to_matrix(kept, columns=columns),
        wanted=kept["is_wanted"].cast(pl.Float32).to_numpy(),
        frequency=score_by_frequency(kept, due=None).to_numpy(),
        groups=groups["len"].to_numpy(),
        is_kept_back=groups.select(kept_back).to_series().to_numpy(),
    )


def _train(*, known: _Sample, kept_back: _Sample, seed: int) -> Ranking:
    import lightgbm

    given = {**_PARAMETERS, "seed": seed, "num_threads": threads_for(rows=len(known.features))}
    tables = [
        lightgbm.Dataset(sample.features, sample.wanted, group=sample.groups, feature_name=sample.columns, params=given)
        for sample in (known, kept_back)
    ]
    tables[1].set_reference(tables[0])
    stop = lightgbm.early_stopping(_PATIENCE_ROUNDS, verbose=False)
    booster = lightgbm.train(given, tables[0], num_boost_round=_ROUNDS, valid_sets=tables[1:], callbacks=[stop])
    guessed = booster.predict(kept_back.features, num_threads=given["num_threads"])
    return Ranking(
        booster=str(booster.model_to_string(num_iteration=booster.best_iteration)),
        columns=known.columns,
        baskets_count=len(known.groups),
        hits_count=int(known.wanted.sum()),
        learned_gain=_gain(score=np.asarray(guessed), sample=kept_back),
        frequency_gain=_gain(score=kept_back.frequency, sample=kept_back),
    )


def _gain(*, score: np.ndarray, sample: _Sample) -> float:
    """Wanted products among the first ten of each basket, those further down counting less (DCG)."""
    basket = np.repeat(np.arange(len(sample.groups)), sample.groups)
    order = np.lexsort((-score, basket))
    place = np.arange(len(order)) - np.repeat(np.cumsum(sample.groups) - sample.groups, sample.groups)
    gain = sample.wanted[order] / np.log2(place + 2)
    return round(float(gain[place < _COMPARED].sum()), 6)
