"""How many parcels places have to send on which day, as far as that is decided."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from reorder.domain.storage import fetch_prepared

_DUE: Final = """
SELECT place.code, (fulfilment.ship_by_at AT TIME ZONE %(time_zone)s::text)::date, count(*)
FROM warehouse_fulfilmentorder AS fulfilment JOIN inventory_place AS place ON place.id = fulfilment.place_id
WHERE place.code = ANY(%(places)s::text[]) AND fulfilment.ship_by_at >= %(since)s::timestamptz
  AND fulfilment.state <> 'cancelled'
GROUP BY 1, 2
"""


def count_due_parcels(
    *, place_codes: Sequence[str], since: dt.datetime, time_zone: str
) -> dict[tuple[str, dt.date], int]:
    """Parcels by place and day (of `time_zone`) that must be ready at `since` or later; those sent already count."""
    given = {"places": list(place_codes), "since": since, "time_zone": time_zone}
    return {(place, day): count for place, day, count in fetch_prepared(statement=_DUE, parameters=given)}
