"""Costs of orders beyond the price of the goods, and what delivered goods came to with them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.purchasing.models import Charge, ReceiptLine


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One cost in minor units of `currency`; `receipt_id` None: of the whole order."""

    id: int
    kind: str
    basis: str
    amount_minor: int
    currency: str
    receipt_id: int | None
    received_at: dt.datetime | None
    note: str
    recorded_at: dt.datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class LandedLine:
    """One delivered line; costs of all its units in minor units of the shop's currency, None without a rate."""

    receipt_id: int
    received_at: dt.datetime
    sku: str
    product_name: str
    units: Decimal
    goods_cost_minor: int | None
    landed_cost_minor: int | None

    @property
    def unit_cost_minor(self) -> Decimal | None:
        """What one unit came to, goods and all."""
        if self.goods_cost_minor is None or self.landed_cost_minor is None:
            return None
        return (self.goods_cost_minor + self.landed_cost_minor) / self.units


def list_charges(*, order_id: int) -> list[ChargeRow]:
    """Costs of an order that count, the first entered first."""
    found = Charge.objects.filter(order_id=order_id, withdrawn_at__isnull=True).select_related("receipt")
    return [
        ChargeRow(
            id=row.pk,
            kind=row.kind,
            basis=row.basis,
            amount_minor=row.amount_minor,
            currency=row.currency,
            receipt_id=row.receipt_id,
            received_at=row.receipt.received_at if row.receipt else None,
            note=row.note,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        for row in found.order_by("pk")
    ]


def list_landed_lines(*, order_id: int) -> list[LandedLine]:
    """Delivered lines of an order with what they came to, by delivery and SKU."""
    found = (
        ReceiptLine.objects.filter(receipt__order_id=order_id)
        .order_by("receipt__received_at", "receipt_id", "order_line__product__sku")
        .values_list(
            "receipt_id",
            "receipt__received_at",
            "order_line__product__sku",
            "order_line__product__name",
            "units",
            "goods_cost_minor",
            "landed_cost_minor",
        )
    )
    return [LandedLine(*row) for row in found]
