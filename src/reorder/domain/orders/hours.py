"""At which hours customers order, on their own clocks."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache

import polars as pl

from reorder.domain.storage import fetch_prepared, read_frame

# A time zone that PostgreSQL does not know counts as none. Orders of midnight sharp are those of files that know days
# only, so they say nothing of an hour.
_HOURS = """
SELECT o.customer_id::text AS customer_id,
       extract(hour FROM o.ordered_at AT TIME ZONE coalesce(zone.name, {time_zone}))::bigint AS hour,
       count(*)::float8 AS orders_count, zone.name AS time_zone
FROM orders_order AS o
JOIN customers_customer AS customer ON customer.id = o.customer_id
LEFT JOIN pg_timezone_names AS zone ON zone.name = customer.time_zone AND customer.time_zone <> ''
WHERE o.state NOT IN ('draft', 'cancelled')
  AND o.customer_id = ANY({customer_ids}::bigint[]) AND o.ordered_at >= {since}
  AND (o.ordered_at AT TIME ZONE {time_zone})::time <> '00:00'
GROUP BY 1, 2, 4
"""
_HOURS_OF = """
SELECT o.customer_id, extract(hour FROM o.ordered_at AT TIME ZONE asked.zone)::int, count(*)::float8
FROM unnest(%(ids)s::bigint[], %(zones)s::text[]) AS asked (id, zone)
JOIN orders_order AS o ON o.customer_id = asked.id
WHERE o.state NOT IN ('draft', 'cancelled') AND o.ordered_at >= %(since)s::timestamptz
  AND (o.ordered_at AT TIME ZONE %(time_zone)s::text)::time <> '00:00'
GROUP BY 1, 2
"""


def frame_order_hours(*, customer_ids: Sequence[int], since: dt.datetime, time_zone: str) -> pl.DataFrame:
    """Orders since a moment by the hour of each customer's own clock (the shop's where the customer's is not known).

    Columns: customer_id (String), hour (0–23), orders_count, time_zone? (null: the shop's).
    """
    return read_frame(
        query=_HOURS, parameters={"customer_ids": list(customer_ids), "since": since, "time_zone": time_zone}
    )


def list_order_hours(*, zones: Mapping[int, str], since: dt.datetime, time_zone: str) -> list[tuple[int, int, float]]:
    """As `frame_order_hours`, within the open transaction: (customer, hour, orders) by the zones that are given.

    For lots of people, many times an hour: no connection of its own, and no list of all zones each time.
    """
    known = _known_zones()
    given = {
        "ids": list(zones),
        "zones": [zone if zone in known else time_zone for zone in zones.values()],
        "since": since,
        "time_zone": time_zone,
    }
    return [(row[0], row[1], row[2]) for row in fetch_prepared(statement=_HOURS_OF, parameters=given)]


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    return frozenset(row[0] for row in fetch_prepared(statement="SELECT name FROM pg_timezone_names", parameters={}))
