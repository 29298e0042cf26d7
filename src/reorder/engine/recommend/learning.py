"""Training the ranking on earlier baskets of the same customers, with a sample of bounded size."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from reorder.engine.recommend.features import describe_candidates, ranked_columns, to_matrix
from reorder.engine.recommend.levels import Level, list_levels
from reorder.engine.recommend.purchases import Assortment
from reorder.engine.recommend.shop import survey_shop

MOST_BASKETS = 16_000
LEAST_HITS = 400
_PART = 4_000
_NEGATIVE_SHARE = 0.2
_ROUNDS = 200
# Two threads that wait for each other on a busy machine cost more than they bring where there is little to do.
_ROWS_FOR_TWO_THREADS = 100_000
_PARAMETERS: dict[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 30,
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
    """A trained booster as text, the features it reads, and on how much it was trained."""

    booster: str
    columns: list[str]
    baskets_count: int
    hits_count: int


@dataclass(frozen=True, slots=True)
class _Sample:
    columns: list[str]
    features: np.ndarray
    wanted: np.ndarray
    groups: np.ndarray


def learn_ranking(
    *, purchases: pl.DataFrame, assortment: Assortment, as_of: dt.date | None, seed: int
) -> Ranking | None:
    """A ranking learned from earlier baskets, or None when they are too few to learn from."""
    samples: list[_Sample] = []
    left = MOST_BASKETS
    for ordinal, level in enumerate(list_levels(purchases=purchases, as_of=as_of)):
        if left <= 0:
            break
        chosen = _choose_customers(wanted=level.wanted, most=left, seed=seed + ordinal)
        left -= len(chosen)
        samples += _take(
            level=level, chosen=chosen, assortment=assortment, generator=np.random.default_rng(seed + ordinal)
        )
    hits = sum(int(sample.wanted.sum()) for sample in samples)
    if hits < LEAST_HITS:
        return None
    return Ranking(
        booster=_train(samples=samples, seed=seed),
        columns=samples[0].columns,
        baskets_count=sum(len(sample.groups) for sample in samples),
        hits_count=hits,
    )


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
    kept = marked.filter(
        (pl.col("is_wanted") | (pl.col("times") > 0) | drawn) & pl.col("is_wanted").any().over("customer")
    )
    columns = ranked_columns(rows)
    return _Sample(
        columns=columns,
        features=to_matrix(kept, columns=columns),
        wanted=kept["is_wanted"].to_numpy(),
        groups=kept.group_by("customer", maintain_order=True).len()["len"].to_numpy(),
    )


def _train(*, samples: list[_Sample], seed: int) -> str:
    import lightgbm

    table = lightgbm.Dataset(
        np.concatenate([sample.features for sample in samples]),
        np.concatenate([sample.wanted for sample in samples]).astype(np.float32),
        group=np.concatenate([sample.groups for sample in samples]),
        feature_name=samples[0].columns,
        params={"max_bin": _PARAMETERS["max_bin"], "verbose": -1},
    )
    rows = sum(len(sample.features) for sample in samples)
    given = {**_PARAMETERS, "seed": seed, "num_threads": threads_for(rows=rows)}
    booster = lightgbm.train(given, table, num_boost_round=_ROUNDS)
    return str(booster.model_to_string())
