"""From a counted delivery to stock: what was on order leaves the incoming goods, the rest is booked as extra."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.rules import SUPPLIER, NewMove, incoming_of, stock_of
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.delivery_faults import (
    DeliveryFault,
    good_units,
    refuse_bad_faults,
    units_by_kind,
    with_extra,
)
from reorder.domain.purchasing.errors import ReceiptKeyReused
from reorder.domain.purchasing.operations import NewReceipt
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.purchasing.rules import Counted, count_delivery
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.kernel.ids import idempotency_key as key_of


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery taken into stock: the order as it is now, and what was counted by line.

    `counted` is empty when the same delivery had been recorded before (`is_new` false); `faults` were short or refused.
    """

    order: PurchaseOrderRow
    counted: tuple[Counted, ...]
    is_new: bool
    faults: tuple[DeliveryFault, ...] = ()

    @property
    def extra(self) -> dict[str, Decimal]:
        """Units by SKU that came beyond the order."""
        return {part.sku: part.extra_units for part in self.counted if part.extra_units > 0}

    @property
    def missing(self) -> dict[str, Decimal]:
        """Units by SKU that are still to come."""
        return {line.sku: line.missing_units for line in self.order.lines if line.missing_units > 0}


def receive(
    *,
    number: str,
    received_at: dt.datetime,
    idempotency_key: str,
    lines: Mapping[str, Decimal] | None = None,
    lot: str = "",
    expires_date: dt.date | None = None,
    received_by: str = "",
    faults: Sequence[DeliveryFault] = (),
) -> Received:
    """Take a delivery of a purchase order into stock, in one transaction.

    `lines` are the counted selling units by SKU; None: everything that is still missing. More than was ordered is
    accepted as it was counted and comes straight from the supplier in the ledger. `faults` are units on top that were
    short or refused: they never become stock and stay on order. The same key again changes nothing.
    Raises UnknownPurchaseOrder, PurchaseOrderClosed, UnknownOrderLine, BadCount, NothingReceived, ReceiptKeyReused.
    """
    receipt = NewReceipt(
        idempotency_key=key_of("receipt", number, idempotency_key),
        received_at=received_at,
        recorded_by=received_by,
        lot=lot,
        expires_date=expires_date,
    )
    with one_transaction():
        order = operations.lock_purchase_order(number=number)
        if _is_known(number=number, lines=lines, receipt=receipt, given_key=idempotency_key):
            return Received(order=order, counted=(), is_new=False)
        operations.refuse_closed(order=order, action="received")
        refuse_bad_faults(number=number, lines=order.lines, faults=faults)
        good = good_units(lines=order.lines, faults=faults) if lines is None and faults else lines
        counted = count_delivery(number=number, lines=order.lines, counted=good, has_faults=bool(faults))
        after = operations.record_receipt(order=order, counted=counted, receipt=receipt)
        noted = with_extra(faults=faults, counted=counted)
        operations.record_faults(order=order, receipt_key=receipt.idempotency_key, faults=noted)
        inventory.record_moves(moves=_moves(order=order, counted=counted, receipt=receipt))
        planning.mark_dirty(kind="position", subject_keys=order.position_keys)
        record_audit(
            actor=received_by or "system",
            action="purchasing.receive",
            subject_kind="purchase_order",
            subject_key=number,
            details={"lines": len(counted), "state": after.state}
            | {kind: str(units) for kind, units in units_by_kind(faults=noted).items()},
        )
    return Received(order=after, counted=tuple(counted), is_new=True, faults=tuple(faults))


def is_received(*, number: str, idempotency_key: str) -> bool:
    """Whether a delivery of this order was recorded under this key, with whatever counts."""
    return queries.find_receipt(idempotency_key=key_of("receipt", number, idempotency_key)) is not None


def _is_known(*, number: str, lines: Mapping[str, Decimal] | None, receipt: NewReceipt, given_key: str) -> bool:
    known = queries.find_receipt(idempotency_key=receipt.idempotency_key)
    if known is None:
        return False
    if lines is not None and {sku: units for sku, units in lines.items() if units} != known.units:
        raise ReceiptKeyReused(key=given_key, number=number)
    return True


def _moves(*, order: PurchaseOrderRow, counted: Sequence[Counted], receipt: NewReceipt) -> list[NewMove]:
    products = {line.sku: line.product_id for line in order.lines}
    sides = [(part, part.expected_units, incoming_of(place_code=order.place_code), "ordered") for part in counted] + [
        (part, part.extra_units, SUPPLIER, "extra") for part in counted
    ]
    return [
        NewMove(
            key=key_of(receipt.idempotency_key, part.sku, side),
            kind="receipt",
            product_id=products[part.sku],
            units=units,
            source=source,
            target=stock_of(place_code=order.place_code),
            cause_kind="purchase_order",
            cause_key=order.number,
            happened_at=receipt.received_at,
            lot=receipt.lot,
            expires_date=receipt.expires_date,
        )
        for part, units, source, side in sides
        if units > 0
    ]
