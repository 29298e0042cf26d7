"""What most products do instead: a customer's mean gap between purchases, added to the last one.

It stands beside the model so that a merchant sees what the model is worth. Only pairs bought on two days or more have
a gap.
"""

import numpy as np
import polars as pl

from reorder.engine.repurchase.backtest.counts import (
    Counts,
    count_errors,
    count_hits,
    count_within,
    horizons_within,
)
from reorder.engine.repurchase.backtest.ranking import count_concordant


def count_naive(*, table: pl.DataFrame, horizon_days: int) -> Counts:
    """The same counts as the model's, where the rule of the mean gap gives an answer.

    `table`: wait_days (null: not bought), mean_gap_days, elapsed_days, orders_count. The expected day is the last
    purchase + the mean gap, today when that has passed. Its probability of a purchase within h days is
    1 − exp(−h / gap), and by that it ranks, which serves it better than its day would. Reminders go out on the expected
    day, to the pairs bought most often first.
    """
    wait = table["wait_days"].fill_null(horizon_days).to_numpy().astype(np.int64)
    gap = table["mean_gap_days"].to_numpy()
    ahead = np.maximum(np.round(gap - table["elapsed_days"].to_numpy()), 0.0)
    order = count_concordant(wait_days=wait, horizon_days=horizon_days, score=-gap)
    bought = wait < horizon_days
    errors = np.abs(np.minimum(ahead, horizon_days - 1) - wait)[bought]
    return {
        "pairs": table.height,
        "bought": int(bought.sum()),
        "concordance": {"good": order.good, "known": order.known},
        "within": {
            str(days): count_within(wait_days=wait, days=days, share=-np.expm1(-days / gap))
            for days in horizons_within(horizon_days=horizon_days)
        },
        "date_error": count_errors(errors=errors, horizon_days=horizon_days),
        "hits": count_hits(
            remind_days=ahead,
            worth=table["orders_count"].to_numpy().astype(np.float64),
            expected=np.zeros(wait.size),
            wait_days=wait,
            horizon_days=horizon_days,
        ),
    }
