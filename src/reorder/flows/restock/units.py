"""Changing the units of a product together with the offers that are bought in them."""

from collections.abc import Sequence

from reorder.domain.catalog.units import NewUnit, UnitRow, save_units
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.storage import one_transaction


def save_product_units(*, sku: str, units: Sequence[NewUnit], saved_by: str, seen: str | None = None) -> list[UnitRow]:
    """Make these the units of a product, and let its offers follow; open proposals keep what they were made with.

    Raises UnknownProduct, BadUnit, CircularUnits, UnitsChanged, BadOffer where an offer is bought in a unit that would
    be gone.
    """
    with one_transaction():
        lock_deciding()
        rows = save_units(sku=sku, units=units, saved_by=saved_by, seen=seen)
        operations.follow_units(sku=sku, units={row.code: row.units for row in rows})
    return rows
