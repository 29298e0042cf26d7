"""Lays purchases out for counting: what each customer bought of each planning subject on each day of the shop.

The temporary table `bought` (customer_id, subject, date, units, value) is filled from live order lines, one row a key
of the first three; another room counts from it in the same transaction. `value` is in major units of one currency,
zero where a line is priced in another one or not at all.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from reorder.domain.catalog.rules import SUBJECT_SQL
from reorder.domain.storage import run_sql
from reorder.kernel.money import minor_digits

# Units have three decimals, prices are whole: rounding takes away what summing floats in any order leaves.
_BOUGHT: Final = f"""
CREATE TEMP TABLE bought ON COMMIT DROP AS
SELECT o.customer_id, {SUBJECT_SQL} AS subject, (o.ordered_at AT TIME ZONE %(time_zone)s)::date AS date,
       round(sum(line.units::float8) * 1000) / 1000 AS units,
       round(coalesce(sum(line.units::float8 * line.unit_price_minor)
                      FILTER (WHERE o.currency = product.currency AND o.currency = %(currency)s), 0) * 1000)
       / (1000 * %(minor_a_major)s) AS value
FROM {{source}}
JOIN orders_orderline AS line ON line.order_id = o.id
JOIN catalog_product AS product ON product.id = line.product_id
LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE o.state NOT IN ('draft', 'cancelled')
  AND o.ordered_at < ((%(until_date)s::date + 1)::timestamp AT TIME ZONE %(time_zone)s)
      {{condition}}
GROUP BY 1, 2, 3
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours
_ON_DAYS: Final = """unnest(%(dates)s::date[]) AS day
    JOIN orders_order AS o ON o.ordered_at >= (day::timestamp AT TIME ZONE %(time_zone)s)
        AND o.ordered_at < ((day + 1)::timestamp AT TIME ZONE %(time_zone)s)"""

# Nearly every shop has one currency: only otherwise are lines counted.
_CURRENCIES: Final = "SELECT DISTINCT currency FROM catalog_product ORDER BY currency LIMIT 2"
_USUAL_CURRENCY: Final = """
SELECT o.currency FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
JOIN catalog_product AS product ON product.id = line.product_id
WHERE o.state NOT IN ('draft', 'cancelled') AND o.currency = product.currency AND line.unit_price_minor IS NOT NULL
GROUP BY o.currency ORDER BY count(*) DESC, o.currency LIMIT 1
"""
_AHEAD: Final = """
SELECT DISTINCT customer_id FROM orders_order WHERE state NOT IN ('draft', 'cancelled')
AND ordered_at >= ((%(until_date)s::date + 1)::timestamp AT TIME ZONE %(time_zone)s) ORDER BY customer_id
"""
_BUYERS: Final = """
SELECT DISTINCT o.customer_id FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
WHERE line.product_id = ANY(%(product_ids)s::bigint[]) ORDER BY o.customer_id
"""
_SOLD_DATES: Final = """
SELECT DISTINCT (o.ordered_at AT TIME ZONE %(time_zone)s)::date AS date
FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
WHERE line.product_id = ANY(%(product_ids)s::bigint[]) ORDER BY date
"""


def find_usual_currency() -> str:
    """The currency in which most lines are priced, in which alone money is summed; empty without products."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENCIES)
        found = [row[0] for row in cursor.fetchall()]
        if len(found) > 1:
            cursor.execute(_USUAL_CURRENCY)
            found = [row[0] for row in cursor.fetchall()] or found
    return str(found[0]) if found else ""


def find_only_currency() -> str | None:
    """The one currency of all products; None where there are none or several."""
    found = _column(_CURRENCIES, {})
    return str(found[0]) if len(found) == 1 else None


def lay_out_purchases_of(*, customer_ids: Sequence[int], until_date: dt.date, time_zone: str, currency: str) -> None:
    """Fill `bought` with all purchases of these customers up to and with `until_date`."""
    _lay_out(
        source="orders_order AS o",
        condition="AND o.customer_id = ANY(%(customer_ids)s::bigint[])",
        until_date=until_date,
        time_zone=time_zone,
        currency=currency,
        further={"customer_ids": list(customer_ids)},
    )


def lay_out_purchases_within(
    *, from_customer_id: int, until_customer_id: int, until_date: dt.date, time_zone: str, currency: str
) -> None:
    """Fill `bought` with all purchases of the customers of a stretch of ids, both ends included."""
    _lay_out(
        source="orders_order AS o",
        condition="AND o.customer_id BETWEEN %(from_id)s AND %(until_id)s",
        until_date=until_date,
        time_zone=time_zone,
        currency=currency,
        further={"from_id": from_customer_id, "until_id": until_customer_id},
    )


def lay_out_purchases_on(*, dates: Sequence[dt.date], until_date: dt.date, time_zone: str, currency: str) -> None:
    """Fill `bought` with the purchases of all customers on these days of the shop's calendar."""
    _lay_out(
        source=_ON_DAYS,
        condition="",
        until_date=until_date,
        time_zone=time_zone,
        currency=currency,
        further={"dates": sorted(set(dates))},
    )


def list_customers_ahead(*, until_date: dt.date, time_zone: str) -> list[int]:
    """Customers with an order after `until_date`, dated by a wrong clock: to be counted when that day has come."""
    return _column(_AHEAD, {"until_date": until_date, "time_zone": time_zone})


def list_buyers(*, product_ids: Sequence[int]) -> list[int]:
    """Everybody who ever ordered one of these products."""
    return _column(_BUYERS, {"product_ids": list(product_ids)})


def list_sold_dates(*, product_ids: Sequence[int], time_zone: str) -> list[dt.date]:
    """The days of the shop's calendar on which one of these products was ordered."""
    return _column(_SOLD_DATES, {"product_ids": list(product_ids), "time_zone": time_zone})


def count_order_lines() -> int:
    """All order lines there are."""
    return int(_column("SELECT count(*) FROM orders_orderline", {})[0])


def find_customer_range() -> tuple[int, int] | None:
    """The lowest and the highest id of a customer with an order; None without orders."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(customer_id), max(customer_id) FROM orders_order")
        low, high = cursor.fetchone()
    return None if low is None else (int(low), int(high))


def _lay_out(
    *, source: str, condition: str, until_date: dt.date, time_zone: str, currency: str, further: dict[str, Any]
) -> None:
    digits = minor_digits(currency=currency) if currency else 0
    known = {"until_date": until_date, "time_zone": time_zone, "currency": currency, "minor_a_major": 10**digits}
    run_sql(statement="DROP TABLE IF EXISTS bought")
    run_sql(statement=_BOUGHT.format(source=source, condition=condition), parameters=known | further)
    run_sql(statement="ANALYZE bought")


def _column(statement: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
