"""The closed formulas against numbered examples of the books they come from."""

from math import log
from statistics import NormalDist

import numpy as np
import pytest

from reorder.engine import stocking
from reorder.engine.stocking.textbook import BadStockingNumber, gamma_quantile

NINETY_PERCENT = NormalDist().inv_cdf(0.90)


def test_chopra_lego_needs_906_units_for_ninety_percent_with_a_certain_lead_time() -> None:
    """Chopra, Supply Chain Management, ch. 12: weekly demand 2,500 ± 500, lead time 2 weeks, cycle service 0.90."""
    safety = stocking.safety_stock_units(z=NINETY_PERCENT, demand_sd_units=500.0, lead_time_days=2.0)

    assert safety == pytest.approx(906, abs=0.5)


def test_chopra_dell_needs_22491_units_when_the_lead_time_varies_too() -> None:
    """Chopra, ch. 12: daily demand 2,500 ± 500, lead time 7 ± 7 days, cycle service 0.90."""
    safety = stocking.safety_stock_with_lead_time_variance_units(
        z=NINETY_PERCENT,
        demand_mean_units=2500.0,
        demand_sd_units=500.0,
        lead_time_days=7.0,
        lead_time_sd_days=7.0,
    )

    assert safety == pytest.approx(22491, abs=1)


def test_snyder_and_shen_corner_store_orders_304_candy_bars() -> None:
    """Snyder and Shen, Fundamentals of Supply Chain Theory, example 3.1: 1,300 a year, 8 an order, 0.225 a unit-year."""
    units = stocking.economic_order_units(daily_units=1300.0, order_cost=8.0, holding_cost_per_day=0.225)

    assert units == pytest.approx(304.1, abs=0.1)


def test_gamma_law_with_variance_of_the_mean_squared_is_the_exponential_law() -> None:
    quantile = gamma_quantile(level=np.array([0.95]), mean=np.array([10.0]), variance=np.array([100.0]))

    assert quantile[0] == pytest.approx(-10 * log(0.05))


def test_gamma_law_of_nothing_is_nothing() -> None:
    quantile = gamma_quantile(level=np.array([0.99]), mean=np.array([0.0]), variance=np.array([0.0]))

    assert quantile[0] == 0.0


def test_a_negative_deviation_is_refused_by_name() -> None:
    with pytest.raises(BadStockingNumber, match="demand_sd_units must not be negative"):
        stocking.safety_stock_units(z=1.0, demand_sd_units=-1.0, lead_time_days=2.0)


def test_free_storage_has_no_economic_order() -> None:
    with pytest.raises(BadStockingNumber, match="holding_cost_per_day must not be zero"):
        stocking.economic_order_units(daily_units=1.0, order_cost=8.0, holding_cost_per_day=0.0)
