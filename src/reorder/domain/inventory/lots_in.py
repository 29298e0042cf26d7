"""Lots of goods that come in: the day by which a lot is known, and lots kept apart as soon as they are here."""

import datetime as dt

from django.db.models import F

from reorder.domain.inventory.errors import NotEnoughStock
from reorder.domain.inventory.keeping_apart import NEVER, ApartGoods
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.models import Hold, Level
from reorder.domain.inventory.rules import stock_of


def find_lot_day(*, product_id: int, place_code: str, owner: str, lot: str) -> dt.date | None:
    """The day on which a lot at a place goes off; None where there is no such lot, or nobody knows its day."""
    return (
        Level.objects.filter(
            product_id=product_id, location__code=stock_of(place_code=place_code), owner=owner, lot=lot
        )
        .values_list("expires_date", flat=True)
        .first()
    )


def keep_apart(*, goods: ApartGoods) -> None:
    """Free goods of a lot at a place are kept apart from now on, until somebody decides (`keeping_apart`).

    Part of the caller's transaction, after the move that brought them. Raises NotEnoughStock where fewer are free.
    """
    lock_levels(product_ids=[goods.product_id])
    location = stock_of(place_code=goods.place_code)
    level = Level.objects.filter(
        product_id=goods.product_id, location__code=location, owner=goods.owner, lot=goods.lot
    ).first()
    free = level.on_hand_units - level.allocated_units - level.held_units if level else 0
    if level is None or free < goods.units:
        raise NotEnoughStock(sku=goods.product_id, wanted_units=goods.units, location=location, free_units=free)
    Level.objects.filter(pk=level.pk).update(held_units=F("held_units") + goods.units)
    Hold.objects.create(hold_key=goods.hold_key, level=level, units=goods.units, expires_at=NEVER)
