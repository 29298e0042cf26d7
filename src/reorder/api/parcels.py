"""Parcels with what was said of them; and telling what a carrier without an adapter says."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, ExactUnits, Given, Id, IdempotencyKey, Key, Limit, Moment
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.shipping.tracking_rules import CarrierWord
from reorder.domain.staff.rules import Ability
from reorder.flows.tracking.noting import note_word
from reorder.insights import parcels
from reorder.insights.parcels import ParcelRow, TrackingRow
from reorder.kernel import clock

router = Router(tags=["parcels"])
_LIST = "parcels"
ParcelState = Literal[
    "pending", "picked_up", "in_transit", "out_for_delivery", "ready_for_pickup", "delivered", "delivery_delayed",
    "delivery_failed", "on_hold", "return_to_sender", "cancelled", "unknown",
]  # fmt: skip
Incident = Literal[
    "carrier_damaged_parcel", "carrier_sorting_error", "carrier_address_not_found", "carrier_parcel_lost",
    "carrier_not_enough_time", "carrier_vehicle_issue", "consignee_refused", "consignee_business_closed",
    "consignee_not_available", "consignee_not_home", "consignee_incorrect_address", "consignee_access_restricted",
    "customs_delay", "customs_documentation", "customs_duties_unpaid", "weather_delay", "natural_disaster", "unknown",
]  # fmt: skip
Said = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]


class ParcelGoods(Schema):
    """What is in a parcel."""

    sku: str
    product_name: str
    units: ExactUnits
    lot: str


class TrackingEvent(Schema):
    """One thing said of a parcel, by the carrier's clock."""

    id: int
    state: ParcelState
    incident: str
    happened_at: dt.datetime
    received_at: dt.datetime
    place: str
    carrier_code: str
    carrier_words: str
    source: Literal["callback", "poll", "staff", "api", "floor"]


class Parcel(Schema):
    """One box; `state` is what all that was said of it comes to."""

    id: int
    number: str
    order_id: int
    fulfilment_id: int | None = Field(description="Null for a parcel that comes back.")
    direction: Literal["out", "back"]
    place: str
    owner: str
    carrier: str
    service: str
    tracking_number: str
    state: ParcelState
    state_at: dt.datetime
    promised_date: dt.date | None
    expected_date: dt.date | None = Field(description="What the carrier says.")
    collect_until_date: dt.date | None
    late_reason: str = Field(description="promise_passed, silent, or empty: it is not late.")
    manifest: str
    packed_at: dt.datetime | None
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    grams: int | None
    goods: list[ParcelGoods]


class ParcelWithEvents(Parcel):
    """One box with all that was said of it, the newest first."""

    events: list[TrackingEvent]


class ParcelPage(Schema):
    """Some parcels."""

    items: list[Parcel]
    next_cursor: str | None


class ParcelFilter(Schema):
    """What to list."""

    order_id: Id | None = None
    state: ParcelState | None = None
    tracking_number: Key | None = None
    place: Key | None = None


class EventBody(Given):
    """What the carrier says."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"state": "out_for_delivery", "happened_at": "2026-11-27T08:30:00+08:00", "place": "信義營業所"}
            ]
        },
    )
    state: ParcelState
    happened_at: Moment
    incident: Incident | None = None
    place: Said = ""
    carrier_code: Said = ""
    carrier_words: Said = ""
    event_key: Said = Field(
        default="", description="The carrier's own key of the event: the same one counts once, whatever it says."
    )
    expected_date: dt.date | None = None
    collect_until_date: dt.date | None = None


class EventAnswer(Schema):
    """Whether it was new, and the parcel after it."""

    is_new: bool
    parcel: ParcelWithEvents


@reads(
    router,
    "/parcels",
    ability=Ability.VIEW_ORDERS,
    answer=ParcelPage,
    summary="List parcels by number of row; of one order, state, place, or tracking number",
)
def list_parcels(
    request: ApiRequest, wanted: Query[ParcelFilter], limit: Limit = 50, cursor: Cursor = None
) -> ParcelPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = parcels.list_parcels(
        actor=request.auth,
        limit=limit + 1,
        after_id=after[0] if after else 0,
        order_id=wanted.order_id,
        state=wanted.state,
        tracking_number=wanted.tracking_number,
        place_code=wanted.place,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return ParcelPage.model_construct(
        items=[Parcel.model_construct(**_facts(row)) for row in shown], next_cursor=following
    )


@reads(
    router,
    "/parcels/{int:parcel_id}",
    ability=Ability.VIEW_ORDERS,
    answer=ParcelWithEvents,
    summary="Show a parcel with all that was said of it",
)
def get_parcel(request: ApiRequest, parcel_id: Id) -> ParcelWithEvents:
    return _shown(request, parcel_id)


@writes(
    router,
    "/parcels/{int:parcel_id}/events",
    ability=Ability.FULFIL_ORDERS,
    answers={200: EventAnswer},
    summary="Tell what a carrier without an adapter says of a parcel; the same twice counts once",
)
def add_parcel_event(request: ApiRequest, idempotency_key: IdempotencyKey, parcel_id: Id, body: EventBody) -> Written:
    taken = note_word(
        parcel_id=parcel_id,
        word=CarrierWord(
            tracking_number="",
            state=body.state,
            happened_at=body.happened_at,
            reason=body.incident or "",
            carrier_code=body.carrier_code,
            carrier_words=body.carrier_words,
            place_text=body.place,
            key=body.event_key,
            expected_date=body.expected_date,
            collect_until_date=body.collect_until_date,
        ),
        source="api",
        actor=request.auth,
        moment=clock.current_moment(),
    )
    answer = EventAnswer.model_construct(is_new=taken.new_count > 0, parcel=_shown(request, parcel_id))
    return Written(status=200, body=answer)


def _shown(request: ApiRequest, parcel_id: int) -> ParcelWithEvents:
    row = parcels.get_parcel(parcel_id=parcel_id, actor=request.auth)
    told = parcels.list_tracking(parcel_ids=[row.id]).get(row.id, [])
    return ParcelWithEvents.model_construct(**_facts(row), events=[_event(one) for one in told])


def _facts(row: ParcelRow) -> dict[str, Any]:
    same = (
        "id", "number", "order_id", "fulfilment_id", "direction", "owner", "carrier", "tracking_number", "state",
        "state_at", "promised_date", "expected_date", "collect_until_date", "late_reason", "packed_at", "shipped_at",
        "delivered_at", "grams",
    )  # fmt: skip
    return {name: getattr(row, name) for name in same} | {
        "place": row.place_code,
        "service": row.service_code,
        "manifest": row.manifest_number,
        "goods": [
            ParcelGoods.model_construct(sku=sku, product_name=name, units=units, lot=lot)
            for sku, name, units, lot in row.goods
        ],
    }


def _event(one: TrackingRow) -> TrackingEvent:
    return TrackingEvent.model_construct(
        id=one.id,
        state=one.state,
        incident=one.reason,
        happened_at=one.happened_at,
        received_at=one.received_at,
        place=one.place_text,
        carrier_code=one.carrier_code,
        carrier_words=one.carrier_words,
        source=one.source,
    )
