"""Takes suppliers and their offers from a product file, set-based."""

from dataclasses import dataclass

from django.db import connection

from reorder.domain.catalog.units import take_units
from reorder.domain.storage import run_sql

_ADD_SUPPLIERS = """
INSERT INTO purchasing_supplier (code, name, email, currency, lead_days, order_weekdays)
SELECT DISTINCT ON (staged.supplier) staged.supplier, coalesce(staged.supplier_name, staged.supplier),
       coalesce(staged.supplier_email, ''), staged.currency, coalesce(staged.lead_days, 7),
       string_to_array(staged.order_weekdays, ',')::smallint[]
FROM staged_product_row AS staged WHERE staged.supplier IS NOT NULL ORDER BY staged.supplier, staged.row_number
ON CONFLICT (code) DO NOTHING
"""
_UPDATE_SUPPLIERS = """
WITH first AS (
    SELECT supplier, (array_agg(supplier_name ORDER BY row_number) FILTER (WHERE supplier_name IS NOT NULL))[1] AS name,
           (array_agg(supplier_email ORDER BY row_number) FILTER (WHERE supplier_email IS NOT NULL))[1] AS email,
           (array_agg(order_weekdays ORDER BY row_number) FILTER (WHERE order_weekdays IS NOT NULL))[1] AS weekdays
    FROM staged_product_row WHERE supplier IS NOT NULL GROUP BY supplier
)
UPDATE purchasing_supplier AS known
SET name = coalesce(first.name, known.name), email = coalesce(first.email, known.email),
    order_weekdays = coalesce(string_to_array(first.weekdays, ',')::smallint[], known.order_weekdays)
FROM first WHERE known.code = first.supplier
"""

# Without a cost in the file, the product's own cost is the best that is known. A file that names no order unit leaves
# the known one; packs are whole order units. With a price of the order unit, that of one unit is rounded from it.
_TAKE_OFFERS = """
WITH given AS (
    SELECT DISTINCT ON (supplier.id, product.id) supplier.id AS supplier_id, product.id AS product_id,
           coalesce(staged.supplier_sku, '') AS supplier_sku, staged.order_unit_cost_minor AS order_unit_cost_minor,
           coalesce(staged.unit_cost_minor, product.unit_cost_minor, 0) AS unit_cost_minor,
           coalesce(staged.pack_milli, 1000) / 1000.0 AS pack_units,
           coalesce(staged.minimum_milli, 1000) / 1000.0 AS minimum_units, staged.lead_days AS lead_days,
           coalesce(staged.order_unit, known.order_unit, '') AS order_unit,
           coalesce(unit.units, 1) AS order_unit_units
    FROM staged_product_row AS staged JOIN purchasing_supplier AS supplier ON supplier.code = staged.supplier
    JOIN catalog_product AS product ON product.sku = staged.sku
    LEFT JOIN purchasing_offer AS known ON known.supplier_id = supplier.id AND known.product_id = product.id
    LEFT JOIN catalog_productunit AS unit ON unit.product_id = product.id
              AND unit.code = coalesce(staged.order_unit, known.order_unit)
    ORDER BY supplier.id, product.id, staged.row_number
), made AS (
    SELECT supplier_id, product_id, supplier_sku,
           CASE WHEN order_unit <> '' AND order_unit_cost_minor IS NOT NULL
                THEN round(order_unit_cost_minor / order_unit_units)::bigint ELSE unit_cost_minor END
               AS unit_cost_minor,
           CASE WHEN order_unit = '' THEN pack_units ELSE ceil(pack_units / order_unit_units) * order_unit_units END
               AS pack_units,
           minimum_units, lead_days, order_unit, order_unit_units,
           CASE WHEN order_unit <> '' THEN order_unit_cost_minor END AS order_unit_cost_minor
    FROM given
)
INSERT INTO purchasing_offer
    (supplier_id, product_id, supplier_sku, unit_cost_minor, pack_units, minimum_units, lead_days, order_unit,
     order_unit_units, order_unit_cost_minor)
SELECT supplier_id, product_id, supplier_sku, unit_cost_minor, pack_units, minimum_units, lead_days, order_unit,
       order_unit_units, order_unit_cost_minor
FROM made ORDER BY supplier_id, product_id
ON CONFLICT (supplier_id, product_id) DO UPDATE
SET supplier_sku = excluded.supplier_sku, unit_cost_minor = excluded.unit_cost_minor, pack_units = excluded.pack_units,
    minimum_units = excluded.minimum_units, lead_days = excluded.lead_days, order_unit = excluded.order_unit,
    order_unit_units = excluded.order_unit_units, order_unit_cost_minor = excluded.order_unit_cost_minor
WHERE (purchasing_offer.supplier_sku, purchasing_offer.unit_cost_minor, purchasing_offer.pack_units,
       purchasing_offer.minimum_units, purchasing_offer.lead_days, purchasing_offer.order_unit,
       purchasing_offer.order_unit_units, purchasing_offer.order_unit_cost_minor)
      IS DISTINCT FROM (excluded.supplier_sku, excluded.unit_cost_minor, excluded.pack_units, excluded.minimum_units,
                        excluded.lead_days, excluded.order_unit, excluded.order_unit_units,
                        excluded.order_unit_cost_minor)
RETURNING product_id
"""


@dataclass(frozen=True, slots=True)
class TakenOffers:
    """How many suppliers were new, and the products whose offers are new or changed."""

    suppliers_count: int
    product_ids: frozenset[int]


def take_offers() -> TakenOffers:
    """Add suppliers, units and offers from the temporary view `staged_product_row`; products must exist already.

    The first row of a supplier and product holds. Known suppliers get a name, address or order days that the file
    gives; their agreed lead time stays, that of the offer is the file's.
    """
    changed = take_units()
    suppliers = run_sql(statement=_ADD_SUPPLIERS)
    run_sql(statement=_UPDATE_SUPPLIERS)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OFFERS)
        taken = frozenset(row[0] for row in cursor.fetchall())
    return TakenOffers(suppliers_count=suppliers, product_ids=taken | changed)
