"""What follows a purchase order: the supplier's answer, costs on top, cancelled lines; what suppliers are like."""

from typing import Annotated, Literal

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import (
    Amount,
    CountedUnits,
    Currency,
    Day,
    ExactUnits,
    Given,
    IdempotencyKey,
    Key,
    Text,
)
from reorder.api.purchase_orders import PurchaseOrder, show_order
from reorder.domain.purchasing.answers import NewAcknowledgement, NewAnswer
from reorder.domain.purchasing.landing import NewCharge
from reorder.domain.purchasing.queries import PurchaseOrderRow, Scorecard
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.insights import access, buying_suppliers
from reorder.kernel import clock
from reorder.kernel.money import parse_money

router = Router(tags=["purchase orders"])
Note = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]


class AnswerLine(Given):
    """What the supplier says to one product; what is left out is as ordered."""

    sku: Key
    accepted_units: CountedUnits | None = Field(default=None, description="Of what is still to come; null: all of it.")
    unit_cost: Amount | None = Field(default=None, description="The price of a selling unit, in the order's currency.")
    promised_date: Day | None = None
    is_backordered: bool = Field(default=False, description="What is not accepted now comes later and stays expected.")


class AcknowledgementBody(Given):
    """A supplier's answer; without lines everything is accepted as it was ordered."""

    supplier_reference: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = ""
    note: Text = ""
    lines: Annotated[list[AnswerLine], Field(max_length=1000)] = Field(default=[])


class AnsweredLine(Schema):
    """How one line was taken."""

    sku: str
    answer: Literal["accepted", "changed", "backordered", "refused"]
    accepted_units: ExactUnits
    released_units: ExactUnits = Field(description="Will not come, and are no longer on the way.")


class Acknowledged(Schema):
    """The order as it is after the answer; no lines when the answer was recorded before."""

    purchase_order: PurchaseOrder
    is_new: bool
    lines: list[AnsweredLine]


class X12Body(Given):
    """The text of an X12 855 file, as the supplier sent it."""

    content: Annotated[str, StringConstraints(min_length=1, max_length=5_000_000)]


class X12Acknowledged(Schema):
    """Every order that the file answers."""

    acknowledgements: list[Acknowledged]


class ChargeBody(Given):
    """Freight, duty or another cost of an order, spread over its goods."""

    kind: Literal["freight", "duty", "other"]
    basis: Literal["value", "weight", "units"] = "value"
    amount: Amount
    currency: Currency
    note: Note = ""


class Charged(Schema):
    """Whether the cost was new."""

    is_new: bool


class CancelledLinesBody(Given):
    """Products that shall no longer come; the rest of the order stands."""

    skus: Annotated[list[Key], Field(min_length=1, max_length=1000)]


class CancelledLines(Schema):
    """The order as it is now, and the units by SKU that no longer come."""

    purchase_order: PurchaseOrder
    units: dict[str, ExactUnits]


class SupplierScore(Schema):
    """How one supplier kept its word; shares are between 0 and 1, null where nothing is known."""

    supplier: str
    supplier_name: str
    days: int
    has_enough_deliveries: bool
    due_lines: int
    on_time_lines: int
    on_time_share: float | None
    fill_share: float | None
    delivered_lines: int
    deliveries: int
    agreed_lead_days: int
    mean_lead_days: float | None
    lead_days_deviation: float | None
    median_lead_days: float | None
    p90_lead_days: float | None
    short: int
    over: int
    damaged: int
    wrong_item: int
    quality_refused: int
    price_changes: int
    mean_price_change_share: float | None
    open_orders: int
    late_orders: int
    landed_share: float | None


class SupplierScores(Schema):
    """Suppliers in use or bought from lately, by name."""

    items: list[SupplierScore]


class ScoreFilter(Schema):
    """Over which span, and of whom."""

    days: int = Field(default=90, ge=1, le=1095)
    supplier: Key | None = None


@writes(
    router,
    "/purchase-orders/{number}/acknowledgements",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: Acknowledged},
    summary="Record what the supplier answered",
)
def post_acknowledgement(
    request: ApiRequest, idempotency_key: IdempotencyKey, number: Key, body: AcknowledgementBody
) -> Written:
    order = access.get_purchase_order(actor=request.auth, number=number, ability=Ability.DECIDE_PROPOSALS)
    answer = NewAcknowledgement(
        idempotency_key=f"api:{request.auth.token_id}:{idempotency_key}",
        acknowledged_at=clock.current_moment(),
        source="api",
        supplier_reference=body.supplier_reference,
        note=body.note,
        recorded_by=request.auth.name,
        lines=tuple(_answer(line, order) for line in body.lines),
    )
    return Written(status=200, body=_acknowledged(restock.acknowledge(number=number, answer=answer)))


@writes(
    router,
    "/acknowledgements/x12",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: X12Acknowledged},
    summary="Record the answers of an X12 855 file, all or none",
)
def post_x12_acknowledgement(request: ApiRequest, idempotency_key: IdempotencyKey, body: X12Body) -> Written:
    answers = restock.read_x12_answers(
        content=body.content.encode(), acknowledged_at=clock.current_moment(), recorded_by=request.auth.name
    )
    numbers = [number for number, _answer in answers]
    access.get_purchase_orders(actor=request.auth, numbers=numbers, ability=Ability.DECIDE_PROPOSALS)
    done = restock.acknowledge_all(answers=answers)
    return Written(status=200, body=X12Acknowledged(acknowledgements=[_acknowledged(one) for one in done]))


@writes(
    router,
    "/purchase-orders/{number}/charges",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: Charged},
    summary="Add freight, duty or another cost",
)
def post_charge(request: ApiRequest, idempotency_key: IdempotencyKey, number: Key, body: ChargeBody) -> Written:
    access.get_purchase_order(actor=request.auth, number=number, ability=Ability.DECIDE_PROPOSALS)
    charge = NewCharge(
        kind=body.kind,
        basis=body.basis,
        amount_minor=parse_money(text=str(body.amount), currency=body.currency).minor,
        currency=body.currency,
        note=body.note,
    )
    is_new = restock.add_charge(
        number=number,
        charge=charge,
        idempotency_key=f"api:{request.auth.token_id}:{idempotency_key}",
        decided_by=request.auth.name,
    )
    return Written(status=200, body=Charged(is_new=is_new))


@writes(
    router,
    "/purchase-orders/{number}/cancelled-lines",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: CancelledLines},
    summary="Give up single lines; the supplier is told",
)
def post_cancelled_lines(
    request: ApiRequest, idempotency_key: IdempotencyKey, number: Key, body: CancelledLinesBody
) -> Written:
    access.get_purchase_order(actor=request.auth, number=number, ability=Ability.DECIDE_PROPOSALS)
    order, units = restock.cancel_lines(
        number=number, skus=body.skus, moment=clock.current_moment(), decided_by=request.auth.name
    )
    return Written(status=200, body=CancelledLines(purchase_order=show_order(order), units=units))


@reads(
    router,
    "/supplier-scorecards",
    ability=Ability.VIEW_BUYING,
    answer=SupplierScores,
    summary="How suppliers keep their word",
)
def list_supplier_scorecards(request: ApiRequest, wanted: Query[ScoreFilter]) -> SupplierScores:
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    cards = buying_suppliers.list_scorecards(
        actor=request.auth, today=today, days=wanted.days, supplier_code=wanted.supplier or ""
    )
    return SupplierScores(items=[_score(card, wanted.days) for card in cards])


def _answer(line: AnswerLine, order: PurchaseOrderRow) -> NewAnswer:
    minor = None if line.unit_cost is None else parse_money(text=str(line.unit_cost), currency=order.currency).minor
    return NewAnswer(
        sku=line.sku,
        accepted_units=line.accepted_units,
        unit_cost_minor=minor,
        promised_date=line.promised_date,
        is_backordered=line.is_backordered,
    )


def _acknowledged(done: restock.Acknowledged) -> Acknowledged:
    return Acknowledged(
        purchase_order=show_order(done.order),
        is_new=done.is_new,
        lines=[
            AnsweredLine.model_validate(
                {
                    "sku": one.sku,
                    "answer": one.answer,
                    "accepted_units": one.accepted_units,
                    "released_units": one.released_units,
                }
            )
            for one in done.lines
        ],
    )


def _score(card: Scorecard, days: int) -> SupplierScore:
    return SupplierScore(
        supplier=card.supplier_code,
        supplier_name=card.supplier_name,
        days=days,
        has_enough_deliveries=card.has_enough,
        due_lines=card.due_lines,
        on_time_lines=card.on_time_lines,
        on_time_share=card.on_time_share,
        fill_share=card.fill_share,
        delivered_lines=card.received_lines,
        deliveries=card.receipts_count,
        agreed_lead_days=card.agreed_lead_days,
        mean_lead_days=card.mean_lead_days,
        lead_days_deviation=card.sd_lead_days,
        median_lead_days=card.p50_lead_days,
        p90_lead_days=card.p90_lead_days,
        short=card.short_count,
        over=card.over_count,
        damaged=card.damaged_count,
        wrong_item=card.wrong_item_count,
        quality_refused=card.quality_refused_count,
        price_changes=card.price_changes_count,
        mean_price_change_share=card.price_change_share,
        open_orders=card.open_orders_count,
        late_orders=card.late_orders_count,
        landed_share=card.landed_share,
    )
