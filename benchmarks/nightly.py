"""Seconds of import and of a whole night per million order lines, at two sizes, each in a database of its own.

The shop is synthetic, drawn from a fixed seed: it shows how time grows, never how good an answer is. Run with
`python -m benchmarks.nightly`; `--lines 50000` makes the smaller size smaller (the larger one is twice that).
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks.engine import SEED, TODAY, order_lines

PLACES = ("KEELUNG", "KAOHSIUNG")


def write_shop(*, folder: Path, lines: int) -> list[Path]:
    """Tidy files of a synthetic shop with about `lines` order lines: products with terms, orders, stock."""
    orders = order_lines(count=lines).with_columns(
        pl.col("quantity").cast(pl.Int64),
        pl.col("ordered_at").dt.replace_time_zone(None),
        pl.lit("TWD").alias("currency"),
        pl.col("customer_id")
        .cast(pl.Int64)
        .map_elements(lambda n: PLACES[n % len(PLACES)], return_dtype=pl.String)
        .alias("place"),
    )
    products = orders.group_by("sku").agg(pl.col("category").first(), pl.col("unit_price").first().alias("price"))
    products = products.sort("sku").with_columns(
        pl.format("Product {}", "sku").alias("name"),
        (pl.col("price") * 0.6).round(2).alias("cost"),
        pl.lit("SUP-1").alias("supplier"),
        pl.lit(6).alias("lead_days"),
        pl.lit(6).alias("pack"),
        pl.lit(6).alias("minimum"),
    )
    stock = orders.select("sku", "place").unique().sort("sku", "place").with_columns(pl.lit(5).alias("on_hand"))
    files = []
    for name, table in (("products", products), ("orders", orders), ("stock", stock)):
        file = folder / f"{name}.parquet"
        table.write_parquet(file)
        files.append(file)
    return files


def run_one(*, lines: int) -> dict[str, float]:
    """Import and plan one shop in the present process, whose REORDER_HOME is new; seconds of each part."""
    import time

    from reorder.cli.start import start_application, stop_database

    with tempfile.TemporaryDirectory() as folder:
        files = write_shop(folder=Path(folder), lines=lines)
        start_application()
        from reorder.flows.file_import import import_file
        from reorder.flows.nightly import run_night

        try:
            begun = time.perf_counter()
            for file in files:
                import_file(path=file, kind=file.stem)
            imported = time.perf_counter()
            report = run_night(as_of=TODAY, now=_real_moment)
            ended = time.perf_counter()
        finally:
            stop_database()
    steps = {f"  {step.name}": step.seconds or 0.0 for step in report.steps}
    return {"import": imported - begun, "night": ended - imported, **steps}


def _real_moment() -> dt.datetime:
    """Steps are timed by the real clock while the shop's stands still."""
    return dt.datetime.now(tz=dt.UTC)  # noqa: TID251


def measure(*, lines: int) -> dict[str, float]:
    """One size in a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="reorder-bench-") as home:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("REORDER_")}
        # The synthetic shop's today: a night of another day would count in memory, not in the database.
        environment |= {"REORDER_HOME": home, "REORDER_CLOCK": f"{TODAY.isoformat()}T04:00:00"}
        command = [sys.executable, "-m", "benchmarks.nightly", "--one", "--lines", str(lines)]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str] | None = None) -> list[dict[str, float]]:
    """Read the command line (or `arguments`), measure both sizes and print them; gives the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--one", action="store_true", help="measure one size in this process and print JSON")
    given = parser.parse_args(arguments)
    if given.one:
        figures = run_one(lines=given.lines)
        print(json.dumps(figures))
        return [figures]
    print(f"synthetic shop, seed {SEED}, night of {dt.date.isoformat(TODAY)}")
    small, large = measure(lines=given.lines), measure(lines=2 * given.lines)
    for name in small:
        each = [figures[name] * 1e6 / size for figures, size in ((small, given.lines), (large, 2 * given.lines))]
        growth = large[name] / max(small[name], 1e-9)
        print(f"{name:24s} {each[0]:8.2f} → {each[1]:8.2f} s per million lines   size ×2 → time ×{growth:.2f}")
    return [small, large]


if __name__ == "__main__":
    main()
