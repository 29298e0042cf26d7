"""Statistics brought up to date step by step equal a full count and what the engine counts, whatever happened."""

import datetime as dt
import os

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from reorder.domain.catalog.models import Category, Product
from reorder.engine import repurchase
from reorder.flows.predictions import bring_up_to_date, rebuild_statistics, recount_marked
from tests.factories.statistics import (
    NOW,
    SKUS,
    TODAY,
    Shop,
    count_in_engine,
    read_from_tables,
    read_tables,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def catalogue() -> None:
    tea, ware = (Category.objects.create(code=code, name=code) for code in ("tea", "ware"))
    for sku in SKUS:
        Product.objects.create(sku=sku, name=sku, currency="TWD", category=ware if sku == "CUP-1" else tea)


@pytest.mark.parametrize("seed", range(20 if os.environ.get("REORDER_TEST_FULL") else 4))
def test_counts_brought_up_to_date_in_random_parts_equal_a_full_count(seed: int) -> None:
    shop = Shop(dice=np.random.default_rng(seed))
    shop.order()
    rebuild_statistics(today=TODAY)
    for _ in range(40):
        shop.act()
        if shop.dice.random() < 0.3:
            recount_marked(today=TODAY)
        if shop.dice.random() < 0.2:
            bring_up_to_date(today=TODAY)
    assert bring_up_to_date(today=TODAY).rebuilt_because == ""
    found, expected = read_tables(), count_in_engine()
    counted = read_from_tables()

    rebuild_statistics(today=TODAY)

    assert found == read_tables()
    assert found["pairs"]
    for name in ("pairs", "customers", "products", "days"):
        frame = getattr(counted, name)
        key = frame.columns[:2] if name == "pairs" else frame.columns[:1]
        assert_frame_equal(frame.sort(key), getattr(expected, name).sort(key), abs_tol=1e-9)
    fitted, direct = (
        repurchase.fit_statistics(statistics=one, learned=None, as_of=TODAY).effects for one in (counted, expected)
    )
    assert fitted.base_rate_per_day == pytest.approx(direct.base_rate_per_day, rel=1e-12)
    for level in ("products", "categories", "customers"):
        assert_frame_equal(getattr(fitted, level), getattr(direct, level), abs_tol=1e-9)


def test_an_order_that_a_wrong_clock_dates_tomorrow_counts_when_that_day_has_come() -> None:
    shop = Shop(dice=np.random.default_rng(1))
    shop.order()
    rebuild_statistics(today=TODAY - dt.timedelta(days=400))
    assert read_tables()["pairs"] == []

    bring_up_to_date(today=TODAY)

    found = read_tables()
    rebuild_statistics(today=TODAY)
    assert found == read_tables()
    assert found["days"]
    assert NOW.date() == TODAY
