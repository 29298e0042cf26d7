"""Units that a product is bought or packed in: a pallet of 40 cases, a case of 12; resolved to selling units exactly.

The ledger, the plan and every proposal know selling units only; units of measure are how people and suppliers say them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from django.db import connection, transaction

from reorder.domain.catalog.errors import BadUnit, CircularUnits, UnitsChanged, UnknownProduct
from reorder.domain.catalog.models import Product, ProductUnit
from reorder.domain.staff.operations import record_audit
from reorder.kernel.fingerprint import fingerprint_of

# The selling unit itself, as files and forms may call it.
SELLING_UNIT = "each"
_STEP = Decimal("0.001")
_MOST_UNITS = Decimal(10) ** 6
_LONGEST_CODE = 40
_MOST_CODES = 20


_TAKE = """
INSERT INTO catalog_productunit (product_id, code, contains_count, contains_code, units)
SELECT DISTINCT ON (product.id, staged.order_unit) product.id, staged.order_unit, staged.order_unit_milli / 1000.0, '',
       staged.order_unit_milli / 1000.0
FROM staged_product_row AS staged JOIN catalog_product AS product USING (sku)
WHERE staged.order_unit IS NOT NULL AND staged.order_unit_milli > 0
ORDER BY product.id, staged.order_unit, staged.row_number
ON CONFLICT (product_id, code) DO UPDATE
SET contains_count = excluded.contains_count, contains_code = '', units = excluded.units
WHERE catalog_productunit.units <> excluded.units
RETURNING product_id
"""
# From the selling unit upwards; units that hold each other cannot be there.
_COUNT_AGAIN = """
WITH RECURSIVE known AS (
    SELECT product_id, code, contains_count::numeric AS units FROM catalog_productunit
    WHERE contains_code = '' AND product_id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT own.product_id, own.code, own.contains_count * known.units
    FROM catalog_productunit AS own
    JOIN known ON known.product_id = own.product_id AND known.code = own.contains_code
)
UPDATE catalog_productunit AS unit SET units = known.units FROM known
WHERE unit.product_id = known.product_id AND unit.code = known.code AND unit.units <> known.units
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """One `code` holds `contains_count` of `contains_code`, or of the selling unit where that is empty."""

    code: str
    contains_count: Decimal
    contains_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit of a product; `units` is what one comes to in selling units."""

    code: str
    contains_count: Decimal
    contains_code: str
    units: Decimal


def resolve_units(*, sku: str, units: Sequence[NewUnit]) -> dict[str, Decimal]:
    """What one of each unit comes to in selling units, exactly; pure.

    Raises BadUnit, and CircularUnits naming the circle.
    """
    by_code = {unit.code: unit for unit in units}
    for unit in units:
        _refuse_bad(sku=sku, unit=unit, known=by_code)
    if len(by_code) < len(units) or len(units) > _MOST_CODES:
        twice = next((unit.code for unit in units if [one.code for one in units].count(unit.code) > 1), units[0].code)
        reason = "it is given twice" if len(by_code) < len(units) else "a product has at most 20 units"
        raise BadUnit(sku=sku, unit=twice, reason=reason)
    return {unit.code: _resolve(sku=sku, unit=unit, known=by_code) for unit in units}


def save_units(*, sku: str, units: Sequence[NewUnit], saved_by: str, seen: str | None = None) -> list[UnitRow]:
    """Make these the units of a product; returns them. Nothing is written where they are so already.

    `seen` is the fingerprint of the units that a person looked at; None: whatever they are. Raises UnknownProduct,
    BadUnit, CircularUnits, UnitsChanged.
    """
    resolved = resolve_units(sku=sku, units=units)
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(sku=sku).first()
        if product is None:
            raise UnknownProduct(sku=sku)
        before = list_units(sku=sku)
        if seen is not None and units_fingerprint(rows=before) != seen:
            raise UnitsChanged(sku=sku)
        after = [
            UnitRow(
                code=unit.code,
                contains_count=unit.contains_count,
                contains_code=unit.contains_code,
                units=resolved[unit.code],
            )
            for unit in sorted(units, key=lambda unit: (resolved[unit.code], unit.code))
        ]
        if units_fingerprint(rows=before) != units_fingerprint(rows=after):
            ProductUnit.objects.filter(product=product).delete()
            ProductUnit.objects.bulk_create(
                ProductUnit(
                    product=product,
                    code=row.code,
                    contains_count=row.contains_count,
                    contains_code=row.contains_code,
                    units=row.units,
                )
                for row in after
            )
            record_audit(
                actor=saved_by,
                action="catalog.save_units",
                subject_kind="product",
                subject_key=sku,
                details={"units": {row.code: f"{row.units.normalize():f}" for row in after}},
            )
    return list_units(sku=sku)


def list_units(*, sku: str) -> list[UnitRow]:
    """Units of a product, the smallest first."""
    return [_row(unit) for unit in ProductUnit.objects.filter(product__sku=sku).order_by("units", "code")]


def units_of_products(*, product_ids: Collection[int]) -> dict[int, list[UnitRow]]:
    """Units of each of these products that has any, the smallest first."""
    found: dict[int, list[UnitRow]] = {}
    for unit in ProductUnit.objects.filter(product__in=list(product_ids)).order_by("units", "code"):
        found.setdefault(unit.product_id, []).append(_row(unit))
    return found


def units_fingerprint(*, rows: Collection[UnitRow]) -> str:
    """Tells whether somebody has changed the units since they were shown."""
    return fingerprint_of(
        values=tuple(sorted((row.code, f"{row.contains_count.normalize():f}", row.contains_code) for row in rows))
    )


def take_units() -> frozenset[int]:
    """Keep the units that the view `staged_product_row` tells in selling units; returns the products that changed.

    What other units of the product hold of them is counted again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE)
        changed = frozenset(row[0] for row in cursor.fetchall())
        cursor.execute(_COUNT_AGAIN, {"ids": sorted(changed)})
    return changed


def _refuse_bad(*, sku: str, unit: NewUnit, known: Mapping[str, NewUnit]) -> None:
    count = unit.contains_count
    faults = {
        "a code must be there, of at most 40 characters without spaces around it": not unit.code
        or unit.code != unit.code.strip()
        or len(unit.code) > _LONGEST_CODE,
        "that is the selling unit itself": unit.code == SELLING_UNIT,
        "it must hold more than zero and at most 1,000,000, with at most three decimals": not _is_count(count),
        f"it holds {unit.contains_code!r}, which is no unit of this product": bool(unit.contains_code)
        and unit.contains_code not in known,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadUnit(sku=sku, unit=unit.code, reason=reason)


def _is_count(count: Decimal) -> bool:
    return count.is_finite() and 0 < count <= _MOST_UNITS and count == count.quantize(_STEP)


def _resolve(*, sku: str, unit: NewUnit, known: Mapping[str, NewUnit]) -> Decimal:
    path, total = [unit.code], unit.contains_count
    with localcontext(prec=80):
        while unit.contains_code:
            unit = known[unit.contains_code]
            path.append(unit.code)
            if path.count(unit.code) > 1:
                raise CircularUnits(sku=sku, circle=" → ".join(path[path.index(unit.code) :]))
            total *= unit.contains_count
        if total > _MOST_UNITS:
            raise BadUnit(sku=sku, unit=path[0], reason="it holds more than 1,000,000 selling units")
        if total != total.quantize(_STEP):
            raise BadUnit(sku=sku, unit=path[0], reason="it comes to more than three decimals of the selling unit")
    return total.quantize(_STEP)


def _row(unit: ProductUnit) -> UnitRow:
    return UnitRow(
        code=unit.code, contains_count=unit.contains_count, contains_code=unit.contains_code, units=unit.units
    )
