"""Reads of orders: the frames that planning loads."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl
from django.db.models import Max, Min

from reorder.domain.catalog.rules import BUNDLE_LEAVES_SQL, SUBJECT_SQL
from reorder.domain.orders.models import Order
from reorder.domain.storage import read_frame
from reorder.kernel.money import minor_digits

# `ordered_at` is the wall clock of the shop: the engine knows no time zones, so its days must be the shop's days.
_LINES = f"""
SELECT o.customer_id, o.id AS order_id, (o.ordered_at AT TIME ZONE {{time_zone}}) AS ordered_at,
       {SUBJECT_SQL} AS sku, line.units::float8 AS quantity,
       CASE WHEN o.currency = product.currency THEN line.unit_price_minor END AS unit_price_minor,
       o.currency, category.code AS category
FROM orders_orderline AS line
JOIN orders_order AS o ON o.id = line.order_id
JOIN catalog_product AS product ON product.id = line.product_id
LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE o.state NOT IN ('draft', 'cancelled')
  AND o.ordered_at < ({{before_date}}::date::timestamp AT TIME ZONE {{time_zone}})
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours
# A hash of the number, so that a sample holds the same customers every time.
OF_SOME_CUSTOMERS = " AND abs(hashint8(o.customer_id)::bigint) % 1000 < {customers_permille}"
# Nobody keeps a bundle on a shelf: what is bought of it is demand for what it is made of.
_DAILY = f"""{BUNDLE_LEAVES_SQL}
SELECT {SUBJECT_SQL} AS sku, line.demand_place_code AS place, (o.ordered_at AT TIME ZONE {{time_zone}})::date AS date,
       sum(line.units * coalesce(leaf.units, 1))::float8 AS units
FROM orders_orderline AS line
JOIN orders_order AS o ON o.id = line.order_id
LEFT JOIN leaf ON leaf.product_id = line.product_id
JOIN catalog_product AS product ON product.id = coalesce(leaf.component_id, line.product_id)
LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE o.state NOT IN ('draft', 'cancelled')
  AND o.ordered_at >= ({{from_date}}::date::timestamp AT TIME ZONE {{time_zone}})
  AND o.ordered_at < ({{before_date}}::date::timestamp AT TIME ZONE {{time_zone}})
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours

# A bundle shows what was sold of itself, its components what they went out in.
_BY_PRODUCT = f"""{BUNDLE_LEAVES_SQL}, taken(product_id, component_id, units) AS (
    SELECT product_id, component_id, units FROM leaf UNION ALL SELECT DISTINCT product_id, product_id, 1 FROM leaf
)
SELECT coalesce(taken.component_id, line.product_id) AS product_id, line.demand_place_code AS place,
       sum(line.units * coalesce(taken.units, 1))::float8 AS units
FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
LEFT JOIN taken ON taken.product_id = line.product_id
WHERE o.state NOT IN ('draft', 'cancelled')
  AND o.ordered_at >= ({{from_date}}::date::timestamp AT TIME ZONE {{time_zone}})
  AND o.ordered_at < ({{before_date}}::date::timestamp AT TIME ZONE {{time_zone}})
GROUP BY 1, 2
"""  # noqa: S608 - BUNDLE_LEAVES_SQL is a constant of ours
_PURCHASES_SINCE = f"""
SELECT o.customer_id, {SUBJECT_SQL} AS sku, max((o.ordered_at AT TIME ZONE {{time_zone}})::date) AS bought_date
FROM orders_order AS o
JOIN orders_orderline AS line ON line.order_id = o.id
JOIN catalog_product AS product ON product.id = line.product_id
LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE o.state NOT IN ('draft', 'cancelled') AND o.customer_id = ANY({{customer_ids}}::bigint[])
  AND o.ordered_at >= ({{from_date}}::date::timestamp AT TIME ZONE {{time_zone}})
GROUP BY 1, 2
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours
_FAVOURITES = f"""
SELECT DISTINCT ON (customer_id, sku) customer_id, sku, product_id
FROM (
    SELECT o.customer_id, {SUBJECT_SQL} AS sku, line.product_id, count(*) AS lines_count, max(o.ordered_at) AS last_at
    FROM orders_order AS o
    JOIN orders_orderline AS line ON line.order_id = o.id
    JOIN catalog_product AS product ON product.id = line.product_id AND product.planned_by = 'category'
         AND product.state = 'active'
    JOIN catalog_category AS category ON category.id = product.category_id
    WHERE o.state NOT IN ('draft', 'cancelled') AND o.customer_id = ANY({{customer_ids}}::bigint[])
    GROUP BY 1, 2, 3
) AS counted
ORDER BY customer_id, sku, lines_count DESC, last_at DESC, product_id
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours


def frame_order_lines(*, before_date: dt.date, time_zone: str, customers_permille: int | None = None) -> pl.DataFrame:
    """The engine's ORDER_LINES: all lines of live orders before a day of the shop's calendar.

    `sku` is the planning subject; `ordered_at` is the shop's wall clock carried as UTC, so that dates taken from it
    are the shop's; `unit_price` is in major units of the one currency that most lines are priced in, null for lines in
    another one: there is no exchange rate, and amounts of two currencies make no sum. With `customers_permille` only
    the lines of so many customers of a thousand, the same ones every time.
    """
    parameters: dict[str, object] = {"before_date": before_date, "time_zone": time_zone}
    query = _LINES
    if customers_permille is not None:
        query, parameters["customers_permille"] = _LINES + OF_SOME_CUSTOMERS, customers_permille
    lines = read_frame(query=query, parameters=parameters)
    priced = lines.filter(pl.col("unit_price_minor").is_not_null())["currency"].value_counts()
    usual = priced.sort("count", "currency", descending=[True, False])["currency"].to_list()[:1]
    digits = minor_digits(currency=usual[0]) if usual else 0
    return lines.select(
        pl.col("customer_id").cast(pl.String),
        pl.col("order_id").cast(pl.String),
        pl.col("ordered_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        "sku",
        "quantity",
        pl.when(pl.col("currency").is_in(usual)).then(pl.col("unit_price_minor") / 10.0**digits).alias("unit_price"),
        "category",
    )


def frame_daily_units(*, from_date: dt.date, before_date: dt.date, time_zone: str) -> pl.DataFrame:
    """Units sold per planning subject, demand place and day of the shop's calendar: sku, place, date, units.

    Bundles count as what they are made of.
    """
    parameters = {"from_date": from_date, "before_date": before_date, "time_zone": time_zone}
    return read_frame(query=_DAILY, parameters=parameters)


def frame_units_by_product(*, from_date: dt.date, before_date: dt.date, time_zone: str) -> pl.DataFrame:
    """Units sold of each single product at each demand place, within bundles too: product_id, place, units."""
    parameters = {"from_date": from_date, "before_date": before_date, "time_zone": time_zone}
    return read_frame(query=_BY_PRODUCT, parameters=parameters)


def frame_purchases_since(*, customer_ids: Sequence[int], from_date: dt.date, time_zone: str) -> pl.DataFrame:
    """The latest day on or after `from_date` on which each customer bought each subject.

    Columns: customer_id, sku (the subject), bought_date.
    """
    parameters = {"customer_ids": list(customer_ids), "from_date": from_date, "time_zone": time_zone}
    return read_frame(query=_PURCHASES_SINCE, parameters=parameters)


def frame_favourite_products(*, customer_ids: Sequence[int]) -> pl.DataFrame:
    """Of each category planned as a whole, the active product each customer bought most often, the latest on ties.

    Columns: customer_id, sku (the category's subject), product_id.
    """
    return read_frame(query=_FAVOURITES, parameters={"customer_ids": list(customer_ids)})


def first_and_last_order_date(*, time_zone: str = "UTC") -> tuple[dt.date, dt.date] | None:
    """The first and last day with a live order, on the calendar of `time_zone`; None without orders."""
    found = Order.objects.exclude(state__in=["draft", "cancelled"]).aggregate(
        first=Min("ordered_at"), last=Max("ordered_at")
    )
    if found["first"] is None:
        return None
    zone = ZoneInfo(time_zone)
    return found["first"].astimezone(zone).date(), found["last"].astimezone(zone).date()
