"""Purchase orders by what somebody typed: a part of the number, or the supplier."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from reorder.domain.purchasing.models import PurchaseOrder


@dataclass(frozen=True, slots=True)
class FoundPurchaseOrder:
    """One purchase order; `is_exact` when the text is its number."""

    number: str
    supplier_name: str
    place_code: str
    state: str
    placed_at: dt.datetime
    is_exact: bool


def search_purchase_orders(*, text: str, place_codes: Collection[str], limit: int) -> list[FoundPurchaseOrder]:
    """The latest purchase orders that match, of these places (empty: of all)."""
    if not text:
        return []
    found = PurchaseOrder.objects.filter(
        Q(number__icontains=text) | Q(supplier__name__icontains=text) | Q(supplier__code__iexact=text)
    )
    found = found.filter(place__code__in=list(place_codes)) if place_codes else found
    orders = found.select_related("supplier", "place").order_by("-pk")[:limit]
    return [
        FoundPurchaseOrder(
            number=order.number,
            supplier_name=order.supplier.name,
            place_code=order.place.code,
            state=order.state,
            placed_at=order.placed_at,
            is_exact=order.number.upper() == text.upper(),
        )
        for order in orders
    ]
