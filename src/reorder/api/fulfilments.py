"""What places do about orders: the work of a warehouse or of a logistics partner, from picking to the door."""

from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import CountedUnits, Cursor, ExactUnits, Given, Id, IdempotencyKey, Key, Limit, ShortKey
from reorder.api.order_answers import Fulfilment, FulfilmentPage, FulfilmentState, show_fulfilment
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.orders.errors import UnknownLine
from reorder.domain.staff.rules import Ability
from reorder.flows import fulfil
from reorder.insights import api_orders
from reorder.insights.api_orders import FulfilmentFacts, SentLine
from reorder.kernel import clock

router = Router(tags=["fulfilments"])
_LIST = "fulfilments"
Plain = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]


class FulfilmentFilter(Schema):
    """What to list."""

    place: Key | None = None
    state: FulfilmentState | None = None
    order_id: Id | None = None


class EmptyBody(Given):
    """Nothing needs to be said."""


class ShipBody(Given):
    """With whom the parcel left."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"carrier": "T-Cat", "tracking_number": "905511223344"}]}
    )
    carrier: Plain = ""
    tracking_number: Plain = ""


class ShortBody(Given):
    """A line of which less is there than was wanted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"line_id": "1", "found_units": 1}]})
    line_id: ShortKey
    found_units: CountedUnits
    sku: Key | None = Field(default=None, description="Tells the components of a bundle apart.")


class ShortAnswer(Schema):
    """The fulfilment without what is missing, and what became of that."""

    fulfilment: Fulfilment
    missing_units: ExactUnits
    other_places: list[str] = Field(description="It comes from there now.")
    waiting_units: ExactUnits = Field(description="So many wait for goods.")


@reads(
    router,
    "/fulfilments",
    ability=Ability.VIEW_ORDERS,
    answer=FulfilmentPage,
    summary="List what places do, by number; of one order, one place, one state",
)
def list_fulfilments(
    request: ApiRequest, wanted: Query[FulfilmentFilter], limit: Limit = 50, cursor: Cursor = None
) -> FulfilmentPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = api_orders.list_fulfilments(
        actor=request.auth,
        limit=limit + 1,
        after_id=after[0] if after else 0,
        place_code=wanted.place,
        state=wanted.state,
        order_id=wanted.order_id,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return FulfilmentPage.model_construct(items=[show_fulfilment(row) for row in shown], next_cursor=following)


@reads(
    router,
    "/fulfilments/{int:fulfilment_id}",
    ability=Ability.VIEW_ORDERS,
    answer=Fulfilment,
    summary="Show what one place does about an order",
)
def get_fulfilment(request: ApiRequest, fulfilment_id: Id) -> Fulfilment:
    return show_fulfilment(api_orders.get_fulfilment(fulfilment_id=fulfilment_id, actor=request.auth))


@writes(
    router,
    "/fulfilments/{int:fulfilment_id}/pick",
    ability=Ability.FULFIL_ORDERS,
    answers={200: Fulfilment},
    summary="All its goods are off the shelf",
)
def pick_fulfilment(
    request: ApiRequest, idempotency_key: IdempotencyKey, fulfilment_id: Id, body: EmptyBody
) -> Written:
    fulfil.pick_fulfilment(fulfilment_id=fulfilment_id, actor=request.auth, moment=clock.current_moment())
    return _shown(request, fulfilment_id)


@writes(
    router,
    "/fulfilments/{int:fulfilment_id}/pack",
    ability=Ability.FULFIL_ORDERS,
    answers={200: Fulfilment},
    summary="It is packed",
)
def pack_fulfilment(
    request: ApiRequest, idempotency_key: IdempotencyKey, fulfilment_id: Id, body: EmptyBody
) -> Written:
    fulfil.pack_fulfilment(fulfilment_id=fulfilment_id, actor=request.auth, moment=clock.current_moment())
    return _shown(request, fulfilment_id)


@writes(
    router,
    "/fulfilments/{int:fulfilment_id}/ship",
    ability=Ability.FULFIL_ORDERS,
    answers={200: Fulfilment},
    summary="It has left; also what was never said to be picked and packed",
)
def ship_fulfilment(request: ApiRequest, idempotency_key: IdempotencyKey, fulfilment_id: Id, body: ShipBody) -> Written:
    fulfil.ship_fulfilment(
        fulfilment_id=fulfilment_id,
        actor=request.auth,
        moment=clock.current_moment(),
        carrier=body.carrier,
        tracking_number=body.tracking_number,
    )
    return _shown(request, fulfilment_id)


@writes(
    router,
    "/fulfilments/{int:fulfilment_id}/deliver",
    ability=Ability.FULFIL_ORDERS,
    answers={200: Fulfilment},
    summary="It has arrived",
)
def deliver_fulfilment(
    request: ApiRequest, idempotency_key: IdempotencyKey, fulfilment_id: Id, body: EmptyBody
) -> Written:
    fulfil.deliver_fulfilment(fulfilment_id=fulfilment_id, actor=request.auth, moment=clock.current_moment())
    return _shown(request, fulfilment_id)


@writes(
    router,
    "/fulfilments/{int:fulfilment_id}/short-pick",
    ability=Ability.FULFIL_ORDERS,
    answers={200: ShortAnswer},
    summary="Less is there than the books say: the rest is booked out, and comes from elsewhere or waits",
)
def short_pick_fulfilment(
    request: ApiRequest, idempotency_key: IdempotencyKey, fulfilment_id: Id, body: ShortBody
) -> Written:
    facts = api_orders.get_fulfilment(fulfilment_id=fulfilment_id, actor=request.auth)
    line = _line(facts=facts, body=body)
    done = fulfil.short_pick(
        fulfilment_id=fulfilment_id,
        order_line_id=line.order_line_id,
        product_id=line.product_id,
        found_units=body.found_units,
        actor=request.auth,
        moment=clock.current_moment(),
    )
    after = api_orders.get_fulfilment(fulfilment_id=fulfilment_id, actor=request.auth)
    return Written(
        status=200,
        body=ShortAnswer.model_construct(
            fulfilment=show_fulfilment(after),
            missing_units=done.missing_units,
            other_places=list(done.other_places),
            waiting_units=done.waiting_units,
        ),
    )


def _line(*, facts: FulfilmentFacts, body: ShortBody) -> SentLine:
    """The one line that is meant; raises UnknownLine where there is none, or where a bundle needs its component."""
    found = [one for one in facts.lines if one.line_key == body.line_id and body.sku in {None, one.sku}]
    if len(found) != 1:
        raise UnknownLine(order=facts.order_id, line=body.line_id)
    return found[0]


def _shown(request: ApiRequest, fulfilment_id: int) -> Written:
    facts = api_orders.get_fulfilment(fulfilment_id=fulfilment_id, actor=request.auth)
    return Written(status=200, body=show_fulfilment(facts))
