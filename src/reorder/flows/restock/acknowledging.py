"""A supplier's answer to an order: promised days, prices and what will not come, which leaves the incoming goods."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.rules import SUPPLIER, NewMove, incoming_of
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.answers import JudgedAnswer, NewAcknowledgement, NewAnswer, judge_answer
from reorder.domain.purchasing.errors import AnswerKeyReused, AnswerNotOurs
from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.documents.x12 import (
    AcknowledgedLine,
    X12Acknowledgement,
    read_acknowledgements,
    unit_code_of,
)
from reorder.flows.shop_day import shop_date
from reorder.kernel.fingerprint import fingerprint_of
from reorder.kernel.ids import idempotency_key as key_of
from reorder.kernel.money import Money, minor_digits

_SELLING_UNIT: Final = "EA"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An answer on record: the order as it is now, and each answered line (none when it was recorded before)."""

    order: PurchaseOrderRow
    lines: tuple[JudgedAnswer, ...]
    is_new: bool

    @property
    def released(self) -> dict[str, Decimal]:
        """Units by SKU that will not come."""
        return {line.sku: line.released_units for line in self.lines if line.released_units > 0}


def acknowledge(*, number: str, answer: NewAcknowledgement) -> Acknowledged:
    """Record what a supplier said to an open order; the same key again changes nothing.

    Units that are refused leave the incoming goods, and the plan looks at them again. Raises UnknownPurchaseOrder,
    PurchaseOrderClosed, UnknownOrderLine, BadAnswer, AnswerKeyReused.
    """
    with one_transaction():
        return _acknowledge(number=number, answer=answer)


def read_x12_answers(
    *, content: bytes, acknowledged_at: dt.datetime, recorded_by: str
) -> list[tuple[str, NewAcknowledgement]]:
    """The answers of an X12 855 file by order number; nothing is recorded yet.

    Units and prices come in the unit of the order and are counted in selling units. Raises BadX12, AnswerNotOurs,
    UnknownPurchaseOrder.
    """
    found = read_acknowledgements(content)
    orders = queries.get_purchase_orders(numbers=[one.order_number for one in found])
    return [
        (
            order.number,
            NewAcknowledgement(
                idempotency_key=f"x12 {one.sender[1]} {one.control_number} {one.set_number}",
                acknowledged_at=acknowledged_at,
                source="x12",
                supplier_reference=one.supplier_reference,
                recorded_by=recorded_by,
                lines=_answers(order=order, said=one),
            ),
        )
        for one, order in zip(found, orders, strict=True)
    ]


def acknowledge_all(*, answers: Sequence[tuple[str, NewAcknowledgement]]) -> list[Acknowledged]:
    """Record several answers, all or none, by order number."""
    with one_transaction():
        return [
            _acknowledge(number=number, answer=answer) for number, answer in sorted(answers, key=lambda one: one[0])
        ]


def _acknowledge(*, number: str, answer: NewAcknowledgement) -> Acknowledged:
    key = key_of("acknowledgement", number, answer.idempotency_key)
    fingerprint = fingerprint_of(values=(answer.supplier_reference, *sorted(map(repr, answer.lines))))
    order = operations.lock_purchase_order(number=number)
    known = queries.find_answer_fingerprint(idempotency_key=key)
    if known is not None:
        if known != fingerprint:
            raise AnswerKeyReused(key=answer.idempotency_key, number=number)
        return Acknowledged(order=order, lines=(), is_new=False)
    operations.refuse_closed(order=order, action="acknowledged")
    judged = judge_answer(
        number=number, placed_date=shop_date(moment=order.placed_at), lines=order.lines, answers=answer.lines
    )
    after = operations.record_acknowledgement(
        order=order, answer=answer, judged=judged, fingerprint=fingerprint, idempotency_key=key
    )
    inventory.record_moves(moves=_released_moves(order=order, judged=judged, key=key, moment=answer.acknowledged_at))
    planning.mark_dirty(kind="position", subject_keys=order.position_keys)
    record_audit(
        actor=answer.recorded_by or "system",
        action="purchasing.acknowledge",
        subject_kind="purchase_order",
        subject_key=number,
        details={
            "source": answer.source,
            "reference": answer.supplier_reference,
            "lines": len(judged),
            "refused": {one.sku: str(one.released_units) for one in judged if one.released_units > 0},
            "expected": after.expected_date.isoformat(),
        },
    )
    return Acknowledged(order=after, lines=tuple(judged), is_new=True)


def _answers(*, order: PurchaseOrderRow, said: X12Acknowledgement) -> tuple[NewAnswer, ...]:
    terms = queries.get_document_terms(supplier_code=order.supplier_code)
    if terms.their_id and said.sender != (terms.their_qualifier, terms.their_id):
        raise AnswerNotOurs(
            number=order.number, reason="the sender is not this order's supplier", text=" ".join(said.sender)
        )
    if said.verdict == "refused":
        # Every line, whatever came meanwhile: the same file must say the same when it is read again.
        return tuple(NewAnswer(sku=line.sku, accepted_units=Decimal(0)) for line in order.lines)
    return tuple(_answer(order=order, line=_line_of(order, one), said=one) for one in said.lines)


def _line_of(order: PurchaseOrderRow, said: AcknowledgedLine) -> OrderLineRow:
    ours = said.items.get("BP") or said.items.get("IN") or said.items.get("SK")
    theirs = said.items.get("VN") or said.items.get("VP")
    for line in order.lines:
        if (ours and line.sku == ours) or (not ours and theirs and line.supplier_sku == theirs):
            return line
    if not ours and not theirs and said.line_number.isdigit() and 1 <= int(said.line_number) <= len(order.lines):
        return order.lines[int(said.line_number) - 1]
    text = f"PO1 {said.line_number} {ours or theirs or ''}".strip()
    raise AnswerNotOurs(number=order.number, reason="a line is not on the order", text=text)


def _answer(*, order: PurchaseOrderRow, line: OrderLineRow, said: AcknowledgedLine) -> NewAnswer:
    if said.unit_code == _SELLING_UNIT:
        factor = Decimal(1)
    elif line.order_unit and said.unit_code == unit_code_of(line=line):
        factor = line.order_unit_units
    else:
        raise AnswerNotOurs(
            number=order.number, reason="the unit is not the order's", text=f"{line.sku} {said.unit_code}"
        )
    return NewAnswer(
        sku=line.sku,
        accepted_units=None if said.accepted_units is None else said.accepted_units * factor,
        unit_cost_minor=_new_price(line=line, said=said, factor=factor, currency=order.currency),
        promised_date=said.promised_date,
        is_backordered=said.is_backordered,
    )


def _new_price(*, line: OrderLineRow, said: AcknowledgedLine, factor: Decimal, currency: str) -> int | None:
    """Minor units a selling unit; None where the price is as ordered, said or not."""
    if said.price is None:
        return None
    ordered = line.unit_cost_minor if line.order_unit_cost_minor is None else line.order_unit_cost_minor
    if factor == (line.order_unit_units if line.order_unit_cost_minor is not None else 1) and said.price == (
        Money(ordered, currency).major
    ):
        return None
    exact = (said.price / factor).scaleb(minor_digits(currency=currency))
    return int(exact.to_integral_value(rounding="ROUND_HALF_UP"))


def _released_moves(
    *, order: PurchaseOrderRow, judged: Sequence[JudgedAnswer], key: str, moment: dt.datetime
) -> list[NewMove]:
    products = {line.id: line.product_id for line in order.lines}
    return [
        NewMove(
            key=key_of("refused", key, one.sku),
            kind="on_order",
            product_id=products[one.line_id],
            units=one.released_units,
            source=incoming_of(place_code=order.place_code),
            target=SUPPLIER,
            cause_kind="purchase_order",
            cause_key=order.number,
            happened_at=moment,
        )
        for one in judged
        if one.released_units > 0
    ]
