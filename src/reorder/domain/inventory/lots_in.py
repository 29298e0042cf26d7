"""Lots of goods that come in: the day by which a lot is known."""

import datetime as dt

from reorder.domain.inventory.models import Level
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
