"""Reads of webhook deliveries for lists and pages."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from reorder.domain.channels.errors import UnknownDelivery
from reorder.domain.channels.models import WebhookDelivery


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery as lists show it; the next attempt is not before its own moment and its endpoint's rest."""

    id: int
    endpoint_id: int
    url: str
    endpoint_state: str
    key: str
    kind: str
    subject_kind: str
    subject_key: str
    state: str
    attempts_count: int
    next_attempt_at: dt.datetime
    is_claimed: bool
    status: int | None
    error_code: str
    error_parameters: Mapping[str, Any]
    created_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One delivery with what was sent and what came back; of the attempts the last ones, the newest last."""

    row: DeliveryRow
    body: str
    excerpt: str
    attempts: Sequence[Mapping[str, Any]]


def list_deliveries(
    *,
    state: str = "",
    kind: str = "",
    endpoint_id: int | None = None,
    subject: tuple[str, str] | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[DeliveryRow]:
    """The newest deliveries, those before `before_id` when given; of one state, kind, endpoint, subject when named.

    `subject` is its kind and key: ("order", "12").
    """
    asked = Q()
    for name, value in (("state", state), ("kind", kind), ("endpoint_id", endpoint_id)):
        if value:
            asked &= Q(**{name: value})
    if subject is not None:
        asked &= Q(message__subject_kind=subject[0], message__subject_key=subject[1])
    if before_id is not None:
        asked &= Q(pk__lt=before_id)
    found = (
        WebhookDelivery.objects.filter(asked).select_related("endpoint", "message").defer("message__body", "attempts")
    )
    return [_row(delivery) for delivery in found.order_by("-pk")[:limit]]


def get_delivery(*, delivery_id: int) -> DeliveryPage:
    """One delivery; raises UnknownDelivery."""
    found = WebhookDelivery.objects.select_related("endpoint", "message").filter(pk=delivery_id).first()
    if found is None:
        raise UnknownDelivery(delivery_id=delivery_id)
    return DeliveryPage(row=_row(found), body=found.message.body, excerpt=found.excerpt, attempts=found.attempts)


def find_last_delivery(*, endpoint_id: int) -> int | None:
    """The number of the newest delivery to an endpoint."""
    last: int | None = WebhookDelivery.objects.filter(endpoint_id=endpoint_id).aggregate(last=Max("pk"))["last"]
    return last


def count_waiting(*, most: int) -> dict[int, int]:
    """Deliveries that wait, by endpoint, each counted up to `most`; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT endpoint.id, (SELECT count(*) FROM (SELECT FROM channels_webhookdelivery AS delivery
                   WHERE delivery.endpoint_id = endpoint.id AND delivery.state = 'waiting' LIMIT %s) AS counted)
               FROM channels_webhookendpoint AS endpoint WHERE endpoint.state <> 'removed'""",
            [most],
        )
        return {int(number): int(count) for number, count in cursor.fetchall()}


def _row(found: WebhookDelivery) -> DeliveryRow:
    return DeliveryRow(
        id=found.pk,
        endpoint_id=found.endpoint_id,
        url=found.endpoint.url,
        endpoint_state=found.endpoint.state,
        key=found.message.key,
        kind=found.kind,
        subject_kind=found.message.subject_kind,
        subject_key=found.subject_key,
        state=found.state,
        attempts_count=found.attempts_count,
        next_attempt_at=max(found.next_attempt_at, found.endpoint.quiet_until or found.next_attempt_at),
        is_claimed=found.claimed_until is not None,
        status=found.status,
        error_code=found.error_code,
        error_parameters=found.error_parameters,
        created_at=found.created_at,
        finished_at=found.finished_at,
    )
