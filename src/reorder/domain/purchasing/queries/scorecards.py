"""How suppliers keep their word: on time, how long, how much, what was wrong, what became dearer.

A line is judged once all of it is here or its day has passed: the day asked for when the order was placed, whatever was
promised later. What we cancelled ourselves is not held against a supplier; what the supplier refused is. Fill is by
cost.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection

# Below this many delivered lines a share says more about chance than about the supplier.
ENOUGH_LINES: Final = 10
_SCORES: Final = """
WITH chosen AS (
    SELECT id, code, name, currency, lead_days, is_active FROM purchasing_supplier
    WHERE (%(supplier)s = '' OR code = %(supplier)s) AND (%(supplier)s <> '' OR is_active OR EXISTS (
        SELECT 1 FROM purchasing_purchaseorder AS ever WHERE ever.supplier_id = purchasing_supplier.id
          AND ever.placed_at >= %(from)s::date - 400))
), orders AS (
    SELECT bought.id, bought.supplier_id, bought.state, coalesce(bought.asked_date, bought.expected_date) AS asked_date,
           bought.expected_date, (bought.placed_at AT TIME ZONE %(time_zone)s)::date AS placed_date
    FROM purchasing_purchaseorder AS bought JOIN chosen ON chosen.id = bought.supplier_id
    JOIN inventory_place AS place ON place.id = bought.place_id
    WHERE bought.state IN ('placed', 'partly_received', 'received', 'cancelled')
      AND (%(places)s::text[] = '{}' OR place.code = ANY(%(places)s::text[]))
), refused AS (
    SELECT answer.order_line_id, sum(answer.asked_units - answer.accepted_units) AS units
    FROM purchasing_acknowledgementline AS answer
    JOIN purchasing_acknowledgement AS said ON said.id = answer.acknowledgement_id
    JOIN orders ON orders.id = said.order_id
    WHERE answer.answer <> 'backordered' GROUP BY answer.order_line_id
), came AS (
    SELECT received.order_line_id, orders.supplier_id, orders.placed_date, received.receipt_id,
           (receipt.received_at AT TIME ZONE %(time_zone)s)::date AS day, received.units,
           received.goods_cost_minor, received.landed_cost_minor,
           sum(received.units) OVER (PARTITION BY received.order_line_id ORDER BY receipt.received_at, received.id)
               AS units_so_far
    FROM purchasing_receiptline AS received
    JOIN purchasing_receipt AS receipt ON receipt.id = received.receipt_id
    JOIN orders ON orders.id = receipt.order_id
), lines AS (
    SELECT line.id, orders.supplier_id, orders.asked_date, line.unit_cost_minor, line.received_units,
           line.confirmed_cost_minor,
           CASE WHEN orders.state = 'cancelled' THEN least(line.received_units + coalesce(refused.units, 0),
                                                           line.ordered_units)
                ELSE line.ordered_units - greatest(line.given_up_units - coalesce(refused.units, 0), 0) END
               AS wanted_units
    FROM purchasing_purchaseorderline AS line JOIN orders ON orders.id = line.order_id
    LEFT JOIN refused ON refused.order_line_id = line.id
    WHERE orders.asked_date >= %(from)s
), judged AS (
    SELECT lines.*, EXISTS (SELECT 1 FROM came WHERE came.order_line_id = lines.id AND came.day <= lines.asked_date
                              AND came.units_so_far >= lines.wanted_units) AS is_on_time
    FROM lines WHERE lines.wanted_units > 0 AND (lines.asked_date < %(today)s OR lines.received_units >= wanted_units)
), due AS (
    SELECT supplier_id, count(*) AS due_lines, count(*) FILTER (WHERE is_on_time) AS on_time_lines,
           sum(wanted_units * unit_cost_minor)::float8 AS wanted_cost,
           sum(least(received_units, wanted_units) * unit_cost_minor)::float8 AS filled_cost,
           sum(wanted_units)::float8 AS wanted_units, sum(least(received_units, wanted_units))::float8 AS filled_units
    FROM judged GROUP BY supplier_id
), prices AS (
    SELECT supplier_id, count(*) FILTER (WHERE confirmed_cost_minor <> unit_cost_minor) AS changes,
           count(*) FILTER (WHERE confirmed_cost_minor > unit_cost_minor) AS rises,
           avg(confirmed_cost_minor::float8 / unit_cost_minor - 1)
               FILTER (WHERE confirmed_cost_minor <> unit_cost_minor AND unit_cost_minor > 0) AS change_share
    FROM lines GROUP BY supplier_id
), lead AS (
    SELECT supplier_id, count(*) AS received_lines, count(DISTINCT receipt_id) AS receipts,
           avg(greatest(day - placed_date, 0))::float8 AS mean_days,
           stddev_samp(greatest(day - placed_date, 0))::float8 AS sd_days,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest(day - placed_date, 0)) AS p50_days,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY greatest(day - placed_date, 0)) AS p90_days,
           sum(goods_cost_minor) FILTER (WHERE goods_cost_minor IS NOT NULL)::bigint AS goods_cost,
           sum(landed_cost_minor) FILTER (WHERE goods_cost_minor IS NOT NULL)::bigint AS landed_cost
    FROM came WHERE day BETWEEN %(from)s AND %(today)s GROUP BY supplier_id
), wrong AS (
    SELECT orders.supplier_id, count(*) FILTER (WHERE fault.kind = 'short') AS short_count,
           count(*) FILTER (WHERE fault.kind = 'over') AS over_count,
           count(*) FILTER (WHERE fault.kind = 'damaged') AS damaged_count,
           count(*) FILTER (WHERE fault.kind = 'wrong_item') AS wrong_count,
           count(*) FILTER (WHERE fault.kind = 'quality_refused') AS quality_count
    FROM purchasing_discrepancy AS fault JOIN purchasing_receipt AS receipt ON receipt.id = fault.receipt_id
    JOIN orders ON orders.id = receipt.order_id
    WHERE (receipt.received_at AT TIME ZONE %(time_zone)s)::date BETWEEN %(from)s AND %(today)s
    GROUP BY orders.supplier_id
), waiting AS (
    SELECT supplier_id, count(*) AS open_orders, count(*) FILTER (WHERE asked_date < %(today)s) AS late_orders
    FROM orders WHERE state IN ('placed', 'partly_received') GROUP BY supplier_id
)
SELECT chosen.id, chosen.code, chosen.name, chosen.currency, chosen.lead_days,
       coalesce(due.due_lines, 0), coalesce(due.on_time_lines, 0), due.wanted_cost, due.filled_cost, due.wanted_units,
       due.filled_units, coalesce(lead.received_lines, 0), coalesce(lead.receipts, 0), lead.mean_days, lead.sd_days,
       lead.p50_days, lead.p90_days, coalesce(prices.changes, 0), coalesce(prices.rises, 0), prices.change_share,
       coalesce(wrong.short_count, 0), coalesce(wrong.over_count, 0), coalesce(wrong.damaged_count, 0),
       coalesce(wrong.wrong_count, 0), coalesce(wrong.quality_count, 0), coalesce(waiting.open_orders, 0),
       coalesce(waiting.late_orders, 0), coalesce(lead.goods_cost, 0), coalesce(lead.landed_cost, 0)
FROM chosen LEFT JOIN due ON due.supplier_id = chosen.id LEFT JOIN lead ON lead.supplier_id = chosen.id
LEFT JOIN prices ON prices.supplier_id = chosen.id LEFT JOIN wrong ON wrong.supplier_id = chosen.id
LEFT JOIN waiting ON waiting.supplier_id = chosen.id
ORDER BY chosen.name, chosen.code
"""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One supplier over a span of days; lines are order lines, costs of goods in minor units of the shop's currency."""

    supplier_id: int
    supplier_code: str
    supplier_name: str
    currency: str
    agreed_lead_days: int
    due_lines: int
    on_time_lines: int
    wanted_cost: float | None
    filled_cost: float | None
    wanted_units: float | None
    filled_units: float | None
    received_lines: int
    receipts_count: int
    mean_lead_days: float | None
    sd_lead_days: float | None
    p50_lead_days: float | None
    p90_lead_days: float | None
    price_changes_count: int
    price_rises_count: int
    price_change_share: float | None
    short_count: int
    over_count: int
    damaged_count: int
    wrong_item_count: int
    quality_refused_count: int
    open_orders_count: int
    late_orders_count: int
    goods_cost_minor: int
    landed_cost_minor: int

    @property
    def has_enough(self) -> bool:
        """Whether so much came that the shares mean something."""
        return self.received_lines >= ENOUGH_LINES

    @property
    def on_time_share(self) -> float | None:
        """Lines that were complete on the day that was asked for, of those whose day has come."""
        return self.on_time_lines / self.due_lines if self.due_lines else None

    @property
    def fill_share(self) -> float | None:
        """What came of what was wanted by now, weighed by cost, or by units where goods cost nothing."""
        if self.wanted_cost:
            return (self.filled_cost or 0.0) / self.wanted_cost
        return (self.filled_units or 0.0) / self.wanted_units if self.wanted_units else None

    @property
    def discrepancies_count(self) -> int:
        """What was wrong with deliveries, more than ordered included."""
        return (
            self.short_count + self.over_count + self.damaged_count + self.wrong_item_count + self.quality_refused_count
        )

    @property
    def landed_share(self) -> float | None:
        """Freight, duty and the like on top of the goods (0.08 = 8 %)."""
        return self.landed_cost_minor / self.goods_cost_minor if self.goods_cost_minor else None


def list_scorecards(
    *, today: dt.date, days: int, supplier_code: str = "", place_codes: Collection[str] = ()
) -> list[Scorecard]:
    """Every supplier in use or bought from lately, by name; one of them, at some places, when named."""
    asked: dict[str, Any] = {
        "today": today,
        "from": today - dt.timedelta(days=days),
        "supplier": supplier_code,
        "places": sorted(place_codes),
        "time_zone": settings.REORDER.time_zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SCORES, asked)
        return [Scorecard(*row) for row in cursor.fetchall()]
