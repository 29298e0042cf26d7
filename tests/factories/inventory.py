"""The Keelung warehouse and what moves in and out of it."""

import datetime as dt
from decimal import Decimal

from reorder.domain.inventory import operations
from reorder.domain.inventory.models import Level
from reorder.domain.inventory.queries import PlaceRow
from reorder.domain.inventory.rules import ADJUSTMENT, CUSTOMER, NewMove, incoming_of, stock_of

KEELUNG = "KEELUNG"
MORNING = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)


def make_place(*, code: str = KEELUNG, name: str = "Keelung warehouse") -> PlaceRow:
    return operations.ensure_place(code=code, name=name, country="TW")


def opening(*, product_id: int, units: str | int, place: str = KEELUNG, key: str = "", lot: str = "") -> NewMove:
    return NewMove(
        key=key or f"opening-{place}-{product_id}-{lot}",
        kind="opening",
        product_id=product_id,
        units=Decimal(units),
        source=ADJUSTMENT,
        target=stock_of(place_code=place),
        cause_kind="import",
        cause_key="opening",
        happened_at=MORNING,
        lot=lot,
    )


def shipment(*, product_id: int, units: str | int, key: str, place: str = KEELUNG, lot: str = "") -> NewMove:
    return NewMove(
        key=key,
        kind="ship",
        product_id=product_id,
        units=Decimal(units),
        source=stock_of(place_code=place),
        target=CUSTOMER,
        cause_kind="order",
        cause_key=key,
        happened_at=MORNING,
        lot=lot,
    )


def stock_at(*, sku: str, place: str = KEELUNG, lot: str | None = None) -> Decimal:
    return _units(sku=sku, location=stock_of(place_code=place), lot=lot)


def incoming_at(*, sku: str, place: str = KEELUNG) -> Decimal:
    return _units(sku=sku, location=incoming_of(place_code=place), lot=None)


def _units(*, sku: str, location: str, lot: str | None) -> Decimal:
    levels = Level.objects.filter(product__sku=sku, location__code=location)
    levels = levels if lot is None else levels.filter(lot=lot)
    return sum((level.on_hand_units for level in levels), Decimal(0))
