"""What was wrong with deliveries, and the claims that were made of it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from reorder.domain.purchasing.errors import UnknownClaim, UnknownDiscrepancy
from reorder.domain.purchasing.models import Claim, Discrepancy, Offer


@dataclass(frozen=True, slots=True)
class DiscrepancyRow:
    """Units of a delivery that were not as ordered; the cost is in minor units of the order's currency."""

    id: int
    order_number: str
    supplier_id: int
    supplier_code: str
    supplier_name: str
    place_code: str
    product_id: int
    sku: str
    product_name: str
    kind: str
    units: Decimal
    unit_cost_minor: int
    currency: str
    note: str
    state: str
    received_at: dt.datetime
    receipt_id: int
    claim_number: str
    settlement: str
    settled_by: str
    supplier_sku: str = ""

    @property
    def cost_minor(self) -> int:
        """What these units cost as ordered, or as the supplier confirmed."""
        return round(self.units * self.unit_cost_minor)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with its lines, and the supplier it goes to."""

    number: str
    made_at: dt.datetime
    made_by: str
    supplier_code: str
    supplier_name: str
    supplier_email: str
    supplier_language: str
    lines: tuple[DiscrepancyRow, ...]


def list_discrepancies(
    *,
    states: Collection[str],
    size: int,
    supplier_code: str = "",
    place_codes: Collection[str] = (),
    before: int | None = None,
) -> list[DiscrepancyRow]:
    """`size` of them in these states, the newest first, with ids below `before`; of some places when named."""
    found = _found().filter(state__in=list(states)).order_by("-pk")
    found = found.filter(receipt__order__supplier__code=supplier_code) if supplier_code else found
    found = found.filter(receipt__order__place__code__in=list(place_codes)) if place_codes else found
    found = found.filter(pk__lt=before) if before is not None else found
    return _rows(found[:size])


def list_discrepancies_of_order(*, order_id: int) -> list[DiscrepancyRow]:
    """All of one order, the newest first."""
    return _rows(_found().filter(receipt__order_id=order_id).order_by("-pk"))


def get_discrepancy(*, discrepancy_id: int) -> DiscrepancyRow:
    """One of them; raises UnknownDiscrepancy."""
    rows = _rows(_found().filter(pk=discrepancy_id))
    if not rows:
        raise UnknownDiscrepancy(discrepancy_id=discrepancy_id)
    return rows[0]


def get_claim(*, number: str) -> ClaimRow:
    """One claim; raises UnknownClaim."""
    claim = Claim.objects.select_related("supplier").filter(number=number).first()
    if claim is None:
        raise UnknownClaim(number=number)
    return ClaimRow(
        number=claim.number,
        made_at=claim.made_at,
        made_by=claim.made_by,
        supplier_code=claim.supplier.code,
        supplier_name=claim.supplier.name,
        supplier_email=claim.supplier.email,
        supplier_language=claim.supplier.language,
        lines=tuple(_rows(_found().filter(claim=claim).order_by("receipt__order__number", "pk"))),
    )


def _found() -> QuerySet[Discrepancy]:
    return Discrepancy.objects.select_related(
        "receipt__order__supplier", "receipt__order__place", "order_line__product", "claim"
    )


def _rows(found: QuerySet[Discrepancy]) -> list[DiscrepancyRow]:
    rows = list(found)
    if not rows:
        return []
    names = {
        (supplier, product): name
        for supplier, product, name in Offer.objects.filter(
            supplier__in={row.receipt.order.supplier_id for row in rows},
            product__in={row.order_line.product_id for row in rows},
        ).values_list("supplier_id", "product_id", "supplier_sku")
    }
    return [_row(row, names) for row in rows]


def _row(row: Discrepancy, names: dict[tuple[int, int], str]) -> DiscrepancyRow:
    order, line = row.receipt.order, row.order_line
    confirmed = line.confirmed_cost_minor
    return DiscrepancyRow(
        id=row.pk,
        order_number=order.number,
        supplier_id=order.supplier_id,
        supplier_code=order.supplier.code,
        supplier_name=order.supplier.name,
        place_code=order.place.code,
        product_id=line.product_id,
        sku=line.product.sku,
        product_name=line.product.name,
        kind=row.kind,
        units=row.units,
        unit_cost_minor=line.unit_cost_minor if confirmed is None else confirmed,
        currency=order.currency,
        note=row.note,
        state=row.state,
        received_at=row.receipt.received_at,
        receipt_id=row.receipt_id,
        claim_number=row.claim.number if row.claim else "",
        settlement=row.settlement,
        settled_by=row.settled_by,
        supplier_sku=names.get((order.supplier_id, line.product_id), ""),
    )
