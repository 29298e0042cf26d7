"""Purchase orders for people: the list, and one order with its deliveries, letters and history."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.inventory.of_cause import MovedGoods, list_moved_goods
from reorder.domain.messaging import queries as messaging
from reorder.domain.messaging.queries import OutboxRow
from reorder.domain.purchasing import queries
from reorder.domain.purchasing.queries import (
    AcknowledgementRow,
    ChargeRow,
    DiscrepancyRow,
    OrderListRow,
    ProposalRow,
    PurchaseOrderRow,
    ReceivedDelivery,
    read_sort_values,
    sort_values_of,
)
from reorder.domain.purchasing.rules import cancellation_letter_key, order_letter_key
from reorder.domain.staff import queries as staff
from reorder.domain.staff.queries import AuditRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights import access

OPEN_STATES = ("placed", "partly_received")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some purchase orders; `next_after` are the sort values of the last when more follow."""

    rows: Sequence[OrderListRow]
    next_after: tuple[object, ...] | None


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """Orders that are still to come, and those of them past their day or half here."""

    open_count: int
    late_count: int
    partly_received_count: int


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """One order with what happened to it; `proposals` are what it was made of."""

    order: PurchaseOrderRow
    proposals: Sequence[ProposalRow]
    receipts: Sequence[ReceivedDelivery]
    letters: Sequence[OutboxRow]
    history: Sequence[AuditRow]
    moves: Sequence[MovedGoods]
    answers: Sequence[AcknowledgementRow] = ()
    charges: Sequence[ChargeRow] = ()
    discrepancies: Sequence[DiscrepancyRow] = ()
    can_exchange: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something can still come."""
        return self.order.state in OPEN_STATES


def list_orders(
    *,
    actor: Actor,
    tab: str,
    today: dt.date,
    size: int,
    search: str = "",
    after: tuple[object, ...] | None = None,
) -> OrderPage:
    """Orders of the actor's places on one tab; a cursor of another tab starts from the first. Raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    rows = queries.list_order_page(
        tab=tab,
        today=today,
        size=size + 1,
        search=search,
        place_codes=actor.place_codes,
        after=read_sort_values(tab=tab, values=after) if after else None,
    )
    shown = rows[:size]
    more = len(rows) > size
    return OrderPage(rows=shown, next_after=sort_values_of(row=shown[-1], tab=tab) if more else None)


def count_orders(*, actor: Actor, today: dt.date) -> OrderCounts:
    """Orders still to come at the actor's places; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    found = queries.count_open_orders(today=today, place_codes=actor.place_codes)
    return OrderCounts(found.open_count, found.late_count, found.partly_received_count)


def get_order_details(*, actor: Actor, number: str) -> OrderDetails:
    """One order of a place of the actor's; raises NotAllowed, UnknownPurchaseOrder."""
    order = access.get_purchase_order(actor=actor, number=number)
    keys = [order_letter_key(number=number), cancellation_letter_key(number=number)]
    receipts = queries.list_receipts_of_order(order_id=order.id)
    terms = queries.get_document_terms(supplier_code=order.supplier_code)
    return OrderDetails(
        order=order,
        proposals=queries.list_proposals_of_order(order_id=order.id),
        receipts=receipts,
        letters=messaging.list_messages_by_key(idempotency_keys=keys),
        history=staff.list_audit(subject_kind="purchase_order", subject_key=number, limit=50),
        moves=list_moved_goods(cause_kind="purchase_order", cause_key=number),
        answers=queries.list_acknowledgements(order_id=order.id),
        charges=queries.list_charges(order_id=order.id),
        discrepancies=queries.list_discrepancies_of_order(order_id=order.id),
        can_exchange=terms.can_exchange,
    )
