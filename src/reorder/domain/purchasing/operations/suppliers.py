"""Suppliers and their offers: saved as given, found again by their codes."""

from collections.abc import Sequence
from dataclasses import fields

from django.db import connection

from reorder.domain.purchasing.errors import BadOffer
from reorder.domain.purchasing.models import Supplier
from reorder.domain.purchasing.rules import NewOffer, NewSupplier, refuse_bad_offer, refuse_bad_supplier

_TYPES = {
    "supplier_code": "text",
    "sku": "text",
    "unit_cost_minor": "bigint",
    "supplier_sku": "text",
    "pack_units": "numeric",
    "minimum_units": "numeric",
    "maximum_cover_days": "int",
    "lead_days": "int",
    "order_unit": "text",
    "order_unit_units": "numeric",
    "order_unit_cost_minor": "bigint",
}
_COLUMNS = tuple(field.name for field in fields(NewSupplier) if field.name != "closings")
_GIVEN = f"""
FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _TYPES.items())}) AS given ({", ".join(_TYPES)})
LEFT JOIN purchasing_supplier AS supplier ON supplier.code = given.supplier_code
LEFT JOIN catalog_product AS product ON product.sku = given.sku"""

_FIND_UNKNOWN = f"""
SELECT given.supplier_code, given.sku, supplier.id IS NULL {_GIVEN}
WHERE supplier.id IS NULL OR product.id IS NULL ORDER BY given.supplier_code, given.sku LIMIT 1
"""

_SAVE = f"""
INSERT INTO purchasing_offer (supplier_id, product_id, unit_cost_minor, supplier_sku, pack_units, minimum_units,
                              maximum_cover_days, lead_days, order_unit, order_unit_units, order_unit_cost_minor,
                              is_active)
SELECT supplier.id, product.id, given.unit_cost_minor, given.supplier_sku, given.pack_units, given.minimum_units,
       given.maximum_cover_days, given.lead_days, given.order_unit, given.order_unit_units,
       given.order_unit_cost_minor, true
{_GIVEN}
ORDER BY supplier.id, product.id
ON CONFLICT (supplier_id, product_id) DO UPDATE
SET unit_cost_minor = excluded.unit_cost_minor, supplier_sku = excluded.supplier_sku,
    pack_units = excluded.pack_units, minimum_units = excluded.minimum_units,
    maximum_cover_days = excluded.maximum_cover_days, lead_days = excluded.lead_days,
    order_unit = excluded.order_unit, order_unit_units = excluded.order_unit_units,
    order_unit_cost_minor = excluded.order_unit_cost_minor, is_active = true
"""


def save_suppliers(*, suppliers: Sequence[NewSupplier]) -> int:
    """Create these suppliers, or give the existing ones these terms; returns how many. Raises BadSupplier.

    Closings of their own stay as they are.
    """
    for supplier in suppliers:
        refuse_bad_supplier(supplier=supplier)
    rows = [
        Supplier(**{name: getattr(supplier, name) for name in _COLUMNS})
        for supplier in sorted(suppliers, key=lambda supplier: supplier.code)
    ]
    for row in rows:
        # None says "any day" in the table; an empty list would read as "never".
        row.order_weekdays = list(row.order_weekdays or ()) or None
        row.delivery_weekdays = list(row.delivery_weekdays or ()) or None
    changed = [name for name in _COLUMNS if name != "code"]
    Supplier.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=changed)
    return len(rows)


def save_offers(*, offers: Sequence[NewOffer]) -> int:
    """Create these offers or change the existing ones, thousands in one statement; returns how many.

    Costs are in minor units of the supplier's currency. Raises BadOffer, also for an unknown supplier or SKU and
    for a supplier that offers a SKU twice.
    """
    seen: set[tuple[str, str]] = set()
    for offer in offers:
        refuse_bad_offer(offer=offer)
        if (offer.supplier_code, offer.sku) in seen:
            raise BadOffer(supplier=offer.supplier_code, sku=offer.sku, reason="it is given twice")
        seen.add((offer.supplier_code, offer.sku))
    columns = {name: [getattr(offer, name) for offer in offers] for name in _TYPES}
    with connection.cursor() as cursor:
        cursor.execute(_FIND_UNKNOWN, columns)
        unknown = cursor.fetchone()
        if unknown:
            what = "no such supplier exists" if unknown[2] else "no such product exists"
            raise BadOffer(supplier=unknown[0], sku=unknown[1], reason=what)
        cursor.execute(_SAVE, columns)
        return int(cursor.rowcount)
