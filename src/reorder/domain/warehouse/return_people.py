"""Who waits for the end of a return."""

import datetime as dt
from typing import Final

from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.return_rules import ENDED

_OPEN: Final = """
SELECT placed.customer_id, min(came.opened_at)
FROM warehouse_return AS came JOIN orders_order AS placed ON placed.id = came.order_id
WHERE came.state <> ALL(%(ended)s::text[]) AND came.opened_at > %(since)s::timestamptz
  AND placed.customer_id IS NOT NULL
GROUP BY placed.customer_id
"""


def list_customers_with_returns(*, since: dt.datetime) -> dict[int, dt.datetime]:
    """Customers with a return that was opened after `since` and has not ended, and since when the oldest is open."""
    return dict(fetch_prepared(statement=_OPEN, parameters={"ended": list(ENDED), "since": since}))
