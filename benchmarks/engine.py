"""Seconds of the engine per million order lines and per 1,000 series, at two sizes, with the growth between them.

All input is synthetic, drawn from a fixed seed: it shows how time grows, never how good an answer is. Run with
`python -m benchmarks.engine`; `--scale 0.1` makes everything ten times smaller, `--parts` picks some parts.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

SEED = 20260302
TODAY = date(2026, 3, 2)
HISTORY_DAYS = 364
LINES_A_CUSTOMER = 25
PRODUCTS = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """One measured call: `prepare(size)` makes its input outside the clock and gives the call to time."""

    name: str
    size: int
    size_name: str
    norm: int
    norm_name: str
    prepare: Callable[[int], Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Timing:
    part: str
    size: int
    seconds: float


def order_lines(*, count: int) -> pl.DataFrame:
    """About `count` synthetic order lines in two years: customers with own pace and favourites, skewed products."""
    rng = np.random.default_rng(SEED)
    customers = max(count // LINES_A_CUSTOMER, 1)
    favour = rng.zipf(1.3, size=count) % PRODUCTS
    customer = rng.choice(customers, size=count, p=_shares(rng.gamma(0.8, size=customers)))
    # A quarter of the lines are a product of the customer's own twenty, so that pairs repeat.
    own = (customer * 7919 + rng.integers(0, 20, size=count)) % PRODUCTS
    product = np.where(rng.random(count) < 0.75, favour, own)
    day = rng.integers(0, 2 * HISTORY_DAYS, size=count)
    return pl.DataFrame(
        {
            "customer_id": pl.Series(customer).cast(pl.String),
            "order_id": pl.Series(customer * 1000 + day).cast(pl.String),
            "sku": pl.Series(product).cast(pl.String),
            "category": pl.Series(product % 40).cast(pl.String),
            "quantity": rng.integers(1, 4, size=count).astype(float),
            "unit_price": 1.0 + product % 17,
            "day": day,
        }
    ).select(
        pl.exclude("day"),
        ordered_at=(
            pl.lit(TODAY - timedelta(days=2 * HISTORY_DAYS)).cast(pl.Datetime("us", "UTC")) + pl.duration(days="day")
        ),
    )


def demand_history(*, series: int) -> pl.DataFrame:
    """A synthetic year of daily units a SKU: Poisson around a skewed rate with a weekly wave."""
    rng = np.random.default_rng(SEED)
    rate = rng.gamma(0.7, 4.0, size=(series, 1))
    wave = 1 + 0.3 * np.sin(2 * np.pi * np.arange(HISTORY_DAYS) / 7)
    units = rng.poisson(rate * wave).astype(float)
    days = pl.date_range(TODAY - timedelta(days=HISTORY_DAYS), TODAY - timedelta(days=1), eager=True)
    return pl.DataFrame(
        {
            "sku": pl.Series(np.repeat(np.arange(series), HISTORY_DAYS)).cast(pl.String),
            "place": "Keelung",
            "date": pl.concat([days] * series),
            "units": units.reshape(-1),
        }
    )


def prepare_repurchase_fit(size: int) -> Callable[[], object]:
    from reorder.engine import repurchase

    lines = order_lines(count=size)
    return lambda: repurchase.fit(order_lines=lines, as_of=TODAY)


def prepare_repurchase_due(size: int) -> Callable[[], object]:
    from reorder.engine import repurchase

    model = repurchase.fit(order_lines=order_lines(count=size), as_of=TODAY)
    return lambda: model.due(as_of=TODAY)


def prepare_demand(size: int) -> Callable[[], object]:
    from reorder.engine import demand

    history = demand_history(series=size)
    return lambda: demand.forecast(history=history, horizon_days=28)


def prepare_stocking(size: int) -> Callable[[], object]:
    from reorder.engine import stocking

    rng = np.random.default_rng(SEED)
    history = demand_history(series=size)
    keys = history.select("sku", "place").unique(maintain_order=True)
    lead_times = pl.concat([keys.with_columns(supplier=pl.col("sku").str.slice(-2))] * 6).with_columns(
        lead_days=pl.Series(rng.gamma(5.0, 1.4, size=6 * size).round().astype(np.int64))
    )
    terms = keys.with_columns(
        service_level=pl.lit(0.95),
        review_days=pl.lit(1),
        unit_cost=pl.lit(2.0),
        holding_share_per_day=pl.lit(0.001),
        order_cost=pl.lit(1.0),
        lost_unit_cost=pl.lit(1.0),
    )
    return lambda: stocking.set_targets(history=history, lead_times=lead_times, terms=terms, as_of=TODAY)


PARTS = (
    Part("repurchase.fit", 250_000, "lines", 1_000_000, "million lines", prepare_repurchase_fit),
    Part("repurchase.due", 250_000, "lines", 1_000_000, "million lines", prepare_repurchase_due),
    Part("demand.forecast", 500, "series", 1_000, "1,000 series", prepare_demand),
    Part("stocking.set_targets", 4_000, "series", 1_000, "1,000 series", prepare_stocking),
)


def measure(*, part: Part, size: int) -> Timing:
    """Seconds of one call of `part` on input of `size`."""
    call = part.prepare(size)
    started = time.perf_counter()
    call()
    return Timing(part.name, size, time.perf_counter() - started)


def run(*, scale: float, names: Sequence[str]) -> list[Timing]:
    """Both sizes of every named part, printed as they come; a first small call pays for imports and caches."""
    print("synthetic input, seed", SEED)
    timings = []
    for part in (part for part in PARTS if part.name in names):
        small = max(int(part.size * scale), 10)
        measure(part=part, size=max(small // 10, 10))
        first, second = measure(part=part, size=small), measure(part=part, size=2 * small)
        for timing in (first, second):
            each = timing.seconds * part.norm / timing.size
            print(
                f"{part.name:22s} {timing.size:>9,} {part.size_name:6s} {timing.seconds:8.2f} s"
                f" {each:9.2f} s per {part.norm_name}"
            )
        print(f"{part.name:22s} size ×2 → time ×{second.seconds / first.seconds:.2f}")
        timings += [first, second]
    return timings


def main(arguments: Sequence[str] | None = None) -> list[Timing]:
    """Read the command line (or `arguments`) and run; gives the timings for other programs."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--parts", nargs="+", choices=names, default=names)
    given = parser.parse_args(arguments)
    return run(scale=given.scale, names=given.parts)


def _shares(weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    shares: np.ndarray[tuple[int], np.dtype[np.float64]] = weights / weights.sum()
    return shares


if __name__ == "__main__":
    main()
