"""What a cause, such as a purchase order, has moved: read from the ledger, summed by moment and way."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from reorder.domain.inventory.models import Move


@dataclass(frozen=True, slots=True)
class MovedGoods:
    """Goods that went one way at one moment; `source` and `target` are kinds of locations."""

    happened_at: dt.datetime
    kind: str
    source: str
    target: str
    products_count: int
    units: Decimal


def list_moved_goods(*, cause_kind: str, cause_key: str, limit: int = 50) -> list[MovedGoods]:
    """Moves of one cause, the newest first."""
    found = (
        Move.objects.filter(cause_kind=cause_kind, cause_key=cause_key)
        .values_list("happened_at", "kind", "source__kind", "target__kind")
        .annotate(products_count=Count("product", distinct=True), units=Sum("units"))
        .order_by("-happened_at", "kind", "source__kind")
    )
    return [MovedGoods(*row) for row in found[:limit]]
