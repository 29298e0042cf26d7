"""Purchase orders as a list shows them: one row an order, by keyset, with sums of its lines."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from reorder.kernel.patterns import like_literal

_OPEN: Final = "bought.state IN ('placed', 'partly_received')"
# What each tab shows. What is still to come stands by its day, the rest by when it was placed.
_TABS: Final = {
    "open": _OPEN,
    "awaiting_approval": "bought.state = 'awaiting_approval'",
    "partly_received": "bought.state = 'partly_received'",
    "late": f"{_OPEN} AND bought.expected_date < %(today)s",
    "received": "bought.state = 'received'",
    "cancelled": "bought.state IN ('cancelled', 'refused')",
    "all": "true",
}
_BY_DAY: Final = ("open", "late")
_SELECT: Final = """
SELECT page.*, sums.lines_count, sums.cost_minor, sums.ordered_units, sums.received_units FROM (
    SELECT bought.id, bought.number, supplier.code, supplier.name, place.code, place.name, bought.currency,
           bought.state, bought.placed_at, bought.placed_by, bought.expected_date
    FROM purchasing_purchaseorder AS bought
    JOIN purchasing_supplier AS supplier ON supplier.id = bought.supplier_id
    JOIN inventory_place AS place ON place.id = bought.place_id
    WHERE {tab} AND (%(places)s::text[] = '{{}}' OR place.code = ANY(%(places)s::text[]))
      AND (%(search)s = '' OR bought.number ILIKE %(pattern)s OR supplier.name ILIKE %(pattern)s
           OR supplier.code ILIKE %(pattern)s
           OR EXISTS (SELECT 1 FROM purchasing_purchaseorderline AS line
                      JOIN catalog_product AS product ON product.id = line.product_id
                      WHERE line.order_id = bought.id AND product.sku = %(search)s))
      AND {after}
    ORDER BY {order} LIMIT %(size)s
) AS page (id, number, supplier_code, supplier_name, place_code, place_name, currency, state, placed_at, placed_by,
           expected_date)
JOIN LATERAL (
    SELECT count(*) AS lines_count, coalesce(sum(line.cost_minor), 0)::bigint AS cost_minor,
           coalesce(sum(ordered_units), 0) AS ordered_units,
           coalesce(sum(least(received_units, ordered_units)), 0) AS received_units
    FROM purchasing_purchaseorderline AS line WHERE line.order_id = page.id
) AS sums ON true
ORDER BY {page_order}
"""


@dataclass(frozen=True, slots=True)
class OrderListRow:
    """One purchase order; `received_units` counts no more than was ordered of each line."""

    id: int
    number: str
    supplier_code: str
    supplier_name: str
    place_code: str
    place_name: str
    currency: str
    state: str
    placed_at: dt.datetime
    placed_by: str
    expected_date: dt.date
    lines_count: int
    cost_minor: int
    ordered_units: Decimal
    received_units: Decimal

    @property
    def received_share(self) -> float:
        """How much of what was ordered has come."""
        return float(self.received_units / self.ordered_units) if self.ordered_units else 0.0


def list_order_page(
    *,
    tab: str,
    today: dt.date,
    size: int,
    search: str = "",
    place_codes: Collection[str] = (),
    after: tuple[dt.date | dt.datetime, int] | None = None,
) -> list[OrderListRow]:
    """`size` orders of a tab after the sort values (`sort_values_of`) of the last row seen; an unknown tab is "all"."""
    kind = tab if tab in _TABS else "all"
    column, sign, way = ("expected_date", ">", "ASC") if kind in _BY_DAY else ("placed_at", "<", "DESC")
    asked: dict[str, Any] = {
        "today": today,
        "places": sorted(place_codes),
        "search": search,
        "pattern": f"%{like_literal(text=search)}%",
        "size": size,
        "after_value": after[0] if after else None,
        "after_id": after[1] if after else None,
    }
    statement = _SELECT.format(
        tab=_TABS[kind],
        after=f"(bought.{column}, bought.id) {sign} (%(after_value)s, %(after_id)s)" if after else "true",
        order=f"bought.{column} {way}, bought.id {way}",
        page_order=f"page.{column} {way}, page.id {way}",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return [OrderListRow(*row) for row in cursor.fetchall()]


def sort_values_of(*, row: OrderListRow, tab: str) -> tuple[dt.date | dt.datetime, int]:
    """Where the list goes on after this row."""
    return (row.expected_date if tab in _BY_DAY else row.placed_at), row.id


def read_sort_values(*, tab: str, values: tuple[object, ...]) -> tuple[dt.date | dt.datetime, int] | None:
    """Sort values as a cursor carried them; None when they are none of this tab."""
    if len(values) != 2 or not isinstance(values[0], str) or not isinstance(values[1], int):
        return None
    try:
        moment = dt.datetime.fromisoformat(values[0])
    except ValueError:
        return None
    if tab in _BY_DAY:
        return moment.date(), values[1]
    return (moment, values[1]) if moment.tzinfo else None
