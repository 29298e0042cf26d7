"""Demand a week: the distribution of the week's SUM, from the sums that the backtest really missed by.

Seven daily quantiles do not add up to a week's: good days make up for bad ones, and a level missed all week does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine.demand.forecasting import DemandForecast, checked_levels, quantile_column
from reorder.engine.demand.panel import KEY, Counts, Floats
from reorder.engine.demand.quantiles import blended_quantiles, own_quantiles, round_to_units

WEEK_DAYS = 7
FEWEST_TOTALS = 8
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Weekly sums: `mean` (series, weeks), `fitted` and `residuals` (windows, series, weeks), NaN where not judged."""

    mean: Floats
    fitted: Floats
    residuals: Floats


def forecast_weeks(*, forecast: DemandForecast, quantiles: Sequence[float] = LEVELS) -> pl.DataFrame:
    """Each series by weeks of seven days: sku, place, week (0 the first), mean_units and a column a quantile.

    Quantiles are built as those of days are, from the standardised errors of weekly sums of the class and, with enough
    of them, of the series itself. Days after the last whole week are left out. A series without history keeps its mean
    for every quantile: nothing is known about its errors. Raises BadRequest for a level outside (0, 1).
    """
    levels = checked_levels(quantiles=quantiles)
    sums = _sums(forecast)
    around = blended_quantiles(
        mean=sums.mean,
        fitted=sums.fitted,
        residuals=sums.residuals,
        spread=forecast.backtest.spread,
        classes=forecast.backtest.classes,
        levels=levels,
    )
    around = round_to_units(quantiles=around, whole=forecast.backtest.whole)
    return _table(keys=forecast.backtest.keys, mean=sums.mean, around=around, levels=levels)


def forecast_totals(
    *, forecast: DemandForecast, groups: pl.DataFrame, quantiles: Sequence[float] = LEVELS
) -> pl.DataFrame:
    """Sums of series by weeks: group, week, mean_units and a column a quantile. `groups`: sku, place, group (Int64).

    A series may belong to several groups. The band lies evenly around the mean: in the backtest a share q of the
    group's weekly totals was missed by no more than its half width, as a share of the total; so what all series miss
    together is in it. A group judged in fewer than eight weeks takes the misses of all groups, in units of √total.
    Raises BadRequest for a level outside (0, 1).
    """
    levels = checked_levels(quantiles=quantiles)
    sums = _sums(forecast)
    keys = forecast.backtest.keys.with_row_index("series")
    member = groups.join(keys, on=KEY).sort("group", "series")
    names = member["group"].unique().sort()
    place = np.searchsorted(names.to_numpy(), member["group"].to_numpy()).astype(np.int64)
    series = member["series"].to_numpy().astype(np.int64)
    judged = np.isfinite(sums.residuals)
    mean = _added(sums.mean, place=place, series=series, count=names.len())
    fitted = _added(np.where(judged, sums.fitted, 0.0), place=place, series=series, count=names.len())
    missed = np.abs(_added(np.where(judged, sums.residuals, 0.0), place=place, series=series, count=names.len()))
    half = _half_widths(mean=mean, fitted=fitted, missed=missed, levels=levels)
    return _table(keys=pl.DataFrame({"group": names}), mean=mean, around=np.clip(mean + half, 0.0, None), levels=levels)


def _sums(forecast: DemandForecast) -> _Sums:
    backtest = forecast.backtest
    count = backtest.keys.height
    daily = forecast.daily.sort(*KEY, "date")["mean_units"].to_numpy()
    mean = daily.reshape(count, backtest.fitted.shape[-1])
    missed = np.where(backtest.closed, 0.0, backtest.residuals)
    return _Sums(mean=_weekly(mean), fitted=_weekly(backtest.fitted), residuals=_weekly(missed))


def _weekly(values: Floats) -> Floats:
    """Sums over whole weeks of the last axis; NaN where a day of the week is."""
    weeks = values.shape[-1] // WEEK_DAYS
    whole = values[..., : weeks * WEEK_DAYS]
    return np.asarray(whole.reshape(*values.shape[:-1], weeks, WEEK_DAYS).sum(axis=-1))


def _added(values: Floats, *, place: Counts, series: Counts, count: int) -> Floats:
    """Values of the series (axis −2) added up by group."""
    out = np.zeros((*values.shape[:-2], count, values.shape[-1]))
    np.add.at(np.moveaxis(out, -2, 0), place, np.moveaxis(values, -2, 0)[series])
    return out


def _half_widths(*, mean: Floats, fitted: Floats, missed: Floats, levels: Sequence[float]) -> Floats:
    """(levels, groups, weeks): how far each quantile lies from the mean."""
    share = np.where(fitted > 0, missed / np.where(fitted > 0, fitted, 1.0), np.nan)
    rooted = np.where(fitted > 0, missed / np.sqrt(np.where(fitted > 0, fitted, 1.0)), np.nan)
    inside = [abs(2 * level - 1) for level in levels]
    own, counts = own_quantiles(standard=_flat(share), levels=inside)
    everything = rooted[np.isfinite(rooted)]
    shared = np.asarray(np.quantile(everything, inside)) if everything.size else np.zeros(len(levels))
    enough = counts >= FEWEST_TOTALS
    width = np.where(
        enough[None, :, None],
        np.nan_to_num(own)[:, :, None] * mean[None],
        shared[:, None, None] * np.sqrt(np.maximum(mean, 0.0))[None],
    )
    sign = np.sign(np.array(levels) - 0.5)
    return np.asarray(sign[:, None, None] * width)


def _flat(values: Floats) -> Floats:
    """(windows, groups, weeks) as (groups, windows × weeks)."""
    windows, groups, weeks = values.shape
    return np.moveaxis(values, 1, 0).reshape(groups, windows * weeks)


def _table(*, keys: pl.DataFrame, mean: Floats, around: Floats, levels: Sequence[float]) -> pl.DataFrame:
    weeks = pl.DataFrame({"week": np.arange(mean.shape[1])}, schema={"week": pl.Int64})
    columns = {"mean_units": mean.ravel()} | {
        quantile_column(level=level): values.ravel() for level, values in zip(levels, around, strict=True)
    }
    return keys.join(weeks, how="cross", maintain_order="left_right").with_columns(pl.DataFrame(columns))
