"""Freight, duty and other costs of orders, and what each delivered line costs with them, counted anew on change."""

import datetime as dt
from decimal import Decimal
from typing import Final

from django.conf import settings

from reorder.domain.purchasing.errors import BadCharge, UnknownCharge
from reorder.domain.purchasing.exchange import convert_minor
from reorder.domain.purchasing.landing import LandingPart, NewCharge, SpreadCharge, refuse_bad_charge, spread_charges
from reorder.domain.purchasing.models import Charge, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.storage import run_sql

_LONGEST_NOTE: Final = 300
_SETTLE: Final = """
UPDATE purchasing_receiptline AS line SET goods_cost_minor = part.goods, landed_cost_minor = part.landed
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS part (id, goods, landed) WHERE line.id = part.id
"""


def record_charge(*, order: PurchaseOrderRow, charge: NewCharge, idempotency_key: str, recorded_by: str) -> bool:
    """Add a cost to a locked order, or to one of its deliveries; the same key again adds nothing (False).

    What its deliveries cost is counted anew. Raises BadCharge, WeightsMissing.
    """
    refuse_bad_charge(
        charge=charge,
        order_number=order.number,
        order_currency=order.currency,
        shop_currency=settings.REORDER.currency,
        weightless=_weightless(order=order, receipt_id=charge.receipt_id) if charge.basis == "weight" else (),
    )
    if charge.receipt_id is not None and not Receipt.objects.filter(pk=charge.receipt_id, order_id=order.id).exists():
        raise BadCharge(number=order.number, reason="the delivery is none of this order")
    _, is_new = Charge.objects.get_or_create(
        idempotency_key=idempotency_key,
        defaults={
            "order_id": order.id,
            "receipt_id": charge.receipt_id,
            "kind": charge.kind,
            "basis": charge.basis,
            "amount_minor": charge.amount_minor,
            "currency": charge.currency,
            "note": " ".join(charge.note.split())[:_LONGEST_NOTE],
            "recorded_by": recorded_by,
        },
    )
    settle_landed_cost(order_id=order.id)
    return is_new


def withdraw_charge(*, order: PurchaseOrderRow, charge_id: int, withdrawn_by: str, moment: dt.datetime) -> NewCharge:
    """Take a cost back that was entered by mistake; it stays on record. Raises UnknownCharge."""
    found = Charge.objects.filter(pk=charge_id, order_id=order.id, withdrawn_at__isnull=True)
    row = found.first()
    if row is None or found.update(withdrawn_at=moment, withdrawn_by=withdrawn_by) != 1:
        raise UnknownCharge(charge_id=charge_id, number=order.number)
    settle_landed_cost(order_id=order.id)
    return NewCharge(
        kind=row.kind, basis=row.basis, amount_minor=row.amount_minor, currency=row.currency, receipt_id=row.receipt_id
    )


def settle_landed_cost(*, order_id: int) -> None:
    """Write what each delivered line of an order cost, goods and landed, in the shop's currency.

    Without a rate of the order's currency both stay unknown: a wrong number would look like a right one.
    """
    order = PurchaseOrder.objects.get(pk=order_id)
    shop = settings.REORDER.currency
    rate = Decimal(1) if order.currency == shop else order.exchange_rate
    delivered = list(ReceiptLine.objects.filter(receipt__order_id=order_id).order_by("pk"))
    if not delivered:
        return
    ids = [line.pk for line in delivered]
    if rate is None:
        run_sql(statement=_SETTLE, parameters=[ids, [None] * len(ids), [None] * len(ids)])
        return
    parts = _parts(order_id=order_id, delivered=delivered)
    charges = [
        SpreadCharge(
            amount_minor=convert_minor(
                minor=charge.amount_minor,
                source=charge.currency,
                target=shop,
                rate=Decimal(1) if charge.currency == shop else rate,
            ),
            basis=charge.basis,
            receipt_id=charge.receipt_id,
        )
        for charge in Charge.objects.filter(order_id=order_id, withdrawn_at__isnull=True).order_by("pk")
    ]
    landed = spread_charges(charges=charges, parts=parts)
    goods = {
        part.key: convert_minor(minor=part.cost_minor, source=order.currency, target=shop, rate=rate)
        for part in parts
        if part.receipt_id is not None
    }
    run_sql(statement=_SETTLE, parameters=[ids, [goods[pk] for pk in ids], [landed[pk] for pk in ids]])


def _parts(*, order_id: int, delivered: list[ReceiptLine]) -> list[LandingPart]:
    lines = {line.pk: line for line in PurchaseOrderLine.objects.filter(order_id=order_id).select_related("product")}
    came = [
        LandingPart(
            key=one.pk,
            receipt_id=one.receipt_id,
            units=one.units,
            cost_minor=one.units * _unit_cost(lines[one.order_line_id]),
            weight_grams=lines[one.order_line_id].product.weight_grams,
        )
        for one in delivered
    ]
    still_to_come = PurchaseOrder.objects.filter(pk=order_id, state__in=["placed", "partly_received"]).exists()
    if not still_to_come:
        return came
    waiting = {
        pk: max(line.ordered_units - line.given_up_units - line.received_units, Decimal(0))
        for pk, line in lines.items()
    }
    return came + [
        LandingPart(
            key=-pk,
            receipt_id=None,
            units=units,
            cost_minor=units * _unit_cost(lines[pk]),
            weight_grams=lines[pk].product.weight_grams,
        )
        for pk, units in sorted(waiting.items())
        if units > 0
    ]


def _unit_cost(line: PurchaseOrderLine) -> Decimal:
    """Exact minor units of the order's currency a selling unit: as confirmed, else as ordered."""
    if line.confirmed_cost_minor is not None:
        return Decimal(line.confirmed_cost_minor)
    if line.order_unit_cost_minor is not None:
        return Decimal(line.order_unit_cost_minor) / line.order_unit_units
    return Decimal(line.unit_cost_minor)


def _weightless(*, order: PurchaseOrderRow, receipt_id: int | None) -> list[str]:
    """SKUs over which the cost would be spread, whose weight nobody has told."""
    found = PurchaseOrderLine.objects.filter(order_id=order.id, product__weight_grams__isnull=True)
    if receipt_id is not None:
        found = found.filter(receipt_lines__receipt_id=receipt_id)
    return sorted(set(found.values_list("product__sku", flat=True)))
