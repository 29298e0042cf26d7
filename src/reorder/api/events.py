"""Events: what known customers did besides buying, taken in batches; customers come with their orders."""

from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, writes
from reorder.api.fields import Channel, Given, IdempotencyKey, Key, Moment
from reorder.domain.behaviour.rules import KINDS, LONGEST_SEARCH, MOST_IN_BATCH
from reorder.domain.staff.rules import Ability
from reorder.flows import event_intake
from reorder.flows.event_intake import EventOutcome, IncomingEvent
from reorder.kernel import clock
from reorder.kernel.errors import explain_error

router = Router(tags=["events"])

# Wider than what is taken: an event that is too long is refused alone, not with its batch.
_Loose = Annotated[str, StringConstraints(max_length=2000)]


class EventCustomer(Given):
    """Who did it: by the shop's own id, else by an e-mail address that exactly one customer has."""

    key: Key | None = Field(default=None, description="The shop's own id, as orders of this channel give it.")
    email: Annotated[str, StringConstraints(max_length=254)] | None = None


class EventIn(Given):
    """One thing that a customer did."""

    message_id: Key = Field(description="Chosen by the sender; the same id of a channel again is the same event.")
    kind: _Loose = Field(description=f"One of {', '.join(KINDS)}.", examples=["view"])
    happened_at: Moment
    customer: EventCustomer
    sku: _Loose | None = Field(default=None, description="Needed by view and cart.")
    search_text: _Loose | None = Field(
        default=None, description=f"Needed by search; at most {LONGEST_SEARCH} characters."
    )


class EventsBody(Given):
    """Events of one channel; each is taken or refused by itself."""

    channel: Channel = "api"
    events: Annotated[list[EventIn], Field(min_length=1, max_length=MOST_IN_BATCH)]


class RefusedEvent(Schema):
    """An event that was not taken: its place in the batch, from 0, and why."""

    entry: int
    message_id: str
    code: str
    detail: str


class EventsAnswer(Schema):
    """How many events were new, told before, or refused; the refused ones by name."""

    added: int
    known: int
    refused: int
    refusals: list[RefusedEvent]


@writes(
    router,
    "/events",
    ability=Ability.WRITE_EVENTS,
    answers={200: EventsAnswer},
    summary="Take up to 1,000 events of known customers; the same message id is taken once",
)
def post_events(request: ApiRequest, idempotency_key: IdempotencyKey, body: EventsBody) -> Written:
    outcomes = event_intake.take_events(
        events=[_given(event) for event in body.events], channel=body.channel, moment=clock.current_moment()
    )
    counts = {name: sum(one.outcome == name for one in outcomes) for name in ("added", "known", "refused")}
    return Written(status=200, body=EventsAnswer.model_validate(counts | {"refusals": _refusals(outcomes)}))


def _given(event: EventIn) -> IncomingEvent:
    return IncomingEvent(
        message_id=event.message_id,
        kind=event.kind,
        happened_at=event.happened_at,
        customer_key=event.customer.key or "",
        email=event.customer.email or "",
        sku=event.sku or "",
        search_text=event.search_text or "",
    )


def _refusals(outcomes: list[EventOutcome]) -> list[RefusedEvent]:
    return [
        RefusedEvent(
            entry=entry,
            message_id=one.message_id,
            code=one.fault.code,
            detail=explain_error(error=one.fault, translate=_),
        )
        for entry, one in enumerate(outcomes)
        if one.fault is not None
    ]
