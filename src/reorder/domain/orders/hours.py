"""At which hours customers order, on their own clocks."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from reorder.domain.storage import read_frame

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


def frame_order_hours(*, customer_ids: Sequence[int], since: dt.datetime, time_zone: str) -> pl.DataFrame:
    """Orders since a moment by the hour of each customer's own clock (the shop's where the customer's is not known).

    Columns: customer_id (String), hour (0–23), orders_count, time_zone? (null: the shop's).
    """
    return read_frame(
        query=_HOURS, parameters={"customer_ids": list(customer_ids), "since": since, "time_zone": time_zone}
    )
