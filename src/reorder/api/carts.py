"""Before there is an order: what can be promised by when, and stock kept for a cart."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from django.conf import settings
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Channel, Day, ExactUnits, Given, IdempotencyKey, Key, ShortKey, Units, plain
from reorder.api.order_fields import Country, Postcode
from reorder.api.problems import FieldFault
from reorder.domain.staff.rules import Ability
from reorder.flows import promising
from reorder.flows.promising import CartLine, ShortGoods
from reorder.flows.promising.errors import UnknownPlaceAsked
from reorder.insights import api_carts
from reorder.insights.availability import Availability
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, Conflict
from reorder.kernel.formatting import name_first

router = Router(tags=["carts"])


class CartShort(Conflict):
    """Stock does not cover the cart; nothing new is held, and what it held before stays."""

    code = "api.cart_short"
    template = "There is not enough free stock of {skus}; errors names the lines."
    faults: Sequence[FieldFault] = ()


class PlaceNeeded(BadInput):
    """A token of some places asks about all."""

    code = "api.place_needed"
    template = "This token is limited to places: say in place which one you mean."


class CartLineIn(Given):
    """One product of a cart."""

    sku: Key
    units: Units


class CartBody(Given):
    """The whole cart: what it held before is replaced."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"channel": "tea.example", "lines": [{"sku": "OOLONG-150", "units": 2}], "postcode": "110"}]
        },
    )
    channel: Channel = "api"
    lines: Annotated[list[CartLineIn], Field(min_length=1, max_length=500)]
    minutes: int | None = Field(
        default=None, ge=1, le=1440, description="How long it is kept; REORDER_CART_HOLD_MINUTES when left out."
    )
    country: Country | None = Field(default=None, description="Where it would go, as far as that is known.")
    postcode: Postcode | None = None


class HeldLine(Schema):
    """Units that are kept at a place; of a bundle its components."""

    sku: str
    place: str
    units: ExactUnits


class CartHolds(Schema):
    """What a cart holds, and until when; nothing once that is over."""

    cart_id: str
    channel: str
    expires_at: dt.datetime | None
    lines: list[HeldLine]


class CartFilter(Schema):
    """Whose cart."""

    channel: Channel = "api"


class AvailabilityFilter(Schema):
    """Of what, for which day."""

    sku: Annotated[list[Key], Field(min_length=1, max_length=100, description="Repeat it to ask for several.")]
    date: Day | None = Field(default=None, description="Today when left out; a day before today is today.")
    place: Key | None = Field(default=None, description="At one place only.")
    channel: Channel | None = None
    units: Units = Field(default=Decimal(1), description="How many the earliest day is for.")
    cart_id: ShortKey | None = Field(default=None, description="What this cart of the channel holds is free for it.")


class AvailableAt(Schema):
    """At one place; the figures behind it are null for a bundle."""

    place: str
    available: ExactUnits
    on_hand: ExactUnits | None
    allocated: ExactUnits | None
    held: ExactUnits | None
    incoming: ExactUnits | None
    waiting: ExactUnits | None = Field(description="Promised already, and still to come.")


class Available(Schema):
    """What can be promised of a product by a day."""

    sku: str
    date: dt.date
    available: ExactUnits
    is_bundle: bool
    earliest_date: dt.date | None = Field(description="When the units asked for can be promised; null: nobody knows.")
    way: str = Field(
        description="Whether an order may wait for what is not there: backorder, preorder; empty: it may not.",
        json_schema_extra={"enum": ["", "backorder", "preorder"]},
    )
    told_date: dt.date | None = Field(description="Until when one that waits is told to.")
    places: list[AvailableAt]


class AvailabilityList(Schema):
    """One entry a product, by SKU."""

    items: list[Available]


@reads(
    router,
    "/availability",
    ability=Ability.VIEW_STOCK,
    answer=AvailabilityList,
    summary="What can be promised of products by a day",
)
def get_availability(request: ApiRequest, wanted: Query[AvailabilityFilter]) -> AvailabilityList:
    moment = clock.current_moment()
    found = promising.availability(
        skus=wanted.sku,
        date=wanted.date or clock.current_date(time_zone=settings.REORDER.time_zone),
        moment=moment,
        place=_place(request=request, asked=wanted.place),
        channel=wanted.channel or "",
        units=wanted.units,
        cart_id=wanted.cart_id or "",
    )
    return AvailabilityList(items=[_available(one) for one in found])


def _place(*, request: ApiRequest, asked: str | None) -> str | None:
    """The place to look at; raises PlaceNeeded, UnknownPlaceAsked for a token that is limited to others."""
    places = sorted(request.auth.place_codes)
    if asked is not None and not request.auth.may_at(asked):
        raise UnknownPlaceAsked(place=asked)
    if asked is None and len(places) > 1:
        raise PlaceNeeded
    return asked if asked is not None or not places else places[0]


@reads(
    router,
    "/carts/{cart_id}/holds",
    ability=Ability.VIEW_ORDERS,
    answer=CartHolds,
    summary="Show what a cart holds",
)
def get_cart_holds(request: ApiRequest, cart_id: ShortKey, wanted: Query[CartFilter]) -> CartHolds:
    return _shown(channel=wanted.channel, cart_id=cart_id)


@writes(
    router,
    "/carts/{cart_id}/holds",
    ability=Ability.WRITE_ORDERS,
    answers={200: CartHolds},
    summary="Keep stock for a cart, all of it or nothing new; sent again it replaces what was held",
)
def hold_cart(request: ApiRequest, idempotency_key: IdempotencyKey, cart_id: ShortKey, body: CartBody) -> Written:
    return _hold(cart_id=cart_id, body=body)


@writes(
    router,
    "/carts/{cart_id}/holds",
    method="PUT",
    ability=Ability.WRITE_ORDERS,
    answers={200: CartHolds},
    summary="The same as POST, for clients that replace by PUT",
)
def replace_cart_holds(
    request: ApiRequest, idempotency_key: IdempotencyKey, cart_id: ShortKey, body: CartBody
) -> Written:
    return _hold(cart_id=cart_id, body=body)


@writes(
    router,
    "/carts/{cart_id}/holds",
    method="DELETE",
    ability=Ability.WRITE_ORDERS,
    answers={200: CartHolds},
    summary="Give back what a cart holds; twice is once",
)
def release_cart(
    request: ApiRequest, idempotency_key: IdempotencyKey, cart_id: ShortKey, wanted: Query[CartFilter]
) -> Written:
    promising.release_cart(cart_id=cart_id, channel=wanted.channel)
    return Written(status=200, body=_shown(channel=wanted.channel, cart_id=cart_id))


def _hold(*, cart_id: str, body: CartBody) -> Written:
    held = promising.hold_cart(
        cart_id=cart_id,
        channel=body.channel,
        lines=[CartLine(sku=line.sku, units=line.units) for line in body.lines],
        moment=clock.current_moment(),
        minutes=body.minutes,
        country=body.country or "",
        postcode=body.postcode or "",
    )
    if held.short:
        raise _short(body=body, short={one.sku: one for one in held.short})
    return Written(status=200, body=_shown(channel=body.channel, cart_id=cart_id))


def _short(*, body: CartBody, short: dict[str, ShortGoods]) -> CartShort:
    faults = [
        FieldFault(
            field=f"body.lines.{position}.units",
            code="short",
            message=_("{units} are free at most.").format(units=plain(short[line.sku].free_units)),
        )
        for position, line in enumerate(body.lines)
        if line.sku in short
    ]
    fault = CartShort(skus=name_first(sorted(short)))
    fault.faults = faults
    return fault


def _shown(*, channel: str, cart_id: str) -> CartHolds:
    held = api_carts.list_held(channel=channel, cart_id=cart_id, moment=clock.current_moment())
    return CartHolds(
        cart_id=cart_id,
        channel=channel,
        expires_at=min((one.expires_at for one in held), default=None),
        lines=[HeldLine(sku=one.sku, place=one.place_code, units=one.units) for one in held],
    )


def _available(one: Availability) -> Available:
    return Available(
        sku=one.sku,
        date=one.date,
        available=one.available_units,
        is_bundle=one.is_bundle,
        earliest_date=one.earliest_date,
        way=one.way,
        told_date=one.told_date,
        places=[
            AvailableAt(
                place=at.place_code,
                available=at.available_units,
                on_hand=at.on_hand_units,
                allocated=at.allocated_units,
                held=at.held_units,
                incoming=at.incoming_units,
                waiting=at.waiting_units,
            )
            for at in one.places
        ],
    )
