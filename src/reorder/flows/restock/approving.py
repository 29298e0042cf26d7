"""From approved proposals to purchase orders: orders, incoming stock, letter, audit and job commit together or not."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.rules import SUPPLIER, NewMove, incoming_of
from reorder.domain.messaging import operations as messaging
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.errors import NothingProposed
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.queries import ProposalRow, PurchaseOrderRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.restock.files import save_order_files_later
from reorder.flows.restock.letters import order_letter
from reorder.flows.restock.selecting import Selection, selected
from reorder.flows.shop_day import shop_date, shop_time
from reorder.kernel.ids import idempotency_key
from reorder.kernel.jobs import JobName, defer_job

_AT_ONCE = dt.timedelta(0)


def approve(*, proposal_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[PurchaseOrderRow]:
    """Order these proposals: one purchase order for each supplier and place, sent to the supplier by e-mail.

    An order above the shop's limit waits for a second person instead: nothing is on the way, nothing is sent.
    Raises UnknownProposal, ProposalDecided; then nothing is ordered.
    """
    with one_transaction():
        lock_deciding()
        return order_proposals(
            proposals=queries.get_open_proposals(ids=proposal_ids), decided_by=decided_by, moment=moment
        )


def approve_supplier(
    *, supplier_code: str, decided_by: str, moment: dt.datetime, place_codes: frozenset[str] = frozenset()
) -> list[PurchaseOrderRow]:
    """Order every open proposal of one supplier, at some places when they are named.

    Raises UnknownSupplier, NothingProposed.
    """
    queries.get_supplier(code=supplier_code)
    with one_transaction():
        lock_deciding()
        open_ones = queries.list_open_proposals(supplier_code=supplier_code, place_codes=place_codes)
        if not open_ones:
            raise NothingProposed(where=f" of {supplier_code}")
        return order_proposals(proposals=open_ones, decided_by=decided_by, moment=moment)


def approve_all(
    *, decided_by: str, moment: dt.datetime, place_codes: frozenset[str] = frozenset()
) -> list[PurchaseOrderRow]:
    """Order every open proposal, at some places when they are named. Raises NothingProposed."""
    with one_transaction():
        lock_deciding()
        open_ones = queries.list_open_proposals(place_codes=place_codes)
        if not open_ones:
            raise NothingProposed(where="")
        return order_proposals(proposals=open_ones, decided_by=decided_by, moment=moment)


def approve_selection(
    *, selection: Selection, approval_key: str, decided_by: str, moment: dt.datetime, letter_wait: dt.timedelta
) -> list[PurchaseOrderRow]:
    """Order what a page had ticked, as the page showed it; the same `approval_key` again gives the same orders.

    Letters leave after `letter_wait`, so that an undo within it reaches no supplier. Raises SelectionChanged,
    ProposalChanged, ProposalDecided, UnknownProposal, NothingSelected; then nothing is ordered.
    """
    key = idempotency_key("approval", decided_by, approval_key)
    with one_transaction():
        lock_deciding()
        known = queries.list_orders_of_approval(approval_key=key)
        if known:
            return known
        return order_proposals(
            proposals=selected(selection=selection, today=shop_date(moment=moment)),
            decided_by=decided_by,
            moment=moment,
            approval_key=key,
            letter_wait=letter_wait,
        )


def order_proposals(
    *,
    proposals: Sequence[ProposalRow],
    decided_by: str,
    moment: dt.datetime,
    approval_key: str = "",
    letter_wait: dt.timedelta = _AT_ONCE,
) -> list[PurchaseOrderRow]:
    """Turn open proposals into orders with all that follows; for flows that hold the transaction and `lock_deciding`.

    Raises ProposalDecided.
    """
    orders = operations.place_orders(
        proposals=proposals,
        placing=operations.Placing(
            placed_at=moment,
            placed_date=shop_date(moment=moment),
            placed_time=shop_time(moment=moment),
            placed_by=decided_by,
            approval_key=approval_key,
            limit_minor=queries.get_buying_policy().approval_limit_minor,
        ),
    )
    send_out(
        orders=[order for order in orders if order.state == "placed"], actor=decided_by, send_after=moment + letter_wait
    )
    # Those that wait count as bought for the plan from now on, and are on the way for nobody.
    planning.mark_dirty(kind="position", subject_keys=[row.position_key for row in proposals])
    for order in orders:
        if order.state != "placed":
            record_order(order=order, action="purchasing.ask_second", actor=decided_by)
    return orders


def send_out(*, orders: Sequence[PurchaseOrderRow], actor: str, send_after: dt.datetime) -> None:
    """What follows from placed orders: goods on the way, letters, files and audit, in the caller's transaction."""
    inventory.record_moves(moves=[move for order in orders for move in _on_order_moves(order=order)])
    letters = [
        order_letter(order=order, shop_name=settings.REORDER.shop_name, send_after=send_after)
        for order in orders
        if order.supplier_email
    ]
    messaging.plan_messages(drafts=letters)
    if letters:
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    for order in orders:
        record_order(order=order, action="purchasing.approve", actor=actor)
    save_order_files_later(orders=orders)


def record_order(*, order: PurchaseOrderRow, action: str, actor: str) -> None:
    """One line of the audit trail about an order."""
    record_audit(
        actor=actor,
        action=action,
        subject_kind="purchase_order",
        subject_key=order.number,
        details={"supplier": order.supplier_code, "place": order.place_code, "lines": len(order.lines)},
    )


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
