"""What was really ordered in a span of days, for a replay to be held against."""

import datetime as dt
from typing import Final

import polars as pl
from django.conf import settings

from reorder.domain.storage import minor_in_major, read_frame

_BOUGHT: Final = """
SELECT bought.currency, count(*)::bigint AS lines_count, sum(line.ordered_units)::float8 AS units,
       sum(line.ordered_units * line.unit_cost_minor)::float8 AS minor
FROM purchasing_purchaseorder AS bought
JOIN purchasing_purchaseorderline AS line ON line.order_id = bought.id
WHERE bought.state <> 'cancelled'
  AND (bought.placed_at AT TIME ZONE {time_zone})::date BETWEEN {from_date}::date AND {until_date}::date
GROUP BY bought.currency ORDER BY bought.currency
"""


def frame_bought(*, from_date: dt.date, until_date: dt.date) -> pl.DataFrame:
    """Lines of purchase orders placed from one day to another: currency, lines_count, units, value (major units)."""
    found = read_frame(
        query=_BOUGHT,
        parameters={"from_date": from_date, "until_date": until_date, "time_zone": settings.REORDER.time_zone},
    )
    return found.select(
        "currency",
        "lines_count",
        "units",
        (pl.col("minor") / minor_in_major(table=found)).alias("value"),
    )
