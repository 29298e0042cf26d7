"""Labels of parcels: what services cost, buying, reading, giving back.

A purchase is claimed with the answer and carried out by a job: carriers are never asked within a request's
transaction. `GET /labels/{id}` tells how it ended.
"""

import base64
import datetime as dt
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Given, Id, IdempotencyKey
from reorder.domain.shipping import labels as kept
from reorder.domain.shipping.choosing import CarrierChoice, JudgedOffer
from reorder.domain.shipping.label_errors import LabelNotInState
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.rules import Ability
from reorder.flows import labels
from reorder.flows.labels import LabelWish
from reorder.insights.parcel_facts import get_parcel_facts
from reorder.kernel import clock
from reorder.kernel.jobs import JobName, defer_job

router = Router(tags=["labels"])
LabelState = Literal["claimed", "bought", "failed", "unknown", "voiding", "voided"]
ServiceCode = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]


class LabelFault(Schema):
    """Why a label was not bought, or what is not known of it."""

    code: str
    said: str


class Label(Schema):
    """One attempt to have a label; `claimed` and `unknown` end by themselves or by a person's word."""

    id: int
    parcel_id: int
    parcel_number: str
    service: str
    account: str
    is_test: bool
    state: LabelState
    reference: str = Field(description="Ours, at the carrier.")
    tracking_number: str | None
    cost_minor: int | None = Field(description="What the carrier asked for it, in minor units.")
    currency: str | None
    fault: LabelFault | None
    claimed_at: dt.datetime
    settled_at: dt.datetime | None
    voided_at: dt.datetime | None
    prints: int


class Labels(Schema):
    """Every label that a parcel had, the newest first."""

    items: list[Label]


class LabelPapers(Schema):
    """What is printed: PDF of 100 by 150 mm in Base64, ZPL as text; null where there is none."""

    pdf_base64: str | None
    zpl: str | None


class ServiceOffer(Schema):
    """A service of the shop for a parcel; not possible: `reason` says why."""

    service: str
    name: str
    account: str | None
    is_possible: bool
    is_best: bool
    reason: str | None
    cost_minor: int | None
    currency: str | None
    arrives_date: dt.date | None


class ServiceOffers(Schema):
    """Every service, the possible ones first by cost; `reason` says why the best is the best."""

    best: str | None
    reason: str | None
    items: list[ServiceOffer]


class NewLabel(Given):
    """Which service; left out: the best by the shop's own table."""

    service: ServiceCode = ""


class NothingMore(Given):
    """Nothing needs to be said."""


@reads(
    router,
    "/parcels/{int:parcel_id}/rates",
    ability=Ability.VIEW_ORDERS,
    answer=ServiceOffers,
    summary="What each service would cost for a parcel, and why others do not take it",
)
def get_parcel_rates(request: ApiRequest, parcel_id: Id) -> ServiceOffers:
    return _offers(labels.choose_for_parcel(parcel_id=parcel_id, actor=request.auth, moment=clock.current_moment()))


@reads(
    router,
    "/parcels/{int:parcel_id}/labels",
    ability=Ability.VIEW_ORDERS,
    answer=Labels,
    summary="List the labels of a parcel, the newest first",
)
def list_parcel_labels(request: ApiRequest, parcel_id: Id) -> Labels:
    row = get_parcel_facts(parcel_id=parcel_id, actor=request.auth)
    return Labels(items=[_label(one) for one in kept.list_labels_of_parcel(parcel_id=row.id)])


@writes(
    router,
    "/parcels/{int:parcel_id}/labels",
    ability=Ability.FULFIL_ORDERS,
    answers={202: Label},
    summary="Buy a label for a parcel; a job does it, once",
)
def post_parcel_label(request: ApiRequest, parcel_id: Id, idempotency_key: IdempotencyKey, body: NewLabel) -> Written:
    moment = clock.current_moment()
    wish = LabelWish(
        parcel_id=parcel_id, key=f"api:{request.auth.token_id}:{idempotency_key}", service_code=body.service
    )
    row = labels.claim_within(wish=wish, actor=request.auth, moment=moment)
    defer_job(name=JobName.BUY_LABEL, arguments={"label_id": row.id})
    return Written(status=202, body=_label(row))


@reads(
    router, "/labels/{int:label_id}", ability=Ability.VIEW_ORDERS, answer=Label, summary="Show a label and its state"
)
def get_label(request: ApiRequest, label_id: Id) -> Label:
    return _label(labels.get_label_at(label_id=label_id, actor=request.auth))


@reads(
    router,
    "/labels/{int:label_id}/papers",
    ability=Ability.FULFIL_ORDERS,
    answer=LabelPapers,
    summary="What is printed of a label",
)
def get_label_papers(request: ApiRequest, label_id: Id) -> LabelPapers:
    row = labels.get_label_at(label_id=label_id, actor=request.auth)
    document = kept.read_document(label_id=row.id)
    return LabelPapers(
        pdf_base64=base64.b64encode(document.pdf).decode() if document.pdf else None, zpl=document.zpl or None
    )


@writes(
    router,
    "/labels/{int:label_id}/void",
    ability=Ability.FULFIL_ORDERS,
    answers={202: Label},
    summary="Give a bought label back; a job asks the carrier",
)
def void_label(request: ApiRequest, label_id: Id, idempotency_key: IdempotencyKey, body: NothingMore) -> Written:
    row = labels.get_label_at(label_id=label_id, actor=request.auth)
    if row.state != "bought":
        raise LabelNotInState(label=row.id, state=row.state, wanted="bought")
    defer_job(name=JobName.VOID_LABEL, arguments={"label_id": row.id, "decided_by": request.auth.name})
    return Written(status=202, body=_label(row))


def _label(row: LabelRow) -> Label:
    fault = row.fault
    return Label.model_validate(
        {
            "id": row.id,
            "parcel_id": row.parcel_id,
            "parcel_number": row.parcel_number,
            "service": row.service_code,
            "account": row.account_name,
            "is_test": row.is_test,
            "state": row.state,
            "reference": row.reference,
            "tracking_number": row.tracking_number or None,
            "cost_minor": row.cost_minor,
            "currency": row.currency or None,
            "fault": {"code": fault.get("code", ""), "said": labels.say_fault(fault=fault, translate=_)}
            if fault
            else None,
            "claimed_at": row.claimed_at,
            "settled_at": row.settled_at,
            "voided_at": row.voided_at,
            "prints": row.prints_count,
        }
    )


def _offers(choice: CarrierChoice) -> ServiceOffers:
    return ServiceOffers(
        best=choice.chosen.offer.service.code if choice.chosen else None,
        reason=choice.reason or None,
        items=[_offer(one, is_best=one is choice.chosen) for one in choice.offers],
    )


def _offer(one: JudgedOffer, *, is_best: bool) -> ServiceOffer:
    return ServiceOffer.model_validate(
        {
            "service": one.offer.service.code,
            "name": one.offer.service.name,
            "account": one.offer.account_name or None,
            "is_possible": one.is_possible,
            "is_best": is_best,
            "reason": one.reason.format(**(one.details or {})) or None,
            "cost_minor": one.offer.cost_minor,
            "currency": one.offer.currency or None,
            "arrives_date": one.arrives_date,
        }
    )
