"""Why is on hand 47? Every move of a product at a place, newest first, with what stood there after it.

In the order in which moves were booked: what was entered late, for an earlier moment, stands where it was entered, so
that no figure was ever below zero.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from reorder.domain.inventory.operations import counter_key
from reorder.insights.reading import read_rows

Tab = Literal["on_hand", "promises", "all"]
PAGE_SIZE: Final = 50
# What a move adds to a figure of the place: everything that stands there, and what of it is promised.
_ON_HAND: Final = "(target_is_here::int - source_is_here::int) * units"
_PROMISED: Final = "(target_is_promised::int - source_is_promised::int) * units"
_MOVES: Final = f"""
WITH here AS MATERIALIZED (
    SELECT location.id, location.kind FROM inventory_location AS location
    JOIN inventory_place AS place ON place.id = location.place_id WHERE place.code = %(place)s
), side AS (
    SELECT move.id, move.kind, move.units, move.lot, move.expires_date, move.cause_kind, move.cause_key,
           move.happened_at, move.recorded_at, move.source_id, move.target_id,
           coalesce(source.kind IN ('stock', 'allocated', 'picked'), false) AS source_is_here,
           coalesce(target.kind IN ('stock', 'allocated', 'picked'), false) AS target_is_here,
           coalesce(source.kind IN ('allocated', 'picked'), false) AS source_is_promised,
           coalesce(target.kind IN ('allocated', 'picked'), false) AS target_is_promised
    FROM inventory_move AS move
    LEFT JOIN here AS source ON source.id = move.source_id
    LEFT JOIN here AS target ON target.id = move.target_id
    WHERE move.product_id = %(product_id)s AND move.owner = 'self' AND (source.id IS NOT NULL OR target.id IS NOT NULL)
      AND (%(id)s::bigint IS NULL OR move.id < %(id)s::bigint)
)
SELECT side.id, side.kind, side.units, side.lot, side.expires_date, side.cause_kind, side.cause_key, side.happened_at,
       source.code AS source, target.code AS target, {_ON_HAND} AS on_hand_change, {_PROMISED} AS allocated_change
FROM side JOIN inventory_location AS source ON source.id = side.source_id
JOIN inventory_location AS target ON target.id = side.target_id
WHERE CASE %(tab)s WHEN 'on_hand' THEN source_is_here <> target_is_here
                   WHEN 'promises' THEN source_is_promised <> target_is_promised ELSE true END
ORDER BY side.id DESC LIMIT %(limit)s
"""  # noqa: S608 - made of constants only
_NOW: Final = """
SELECT level.lot, level.expires_date, level.on_hand_units AS on_hand, level.allocated_units AS allocated,
       level.held_units AS held
FROM inventory_level AS level JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id
WHERE level.product_id = %(product_id)s AND place.code = %(place)s AND location.kind = 'stock' AND level.owner = 'self'
ORDER BY level.expires_date NULLS LAST, level.lot
"""
_UNDONE: Final = "SELECT idempotency_key AS key FROM inventory_move WHERE idempotency_key = ANY(%(keys)s)"
# Moves that people may take back here; the others belong to an order, a delivery or a transfer, which take them back.
_UNDOABLE: Final = ("adjustment", "count", "import", "opening")


@dataclass(frozen=True, slots=True)
class LotNow:
    """What stands of a lot at a place now."""

    lot: str
    expires_date: dt.date | None
    on_hand: Decimal
    allocated: Decimal
    held: Decimal

    @property
    def free(self) -> Decimal:
        """Promised to nobody."""
        return self.on_hand - self.allocated - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One move; `on_hand` and `allocated` stood at the place after it."""

    id: int
    kind: str
    units: Decimal
    lot: str
    expires_date: dt.date | None
    cause_kind: str
    cause_key: str
    happened_at: dt.datetime
    source: str
    target: str
    on_hand_change: Decimal
    allocated_change: Decimal
    on_hand: Decimal
    allocated: Decimal
    is_undone: bool
    can_be_undone: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of the history ended, and what stood there before its last move."""

    id: int
    on_hand: Decimal
    allocated: Decimal


@dataclass(frozen=True, slots=True)
class History:
    """A page of the history, and where the next one begins; None: it was the last."""

    lines: tuple[HistoryLine, ...]
    after: Cursor | None


def list_lots_now(*, product_id: int, place_code: str) -> list[LotNow]:
    """What stands there now by lot, those that go off first first."""
    given = {"product_id": product_id, "place": place_code}
    return [LotNow(**row) for row in read_rows(statement=_NOW, parameters=given)]


def list_history(
    *, product_id: int, place_code: str, tab: Tab = "on_hand", after: Cursor | None = None, limit: int = PAGE_SIZE
) -> History:
    """Moves from the newest (or from `after`) back. The figures run back from what stands there now.

    A tab leaves out moves that change nothing of its figures, so these run on: `on_hand` moves into and out of the
    place, `promises` those that promise goods or end a promise, `all` both and goods on order.
    """
    if after is None:
        now = list_lots_now(product_id=product_id, place_code=place_code)
        on_hand, allocated = (
            sum((one.on_hand for one in now), Decimal(0)),
            sum((one.allocated for one in now), Decimal(0)),
        )
    else:
        on_hand, allocated = after.on_hand, after.allocated
    rows = read_rows(
        statement=_MOVES,
        parameters={
            "product_id": product_id,
            "place": place_code,
            "tab": tab,
            "id": after.id if after else None,
            "limit": limit + 1,
        },
    )
    undone = _list_undone(rows=rows)
    lines: list[HistoryLine] = []
    for row in rows[:limit]:
        lines.append(_line(row=row, on_hand=on_hand, allocated=allocated, undone=undone))
        on_hand -= row["on_hand_change"]
        allocated -= row["allocated_change"]
    last = Cursor(lines[-1].id, on_hand, allocated) if len(rows) > limit else None
    return History(lines=tuple(lines), after=last)


def iterate_history(*, product_id: int, place_code: str, tab: Tab) -> Iterator[HistoryLine]:
    """The whole history, page by page."""
    after: Cursor | None = None
    while True:
        page = list_history(product_id=product_id, place_code=place_code, tab=tab, after=after, limit=1000)
        yield from page.lines
        after = page.after
        if after is None:
            return


def _list_undone(*, rows: list[dict[str, Any]]) -> set[str]:
    keys = [counter_key(move_id=row["id"]) for row in rows if row["cause_kind"] in _UNDOABLE]
    return {row["key"] for row in read_rows(statement=_UNDONE, parameters={"keys": keys})} if keys else set()


def _line(*, row: dict[str, Any], on_hand: Decimal, allocated: Decimal, undone: set[str]) -> HistoryLine:
    is_undone = counter_key(move_id=row["id"]) in undone
    return HistoryLine(
        **row,
        on_hand=on_hand,
        allocated=allocated,
        is_undone=is_undone,
        can_be_undone=not is_undone and row["cause_kind"] in _UNDOABLE,
    )
