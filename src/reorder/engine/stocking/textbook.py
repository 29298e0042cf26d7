"""Closed formulas of inventory textbooks, for one number or for arrays; each names its source."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from reorder.kernel.errors import BadInput

FloatArray = NDArray[np.float64]
Amount = TypeVar("Amount", float, FloatArray)


class BadStockingNumber(BadInput):
    """A formula was given a number outside its range."""

    code = "stocking.bad_number"
    template = "{name} must not be {fault}"


def safety_stock_units(*, z: Amount, demand_sd_units: Amount, lead_time_days: Amount) -> Amount:
    """Safety stock z σ √L: daily demand is normal and independent, the lead time is certain.

    `z` is the standard normal quantile of the service level, `demand_sd_units` the standard deviation of one day.
    Raises BadStockingNumber for a negative deviation or lead time.
    Source: Silver, Pyke, Thomas, Inventory and Production Management in Supply Chains, 4th ed., section 6.7.
    """
    _refuse_negative(demand_sd_units=demand_sd_units, lead_time_days=lead_time_days)
    return z * demand_sd_units * _root(lead_time_days)


def safety_stock_with_lead_time_variance_units(
    *,
    z: Amount,
    demand_mean_units: Amount,
    demand_sd_units: Amount,
    lead_time_days: Amount,
    lead_time_sd_days: Amount,
) -> Amount:
    """Safety stock z √(L σ² + d² s²): the lead time is random too and independent of demand.

    Daily demand has mean d and deviation σ, the lead time mean L and deviation s (days).
    Raises BadStockingNumber for a negative number other than z.
    Source: Chopra, Supply Chain Management, 7th ed., section 12.3 (impact of supply uncertainty on safety inventory).
    """
    _refuse_negative(
        demand_mean_units=demand_mean_units,
        demand_sd_units=demand_sd_units,
        lead_time_days=lead_time_days,
        lead_time_sd_days=lead_time_sd_days,
    )
    variance = lead_time_days * demand_sd_units**2 + demand_mean_units**2 * lead_time_sd_days**2
    return z * _root(variance)


def economic_order_units(*, daily_units: Amount, order_cost: Amount, holding_cost_per_day: Amount) -> Amount:
    """Order quantity √(2 K d / h) with the least ordering plus holding cost, when nothing limits it.

    `holding_cost_per_day` is money for one unit kept one day and must be above zero, as must be nothing else.
    Raises BadStockingNumber for a negative number or a holding cost of zero.
    Source: Harris (1913), in Snyder and Shen, Fundamentals of Supply Chain Theory, 2nd ed., section 3.2.
    """
    _refuse_negative(daily_units=daily_units, order_cost=order_cost, holding_cost_per_day=holding_cost_per_day)
    if np.any(np.asarray(holding_cost_per_day) == 0):
        raise BadStockingNumber(name="holding_cost_per_day", fault="zero")
    return _root(2 * order_cost * daily_units / holding_cost_per_day)


def gamma_quantile(*, level: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Quantile of the gamma law with this mean and variance; zero where the mean is zero.

    The gamma law stays above zero and leans to the right as demand over a lead time does.
    Source: Burgin, The gamma distribution and inventory control, Operational Research Quarterly 26 (1975).
    """
    from scipy.special import gammaincinv

    sold = mean > 0
    safe_mean = np.where(sold, mean, 1.0)
    scale = np.where(sold, np.maximum(variance, 1e-9 * safe_mean), 1.0) / safe_mean
    return np.where(sold, gammaincinv(safe_mean / scale, level) * scale, 0.0)


def gamma_loss(*, stock: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Expected units of demand beyond `stock` (≥ 0), E[(D − s)+], when D is gamma with this mean and variance.

    Without variance D is its mean. Source: Burgin (1975), as `gamma_quantile`; with shape k and scale b it is
    k b (1 − G(s; k + 1)) − s (1 − G(s; k)).
    """
    from scipy.special import gammaincc

    random = (mean > 0) & (variance > 1e-9 * mean**2)
    scale = np.where(random, variance, 1.0) / np.where(random, mean, 1.0)
    shape = np.where(random, mean, 1.0) / scale
    ratio = stock / scale
    loss = mean * gammaincc(shape + 1, ratio) - stock * gammaincc(shape, ratio)
    certain: FloatArray = np.maximum(mean - stock, 0.0)
    return np.where(random, np.maximum(loss, certain), certain)


def gamma_loss_quantile(*, loss: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """The least stock that leaves an expected `loss` of gamma demand: `gamma_loss` turned around by halving."""
    low, high = np.zeros(len(mean)), mean + 20 * np.sqrt(variance) + 1
    for _step in range(60):
        middle = (low + high) / 2
        is_enough = gamma_loss(stock=middle, mean=mean, variance=variance) <= loss
        low, high = np.where(is_enough, low, middle), np.where(is_enough, middle, high)
    return np.where(mean <= loss, 0.0, high)


def normal_loss(*, stock: FloatArray, mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """Expected units of normal demand beyond `stock`: σ (φ(z) − z (1 − Φ(z))) with z = (s − μ) / σ.

    Source: Silver, Pyke, Thomas, section 6.7 and appendix II (unit normal loss function G).
    """
    from scipy.special import ndtr

    random = deviation > 0
    z = (stock - mean) / np.where(random, deviation, 1.0)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.where(random, deviation * (density - z * ndtr(-z)), np.maximum(mean - stock, 0.0))


def normal_loss_quantile(*, loss: FloatArray) -> FloatArray:
    """The z with unit normal loss G(z) = `loss`, by halving between −40 and 10."""
    low, high = np.full(len(loss), -40.0), np.full(len(loss), 10.0)
    zero, one = np.zeros(len(loss)), np.ones(len(loss))
    for _step in range(60):
        middle = (low + high) / 2
        is_enough = normal_loss(stock=middle, mean=zero, deviation=one) <= loss
        low, high = np.where(is_enough, low, middle), np.where(is_enough, middle, high)
    return high


def _root(value: Amount) -> Amount:
    root: Amount = value**0.5
    return root


def _refuse_negative(**numbers: float | FloatArray) -> None:
    for name, value in numbers.items():
        if np.any(np.asarray(value) < 0):
            raise BadStockingNumber(name=name, fault="negative")
