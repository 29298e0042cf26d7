"""How right earlier predictions were: the same figures for the page, the API and the terminal."""

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.planning import backtests
from reorder.domain.planning.backtests import BacktestRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.engine.repurchase import Quality, read_levels
from reorder.engine.repurchase.backtest.figures import add_counts, read_quality
from reorder.engine.repurchase.backtest.judging import HORIZON_DAYS, VERSION
from reorder.insights.reading import read_rows
from reorder.kernel.errors import NotFound

MONTHS: Final = 6
# With fewer next orders than this a share can be off by ten points by chance alone.
FEW_ORDERS: Final = 100
_REMEMBERED_SECONDS: Final = 300.0
_ERRORS: Final = """
SELECT level.key AS level, sum((level.value->'date_error'->>'sum_days')::float8) AS sum_days,
       sum((level.value->>'bought')::bigint)::bigint AS bought
FROM (SELECT figures FROM planning_predictionbacktest
      WHERE horizon_days = %(horizon_days)s AND (figures->>'version')::int = %(version)s
      ORDER BY cut_date DESC LIMIT %(months)s) AS latest,
     jsonb_each(latest.figures->'counts') AS level
WHERE level.key NOT IN ('all', 'naive')
GROUP BY level.key
"""


class NothingJudged(NotFound):
    """Nobody has looked back within this horizon."""

    code = "quality.nothing_judged"
    template = "No prediction was judged within {horizon_days} days yet. Run: reorder backtest"


@dataclass(frozen=True, slots=True)
class MonthQuality:
    """One look back: predictions of the morning of `cut_date`, judged by the days up to `until_date`."""

    cut_date: dt.date
    until_date: dt.date
    made_at: dt.datetime
    model_summary: str
    customers_share: float
    quality: Quality
    naive: Quality
    levels: Mapping[str, Quality]


@dataclass(frozen=True, slots=True)
class PredictionQuality:
    """Looks back of the latest months, and all of them together.

    `levels`: by evidence (`all` first); `naive`: the customer's mean gap, on the pairs of level `pair`.
    """

    horizon_days: int
    months: Sequence[MonthQuality]
    levels: Mapping[str, Quality]
    naive: Quality

    @property
    def whole(self) -> Quality:
        """All evidence levels together."""
        return self.levels["all"]

    @property
    def latest(self) -> MonthQuality:
        """The newest look back."""
        return self.months[-1]

    @property
    def customers_share(self) -> float:
        """The smallest share of customers that a month was judged by."""
        return min(month.customers_share for month in self.months)


@dataclass(frozen=True, slots=True)
class DateError:
    """How far off dates of one evidence level were, among next orders that came within `horizon_days`."""

    mean_days: float
    orders_count: int
    horizon_days: int


def find_quality(*, actor: Actor | None, horizon_days: int, months: int = MONTHS) -> PredictionQuality | None:
    """The latest months judged within `horizon_days`; None when there is none. Raises NotAllowed.

    No person is named in it, so whoever may see customers or demand may see it. `actor` None: the terminal, whose
    person owns the machine.
    """
    if actor is not None and not actor.may(Ability.VIEW_DEMAND):
        actor.require(Ability.VIEW_CUSTOMERS)
    rows = [
        row
        for row in backtests.list_backtests(horizon_days=horizon_days, limit=months)
        if row.figures.get("version") == VERSION
    ]
    if not rows:
        return None
    counts = [row.figures["counts"] for row in rows]
    return PredictionQuality(
        horizon_days=horizon_days,
        months=[_month(row) for row in rows],
        levels=read_levels(counts=counts),
        naive=read_quality(counts=add_counts(parts=[one["naive"] for one in counts])),
    )


def get_quality(*, actor: Actor, horizon_days: int, months: int = MONTHS) -> PredictionQuality:
    """As `find_quality`; raises NothingJudged when there is nothing."""
    found = find_quality(actor=actor, horizon_days=horizon_days, months=months)
    if found is None:
        raise NothingJudged(horizon_days=horizon_days)
    return found


def list_horizons() -> list[int]:
    """Horizons for which there are figures, the shortest first."""
    return backtests.list_backtest_horizons()


def find_date_errors() -> dict[str, DateError]:
    """By evidence level, how far off dates were in the latest months; levels with few next orders are left out."""
    rows = read_rows(statement=_ERRORS, parameters={"horizon_days": HORIZON_DAYS, "version": VERSION, "months": MONTHS})
    return {
        row["level"]: DateError(row["sum_days"] / row["bought"], row["bought"], HORIZON_DAYS)
        for row in rows
        if row["bought"] >= FEW_ORDERS
    }


class _Remembered:
    """What this process read last, and until when that is good enough: figures change once a month."""

    errors: Mapping[str, DateError] | None = None
    until: float = 0.0


def remember_date_errors() -> Mapping[str, DateError]:
    """`find_date_errors`, asked for every five minutes at most: for pages that show it beside something else."""
    if _Remembered.errors is None or time.monotonic() >= _Remembered.until:
        _Remembered.errors = find_date_errors()
        _Remembered.until = time.monotonic() + _REMEMBERED_SECONDS
    return _Remembered.errors


def forget_date_errors() -> None:
    """Ask again at the next page."""
    _Remembered.errors = None


def list_figures(*, quality: PredictionQuality) -> Iterator[tuple[MonthQuality, str, Quality]]:
    """Every month with its evidence levels and the naive rule: the rows of a file."""
    for month in quality.months:
        for level, figures in month.levels.items():
            yield month, level, figures
        yield month, "naive", month.naive


def _month(row: BacktestRow) -> MonthQuality:
    counts = row.figures["counts"]
    levels = read_levels(counts=[counts])
    return MonthQuality(
        cut_date=row.cut_date,
        until_date=row.cut_date + dt.timedelta(days=row.horizon_days - 1),
        made_at=row.made_at,
        model_summary=row.model_summary,
        customers_share=float(row.figures.get("customers_share", 1.0)),
        quality=levels["all"],
        naive=read_quality(counts=counts["naive"]),
        levels=levels,
    )
