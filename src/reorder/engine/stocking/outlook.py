"""A forecast as arrays: expected demand over any number of days from the decision day on."""

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.leads import IntArray
from reorder.engine.stocking.textbook import FloatArray

# Beyond its horizon a forecast goes on at the mean of its last week.
TAIL_DAYS = 7
FORECAST = frames.Frame(
    "forecast",
    {
        "sku": frames.Column(pl.String()),
        "place": frames.Column(pl.String()),
        "date": frames.Column(frames.DAY),
        "mean_units": frames.Column(pl.Float64(), minimum=0.0),
    },
    key=("sku", "place", "date"),
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """`mean` (rows × days from the decision day; nan where a row has no forecast) and daily `variance` a row."""

    mean: FloatArray
    variance: FloatArray

    def sums(self, *, rows: IntArray, spans: IntArray) -> FloatArray:
        """Expected units (rows × spans) over the first days of each span."""
        mean = self.mean[rows]
        horizon = mean.shape[1]
        totals = np.concatenate([np.zeros((len(rows), 1)), mean.cumsum(1)], axis=1)
        beyond = np.maximum(spans - horizon, 0) * mean[:, -TAIL_DAYS:].mean(1, keepdims=True)
        sums: FloatArray = totals[:, np.minimum(spans, horizon)] + beyond
        sums[np.isnan(mean[:, 0])] = np.nan
        return sums

    @property
    def daily_units(self) -> FloatArray:
        """Mean demand a day over the horizon."""
        mean: FloatArray = self.mean.mean(axis=1)
        return mean


def read_outlook(*, daily: pl.DataFrame, keys: pl.DataFrame, as_of: date) -> Outlook:
    """Align a daily forecast with the rows of `keys`, from `as_of` on; missing days inside the horizon are zero.

    The daily variance is read from the highest quantile column (p50_units …) as if demand were normal.
    Raises InvalidFrame.
    """
    daily = frames.require(table=daily, contract=FORECAST).filter(pl.col("date") >= as_of)
    last = daily["date"].max()
    horizon = (last - as_of).days + 1 if isinstance(last, date) else 1
    index = keys.select("sku", "place").with_row_index("row")
    table = daily.join(index, on=["sku", "place"])
    rows = table["row"].to_numpy().astype(np.int64)
    mean = np.full((keys.height, horizon), np.nan)
    mean[np.unique(rows)] = 0.0
    mean[rows, (table["date"] - as_of).dt.total_days().to_numpy()] = table["mean_units"].to_numpy()
    return Outlook(mean=mean, variance=_variance(table=table, rows=rows, count=keys.height))


def _variance(*, table: pl.DataFrame, rows: IntArray, count: int) -> FloatArray:
    from scipy.special import ndtri

    shares = {name: _share_of(name) for name in table.columns}
    above = {name: share for name, share in shares.items() if 0.5 < share < 1}
    if not above:
        return np.zeros(count)
    highest = max(above, key=lambda name: above[name])
    deviation = (table[highest] - table["mean_units"]).clip(lower_bound=0).to_numpy() / ndtri(above[highest])
    days = np.maximum(np.bincount(rows, minlength=count), 1)
    variance: FloatArray = np.bincount(rows, weights=deviation**2, minlength=count) / days
    return variance


def _share_of(name: str) -> float:
    """The level of a quantile column (`p95_units`, `p99_5_units`); zero for any other column."""
    found = re.fullmatch(r"p(\d+)(?:_(\d+))?_units", name)
    return float(f"{found[1]}.{found[2] or 0}") / 100 if found else 0.0
