"""Webhooks: who is told what happens here, what was sent, and sending it again.

No answer to a write holds a secret: answers are stored. It is read by an operation of its own.
"""

import datetime as dt
import json
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import TRIMMED, Cursor, Given, Id, IdempotencyKey, Limit, Moment
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.channels.webhook_endpoints import EndpointRow, get_endpoint, list_endpoints
from reorder.domain.channels.webhook_pages import DeliveryPage, DeliveryRow, get_delivery, list_deliveries
from reorder.domain.staff.rules import Ability
from reorder.flows import webhooks
from reorder.kernel import clock

router = Router(tags=["webhooks"])
_LIST = "webhook_deliveries"
Kind = Literal[
    "order.placed",
    "order.allocated",
    "order.released",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.edited",
    "order.held",
    "order.unheld",
    "payment.received",
    "refund.made",
    "fulfilment.shipped",
    "parcel.updated",
    "return.requested",
    "return.opened",
    "return.accepted",
    "return.declined",
    "return.sent",
    "return.under_way",
    "return.received",
    "return.graded",
    "return.inspected",
    "return.closed",
    "return.cancelled",
    "return.expired",
    "stock.low",
    "journey.step",
]
EndpointState = Literal["active", "paused", "disabled"]
DeliveryState = Literal["waiting", "delivered", "failed", "given_up"]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=TRIMMED)]
Description = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Secret = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$"),
    Field(description="whsec_ and 24 to 64 bytes in Base64; left out: a new one is made."),
]


class WebhookEndpoint(Schema):
    """Who is told. While disabled, what happens is kept but not sent."""

    id: int
    url: str
    description: str
    kinds: list[str] = Field(description="Events it is told of; empty: all.")
    state: EndpointState
    state_reason: str | None = Field(description="Why we disabled it: gone, failing or unreadable.")
    state_at: dt.datetime
    previous_secret_until: dt.datetime | None = Field(description="Until then the secret before signs too.")
    failing_since: dt.datetime | None
    failures_in_row: int
    created_by: str
    created_at: dt.datetime


class WebhookEndpoints(Schema):
    """Every endpoint."""

    items: list[WebhookEndpoint]


class GivenEndpoint(Given):
    """Where it is and what it is told of; no kinds: everything."""

    url: Url
    description: Description = ""
    kinds: list[Kind] = Field(default_factory=list, max_length=50)


class NewEndpoint(GivenEndpoint):
    """A new endpoint, with a secret of the receiver's if it has one."""

    secret: Secret | None = None


class Rotation(Given):
    """A new secret, and for how many hours the present one signs beside it; 0: not at all."""

    overlap_hours: Annotated[int, Field(ge=0, le=webhooks.LONGEST_OVERLAP_HOURS)] = 24
    secret: Secret | None = None


class WebhookSecret(Schema):
    """The secret that signs now."""

    secret: str


class WebhookAttempt(Schema):
    """One attempt; without a status it got no answer, and `error` says why."""

    number: int
    at: dt.datetime
    milliseconds: int
    status: int | None
    error_code: str | None
    error: str | None


class WebhookDelivery(Schema):
    """One message on its way to one endpoint."""

    id: int
    endpoint_id: int
    message_id: str = Field(description="webhook-id: the same at every attempt.")
    kind: str
    subject_kind: str
    subject_key: str
    state: DeliveryState
    attempts: int
    status: int | None = Field(description="HTTP status of the last answer.")
    error_code: str | None
    error: str | None
    next_attempt_at: dt.datetime | None
    created_at: dt.datetime
    finished_at: dt.datetime | None


class WebhookDeliveryDetail(WebhookDelivery):
    """With what was sent and what came back; of many attempts the last twenty."""

    body: dict[str, Any]
    answer_beginning: str
    attempt_log: list[WebhookAttempt]


class WebhookDeliveryPage(Schema):
    """A page of deliveries, the newest first."""

    items: list[WebhookDelivery]
    next_cursor: str | None


class DeliveryFilter(Schema):
    """What to list."""

    endpoint_id: Id | None = None
    state: DeliveryState | None = None
    kind: Kind | Literal["test"] | None = None
    order_id: Id | None = None


class Replay(Given):
    """What failed or was given up in a span, to one endpoint or to all in use."""

    since: Moment
    until: Moment
    endpoint_id: Id | None = None


class Replayed(Schema):
    """How many deliveries go out again."""

    replayed: int


@reads(
    router,
    "/webhooks/endpoints",
    ability=Ability.VIEW_WEBHOOKS,
    answer=WebhookEndpoints,
    summary="List webhook endpoints",
)
def list_webhook_endpoints(request: ApiRequest) -> WebhookEndpoints:
    return WebhookEndpoints(items=[_endpoint(row) for row in list_endpoints()])


@writes(
    router,
    "/webhooks/endpoints",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={201: WebhookEndpoint},
    summary="Add a webhook endpoint",
)
def post_webhook_endpoint(request: ApiRequest, idempotency_key: IdempotencyKey, body: NewEndpoint) -> Written:
    row, _secret = webhooks.add_endpoint(
        given=_form(body), decided_by=request.auth.name, moment=clock.current_moment(), secret=body.secret or ""
    )
    return Written(status=201, body=_endpoint(row))


@reads(
    router,
    "/webhooks/endpoints/{endpoint_id}",
    ability=Ability.VIEW_WEBHOOKS,
    answer=WebhookEndpoint,
    summary="Show a webhook endpoint",
)
def get_webhook_endpoint(request: ApiRequest, endpoint_id: Id) -> WebhookEndpoint:
    return _endpoint(get_endpoint(endpoint_id=endpoint_id))


@reads(
    router,
    "/webhooks/endpoints/{endpoint_id}/secret",
    ability=Ability.MANAGE_WEBHOOKS,
    answer=WebhookSecret,
    summary="Read the secret that signs now",
)
def get_webhook_secret(request: ApiRequest, endpoint_id: Id) -> WebhookSecret:
    secret = webhooks.reveal_secret(
        endpoint_id=endpoint_id, decided_by=request.auth.name, moment=clock.current_moment()
    )
    return WebhookSecret(secret=secret)


@writes(
    router,
    "/webhooks/endpoints/{endpoint_id}",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={200: WebhookEndpoint},
    summary="Change a webhook endpoint",
    method="PUT",
)
def put_webhook_endpoint(
    request: ApiRequest, endpoint_id: Id, idempotency_key: IdempotencyKey, body: GivenEndpoint
) -> Written:
    row = webhooks.change_endpoint(endpoint_id=endpoint_id, given=_form(body), decided_by=request.auth.name)
    return Written(status=200, body=_endpoint(row))


@writes(
    router,
    "/webhooks/endpoints/{endpoint_id}/pause",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={200: WebhookEndpoint},
    summary="Pause an endpoint: what happens meanwhile waits",
)
def pause_webhook_endpoint(request: ApiRequest, endpoint_id: Id, idempotency_key: IdempotencyKey) -> Written:
    row = webhooks.pause_endpoint(endpoint_id=endpoint_id, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=_endpoint(row))


@writes(
    router,
    "/webhooks/endpoints/{endpoint_id}/resume",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={200: WebhookEndpoint},
    summary="Resume a paused or disabled endpoint",
)
def resume_webhook_endpoint(request: ApiRequest, endpoint_id: Id, idempotency_key: IdempotencyKey) -> Written:
    row = webhooks.resume_endpoint(endpoint_id=endpoint_id, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=_endpoint(row))


@writes(
    router,
    "/webhooks/endpoints/{endpoint_id}/rotate",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={200: WebhookEndpoint},
    summary="Sign with a new secret, for a while beside the present one",
)
def rotate_webhook_secret(
    request: ApiRequest, endpoint_id: Id, idempotency_key: IdempotencyKey, body: Rotation
) -> Written:
    webhooks.rotate_secret(
        endpoint_id=endpoint_id,
        overlap_hours=body.overlap_hours,
        decided_by=request.auth.name,
        moment=clock.current_moment(),
        secret=body.secret or "",
    )
    return Written(status=200, body=_endpoint(get_endpoint(endpoint_id=endpoint_id)))


@writes(
    router,
    "/webhooks/endpoints/{endpoint_id}/test",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={202: WebhookDelivery},
    summary="Send a test message to an endpoint",
)
def test_webhook_endpoint(request: ApiRequest, endpoint_id: Id, idempotency_key: IdempotencyKey) -> Written:
    delivery_id = webhooks.send_test(
        endpoint_id=endpoint_id, decided_by=request.auth.name, moment=clock.current_moment()
    )
    return Written(
        status=202, body=WebhookDelivery.model_validate(_delivery(get_delivery(delivery_id=delivery_id).row))
    )


@writes(
    router,
    "/webhooks/endpoints/{endpoint_id}",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={200: WebhookEndpoint},
    summary="Remove a webhook endpoint: its secret is forgotten, what waits is given up",
    method="DELETE",
)
def delete_webhook_endpoint(request: ApiRequest, endpoint_id: Id, idempotency_key: IdempotencyKey) -> Written:
    row = get_endpoint(endpoint_id=endpoint_id)
    webhooks.remove_endpoint(endpoint_id=endpoint_id, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=_endpoint(row))


@reads(
    router,
    "/webhooks/deliveries",
    ability=Ability.VIEW_WEBHOOKS,
    answer=WebhookDeliveryPage,
    summary="List webhook deliveries, newest first",
)
def list_webhook_deliveries(
    request: ApiRequest, wanted: Query[DeliveryFilter], limit: Limit = 50, cursor: Cursor = None
) -> WebhookDeliveryPage:
    given = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = list_deliveries(
        state=wanted.state or "",
        kind=wanted.kind or "",
        endpoint_id=wanted.endpoint_id,
        subject=("order", str(wanted.order_id)) if wanted.order_id else None,
        before_id=given[0] if given else None,
        limit=limit + 1,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    return WebhookDeliveryPage(
        items=[WebhookDelivery.model_validate(_delivery(row)) for row in shown],
        next_cursor=encode_cursor(of=_LIST, values=(last.id,)) if last else None,
    )


@reads(
    router,
    "/webhooks/deliveries/{delivery_id}",
    ability=Ability.VIEW_WEBHOOKS,
    answer=WebhookDeliveryDetail,
    summary="Show a webhook delivery with what was sent and what came back",
)
def get_webhook_delivery(request: ApiRequest, delivery_id: Id) -> WebhookDeliveryDetail:
    return _detail(get_delivery(delivery_id=delivery_id))


@writes(
    router,
    "/webhooks/deliveries/{delivery_id}/replay",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={202: WebhookDelivery},
    summary="Send a delivery again, with the same webhook-id",
)
def replay_webhook_delivery(request: ApiRequest, delivery_id: Id, idempotency_key: IdempotencyKey) -> Written:
    webhooks.replay_delivery(delivery_id=delivery_id, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(
        status=202, body=WebhookDelivery.model_validate(_delivery(get_delivery(delivery_id=delivery_id).row))
    )


@writes(
    router,
    "/webhooks/replay",
    ability=Ability.MANAGE_WEBHOOKS,
    answers={202: Replayed},
    summary="Send again what failed or was given up in a span",
)
def replay_webhooks(request: ApiRequest, idempotency_key: IdempotencyKey, body: Replay) -> Written:
    count = webhooks.replay_span(
        endpoint_id=body.endpoint_id,
        since=body.since,
        until=body.until,
        decided_by=request.auth.name,
        moment=clock.current_moment(),
    )
    return Written(status=202, body=Replayed(replayed=count))


def _form(body: GivenEndpoint) -> webhooks.EndpointForm:
    return webhooks.EndpointForm(url=body.url, description=body.description, kinds=body.kinds)


def _endpoint(row: EndpointRow) -> WebhookEndpoint:
    return WebhookEndpoint.model_validate(
        {
            "id": row.id,
            "url": row.url,
            "description": row.description,
            "kinds": list(row.kinds),
            "state": row.state,
            "state_reason": row.state_reason or None,
            "state_at": row.state_at,
            "previous_secret_until": row.previous_until,
            "failing_since": row.failing_since,
            "failures_in_row": row.failures_in_row,
            "created_by": row.created_by,
            "created_at": row.created_at,
        }
    )


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "endpoint_id": row.endpoint_id,
        "message_id": row.key,
        "kind": row.kind,
        "subject_kind": row.subject_kind,
        "subject_key": row.subject_key,
        "state": row.state,
        "attempts": row.attempts_count,
        "status": row.status,
        "error_code": row.error_code or None,
        "error": _said(row.error_code, row.error_parameters),
        "next_attempt_at": row.next_attempt_at if row.state == "waiting" else None,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


def _detail(page: DeliveryPage) -> WebhookDeliveryDetail:
    return WebhookDeliveryDetail.model_validate(
        {
            **_delivery(page.row),
            "body": json.loads(page.body),
            "answer_beginning": page.excerpt,
            "attempt_log": [
                {
                    "number": one["number"],
                    "at": one["at"],
                    "milliseconds": one["ms"],
                    "status": one["status"],
                    "error_code": one["error_code"] or None,
                    "error": _said(one["error_code"], one["error_parameters"]),
                }
                for one in page.attempts
            ],
        }
    )


def _said(code: str, parameters: Any) -> str | None:
    return webhooks.say_fault(code=code, parameters=parameters, translate=_) or None
