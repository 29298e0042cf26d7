"""Who bought since a moment of their own: asked for many people by one statement."""

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from reorder.domain.catalog.rules import SUBJECT_SQL
from reorder.domain.storage import fetch_prepared

_BOUGHT: Final = f"""
SELECT given.place
FROM jsonb_to_recordset(%(asked)s::jsonb) AS given(place integer, customer_id bigint, since timestamptz, goods jsonb)
WHERE EXISTS (
    SELECT FROM orders_order AS o
    WHERE o.customer_id = given.customer_id AND o.ordered_at > given.since AND o.state NOT IN ('draft', 'cancelled')
      AND (given.goods IS NULL OR EXISTS (
        SELECT FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
        LEFT JOIN catalog_category AS category ON category.id = product.category_id
        WHERE line.order_id = o.id AND (given.goods ? product.sku OR given.goods ? ({SUBJECT_SQL})))))
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceWhen:
    """A customer and a moment; `goods` are SKUs or planning subjects of which one must have been bought, None: any."""

    customer_id: int
    since: dt.datetime
    goods: Collection[str] | None = field(default=None)


def list_bought_since(*, asked: Sequence[SinceWhen]) -> set[int]:
    """Places in `asked` of those who have bought since; cancelled orders count for nothing."""
    if not asked:
        return set()
    rows = [
        {
            "place": place,
            "customer_id": one.customer_id,
            "since": one.since.isoformat(),
            "goods": None if one.goods is None else sorted(one.goods),
        }
        for place, one in enumerate(asked)
    ]
    return {row[0] for row in fetch_prepared(statement=_BOUGHT, parameters={"asked": json.dumps(rows)})}
