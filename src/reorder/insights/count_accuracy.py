"""How true the records of bins are: from approved counts, by class, zone, month, and what made the differences.

A bin is right when nothing in it differed. Shares come with their Wilson interval: of five bins nobody knows much.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.insights.intervals import wilson_interval
from reorder.insights.reading import read_rows

# The final round of each approved count; before variances were explained by goods that stood elsewhere.
_GROUPS: Final = """
WITH counted AS (
    SELECT task.id, task.cause, task.outcome, zone.code AS zone,
           to_char(task.decided_at AT TIME ZONE %(time_zone)s, 'YYYY-MM') AS month,
           coalesce(nullif(task.abc_class, ''), came.best_class, 'C') AS abc_class, came.expected, came.off,
           came.net_minor, came.gross_minor, came.differing
    FROM warehouse_counttask AS task JOIN inventory_place AS place ON place.id = task.place_id
    JOIN warehouse_bin AS bin ON bin.id = task.bin_id JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(expected_units), 0) AS expected, coalesce(sum(abs(variance_units)), 0) AS off,
               coalesce(sum(variance_minor), 0) AS net_minor, coalesce(sum(abs(variance_minor)), 0) AS gross_minor,
               count(*) FILTER (WHERE variance_units <> 0) AS differing, min(class.abc_class) AS best_class
        FROM (SELECT DISTINCT ON (entry.product_id, entry.owner, entry.lot) entry.*
              FROM warehouse_countentry AS entry WHERE entry.task_id = task.id AND entry.round = task.round
              ORDER BY entry.product_id, entry.owner, entry.lot, entry.id DESC) AS last
        LEFT JOIN warehouse_countclass AS class ON class.product_id = last.product_id AND class.place_id = task.place_id
    ) AS came
    WHERE place.code = ANY(%(places)s) AND task.state = 'approved' AND task.decided_at >= %(since)s
      AND task.decided_at < %(until)s
)
SELECT CASE grouping(abc_class, zone, month, cause, outcome)
           WHEN 31 THEN 'all' WHEN 15 THEN 'class' WHEN 23 THEN 'zone' WHEN 27 THEN 'month' WHEN 29 THEN 'cause'
           ELSE 'outcome' END AS kind,
       coalesce(abc_class, zone, month, cause, outcome, '') AS key,
       count(*) AS bins_count, count(*) FILTER (WHERE differing = 0) AS right_count,
       sum(expected) AS expected_units, sum(off) AS off_units, sum(net_minor)::bigint AS net_minor,
       sum(gross_minor)::bigint AS gross_minor
FROM counted GROUP BY GROUPING SETS ((), (abc_class), (zone), (month), (cause), (outcome)) ORDER BY 1, 2
"""
_EXPORT: Final = """
SELECT bin.code AS bin, zone.code AS zone, task.decided_at, task.cause, task.outcome, product.sku, last.owner, last.lot,
       last.expected_units, last.counted_units, last.moved_units, last.variance_units, last.variance_minor,
       last.counted_by, task.decided_by
FROM warehouse_counttask AS task JOIN inventory_place AS place ON place.id = task.place_id
JOIN warehouse_bin AS bin ON bin.id = task.bin_id JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
JOIN LATERAL (
    SELECT DISTINCT ON (entry.product_id, entry.owner, entry.lot) entry.* FROM warehouse_countentry AS entry
    WHERE entry.task_id = task.id AND entry.round = task.round
    ORDER BY entry.product_id, entry.owner, entry.lot, entry.id DESC
) AS last ON true
JOIN catalog_product AS product ON product.id = last.product_id
WHERE place.code = ANY(%(places)s) AND task.state = 'approved' AND task.decided_at >= %(since)s
  AND task.decided_at < %(until)s
ORDER BY task.decided_at, task.id, product.sku, last.lot
"""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of one group of counts; `off_units` are units that were too many or too few, money is at cost."""

    kind: str
    key: str
    bins_count: int
    right_count: int
    expected_units: Decimal
    off_units: Decimal
    net_minor: int
    gross_minor: int

    @property
    def bin_share(self) -> float:
        """Share of bins in which nothing differed."""
        return self.right_count / self.bins_count if self.bins_count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share of right bins lies with 95 %."""
        return wilson_interval(successes=self.right_count, trials=self.bins_count)

    @property
    def unit_share(self) -> float | None:
        """1 − units off / units expected; None where nothing was expected, never below 0."""
        if not self.expected_units:
            return None
        return max(0.0, 1.0 - float(self.off_units / self.expected_units))


@dataclass(frozen=True, slots=True)
class AccuracyReport:
    """The whole and its parts: kinds are class, zone, month, cause and outcome."""

    whole: Accuracy
    parts: tuple[Accuracy, ...]

    def of(self, kind: str) -> list[Accuracy]:
        """The groups of one kind."""
        return [one for one in self.parts if one.kind == kind]


def report_accuracy(*, places: Sequence[str], since: dt.datetime, until: dt.datetime, time_zone: str) -> AccuracyReport:
    """Accuracy of the records of these places by the counts approved between two moments."""
    given: dict[str, Any] = {"places": list(places), "since": since, "until": until, "time_zone": time_zone}
    rows = [Accuracy(**row) for row in read_rows(statement=_GROUPS, parameters=given)]
    nothing = Accuracy("all", "", 0, 0, Decimal(0), Decimal(0), 0, 0)
    whole = next((one for one in rows if one.kind == "all" and one.bins_count), nothing)
    return AccuracyReport(whole=whole, parts=tuple(one for one in rows if one.kind != "all"))


def list_counted_goods(*, places: Sequence[str], since: dt.datetime, until: dt.datetime) -> list[dict[str, Any]]:
    """Every counted goods of approved counts, for a file."""
    return read_rows(statement=_EXPORT, parameters={"places": list(places), "since": since, "until": until})
