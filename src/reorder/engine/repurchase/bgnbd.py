"""BG/NBD: how often a customer orders while alive and when they silently stop (Fader, Hardie & Lee 2005).

"Counting Your Customers" the Easy Way, Marketing Science 24(2), 275–284. Time is in any unit, that of `alpha`.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reorder.engine.repurchase.cells import Cells, read_cells
from reorder.engine.repurchase.purchases import Numbers

# On the logarithms of r, alpha, a, b. Where drop-out hardly varies, a and b run off together without changing the model
# until eq. 10 loses all its digits; these bounds stop them before.
_LOG_BOUNDS = ((-7.0, 5.0), (-7.0, 12.0), (-7.0, 4.0), (-7.0, 7.0))
_START = (0.3, 0.8, 2.5)  # r, a and b near the published fits of retail data; alpha starts at the mean age


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Order rate ~ Gamma(r, alpha), drop-out probability after an order ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    name: ClassVar = "BG/NBD"

    def alive_share(self, *, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        """Probability that each customer is still alive; one for those without a repeat order, as the model has it."""
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
        reach = ahead / (self.alpha + age + ahead)
        series = hyp2f1(a + self.b - 1.0 - self.r, a - 1.0, a + self.b + frequency - 1.0, reach)
        orders = (a + self.b + frequency - 1.0) / (a - 1.0) * (1.0 - (1.0 - reach) ** (a - 1.0) * series)
        return np.asarray(np.maximum(orders, 0.0))

    def _dead_odds(self, *, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        repeats = np.maximum(frequency, 1.0)
        logs = np.log(self.a / (self.b + repeats - 1.0)) + (self.r + frequency) * (
            np.log(self.alpha + age) - np.log(self.alpha + recency)
        )
        return np.where(frequency > 0, np.exp(np.minimum(logs, 700.0)), 0.0)


def fit_bgnbd(*, frequency: Numbers, recency: Numbers, age: Numbers, weights: Numbers | None = None) -> BgNbd:
    """Maximum likelihood over cells of customers (equation 6 of the paper).

    `frequency` counts repeat orders, `recency` is the time from the first to the last order, `age` from the first order
    to now, `weights` how many customers each cell holds (default one). Many customers are joined into cells first
    (`cells.read_cells`). Raises BadCells when they contradict each other.
    """
    return fit_cells(cells=read_cells(frequency=frequency, recency=recency, age=age, weights=weights))


def fit_cells(*, cells: Cells) -> BgNbd:
    """As `fit_bgnbd`, of customers that are cells already."""
    from scipy.optimize import minimize

    total = cells.weight.sum()

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        value, gradient = _log_likelihood(logs, x=cells.x, t_x=cells.t_x, age=cells.age, weight=cells.weight)
        return -value / total, -gradient / total

    r, a, b = _START
    start = np.log([r, max(float(np.average(cells.age, weights=cells.weight)) * r, 1e-3), a, b])
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=_LOG_BOUNDS,
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )  # fmt: skip
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    return BgNbd(r=r, alpha=alpha, a=a, b=b, log_likelihood=float(-found.fun * total))


def _log_likelihood(logs: Numbers, *, x: Numbers, t_x: Numbers, age: Numbers, weight: Numbers) -> tuple[float, Numbers]:
    """Log likelihood and its gradient in the logarithms of r, alpha, a, b."""
    from scipy.special import digamma, gammaln

    r, alpha, a, b = np.exp(logs)
    repeat = x > 0
    before = np.maximum(x, 1.0) - 1.0
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    common = common + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    alive = -(r + x) * np.log(alpha + age)
    dead = np.where(repeat, np.log(a / (b + before)) - (r + x) * np.log(alpha + t_x), -np.inf)
    mixed = np.logaddexp(alive, dead)
    share = np.exp(dead - mixed)  # of the dead branch
    by_r = digamma(r + x) - digamma(r) + np.log(alpha)
    by_r = by_r - (1 - share) * np.log(alpha + age) - share * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * ((1 - share) / (alpha + age) + share / (alpha + t_x))
    by_a = digamma(a + b) - digamma(a + b + x) + share / a
    by_b = digamma(a + b) + digamma(b + x) - digamma(b) - digamma(a + b + x) - share / (b + before)
    gradient = np.array([(weight * part).sum() for part in (by_r, by_alpha, by_a, by_b)]) * np.exp(logs)
    return float((weight * (common + mixed)).sum()), gradient
