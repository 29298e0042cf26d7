"""Orders that wait for the day that their customer asked for."""

import datetime as dt

from reorder.domain.storage import fetch_prepared


def list_wanted_orders(*, until_date: dt.date, limit: int) -> list[int]:
    """Orders that still wait though their day has come, by their numbers."""
    rows = fetch_prepared(
        statement="""
        SELECT id FROM orders_order
        WHERE hold_reasons @> ARRAY['requested_date']::text[] AND not_before_date <= %(until)s::date
          AND state IN ('draft', 'placed', 'allocated', 'released', 'picked', 'packed')
        ORDER BY id LIMIT %(limit)s::bigint""",
        parameters={"until": until_date, "limit": limit},
    )
    return [int(row[0]) for row in rows]
