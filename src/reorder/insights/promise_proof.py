"""Proof that what is promised is what was ordered: every allocation has its order, and every order its allocations."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.inventory import queries as inventory
from reorder.insights.reading import read_rows

# One statement, one moment: what fulfilment orders say must stand against what stock promises, by demand, product and
# place; and what order lines say against what their fulfilment orders send. A bundle's line is sent as its components,
# whose units may have changed since: of it is asked only that something is sent.
_DIFFERENCES: Final = """
WITH sent AS (
    SELECT 'order_line:' || line.order_line_id AS demand_key, line.order_line_id, line.product_id, parcel.place_id,
           coalesce(sum(line.units) FILTER (WHERE parcel.state IN ('allocated', 'released', 'picked', 'packed')), 0)
               AS promised_units,
           coalesce(sum(line.units) FILTER (WHERE parcel.state IN ('picked', 'packed')), 0) AS picked_units,
           coalesce(sum(line.units) FILTER (WHERE parcel.state = 'waiting'), 0) AS waiting_units,
           coalesce(sum(line.units) FILTER (WHERE parcel.state <> 'cancelled'), 0) AS live_units
    FROM warehouse_fulfilmentorder AS parcel
    JOIN warehouse_fulfilmentline AS line ON line.fulfilment_id = parcel.id
    GROUP BY line.order_line_id, line.product_id, parcel.place_id
), promised AS (
    SELECT known.demand_key, level.product_id, location.place_id, sum(known.units) AS units,
           sum(known.picked_units) AS picked_units
    FROM inventory_allocation AS known JOIN inventory_level AS level ON level.id = known.level_id
    JOIN inventory_location AS location ON location.id = level.location_id
    GROUP BY known.demand_key, level.product_id, location.place_id
), of_goods AS (
    SELECT demand_key, product_id, place_id, figure.name, figure.ordered_units, figure.promised_units
    FROM sent FULL JOIN promised USING (demand_key, product_id, place_id)
    CROSS JOIN LATERAL (VALUES
        ('promised', coalesce(sent.promised_units, 0), coalesce(promised.units, 0)),
        ('picked', coalesce(sent.picked_units, 0), coalesce(promised.picked_units, 0))
    ) AS figure (name, ordered_units, promised_units)
    WHERE figure.ordered_units <> figure.promised_units
    UNION ALL
    SELECT demand_key, product_id, place_id, 'waiting', coalesce(sent.waiting_units, 0), coalesce(waiting.units, 0)
    FROM (SELECT * FROM sent WHERE waiting_units > 0) AS sent
    FULL JOIN inventory_backorder AS waiting USING (demand_key, product_id, place_id)
    WHERE coalesce(sent.waiting_units, 0) <> coalesce(waiting.units, 0)
), of_lines AS (
    SELECT 'order_line:' || line.id AS demand_key, line.product_id, NULL::bigint AS place_id, 'ordered' AS name,
           line.units AS ordered_units,
           coalesce((SELECT sum(sent.live_units) FROM sent WHERE sent.order_line_id = line.id
                     AND sent.product_id = line.product_id), 0) AS promised_units
    FROM orders_order AS bought JOIN orders_orderline AS line ON line.order_id = bought.id
    WHERE bought.fulfilment = 'reorder' AND bought.state NOT IN ('draft', 'cancelled')
      AND NOT EXISTS (SELECT FROM sent WHERE sent.order_line_id = line.id AND sent.product_id <> line.product_id
                      AND sent.live_units > 0)
)
SELECT found.name AS figure, found.demand_key, coalesce(bought.external_id, '') AS order_key, bought.id AS order_id,
       product.sku, coalesce(place.code, '') AS place, found.ordered_units, found.promised_units
FROM (SELECT * FROM of_goods UNION ALL SELECT * FROM of_lines WHERE ordered_units <> promised_units) AS found
JOIN catalog_product AS product ON product.id = found.product_id
LEFT JOIN inventory_place AS place ON place.id = found.place_id
LEFT JOIN orders_orderline AS line
    ON found.demand_key LIKE 'order_line:%%' AND line.id::text = substr(found.demand_key, 12)
LEFT JOIN orders_order AS bought ON bought.id = line.order_id
ORDER BY bought.id NULLS FIRST, found.demand_key, product.sku, place.code, found.name
LIMIT %(limit)s
"""
_COUNTS: Final = """
SELECT (SELECT count(*) FROM inventory_move) AS moves, (SELECT count(*) FROM inventory_level) AS levels,
       (SELECT count(*) FROM inventory_allocation) AS allocations, (SELECT count(*) FROM inventory_hold) AS holds,
       (SELECT count(*) FROM inventory_backorder) AS backorders, (SELECT count(*) FROM warehouse_bin) AS bins,
       (SELECT count(*) FROM orders_order WHERE fulfilment = 'reorder' AND state NOT IN ('draft', 'cancelled'))
           AS orders
"""
# Bins against the shelves of their place, and against their own ledger: two alarms, by product, owner and lot.
_BINS: Final = """
WITH moved AS (
    SELECT side.bin_id, side.product_id, side.owner, side.lot, sum(side.units) AS units FROM (
        SELECT target_id AS bin_id, product_id, owner, lot, units FROM warehouse_binmove WHERE target_id IS NOT NULL
        UNION ALL
        SELECT source_id, product_id, owner, lot, -units FROM warehouse_binmove WHERE source_id IS NOT NULL
    ) AS side GROUP BY 1, 2, 3, 4
), held AS (
    SELECT bin.place_id, stock.product_id, stock.owner, stock.lot, sum(stock.units) AS units,
           min(bin.code) AS bin_code
    FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id GROUP BY 1, 2, 3, 4
), shelf AS (
    SELECT location.place_id, level.product_id, level.owner, level.lot,
           level.on_hand_units - coalesce((SELECT sum(picked_units) FROM inventory_allocation AS known
                                           WHERE known.level_id = level.id), 0) AS units
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
)
SELECT 'beyond stock' AS figure, product.sku, held.bin_code AS bin, held.owner, held.lot,
       coalesce(shelf.units, 0) AS ledger_units, held.units AS bin_units
FROM held JOIN catalog_product AS product ON product.id = held.product_id
LEFT JOIN shelf USING (place_id, product_id, owner, lot)
WHERE held.units > coalesce(shelf.units, 0)
UNION ALL
SELECT 'moves', product.sku, bin.code, owner, lot, coalesce(moved.units, 0), coalesce(stock.units, 0)
FROM moved FULL JOIN warehouse_binstock AS stock USING (bin_id, product_id, owner, lot)
JOIN warehouse_bin AS bin ON bin.id = bin_id JOIN catalog_product AS product ON product.id = product_id
WHERE coalesce(moved.units, 0) <> coalesce(stock.units, 0)
ORDER BY 1, 2, 3, 4, 5 LIMIT %(limit)s
"""
_MOST = 1000


@dataclass(frozen=True, slots=True)
class PromiseDifference:
    """An order and the stock promised to it that do not agree; without an order key the promise belongs to nobody.

    `figure`: promised, picked or waiting (fulfilment orders against stock), ordered (the line against what is sent).
    """

    figure: str
    demand_key: str
    order_key: str
    order_id: int | None
    sku: str
    place: str
    ordered_units: Decimal
    promised_units: Decimal

    @property
    def location(self) -> str:
        """Where, as the alarm names it: the order, and its place."""
        return f"{self.order_key or self.demand_key} {self.place}".strip()


@dataclass(frozen=True, slots=True)
class BinDifference:
    """A lot in bins that is more than its place has, or a bin that is not what its moves sum to.

    `figure`: beyond stock (the ledger is the place's shelves, the bin one of those that hold it) or moves.
    """

    figure: str
    sku: str
    bin: str
    owner: str
    lot: str
    ledger_units: Decimal
    bin_units: Decimal


@dataclass(frozen=True, slots=True)
class Compared:
    """How much was compared."""

    moves: int
    levels: int
    allocations: int
    holds: int
    backorders: int
    bins: int
    orders: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The ledger against levels, allocations and holds, and promises against orders; no difference: it is proved."""

    compared: Compared
    levels: tuple[inventory.LedgerDifference, ...]
    promises: tuple[PromiseDifference, ...]
    bins: tuple[BinDifference, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether everything agrees."""
        return not (self.levels or self.promises or self.bins)


def list_promise_differences() -> list[PromiseDifference]:
    """Every promise that is not as its order says, up to a thousand; empty when all is well."""
    return [PromiseDifference(**row) for row in read_rows(statement=_DIFFERENCES, parameters={"limit": _MOST})]


def list_bin_differences() -> list[BinDifference]:
    """Every lot that bins hold beyond its place's shelves, and every bin that differs from its moves; up to 1,000."""
    return [BinDifference(**row) for row in read_rows(statement=_BINS, parameters={"limit": _MOST})]


def prove_ledger() -> Proof:
    """Compare everything there is; reads the whole ledger, so it is for a job or a terminal, not for a page."""
    counted: dict[str, Any] = read_rows(statement=_COUNTS, parameters={})[0]
    return Proof(
        compared=Compared(**counted),
        levels=tuple(inventory.compare_ledger_with_levels()),
        promises=tuple(list_promise_differences()),
        bins=tuple(list_bin_differences()),
    )
