"""Which orders have something at a place that can still go from elsewhere; read without locks."""

from collections.abc import Sequence
from typing import Final

from reorder.domain.storage import fetch_prepared

_AT_PLACE: Final = """
SELECT DISTINCT fulfilment.order_id
FROM warehouse_fulfilmentorder AS fulfilment JOIN inventory_place AS place ON place.id = fulfilment.place_id
WHERE place.code = %(place)s::text AND fulfilment.state = ANY(%(states)s::text[])
  AND fulfilment.state NOT IN ('shipped', 'delivered', 'cancelled') AND fulfilment.order_id > %(after)s::bigint
ORDER BY fulfilment.order_id LIMIT %(limit)s::int
"""
_UNRELEASED: Final = """
SELECT fulfilment.order_id FROM warehouse_fulfilmentorder AS fulfilment
WHERE fulfilment.state NOT IN ('shipped', 'delivered', 'cancelled') AND fulfilment.order_id > %(after)s::bigint
GROUP BY fulfilment.order_id HAVING bool_and(fulfilment.state = 'allocated')
ORDER BY fulfilment.order_id LIMIT %(limit)s::int
"""


def list_orders_at(*, place_code: str, states: Sequence[str], after: int = 0, limit: int = 500) -> list[int]:
    """Orders with a fulfilment order in one of `states` at a place, by number, those after `after`."""
    given = {"place": place_code, "states": list(states), "after": after, "limit": limit}
    return [row[0] for row in fetch_prepared(statement=_AT_PLACE, parameters=given)]


def list_unreleased_orders(*, after: int = 0, limit: int) -> list[int]:
    """Orders all of whose live parcels are promised and in nobody's hands yet, by number, those after `after`."""
    given = {"after": after, "limit": limit}
    return [row[0] for row in fetch_prepared(statement=_UNRELEASED, parameters=given)]
