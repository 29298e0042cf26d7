"""Looks back at earlier predictions: one row a cut and horizon; judging a cut again replaces its row."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reorder.domain.planning.models import PredictionBacktest


@dataclass(frozen=True, slots=True)
class BacktestRow:
    """One look back; `figures` is what the flow that made it put in."""

    cut_date: dt.date
    horizon_days: int
    made_at: dt.datetime
    pairs_count: int
    model_summary: str
    figures: Mapping[str, Any]


def list_backtests(*, horizon_days: int, limit: int = 12) -> list[BacktestRow]:
    """The latest cuts judged within one horizon, the earliest of them first."""
    found = PredictionBacktest.objects.filter(horizon_days=horizon_days).order_by("-cut_date")[:limit]
    return [_row(one) for one in reversed(found)]


def find_backtests(*, cut_dates: Sequence[dt.date], horizon_days: int) -> dict[dt.date, BacktestRow]:
    """Those of these cuts that have been judged."""
    found = PredictionBacktest.objects.filter(cut_date__in=list(cut_dates), horizon_days=horizon_days)
    return {one.cut_date: _row(one) for one in found}


def list_backtest_horizons() -> list[int]:
    """Horizons within which at least one cut was judged, the shortest first."""
    return list(PredictionBacktest.objects.order_by("horizon_days").values_list("horizon_days", flat=True).distinct())


def save_backtest(
    *,
    cut_date: dt.date,
    horizon_days: int,
    made_at: dt.datetime,
    pairs_count: int,
    model_summary: str,
    figures: Mapping[str, Any],
) -> None:
    """Keep one look back, in place of an earlier one of the same cut and horizon."""
    PredictionBacktest.objects.bulk_create(
        [
            PredictionBacktest(
                cut_date=cut_date,
                horizon_days=horizon_days,
                made_at=made_at,
                pairs_count=pairs_count,
                model_summary=model_summary,
                figures=dict(figures),
            )
        ],
        update_conflicts=True,
        unique_fields=["cut_date", "horizon_days"],
        update_fields=["made_at", "pairs_count", "model_summary", "figures"],
    )


def _row(found: PredictionBacktest) -> BacktestRow:
    return BacktestRow(
        cut_date=found.cut_date,
        horizon_days=found.horizon_days,
        made_at=found.made_at,
        pairs_count=found.pairs_count,
        model_summary=found.model_summary,
        figures=found.figures,
    )
