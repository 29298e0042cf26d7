"""Figures that reports show: written by the night and by the check of service, read as frames and rows."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from reorder.domain.planning.models import ReportDay, ServiceCheck
from reorder.domain.storage import copy_frame, read_frame, run_sql

_FIGURES: Final = (
    "product_id",
    "on_hand_units",
    "value_minor",
    "sold_90_units",
    "mean_on_hand_units",
    "mean_days",
    "turns",
    "cover_days",
    "abc",
    "xyz",
    "oldest_days",
    "young_minor",
    "middle_minor",
    "aged_minor",
    "old_minor",
)
_CHECKS: Final = (
    "service_level",
    "reorder_point_units",
    "span_days",
    "demand_units",
    "lost_unit_cost",
)
_ACCURACY: Final = """
WITH each AS (
    SELECT subject, place_code, method, avg(rmsse) AS rmsse, avg(bias) AS bias
    FROM planning_methodscore WHERE rmsse IS NOT NULL GROUP BY subject, place_code, method
)
SELECT choice.demand_class, each.method, count(*)::bigint AS series,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY each.rmsse)::float8 AS rmsse, avg(each.bias)::float8 AS bias,
       count(*) FILTER (WHERE each.method = ANY(choice.methods))::bigint AS chosen
FROM each JOIN planning_forecastchoice AS choice USING (subject, place_code)
GROUP BY 1, 2 ORDER BY 1, 4
"""
_CHOSEN: Final = """
SELECT demand_class, count(*)::bigint AS series, count(backtest_rmsse)::bigint AS judged,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY backtest_rmsse)::float8 AS rmsse
FROM planning_forecastchoice GROUP BY 1 ORDER BY 1
"""
# A check holds when what was wanted stayed within the reorder point; stock comes in whole units.
_HELD: Final = "(demand_units <= ceil(reorder_point_units) + 1e-9)"
_SHORT: Final = "greatest(demand_units - ceil(reorder_point_units), 0)"
_SERVICE: Final = f"""
INSERT INTO planning_servicefigure
    (subject, place_code, checks_count, held_count, promised_share, short_units, risk_minor)
SELECT subject, place_code, count(*), count(*) FILTER (WHERE {_HELD}), avg(service_level), sum({_SHORT}),
       round(sum({_SHORT} * lost_unit_cost) * %(minor)s)
FROM planning_servicecheck GROUP BY subject, place_code
"""  # noqa: S608 - made of constants of ours
_WEEKS: Final = f"""
INSERT INTO planning_serviceweek (origin_date, place_code, series_count, held_count, promised_sum, risk_minor)
SELECT origin_date, place_code, count(*), count(*) FILTER (WHERE {_HELD}), sum(service_level),
       round(sum({_SHORT} * lost_unit_cost) * %(minor)s)
FROM planning_servicecheck GROUP BY origin_date, place_code
"""  # noqa: S608 - made of constants of ours


@dataclass(frozen=True, slots=True)
class ReportDayRow:
    """One night's sums; `content` is what the flow that made them put in."""

    as_of_date: dt.date
    made_at: dt.datetime
    content: Mapping[str, Any]


def save_stock_figures(*, run_id: int, figures: pl.DataFrame) -> int:
    """Replace the figures of products at places; columns place and those of StockFigure."""
    run_sql(statement="DELETE FROM planning_stockfigure")
    named = figures.rename({"place": "place_code"}).with_columns(pl.lit(run_id).alias("run_id"))
    return copy_frame(table="planning_stockfigure", frame=named.select("run_id", "place_code", *_FIGURES))


def save_report_day(*, as_of_date: dt.date, moment: dt.datetime, content: Mapping[str, Any]) -> None:
    """Keep a night's sums, in place of those of the same day."""
    # Through JSON once, so that a number that JSON has no word for is found here and not by a page.
    checked = json.loads(json.dumps(content, allow_nan=False))
    ReportDay.objects.update_or_create(as_of_date=as_of_date, defaults={"made_at": moment, "content": checked})


def list_report_days(*, limit: int = 60) -> list[ReportDayRow]:
    """The latest days, the last one first."""
    found = ReportDay.objects.order_by("-as_of_date")[:limit]
    return [ReportDayRow(one.as_of_date, one.made_at, one.content) for one in found]


def list_check_days() -> set[dt.date]:
    """Days whose stock targets have been checked."""
    return set(ServiceCheck.objects.order_by().values_list("origin_date", flat=True).distinct())


def save_service_checks(*, origin_date: dt.date, checks: pl.DataFrame) -> int:
    """Keep what became of one day's targets, in place of an earlier check; columns sku, place and those of a check."""
    run_sql(statement="DELETE FROM planning_servicecheck WHERE origin_date = %s", parameters=[origin_date])
    named = checks.rename({"sku": "subject", "place": "place_code"})
    return copy_frame(
        table="planning_servicecheck",
        frame=named.with_columns(pl.lit(origin_date).alias("origin_date")).select(
            "subject", "place_code", "origin_date", *_CHECKS
        ),
    )


def add_up_service(*, minor_in_major: float) -> int:
    """Add all checks up by subject and by week; returns subjects at places.

    `minor_in_major` is that of the shop's currency.
    """
    run_sql(statement="DELETE FROM planning_servicefigure")
    run_sql(statement="DELETE FROM planning_serviceweek")
    run_sql(statement=_WEEKS, parameters={"minor": minor_in_major})
    return run_sql(statement=_SERVICE, parameters={"minor": minor_in_major})


def forget_service_checks(*, kept_dates: Sequence[dt.date]) -> int:
    """Delete checks of days that are not among these; returns how many."""
    return ServiceCheck.objects.exclude(origin_date__in=list(kept_dates)).delete()[0]


def frame_accuracy() -> pl.DataFrame:
    """How every method did in last night's backtest: demand_class, method, series, rmsse, bias, chosen.

    The error is that of the middle series, since a few broken ones would decide a mean; the bias is a mean.
    """
    return read_frame(query=_ACCURACY)


def frame_chosen_accuracy() -> pl.DataFrame:
    """How the chosen blends did: demand_class, series, judged, rmsse (of the middle series)."""
    return read_frame(query=_CHOSEN)


def frame_daily_units() -> pl.DataFrame:
    """What each product is expected to sell a day at each place: product_id, place, daily_units."""
    return read_frame(query="SELECT product_id, place_code AS place, daily_units FROM planning_standing")


def frame_classes() -> pl.DataFrame:
    """The class that the night gave each product at each place: product_id, place, abc, xyz."""
    return read_frame(
        query="""SELECT product.id AS product_id, target.place_code AS place, left(target.class_code, 1) AS abc,
                        right(target.class_code, 1) AS xyz
                 FROM planning_target AS target JOIN catalog_product AS product ON product.sku = target.subject
                 WHERE target.class_code <> ''"""
    )
