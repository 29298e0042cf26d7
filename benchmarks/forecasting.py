"""Seconds and memory of a night's forecast at several sizes, the cheap pool alone, and AutoETS and Prophet beside it.

Run with `python -m benchmarks.forecasting --series 1000 10000 30490`; `--path FILE` resamples real series (Parquet with
sku, place, date, units and columns known ahead) instead of drawing synthetic ones. Every size has a process of its own,
whose peak memory is printed. `--quality` compares the distributions with AutoETS and blended residuals (minutes).
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks import forecast_quality
from benchmarks.demand_series import Series, draw_series, resample_series

SEED = 20260302
DAYS = 728
HORIZON_DAYS = 28
PEERS = {"auto_ets": 100, "prophet": 10}  # series timed: each is fitted alone, so that a few tell the rest


def prepare(*, count: int, days: int, path: Path | None) -> Series:
    if path is None:
        return draw_series(count=count, days=days, horizon_days=HORIZON_DAYS, seed=SEED)
    return resample_series(path=path, count=count, days=days, horizon_days=HORIZON_DAYS, seed=SEED)


def run_one(*, count: int, days: int, path: Path | None) -> dict[str, float]:
    """Seconds of a whole forecast and of the cheap pool, and the peak memory of this process in GB."""
    from reorder.engine import demand
    from reorder.engine.demand.methods import CHEAP

    series = prepare(count=count, days=days, path=path)
    bare = series.history.select("sku", "place", "date", "units")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    demand.forecast(history=bare, horizon_days=HORIZON_DAYS, methods=tuple(CHEAP))
    cheap = time.perf_counter()
    made = demand.forecast(
        history=series.history, known_future=series.known_future, horizon_days=HORIZON_DAYS, seed=SEED
    )
    whole = time.perf_counter()
    failed = made.choices.filter(pl.col("reason_code") == "demand.fallback").height
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "cheap_seconds": cheap - begun,
        "whole_seconds": whole - cheap,
        "peak_gb": peak / 1e6,
        "input_gb": before / 1e6,
        "fallbacks": failed,
    }


def time_peers(*, days: int, path: Path | None) -> dict[str, float]:
    """Seconds per 1,000 series of AutoETS and, where its extra is installed, Prophet: one fit each, no backtest."""
    from reorder.engine.demand.automatic import is_prophet_installed

    series = prepare(count=max(PEERS.values()), days=days, path=path)
    names = [name for name in PEERS if name != "prophet" or is_prophet_installed()]
    return {name: forecast_quality.time_alone(name=name, series=series, count=PEERS[name]) for name in names}


def measure(*, count: int, days: int, path: Path | None) -> dict[str, float]:
    """One size in a process of its own, so that its peak memory is its own."""
    words = ["--one", "--series", str(count), "--days", str(days), *(["--path", str(path)] if path else [])]
    command = [sys.executable, "-m", "benchmarks.forecasting", *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str] | None = None) -> list[dict[str, float]]:
    """Read the command line (or `arguments`), measure every size and the peers, and print; gives the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, nargs="+", default=[500, 1_000])
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--path", type=Path)
    parser.add_argument("--one", action="store_true", help="measure one size in this process and print JSON")
    parser.add_argument("--quality", type=int, metavar="WINDOWS", default=0)
    given = parser.parse_args(arguments)
    if given.one:
        figures = run_one(count=given.series[0], days=given.days, path=given.path)
        print(json.dumps(figures))
        return [figures]
    print(prepare(count=2, days=60, path=given.path).label, f"{given.days} days", f"horizon {HORIZON_DAYS} days")
    table = []
    for count in given.series:
        figures = measure(count=count, days=given.days, path=given.path)
        table.append(figures)
        print(
            f"{count:>7,} series   whole {figures['whole_seconds']:7.1f} s"
            f"   {figures['whole_seconds'] / count * 1000:6.2f} s per 1,000"
            f"   cheap pool {figures['cheap_seconds']:6.1f} s"
            f"   peak {figures['peak_gb']:.2f} GB (input {figures['input_gb']:.2f})   fallbacks {figures['fallbacks']}"
        )
    for name, seconds in time_peers(days=given.days, path=given.path).items():
        print(f"{name:>14s}   {seconds:7.1f} s per 1,000 series for one fit (a backtest of three dates needs four)")
    if given.quality:
        forecast_quality.main(path=given.path, windows=given.quality)
    return table


if __name__ == "__main__":
    main()
