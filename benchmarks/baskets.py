"""Seconds and memory of recommendations: learning, then ranking every customer, at three sizes.

All input is synthetic, drawn from a fixed seed: it shows how time grows, never how good an answer is. Run with
`python -m benchmarks.baskets --customers 100000`; each size runs in a process of its own, so that memory is its own.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

SEED = 20260302
TODAY = date(2026, 3, 2)
HISTORY_DAYS = 364
PRODUCTS, CATEGORIES = 5_000, 80
LINES_A_CUSTOMER = 25


def order_lines(*, customers: int) -> pl.DataFrame:
    """Synthetic lines: customers with their own pace and twenty favourites, most of what they buy; skewed products."""
    rng = np.random.default_rng(SEED)
    visits = rng.poisson(7.0, size=customers) + 1
    visitor = np.repeat(np.arange(customers), visits)
    day = rng.integers(0, HISTORY_DAYS, size=len(visitor))
    lines = rng.poisson(LINES_A_CUSTOMER / 8, size=len(visitor)).clip(1)
    customer, bought = np.repeat(visitor, lines), np.repeat(day, lines)
    own = (customer * 7919 + rng.zipf(1.6, size=len(customer)).clip(max=20) * 104_729) % PRODUCTS
    product = np.where(rng.random(len(customer)) < 0.6, own, rng.zipf(1.2, size=len(customer)) % PRODUCTS)
    start = pl.lit(TODAY).cast(pl.Datetime("us", "UTC")) - pl.duration(days=HISTORY_DAYS)
    return pl.DataFrame(
        {
            "customer_id": pl.Series(customer).cast(pl.String),
            "order_id": pl.Series(customer * 1000 + bought).cast(pl.String),
            "sku": pl.Series(product).cast(pl.String),
            "category": pl.Series(product % CATEGORIES).cast(pl.String),
            "quantity": 1.0,
            "day": bought,
        }
    ).select(pl.exclude("day"), ordered_at=start + pl.duration(days="day"))


def measure(*, customers: int) -> None:
    """Learn and rank once, and say what it took."""
    from reorder.engine import recommend

    lines = order_lines(customers=customers)
    started = time.perf_counter()
    model = recommend.fit(order_lines=lines, as_of=TODAY)
    learned = time.perf_counter()
    content = model.to_bytes()
    ranking = time.perf_counter()
    ranked = model.next_basket(order_lines=lines, as_of=TODAY, size=20)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{customers:>9,} customers {lines.height:>10,} lines: learn {learned - started:7.1f} s, rank"
        f" {done - ranking:7.1f} s ({1e6 * (done - ranking) / customers:,.0f} µs each),"
        f" together {done - started:7.1f} s,"
        f" model {len(content) / 1e6:.1f} MB, peak {peak:.2f} GB; {model.method}, {ranked.height:,} rows",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line (or `arguments`) and run a quarter, a half and the whole of `--customers`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--only", action="store_true", help="this size alone, in this process")
    given = parser.parse_args(arguments)
    if given.only:
        measure(customers=given.customers)
        return
    print("synthetic input, seed", SEED, flush=True)
    for part in (4, 2, 1):
        size = str(max(given.customers // part, 100))
        subprocess.run([sys.executable, "-m", "benchmarks.baskets", "--only", "--customers", size], check=True)


if __name__ == "__main__":
    main()
