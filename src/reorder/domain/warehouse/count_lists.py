"""Counts to look at: what is due, what waits, and which variances of other counts concern the same goods."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.count_rules import BinToCount
from reorder.domain.warehouse.counts import CountedGoods

_WAITING: Final = """
WITH entry AS (
    SELECT DISTINCT ON (task.id) task.id AS task_id, task.bin_id, entry.variance_units, entry.recorded_at
    FROM warehouse_counttask AS task JOIN inventory_place AS place ON place.id = task.place_id
    JOIN warehouse_countentry AS entry ON entry.task_id = task.id AND entry.round = task.round
    WHERE place.code = %(place_code)s::text AND task.state = 'counted' AND task.id <> %(but_task)s::bigint
      AND entry.product_id = %(product_id)s::bigint AND entry.owner = %(owner)s::text AND entry.lot = %(lot)s::text
    ORDER BY task.id, entry.id DESC
)
SELECT entry.task_id, entry.bin_id, bin.code, entry.variance_units - coalesce(booked.units, 0),
       coalesce(stock.units, 0)
FROM entry JOIN warehouse_bin AS bin ON bin.id = entry.bin_id
LEFT JOIN warehouse_binstock AS stock ON stock.bin_id = bin.id AND stock.product_id = %(product_id)s::bigint
     AND stock.owner = %(owner)s::text AND stock.lot = %(lot)s::text
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN move.target_id = bin.id THEN move.units ELSE -move.units END) AS units
    FROM warehouse_binmove AS move
    WHERE bin.id IN (move.source_id, move.target_id) AND move.product_id = %(product_id)s::bigint
      AND move.owner = %(owner)s::text AND move.lot = %(lot)s::text AND move.kind IN ('count', 'follow')
      AND move.recorded_at > entry.recorded_at
) AS booked ON true
ORDER BY entry.task_id
"""
# The class of a bin is that of the most moved product in it; an empty one is C.
_BINS: Final = """
SELECT bin.code, coalesce(min(class.abc_class), 'C'),
       (SELECT max(coalesce(task.counted_at, task.decided_at)) FROM warehouse_counttask AS task
        WHERE task.bin_id = bin.id AND task.state = 'approved'),
       count(stock.id) = 0
FROM warehouse_bin AS bin JOIN inventory_place AS place ON place.id = bin.place_id
LEFT JOIN warehouse_binstock AS stock ON stock.bin_id = bin.id
LEFT JOIN warehouse_countclass AS class ON class.place_id = bin.place_id AND class.product_id = stock.product_id
WHERE place.code = %(place_code)s::text AND bin.is_active
  AND NOT EXISTS (SELECT FROM warehouse_counttask AS live
                  WHERE live.bin_id = bin.id AND live.state IN ('open', 'counting', 'counted'))
GROUP BY bin.id ORDER BY bin.code
"""
_PLANNED: Final = """
SELECT task.due_on, count(*) FROM warehouse_counttask AS task JOIN inventory_place AS place ON place.id = task.place_id
WHERE place.code = %(place_code)s::text AND task.state IN ('open', 'counting') AND task.cause = 'cycle'
GROUP BY 1
"""
_PLACES: Final = """
SELECT DISTINCT place.code FROM warehouse_bin AS bin JOIN inventory_place AS place ON place.id = bin.place_id
WHERE bin.is_active AND place.is_active ORDER BY 1
"""
_LOTS_AT: Final = """
SELECT level.owner, level.lot, level.expires_date FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id
WHERE place.code = %(place_code)s::text AND level.product_id = %(product_id)s::bigint AND level.on_hand_units > 0
ORDER BY level.owner, level.expires_date NULLS LAST, level.lot
"""
_DUE: Final = """
FROM warehouse_counttask AS task JOIN warehouse_bin AS bin ON bin.id = task.bin_id
JOIN inventory_place AS place ON place.id = task.place_id
WHERE place.code = ANY(%(place_codes)s::text[]) AND task.state IN ('open', 'counting')
  AND task.due_on <= %(due_by)s::date
"""
_TO_DO: Final = f"""
SELECT task.id, place.code, bin.code, bin.aisle, bin.at_mm, task.cause, task.abc_class, task.due_on, task.state,
       task.round, task.not_by, task.assigned_to
{_DUE} ORDER BY task.due_on, place.code, bin.aisle, bin.at_mm, bin.code LIMIT %(limit)s::int
"""
_HOW_MANY: Final = f"SELECT count(*) {_DUE}"


@dataclass(frozen=True, slots=True)
class WaitingVariance:
    """What is still to be booked of a count that waits, of the same goods in another bin of the place."""

    task_id: int
    bin_id: int
    bin_code: str
    open_units: Decimal
    recorded_units: Decimal


def list_waiting_variances(*, goods: CountedGoods, place_code: str, but_task: int) -> list[WaitingVariance]:
    """Variances of the same product, owner and lot in counts of the place that wait for approval, oldest first."""
    given = {
        "place_code": place_code,
        "but_task": but_task,
        "product_id": goods.product_id,
        "owner": goods.owner,
        "lot": goods.lot,
    }
    return [WaitingVariance(*row) for row in fetch_prepared(statement=_WAITING, parameters=given)]


def list_bins_to_count(*, place_code: str, time_zone: dt.tzinfo) -> list[BinToCount]:
    """Active bins of a place without an unfinished count, with their class and the day they were last counted."""
    rows = fetch_prepared(statement=_BINS, parameters={"place_code": place_code})
    return [
        BinToCount(
            bin_code=code,
            abc_class=abc,
            counted_on=at.astimezone(time_zone).date() if at else None,
            is_empty=is_empty,
        )
        for code, abc, at, is_empty in rows
    ]


def count_planned(*, place_code: str) -> dict[dt.date, int]:
    """How many cycle counts days have already that nobody has finished."""
    return dict(fetch_prepared(statement=_PLANNED, parameters={"place_code": place_code}))


def list_places_with_bins() -> Sequence[str]:
    """Codes of active places that have bins."""
    return [row[0] for row in fetch_prepared(statement=_PLACES, parameters={})]


@dataclass(frozen=True, slots=True)
class LotAtPlace:
    """Goods of an owner and lot that stand at a place, in whatever bin or none."""

    owner: str
    lot: str
    expires_date: dt.date | None


@dataclass(frozen=True, slots=True)
class CountToDo:
    """A count that somebody is to take or is at."""

    id: int
    place_code: str
    bin_code: str
    aisle: int
    at_mm: int
    cause: str
    abc_class: str
    due_on: dt.date
    state: str
    round: int
    not_by: str
    assigned_to: str


def list_lots_at(*, place_code: str, product_id: int) -> list[LotAtPlace]:
    """Owners and lots of a product at a place, what goes off first first."""
    given = {"place_code": place_code, "product_id": product_id}
    return [LotAtPlace(*row) for row in fetch_prepared(statement=_LOTS_AT, parameters=given)]


def list_counts_to_do(*, place_codes: Sequence[str], due_by: dt.date, limit: int = 200) -> list[CountToDo]:
    """Counts that are due and not finished, in walking order: by day, aisle and place along it."""
    given = {"place_codes": list(place_codes), "due_by": due_by, "limit": limit}
    return [CountToDo(*row) for row in fetch_prepared(statement=_TO_DO, parameters=given)]


def count_to_do(*, place_code: str, due_by: dt.date) -> int:
    """How many counts of a place are due and not finished."""
    given = {"place_codes": [place_code], "due_by": due_by}
    return int(fetch_prepared(statement=_HOW_MANY, parameters=given)[0][0])
