"""The list of products for people: stock beside plan, what needs somebody first on top.

Stocked products come first, by money at risk and then by days of cover, as stock is at this moment; after them the
others, what sells best first. Everything is limited to the places that the asking person may see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection

from reorder.kernel.errors import NotFound
from reorder.kernel.patterns import like_literal

# Expected lost margin until an order made at the next review would arrive, as proposals compute it
# (flows.restock.risk): lost_unit_cost × E[(D − position)⁺]; beyond eight deviations it is what it is at eight.
_SPOTS: Final = """
side AS (
    SELECT location.id, place.id AS place_id, (location.kind = 'stock')::int AS is_stock,
           (location.kind = 'incoming')::int AS is_incoming
    FROM inventory_location AS location JOIN inventory_place AS place ON place.id = location.place_id
    WHERE place.is_active AND (%(is_everywhere)s OR place.code = ANY(%(places)s))
), stock AS (
    SELECT level.product_id, side.place_id, sum(on_hand_units::float8 * is_stock) AS on_hand,
           sum(on_hand_units::float8 * is_incoming) AS incoming,
           sum((allocated_units + held_units)::float8 * is_stock) AS promised
    FROM inventory_level AS level JOIN side ON side.id = level.location_id
    WHERE level.owner = 'self' GROUP BY level.product_id, side.place_id
), known AS (
    SELECT standing.*, place.id AS place_id
    FROM planning_standing AS standing JOIN inventory_place AS place ON place.code = standing.place_code
), spot AS (
    SELECT stock.*, known.sold_28_units, known.planned_28_units, known.daily_units, known.demand_class,
           known.reorder_point_units, known.lost_unit_cost, known.deviation_units,
           stock.on_hand + stock.incoming - stock.promised - known.expected_units AS spare,
           known.lead_days + %(review_days)s AS reach_days,
           CASE WHEN known.daily_units > 0
                THEN round(greatest(stock.on_hand - stock.promised, 0) / known.daily_units * 10) / 10 END AS cover,
           greatest(-8, least(8, (stock.on_hand + stock.incoming - stock.promised - known.expected_units)
                                 / nullif(known.deviation_units, 0))) AS distance
    FROM stock LEFT JOIN known USING (product_id, place_id)
    OFFSET 0
), whole AS (
    SELECT product_id, sum(on_hand) AS on_hand, sum(incoming) AS incoming, sum(on_hand - promised) AS free,
           coalesce(sum(sold_28_units), 0) AS sold, sum(planned_28_units) AS planned,
           sum(reorder_point_units) AS reorder_point, min(cover) AS cover, max(demand_class) AS demand_class,
           round(sum(CASE WHEN spare IS NULL THEN 0
                          WHEN distance IS NULL THEN lost_unit_cost * greatest(-spare, 0)
                          ELSE lost_unit_cost * deviation_units * greatest(
                               exp(-distance * distance / 2) / 2.5066282746310002
                               - distance * 0.5 * erfc(distance / 1.4142135623730951), 0) END)) AS risk,
           coalesce(bool_or(cover < reach_days), FALSE) AS is_soon,
           coalesce(bool_or(on_hand - promised <= 0 AND daily_units > 0), FALSE) AS is_out
    FROM spot GROUP BY product_id
)"""
_PRODUCT: Final = """
    product.id, product.sku, product.name, product.currency, product.price_minor, product.state, product.planned_by,
    coalesce(category.name, '') AS category"""
_JOINS: Final = "LEFT JOIN catalog_category AS category ON category.id = product.category_id"
_MATCHES: Final = """
    (%(category)s = '' OR category.code = %(category)s)
    AND (%(search)s = '' OR product.id IN (
        SELECT found.id FROM catalog_product AS found
        WHERE found.sku ILIKE %(begins)s OR found.name ILIKE ALL(%(contains)s)
        UNION ALL SELECT barcode.product_id FROM catalog_barcode AS barcode WHERE barcode.code = %(search)s))"""
_UNSUPPLIED: Final = """
    (sold > 0 OR planned > 0) AND product.state = 'active' AND NOT EXISTS (
        SELECT FROM purchasing_offer AS offer JOIN purchasing_supplier AS supplier ON supplier.id = offer.supplier_id
        WHERE offer.product_id = product.id AND offer.is_active AND supplier.is_active)"""
_TABS: Final[Mapping[str, str]] = {
    "all": "TRUE",
    "soon": "is_soon",
    "out": "is_out",
    "unsupplied": _UNSUPPLIED,
    "category": "product.planned_by = 'category'",
    "discontinued": "product.state = 'discontinued'",
}
TABS: Final = tuple(_TABS)
# Tabs about stock: a product that no place stocks is in none of them.
_STOCKED_TABS: Final = ("soon", "out")
# Names are looked up for the rows that are shown, and of all only where the question is about them.
_STOCKED: Final = f"""
WITH {_SPOTS}, listed AS MATERIALIZED (
    SELECT whole.*, -whole.risk AS first, coalesce(whole.cover, 1e9) AS second, {{tab}} AS is_asked
    FROM whole {{products}}
)
SELECT (SELECT json_build_object(
            'soon', count(*) FILTER (WHERE is_soon), 'out', count(*) FILTER (WHERE is_out),
            'tab', count(*) FILTER (WHERE is_asked), 'on_hand', sum(on_hand) FILTER (WHERE is_asked),
            'incoming', sum(incoming) FILTER (WHERE is_asked), 'sold', sum(sold) FILTER (WHERE is_asked),
            'planned', sum(planned) FILTER (WHERE is_asked), 'risk', sum(risk)) FROM listed),
       (SELECT json_agg(page ORDER BY first, second, id) FROM (
            SELECT {_PRODUCT}, shown.* FROM (
                SELECT * FROM listed WHERE is_asked
                  AND (%(is_first)s OR (first, second, product_id) > (%(first)s, %(second)s, %(id)s))
                ORDER BY first, second, product_id LIMIT %(limit)s) AS shown
            JOIN catalog_product AS product ON product.id = shown.product_id {_JOINS}) AS page)
"""  # noqa: S608 - made of constants of ours
_OF_PRODUCTS: Final = f"JOIN catalog_product AS product ON product.id = whole.product_id {_JOINS} WHERE {_MATCHES}"
_OTHERS: Final = f"""
WITH sales AS (
    SELECT product_id, sum(sold_28_units) AS sold, sum(planned_28_units) AS planned, max(demand_class) AS demand_class
    FROM planning_standing WHERE %(is_everywhere)s OR place_code = ANY(%(places)s) GROUP BY product_id
), listed AS (
    SELECT product.id, coalesce(sales.sold, 0) AS sold, sales.planned, sales.demand_class,
           -coalesce(sales.sold, 0) AS first, 0 AS second, FALSE AS is_soon, FALSE AS is_out
    FROM catalog_product AS product {_JOINS} LEFT JOIN sales ON sales.product_id = product.id
    WHERE {_MATCHES} AND {{tab}} AND NOT EXISTS (
        SELECT FROM inventory_level AS level
        JOIN inventory_location AS location ON location.id = level.location_id
        JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
        WHERE level.product_id = product.id AND level.owner = 'self'
          AND (%(is_everywhere)s OR place.code = ANY(%(places)s)))
)
SELECT json_agg(page ORDER BY first, id) FROM (
    SELECT {_PRODUCT}, shown.sold, shown.planned, shown.demand_class, shown.first, shown.second, shown.is_soon,
           shown.is_out
    FROM (SELECT * FROM listed WHERE %(is_first)s OR (first, id) > (%(first)s, %(id)s)
          ORDER BY first, id LIMIT %(limit)s) AS shown
    JOIN catalog_product AS product ON product.id = shown.id {_JOINS}) AS page
"""  # noqa: S608 - made of constants of ours


class UnknownProduct(NotFound):
    code = "products.unknown"
    template = "There is no product {sku}."


@dataclass(frozen=True, slots=True)
class ProductLine:
    """One product over the places that the asker sees; stock is None where no place stocks it.

    `cover_days` is that of the place which runs out first, `risk` in major units of the shop's currency.
    """

    id: int
    sku: str
    name: str
    category: str
    currency: str
    price_minor: int | None
    state: str
    planned_by: str
    on_hand_units: float | None
    free_units: float | None
    incoming_units: float | None
    cover_days: float | None
    sold_28_units: float
    planned_28_units: float | None
    reorder_point_units: float | None
    demand_class: str
    risk: float
    is_soon: bool
    is_out: bool


@dataclass(frozen=True, slots=True)
class ProductCount:
    """What the list sums up: stocked products of the tab, and how many of all need somebody."""

    soon_count: int
    out_count: int
    tab_count: int
    on_hand_units: float
    incoming_units: float
    sold_28_units: float
    planned_28_units: float
    risk: float


@dataclass(frozen=True, slots=True)
class ProductList:
    """A page of products; `after` continues behind the last one, None when it was the last page."""

    lines: list[ProductLine]
    after: tuple[object, ...] | None
    counted: ProductCount


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: a tab, words, a category, and the places that count (empty: all)."""

    tab: str = "all"
    search: str = ""
    category: str = ""
    places: frozenset[str] = frozenset()

    @property
    def parameters(self) -> dict[str, Any]:
        words = [like_literal(text=word) for word in self.search.split()]
        return {
            "is_everywhere": not self.places,
            "places": sorted(self.places),
            "category": self.category,
            "search": self.search,
            "begins": f"{like_literal(text=self.search)}%",
            "contains": [f"%{word}%" for word in words] or ["%"],
            "review_days": settings.REORDER.review_days,
        }


def list_products(*, asked: Asked, after: tuple[object, ...] | None = None, limit: int = 50) -> ProductList:
    """The page of products behind `after`, most urgent first; a cursor that is none of ours starts from the front."""
    phase, place = _read_cursor(after)
    wanted = limit + 1
    counted, rows = _stocked(asked=asked, place=place if phase == "s" else None, limit=wanted)
    found = [] if phase == "o" else rows
    if len(found) < wanted and asked.tab not in _STOCKED_TABS:
        found = found + _others(asked=asked, place=place if phase == "o" else None, limit=wanted - len(found))
    shown = found[:limit]
    more = len(found) > limit and bool(shown)
    return ProductList(lines=[_line(row) for row in shown], after=_cursor(shown[-1]) if more else None, counted=counted)


def _stocked(
    *, asked: Asked, place: tuple[float, float, int] | None, limit: int
) -> tuple[ProductCount, list[dict[str, Any]]]:
    is_about_products = asked.search or asked.category or "product." in _TABS[asked.tab]
    query = _STOCKED.format(tab=_TABS[asked.tab], products=_OF_PRODUCTS if is_about_products else "")
    counts, rows = _ask(query=query, parameters=asked.parameters | _place(place) | {"limit": limit})
    counted = ProductCount(
        soon_count=counts["soon"],
        out_count=counts["out"],
        tab_count=counts["tab"],
        on_hand_units=counts["on_hand"] or 0.0,
        incoming_units=counts["incoming"] or 0.0,
        sold_28_units=counts["sold"] or 0.0,
        planned_28_units=counts["planned"] or 0.0,
        risk=counts["risk"] or 0.0,
    )
    return counted, rows or []


def _others(*, asked: Asked, place: tuple[float, float, int] | None, limit: int) -> list[dict[str, Any]]:
    query = _OTHERS.format(tab=_TABS[asked.tab])
    (rows,) = _ask(query=query, parameters=asked.parameters | _place(place) | {"limit": limit})
    return rows or []


def _ask(*, query: str, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, dict(parameters))
        row = cursor.fetchone()
    return tuple(row or ())


def _place(place: tuple[float, float, int] | None) -> dict[str, Any]:
    first, second, number = place or (0.0, 0.0, 0)
    return {"is_first": place is None, "first": first, "second": second, "id": number}


def _cursor(row: Mapping[str, Any]) -> tuple[object, ...]:
    return ("s" if "on_hand" in row else "o", row["first"], row["second"], row["id"])


def _read_cursor(after: tuple[object, ...] | None) -> tuple[str, tuple[float, float, int] | None]:
    match after:
        case ("s" | "o" as phase, int() | float() as first, int() | float() as second, int() as number) if (
            abs(number) < 2**62
        ):
            return str(phase), (float(first), float(second), number)
        case _:
            return "s", None


def _line(row: Mapping[str, Any]) -> ProductLine:
    return ProductLine(
        id=row["id"],
        sku=row["sku"],
        name=row["name"],
        category=row["category"],
        currency=row["currency"],
        price_minor=row["price_minor"],
        state=row["state"],
        planned_by=row["planned_by"],
        on_hand_units=row.get("on_hand"),
        free_units=row.get("free"),
        incoming_units=row.get("incoming"),
        cover_days=row.get("cover"),
        sold_28_units=row["sold"],
        planned_28_units=row["planned"],
        reorder_point_units=row.get("reorder_point"),
        demand_class=row["demand_class"] or "",
        risk=row.get("risk") or 0.0,
        is_soon=row["is_soon"],
        is_out=row["is_out"],
    )
