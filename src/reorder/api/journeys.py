"""Journeys: what they are, who is in them, switching them, and facts that other systems tell."""

import datetime as dt
import json
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, Given, Id, IdempotencyKey, Key, Limit, Moment, ShortKey, Text
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.marketing.journeys import keeping
from reorder.domain.marketing.journeys.keeping import JourneyRow
from reorder.domain.marketing.journeys.naming import find_faults
from reorder.domain.staff.rules import Ability
from reorder.flows import journeys as flow
from reorder.flows.journeys import editing
from reorder.flows.journeys.telling import OutsideFact, tell_facts
from reorder.insights import journey_people
from reorder.insights.journey_people import Traveller
from reorder.kernel import clock

router = Router(tags=["journeys"])
_LIST = "journey-people"
_LARGEST = 200_000


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    """What the database can keep: no NUL in any text, no half of a character, and no more than 200 kB."""
    text = json.dumps(value)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("text_broken", "holds half a character") from None
    if "\\u0000" in text or len(text) > _LARGEST:
        raise PydanticCustomError("not_storable", "holds NUL or is too large")
    return value


Document = Annotated[dict[str, Any], AfterValidator(_storable)]
State = Literal["draft", "live", "paused", "off"]
Fact = Literal["tier_changed", "points_expiring", "trial_started", "trial_ending", "subscription_suited", "joined"]


class JourneyFault(Schema):
    """What keeps a draft from being switched on; `step` is a step, or trigger, exits or settings."""

    step: str
    code: str
    message: str = Field(description="In the language of Accept-Language.")


class Journey(Schema):
    """A journey without its steps."""

    code: str
    name: str
    state: State
    ready_made: str
    version: int | None = Field(description="The number of the version that runs; null: never switched on.")
    is_edited: bool = Field(description="Whether the draft holds changes that are not switched on.")
    changed_at: dt.datetime
    changed_by: str


class JourneyWhole(Journey):
    """A journey with its draft, and what is wrong with it."""

    definition: dict[str, Any]
    faults: list[JourneyFault]


class JourneyList(Schema):
    """Every journey, those that run first."""

    items: list[Journey]


class JourneyBody(Given):
    """A draft; whatever is wrong with it is told, and keeps it only from being switched on."""

    name: Text = ""
    definition: Document


class SwitchBody(Given):
    """What the journey is to be."""

    to: Literal["live", "paused", "off"]
    on_change: Literal["finish", "move"] = Field(
        default="finish", description="Those on an older version finish it, or move to the new one."
    )


class Way(Schema):
    """One customer on one way through a journey."""

    id: int
    journey: str
    customer_id: int
    customer_key: str
    state: Literal["active", "held", "done", "left", "failed"]
    step: str
    due_at: dt.datetime | None
    entered_at: dt.datetime
    finished_at: dt.datetime | None
    ended_because: str
    version: int


class WayPage(Schema):
    """A page of ways, the latest first."""

    items: list[Way]
    next_cursor: str | None


class WayEvent(Schema):
    """Something that happened on the way."""

    happened_at: dt.datetime
    step: str
    code: str
    details: dict[str, Any]


class WayWhole(Way):
    """A way with all that happened on it."""

    events: list[WayEvent]


class WayFilter(Schema):
    """Which ways to list."""

    state: Literal["inside", "done", "left", "failed"] | None = None
    step: ShortKey | None = None


class FactIn(Given):
    """Something that happened to a customer in another system."""

    kind: Fact
    customer_id: Id
    happened_at: Moment
    subject: Text = Field(default="", description="The tier, the SKU.")
    skus: Annotated[list[Key], Field(max_length=50)] = Field(default_factory=list)
    details: Document = Field(default_factory=dict, description="What templates and conditions may use.")
    key: ShortKey = Field(description="Equal keys of one kind are one fact.")


class FactsBody(Given):
    """Facts in the order in which they happened."""

    facts: Annotated[list[FactIn], Field(min_length=1, max_length=1000)]


class FactsAnswer(Schema):
    """How many of them a journey listens to."""

    noted: int


@reads(router, "/journeys", ability=Ability.VIEW_MARKETING, answer=JourneyList, summary="List journeys")
def list_journeys(request: ApiRequest) -> JourneyList:
    return JourneyList(items=[Journey.model_validate(_plain(row)) for row in keeping.list_journeys()])


@reads(
    router,
    "/journeys/{code}",
    ability=Ability.VIEW_MARKETING,
    answer=JourneyWhole,
    summary="Show a journey's draft and what is wrong with it",
)
def get_journey(request: ApiRequest, code: ShortKey) -> JourneyWhole:
    return _whole(keeping.get_journey(code=code))


@writes(
    router,
    "/journeys/{code}",
    ability=Ability.EDIT_MARKETING,
    answers={200: JourneyWhole},
    summary="Put a draft in place of the one that is there; a new code makes a journey",
    method="PUT",
)
def put_journey(request: ApiRequest, idempotency_key: IdempotencyKey, code: ShortKey, body: JourneyBody) -> Written:
    name, moment = request.auth.name, clock.current_moment()
    row = editing.put(code=code, name=body.name, document=body.definition, decided_by=name, moment=moment)
    return Written(status=200, body=_whole(row))


@writes(
    router,
    "/journeys/{code}/switch",
    ability=Ability.EDIT_MARKETING,
    answers={200: Journey},
    summary="Switch a journey on, pause it, or switch it off",
)
def switch_journey(request: ApiRequest, idempotency_key: IdempotencyKey, code: ShortKey, body: SwitchBody) -> Written:
    name, moment = request.auth.name, clock.current_moment()
    if body.to == "live":
        row = flow.switch_on(code=code, decided_by=name, moment=moment, on_change=body.on_change, translate=_)
    elif body.to == "paused":
        row = flow.pause(code=code, decided_by=name, moment=moment)
    else:
        row = flow.switch_off(code=code, decided_by=name, moment=moment)
    return Written(status=200, body=Journey.model_validate(_plain(row)))


@reads(
    router,
    "/journeys/{code}/people",
    ability=Ability.VIEW_MARKETING,
    answer=WayPage,
    summary="List who is or was in a journey",
)
def list_journey_people(
    request: ApiRequest, code: ShortKey, wanted: Query[WayFilter], limit: Limit = 50, cursor: Cursor = None
) -> WayPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = journey_people.list_travellers(
        journey_id=keeping.get_journey(code=code).id,
        state=wanted.state or "",
        step=wanted.step or "",
        after_id=after[0] if after else None,
        limit=limit + 1,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return WayPage(items=[Way.model_validate(_plain_way(row)) for row in shown], next_cursor=following)


@reads(
    router,
    "/journey-ways/{way_id}",
    ability=Ability.VIEW_MARKETING,
    answer=WayWhole,
    summary="Show what happened to a customer on the way",
)
def get_journey_way(request: ApiRequest, way_id: Id) -> WayWhole:
    events = [
        {"happened_at": one.happened_at, "step": one.step_key, "code": one.code, "details": dict(one.details)}
        for one in journey_people.list_events(enrolment_id=way_id)
    ]
    row = journey_people.get_traveller(enrolment_id=way_id)
    return WayWhole.model_validate({**_plain_way(row), "events": events})


@writes(
    router,
    "/journey-facts",
    ability=Ability.EDIT_MARKETING,
    answers={200: FactsAnswer},
    summary="Tell facts that journeys may listen to, such as a new tier",
)
def post_journey_facts(request: ApiRequest, idempotency_key: IdempotencyKey, body: FactsBody) -> Written:
    noted = tell_facts(
        facts=[
            OutsideFact(
                kind=one.kind,
                customer_id=one.customer_id,
                happened_at=one.happened_at,
                subject=one.subject,
                skus=tuple(one.skus),
                details=one.details,
                key=one.key,
            )
            for one in body.facts
        ],
        moment=clock.current_moment(),
    )
    return Written(status=200, body=FactsAnswer(noted=noted))


def _whole(row: JourneyRow) -> JourneyWhole:
    faults = [
        {"step": one.step, "code": one.code, "message": one.say(translate=_)}
        for one in find_faults(document=row.draft, moment=clock.current_moment())
    ]
    return JourneyWhole.model_validate({**_plain(row), "definition": dict(row.draft), "faults": faults})


def _plain(row: JourneyRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "state": row.state,
        "ready_made": row.ready_made,
        "version": row.version_number,
        "is_edited": row.is_edited,
        "changed_at": row.changed_at,
        "changed_by": row.changed_by,
    }


def _plain_way(row: Traveller) -> dict[str, Any]:
    return {
        "id": row.id,
        "journey": row.journey_code,
        "customer_id": row.customer_id,
        "customer_key": row.customer_key,
        "state": row.state,
        "step": row.step_key,
        "due_at": row.due_at,
        "entered_at": row.entered_at,
        "finished_at": row.finished_at,
        "ended_because": row.ended_code,
        "version": row.version_number,
    }
