"""Orders that wait for a second person: on the way for nobody, and bought already as far as a plan is concerned."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl
from django.db.models import Count, Sum

from reorder.domain.purchasing.models import PurchaseOrder
from reorder.domain.storage import read_frame


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order above the limit; money in minor units of `currency`, the limit in those of the shop's."""

    number: str
    supplier_name: str
    place_code: str
    currency: str
    cost_minor: int
    lines_count: int
    limit_minor: int | None
    requested_at: dt.datetime | None
    requested_by: str


def frame_awaiting_units() -> pl.DataFrame:
    """Units that wait for a second person: sku, place, awaiting_units; their proposals are decided already."""
    return read_frame(
        query="""SELECT product.sku AS sku, place.code AS place, sum(line.ordered_units)::float8 AS awaiting_units
                 FROM purchasing_purchaseorder AS bought
                 JOIN purchasing_purchaseorderline AS line ON line.order_id = bought.id
                 JOIN catalog_product AS product ON product.id = line.product_id
                 JOIN inventory_place AS place ON place.id = bought.place_id
                 WHERE bought.state = 'awaiting_approval' GROUP BY product.sku, place.code"""
    )


def list_waiting_orders(*, place_codes: Collection[str] = (), limit: int = 50) -> list[WaitingOrder]:
    """Orders that wait for a second person, the longest waiting first; at some places when they are named."""
    found = PurchaseOrder.objects.filter(state=PurchaseOrder.State.AWAITING_APPROVAL)
    found = found.filter(place__code__in=sorted(place_codes)) if place_codes else found
    rows = (
        found.annotate(cost_minor=Sum("lines__cost_minor"), lines_count=Count("lines"))
        .order_by("requested_at", "pk")
        .values_list(
            "number",
            "supplier__name",
            "place__code",
            "currency",
            "cost_minor",
            "lines_count",
            "limit_minor",
            "requested_at",
            "placed_by",
        )[:limit]
    )
    return [WaitingOrder(*row) for row in rows]
