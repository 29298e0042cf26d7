"""The learned methods: one model over all series, direct for every day ahead, trained on sampled series and origins.

A backtest window is answered by a model that never saw a day at or after the first window; the future by one trained
on everything. Two fits a method, whatever the number of windows. Answers do not depend on the number of threads.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reorder.engine.demand.features import YEAR_DAYS, Features, Layout, Matrix, layout_of, sample_origins
from reorder.engine.demand.panel import Counts, Flags, Floats, Panel

# The budget of one fit; more rows cost time in proportion.
TRAINING_ROWS = 300_000
TRAINING_SERIES = 6_000
FEWEST_TRAINING_ROWS = 2_000
ORIGIN_STEP_DAYS = 9  # no multiple of seven, so that origins fall on every weekday
SHORTEST_AGE_DAYS = 28
PREDICTED_SERIES = 1_000  # a block's rows are a few megabytes, whatever the size of the shop
THREADS = 2
LARGEST_RATIO = 20.0
BOOSTING_ROUNDS = 200
TWEEDIE: Mapping[str, object] = {"objective": "tweedie", "tweedie_variance_power": 1.1}
RIDGE_PENALTY = 50.0
HIDDEN_UNITS = (32, 16)
TRAINING_PASSES = 8
_BASE_FLOOR = 1e-6

# What a broken library or a degenerate sample raises; anything else is a fault of ours and must be seen.
FAILURES = (ArithmeticError, ValueError, np.linalg.LinAlgError, ImportError, OSError)

Predict = Callable[[Matrix], Floats]


@dataclass(frozen=True, slots=True)
class Sample:
    """Training rows: features, units over base, and the base as weight (a unit missed costs the same everywhere).

    `ages_days` is how long before the newest training origin each row's origin lies.
    """

    values: Matrix
    ratios: Floats
    weights: Floats
    ages_days: Counts

    def since(self, *, days: int) -> "Sample":
        """Only the rows of the last `days`."""
        mine = self.ages_days <= days
        return Sample(self.values[mine], self.ratios[mine], self.weights[mine], self.ages_days[mine])


Fit = Callable[[Layout, Sample, int], Predict]


def learned_forecasts(*, panel: Panel, origins: Sequence[int], fits: Mapping[str, Fit], seed: int) -> dict[str, Floats]:
    """By method (origins, series, horizon) forecasts; NaN for windows before which too little could be learned.

    A method whose fit fails is NaN throughout. Without enough rows to learn from, even from the whole history, no
    method is in the answer.
    """
    layout = layout_of(panel=panel)
    features = Features(panel=panel.of_series(_training_series(panel=panel, seed=seed)), layout=layout)
    ends = [panel.days, *origins[:1]] if len(origins) > 1 else [panel.days]
    samples = [_sample(features=features, last=end, seed=seed) for end in ends]
    if samples[0] is None:
        return {}
    with ThreadPoolExecutor(THREADS) as pool, warnings.catch_warnings():
        # The network's number of passes is a budget; running out of it is the plan, not a fault. Muted here, because
        # warnings are muted for all threads or for none.
        warnings.simplefilter("ignore")
        jobs = {
            (name, end): pool.submit(_fitted, fit=fit, layout=layout, sample=sample, seed=seed)
            for end, sample in zip(ends, samples, strict=True)
            for name, fit in fits.items()
        }
        models = {key: job.result() for key, job in jobs.items()}
        del samples
        shape = (len(origins), panel.series_count, panel.horizon_days)
        out = {name: np.full(shape, np.nan) for name in fits}

        def answer(first: int) -> None:
            _answer_block(
                panel=panel, layout=layout, origins=origins, first=first, models=models, earliest=ends[-1], out=out
            )

        list(pool.map(answer, range(0, panel.series_count, PREDICTED_SERIES)))
    return out


def _training_series(*, panel: Panel, seed: int) -> Counts:
    """All series of a small shop, a random choice of a large one."""
    old = np.flatnonzero(panel.age_days >= SHORTEST_AGE_DAYS)
    if old.size <= TRAINING_SERIES:
        return np.asarray(old, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(old, TRAINING_SERIES, replace=False))


def _fitted(*, fit: Fit, layout: Layout, sample: Sample | None, seed: int) -> Predict | None:
    if sample is None:
        return None
    try:
        return fit(layout, sample, seed)
    except FAILURES:
        return None


def _answer_block(
    *,
    panel: Panel,
    layout: Layout,
    origins: Sequence[int],
    first: int,
    models: Mapping[tuple[str, int], Predict | None],
    earliest: int,
    out: dict[str, Floats],
) -> None:
    """Fill `out` for the block of series that begins at `first`; its features serve every method."""
    block = np.arange(first, min(first + PREDICTED_SERIES, panel.series_count))
    features = Features(panel=panel.of_series(block), layout=layout)
    steps = np.arange(panel.horizon_days)
    for position, origin in enumerate(origins):
        end = panel.days if origin == panel.days else earliest
        able = {name: model for name in out if (model := models[name, end]) is not None}
        if not able:
            continue
        rows = features.rows(origin=origin, series=np.arange(block.size), steps=steps)
        for name, predict in able.items():
            ratios = np.clip(predict(rows.values), 0.0, LARGEST_RATIO)
            out[name][position, block] = (ratios * rows.base).reshape(block.size, steps.size)


def _sample(*, features: Features, last: int, seed: int) -> Sample | None:
    """Random series and days ahead at origins over the last two years, within the budget of rows."""
    panel = features.panel
    origins = sample_origins(
        last=last, horizon_days=panel.horizon_days, every_days=ORIGIN_STEP_DAYS, shortest_days=SHORTEST_AGE_DAYS
    )
    if not origins or not panel.series_count:
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
        parts.append(_rows(features=features, origin=origin, series=series, steps=steps, age_days=origins[0] - origin))
    sample = Sample(
        values=np.concatenate([part.values for part in parts]),
        ratios=np.concatenate([part.ratios for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
        ages_days=np.concatenate([part.ages_days for part in parts]),
    )
    return sample if sample.ratios.size >= FEWEST_TRAINING_ROWS else None


def _rows(*, features: Features, origin: int, series: Counts, steps: Counts, age_days: int) -> Sample:
    panel = features.panel
    rows = features.rows(origin=origin, series=series, steps=steps)
    units = panel.units[series[:, None], origin + steps[None, :]].ravel()
    # A series that sold nothing for half a year has no base to divide by; its forecast is its base, nothing.
    usable = panel.known[series[:, None], origin + steps[None, :]].ravel() & (rows.base > _BASE_FLOOR)
    ratios = np.minimum(units[usable] / rows.base[usable], LARGEST_RATIO)
    ages_days = np.full(ratios.size, age_days, dtype=np.int64)
    return Sample(values=rows.values[usable], ratios=ratios, weights=rows.base[usable], ages_days=ages_days)


def fit_gradient_boosting(layout: Layout, sample: Sample, seed: int) -> Predict:
    """LightGBM on units over base with a Tweedie objective: zeros and long tails without a log transform.

    The mean of two models, of the last year and of both: one knows how things are now, the other what a season is.
    Source: Makridakis et al., "The M5 accuracy competition", IJF 38 (2022): the winners' objective and features.
    """
    recent = sample.since(days=YEAR_DAYS)
    parts = [sample] if recent.ratios.size < FEWEST_TRAINING_ROWS else [sample, recent]
    boosters = [
        _boosted(layout=layout, sample=part, seed=seed + position, settings=TWEEDIE)
        for position, part in enumerate(parts)
    ]

    def predict(values: Matrix) -> Floats:
        return np.asarray(np.mean([booster(values) for booster in boosters], axis=0))

    return predict


def _boosted(*, layout: Layout, sample: Sample, seed: int, settings: Mapping[str, object]) -> Predict:
    import lightgbm

    fixed = {
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
            categorical_feature=list(layout.categorical_positions),
            params={"max_bin": 127, "verbosity": -1},
        )
        booster = lightgbm.train({**fixed, **settings}, rows, BOOSTING_ROUNDS)
    except lightgbm.basic.LightGBMError as error:
        raise ValueError(str(error)) from error

    def predict(values: Matrix) -> Floats:
        return np.asarray(booster.predict(values, num_threads=1), dtype=np.float64)

    return predict


def fit_regression(layout: Layout, sample: Sample, seed: int) -> Predict:
    """Ridge on units over base: means, weekday profile and their products, weekdays, regressors, all standardised."""
    del seed  # closed form: nothing is drawn
    from sklearn.linear_model import Ridge

    design = _design(layout=layout, values=sample.values)
    middle, width = design.mean(axis=0), design.std(axis=0) + 1e-9
    model = Ridge(alpha=RIDGE_PENALTY).fit(
        (design - middle) / width, sample.ratios, sample_weight=sample.weights / sample.weights.mean()
    )

    def predict(values: Matrix) -> Floats:
        return np.asarray(model.predict((_design(layout=layout, values=values) - middle) / width))

    return predict


def fit_neural_network(layout: Layout, sample: Sample, seed: int) -> Predict:
    """One small multi-layer perceptron over all series, on the same design as the ridge."""
    from sklearn.neural_network import MLPRegressor

    design = _design(layout=layout, values=sample.values)
    middle, width = design.mean(axis=0), design.std(axis=0) + 1e-9
    model = MLPRegressor(
        hidden_layer_sizes=HIDDEN_UNITS,
        alpha=1e-3,
        batch_size=512,
        max_iter=TRAINING_PASSES,
        tol=0.0,
        random_state=seed,
    )
    model.fit((design - middle) / width, sample.ratios, sample_weight=sample.weights / sample.weights.mean())

    def predict(values: Matrix) -> Floats:
        return np.asarray(model.predict((_design(layout=layout, values=values) - middle) / width))

    return predict


def _design(*, layout: Layout, values: Matrix) -> npt.NDArray[np.float64]:
    column = {name: values[:, position].astype(np.float64) for position, name in enumerate(layout.names)}
    means = [name for name in layout.names if name.startswith("mean_")]
    linear = [*means, "profile", "recent_weekday", "year_ago", "size", "sold_share_28_days", "sold_share_182_days"]
    linear += layout.numeric_regressors
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
