"""Counts as the desk shows them: what is due, waits or is done, and who counts on goods that were not found."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from reorder.domain.warehouse.counts import CountedGoods, CountRow
from reorder.insights.reading import read_rows
from reorder.kernel.patterns import like_literal

CountTab = Literal["due", "planned", "waiting", "done"]
# Of each count what its present round came to; the last entry of some goods holds.
_LINES: Final = """
SELECT task.id, place.code AS place_code, bin.code AS bin_code, zone.code AS zone_code, task.cause, task.abc_class,
       task.due_on, task.state, task.round, task.assigned_to, task.counted_by, task.counted_at, task.decided_by,
       task.decided_at, task.outcome, task.asked_by, coalesce(came.goods_count, 0) AS goods_count,
       coalesce(came.differing_count, 0) AS differing_count, came.variance_minor, came.variance_units
FROM warehouse_counttask AS task JOIN inventory_place AS place ON place.id = task.place_id
JOIN warehouse_bin AS bin ON bin.id = task.bin_id JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
LEFT JOIN LATERAL (
    SELECT count(*) AS goods_count, count(*) FILTER (WHERE variance_units <> 0) AS differing_count,
           sum(variance_minor) AS variance_minor, sum(variance_units) AS variance_units
    FROM (SELECT DISTINCT ON (entry.product_id, entry.owner, entry.lot) entry.variance_units, entry.variance_minor
          FROM warehouse_countentry AS entry WHERE entry.task_id = task.id AND entry.round = task.round
          ORDER BY entry.product_id, entry.owner, entry.lot, entry.id DESC) AS last
) AS came ON task.state IN ('counted', 'approved', 'rejected')
WHERE place.code = ANY(%(places)s) AND {where}
  AND (%(search)s = '' OR bin.code ILIKE %(search)s || '%%')
ORDER BY {order} LIMIT %(limit)s
"""
_BY_DAY: Final = "(%(after_id)s::bigint IS NULL OR (task.due_on, task.id) > (%(after_on)s::date, %(after_id)s))"
_BY_MOMENT: Final = (
    "(%(after_id)s::bigint IS NULL OR (task.decided_at, task.id) < (%(after_at)s::timestamptz, %(after_id)s))"
)
_TABS: Final = {
    "due": (
        f"task.state IN ('open', 'counting') AND task.due_on <= %(today)s AND {_BY_DAY}",
        "task.due_on, task.id",
    ),
    "planned": (f"task.state = 'open' AND task.due_on > %(today)s AND {_BY_DAY}", "task.due_on, task.id"),
    "waiting": ("task.state = 'counted' AND (%(after_id)s::bigint IS NULL OR task.id > %(after_id)s)", "task.id"),
    "done": (
        f"task.state IN ('approved', 'rejected', 'cancelled') AND {_BY_MOMENT}",
        "task.decided_at DESC, task.id DESC",
    ),
}
_HOW_MANY: Final = """
SELECT count(*) FILTER (WHERE task.state <> 'counted' AND task.due_on <= %(today)s) AS due,
       count(*) FILTER (WHERE task.state = 'open' AND task.due_on > %(today)s) AS planned,
       count(*) FILTER (WHERE task.state = 'counted') AS waiting
FROM warehouse_counttask AS task JOIN inventory_place AS place ON place.id = task.place_id
WHERE place.code = ANY(%(places)s) AND task.state IN ('open', 'counting', 'counted')
"""
# Who counts on goods of a lot: promised and on their shelf still. A demand of several lots is given up on its order's
# page, where the lots can be told apart.
_PROMISED: Final = """
SELECT found.id AS order_id, found.external_id AS order_number, fulfilment.id AS fulfilment_id,
       fulfilment.state, line.id AS order_line_id, allocation.units - allocation.picked_units AS units,
       (SELECT count(*) FROM inventory_allocation AS other JOIN inventory_level AS lot ON lot.id = other.level_id
        WHERE other.demand_key = allocation.demand_key AND lot.product_id = level.product_id
          AND lot.location_id = level.location_id) AS lots_count
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.code = %(place_code)s
JOIN inventory_allocation AS allocation ON allocation.level_id = level.id AND allocation.units > allocation.picked_units
JOIN orders_orderline AS line ON allocation.demand_key = 'order_line:' || line.id
JOIN orders_order AS found ON found.id = line.order_id
JOIN warehouse_fulfilmentline AS part ON part.order_line_id = line.id AND part.product_id = level.product_id
JOIN warehouse_fulfilmentorder AS fulfilment ON fulfilment.id = part.fulfilment_id
     AND fulfilment.place_id = place.id AND fulfilment.state IN ('allocated', 'released')
WHERE level.product_id = %(product_id)s AND level.owner = %(owner)s AND level.lot = %(lot)s
ORDER BY found.ordered_at DESC, found.id DESC LIMIT 50
"""
_FREE: Final = """
SELECT level.on_hand_units - level.allocated_units - level.held_units AS free_units, level.held_units
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.code = %(place_code)s
WHERE level.product_id = %(product_id)s AND level.owner = %(owner)s AND level.lot = %(lot)s
"""


@dataclass(frozen=True, slots=True)
class CountLine:
    """One count of the list; what it differs by is known once it is counted."""

    id: int
    place_code: str
    bin_code: str
    zone_code: str
    cause: str
    abc_class: str
    due_on: dt.date
    state: str
    round: int
    assigned_to: str
    counted_by: str
    counted_at: dt.datetime | None
    decided_by: str
    decided_at: dt.datetime | None
    outcome: str
    asked_by: str
    goods_count: int
    differing_count: int
    variance_minor: int | None
    variance_units: Decimal | None


@dataclass(frozen=True, slots=True)
class HowMany:
    """Counts of the tabs that people act on."""

    due: int
    planned: int
    waiting: int


@dataclass(frozen=True, slots=True)
class PromisedUnits:
    """Units on the shelf by the books that an order counts on; `lots_count` lots serve the same line here."""

    order_id: int
    order_number: str
    fulfilment_id: int
    state: str
    order_line_id: int
    units: Decimal
    lots_count: int


@dataclass(frozen=True, slots=True)
class Promises:
    """Who counts on goods of which fewer were found, and how many units are nobody's."""

    free_units: Decimal
    held_units: Decimal
    lines: tuple[PromisedUnits, ...]


def list_counts(
    *,
    places: Sequence[str],
    tab: CountTab,
    today: dt.date,
    search: str = "",
    after: tuple[str, int] | None = None,
    limit: int,
) -> list[CountLine]:
    """Counts of a tab; `after` is the (day or moment, id) of the last row seen."""
    where, order = _TABS[tab]
    moment_or_day, after_id = after or (None, None)
    given: dict[str, Any] = {
        "places": list(places),
        "today": today,
        "search": like_literal(text=search),
        "after_id": after_id,
        "after_on": moment_or_day if tab in {"due", "planned"} else None,
        "after_at": moment_or_day if tab == "done" else None,
        "limit": limit,
    }
    return [CountLine(**row) for row in read_rows(statement=_LINES.format(where=where, order=order), parameters=given)]


def count_counts(*, places: Sequence[str], today: dt.date) -> HowMany:
    """How many counts are due, planned, and wait for a person."""
    (row,) = read_rows(statement=_HOW_MANY, parameters={"places": list(places), "today": today})
    return HowMany(**row)


def find_promises(*, task: CountRow, goods: CountedGoods) -> Promises:
    """Who counts on the goods of a count that found fewer, the latest order first: it has waited least."""
    given = {
        "place_code": task.place_code,
        "product_id": goods.product_id,
        "owner": goods.owner,
        "lot": goods.lot,
    }
    free = read_rows(statement=_FREE, parameters=given)
    lines = tuple(PromisedUnits(**row) for row in read_rows(statement=_PROMISED, parameters=given))
    if not free:
        return Promises(free_units=Decimal(0), held_units=Decimal(0), lines=lines)
    return Promises(free_units=free[0]["free_units"], held_units=free[0]["held_units"], lines=lines)
