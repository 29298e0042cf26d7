"""Writes of orders: an order is taken whole, and taken again only when its content changed."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from reorder.domain.orders.rules import ServedRegions
from reorder.domain.storage import run_sql, without_key_checks

# New orders get their ids here, in the order of the file, so that lines can be written without looking orders up. The
# key of a merged customer stands for the one that was kept. An order that we fulfil is changed by what we do with it,
# never by a list.
_COMPARE = """
CREATE TEMP TABLE compared_order AS
SELECT given.*, coalesce(known_id, nextval(pg_get_serial_sequence('orders_order', 'id'))) AS order_id,
       known_id IS NULL AS is_new,
       known_id IS NOT NULL AND (known_hash = content_hash OR known_fulfilment = 'reorder') AS is_unchanged
FROM (
    SELECT staged.order_key, staged.first_row, staged.rows_count, staged.content_hash, staged.ordered_at,
           staged.currency, staged.is_cancelled, staged.postcode,
           coalesce(nullif(left(staged.country, 2), ''), customer.country) AS country,
           coalesce(customer.merged_into_id, customer.id) AS customer_id, known.id AS known_id,
           known.customer_id AS known_customer_id, known.ordered_at AS known_ordered_at,
           known.content_hash AS known_hash, known.fulfilment AS known_fulfilment
    FROM staged_order AS staged
    JOIN customers_customer AS customer ON customer.key = staged.customer_key
    LEFT JOIN orders_order AS known ON known.channel = %(channel)s AND known.external_id = staged.order_key
    ORDER BY staged.first_row
) AS given
"""
_COUNT = """
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new AND NOT is_unchanged),
       count(*) FILTER (WHERE is_unchanged),
       coalesce(sum(rows_count) FILTER (WHERE NOT is_unchanged), 0),
       coalesce(sum(rows_count) FILTER (WHERE is_unchanged), 0)
FROM compared_order
"""
_UPDATE_CHANGED = """
UPDATE orders_order AS known
SET customer_id = given.customer_id, ordered_at = given.ordered_at, currency = given.currency,
    state = CASE WHEN given.is_cancelled THEN 'cancelled' ELSE 'placed' END, ship_postcode = given.postcode,
    content_hash = given.content_hash, imported_at = now()
FROM compared_order AS given WHERE known.id = given.order_id AND NOT given.is_new AND NOT given.is_unchanged
"""
_DELETE_LINES = """
DELETE FROM orders_orderline AS line USING compared_order AS given
WHERE line.order_id = given.order_id AND NOT given.is_new AND NOT given.is_unchanged
"""
_ADD_ORDERS = """
INSERT INTO orders_order
    (id, channel, external_id, customer_id, ordered_at, currency, state, ship_postcode, content_hash)
OVERRIDING SYSTEM VALUE
SELECT order_id, %(channel)s, order_key, customer_id, ordered_at, currency,
       CASE WHEN is_cancelled THEN 'cancelled' ELSE 'placed' END, postcode, content_hash
FROM compared_order WHERE is_new ORDER BY order_id
"""

# Nobody can delete these while the lines that point to them are written.
_LOCK_PARENTS = (
    """SELECT FROM customers_customer WHERE id IN (SELECT customer_id FROM compared_order WHERE NOT is_unchanged)
       ORDER BY id FOR KEY SHARE""",
    """SELECT FROM catalog_product WHERE sku IN (
           SELECT sku FROM staged_line JOIN compared_order USING (order_key) WHERE NOT is_unchanged)
       ORDER BY id FOR KEY SHARE""",
)

# The place that would serve an order if stock had no end: the longest beginning of its postcode wins, then the country.
_SERVED = """
SELECT region.place_code
FROM unnest(%(countries)s::text[], %(starts)s::text[], %(places)s::text[]) AS region(country, start, place_code)
WHERE region.country IN ('', coalesce(nullif({country}, ''), %(home)s))
  AND left(upper(translate({postcode}, E' \\t-', '')), length(region.start)) = region.start
ORDER BY length(region.start) DESC, region.country DESC LIMIT 1
"""
# A line without an id of its own is known by its place in the order. A cancelled line of a live order is no demand.
_ADD_LINES = f"""
INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor, demand_place_code)
SELECT given.order_id,
       coalesce(line.line_key, (line.row_number - given.first_row + 1)
                || CASE WHEN line.row_part > 0 THEN '.' || line.row_part ELSE '' END),
       product.id, line.units_milli / 1000.0, line.unit_price_minor,
       coalesce(given.served_by, line.place, %(place)s)
FROM staged_line AS line
JOIN (
    SELECT compared_order.*, ({_SERVED.format(country="compared_order.country", postcode="compared_order.postcode")})
           AS served_by
    FROM compared_order WHERE NOT is_unchanged
) AS given USING (order_key)
JOIN catalog_product AS product ON product.sku = line.sku
WHERE given.is_cancelled OR NOT line.is_cancelled
"""  # noqa: S608 - constants of ours
_CHANGED_CUSTOMERS = """
SELECT DISTINCT customer FROM (
    SELECT customer_id AS customer FROM compared_order WHERE NOT is_unchanged
    UNION ALL SELECT known_customer_id FROM compared_order WHERE NOT is_unchanged AND known_customer_id IS NOT NULL
) AS touched ORDER BY customer
"""

_CHANGED_DATES = """
SELECT DISTINCT (moment AT TIME ZONE %(time_zone)s)::date AS date FROM (
    SELECT ordered_at AS moment FROM compared_order WHERE NOT is_unchanged
    UNION ALL SELECT known_ordered_at FROM compared_order WHERE NOT is_unchanged AND known_ordered_at IS NOT NULL
) AS touched ORDER BY date
"""

_SERVE_AGAIN = f"""
UPDATE orders_orderline AS line SET demand_place_code = served.place_code
FROM (
    SELECT o.id, ({_SERVED.format(country="customer.country", postcode="o.ship_postcode")}) AS place_code
    FROM orders_order AS o JOIN customers_customer AS customer ON customer.id = o.customer_id
) AS served
WHERE line.order_id = served.id AND served.place_code <> line.demand_place_code
"""  # noqa: S608 - constants of ours
_REASSIGN = """
UPDATE orders_order SET customer_id = %s WHERE customer_id = %s RETURNING (ordered_at AT TIME ZONE %s)::date
"""
_OUTCOMES = """
SELECT order_key, order_id,
       CASE WHEN is_new THEN 'added' WHEN is_unchanged THEN 'unchanged' ELSE 'updated' END
FROM compared_order ORDER BY first_row
"""


_NO_REGIONS = ServedRegions()


@dataclass(frozen=True, slots=True)
class TakenOrders:
    """What became of the staged orders, in orders and in rows of the file.

    `customer_ids` are those with a change, `dates` the days of the shop's calendar with one: an order that moved to
    another day changed both.
    """

    added_count: int
    updated_count: int
    unchanged_count: int
    imported_rows: int
    unchanged_rows: int
    lines_count: int
    customer_ids: list[int]
    dates: list[dt.date]


@dataclass(frozen=True, slots=True)
class TakenOrder:
    """What became of one order: added, updated or unchanged."""

    order_key: str
    order_id: int
    outcome: str


def take_orders(
    *, channel: str, default_place_code: str, time_zone: str, regions: ServedRegions = _NO_REGIONS
) -> TakenOrders:
    """Take the orders of the temporary relations `staged_order` and `staged_line` into the books.

    An order of `channel` that is known with the same content stays untouched; one with other content gets the new
    facts and lines. Customers and products must exist already. Demand belongs to the place that serves the order's
    region, whatever place a line names, for that may be where stock happened to be; where no region fits, to the place
    of the line, and without one to `default_place_code`.
    """
    with _compared(channel=channel):
        return _take(channel=channel, default_place_code=default_place_code, time_zone=time_zone, regions=regions)


def take_named_orders(
    *, channel: str, default_place_code: str, time_zone: str, regions: ServedRegions = _NO_REGIONS
) -> tuple[TakenOrders, list[TakenOrder]]:
    """As `take_orders`, with what became of every single order; for the few of one request, not for files."""
    with _compared(channel=channel), connection.cursor() as cursor:
        taken = _take(channel=channel, default_place_code=default_place_code, time_zone=time_zone, regions=regions)
        cursor.execute(_OUTCOMES)
        return taken, [TakenOrder(*row) for row in cursor.fetchall()]


def cancel_order(*, order_id: int) -> bool:
    """An order that is fulfilled elsewhere is cancelled from now on; False when it was already or is not there.

    Its content stays known: the same order sent again stays cancelled, until its content changes.
    """
    return bool(
        run_sql(
            statement="""UPDATE orders_order SET state = 'cancelled'
                         WHERE id = %s AND state = 'placed' AND fulfilment = 'elsewhere'""",
            parameters=[order_id],
        )
    )


@contextmanager
def _compared(*, channel: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, {"channel": channel})
        cursor.execute("ANALYZE compared_order")
        yield
        cursor.execute("DROP TABLE compared_order")


def _take(
    *, channel: str, default_place_code: str, time_zone: str, regions: ServedRegions = _NO_REGIONS
) -> TakenOrders:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        added, updated, unchanged, imported_rows, unchanged_rows = cursor.fetchone()
        cursor.execute(_CHANGED_CUSTOMERS)
        customer_ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(_CHANGED_DATES, {"time_zone": time_zone})
        dates = [row[0] for row in cursor.fetchall()]
        lines = 0
        if added + updated:
            lines = _write_changes(channel=channel, default_place_code=default_place_code, regions=regions)
    return TakenOrders(
        added_count=added,
        updated_count=updated,
        unchanged_count=unchanged,
        imported_rows=int(imported_rows),
        unchanged_rows=int(unchanged_rows),
        lines_count=lines,
        customer_ids=customer_ids,
        dates=dates,
    )


def _write_changes(*, channel: str, default_place_code: str, regions: ServedRegions) -> int:
    """Write new and changed orders of `compared_order`; returns the number of lines written."""
    run_sql(statement=_DELETE_LINES)
    run_sql(statement=_UPDATE_CHANGED)
    for statement in _LOCK_PARENTS:
        run_sql(statement=statement)
    with without_key_checks():
        run_sql(statement=_ADD_ORDERS, parameters={"channel": channel})
        return run_sql(statement=_ADD_LINES, parameters={"place": default_place_code} | _arrays(regions))


def reassign_orders(*, from_customer_id: int, to_customer_id: int, time_zone: str) -> list[dt.date]:
    """Give all orders of one customer to another, whom the caller has locked with the first.

    Returns the day of the shop's calendar of each order. Their content stays known: the same order sent again under
    the old customer's key changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REASSIGN, [to_customer_id, from_customer_id, time_zone])
        return [row[0] for row in cursor.fetchall()]


def serve_past_orders(*, regions: ServedRegions) -> int:
    """Give the lines of all orders in one of these regions to the place that serves it; returns how many moved.

    An order keeps no country of its own: that of its customer counts.
    """
    return run_sql(statement=_SERVE_AGAIN, parameters=_arrays(regions)) if regions.rows else 0


def _arrays(regions: ServedRegions) -> dict[str, object]:
    return {
        "countries": [one.country for one in regions.rows],
        "starts": [one.postcode_start for one in regions.rows],
        "places": [one.place_code for one in regions.rows],
        "home": regions.home_country,
    }


def assign_demand_places(*, default_place_code: str) -> int:
    """Give every order line that belongs to no place yet to `default_place_code`; returns how many lines moved."""
    return run_sql(
        statement="UPDATE orders_orderline SET demand_place_code = %s WHERE demand_place_code = ''",
        parameters=[default_place_code],
    )
