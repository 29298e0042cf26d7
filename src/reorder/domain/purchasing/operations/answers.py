"""Recording what a supplier said to an order: promised days, confirmed prices, units that will not come."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from django.db.models import F

from reorder.domain.purchasing.answers import JudgedAnswer, NewAcknowledgement, expected_after
from reorder.domain.purchasing.models import Acknowledgement, AcknowledgementLine, PurchaseOrder, PurchaseOrderLine
from reorder.domain.purchasing.operations.landing import settle_landed_cost
from reorder.domain.purchasing.operations.orders import close_if_nothing_comes
from reorder.domain.purchasing.queries import PurchaseOrderRow, get_purchase_order

_LONGEST_TEXT: Final = 500


def record_acknowledgement(
    *,
    order: PurchaseOrderRow,
    answer: NewAcknowledgement,
    judged: Sequence[JudgedAnswer],
    fingerprint: str,
    idempotency_key: str,
) -> PurchaseOrderRow:
    """Write an answer to a locked, open order and what follows from it; returns the order as it is afterwards."""
    written = Acknowledgement.objects.create(
        order_id=order.id,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        supplier_reference=" ".join(answer.supplier_reference.split())[:100],
        note=" ".join(answer.note.split())[:_LONGEST_TEXT],
        source=answer.source,
        acknowledged_at=answer.acknowledged_at,
        recorded_by=answer.recorded_by,
    )
    AcknowledgementLine.objects.bulk_create(
        AcknowledgementLine(
            acknowledgement=written,
            order_line_id=one.line_id,
            answer=one.answer,
            asked_units=one.asked_units,
            accepted_units=one.accepted_units,
            unit_cost_minor=one.unit_cost_minor,
            promised_date=one.promised_date,
        )
        for one in judged
    )
    for one in judged:
        changes: dict[str, object] = {}
        if one.unit_cost_minor is not None:
            changes["confirmed_cost_minor"] = one.unit_cost_minor
        if one.promised_date is not None:
            changes["promised_date"] = one.promised_date
        if changes:
            PurchaseOrderLine.objects.filter(pk=one.line_id).update(**changes)
    give_up_units(units={one.line_id: one.released_units for one in judged})
    return follow_lines(order=order)


def give_up_units(*, units: Mapping[int, Decimal]) -> None:
    """Units by line of a locked order that will not come."""
    for line_id, gone in sorted(units.items()):
        if gone > 0:
            PurchaseOrderLine.objects.filter(pk=line_id).update(given_up_units=F("given_up_units") + gone)


def follow_lines(*, order: PurchaseOrderRow) -> PurchaseOrderRow:
    """Bring a locked order's state, day and costs in line with its lines; returns it as it is now."""
    now = get_purchase_order(number=order.number)
    open_ids = [line.id for line in now.lines if line.missing_units > 0]
    if open_ids:
        promised: dict[int, dt.date | None] = dict(
            PurchaseOrderLine.objects.filter(order_id=order.id).values_list("pk", "promised_date")
        )
        asked = PurchaseOrder.objects.values_list("asked_date", flat=True).get(pk=order.id)
        day = expected_after(asked_date=asked or order.expected_date, promised=promised, open_ids=open_ids)
        PurchaseOrder.objects.filter(pk=order.id).exclude(expected_date=day).update(expected_date=day)
    close_if_nothing_comes(order=now)
    settle_landed_cost(order_id=order.id)
    return get_purchase_order(number=order.number)
