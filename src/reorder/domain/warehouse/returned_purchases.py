"""Takes what came back off the purchases that are counted: a returned product is no sign of a happy rhythm.

`orders.purchases` lays purchases out in the temporary table `bought`; what of them came back is subtracted there, and a
purchase of which nothing was kept is none. What is counted stays a pure function of orders and returns, so counting
again and counting everything give the same (tested).
"""

from typing import Final

from reorder.domain.catalog.rules import SUBJECT_SQL
from reorder.domain.storage import run_sql
from reorder.kernel.money import minor_digits

# Goods that are here: what is only announced may never come.
_CAME: Final = "('received', 'inspected', 'closed')"
_TAKE_OFF: Final = f"""
WITH back AS (
    SELECT o.customer_id, {SUBJECT_SQL} AS subject, (o.ordered_at AT TIME ZONE %(time_zone)s)::date AS date,
           sum(came.received_units)::float8 AS units,
           coalesce(sum(came.received_units * line.unit_price_minor)
                    FILTER (WHERE o.currency = product.currency AND o.currency = %(currency)s), 0)::float8
           / %(minor_a_major)s AS value
    FROM warehouse_return AS of_return
    JOIN warehouse_returnline AS came ON came.of_return_id = of_return.id AND came.received_units > 0
    JOIN orders_orderline AS line ON line.id = came.order_line_id
    JOIN orders_order AS o ON o.id = line.order_id
    JOIN catalog_product AS product ON product.id = line.product_id
    LEFT JOIN catalog_category AS category ON category.id = product.category_id
    WHERE of_return.state IN {_CAME}
    GROUP BY 1, 2, 3
)
UPDATE bought SET units = round((bought.units - back.units)::numeric, 3)::float8,
                  value = greatest(round((bought.value - back.value)::numeric, 6)::float8, 0)
FROM back WHERE bought.customer_id = back.customer_id AND bought.subject = back.subject AND bought.date = back.date
"""  # noqa: S608 - constants of ours


def take_returned_off_bought(*, time_zone: str, currency: str) -> int:
    """Subtract returned units and their value from `bought`; returns how many of its rows changed.

    Part of the caller's transaction, after the purchases were laid out.
    """
    digits = minor_digits(currency=currency) if currency else 0
    given = {"time_zone": time_zone, "currency": currency, "minor_a_major": 10**digits}
    changed = run_sql(statement=_TAKE_OFF, parameters=given)
    if changed:
        run_sql(statement="DELETE FROM bought WHERE units <= 0")
    return changed
