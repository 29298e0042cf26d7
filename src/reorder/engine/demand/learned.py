"""The learned methods: one model over all series, direct for every day ahead, trained on sampled series and origins.

A backtest window is answered by a model that never saw a day at or after the first window; the future by one trained
on everything. Two fits a method, whatever the number of windows.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reorder.engine.demand.features import Features, Matrix, sample_origins
from reorder.engine.demand.panel import Counts, Flags, Floats

# The budget of one fit: two to three seconds of LightGBM on one core; more rows cost time in proportion.
TRAINING_ROWS = 150_000
FEWEST_TRAINING_ROWS = 2_000
ORIGIN_STEP_DAYS = 9  # no multiple of seven, so that origins fall on every weekday
SHORTEST_AGE_DAYS = 28
PREDICTED_SERIES = 4_000
LARGEST_RATIO = 20.0
BOOSTING_ROUNDS = 200
RIDGE_PENALTY = 50.0
HIDDEN_UNITS = (32, 16)
TRAINING_PASSES = 8
_BASE_FLOOR = 1e-6

Predict = Callable[[Matrix], Floats]


@dataclass(frozen=True, slots=True)
class Sample:
    """Training rows: features, units over base, and the base as weight (a unit missed costs the same everywhere)."""

    values: Matrix
    ratios: Floats
    weights: Floats


Fit = Callable[[Features, Sample, int], Predict]


def learned_forecast(*, features: Features, origins: Sequence[int], fit: Fit, seed: int) -> Floats | None:
    """(origins, series, horizon) forecasts; NaN for windows before which too little could be learned.

    None when even the whole history has too few rows to learn from.
    """
    panel = features.panel
    everything = _sample(features=features, last=panel.days, seed=seed)
    if everything is None:
        return None
    out = np.full((len(origins), panel.series_count, panel.horizon_days), np.nan)
    out[-1] = _predicted(features=features, origin=origins[-1], predict=fit(features, everything, seed))
    for position, origin in enumerate(origins[:-1]):
        if position == 0:
            earlier = _sample(features=features, last=origin, seed=seed)
            if earlier is None:
                break
            predict = fit(features, earlier, seed)
        out[position] = _predicted(features=features, origin=origin, predict=predict)
    return out


def _sample(*, features: Features, last: int, seed: int) -> Sample | None:
    """Random series and days ahead at origins over the last year, within the budget of rows."""
    panel = features.panel
    origins = sample_origins(
        last=last, horizon_days=panel.horizon_days, every_days=ORIGIN_STEP_DAYS, shortest_days=SHORTEST_AGE_DAYS
    )
    if not origins:
        return None
    generator = np.random.default_rng(seed)
    budget = max(1, TRAINING_ROWS // len(origins))
    series_count = min(panel.series_count, max(50, budget // 4))
    steps_count = int(np.clip(budget // max(series_count, 1), 1, panel.horizon_days))
    parts = []
    for origin in origins:
        old = np.flatnonzero(panel.age_days - (panel.days - origin) >= SHORTEST_AGE_DAYS)
        series = np.sort(generator.choice(old, min(series_count, old.size), replace=False))
        steps = np.sort(generator.choice(panel.horizon_days, steps_count, replace=False))
        parts.append(_rows(features=features, origin=origin, series=series, steps=steps))
    sample = Sample(
        values=np.concatenate([part.values for part in parts]),
        ratios=np.concatenate([part.ratios for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
    )
    return sample if sample.ratios.size >= FEWEST_TRAINING_ROWS else None


def _rows(*, features: Features, origin: int, series: Counts, steps: Counts) -> Sample:
    panel = features.panel
    rows = features.rows(origin=origin, series=series, steps=steps)
    units = panel.units[series][:, origin + steps].ravel()
    # A series that sold nothing for half a year has no base to divide by; its forecast is its base, nothing.
    usable = panel.known[series][:, origin + steps].ravel() & (rows.base > _BASE_FLOOR)
    ratios = np.minimum(units[usable] / rows.base[usable], LARGEST_RATIO)
    return Sample(values=rows.values[usable], ratios=ratios, weights=rows.base[usable])


def _predicted(*, features: Features, origin: int, predict: Predict) -> Floats:
    panel = features.panel
    steps = np.arange(panel.horizon_days)
    out = np.empty((panel.series_count, panel.horizon_days))
    for first in range(0, panel.series_count, PREDICTED_SERIES):
        series = np.arange(first, min(first + PREDICTED_SERIES, panel.series_count))
        rows = features.rows(origin=origin, series=series, steps=steps)
        ratios = np.clip(predict(rows.values), 0.0, LARGEST_RATIO)
        out[series] = (ratios * rows.base).reshape(series.size, steps.size)
    return out


def fit_gradient_boosting(features: Features, sample: Sample, seed: int) -> Predict:
    """LightGBM on units over base with a Tweedie objective: zeros and long tails without a log transform.

    Source: Makridakis et al., "The M5 accuracy competition", IJF 38 (2022): the winners' objective and features.
    """
    import lightgbm

    settings = {
        "objective": "tweedie",
        "tweedie_variance_power": 1.1,
        "learning_rate": 0.05,
        "num_leaves": 31,
        "min_data_in_leaf": min(100, max(20, sample.ratios.size // 100)),
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "max_bin": 127,
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
    }
    try:
        rows = lightgbm.Dataset(
            sample.values,
            sample.ratios,
            weight=sample.weights / sample.weights.mean(),
            categorical_feature=features.categorical_positions,
            params={"max_bin": 127, "verbosity": -1},
        )
        booster = lightgbm.train(settings, rows, BOOSTING_ROUNDS)
    except lightgbm.basic.LightGBMError as error:
        raise ValueError(str(error)) from error

    def predict(values: Matrix) -> Floats:
        return np.asarray(booster.predict(values, num_threads=1), dtype=np.float64)

    return predict


def fit_regression(features: Features, sample: Sample, seed: int) -> Predict:
    """Ridge on units over base: means, weekday profile and their products, weekdays, regressors, all standardised."""
    del seed  # closed form: nothing is drawn
    from sklearn.linear_model import Ridge

    design = _design(features=features, values=sample.values)
    middle, width = design.mean(axis=0), design.std(axis=0) + 1e-9
    model = Ridge(alpha=RIDGE_PENALTY).fit(
        (design - middle) / width, sample.ratios, sample_weight=sample.weights / sample.weights.mean()
    )

    def predict(values: Matrix) -> Floats:
        return np.asarray(model.predict((_design(features=features, values=values) - middle) / width))

    return predict


def fit_neural_network(features: Features, sample: Sample, seed: int) -> Predict:
    """One small multi-layer perceptron over all series, on the same design as the ridge."""
    from sklearn.neural_network import MLPRegressor

    design = _design(features=features, values=sample.values)
    middle, width = design.mean(axis=0), design.std(axis=0) + 1e-9
    model = MLPRegressor(
        hidden_layer_sizes=HIDDEN_UNITS,
        alpha=1e-3,
        batch_size=512,
        max_iter=TRAINING_PASSES,
        tol=0.0,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # The number of passes is a budget; running out of it is the plan, not a fault.
        warnings.simplefilter("ignore")
        model.fit((design - middle) / width, sample.ratios, sample_weight=sample.weights / sample.weights.mean())

    def predict(values: Matrix) -> Floats:
        return np.asarray(model.predict((_design(features=features, values=values) - middle) / width))

    return predict


def _design(*, features: Features, values: Matrix) -> npt.NDArray[np.float64]:
    column = {name: values[:, position].astype(np.float64) for position, name in enumerate(features.names)}
    means = [name for name in features.names if name.startswith("mean_")]
    linear = [*means, "profile", "recent_weekday", "year_ago", "size", "sold_share_28_days", "sold_share_182_days"]
    linear += features.numeric_regressors
    filled = {name: np.clip(_filled(column[name]), -LARGEST_RATIO, LARGEST_RATIO) for name in linear}
    profile = filled["profile"]
    parts = list(filled.values())
    parts += [filled[name] * profile for name in [*means, "recent_weekday"]]
    parts += [column["base"], np.log1p(column["days_since_sale"])]
    parts += [(column["weekday"] == day).astype(np.float64) for day in range(7)]
    return np.stack(parts, axis=1)


def _filled(values: Floats) -> Floats:
    """A missing ratio is 1: as usual."""
    missing: Flags = ~np.isfinite(values)
    return np.where(missing, 1.0, values)


LEARNED: dict[str, Fit] = {
    "gradient_boosting": fit_gradient_boosting,
    "neural_network": fit_neural_network,
    "regression": fit_regression,
}
