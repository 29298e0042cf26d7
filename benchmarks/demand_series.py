"""Daily demand series to measure forecasts by: drawn from a seed (synthetic), or resampled from a file of real ones.

Both say what they are: `Series.label` is printed with every figure.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

LAST_DAY = date(2026, 3, 1)
# Shares of M5's 30,490 series: 76 % intermittent, 13 % lumpy, the rest sells nearly every day.
RATE_SHAPE, RATE_MEAN = 0.45, 1.5


@dataclass(frozen=True, slots=True)
class Series:
    history: pl.DataFrame
    known_future: pl.DataFrame
    label: str


def draw_series(*, count: int, days: int, horizon_days: int, seed: int) -> Series:
    """Synthetic SKU-places: skewed rates, launches, weekday and yearly waves, drifting levels, price cuts, events."""
    rng = np.random.default_rng(seed)
    length = days + horizon_days
    day = np.arange(length)
    rate = np.maximum(rng.gamma(RATE_SHAPE, RATE_MEAN / RATE_SHAPE, size=(count, 1)), 0.02)
    drift = np.exp(np.cumsum(rng.normal(0.0, 0.012, size=(count, length)), axis=1))
    week = 1 + 0.35 * np.sin(2 * np.pi * (day + rng.integers(0, 2, size=(count, 1))) / 7)
    year = 1 + 0.15 * np.sin(2 * np.pi * (day / 364 + rng.normal(0.0, 0.05, size=(count, 1))))
    cut = np.repeat(rng.random((count, -(-length // 14))) < 0.06, 14, axis=1)[:, :length]
    event = rng.random(length) < 0.03
    mean = rate * drift * week * year * np.where(cut, 1.8, 1.0) * np.where(event, 1.2, 1.0)
    units = rng.poisson(mean * rng.gamma(1.2, 1 / 1.2, size=mean.shape)).astype(np.float32)
    first = np.where(rng.random(count) < 0.3, rng.integers(0, days - 30, size=count), 0)
    price = np.round(2 + rng.gamma(2.0, 2.0, size=(count, 1)), 2) * np.where(cut, 0.8, 1.0)
    present = day[None, :] >= first[:, None]
    table = _frame(units=units, price=price, event=event, present=present)
    cutoff = LAST_DAY - timedelta(days=horizon_days)
    return Series(
        history=table.filter(pl.col("date") <= cutoff),
        known_future=table.filter(pl.col("date") > cutoff).drop("units"),
        label=f"synthetic series, seed {seed}",
    )


def _frame(
    *,
    units: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    price: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    event: np.ndarray[tuple[int], np.dtype[np.bool_]],
    present: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> pl.DataFrame:
    series, column = np.nonzero(present)
    length = units.shape[1]
    return pl.DataFrame(
        {
            "number": series.astype(np.int32),
            "offset": (column - length + 1).astype(np.int32),
            "units": units[series, column],
            "price": price[series, column].astype(np.float32),
            "event": event[column].astype(np.int8),
        }
    ).select(
        sku=pl.format("SKU{}", pl.col("number") // 10),
        place=pl.format("P{}", pl.col("number") % 10),
        date=pl.lit(LAST_DAY) + pl.duration(days="offset"),
        units="units",
        price="price",
        event="event",
        category=pl.format("C{}", pl.col("number") // 10 % 7),
    )


def resample_series(*, path: Path, count: int, days: int, horizon_days: int, seed: int) -> Series:
    """`count` series from a Parquet file (sku, place, date, units, further columns known ahead), each under a new SKU.

    A repeated series is shifted by whole weeks, up to a year, so that no two are the same.
    """
    table = pl.read_parquet(path).with_columns(pl.col("date").cast(pl.Date), pl.col("units").cast(pl.Float32))
    keys = table.select("sku", "place").unique().sort("sku", "place")
    last = table["date"].max()
    if not isinstance(last, date):
        raise SystemExit(f"{path} holds no days")
    rng = np.random.default_rng(seed)
    drawn = keys[rng.integers(0, keys.height, size=count)].with_columns(
        number=pl.int_range(count, dtype=pl.Int32), shift=pl.Series(rng.integers(0, 53, size=count) * 7)
    )
    table = table.filter(pl.col("date") > last - timedelta(days=days + horizon_days + 371))
    made = (
        drawn.join(table, on=["sku", "place"])
        .with_columns(date=pl.col("date") + pl.duration(days="shift"))
        .filter((pl.col("date") <= last) & (pl.col("date") > last - timedelta(days=days + horizon_days)))
        .with_columns(sku=pl.format("{}#{}", "sku", "number"))
        .drop("number", "shift")
    )
    cutoff = last - timedelta(days=horizon_days)
    return Series(
        history=made.filter(pl.col("date") <= cutoff),
        known_future=made.filter(pl.col("date") > cutoff).drop("units"),
        label=f"series resampled from {path.name}, seed {seed}",
    )
