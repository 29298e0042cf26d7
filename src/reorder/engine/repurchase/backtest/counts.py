"""What one day's predictions are counted into: sums only, so that days and evidence levels can be added up exactly."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from reorder.engine.repurchase.backtest.ranking import Flags, count_concordant, count_separated
from reorder.engine.repurchase.purchases import Codes, Numbers

HORIZONS_DAYS = (7, 14, 30)
PERCENTS = (1, 5, 10, 20)
GROUPS = 10
NEAR_DAYS = 3
LEVELS = ("pair", "customer", "product", "category", "store")
_LEAST_SHARE = 1e-6

Counts = dict[str, Any]


def horizons_within(*, horizon_days: int) -> list[int]:
    """Those of 7, 14 and 30 days that can be judged, at least the whole horizon."""
    return [days for days in HORIZONS_DAYS if days <= horizon_days] or [horizon_days]


def count_level(*, table: pl.DataFrame, horizon_days: int) -> Counts:
    """Everything that is reported of the model on these pairs.

    `table`: wait_days (null: not bought within the horizon), within_{h}_days, remind_days, remind_hit_share, and for
    those that bought the columns of `judge_dates`.
    """
    wait = table["wait_days"].fill_null(horizon_days).to_numpy().astype(np.int64)
    horizons = horizons_within(horizon_days=horizon_days)
    score = table[f"within_{horizons[-1]}_days"].to_numpy()
    order = count_concordant(wait_days=wait, horizon_days=horizon_days, score=score)
    bought = table.filter(pl.col("wait_days").is_not_null())
    return {
        "pairs": table.height,
        "bought": bought.height,
        "concordance": {"good": order.good, "known": order.known},
        "within": {
            str(days): count_within(wait_days=wait, days=days, share=table[f"within_{days}_days"].to_numpy())
            for days in horizons
        },
        "calibration": _count_groups(share=score, happened=wait < horizons[-1]),
        "bands": _sum_columns(bought, names=BAND_COLUMNS),
        "date_error": count_errors(errors=bought["error_days"].to_numpy(), horizon_days=horizon_days),
        "hits": count_hits(
            remind_days=table["remind_days"].to_numpy(),
            worth=table["remind_hit_share"].to_numpy(),
            expected=table["remind_hit_share"].to_numpy(),
            wait_days=wait,
            horizon_days=horizon_days,
        ),
    }


BAND_COLUMNS = (
    "in_half", "half_expected", "in_wide", "wide_expected",
    "in_shown_half", "shown_half_expected", "in_shown_wide", "shown_wide_expected",
)  # fmt: skip


def count_within(*, wait_days: Codes, days: int, share: Numbers) -> Counts:
    """Realised and expected purchases within `days`, log loss, and the ROC curve's area as counts."""
    happened = wait_days < days
    safe = np.clip(share, _LEAST_SHARE, 1 - _LEAST_SHARE)
    loss = -np.where(happened, np.log(safe), np.log1p(-safe)).sum()
    order = count_separated(happened=happened, score=share)
    return {
        "realised": int(happened.sum()),
        "expected": float(share.sum()),
        "log_loss": float(loss),
        "auc_good": order.good,
        "auc_known": order.known,
    }


def count_errors(*, errors: Numbers, horizon_days: int) -> Counts:
    """Absolute errors in whole days: their sum, and how many there were of each size."""
    sizes = np.bincount(errors.astype(np.int64), minlength=horizon_days + 1)
    return {"sum_days": float(errors.sum()), "sizes": sizes.tolist()}


def count_hits(
    *, remind_days: Numbers, worth: Numbers, expected: Numbers, wait_days: Codes, horizon_days: int
) -> Counts:
    """Reminders on the best 1, 5, 10, 20 % of all pairs, and how many fell within three days of the next purchase.

    Only days whose ±3-day window ends within the horizon can be judged; others are never chosen here. The pair that
    comes first in the table wins a tie.
    """
    can_judge = (remind_days >= 0) & (remind_days + NEAR_DAYS < horizon_days)
    order = np.argsort(np.where(can_judge, -worth, np.inf), kind="stable")[: int(can_judge.sum())]
    near = (wait_days < horizon_days) & (np.abs(remind_days - wait_days) <= NEAR_DAYS)
    found: Counts = {}
    for percent in PERCENTS:
        chosen = order[: max(remind_days.size * percent // 100, 1)]
        found[str(percent)] = {
            "reminded": int(chosen.size),
            "hits": int(near[chosen].sum()),
            "expected": float(expected[chosen].sum()),
        }
    return found


def _count_groups(*, share: Numbers, happened: Flags) -> list[Counts]:
    """The pairs in tenths by their predicted share, the least likely first."""
    order = np.argsort(share, kind="stable")
    return [
        {"pairs": int(part.size), "expected": float(share[part].sum()), "realised": int(happened[part].sum())}
        for part in np.array_split(order, GROUPS)
    ]


def _sum_columns(table: pl.DataFrame, *, names: Sequence[str]) -> Counts:
    return {name: float(table[name].sum()) for name in names}
