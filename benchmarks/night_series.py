"""A whole night by number of series (SKU × place): seconds of each step and the peak of memory, at several sizes.

The shop is made by resampling daily sales with a fixed seed: of `--sample` (Parquet: sku, place, date, units; for
example an M5 sample), or of synthetic series of the same character (mostly intermittent), which is said on the first
line. Each size has a process and a database of its own. Run with

    python -m benchmarks.night_series --series 1000 10000 30490 --sample m5.parquet
"""

import argparse
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

SEED = 5
# Of the present day: a night of another one would count in memory, and make no reports.
TODAY = dt.datetime.now(tz=ZoneInfo("Asia/Taipei")).date()  # noqa: TID251
DAYS = 420
PLACES = ("KEELUNG", "KAOHSIUNG", "TAICHUNG")
LINES_AN_ORDER = 8
ORDERS_A_CUSTOMER = 12


def daily_units(*, sample: Path | None, generator: np.random.Generator) -> np.ndarray:
    """(series, DAYS) units a day to draw from."""
    if sample is not None:
        table = pl.read_parquet(sample).with_columns(pl.col("date").cast(pl.Date))
        last = table["date"].max()
        assert isinstance(last, dt.date)
        recent = table.filter(pl.col("date") > last - dt.timedelta(days=DAYS))
        wide = recent.pivot(on="date", index=["sku", "place"], values="units").fill_null(0)
        return wide.drop("sku", "place").to_numpy().astype(np.int64)
    rate = np.exp(generator.normal(-0.6, 1.1, size=400))
    week = 1 + 0.35 * np.sin(2 * np.pi * np.arange(DAYS) / 7 + generator.uniform(0, 6, size=(400, 1)))
    level = rate[:, None] * week * generator.gamma(0.8, 1 / 0.8, size=(400, DAYS))
    return generator.poisson(level)


def write_shop(*, folder: Path, series: int, sample: Path | None) -> tuple[list[Path], int]:
    """Files of products, orders and stock; and how many order lines there are."""
    generator = np.random.default_rng(SEED)
    drawn = daily_units(sample=sample, generator=generator)
    picks = generator.integers(len(drawn), size=series)
    shifts = generator.integers(0, 4, size=series) * 7  # whole weeks: weekdays stay
    units = np.stack([np.roll(drawn[pick], shift) for pick, shift in zip(picks, shifts, strict=True)])
    skus = np.array([f"S{number // len(PLACES):06d}" for number in range(series)])
    places = np.array([PLACES[number % len(PLACES)] for number in range(series)])
    rows, days = np.nonzero(units)
    order = np.lexsort((rows, places[rows], days))
    rows, days = rows[order], days[order]
    first = np.datetime64(TODAY - dt.timedelta(days=units.shape[1]))
    change = np.r_[True, (days[1:] != days[:-1]) | (places[rows[1:]] != places[rows[:-1]])]
    inside = np.arange(len(rows)) - np.maximum.accumulate(np.where(change, np.arange(len(rows)), 0))
    number = np.cumsum(change | (inside % LINES_AN_ORDER == 0)) - 1
    customers = max(int(number[-1]) // ORDERS_A_CUSTOMER, 1)
    buyer = generator.integers(customers, size=int(number[-1]) + 1)
    table = pl.DataFrame(
        {
            "order_id": number,
            "customer_id": buyer[number],
            "ordered_at": (first + days).astype("datetime64[us]") + np.timedelta64(10, "h"),
            "sku": skus[rows],
            "quantity": units[rows, days],
            "place": places[rows],
        }
    ).with_columns(
        pl.col("order_id").cast(pl.String),
        pl.col("customer_id").cast(pl.String),
        pl.lit(120.0).alias("unit_price"),
        pl.lit("TWD").alias("currency"),
    )
    products = pl.DataFrame({"sku": np.unique(skus)}).with_columns(
        pl.format("Product {}", "sku").alias("name"),
        pl.format("category {}", pl.col("sku").str.slice(5)).alias("category"),
        pl.lit(120.0).alias("price"),
        pl.lit(70.0).alias("cost"),
        pl.format("SUP-{}", pl.col("sku").str.slice(6)).alias("supplier"),
        pl.lit(6).alias("lead_days"),
        pl.lit(6).alias("pack"),
        pl.lit(6).alias("minimum"),
    )
    stock = pl.DataFrame({"sku": skus, "place": places}).with_columns(pl.lit(8).alias("on_hand"))
    files = []
    for name, content in (("products", products), ("orders", table), ("stock", stock)):
        file = folder / f"{name}.parquet"
        content.write_parquet(file)
        files.append(file)
    return files, table.height


def run_one(*, series: int, sample: Path | None) -> dict[str, float]:
    """Import and plan one shop in the present process, whose REORDER_HOME is new."""
    from reorder.cli.start import start_application, stop_database

    with tempfile.TemporaryDirectory() as folder:
        files, lines = write_shop(folder=Path(folder), series=series, sample=sample)
        start_application()
        from reorder.flows.file_import import import_file
        from reorder.flows.nightly import run_night

        try:
            for file in files:
                import_file(path=file, kind=file.stem)
            begun = time.perf_counter()
            first = run_night(as_of=TODAY, now=_real_moment)
            middle = time.perf_counter()
        finally:
            stop_database()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    steps = {f"  {step.name}": step.seconds or 0.0 for step in first.steps}
    return {"order lines": float(lines), "night": middle - begun, "peak GB": peak, **steps}


def _real_moment() -> dt.datetime:
    """Steps are timed by the real clock while the shop's stands still."""
    return dt.datetime.now(tz=dt.UTC)  # noqa: TID251


def measure(*, series: int, sample: Path | None) -> dict[str, float]:
    """One size in a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="reorder-bench-") as home:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("REORDER_")}
        environment |= {"REORDER_HOME": home}
        command = [sys.executable, "-m", "benchmarks.night_series", "--one", "--series", str(series)]
        command += ["--sample", str(sample)] if sample else []
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str] | None = None) -> list[dict[str, float]]:
    """Read the command line (or `arguments`), measure the sizes and print them; gives the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, nargs="+", default=[1000, 10_000, 30_490])
    parser.add_argument("--sample", type=Path)
    parser.add_argument("--one", action="store_true", help="measure one size in this process and print JSON")
    given = parser.parse_args(arguments)
    if given.one:
        figures = run_one(series=given.series[0], sample=given.sample)
        print(json.dumps(figures))
        return [figures]
    source = f"resampled from {given.sample.name}" if given.sample else "SYNTHETIC intermittent series"
    print(f"{source}, {DAYS} days, seed {SEED}; seconds unless said otherwise")
    made = []
    for series in given.series:
        made.append(measure(series=series, sample=given.sample))
        print(f"{series} series", flush=True)
        for name, value in made[-1].items():
            growth = ""
            if len(made) > 1 and made[-2].get(name, 0) > 0.5:
                growth = f"   series ×{series / given.series[len(made) - 2]:.1f} → ×{value / made[-2][name]:.1f}"
            print(f"  {name:24s} {value:12,.1f}{growth}", flush=True)
    return made


if __name__ == "__main__":
    main()
