"""Proposals: what the plan would buy, approved or turned down."""

import datetime as dt
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, ExactAmount, ExactUnits, Given, Id, IdempotencyKey, Key, Limit, amount_of
from reorder.api.paging import as_number, cut_page, decode_cursor, encode_cursor
from reorder.api.purchase_orders import PurchaseOrder, show_order
from reorder.domain.staff.rules import Ability
from reorder.engine import reasons
from reorder.flows import restock
from reorder.insights import access, api_buying
from reorder.insights.api_buying import ProposedLine
from reorder.kernel import clock

router = Router(tags=["proposals"])
_LIST = "proposals"
State = Literal["open", "approved", "dismissed", "superseded"]


class Proposal(Schema):
    """Goods to buy, with the reason; the risk is what waiting is expected to cost."""

    id: int
    state: State
    sku: str
    product_name: str
    place: str
    supplier: str
    units: ExactUnits
    order_unit: str = Field(description="What it is bought by, such as case; empty: the selling unit.")
    order_unit_units: ExactUnits
    unit_cost: ExactAmount
    cost: ExactAmount
    currency: str
    order_by_date: dt.date
    money_at_risk: ExactAmount
    money_at_risk_currency: str
    position_units: float = Field(description="On hand and on order, less what is promised.")
    reorder_point_units: float
    daily_units: float
    reason_code: str
    reason: str = Field(description="In the language of Accept-Language.")
    created_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: str
    purchase_order: str | None


class ProposalPage(Schema):
    """A page of proposals, the newest first."""

    items: list[Proposal]
    next_cursor: str | None


class ChosenProposals(Given):
    """Proposals by id; all of them or none."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=500)]


class Approved(Schema):
    """The purchase orders that were placed, one for each supplier and place."""

    purchase_orders: list[PurchaseOrder]


class Dismissed(Schema):
    """How many proposals were turned down."""

    dismissed: int


class ProposalFilter(Schema):
    """What to list."""

    state: State | None = "open"
    supplier: Key | None = None
    place: Key | None = None
    sku: Key | None = None


@reads(router, "/proposals", ability=Ability.VIEW_BUYING, answer=ProposalPage, summary="List proposals, newest first")
def list_proposals(
    request: ApiRequest, wanted: Query[ProposalFilter], limit: Limit = 50, cursor: Cursor = None
) -> ProposalPage:
    before = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = api_buying.list_proposals(
        actor=request.auth,
        limit=limit + 1,
        before=before[0] if before else None,
        state=wanted.state,
        supplier_code=wanted.supplier,
        place_code=wanted.place,
        sku=wanted.sku,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return ProposalPage(items=[_proposal(row) for row in shown], next_cursor=following)


@writes(
    router,
    "/proposals/approve",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: Approved},
    summary="Order these proposals; the suppliers get their orders by e-mail, those above the limit wait",
)
def approve_proposals(request: ApiRequest, idempotency_key: IdempotencyKey, body: ChosenProposals) -> Written:
    ids = sorted(set(body.ids))
    access.refuse_other_places(actor=request.auth, proposal_ids=ids)
    orders = restock.approve(proposal_ids=ids, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=Approved(purchase_orders=[show_order(order) for order in orders]))


@writes(
    router,
    "/proposals/dismiss",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: Dismissed},
    summary="Turn these proposals down until the next night",
)
def dismiss_proposals(request: ApiRequest, idempotency_key: IdempotencyKey, body: ChosenProposals) -> Written:
    ids = sorted(set(body.ids))
    access.refuse_other_places(actor=request.auth, proposal_ids=ids)
    count = restock.dismiss(proposal_ids=ids, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=Dismissed(dismissed=count))


def _proposal(row: ProposedLine) -> Proposal:
    parameters = reasons.parameters_of(encoded=row.reason_parameters)
    return Proposal.model_validate(
        {
            "id": row.id,
            "state": row.state,
            "sku": row.sku,
            "product_name": row.product_name,
            "place": row.place_code,
            "supplier": row.supplier_code,
            "units": row.units,
            "order_unit": row.order_unit,
            "order_unit_units": row.order_unit_units,
            "unit_cost": amount_of(minor=row.unit_cost_minor, currency=row.currency),
            "cost": amount_of(minor=row.cost_minor, currency=row.currency),
            "currency": row.currency,
            "order_by_date": row.order_by_date,
            "money_at_risk": amount_of(minor=row.risk_minor, currency=row.risk_currency),
            "money_at_risk_currency": row.risk_currency,
            "position_units": as_number(row.position_units),
            "reorder_point_units": as_number(row.reorder_point_units),
            "daily_units": as_number(row.daily_units),
            "reason_code": row.reason_code,
            "reason": reasons.render(code=row.reason_code, parameters=parameters, translate=_),
            "created_at": row.created_at,
            "decided_at": row.decided_at,
            "decided_by": row.decided_by,
            "purchase_order": row.purchase_order_number,
        }
    )
