"""Settles staged rows: what contradicts itself across rows is refused, and an order is taken whole or not at all.

Leaves temporary relations that the rooms take their rows from, until `drop_settled`: `staged_line` (view of the
import's order lines), `staged_order`, `staged_customer`, `staged_product`; `staged_product_row`; `staged_stock`;
`staged_event`.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl
from django.db import connection

from reorder.domain.customers.privacy import rekey_erased_orders
from reorder.domain.storage import copy_frame, run_sql

_VIEW = "CREATE TEMP VIEW {name} AS SELECT * FROM {table} WHERE import_id = {import_id}"

# A block is a run of rows that spells one order; the first block of an order counts, later ones are refused.
_REFUSE_REPEATED = """
WITH first AS (
    SELECT order_key, min(block_row) AS block_row FROM staged_line WHERE block_row > 0
    GROUP BY order_key HAVING min(block_row) < max(block_row)
), gone AS (
    DELETE FROM channels_stagedorders AS line USING first
    WHERE line.import_id = %(id)s AND line.order_key = first.order_key AND line.block_row > first.block_row
    RETURNING line.row_number, line.order_key, first.block_row
)
INSERT INTO channels_stagedrefusal (import_id, row_number, order_key, column_name, value, reason_code, detail)
SELECT DISTINCT %(id)s, row_number, NULL, 'order', order_key, 'order.repeated', block_row::text FROM gone
"""

# The hash does not depend on the order of lines: the same lines in another order are the same order.
_ORDERS = """
CREATE TEMP TABLE staged_order AS
SELECT order_key, min(row_number) AS first_row, count(*) FILTER (WHERE row_part = 0) AS rows_count,
       min(customer_key) AS customer_key, max(customer_key) AS other_customer_key,
       min(currency) AS currency, max(currency) AS other_currency,
       max(customer_name) AS customer_name, max(email) AS email, bool_or(accepts_marketing) AS accepts_marketing,
       max(language) AS language, max(country) AS country, coalesce(max(postcode), '') AS postcode,
       min(ordered_at) AS ordered_at, bool_and(is_cancelled) AS is_cancelled,
       md5(concat_ws('|', min(ordered_at), min(customer_key), min(currency), max(postcode),
           sum(hashtextextended(concat_ws('|', line_key, sku, units_milli, unit_price_minor, is_cancelled, place), 0)
       ))) AS content_hash
FROM staged_line GROUP BY order_key
"""

_REFUSE = """
INSERT INTO channels_stagedrefusal (import_id, row_number, order_key, column_name, value, reason_code, detail)
"""
# Each shows only when all lines of an order are seen together.
_REFUSE_SEVERAL_CUSTOMERS = f"""{_REFUSE}
SELECT DISTINCT %(id)s, row_number, order_key, 'customer', line.customer_key, 'order.several_customers',
       staged_order.customer_key || ', ' || other_customer_key
FROM staged_line AS line JOIN staged_order USING (order_key) WHERE staged_order.customer_key < other_customer_key
"""  # noqa: S608 - _REFUSE is a constant of ours
_REFUSE_SEVERAL_CURRENCIES = f"""{_REFUSE}
SELECT DISTINCT %(id)s, row_number, order_key, 'currency', line.currency, 'order.several_currencies',
       staged_order.currency || ', ' || other_currency
FROM staged_line AS line JOIN staged_order USING (order_key) WHERE staged_order.currency < other_currency
"""  # noqa: S608 - _REFUSE is a constant of ours
_REFUSE_REPEATED_LINES = f"""{_REFUSE}
SELECT DISTINCT %(id)s, row_number, order_key, 'line_id', line_key, 'order.line_repeated', line_key
FROM staged_line JOIN (
    SELECT order_key, line_key FROM staged_line WHERE line_key IS NOT NULL GROUP BY order_key, line_key
    HAVING count(*) > 1
) AS repeated USING (order_key, line_key)
"""  # noqa: S608 - _REFUSE is a constant of ours
_REFUSED_ORDERS = """
CREATE TEMP TABLE refused_order AS
SELECT order_key, min(row_number) AS row_number FROM channels_stagedrefusal
WHERE import_id = %(id)s AND order_key <> '' GROUP BY order_key
"""
_REFUSE_OTHER_LINES = f"""{_REFUSE}
SELECT DISTINCT %(id)s, line.row_number, order_key, 'order', order_key, 'order.another_line_refused',
       refused_order.row_number::text
FROM staged_line AS line JOIN refused_order USING (order_key)
WHERE NOT EXISTS (
    SELECT FROM channels_stagedrefusal AS refusal
    WHERE refusal.import_id = %(id)s AND refusal.row_number = line.row_number
)
"""  # noqa: S608 - _REFUSE is a constant of ours
_DROP_REFUSED = "DELETE FROM staged_order USING refused_order WHERE refused_order.order_key = staged_order.order_key"

# What the latest order with an e-mail address says of a person holds.
_CUSTOMERS = """
CREATE TEMP TABLE staged_customer AS
SELECT DISTINCT ON (customer_key) customer_key AS key, customer_name AS name, email, accepts_marketing, language,
       country, postcode, ordered_at AS declared_at
FROM staged_order ORDER BY customer_key, email IS NULL, ordered_at DESC, first_row DESC
"""
# A product that is sold in several currencies is priced in the one it is sold in most.
_PRODUCTS = """
CREATE TEMP TABLE staged_product AS
WITH sold AS (
    SELECT sku, line.currency, count(*) AS lines_count, max(product_name) AS name, max(category) AS category
    FROM staged_line AS line JOIN staged_order USING (order_key)
    WHERE NOT EXISTS (SELECT FROM catalog_product WHERE catalog_product.sku = line.sku) GROUP BY sku, line.currency
)
SELECT sku, coalesce(max(name), sku) AS name, max(category) AS category,
       (array_agg(currency ORDER BY lines_count DESC, currency))[1] AS currency
FROM sold GROUP BY sku
"""

# Whether it is known, or in the same file, shows only when all products are staged.
_REFUSE_LIKES = f"""{_REFUSE}
SELECT %(id)s, row_number, NULL, 'like_sku', like_sku,
       CASE WHEN like_sku = sku THEN 'product.like_itself' ELSE 'product.unknown_like' END, ''
FROM channels_stagedproducts AS staged
WHERE import_id = %(id)s AND like_sku IS NOT NULL AND (like_sku = sku OR (
    NOT EXISTS (SELECT FROM catalog_product WHERE catalog_product.sku = staged.like_sku)
    AND NOT EXISTS (SELECT FROM channels_stagedproducts AS other
                    WHERE other.import_id = %(id)s AND other.sku = staged.like_sku)))
"""  # noqa: S608 - _REFUSE is a constant of ours
_DROP_REFUSED_LIKES = """
DELETE FROM channels_stagedproducts AS staged USING channels_stagedrefusal AS refusal
WHERE staged.import_id = %(id)s AND refusal.import_id = %(id)s AND refusal.row_number = staged.row_number
  AND refusal.column_name = 'like_sku'
"""
# A supplier's offers may take several rows of one product; the same offer twice is a mistake.
_REFUSE_REPEATED_PRODUCTS = """
WITH gone AS (
    DELETE FROM channels_stagedproducts AS later USING channels_stagedproducts AS earlier
    WHERE later.import_id = %(id)s AND earlier.import_id = %(id)s AND later.sku = earlier.sku
      AND later.supplier IS NOT DISTINCT FROM earlier.supplier AND later.barcode IS NOT DISTINCT FROM earlier.barcode
      AND later.row_number > earlier.row_number
    RETURNING later.row_number, later.sku, earlier.row_number AS first_row
)
INSERT INTO channels_stagedrefusal (import_id, row_number, order_key, column_name, value, reason_code, detail)
SELECT %(id)s, row_number, NULL, 'sku', min(sku), 'row.repeated', min(first_row)::text FROM gone GROUP BY row_number
"""
_REFUSE_REPEATED_STOCK = """
WITH gone AS (
    DELETE FROM channels_stagedstock AS later USING channels_stagedstock AS earlier
    WHERE later.import_id = %(id)s AND earlier.import_id = %(id)s AND later.sku = earlier.sku
      AND coalesce(later.place, '') = coalesce(earlier.place, '')
      AND coalesce(later.lot, '') = coalesce(earlier.lot, '')
      AND later.row_number > earlier.row_number
    RETURNING later.row_number, later.sku, earlier.row_number AS first_row
)
INSERT INTO channels_stagedrefusal (import_id, row_number, order_key, column_name, value, reason_code, detail)
SELECT %(id)s, row_number, NULL, 'sku', min(sku), 'row.repeated', min(first_row)::text FROM gone GROUP BY row_number
"""


# Who and what an event is about. An address that is nobody's key counts where exactly one customer has it. A row
# without an id of its own is known by what it says, so the same row again is the same event.
_EVENTS = """
CREATE TEMP TABLE settled_event AS
SELECT staged.row_number, kept.id AS customer_id, staged.kind, staged.sku, staged.happened_at, staged.search_text,
       coalesce(staged.message_id, 'row:' || left(encode(sha256(convert_to(concat_ws('|', staged.customer_key,
           staged.kind, extract(epoch FROM staged.happened_at), staged.sku, staged.search_text), 'UTF8')), 'hex'), 40)
       ) AS message_id, staged.customer_key, product.id IS NOT NULL AS is_product_known
FROM channels_stagedevents AS staged
LEFT JOIN customers_customer AS named ON named.key = staged.customer_key
LEFT JOIN (
    SELECT lower(address) AS address, min(customer_id) AS customer_id FROM messaging_contactpoint
    WHERE channel = 'email' AND upper(address) IN (
        SELECT upper(email) FROM channels_stagedevents WHERE import_id = %(id)s AND email IS NOT NULL)
    GROUP BY lower(address) HAVING count(DISTINCT customer_id) = 1
) AS owner ON named.id IS NULL AND owner.address = staged.email
LEFT JOIN customers_customer AS kept ON kept.id = coalesce(named.merged_into_id, named.id, owner.customer_id)
    AND kept.erased_at IS NULL
LEFT JOIN catalog_product AS product ON product.sku = staged.sku
WHERE staged.import_id = %(id)s
"""
_REFUSE_EVENTS = f"""{_REFUSE}
SELECT %(id)s, row_number, NULL, fault.column_name, fault.value, fault.code, fault.detail
FROM settled_event AS event CROSS JOIN LATERAL (VALUES
    (event.customer_id IS NULL, 'customer', event.customer_key, 'event.unknown_customer', ''),
    (event.sku IS NOT NULL AND NOT event.is_product_known, 'sku', event.sku, 'event.unknown_product', ''),
    (event.happened_at > %(latest_at)s, 'happened_at', event.happened_at::text, 'event.in_future',
     %(skew_minutes)s::text),
    (event.happened_at < %(earliest_at)s, 'happened_at', event.happened_at::text, 'event.too_old', %(kept_days)s::text)
) AS fault(is_wrong, column_name, value, code, detail)
WHERE fault.is_wrong
"""  # noqa: S608 - _REFUSE is a constant of ours
_GOOD_EVENTS = """
CREATE TEMP VIEW staged_event AS
SELECT row_number, message_id, customer_id, kind, sku, happened_at, search_text FROM settled_event AS event
WHERE customer_id IS NOT NULL AND (sku IS NULL OR is_product_known)
  AND happened_at BETWEEN '{earliest_at}'::timestamptz AND '{latest_at}'::timestamptz
"""


def settle_orders(*, import_id: int) -> None:
    """Refuse what contradicts itself, whole orders at a time, and leave the temporary relations named above."""
    parameters = {"id": import_id}
    # Grouping a million lines within the few megabytes of a default server would go over the disk.
    run_sql(statement="SET LOCAL work_mem = '128MB'")
    run_sql(statement="ANALYZE channels_stagedorders")
    run_sql(statement=_VIEW.format(name="staged_line", table="channels_stagedorders", import_id=int(import_id)))
    run_sql(statement=_REFUSE_REPEATED, parameters=parameters)
    _run(statements=[_ORDERS])
    rekey_erased_orders()
    _run(statements=["CREATE INDEX ON staged_order (order_key)", "ANALYZE staged_order"])
    for statement in (
        _REFUSE_SEVERAL_CUSTOMERS,
        _REFUSE_SEVERAL_CURRENCIES,
        _REFUSE_REPEATED_LINES,
        _REFUSED_ORDERS,
        _REFUSE_OTHER_LINES,
    ):
        run_sql(statement=statement, parameters=parameters)
    _run(statements=[_DROP_REFUSED, _CUSTOMERS, _PRODUCTS, "ANALYZE staged_customer", "ANALYZE staged_product"])


def settle_products(*, import_id: int) -> None:
    """Refuse rows that repeat a product and its supplier, or are like nothing; leaves the view `staged_product_row`."""
    run_sql(statement="ANALYZE channels_stagedproducts")
    for statement in (_REFUSE_REPEATED_PRODUCTS, _REFUSE_LIKES, _DROP_REFUSED_LIKES):
        run_sql(statement=statement, parameters={"id": import_id})
    run_sql(
        statement=_VIEW.format(name="staged_product_row", table="channels_stagedproducts", import_id=int(import_id))
    )


def settle_stock(*, import_id: int, currency: str) -> None:
    """Refuse rows that count the same goods twice; leaves `staged_stock`, and `staged_product` for unknown SKUs.

    Unknown products are to be created in `currency`.
    """
    run_sql(statement="ANALYZE channels_stagedstock")
    run_sql(statement=_REFUSE_REPEATED_STOCK, parameters={"id": import_id})
    run_sql(statement=_VIEW.format(name="staged_stock", table="channels_stagedstock", import_id=int(import_id)))
    run_sql(
        statement="""CREATE TEMP TABLE staged_product AS
                     SELECT DISTINCT sku, sku AS name, NULL AS category, %s AS currency FROM staged_stock
                     WHERE NOT EXISTS (SELECT FROM catalog_product WHERE catalog_product.sku = staged_stock.sku)""",
        parameters=[currency],
    )


def settle_events(
    *, import_id: int, earliest_at: dt.datetime, latest_at: dt.datetime, kept_days: int, skew_minutes: int
) -> None:
    """Refuse events of unknown customers and products, too old ones and those ahead of time; leaves `staged_event`."""
    parameters = {
        "id": import_id,
        "earliest_at": earliest_at,
        "latest_at": latest_at,
        "kept_days": kept_days,
        "skew_minutes": skew_minutes,
    }
    run_sql(statement="SET LOCAL work_mem = '128MB'")
    run_sql(statement="ANALYZE channels_stagedevents")
    run_sql(statement=_EVENTS, parameters=parameters)
    run_sql(statement=_REFUSE_EVENTS, parameters=parameters)
    # A view takes no parameters; moments of ours are no text of anybody's.
    run_sql(statement=_GOOD_EVENTS.format(earliest_at=earliest_at.isoformat(), latest_at=latest_at.isoformat()))


def lay_out_orders(*, lines: pl.DataFrame) -> None:
    """Leave the relations of `settle_orders` for orders that came as values and hold no contradiction.

    `lines` has the staged columns of order lines; their products exist already. `drop_laid_out` ends it.
    """
    _stage_lines(lines)
    _run(statements=[_ORDERS, _CUSTOMERS])


def lay_out_past_orders(*, lines: pl.DataFrame) -> None:
    """The same for orders of days gone by: those of people who were erased since then name nobody."""
    _stage_lines(lines)
    _run(statements=[_ORDERS])
    rekey_erased_orders()
    _run(statements=[_CUSTOMERS])


def _stage_lines(lines: pl.DataFrame) -> None:
    run_sql(statement="CREATE TEMP TABLE staged_line (LIKE channels_stagedorders)")
    copy_frame(table="staged_line", frame=lines.with_columns(pl.lit(0).alias("import_id")))


def drop_laid_out() -> None:
    """Drop the temporary relations at the end of the transaction that laid them out."""
    _run(statements=["DROP TABLE staged_order, staged_customer, staged_line"])


def drop_settled() -> None:
    """Drop the temporary relations at the end of the transaction that settled them."""
    _run(
        statements=[
            "DROP VIEW IF EXISTS staged_line, staged_product_row, staged_stock, staged_event",
            "DROP TABLE IF EXISTS staged_order, staged_customer, staged_product, refused_order, settled_event",
        ]
    )


def _run(*, statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
