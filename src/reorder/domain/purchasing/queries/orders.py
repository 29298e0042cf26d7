"""Purchase orders with their lines, and receipts."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from django.db.models import Prefetch, QuerySet

from reorder.domain.purchasing.errors import UnknownPurchaseOrder
from reorder.domain.purchasing.models import Offer, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from reorder.domain.purchasing.rules import line_cost


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """One product of a purchase order; units are selling units."""

    id: int
    product_id: int
    sku: str
    supplier_sku: str
    product_name: str
    ordered_units: Decimal
    received_units: Decimal
    unit_cost_minor: int
    given_up_units: Decimal = Decimal(0)
    confirmed_cost_minor: int | None = None
    promised_date: dt.date | None = None
    order_unit: str = ""
    order_unit_units: Decimal = Decimal(1)
    order_unit_cost_minor: int | None = None

    @property
    def missing_units(self) -> Decimal:
        """Ordered, not given up, and not yet received; never below zero."""
        return max(self.ordered_units - self.given_up_units - self.received_units, Decimal(0))

    @property
    def cost_minor(self) -> int:
        """What the ordered goods cost, rounded to a whole minor unit."""
        return line_cost(
            units=self.ordered_units,
            unit_cost_minor=self.unit_cost_minor,
            order_unit_units=self.order_unit_units,
            order_unit_cost_minor=self.order_unit_cost_minor,
        )


@dataclass(frozen=True, slots=True)
class PurchaseOrderRow:
    """One purchase order; its lines stand by SKU."""

    id: int
    number: str
    supplier_code: str
    supplier_name: str
    supplier_email: str
    supplier_language: str
    minimum_value_minor: int
    place_code: str
    place_name: str
    currency: str
    state: str
    placed_at: dt.datetime
    placed_by: str
    expected_date: dt.date
    lines: tuple[OrderLineRow, ...]
    asked_date: dt.date | None = None
    exchange_rate: Decimal | None = None
    requested_at: dt.datetime | None = None
    limit_minor: int | None = None
    second_by: str = ""
    second_at: dt.datetime | None = None
    second_reason: str = ""

    @property
    def cost_minor(self) -> int:
        """What all ordered goods cost."""
        return sum(line.cost_minor for line in self.lines)

    @property
    def position_keys(self) -> list[str]:
        """The keys by which planning marks the positions that this order touches."""
        return [f"{line.sku}|{self.place_code}" for line in self.lines]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A delivery that was counted before: units by SKU."""

    number: str
    units: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class ReceivedDelivery:
    """One delivery: who counted it and when, and its lines as (SKU, product, units, lot, last day)."""

    received_at: dt.datetime
    recorded_by: str
    lines: tuple[tuple[str, str, Decimal, str, dt.date | None], ...]
    id: int = 0


def list_purchase_orders(*, states: Sequence[str] | None = None, limit: int = 100) -> list[PurchaseOrderRow]:
    """The newest purchase orders, of the given states when there are some."""
    found = _with_names().filter(state__in=states) if states else _with_names()
    return _rows(list(found.order_by("-placed_at", "-pk")[:limit]))


def get_purchase_order(*, number: str) -> PurchaseOrderRow:
    """One purchase order; raises UnknownPurchaseOrder."""
    found = _rows(list(_with_names().filter(number=number)))
    if not found:
        raise UnknownPurchaseOrder(number=number)
    return found[0]


def get_purchase_orders(*, numbers: Sequence[str]) -> list[PurchaseOrderRow]:
    """These purchase orders in the given order; raises UnknownPurchaseOrder."""
    found = {row.number: row for row in _rows(list(_with_names().filter(number__in=list(numbers))))}
    for number in numbers:
        if number not in found:
            raise UnknownPurchaseOrder(number=number)
    return [found[number] for number in numbers]


def list_orders_of_approval(*, approval_key: str) -> list[PurchaseOrderRow]:
    """The orders that one approval placed; empty when there was none under this key."""
    return _rows(list(_with_names().filter(approval_key=approval_key).order_by("pk"))) if approval_key else []


def find_receipt(*, idempotency_key: str) -> ReceiptRow | None:
    """The receipt recorded under this key, if any."""
    receipt = Receipt.objects.select_related("order").filter(idempotency_key=idempotency_key).first()
    if receipt is None:
        return None
    lines = receipt.lines.values_list("order_line__product__sku", "units")
    units: dict[str, Decimal] = {}
    for sku, counted in lines:
        units[sku] = units.get(sku, Decimal(0)) + counted
    return ReceiptRow(number=receipt.order.number, units=units)


def list_receipts_of_order(*, order_id: int) -> list[ReceivedDelivery]:
    """Deliveries of an order, the newest first."""
    found = (
        ReceiptLine.objects.filter(receipt__order_id=order_id)
        .order_by("-receipt__received_at", "-receipt_id", "order_line__product__sku")
        .values_list(
            "receipt_id",
            "receipt__received_at",
            "receipt__recorded_by",
            "order_line__product__sku",
            "order_line__product__name",
            "units",
            "lot",
            "expires_date",
        )
    )
    return [
        ReceivedDelivery(
            received_at=own[0][1], recorded_by=own[0][2], lines=tuple(row[3:] for row in own), id=own[0][0]
        )
        for own in (list(rows) for _, rows in groupby(found, key=itemgetter(0)))
    ]


def _with_names() -> QuerySet[PurchaseOrder]:
    lines = Prefetch("lines", queryset=PurchaseOrderLine.objects.select_related("product"))
    return PurchaseOrder.objects.select_related("supplier", "place").prefetch_related(lines)


def _rows(orders: Sequence[PurchaseOrder]) -> list[PurchaseOrderRow]:
    suppliers = {order.supplier_id for order in orders}
    names = {
        (supplier, product): name
        for supplier, product, name in Offer.objects.filter(
            supplier__in=suppliers, product__in={line.product_id for order in orders for line in order.lines.all()}
        ).values_list("supplier_id", "product_id", "supplier_sku")
    }
    return [_row(order, names) for order in orders]


def _row(order: PurchaseOrder, supplier_skus: dict[tuple[int, int], str]) -> PurchaseOrderRow:
    lines = [
        OrderLineRow(
            id=line.pk,
            product_id=line.product_id,
            sku=line.product.sku,
            supplier_sku=supplier_skus.get((order.supplier_id, line.product_id), ""),
            product_name=line.product.name,
            ordered_units=line.ordered_units,
            received_units=line.received_units,
            unit_cost_minor=line.unit_cost_minor,
            given_up_units=line.given_up_units,
            confirmed_cost_minor=line.confirmed_cost_minor,
            promised_date=line.promised_date,
            order_unit=line.order_unit,
            order_unit_units=line.order_unit_units,
            order_unit_cost_minor=line.order_unit_cost_minor,
        )
        for line in order.lines.all()
    ]
    return PurchaseOrderRow(
        id=order.pk,
        number=order.number,
        supplier_code=order.supplier.code,
        supplier_name=order.supplier.name,
        supplier_email=order.supplier.email,
        supplier_language=order.supplier.language,
        minimum_value_minor=order.supplier.minimum_value_minor,
        place_code=order.place.code,
        place_name=order.place.name,
        currency=order.currency,
        state=order.state,
        placed_at=order.placed_at,
        placed_by=order.placed_by,
        expected_date=order.expected_date,
        asked_date=order.asked_date,
        exchange_rate=order.exchange_rate,
        requested_at=order.requested_at,
        limit_minor=order.limit_minor,
        second_by=order.second_by,
        second_at=order.second_at,
        second_reason=order.second_reason,
        lines=tuple(sorted(lines, key=lambda line: line.sku)),
    )
