"""How much of what was sold comes back, why, and what it costs: by product, with the interval that few sales leave.

Sold are units of orders of ours that left within the span; returned are units of them that came back. The interval is
Wilson's (Wilson 1927; Brown, Cai and DasGupta 2001) of 95 %, with units as trials.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.insights.intervals import wilson_interval
from reorder.insights.reading import read_rows

SPAN_DAYS: Final = 365
# Fewer sold units say nothing about a rate.
FEW_UNITS: Final = 20
_CAME: Final = "('received', 'inspected', 'closed')"
_RETURNED: Final = f"""
SELECT line.product_id, sum(came.received_units)::float8 AS units, sum(came.refund_minor)::bigint AS value_minor,
       count(DISTINCT of_return.id) AS returns_count
FROM warehouse_returnline AS came
JOIN warehouse_return AS of_return ON of_return.id = came.of_return_id AND of_return.state IN {_CAME}
JOIN orders_orderline AS line ON line.id = came.order_line_id
JOIN orders_order AS o ON o.id = line.order_id
WHERE came.received_units > 0 AND o.ordered_at >= %(since)s {{where}}
GROUP BY 1
"""  # noqa: S608 - constants of ours
_REASONS: Final = f"""
SELECT line.product_id, of_return.reason, sum(came.received_units)::float8 AS units
FROM warehouse_returnline AS came
JOIN warehouse_return AS of_return ON of_return.id = came.of_return_id AND of_return.state IN {_CAME}
JOIN orders_orderline AS line ON line.id = came.order_line_id
JOIN orders_order AS o ON o.id = line.order_id
WHERE came.received_units > 0 AND o.ordered_at >= %(since)s {{where}}
GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""  # noqa: S608 - constants of ours
_SOLD: Final = """
SELECT line.product_id, sum(line.units)::float8 AS units
FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
WHERE line.product_id = ANY(%(ids)s::bigint[]) AND o.fulfilment = 'reorder' AND o.state IN ('shipped', 'delivered')
  AND o.ordered_at >= %(since)s
GROUP BY 1
"""
_SCRAPPED: Final = """
SELECT piece.product_id, sum(piece.units * coalesce(product.unit_cost_minor, 0))::bigint AS cost_minor
FROM warehouse_returnpiece AS piece JOIN catalog_product AS product ON product.id = piece.product_id
WHERE piece.disposition = 'scrap' AND piece.graded_at >= %(since)s AND piece.product_id = ANY(%(ids)s::bigint[])
GROUP BY 1
"""
_NAMES: Final = """
SELECT id AS product_id, sku, name, currency FROM catalog_product WHERE id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRate:
    """What came back of a product: share with its 95 % interval, units by reason, and money in minor units.

    `value_minor` was given back for goods (or settled otherwise), `scrapped_minor` is the cost of what was thrown away.
    """

    product_id: int
    sku: str
    name: str
    currency: str
    sold_units: float
    returned_units: float
    returns_count: int
    share: float
    low_share: float
    high_share: float
    reasons: Sequence[tuple[str, float]]
    value_minor: int
    scrapped_minor: int

    @property
    def says_little(self) -> bool:
        """Too few were sold to compare it with others."""
        return self.sold_units < FEW_UNITS

    @property
    def lost_minor(self) -> int:
        """What it cost, as far as we know."""
        return self.value_minor + self.scrapped_minor


def find_return_rate(*, product_id: int, moment: dt.datetime) -> ReturnRate | None:
    """What came back of one product within a year; None where nothing did."""
    found = _rates(
        where="AND line.product_id = %(product_id)s::bigint", given={"product_id": product_id}, moment=moment
    )
    return found[0] if found else None


def list_return_rates(*, moment: dt.datetime, limit: int = 100) -> list[ReturnRate]:
    """Products of which something came back within a year, those that cost most first."""
    found = _rates(where="", given={}, moment=moment)
    return sorted(found, key=lambda one: (-one.lost_minor, -one.share, one.sku))[:limit]


def _rates(*, where: str, given: Mapping[str, Any], moment: dt.datetime) -> list[ReturnRate]:
    asked = {"since": moment - dt.timedelta(days=SPAN_DAYS), **given}
    returned = read_rows(statement=_RETURNED.format(where=where), parameters=asked)
    if not returned:
        return []
    asked["ids"] = [row["product_id"] for row in returned]
    reasons: dict[int, list[tuple[str, float]]] = {}
    for row in read_rows(statement=_REASONS.format(where=where), parameters=asked):
        reasons.setdefault(row["product_id"], []).append((row["reason"], row["units"]))
    sold = {row["product_id"]: row["units"] for row in read_rows(statement=_SOLD, parameters=asked)}
    scrapped = {row["product_id"]: row["cost_minor"] for row in read_rows(statement=_SCRAPPED, parameters=asked)}
    names = {row["product_id"]: row for row in read_rows(statement=_NAMES, parameters=asked)}
    rates = []
    for row in returned:
        product_id, units = row["product_id"], row["units"]
        trials = max(sold.get(product_id, 0.0), units)
        low, high = wilson_interval(successes=units, trials=trials)
        rates.append(
            ReturnRate(
                **{name: names[product_id][name] for name in ("product_id", "sku", "name", "currency")},
                sold_units=trials,
                returned_units=units,
                returns_count=row["returns_count"],
                share=units / trials,
                low_share=low,
                high_share=high,
                reasons=reasons.get(product_id, []),
                value_minor=row["value_minor"],
                scrapped_minor=scrapped.get(product_id, 0),
            )
        )
    return rates
