"""Learned effects against effects that were put in: how often the interval holds, what they are worth, what they cost.

python -m benchmarks.demand_effects            # coverage and worth on seeded shops, then cost at 1, 10, 30 k series
"""

import resource
import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl

from reorder.engine import demand
from reorder.engine.demand.choice import origins
from reorder.engine.demand.classes import classify
from reorder.engine.demand.effects import learn_effects
from reorder.engine.demand.panel import Panel, Regressors
from reorder.engine.demand.treatment import plan_treatment

FIRST_DAY = date(2024, 1, 1)
WEEK = np.array([0.8, 0.9, 0.9, 1.0, 1.1, 1.4, 0.9])
FESTIVAL, PROMOTION, ELASTICITY = 0.38, 1.0, -1.5
CHEAP = ["adida", "croston", "exponential_smoothing", "moving_average", "seasonal_naive", "theta", "tsb"]


def seeded_shop(*, seed: int, skus: int = 20, days: int = 756, festivals: tuple[int, ...] = (250, 614)) -> pl.DataFrame:
    """Uneven daily sales with season, weekday, good and bad days of the shop, promotions, prices and a festival."""
    dice = np.random.default_rng(seed)
    season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(days) / 365)
    common = season * WEEK[np.arange(days) % 7] * np.exp(dice.normal(0, 0.08, days))
    festival = np.isin(np.arange(days), [first + day for first in festivals for day in range(3)])
    parts = []
    for number in range(skus):
        promotion, price = np.zeros(days, dtype=bool), np.full(days, 100.0)
        for start in dice.integers(0, days - 7, 12):
            promotion[start : start + 7] = True
        for start in dice.integers(0, days - 30, 6):
            price[start : start + int(dice.integers(7, 30))] = dice.choice([80.0, 90.0, 110.0])
        mean = np.exp(dice.uniform(np.log(1.0), np.log(8.0))) * common * (price / 100) ** ELASTICITY
        mean = mean * np.where(festival, 1 + FESTIVAL, 1.0) * np.where(promotion, 1 + PROMOTION, 1.0)
        parts.append(
            pl.DataFrame(
                {
                    "sku": [f"S{number:03}"] * days,
                    "place": ["K"] * days,
                    "date": [FIRST_DAY + timedelta(days=day) for day in range(days)],
                    "units": dice.negative_binomial(8, 8 / (8 + mean)).astype(float),
                    "event": pl.Series([("Mid-autumn" if on else None) for on in festival], dtype=pl.String),
                    "on_promotion": promotion,
                    "price": price,
                    "category": [f"C{number % 3}"] * days,
                }
            )
        )
    return pl.concat(parts)


def measure_coverage(*, shops: int, festivals: tuple[int, ...]) -> None:
    """How often the 80 % interval of the shop and of SKUs holds what was put in, and the mean estimate."""
    truth = {"event": FESTIVAL, "on_promotion": PROMOTION, "price": 0.9**ELASTICITY - 1}
    held: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for seed in range(shops):
        table = demand.estimate_effects(history=seeded_shop(seed=seed, festivals=festivals))
        for name, share in truth.items():
            for scope in ("shop", "sku"):
                rows = table.filter((pl.col("name") == name) & (pl.col("scope") == scope))
                inside = rows.select(((pl.col("low_share") <= share) & (pl.col("high_share") >= share)).mean()).item()
                held.setdefault((name, scope), []).append((float(inside), float(rows["effect_share"].mean())))  # type: ignore[arg-type]
    print(f"{shops} shops, festival {len(festivals)} times: share of 80 % intervals that hold the truth, mean estimate")
    for (name, scope), values in held.items():
        inside, estimate = np.mean(values, axis=0)
        print(f"  {name:13} {scope:5} {inside:.2f}   {estimate:+.3f} (put in {truth[name]:+.3f})")


def measure_worth(*, shops: int) -> None:
    """WAPE and bias of 28 days with and without the known columns."""
    for label, methods in (("cheap methods", CHEAP), ("whole pool", None)):
        found = []
        for seed in range(shops):
            table = seeded_shop(seed=100 + seed, festivals=(250, 614, 740))
            cut = FIRST_DAY + timedelta(days=728)
            history, truth = table.filter(pl.col("date") < cut), table.filter(pl.col("date") >= cut)
            told = demand.forecast(history=history, known_future=truth.drop("units"), methods=methods)
            untold = demand.forecast(history=history.select("sku", "place", "date", "units"), methods=methods)
            moved = truth.filter(pl.col("on_promotion") | pl.col("event").is_not_null() | (pl.col("price") != 100))
            found.append([*_score(told, truth), *_score(untold, truth), *_score(told, moved), *_score(untold, moved)])
        every = [f"{value:.3f}" for value in np.mean(found, axis=0)]
        print(
            f"{label}: WAPE, bias with {every[:2]}, without {every[2:4]}; "
            f"moved days with {every[4:6]}, without {every[6:]}"
        )


def _score(made: demand.DemandForecast, truth: pl.DataFrame) -> tuple[float, float]:
    both = truth.join(made.daily, on=["sku", "place", "date"])
    total = float(both["units"].sum())
    return float((both["units"] - both["mean_units"]).abs().sum()) / total, float(both["mean_units"].sum()) / total - 1


def measure_cost(*, series: int, days: int = 728) -> None:
    """Seconds of CPU to learn the effects once, and to learn, judge and prepare them for a night's forecast."""
    dice = np.random.default_rng(1)
    width = days + 28
    event = np.zeros((series, width), dtype=np.float32)
    event[:, [100, 101, 102, 465, 466, 467, width - 3]] = 1
    promotion = (dice.random((series, width)) < 0.05).astype(np.float32)
    price = np.where(dice.random((series, width)) < 0.1, 80, 100).astype(np.float32)
    panel = Panel(
        keys=pl.DataFrame({"sku": [f"S{number:06}" for number in range(series)], "place": ["K"] * series}),
        last_date=FIRST_DAY + timedelta(days=days - 1),
        horizon_days=28,
        units=dice.poisson(np.exp(dice.uniform(-2, 1.5, (series, 1))), (series, days)).astype(float),
        known=np.ones((series, days), dtype=bool),
        age_days=np.full(series, days),
        regressors=Regressors(
            names=("event", "on_promotion", "price"),
            categorical=(True, False, False),
            values=np.stack([event, promotion, price]),
            labels=(("Mid-autumn",), (), ()),
            fixed=(False, False, False),
        ),
        closed=np.zeros((series, width), dtype=bool),
    )
    started = time.process_time()
    learn_effects(panel=panel, products=None, end=days)
    learned = time.process_time() - started
    classes = classify(units=panel.units, known=panel.known, age_days=panel.age_days)
    started = time.process_time()
    plan_treatment(panel=panel, classes=classes, starts=origins(days=days, horizon_days=28))
    planned = time.process_time() - started
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{series:6} series × {days} days: learn {learned:.1f} s CPU, whole treatment {planned:.1f} s CPU, "
        f"{most:.1f} GB"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure_cost(series=int(sys.argv[1]))
    else:
        measure_coverage(shops=30, festivals=(250, 614))
        measure_coverage(shops=30, festivals=(500,))
        measure_worth(shops=5)
        for size in (1_000, 10_000, 30_000):
            measure_cost(series=size)
