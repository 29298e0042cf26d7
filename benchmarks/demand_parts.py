"""Seeded shops that prove what the plan's parts are for: a stock-up, a campaign, a block of recurring orders.

A time series can know none of them beforehand. Everything is made by a seed and judged at days of which nothing later
was seen; only cheap methods make the baseline, so that it takes a minute.
"""

import datetime as dt
import os
from dataclasses import dataclass
from typing import Final

import django
import numpy as np
import polars as pl

# The flows know the settings, though these shops live in frames alone.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
django.setup()

from reorder.flows.demand_plan.hindsight import look_back_on  # noqa: E402
from reorder.flows.demand_plan.scoring import predict_parts  # noqa: E402
from reorder.flows.demand_plan.weighing import GATE_DAYS  # noqa: E402

FIRST: Final = dt.date(2024, 12, 2)
CYCLE_DAYS: Final = (21.0, 35.0)
SHAPE: Final = 20.0
TAKING_PART: Final = 0.6
EVERY_DAYS: Final = 56
PLACE: Final = "KEELUNG"
CHEAP: Final = ("exponential_smoothing", "moving_average", "tsb")
_NO_PAST: Final = {"sku": pl.String, "place": pl.String, "date": pl.Date, "units": pl.Float64}
_NO_LEAVES: Final = {"bundle": pl.String, "subject": pl.String, "units": pl.Float64}


@dataclass(frozen=True, slots=True)
class Shop:
    """Order lines of a seeded shop and what was sold by day."""

    order_lines: pl.DataFrame
    sold: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Bias:
    """Forecast over sold minus one, of each part, over the looks back that matter."""

    smoothing: float
    top_down: float
    plan: float
    looks: int


def make_stock_up_shop(*, seed: int, products: int, customers: int, days: int, every_days: int) -> Shop:
    """Customers buy one unit every four weeks or so; on each promotion most buy at once what they need next.

    A promotion lasts four days and ends on the day before a look back, so that a level in the sales is at its highest
    when the shelves of the customers are full.
    """
    dice = np.random.default_rng(seed)
    ends = [day for day in range(60, days) if _is_look(day) and (day // GATE_DAYS) % (every_days // GATE_DAYS) == 0]
    rows: list[tuple[str, str, int]] = []
    for product in range(products):
        for customer in range(customers):
            cycle = dice.uniform(*CYCLE_DAYS)
            day = dice.uniform(0, cycle)
            for end in [*ends, days + 400]:
                start = end - 4
                while day < start:
                    rows.append((f"C{product}-{customer}", f"TEA-{product:02d}", int(day)))
                    day += cycle * dice.gamma(SHAPE, 1 / SHAPE)
                # Due within the next cycle or later: whoever takes part buys now, and needs nothing until then.
                if dice.uniform() < TAKING_PART and day < days:
                    bought = int(dice.integers(start, end))
                    rows.append((f"C{product}-{customer}", f"TEA-{product:02d}", bought))
                    day = bought + cycle * dice.gamma(SHAPE, 1 / SHAPE)
    return _shop(rows=[row for row in rows if row[2] < days])


def _is_look(day: int) -> bool:
    return (FIRST + dt.timedelta(days=day)).toordinal() % GATE_DAYS == 0


def _shop(*, rows: list[tuple[str, str, int]]) -> Shop:
    bought = pl.DataFrame(rows, schema={"customer_id": pl.String, "sku": pl.String, "day": pl.Int64}, orient="row")
    bought = bought.unique().sort("day", "sku", "customer_id")
    date = (pl.lit(FIRST) + pl.duration(days=pl.col("day"))).alias("date")
    lines = bought.with_columns(date).with_row_index("order_id")
    order_lines = lines.select(
        "customer_id",
        pl.col("order_id").cast(pl.String),
        pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("ordered_at"),
        "sku",
        pl.lit(1.0).alias("quantity"),
        pl.lit(100.0).alias("unit_price"),
        pl.lit("tea").alias("category"),
    )
    sold = lines.group_by("sku", pl.lit(PLACE).alias("place"), "date").agg(pl.len().cast(pl.Float64).alias("units"))
    return Shop(order_lines=order_lines, sold=sold.sort("sku", "date"))


def judge_stock_up(*, shop: Shop, looks: int, every_days: int, judged: int) -> tuple[Bias, pl.DataFrame]:
    """Bias within two weeks after the last `judged` promotions, gates learned from earlier looks alone."""
    last = shop.sold["date"].max()
    assert isinstance(last, dt.date)
    latest = last - dt.timedelta(days=28)
    latest -= dt.timedelta(days=latest.toordinal() % GATE_DAYS)
    origins = sorted(latest - dt.timedelta(days=GATE_DAYS * number) for number in range(looks))
    said = pl.concat([_look(shop=shop, origin=origin) for origin in origins])
    parts = predict_parts(origins=said)
    ends = [one for one in origins if ((one - FIRST).days // GATE_DAYS) % (every_days // GATE_DAYS) == 0][-judged:]
    after = parts.filter(pl.col("as_of_date").is_in(ends), pl.col("horizon_days") == GATE_DAYS)
    sums = after.select("sold_units", "smoothing", "top_down", "plan").sum().row(0, named=True)
    sold = sums["sold_units"]
    return (
        Bias(
            smoothing=sums["smoothing"] / sold - 1,
            top_down=sums["top_down"] / sold - 1,
            plan=sums["plan"] / sold - 1,
            looks=len(ends),
        ),
        parts,
    )


def _look(
    *, shop: Shop, origin: dt.date, past: pl.DataFrame | None = None, held: pl.DataFrame | None = None
) -> pl.DataFrame:
    return look_back_on(
        origin=origin,
        sold=shop.sold,
        order_lines=shop.order_lines,
        past=pl.DataFrame(schema=_NO_PAST) if past is None else past,
        held=pl.DataFrame(schema=_NO_PAST) if held is None else held,
        leaves=pl.DataFrame(schema=_NO_LEAVES),
        country="TW",
        methods=CHEAP,
    ).with_columns(pl.lit(origin).alias("as_of_date"))


def judge_campaign(*, seed: int) -> Bias:
    """A campaign next week on the tail of steady sales, with an earlier one in the history, both known as commitments.

    Bias of the week's units.
    """
    dice = np.random.default_rng(seed)
    origin = _origin(days=364)
    units = dice.poisson(20, 364 + 28).astype(float)
    start = (origin - FIRST).days
    earlier, now = dice.normal(300, 40), dice.normal(400, 60)
    units[start - 30 : start - 25] += earlier / 5
    units[start : start + 7] += now / 7
    past = _days(start=start - 30, units=[earlier / 5] * 5)
    held = _days(start=start, units=[400 / 7] * 7)
    return _judge_block(units=units, origin=origin, past=past, held=held, days=7)


def judge_recurring(*, seed: int) -> Bias:
    """Sixty recurring orders of three units signed yesterday, delivered weekly from tomorrow on; bias of four weeks."""
    dice = np.random.default_rng(seed)
    origin = _origin(days=364)
    units = dice.poisson(20, 364 + 28).astype(float)
    start = (origin - FIRST).days
    weekly = [180.0 if day % 7 == 1 else 0.0 for day in range(28)]
    units[start : start + 28] += weekly
    return _judge_block(
        units=units,
        origin=origin,
        past=pl.DataFrame(schema=_NO_PAST),
        held=_days(start=start, units=weekly),
        days=28,
    )


def _origin(*, days: int) -> dt.date:
    day = FIRST + dt.timedelta(days=days)
    return day - dt.timedelta(days=day.toordinal() % GATE_DAYS)


def _days(*, start: int, units: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": ["TEA-00"] * len(units),
            "place": [PLACE] * len(units),
            "date": [FIRST + dt.timedelta(days=start + number) for number in range(len(units))],
            "units": units,
        }
    )


def _judge_block(*, units: np.ndarray, origin: dt.date, past: pl.DataFrame, held: pl.DataFrame, days: int) -> Bias:
    shop = Shop(order_lines=_no_lines(), sold=_days(start=0, units=units.tolist()))
    said = predict_parts(origins=_look(shop=shop, origin=origin, past=past, held=held))
    row = said.filter(pl.col("horizon_days") == days).row(0, named=True)
    sold = row["sold_units"]
    return Bias(
        smoothing=row["smoothing"] / sold - 1,
        top_down=row["top_down"] / sold - 1,
        plan=row["plan"] / sold - 1,
        looks=1,
    )


def _no_lines() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "customer_id": pl.String,
            "order_id": pl.String,
            "ordered_at": pl.Datetime("us", "UTC"),
            "sku": pl.String,
            "quantity": pl.Float64,
            "unit_price": pl.Float64,
            "category": pl.String,
        }
    )


def main() -> None:
    """Print the proofs."""
    made = make_stock_up_shop(seed=5, products=6, customers=250, days=1008, every_days=EVERY_DAYS)
    bias, parts = judge_stock_up(shop=made, looks=58, every_days=EVERY_DAYS, judged=4)
    steady = parts.filter(pl.col("horizon_days") == GATE_DAYS)
    sold = steady["sold_units"].sum()
    print("Seeded shops (synthetic); bias = expected over sold - 1")
    print(f"{'':34}{'smoothing':>12}{'past sales':>12}{'plan':>12}")
    for name, found in (
        (f"two weeks after {bias.looks} stock-ups", bias),
        ("a campaign's week", judge_campaign(seed=7)),
        ("four weeks of new recurring orders", judge_recurring(seed=8)),
    ):
        print(f"{name:34}{found.smoothing:>+12.1%}{found.top_down:>+12.1%}{found.plan:>+12.1%}")
    errors = {name: (steady[name] - steady["sold_units"]).abs().sum() / sold for name in ("top_down", "plan")}
    print(f"error over all looks of the first shop: past sales {errors['top_down']:.1%}, plan {errors['plan']:.1%}")


if __name__ == "__main__":
    main()
