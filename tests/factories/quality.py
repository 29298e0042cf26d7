"""Looks back as they are kept, made by the engine from a year of a small tea shop."""

import datetime as dt
from functools import lru_cache

from reorder.domain.planning import backtests
from reorder.engine import repurchase
from reorder.engine.repurchase.backtest.judging import VERSION
from tests.engine.repurchase.shop import regular_shop

SPRING = (dt.date(2026, 3, 1), dt.date(2026, 4, 1), dt.date(2026, 5, 1))
JUDGED_AT = dt.datetime(2026, 6, 4, 20, 10, tzinfo=dt.UTC)


@lru_cache(maxsize=8)
def look_back(*, cut: dt.date, horizon_days: int = 30) -> repurchase.CutBacktest:
    """What the engine finds; the same for everybody, so it is found once."""
    return repurchase.judge_cut(order_lines=regular_shop(customers=150), cut=cut, horizon_days=horizon_days)


def make_backtests(*, cuts: tuple[dt.date, ...] = SPRING, horizon_days: int = 30, customers_share: float = 1.0) -> None:
    """Keep a look back for each of `cuts`."""
    for cut in cuts:
        found = look_back(cut=cut, horizon_days=horizon_days)
        backtests.save_backtest(
            cut_date=cut,
            horizon_days=horizon_days,
            made_at=JUDGED_AT,
            pairs_count=found.pairs_count,
            model_summary=found.model_summary,
            figures={
                "version": VERSION,
                "lines_count": 1000,
                "customers_share": customers_share,
                "counts": found.counts,
            },
        )
