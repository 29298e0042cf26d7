"""Distributions beside a plain AutoETS with blended residuals, in one run on the same series and days.

The peer: AutoETS for the mean; a quantile is the mean plus half the series' own quantile of 3 × 28 rolling-origin
residuals and half the quantile of residual / √forecast of its demand class times √forecast. Scaled pinball loss:
divided by the mean absolute change from day to day since the first sale.
"""

import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.demand_series import Series, draw_series

HORIZON_DAYS = 28
LEVELS = (0.5, 0.9, 0.95, 0.99)
WINDOWS = 3
SEED = 7
DRAWN = 60
KEY = ["sku", "place"]

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def time_alone(*, name: str, series: Series, count: int) -> float:
    """Seconds per 1,000 series of one fit of `auto_ets` or `prophet` on the first `count` series."""
    from reorder.engine.demand.automatic import automatic_forecast
    from reorder.engine.demand.panel import build_panel

    keys = series.history.select(KEY).unique().sort(KEY).head(count)
    history = series.history.select(*KEY, "date", "units").join(keys, on=KEY, how="semi")
    panel = build_panel(history=history, known_future=None, horizon_days=HORIZON_DAYS)
    fitted = np.arange(min(count, panel.series_count, 400))
    automatic_forecast(panel=panel, origins=[panel.days], name=name, rows=fitted[:1])  # pays for the import
    begun = time.perf_counter()
    automatic_forecast(panel=panel, origins=[panel.days], name=name, rows=fitted)
    return (time.perf_counter() - begun) / fitted.size * 1000


def auto_ets(*, history: pl.DataFrame) -> pl.DataFrame:
    """AutoETS of statsforecast on the last 420 days: sku, place, date, mean_units."""
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS

    last = _last(history)
    table = history.filter(pl.col("date") > last - timedelta(days=420)).with_row_index()
    numbers = table.select(KEY).unique().sort(KEY).with_row_index("unique_id")
    frame = table.join(numbers, on=KEY).select(
        "unique_id", ds=pl.col("date").cast(pl.Datetime("us")), y=pl.col("units").cast(pl.Float64)
    )
    models = StatsForecast(models=[AutoETS(season_length=7)], freq="1d")
    made = models.forecast(df=frame.sort("unique_id", "ds"), h=HORIZON_DAYS)
    return made.join(numbers, on="unique_id").select(
        *KEY, date=pl.col("ds").cast(pl.Date), mean_units=pl.col("AutoETS").clip(0)
    )


def blended(*, history: pl.DataFrame) -> pl.DataFrame:
    """AutoETS with a column a quantile, by blended residuals."""
    from reorder.engine.demand.classes import classify
    from reorder.engine.demand.panel import build_panel

    last = _last(history)
    ends = [last - timedelta(days=HORIZON_DAYS * back) for back in range(WINDOWS, 0, -1)]
    parts = [auto_ets(history=history.filter(pl.col("date") <= end)) for end in ends]
    residuals = (
        pl.concat(parts)
        .join(history.select(*KEY, "date", "units"), on=[*KEY, "date"])
        .with_columns(missed=pl.col("units") - pl.col("mean_units"))
        .with_columns(standard=pl.col("missed") / pl.col("mean_units").clip(0.01).sqrt())
    )
    panel = build_panel(history=history.select(*KEY, "date", "units"), known_future=None, horizon_days=HORIZON_DAYS)
    names = classify(units=panel.units, known=panel.known, age_days=panel.age_days)
    classes = panel.keys.with_columns(demand_class=pl.Series(names.tolist(), dtype=pl.String))
    residuals = residuals.join(classes, on=KEY)
    made = auto_ets(history=history).join(classes, on=KEY)
    for level in LEVELS:
        own = residuals.group_by(KEY).agg(own=pl.col("missed").quantile(level, "linear"))
        shared = residuals.group_by("demand_class").agg(shared=pl.col("standard").quantile(level, "linear"))
        made = (
            made.join(own, on=KEY, how="left")
            .join(shared, on="demand_class", how="left")
            .with_columns(
                (
                    pl.col("mean_units")
                    + 0.5 * pl.coalesce("own", pl.col("shared") * pl.col("mean_units").sqrt())
                    + 0.5 * pl.col("shared") * pl.col("mean_units").sqrt()
                )
                .clip(0)
                .alias(_column(level))
            )
            .drop("own", "shared")
        )
    return made


def scores(*, truth: pl.DataFrame, made: pl.DataFrame, history: pl.DataFrame) -> dict[str, float]:
    """Scaled pinball loss, share of days at or below and strictly below each quantile, and the bias of the mean."""
    scale = (
        history.sort(*KEY, "date")
        .filter(pl.col("units").cum_sum().over(KEY) > 0)
        .group_by(KEY)
        .agg(scale=pl.col("units").diff().abs().mean())
        .filter(pl.col("scale") > 0)
    )
    table = truth.join(made, on=[*KEY, "date"]).join(scale, on=KEY)
    out = {"bias": float((table["mean_units"] - table["units"]).sum() / table["units"].sum())}
    for level in LEVELS:
        error = table["units"].to_numpy() - table[_column(level)].to_numpy()
        loss = np.maximum(level * error, (level - 1) * error) / table["scale"].to_numpy()
        out |= {
            f"spl_{level}": float(loss.mean()),
            f"cover_{level}": float((error <= 1e-9).mean()),
            f"below_{level}": float((error < -1e-9).mean()),
        }
    return out


def compare(*, table: pl.DataFrame, windows: int) -> dict[str, dict[str, float]]:
    """Mean scores of both over `windows` origins, a horizon apart."""
    from reorder.engine import demand

    known = [name for name in table.columns if name != "units"]
    runs: dict[str, list[dict[str, float]]] = {"reorder": [], "auto_ets with blended residuals": []}
    for window in range(windows):
        last = _last(table) - timedelta(days=HORIZON_DAYS * window)
        start = last - timedelta(days=HORIZON_DAYS - 1)
        history, truth = table.filter(pl.col("date") < start), table.filter(pl.col("date").is_between(start, last))
        ours = demand.forecast(
            history=history,
            horizon_days=HORIZON_DAYS,
            known_future=truth.select(known) if len(known) > 3 else None,
            quantiles=LEVELS,
            seed=SEED,
        )
        told = truth.select(*KEY, "date", "units")
        runs["reorder"].append(scores(truth=told, made=ours.daily, history=history))
        peer = blended(history=history)
        runs["auto_ets with blended residuals"].append(scores(truth=told, made=peer, history=history))
    return {
        name: {key: float(np.mean([run[key] for run in every])) for key in every[0]} for name, every in runs.items()
    }


def main(*, path: Path | None, windows: int) -> dict[str, dict[str, float]]:
    """Print both rows; on drawn series (labelled synthetic) without a path."""
    if path is None:
        drawn = draw_series(count=DRAWN, days=728, horizon_days=HORIZON_DAYS, seed=SEED)
        table, label = drawn.history, drawn.label
    else:
        table = pl.read_parquet(path).with_columns(pl.col("date").cast(pl.Date), pl.col("units").cast(pl.Float64))
        label = path.name
    print(f"{label}, {windows} windows of {HORIZON_DAYS} days")
    figures = compare(table=table, windows=windows)
    for name, row in figures.items():
        print(f"{name:32s}", "  ".join(f"{key} {value:.4f}" for key, value in row.items()))
    return figures


def _column(level: float) -> str:
    return f"p{round(level * 100)}_units"


def _last(history: pl.DataFrame) -> date:
    last = history["date"].max()
    if not isinstance(last, date):
        raise SystemExit("no days to forecast from")
    return last
