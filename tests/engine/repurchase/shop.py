"""Small shops for the tests: order lines written the way a person would tell them."""

import datetime as dt

import numpy as np
import polars as pl

from reorder.engine.frames import MOMENT

TODAY = dt.date(2026, 6, 1)
_TYPES = {
    "customer_id": pl.String(),
    "order_id": pl.String(),
    "ordered_at": MOMENT,
    "sku": pl.String(),
    "quantity": pl.Float64(),
    "unit_price": pl.Float64(),
    "category": pl.String(),
}


def line(
    customer: str, sku: str, day: dt.date, *, quantity: float = 1.0, price: float | None = 10.0, category: str = "Tea"
) -> dict[str, object]:
    moment = dt.datetime(day.year, day.month, day.day, 9, tzinfo=dt.UTC)
    return {
        "customer_id": customer,
        "order_id": f"{customer}-{day}",
        "ordered_at": moment,
        "sku": sku,
        "quantity": quantity,
        "unit_price": price,
        "category": category,
    }


def order_lines(*lines: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=_TYPES)


def every(
    days: int, *, times: int, customer: str = "Mei", sku: str = "Oolong", ago: int = 0
) -> list[dict[str, object]]:
    """`times` purchases `days` apart, the last one `ago` days before today."""
    return [line(customer, sku, TODAY - dt.timedelta(days=ago + days * n)) for n in range(times)]


def regular_shop(*, customers: int = 300, seed: int = 7) -> pl.DataFrame:
    """A year of a tea shop where everybody buys two of four teas with a rhythm of their own and some leave."""
    dice = np.random.default_rng(seed)
    lines = []
    for number in range(customers):
        for tea in dice.choice(["Oolong", "Sencha", "Pu-erh", "Genmaicha"], size=2, replace=False):
            gap, day, leaves = dice.uniform(15, 60), dice.uniform(0, 120), dice.uniform(150, 700)
            while day < min(365.0, leaves):
                lines.append(line(f"customer {number:03}", str(tea), TODAY - dt.timedelta(days=365 - int(day))))
                day += gap * dice.uniform(0.7, 1.3)
    return order_lines(*lines)


def busy_shop(*, customers: int = 200, days: int = 270, seed: int = 3) -> pl.DataFrame:
    """A grocery where half of the customers keep a strict rhythm and the others buy when they think of it."""
    dice = np.random.default_rng(seed)
    gaps = np.clip(dice.gamma(3.0, 9.0, size=(customers, 6)), 5, 80)
    frames = []
    for number in range(customers):
        for product, gap in enumerate(gaps[number]):
            size = int(days / gap) + 12
            waits = gap * dice.uniform(0.9, 1.1, size) if number % 4 < 2 else dice.exponential(gap, size)
            bought = dice.uniform(0, gap) + np.cumsum(waits)
            day = np.unique(bought[bought < days].astype(int))
            frames.append(
                pl.DataFrame(
                    {
                        "customer_id": f"customer {number:03}",
                        "sku": f"product {(number + 7 * product) % 60:02}",
                        "day": day,
                    }
                )
            )
    start = TODAY - dt.timedelta(days=days)
    return (
        pl.concat(frames)
        .unique(["customer_id", "sku", "day"], maintain_order=True)
        .select(
            "customer_id",
            order_id=pl.format("{}-{}", "customer_id", "day"),
            ordered_at=(pl.lit(start) + pl.duration(days=pl.col("day"))).cast(MOMENT),
            sku="sku",
            quantity=pl.lit(1.0),
            unit_price=pl.lit(10.0),
            category=pl.col("sku").str.slice(0, 9),
        )
    )
