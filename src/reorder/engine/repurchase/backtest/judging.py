"""Looking back: the model as it would have been on earlier days, against what then happened.

Nothing from a cut on reaches the model that is judged at it. What is counted are sums (`counts`), so that days
and evidence levels add up exactly; docs/explanation/prediction-quality.md defines every figure in words.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase.backtest.counts import LEVELS, Counts, count_level, horizons_within
from reorder.engine.repurchase.backtest.dates import judge_dates
from reorder.engine.repurchase.backtest.errors import BadBacktestHorizon, TooLittleHistory
from reorder.engine.repurchase.backtest.figures import Quality, add_counts, read_quality
from reorder.engine.repurchase.backtest.naive import count_naive
from reorder.engine.repurchase.model import RepurchaseModel, fit

HORIZON_DAYS = 30
LEAST_HISTORY_DAYS = 28
LEAST_REPEATS = 20
SHORTEST_HORIZON_DAYS, LONGEST_HORIZON_DAYS = 7, 365
# Of the figures' shape: figures of another version are counted again.
VERSION = 1


@dataclass(frozen=True, slots=True)
class CutBacktest:
    """One look back. `counts`: by evidence level, `all` of them together, and `naive` beside `pair`; JSON-able."""

    cut_date: dt.date
    horizon_days: int
    pairs_count: int
    model_summary: str
    counts: Counts


@dataclass(frozen=True)
class Backtest:
    """Several looks back, the earliest first."""

    horizon_days: int
    cuts: Sequence[CutBacktest]

    @cached_property
    def levels(self) -> dict[str, Quality]:
        """Quality by evidence level over all cuts, `all` first; levels without pairs are left out."""
        return read_levels(counts=[cut.counts for cut in self.cuts])

    @cached_property
    def naive(self) -> Quality:
        """The rule of the mean gap on the pairs of level `pair`."""
        return read_quality(counts=add_counts(parts=[cut.counts["naive"] for cut in self.cuts]))

    @property
    def figures(self) -> dict[str, Any]:
        """Everything as plain values for JSON."""
        return {
            "horizon_days": self.horizon_days,
            "cuts": [
                {
                    "cut_date": cut.cut_date.isoformat(),
                    "pairs_count": cut.pairs_count,
                    "model": cut.model_summary,
                    **asdict(read_quality(counts=cut.counts["all"])),
                }
                for cut in self.cuts
            ],
            "levels": {name: asdict(quality) for name, quality in self.levels.items()},
            "naive": asdict(self.naive),
        }

    @property
    def frame(self) -> pl.DataFrame:
        """One row a cut and evidence level, then the naive rule: the main figures as a table."""
        rows = [
            {"cut_date": cut.cut_date, "level": name, **_flat(quality)}
            for cut in self.cuts
            for name, quality in (
                *read_levels(counts=[cut.counts]).items(),
                ("naive", read_quality(counts=cut.counts["naive"])),
            )
        ]
        return pl.DataFrame(rows, infer_schema_length=None)


def backtest(
    *,
    order_lines: pl.DataFrame,
    cuts: Sequence[dt.date],
    horizon_days: int = HORIZON_DAYS,
    country: str = "TW",
    events: pl.DataFrame | None = None,
    told: Callable[[dt.date, int, int], None] = lambda cut, done, total: None,
) -> Backtest:
    """Judge predictions at each of `cuts` by what happened in the `horizon_days` from that day on.

    `told(cut, done, total)` hears of progress. Cuts that cannot be judged (see `judge_cut`) are left out; raises
    TooLittleHistory when that leaves none, BadBacktestHorizon, InvalidFrame.
    """
    refuse_horizon(days=horizon_days)
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
    wanted = sorted(set(cuts))
    judged = []
    for done, cut in enumerate(wanted):
        told(cut, done, len(wanted))
        try:
            judged.append(
                judge_cut(order_lines=lines, cut=cut, horizon_days=horizon_days, country=country, events=events)
            )
        except TooLittleHistory:
            continue
    if not judged:
        raise too_little(order_lines=lines, cuts=wanted, horizon_days=horizon_days)
    return Backtest(horizon_days=horizon_days, cuts=judged)


def judge_cut(
    *,
    order_lines: pl.DataFrame,
    cut: dt.date,
    horizon_days: int = HORIZON_DAYS,
    country: str = "TW",
    events: pl.DataFrame | None = None,
) -> CutBacktest:
    """Fit on the lines before `cut`, predict, and count how it went until `cut + horizon_days`.

    Raises TooLittleHistory unless there are orders of 28 days before the cut, the orders reach to the horizon's end,
    and 20 pairs known before the cut were bought again within it.
    """
    refuse_horizon(days=horizon_days)
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES).with_columns(
        date=pl.col("ordered_at").dt.date()
    )
    if not _can_judge(lines=lines, cut=cut, horizon_days=horizon_days):
        raise too_little(order_lines=order_lines, cuts=[cut], horizon_days=horizon_days)
    past = lines.filter(pl.col("date") < cut)
    known_events = None if events is None else events.filter(pl.col("happened_at").dt.date() < cut)
    model = fit(order_lines=past, as_of=cut, events=known_events, country=country)
    pairs = _pairs(model=model, lines=lines, cut=cut, horizon_days=horizon_days)
    table = pairs.join(_judged(model=model, pairs=pairs, cut=cut, horizon_days=horizon_days), on="row", how="left")
    counts: Counts = {
        level: count_level(table=part, horizon_days=horizon_days)
        for level in LEVELS
        if (part := table.filter(pl.col("evidence") == level)).height
    }
    counts["all"] = count_level(table=table, horizon_days=horizon_days)
    rhythmic = table.filter(pl.col("mean_gap_days").is_not_null())
    counts["naive"] = count_naive(table=rhythmic, horizon_days=horizon_days)
    return CutBacktest(cut, horizon_days, table.height, model.summary, counts)


def choose_cuts(*, first_date: dt.date, until_date: dt.date, count: int, horizon_days: int) -> list[dt.date]:
    """The latest `count` firsts of a month that orders from `first_date` to the day before `until_date` can judge.

    Firsts of months stay the same from run to run, so that a month is judged once. Where no first of a month has 28
    days before it and the horizon after it, the one day that has. Empty when the
    orders span too few days.
    """
    earliest = first_date + dt.timedelta(days=LEAST_HISTORY_DAYS)
    latest = until_date - dt.timedelta(days=horizon_days)
    firsts: list[dt.date] = []
    month = latest.replace(day=1)
    while month >= earliest and len(firsts) < count:
        firsts.append(month)
        month = (month - dt.timedelta(days=1)).replace(day=1)
    if not firsts and earliest <= latest:
        return [latest]
    return sorted(firsts)


def read_levels(*, counts: Iterable[Counts]) -> dict[str, Quality]:
    """Quality by evidence level over several days' counts, `all` first."""
    parts = list(counts)
    found = {}
    for level in ("all", *LEVELS):
        with_level = [part[level] for part in parts if level in part]
        if with_level:
            found[level] = read_quality(counts=add_counts(parts=with_level))
    return found


def refuse_horizon(*, days: int) -> None:
    """Raises BadBacktestHorizon unless `days` lies between a week and a year."""
    if not SHORTEST_HORIZON_DAYS <= days <= LONGEST_HORIZON_DAYS:
        raise BadBacktestHorizon(shortest=SHORTEST_HORIZON_DAYS, longest=LONGEST_HORIZON_DAYS, days=days)


def too_little(*, order_lines: pl.DataFrame, cuts: Sequence[dt.date], horizon_days: int) -> TooLittleHistory:
    """What is there and what is needed, as an error to raise."""
    lines = order_lines.select("customer_id", "sku", date=pl.col("ordered_at").dt.date())
    repeats = [_count_repeats(lines=lines, cut=cut, horizon_days=horizon_days) for cut in cuts]
    span = lines.select((pl.col("date").max() - pl.col("date").min()).dt.total_days() + 1).item()
    return TooLittleHistory(
        history_days=span or 0,
        repeats_count=max(repeats, default=0),
        horizon_days=horizon_days,
        needed_days=LEAST_HISTORY_DAYS + horizon_days,
        needed_repeats=LEAST_REPEATS,
    )


def _can_judge(*, lines: pl.DataFrame, cut: dt.date, horizon_days: int) -> bool:
    first, last = lines.select(first=pl.col("date").min(), last=pl.col("date").max()).row(0)
    return (
        first is not None
        and (cut - first).days >= LEAST_HISTORY_DAYS
        and (last - cut).days >= horizon_days - 1
        and _count_repeats(lines=lines, cut=cut, horizon_days=horizon_days) >= LEAST_REPEATS
    )


def _count_repeats(*, lines: pl.DataFrame, cut: dt.date, horizon_days: int) -> int:
    known = lines.filter(pl.col("date") < cut).select("customer_id", "sku").unique()
    return known.join(_next_days(lines=lines, cut=cut, horizon_days=horizon_days), on=["customer_id", "sku"]).height


def _next_days(*, lines: pl.DataFrame, cut: dt.date, horizon_days: int) -> pl.DataFrame:
    """Days from the cut to the next purchase of each pair bought within the horizon."""
    end = cut + dt.timedelta(days=horizon_days)
    return (
        lines.filter(pl.col("date").is_between(cut, end, closed="left"))
        .group_by("customer_id", "sku")
        .agg(wait_days=(pl.col("date").min() - cut).dt.total_days())
    )


def _pairs(*, model: RepurchaseModel, lines: pl.DataFrame, cut: dt.date, horizon_days: int) -> pl.DataFrame:
    """One row a pair known before the cut: what was predicted, and when it was bought next."""
    horizons = horizons_within(horizon_days=horizon_days)
    due = model.due(as_of=cut, horizons_days=horizons).select(
        "customer_id", "sku", "evidence", "orders_count", "remind_hit_share",
        "due_p10_date", "due_p25_date", "due_p75_date", "due_p90_date",
        *[f"within_{days}_days" for days in horizons],
        remind_days=(pl.col("remind_date") - cut).dt.total_days(),
    )  # fmt: skip
    past = lines.filter(pl.col("date") < cut).group_by("customer_id", "sku").agg(
        days=pl.col("date").n_unique(), first=pl.col("date").min(), last=pl.col("date").max()
    )  # fmt: skip
    naive = past.select(
        "customer_id",
        "sku",
        elapsed_days=(cut - pl.col("last")).dt.total_days(),
        mean_gap_days=pl.when(pl.col("days") > 1).then(
            (pl.col("last") - pl.col("first")).dt.total_days() / (pl.col("days") - 1)
        ),
    )
    keys = ["customer_id", "sku"]
    return (
        due.join(naive, on=keys, how="left")
        .join(_next_days(lines=lines, cut=cut, horizon_days=horizon_days), on=keys, how="left")
        .sort(keys)
        .with_row_index("row")
    )


def _judged(*, model: RepurchaseModel, pairs: pl.DataFrame, cut: dt.date, horizon_days: int) -> pl.DataFrame:
    """For each pair that was bought within the horizon, by `row`: its bands and its date against what happened."""
    bought = pairs.filter(pl.col("wait_days").is_not_null())
    horizons = range(1, horizon_days + 1)
    within = [f"within_{days}_days" for days in horizons]
    among = bought.select("customer_id", "sku")
    curves = model.due(as_of=cut, horizons_days=horizons, among=among).select("customer_id", "sku", *within)
    shares = bought.select("row", "customer_id", "sku").join(curves, on=["customer_id", "sku"], how="left").sort("row")
    reached = shares.select(within).to_numpy()
    whole = np.concatenate([np.zeros((reached.shape[0], 1)), reached], axis=1)
    judged = judge_dates(bought=bought.sort("row"), curves=whole, cut=cut)
    return judged.select("row", *[name for name in judged.columns if name not in pairs.columns])


def _flat(quality: Quality) -> dict[str, Any]:
    """The figures of one row of the table."""
    bands = asdict(quality.bands) if quality.bands else {}
    within = {
        f"{name}_{one.days}": getattr(one, name)
        for one in quality.within
        for name in ("auc", "log_loss", "expected_over_realised")
    }
    return {
        "pairs_count": quality.pairs_count,
        "bought_count": quality.bought_count,
        "concordance": quality.concordance,
        **within,
        "half_share": bands.get("half_share"),
        "wide_share": bands.get("wide_share"),
        "date_error_mean_days": quality.date_error_mean_days,
        "date_error_median_days": quality.date_error_median_days,
        **{f"hit_share_{one.percent}": one.hit_share for one in quality.hits},
    }
