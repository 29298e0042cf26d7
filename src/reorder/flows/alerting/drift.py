"""Whether sales have left the plan behind for longer than chance explains; pure.

Each finished week compares what was sold with what the plan of its first night said. Under the plan, the sum of a
series' errors has mean zero and the variance that the plan's own band states, never less than a Poisson's. Many series
are tested each night, so the list is cut by Benjamini and Hochberg (1995, J. R. Statist. Soc. B 57, 289-300): of the
series that are named, one in a hundred is expected to be a false alarm.
"""

import datetime as dt
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reorder.domain.planning.alerting import FOUND
from reorder.flows.alerting.judging import INFO, WARNING, Thresholds, found, said_units
from reorder.kernel.money import minor_digits

LEAST_WEEKS: Final = 4
MOST_WEEKS: Final = 8
FALSE_SHARE: Final = 0.01
# Less than a fifth changes no decision, however certain it is.
LEAST_BIAS: Final = 0.2
LARGE_BIAS: Final = 0.5
_KEY: Final = ["sku", "place"]


def judge_drift(
    *,
    weeks: pl.DataFrame,
    history: pl.DataFrame,
    costs: pl.DataFrame,
    as_of: dt.date,
    thresholds: Thresholds,
) -> pl.DataFrame:
    """Series whose sales over the last four to eight finished weeks contradict the plan; columns FOUND.

    Args:
        weeks: sku (subject), place, date (first of seven days), planned_units, deviation_units.
        history: daily sales before `as_of`: sku, place, date, units.
        costs: sku, place, unit_cost_minor, lost_unit_cost (major units); missing ones count as nothing.
        as_of: the night's day.
        thresholds: the shop's currency.
    """
    done = weeks.filter(
        pl.col("date") <= pl.lit(as_of - dt.timedelta(days=7)),
        pl.col("date") > pl.lit(as_of - dt.timedelta(weeks=MOST_WEEKS + 1)),
    )
    if done.is_empty():
        return pl.DataFrame(schema=FOUND)
    compared = _compare(weeks=done, history=history)
    if compared["sold_units"].sum() <= 0:
        # A shop that sold nothing at all has lost its orders on the way, not its customers.
        return pl.DataFrame(schema=FOUND)
    tested = _test(compared)
    named = tested.filter(pl.col("is_named"), pl.col("bias_share").abs() >= LEAST_BIAS)
    rows = _with_stake(named.join(costs, on=_KEY, how="left"), currency=thresholds.currency)
    facts = {
        "weeks": pl.col("weeks").cast(pl.String),
        "sold": said_units("sold_units"),
        "planned": said_units("planned_units"),
        "percent": (pl.col("bias_share").abs() * 100).round().cast(pl.Int64).cast(pl.String),
    }
    key = pl.concat_str([pl.col("sku"), pl.lit("|"), pl.col("place")])
    parts = []
    for code, is_meant in (("under", pl.col("bias_share") > 0), ("over", pl.col("bias_share") < 0)):
        rows_of_it = rows.filter(is_meant)
        parts.append(
            found(rows_of_it, kind="forecast_drift", code=f"alert.forecast_drift.{code}", facts=facts, key=key)
        )
    return pl.concat(parts)


def _with_stake(named: pl.DataFrame, *, currency: str) -> pl.DataFrame:
    """Sold more: margin that stock may have missed. Sold less: money that lies in goods nobody wanted."""
    digits = 10 ** minor_digits(currency=currency)
    gap = pl.col("sold_units") - pl.col("planned_units")
    stake = (
        pl.when(gap > 0)
        .then(gap * pl.col("lost_unit_cost").fill_null(0.0) * digits)
        .otherwise(-gap * pl.col("unit_cost_minor").fill_null(0))
    )
    is_large = pl.col("bias_share").abs() >= LARGE_BIAS
    return named.with_columns(
        stake.round().cast(pl.Int64).alias("stake_minor"),
        pl.when(is_large).then(WARNING).otherwise(INFO).cast(pl.Int64).alias("severity"),
        pl.lit(currency).alias("currency"),
    )


def _compare(*, weeks: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Each series over its finished weeks: weeks, planned_units, sold_units, variance."""
    first = weeks["date"].min()
    sold = (
        history.filter(pl.col("date") >= pl.lit(first))
        .join(weeks.select(*_KEY, pl.col("date").alias("week")), on=_KEY, how="inner")
        .filter(pl.col("date") >= pl.col("week"), pl.col("date") < pl.col("week").dt.offset_by("7d"))
        .group_by(*_KEY, pl.col("week").alias("date"))
        .agg(pl.col("units").sum().alias("sold_units"))
    )
    floor = pl.max_horizontal(pl.col("deviation_units") ** 2, pl.col("planned_units"))
    return (
        weeks.join(sold, on=[*_KEY, "date"], how="left")
        .with_columns(pl.col("sold_units").fill_null(0.0), floor.alias("variance"))
        .group_by(_KEY)
        .agg(
            pl.len().alias("weeks"),
            pl.col("planned_units").sum(),
            pl.col("sold_units").sum(),
            pl.col("variance").sum(),
        )
        .filter(pl.col("weeks") >= LEAST_WEEKS, pl.col("planned_units") > 0)
        .sort(_KEY)
    )


def _test(series: pl.DataFrame) -> pl.DataFrame:
    from scipy.special import ndtr

    gap = (series["sold_units"] - series["planned_units"]).to_numpy()
    z = gap / np.sqrt(series["variance"].to_numpy())
    chance = 2 * ndtr(-np.abs(z))
    return series.with_columns(
        pl.Series("bias_share", gap / series["planned_units"].to_numpy(), dtype=pl.Float64),
        pl.Series("is_named", _named_by_chance(chance), dtype=pl.Boolean),
    )


def _named_by_chance(chance: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which p-values stand out when one in a hundred of those named may be false."""
    count = len(chance)
    if not count:
        return np.zeros(0, dtype=bool)
    order = np.argsort(chance)
    is_small = chance[order] <= FALSE_SHARE * np.arange(1, count + 1) / count
    largest = np.flatnonzero(is_small)
    limit = chance[order][largest[-1]] if len(largest) else -1.0
    return chance <= limit
