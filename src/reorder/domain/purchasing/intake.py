"""Takes suppliers and their offers from a product file, set-based."""

from dataclasses import dataclass

from django.db import connection

from reorder.domain.storage import run_sql

_ADD_SUPPLIERS = """
INSERT INTO purchasing_supplier (code, name, email, currency, lead_days, order_weekdays)
SELECT DISTINCT ON (staged.supplier) staged.supplier, coalesce(staged.supplier_name, staged.supplier),
       coalesce(staged.supplier_email, ''), staged.currency, coalesce(least(staged.lead_days, 32767), 7),
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

# Without a cost in the file, the product's own cost is the best that is known.
_TAKE_OFFERS = """
INSERT INTO purchasing_offer
    (supplier_id, product_id, supplier_sku, unit_cost_minor, pack_units, minimum_units, lead_days)
SELECT DISTINCT ON (supplier.id, product.id) supplier.id, product.id, coalesce(staged.supplier_sku, ''),
       coalesce(staged.unit_cost_minor, product.unit_cost_minor, 0), coalesce(staged.pack_milli, 1000) / 1000.0,
       coalesce(staged.minimum_milli, 1000) / 1000.0, least(staged.lead_days, 32767)
FROM staged_product_row AS staged JOIN purchasing_supplier AS supplier ON supplier.code = staged.supplier
JOIN catalog_product AS product ON product.sku = staged.sku
ORDER BY supplier.id, product.id, staged.row_number
ON CONFLICT (supplier_id, product_id) DO UPDATE
SET supplier_sku = excluded.supplier_sku, unit_cost_minor = excluded.unit_cost_minor, pack_units = excluded.pack_units,
    minimum_units = excluded.minimum_units, lead_days = excluded.lead_days
WHERE (purchasing_offer.supplier_sku, purchasing_offer.unit_cost_minor, purchasing_offer.pack_units,
       purchasing_offer.minimum_units, purchasing_offer.lead_days)
      IS DISTINCT FROM (excluded.supplier_sku, excluded.unit_cost_minor, excluded.pack_units, excluded.minimum_units,
                        excluded.lead_days)
RETURNING product_id
"""


@dataclass(frozen=True, slots=True)
class TakenOffers:
    """How many suppliers were new, and the products whose offers are new or changed."""

    suppliers_count: int
    product_ids: frozenset[int]


def take_offers() -> TakenOffers:
    """Add suppliers and their offers from the temporary view `staged_product_row`; products must exist already.

    The first row of a supplier and product holds. Known suppliers get a name, address or order days that the file
    gives; their agreed lead time stays, that of the offer is the file's.
    """
    suppliers = run_sql(statement=_ADD_SUPPLIERS)
    run_sql(statement=_UPDATE_SUPPLIERS)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OFFERS)
        return TakenOffers(suppliers_count=suppliers, product_ids=frozenset(row[0] for row in cursor.fetchall()))
