"""A small synthetic shop with enough baskets to learn from: customers with habits, and products that belong together."""

import datetime as dt
from functools import cache

import numpy as np
import polars as pl

CUSTOMERS, PRODUCTS, VISITS = 150, 60, 12
LAST_DAY = dt.date(2026, 6, 1)


@cache
def shop_lines(*, seed: int = 3) -> pl.DataFrame:
    """Order lines: of six favourites one is in every basket, the others in every second to fourth; 0 brings 1 along."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(CUSTOMERS):
        favourites = rng.choice(np.arange(2, PRODUCTS), size=6, replace=False)
        every, phase = [1, *rng.integers(2, 5, size=5)], rng.integers(0, 4, size=6)
        pace = int(rng.integers(5, 9))
        for visit in range(VISITS):
            due = [(visit + shift) % gap == 0 for gap, shift in zip(every, phase, strict=True)]
            bought = {int(one) for one, is_due in zip(favourites, due, strict=True) if is_due}
            bought |= {0, 1} if rng.random() < 0.15 else set()
            bought.add(int(rng.integers(0, PRODUCTS)))
            day = LAST_DAY - dt.timedelta(days=pace * (VISITS - 1 - visit) + int(rng.integers(0, 3)))
            rows += [(f"customer {customer:03}", f"{customer}-{visit}", day, f"sku {one:02}") for one in sorted(bought)]
    moments = [dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC) for _, _, day, _ in rows]
    return pl.DataFrame(
        {
            "customer_id": [row[0] for row in rows],
            "order_id": [row[1] for row in rows],
            "ordered_at": pl.Series(moments).dt.cast_time_unit("us"),
            "sku": [row[3] for row in rows],
            "quantity": 1.0,
            "category": [f"shelf {int(row[3][4:]) % 6}" for row in rows],
        }
    )
