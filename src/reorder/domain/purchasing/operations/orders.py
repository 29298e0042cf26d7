"""Purchase orders and receipts; a state changes only from the states that its condition names."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from django.db import connection

from reorder.domain.purchasing.errors import ProposalDecided, PurchaseOrderClosed, UnknownPurchaseOrder
from reorder.domain.purchasing.models import (
    Offer,
    Proposal,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    ReceiptLine,
    Supplier,
)
from reorder.domain.purchasing.queries import ProposalRow, PurchaseOrderRow, get_purchase_order, get_purchase_orders
from reorder.domain.purchasing.rules import Counted, expected_date, order_number
from reorder.domain.storage import run_sql

_OPEN_STATES: Final = (PurchaseOrder.State.PLACED, PurchaseOrder.State.PARTLY_RECEIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """Who counted a delivery, when, and under which key; `lot` and expiry hold for all its lines."""

    idempotency_key: str
    received_at: dt.datetime
    recorded_by: str = ""
    lot: str = ""
    expires_date: dt.date | None = None


def place_orders(
    *,
    proposals: Sequence[ProposalRow],
    placed_at: dt.datetime,
    placed_date: dt.date,
    placed_by: str,
    approval_key: str = "",
) -> list[PurchaseOrderRow]:
    """Turn open proposals into purchase orders, one for each supplier and place, and mark them approved.

    `placed_date` is the shop's calendar day of `placed_at`; by `approval_key` a repeated approval finds its orders.
    ProposalDecided when one is no longer open: then nothing may be committed. Call after `lock_deciding`.
    """

    def joined(row: ProposalRow) -> tuple[str, str]:
        return row.supplier_code, row.place_code

    numbers = []
    for _, group in groupby(sorted(proposals, key=joined), key=joined):
        rows = list(group)
        order = _create_order(
            rows=rows, placed_at=placed_at, placed_date=placed_date, placed_by=placed_by, approval_key=approval_key
        )
        _mark_approved(rows=rows, order=order)
        numbers.append(order.number)
    return get_purchase_orders(numbers=numbers)


def lock_purchase_order(*, number: str) -> PurchaseOrderRow:
    """The order as it is now, held against every other receipt and cancellation until the transaction ends.

    Raises UnknownPurchaseOrder.
    """
    if not PurchaseOrder.objects.select_for_update().filter(number=number).exists():
        raise UnknownPurchaseOrder(number=number)
    return get_purchase_order(number=number)


def record_receipt(*, order: PurchaseOrderRow, counted: Sequence[Counted], receipt: NewReceipt) -> PurchaseOrderRow:
    """Write a receipt of a locked, open order and move its state on; returns the order as it is afterwards.

    Raises PurchaseOrderClosed.
    """
    refuse_closed(order=order, action="received")
    written = Receipt.objects.create(
        order_id=order.id,
        idempotency_key=receipt.idempotency_key,
        received_at=receipt.received_at,
        recorded_by=receipt.recorded_by,
    )
    line_ids = {line.sku: line.id for line in order.lines}
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=written,
            order_line_id=line_ids[part.sku],
            units=part.units,
            lot=receipt.lot,
            expires_date=receipt.expires_date,
        )
        for part in counted
    )
    run_sql(
        statement="""UPDATE purchasing_purchaseorderline AS line SET received_units = line.received_units + part.units
                     FROM unnest(%s::bigint[], %s::numeric[]) AS part (id, units) WHERE line.id = part.id""",
        parameters=[[line_ids[part.sku] for part in counted], [part.units for part in counted]],
    )
    after = get_purchase_order(number=order.number)
    is_whole = all(line.missing_units == 0 for line in after.lines)
    _move_state(order=after, state=PurchaseOrder.State.RECEIVED if is_whole else PurchaseOrder.State.PARTLY_RECEIVED)
    return get_purchase_order(number=order.number)


def cancel_rest(*, order: PurchaseOrderRow) -> Mapping[str, Decimal]:
    """Close a locked, open order: nothing more will come. Returns the units by SKU that were still missing.

    What was received stays received. Raises PurchaseOrderClosed.
    """
    refuse_closed(order=order, action="cancelled")
    _move_state(order=order, state=PurchaseOrder.State.CANCELLED)
    return {line.sku: line.missing_units for line in order.lines if line.missing_units > 0}


def _create_order(
    *, rows: Sequence[ProposalRow], placed_at: dt.datetime, placed_date: dt.date, placed_by: str, approval_key: str
) -> PurchaseOrder:
    first = rows[0]
    order = PurchaseOrder.objects.create(
        number=_take_number(year=placed_date.year),
        supplier_id=first.supplier_id,
        place_id=first.place_id,
        currency=first.currency,
        placed_at=placed_at,
        placed_by=placed_by,
        approval_key=approval_key,
        expected_date=expected_date(placed_date=placed_date, lead_days=_lead_days(rows=rows)),
    )
    PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            order=order, product_id=row.product_id, ordered_units=row.units, unit_cost_minor=row.unit_cost_minor
        )
        for row in rows
    )
    return order


def _take_number(*, year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('purchasing_order_number')")
        ordinal = cursor.fetchone()[0]
    return order_number(year=year, ordinal=ordinal)


def _lead_days(*, rows: Sequence[ProposalRow]) -> list[int]:
    usual = Supplier.objects.get(pk=rows[0].supplier_id).lead_days
    own = Offer.objects.filter(
        supplier_id=rows[0].supplier_id, product_id__in=[row.product_id for row in rows]
    ).values_list("lead_days", flat=True)
    return [usual if days is None else days for days in own] or [usual]


def _mark_approved(*, rows: Sequence[ProposalRow], order: PurchaseOrder) -> None:
    changed = Proposal.objects.filter(pk__in=[row.id for row in rows], state=Proposal.State.OPEN).update(
        state=Proposal.State.APPROVED,
        decided_at=order.placed_at,
        decided_by=order.placed_by,
        purchase_order=order,
    )
    if changed != len(rows):
        decided = Proposal.objects.filter(pk__in=[row.id for row in rows]).exclude(purchase_order=order).first()
        state = decided.state if decided else "removed"
        raise ProposalDecided(proposal_id=decided.pk if decided else rows[0].id, state=state, by="")


def refuse_closed(*, order: PurchaseOrderRow, action: str) -> None:
    """Raises PurchaseOrderClosed when nothing more can come of this order."""
    if order.state not in _OPEN_STATES:
        raise PurchaseOrderClosed(number=order.number, state=order.state, action=action)


def _move_state(*, order: PurchaseOrderRow, state: PurchaseOrder.State) -> None:
    moved = PurchaseOrder.objects.filter(pk=order.id, state__in=_OPEN_STATES).update(state=state)
    if moved != 1:
        raise PurchaseOrderClosed(number=order.number, state=order.state, action="changed")
