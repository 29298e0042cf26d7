"""Learns what events are worth: signals at earlier cuts against what was bought after them and what the base expected.

Weights are kept only where they explain customers that they were not learned from, so that events that mean nothing
change nothing.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.repurchase.behaviour import SIGNALS, STRETCHES, EventWeights, Signals, count_signals
from reorder.engine.repurchase.hazard import wait_days_of
from reorder.engine.repurchase.purchases import Coded, Codes, Numbers, code_statistics, date_of
from reorder.engine.repurchase.statistics import count_purchases

# Cuts at which it is looked back, in days before the day of learning.
_LOOKS_BACK: Final = (30, 23, 16, 9)
_MIN_HISTORY_DAYS: Final = 56
_MIN_PURCHASES: Final = 50
# Log likelihood that weights must gain on other customers to be trusted. Chance alone gains less than nothing; a base
# model that fits those who look around a little worse than others can make meaningless events gain a little.
_MIN_GAIN: Final = 10.0
_MIN_GAIN_SHARE: Final = 0.001
_WEIGHT_SPREAD: Final = 1.0
# More teach nothing new: eleven weights need no million pairs.
_MOST_PURCHASES: Final = 2_000_000
Flags = npt.NDArray[np.bool_]
HazardOf = Callable[[Coded], Numbers]


@dataclass(frozen=True, slots=True)
class Observed:
    """A look back: signals at a cut, and what the base model expected in a stretch after it.

    `hazard` is the cumulative hazard of every pair over the stretch, `bought` whether it bought within it, `at_risk`
    whether it had not bought before it, `half` 0 or 1 by customer.
    """

    signals: Signals
    hazard: Numbers
    bought: Flags
    at_risk: Flags
    half: Codes


@dataclass(frozen=True, slots=True)
class NoEventWeights:
    """Why events change no prediction."""

    why: str


def look_back(*, purchases: pl.DataFrame, events: pl.DataFrame, cut: int, hazard_of: HazardOf) -> list[list[Observed]]:
    """For each stretch, what followed signals at earlier cuts; nothing after a cut enters what is known at it.

    `purchases` are collapsed order lines; `hazard_of` gives, of counted statistics, the hazard of each pair within each
    stretch (one column a stretch), as the base model has it.
    """
    looks: list[list[Observed]] = [[] for _ in STRETCHES]
    first = purchases["date"].min()
    if not isinstance(first, dt.date) or events.is_empty():
        return looks
    sampled = _sample(purchases)
    for days_back in _LOOKS_BACK:
        early_date = date_of(cut - days_back)
        if (early_date - first).days < _MIN_HISTORY_DAYS:
            continue
        before = sampled.filter(pl.col("date") < early_date)
        coded = code_statistics(count_purchases(purchases=before, as_of=early_date))
        known = events.filter(pl.col("happened_at").dt.date() < early_date)
        signals = count_signals(events=known, statistics=coded.statistics, as_of=early_date)
        if not signals.rows.size:
            continue
        waits = wait_days_of(coded=coded, purchases=sampled, window_days=days_back)
        hazard = hazard_of(coded)
        for number, (start, end) in enumerate(STRETCHES):
            if end <= days_back:
                looks[number].append(
                    Observed(
                        signals=signals,
                        hazard=hazard[:, number],
                        bought=(waits >= start) & (waits < end),
                        at_risk=waits >= start,
                        half=(coded.pairs.customer % 2).astype(np.int64),
                    )
                )
    return looks


def _sample(purchases: pl.DataFrame) -> pl.DataFrame:
    """All purchases of every n-th customer where there are more than are needed."""
    step = -(-purchases.height // _MOST_PURCHASES)
    if step <= 1:
        return purchases
    chosen = purchases.select(pl.col("customer_id").unique().sort().gather_every(step))
    return purchases.join(chosen, on="customer_id", how="semi")


def learn_weights(*, looks: Sequence[Sequence[Observed]]) -> EventWeights | NoEventWeights:
    """Weights from looks back, one sequence a stretch of `STRETCHES`; NoEventWeights when events explain nothing."""
    found = [_learn_stretch(looks=observed) for observed in looks]
    said = "; ".join(
        f"days {start} to {end}: {why}" for (start, end), (_, _, why) in zip(STRETCHES, found, strict=True)
    )
    if not any(weights.any() for weights, _, _ in found):
        return NoEventWeights(said)
    return EventWeights(
        weights=np.stack([weights for weights, _, _ in found]),
        rest=np.array([rest for _, rest, _ in found]),
        learned=said,
    )


@dataclass(frozen=True, slots=True)
class _Cases:
    """Pairs with a signal, of all looks: what was expected of them, what they did, whose they are.

    `rest`: what pairs without a signal did over what was expected of them, beside the same of all pairs.
    """

    values: Numbers
    hazard: Numbers
    bought: Flags
    half: Codes
    rest: float

    def of_half(self, number: int) -> "_Cases":
        chosen = self.half == number
        return _Cases(self.values[chosen], self.hazard[chosen], self.bought[chosen], self.half[chosen], self.rest)


def _learn_stretch(*, looks: Sequence[Observed]) -> tuple[Numbers, float, str]:
    """Weights, the factor of the rest, and what they rest on; zeros, one and the reason why where there are none."""
    nothing = np.zeros(len(SIGNALS))
    cases = _gather(looks=looks)
    purchases = int(cases.bought.sum())
    if purchases < _MIN_PURCHASES:
        return nothing, 1.0, f"{purchases} purchases after an event are fewer than {_MIN_PURCHASES}"
    gain = sum(_gain(cases=cases.of_half(half), weights=_fit(cases=cases.of_half(1 - half))) for half in (0, 1))
    unexplained = _loss_of(cases=cases)(nothing)[0]
    if gain < max(_MIN_GAIN, _MIN_GAIN_SHARE * unexplained):
        return nothing, 1.0, "events do not explain customers that they were not learned from"
    return _fit(cases=cases), cases.rest, f"{purchases} purchases after an event"


def _gather(*, looks: Sequence[Observed]) -> _Cases:
    values, hazard = [np.zeros((0, len(SIGNALS)))], [np.zeros(0)]
    bought, half = [np.zeros(0, np.bool_)], [np.zeros(0, np.int64)]
    # A prior of twenty purchases as expected.
    seen, hoped, seen_rest, hoped_rest = 20.0, 20.0, 20.0, 20.0
    for look in looks:
        kept = look.at_risk[look.signals.rows]
        rows = look.signals.rows[kept]
        rest = look.at_risk.copy()
        rest[rows] = False
        expected = -np.expm1(-look.hazard)
        # What the rest has in common in these weeks, such as a season, is no doing of events.
        level = (look.bought[rest].sum() + 20.0) / (expected[rest].sum() + 20.0)
        values.append(look.signals.values[kept])
        hazard.append(np.maximum(look.hazard[rows], 1e-9) * level)
        bought.append(look.bought[rows])
        half.append(look.half[rows])
        seen_rest, hoped_rest = seen_rest + look.bought[rest].sum(), hoped_rest + expected[rest].sum()
        seen, hoped = seen + look.bought[look.at_risk].sum(), hoped + expected[look.at_risk].sum()
    return _Cases(
        values=np.concatenate(values),
        hazard=np.concatenate(hazard),
        bought=np.concatenate(bought),
        half=np.concatenate(half),
        rest=float((seen_rest / hoped_rest) / (seen / hoped)),
    )


def _fit(*, cases: _Cases) -> Numbers:
    """The weights of greatest likelihood under a normal prior around zero."""
    from scipy.optimize import minimize

    found = minimize(_loss_of(cases=cases), np.zeros(len(SIGNALS)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, dtype=np.float64)


def _loss_of(*, cases: _Cases) -> Callable[[Numbers], tuple[float, Numbers]]:
    def loss(weights: Numbers) -> tuple[float, Numbers]:
        hazard = cases.hazard * np.exp(np.clip(cases.values @ weights, -10.0, 10.0))
        # Above 30 a purchase is as good as certain, and its complement a number that cannot be told from zero.
        capped = np.clip(hazard, 1e-12, 30.0)
        missing = np.where(cases.bought, -np.log(-np.expm1(-capped)), capped)
        slope = np.where(cases.bought, -capped / np.expm1(capped), capped)
        gradient = cases.values.T @ slope + weights / _WEIGHT_SPREAD**2
        return float(missing.sum() + (weights**2).sum() / (2 * _WEIGHT_SPREAD**2)), gradient

    return loss


def _gain(*, cases: _Cases, weights: Numbers) -> float:
    """Log likelihood that `weights` gain over none."""
    prior = float((weights**2).sum() / (2 * _WEIGHT_SPREAD**2))
    loss = _loss_of(cases=cases)
    return loss(np.zeros_like(weights))[0] - (loss(weights)[0] - prior)
