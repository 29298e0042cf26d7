"""BG/NBD: how often a customer orders while alive and when they silently stop (Fader, Hardie & Lee 2005).

"Counting Your Customers" the Easy Way, Marketing Science 24(2), 275–284. Time is in any unit, that of `alpha`.

A customer may stop after each repeat order, so that one who never came back counts as alive for ever. In the modified
model (Batislam, Denizel & Filiztekin 2007, Empirical Validation and Comparison of Models for Customer Base Analysis,
International Journal of Research in Marketing 24(3), 201–209) they may stop after the first order too.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reorder.engine.repurchase.purchases import Numbers
from reorder.engine.repurchase.value.cells import Cells, read_cells

# On the logarithms of r, alpha, a, b. Where drop-out hardly varies, a and b run off together without changing the model
# until eq. 10 loses all its digits; these bounds stop them before.
_LOG_BOUNDS = ((-7.0, 5.0), (-7.0, 12.0), (-7.0, 4.0), (-7.0, 7.0))
_START = (0.3, 0.8, 2.5)  # r, a and b near the published fits of retail data; alpha starts at the mean age


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Order rate ~ Gamma(r, alpha), drop-out probability after each repeat order ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    name: ClassVar = "BG/NBD"
    first_chances: ClassVar = 0  # to stop at the first order

    def alive_share(self, *, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        """Probability that each customer is still alive; one, as the model has it, before the first chance to stop."""
        return 1.0 / (1.0 + self._dead_odds(frequency=frequency, recency=recency, age=age))

    def expected_orders(self, *, frequency: Numbers, recency: Numbers, age: Numbers, ahead: float) -> Numbers:
        """Expected orders in the next `ahead` time units (eq. 10, after Euler's transformation of 2F1).

        The transformed series has small parameters, so that 500 orders do not overflow.
        """
        alive = self.alive_share(frequency=frequency, recency=recency, age=age)
        return alive * self.orders_if_alive(frequency=frequency, age=age, ahead=ahead)

    def orders_if_alive(self, *, frequency: Numbers, age: Numbers, ahead: float) -> Numbers:
        """Expected orders in the next `ahead` time units of customers who are alive now."""
        from scipy.special import hyp2f1

        # The formula has a removable pole at a = 1.
        a = self.a if abs(self.a - 1.0) > 1e-6 else 1.0 + 1e-6
        b = self.b + self.first_chances
        reach = ahead / (self.alpha + age + ahead)
        first, last = a + b - 1.0 - self.r, a + b + frequency - 1.0
        series = hyp2f1(first, a - 1.0, last, reach)
        # SciPy has no answer where the parameters differ by a large whole number; a hair beside it, it has.
        series = np.where(np.isfinite(series), series, hyp2f1(first + 1e-6, a - 1.0, last, reach))
        orders = (a + b + frequency - 1.0) / (a - 1.0) * (1.0 - (1.0 - reach) ** (a - 1.0) * series)
        return np.asarray(np.maximum(orders, 0.0))

    def _dead_odds(self, *, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        chances = frequency + self.first_chances
        logs = np.log(self.a / (self.b + np.maximum(chances, 1.0) - 1.0)) + (self.r + frequency) * (
            np.log(self.alpha + age) - np.log(self.alpha + recency)
        )
        return np.where(chances > 0, np.exp(np.minimum(logs, 700.0)), 0.0)


@dataclass(frozen=True, slots=True)
class ModifiedBgNbd(BgNbd):
    """BG/NBD with a chance to stop after the first order too."""

    name: ClassVar = "modified BG/NBD"
    first_chances: ClassVar = 1


def fit_bgnbd(*, frequency: Numbers, recency: Numbers, age: Numbers, weights: Numbers | None = None) -> BgNbd:
    """Maximum likelihood over cells of customers (equation 6 of the paper).

    `frequency` counts repeat orders, `recency` is the time from the first to the last order, `age` from the first order
    to now, `weights` how many customers each cell holds (default one). Many customers are joined into cells first
    (`cells.read_cells`). Raises BadCells when they contradict each other.
    """
    return fit_cells(cells=read_cells(frequency=frequency, recency=recency, age=age, weights=weights))


def fit_cells(*, cells: Cells, model: type[BgNbd] = BgNbd) -> BgNbd:
    """As `fit_bgnbd`, of customers that are cells already; `model` may be ModifiedBgNbd."""
    from scipy.optimize import minimize

    total = cells.weight.sum()

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        value, gradient = _log_likelihood(logs, cells=cells, first_chances=model.first_chances)
        return -value / total, -gradient / total

    r, a, b = _START
    start = np.log([r, max(float(np.average(cells.age, weights=cells.weight)) * r, 1e-3), a, b])
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=_LOG_BOUNDS,
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )  # fmt: skip
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    return model(r=r, alpha=alpha, a=a, b=b, log_likelihood=float(-found.fun * total))


def _log_likelihood(logs: Numbers, *, cells: Cells, first_chances: int) -> tuple[float, Numbers]:
    """Log likelihood and its gradient in the logarithms of r, alpha, a, b."""
    from scipy.special import digamma, gammaln

    r, alpha, a, b = np.exp(logs)
    x, t_x, age, weight = cells.x, cells.t_x, cells.age, cells.weight
    chances = x + first_chances
    before = np.maximum(chances, 1.0) - 1.0
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    common = common + gammaln(a + b) + gammaln(b + chances) - gammaln(b) - gammaln(a + b + chances)
    alive = -(r + x) * np.log(alpha + age)
    dead = np.where(chances > 0, np.log(a / (b + before)) - (r + x) * np.log(alpha + t_x), -np.inf)
    mixed = np.logaddexp(alive, dead)
    share = np.exp(dead - mixed)  # of the dead branch
    by_r = digamma(r + x) - digamma(r) + np.log(alpha)
    by_r = by_r - (1 - share) * np.log(alpha + age) - share * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * ((1 - share) / (alpha + age) + share / (alpha + t_x))
    by_a = digamma(a + b) - digamma(a + b + chances) + share / a
    by_b = digamma(a + b) + digamma(b + chances) - digamma(b) - digamma(a + b + chances) - share / (b + before)
    gradient = np.array([(weight * part).sum() for part in (by_r, by_alpha, by_a, by_b)]) * np.exp(logs)
    return float((weight * (common + mixed)).sum()), gradient
