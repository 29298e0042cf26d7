"""From approved proposals to purchase orders: orders, incoming stock, letter and job commit together or not at all."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.rules import SUPPLIER, NewMove, incoming_of
from reorder.domain.messaging import operations as messaging
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.errors import NothingProposed
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.queries import ProposalRow, PurchaseOrderRow
from reorder.domain.storage import one_transaction
from reorder.flows.restock.document import cancellation_letter, order_as_csv, order_letter
from reorder.kernel.ids import idempotency_key
from reorder.kernel.jobs import JobName, defer_job


def approve(*, proposal_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[PurchaseOrderRow]:
    """Order these proposals: one purchase order for each supplier and place, sent to the supplier by e-mail.

    Raises UnknownProposal, ProposalDecided; then nothing is ordered.
    """
    with one_transaction():
        lock_deciding()
        orders = _order(proposals=queries.get_open_proposals(ids=proposal_ids), decided_by=decided_by, moment=moment)
    save_order_files(orders=orders)
    return orders


def approve_supplier(*, supplier_code: str, decided_by: str, moment: dt.datetime) -> list[PurchaseOrderRow]:
    """Order every open proposal of one supplier. Raises UnknownSupplier, NothingProposed."""
    queries.get_supplier(code=supplier_code)
    with one_transaction():
        lock_deciding()
        open_ones = queries.list_open_proposals(supplier_code=supplier_code)
        if not open_ones:
            raise NothingProposed(where=f" of {supplier_code}")
        orders = _order(proposals=open_ones, decided_by=decided_by, moment=moment)
    save_order_files(orders=orders)
    return orders


def approve_all(*, decided_by: str, moment: dt.datetime) -> list[PurchaseOrderRow]:
    """Order every open proposal. Raises NothingProposed."""
    with one_transaction():
        lock_deciding()
        open_ones = queries.list_open_proposals()
        if not open_ones:
            raise NothingProposed(where="")
        orders = _order(proposals=open_ones, decided_by=decided_by, moment=moment)
    save_order_files(orders=orders)
    return orders


def dismiss(*, proposal_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> int:
    """Turn proposals down; they come back with the next night if stock is still low. Returns how many.

    Raises UnknownProposal, ProposalDecided; then nothing is dismissed.
    """
    with one_transaction():
        lock_deciding()
        return operations.dismiss_proposals(proposal_ids=proposal_ids, decided_by=decided_by, decided_at=moment)


def cancel_order(*, number: str, moment: dt.datetime) -> dict[str, Decimal]:
    """Give up what is still missing of a purchase order, tell the supplier, and free the incoming stock.

    What was received stays. Returns the units given up by SKU. Raises UnknownPurchaseOrder, PurchaseOrderClosed.
    """
    with one_transaction():
        order = operations.lock_purchase_order(number=number)
        missing = dict(operations.cancel_rest(order=order))
        inventory.record_moves(moves=_given_up_moves(order=order, missing=missing, moment=moment))
        planning.mark_dirty(kind="position", subject_keys=order.position_keys)
        if order.supplier_email:
            letter = cancellation_letter(
                order=order, missing=missing, shop_name=settings.REORDER.shop_name, moment=moment
            )
            messaging.plan_messages(drafts=[letter])
            defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    return missing


def save_order_files(*, orders: Sequence[PurchaseOrderRow]) -> list[Path]:
    """Write each order as a CSV file into the folder purchase-orders of the home folder.

    Runs after the commit and may run again: the same order gives the same file.
    """
    folder = Path(settings.HOME) / "purchase-orders"
    folder.mkdir(parents=True, exist_ok=True)
    return [_save_file(folder=folder, order=order) for order in orders]


def _order(*, proposals: Sequence[ProposalRow], decided_by: str, moment: dt.datetime) -> list[PurchaseOrderRow]:
    orders = operations.place_orders(
        proposals=proposals, placed_at=moment, placed_date=_shop_date(moment), placed_by=decided_by
    )
    inventory.record_moves(moves=[move for order in orders for move in _on_order_moves(order=order)])
    planning.mark_dirty(kind="position", subject_keys=[row.position_key for row in proposals])
    letters = [
        order_letter(
            order=order,
            content=order_as_csv(order=order, placed_date=_shop_date(moment)),
            shop_name=settings.REORDER.shop_name,
            moment=moment,
        )
        for order in orders
        if order.supplier_email
    ]
    messaging.plan_messages(drafts=letters)
    if letters:
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    return orders


def _on_order_moves(*, order: PurchaseOrderRow) -> list[NewMove]:
    return [
        NewMove(
            key=idempotency_key("on_order", order.number, line.sku),
            kind="on_order",
            product_id=line.product_id,
            units=line.ordered_units,
            source=SUPPLIER,
            target=incoming_of(place_code=order.place_code),
            cause_kind="purchase_order",
            cause_key=order.number,
            happened_at=order.placed_at,
        )
        for line in order.lines
    ]


def _given_up_moves(*, order: PurchaseOrderRow, missing: dict[str, Decimal], moment: dt.datetime) -> list[NewMove]:
    return [
        NewMove(
            key=idempotency_key("given_up", order.number, line.sku),
            kind="on_order",
            product_id=line.product_id,
            units=missing[line.sku],
            source=incoming_of(place_code=order.place_code),
            target=SUPPLIER,
            cause_kind="purchase_order",
            cause_key=order.number,
            happened_at=moment,
        )
        for line in order.lines
        if line.sku in missing
    ]


def _save_file(*, folder: Path, order: PurchaseOrderRow) -> Path:
    file = folder / f"{order.number}.csv"
    part = file.with_suffix(".csv.part")
    part.write_bytes(order_as_csv(order=order, placed_date=_shop_date(order.placed_at)))
    part.replace(file)
    return file


def _shop_date(moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).date()
