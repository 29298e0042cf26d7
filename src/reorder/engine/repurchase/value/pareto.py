"""Pareto/NBD: orders come at a customer's own rate until they silently stop, at any moment (Schmittlein et al. 1987).

Schmittlein, Morrison & Colombo, "Counting Your Customers: Who Are They and What Will They Do Next?", Management Science
33(1), 1–24; likelihood as Fader & Hardie, "A Note on Deriving the Pareto/NBD Model" (2005), write it before they turn
its integral into hypergeometric functions:

    L = Γ(r+x) α^r β^s / Γ(r) · [ (α+T)^−(r+x) (β+T)^−s + s ∫ from t_x to T of (α+t)^−(r+x) (β+t)^−(s+1) dt ]

The integral is taken numerically, which is exact to many digits, has a gradient and holds for 500 orders, where the
hypergeometric form overflows. Time is in any unit, that of `alpha` and `beta`.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from reorder.engine.repurchase.purchases import Numbers
from reorder.engine.repurchase.value.cells import Cells, read_cells

# On the logarithms of r, alpha, s, beta: beyond them only the ratios s/beta and r/alpha matter, and digits are lost.
_LOG_BOUNDS = ((-7.0, 5.0), (-7.0, 12.0), (-7.0, 4.0), (-7.0, 13.0))
_NODES: Final = 32
_FAR: Final = 45.0  # e^-45 adds nothing to a sum of doubles
_ROWS_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """Order rate ~ Gamma(r, alpha), drop-out rate ~ Gamma(s, beta)."""

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float

    name: ClassVar = "Pareto/NBD"

    def alive_share(self, *, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        """Probability that each customer is still alive, those without a repeat order included."""
        shares = [
            self._alive(Cells(x=x, t_x=t_x, age=age_, weight=x))
            for x, t_x, age_ in _blocks(frequency=frequency, recency=recency, age=age)
        ]
        return np.concatenate(shares) if shares else np.zeros(0)

    def expected_orders(self, *, frequency: Numbers, recency: Numbers, age: Numbers, ahead: float) -> Numbers:
        """Expected orders in the next `ahead` time units (equation 22 of Fader & Hardie's note)."""
        alive = self.alive_share(frequency=frequency, recency=recency, age=age)
        return alive * self.orders_if_alive(frequency=frequency, age=age, ahead=ahead)

    def orders_if_alive(self, *, frequency: Numbers, age: Numbers, ahead: float) -> Numbers:
        """Expected orders in the next `ahead` time units of customers who are alive now."""
        # The formula has a removable pole at s = 1.
        s = self.s if abs(self.s - 1.0) > 1e-6 else 1.0 + 1e-6
        left = np.log1p(ahead / (self.beta + age))
        lasting = (self.beta + age) * -np.expm1(-(s - 1.0) * left) / (s - 1.0)
        return np.asarray(np.maximum((self.r + frequency) / (self.alpha + age) * lasting, 0.0))

    def _alive(self, cells: Cells) -> Numbers:
        logs = np.log([self.r, self.alpha, self.s, self.beta])
        alive, dead, _ = _branches(logs, cells=cells)
        return np.asarray(np.exp(alive - np.logaddexp(alive, dead)))


def fit_pareto_nbd(*, frequency: Numbers, recency: Numbers, age: Numbers, weights: Numbers | None = None) -> ParetoNbd:
    """Maximum likelihood over cells of customers.

    `frequency` counts repeat orders, `recency` is the time from the first to the last order, `age` from the first order
    to now, `weights` how many customers each cell holds (default one). Many customers are joined into cells first
    (`cells.read_cells`). Raises BadCells when they contradict each other.
    """
    return fit_cells(cells=read_cells(frequency=frequency, recency=recency, age=age, weights=weights))


def fit_cells(*, cells: Cells) -> ParetoNbd:
    """As `fit_pareto_nbd`, of customers that are cells already."""
    from scipy.optimize import minimize

    total = cells.weight.sum()

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        value, gradient = _log_likelihood(logs, cells=cells)
        return -value / total, -gradient / total

    age = max(float(np.average(cells.age, weights=cells.weight)), 1e-3)
    found = minimize(
        loss, np.log([0.5, age * 0.5, 0.5, age * 0.5]), jac=True, method="L-BFGS-B", bounds=_LOG_BOUNDS,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )  # fmt: skip
    r, alpha, s, beta = (float(value) for value in np.exp(found.x))
    return ParetoNbd(r=r, alpha=alpha, s=s, beta=beta, log_likelihood=float(-found.fun * total))


def _blocks(*, frequency: Numbers, recency: Numbers, age: Numbers) -> list[tuple[Numbers, Numbers, Numbers]]:
    """Pieces of so many customers: thirty-two nodes of a million would be gigabytes."""
    whole = [np.asarray(values, dtype=np.float64) for values in (frequency, recency, age)]
    starts = range(0, whole[0].size, _ROWS_AT_ONCE)
    return [(part[0], part[1], part[2]) for at in starts if (part := [v[at : at + _ROWS_AT_ONCE] for v in whole])]


def _log_likelihood(logs: Numbers, *, cells: Cells) -> tuple[float, Numbers]:
    """Log likelihood and its gradient in the logarithms of r, alpha, s, beta."""
    from scipy.special import digamma, gammaln

    r, alpha, s, beta = np.exp(logs)
    x, age = cells.x, cells.age
    alive, dead, means = _branches(logs, cells=cells)
    mixed = np.logaddexp(alive, dead)
    share = np.exp(dead - mixed)  # of the customers who left
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + mixed
    kept = 1.0 - share
    log_alpha, by_alpha, log_beta, by_beta = means
    gradients = (
        digamma(r + x) - digamma(r) + np.log(alpha) - kept * np.log(alpha + age) - share * log_alpha,
        r / alpha - (r + x) * (kept / (alpha + age) + share * by_alpha),
        np.log(beta) - kept * np.log(beta + age) + share * (1.0 / s - log_beta),
        s / beta - kept * s / (beta + age) - share * (s + 1.0) * by_beta,
    )
    gradient = np.array([(cells.weight * part).sum() for part in gradients]) * np.exp(logs)
    return float((cells.weight * value).sum()), gradient


def _branches(logs: Numbers, *, cells: Cells) -> tuple[Numbers, Numbers, tuple[Numbers, Numbers, Numbers, Numbers]]:
    """Logarithms of the two parts of the likelihood: still alive at T, and gone at some t between t_x and T.

    The third value holds means over the moment t at which a customer who is gone has left: of log(α+t), 1/(α+t),
    log(β+t) and 1/(β+t). Substituting t = (γ+t_x)·e^(z/q) − γ, with γ such that the integrand falls like e^−z at t_x,
    leaves a smooth function of z, for which Gauss–Legendre needs few nodes whatever the parameters.
    """
    r, alpha, s, beta = np.exp(logs)
    x, t_x, age = cells.x, cells.t_x, cells.age
    power, fall = r + x, r + x + s
    gamma = (fall + 1.0) / (power / (alpha + t_x) + (s + 1.0) / (beta + t_x)) - t_x
    reach = np.minimum(fall * np.log1p((age - t_x) / (gamma + t_x)), _FAR * (1.0 + (s + 1.0) / power))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    z = 0.5 * (nodes + 1.0)[:, None] * reach
    stretch = np.exp(z / fall)
    t = (gamma + t_x) * stretch - gamma
    from_alpha, from_beta = np.log(alpha + t), np.log(beta + t)
    heights = np.log(stretch) - power * from_alpha - (s + 1.0) * from_beta
    top = heights[0]
    parts = weights[:, None] * np.exp(heights - top)
    whole = parts.sum(axis=0)
    with np.errstate(divide="ignore"):
        dead = np.log(s) + np.log(0.5 * reach * whole * (gamma + t_x) / fall) + top
    alive = -power * np.log(alpha + age) - s * np.log(beta + age)
    log_alpha, by_alpha, log_beta, by_beta = (
        (parts * values).sum(axis=0) / whole for values in (from_alpha, 1 / (alpha + t), from_beta, 1 / (beta + t))
    )
    return alive, dead, (log_alpha, by_alpha, log_beta, by_beta)
