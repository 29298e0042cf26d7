"""Alerts: what calls for somebody about stock, orders, plans and data; and putting it off."""

import datetime as dt
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, ExactAmount, Given, Id, IdempotencyKey, Key, Limit, Moment, Text, amount_of
from reorder.api.paging import decode_cursor, encode_cursor
from reorder.domain.planning.errors import UnknownAlert
from reorder.domain.staff.rules import Ability
from reorder.engine import reasons
from reorder.flows import alerting
from reorder.insights import inbox
from reorder.insights.inbox import InboxLine
from reorder.kernel import clock

router = Router(tags=["alerts"])
_LIST = "alerts"
Kind = Literal[
    "below_safety_stock",
    "runs_out",
    "excess",
    "dead_stock",
    "expiring",
    "late_order",
    "unconfirmed_order",
    "forecast_drift",
    "bad_data",
    "late_parcels",
    "privacy_requests",
    "unwelcome_marketing",
]
Severity = Literal["info", "warning", "critical"]


class Alert(Schema):
    """One condition that somebody should know or decide about; a standing one is one alert, however often seen."""

    id: int
    kind: Kind
    severity: Severity
    sku: str | None = Field(description="null where it is about no single product.")
    name: str = Field(description="Name of the product or category, or the order's number.")
    place: str | None = Field(description="null where it is about the whole shop.")
    supplier: str | None
    purchase_order: str | None
    proposal_id: int | None = Field(description="The open proposal that would mend it.")
    money_at_stake: ExactAmount = Field(description="An estimate; what it counts depends on the kind.")
    currency: str
    probability: float | None = Field(description="Of running out; null for other kinds.")
    reason_code: str
    reason: str = Field(description="In the language of Accept-Language.")
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    resolved_at: dt.datetime | None = Field(description="When the condition had ended; null: it stands.")
    snoozed_until: dt.datetime | None
    snoozed_by: str
    snooze_note: str


class AlertPage(Schema):
    """A page of alerts, the most money at stake first; resolved ones the latest first."""

    items: list[Alert]
    next_cursor: str | None


class AlertFilter(Schema):
    """What to list."""

    state: Literal["open", "snoozed", "resolved"] = Field(default="open", description="Open ones are not snoozed.")
    kind: Kind | None = None
    severity: Severity | None = None
    place: Key | None = None


class Snooze(Given):
    """Alerts by id, all of them or none, and until when they stay away; they come back at once when they get worse."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    until: Moment = Field(description="After now, at most a year ahead.")
    note: Text = ""


class Snoozed(Schema):
    """How many alerts were put off."""

    snoozed: int


@reads(
    router, "/alerts", ability=Ability.VIEW_BUYING, answer=AlertPage, summary="List alerts, most money at stake first"
)
def list_alerts(request: ApiRequest, wanted: Query[AlertFilter], limit: Limit = 50, cursor: Cursor = None) -> AlertPage:
    is_over = wanted.state == "resolved"
    name = f"{_LIST}.{'resolved' if is_over else 'open'}"
    values = decode_cursor(of=name, text=cursor, kinds=(dt.datetime if is_over else int, int))
    asked = inbox.ask(
        actor=request.auth,
        tab=wanted.state,
        kind=wanted.kind or "",
        place=wanted.place or "",
        severity=wanted.severity or "",
    )
    after = (values[0], values[1]) if values else None
    page = inbox.list_inbox(asked=asked, moment=clock.current_moment(), after=after, limit=limit)
    following = encode_cursor(of=name, values=page.next_after) if page.next_after else None
    return AlertPage(items=[_alert(line) for line in page.lines], next_cursor=following)


@writes(
    router,
    "/alerts/snooze",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: Snoozed},
    summary="Put alerts off until a moment",
)
def snooze_alerts(request: ApiRequest, idempotency_key: IdempotencyKey, body: Snooze) -> Written:
    ids = sorted(set(body.ids))
    open_ids = set(inbox.list_decidable_ids(actor=request.auth, ids=ids))
    for alert_id in ids:
        if alert_id not in open_ids:
            raise UnknownAlert(alert_id=alert_id)
    done = alerting.snooze(
        ids=ids, until=body.until, note=body.note, decided_by=request.auth.name, moment=clock.current_moment()
    )
    return Written(status=200, body=Snoozed(snoozed=len(done)))


def _alert(line: InboxLine) -> Alert:
    row = line.row
    return Alert.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "severity": row.severity,
            "sku": row.subject if line.product_id else None,
            "name": line.name,
            "place": row.place_code or None,
            "supplier": row.supplier_code or None,
            "purchase_order": row.order_number or None,
            "proposal_id": line.proposal_id,
            "money_at_stake": amount_of(minor=row.stake_minor, currency=row.currency),
            "currency": row.currency,
            "probability": row.probability,
            "reason_code": row.reason_code,
            "reason": reasons.render(code=row.reason_code, parameters=row.reason_parameters, translate=_),
            "first_seen_at": row.first_seen_at,
            "last_seen_at": row.last_seen_at,
            "resolved_at": row.resolved_at,
            "snoozed_until": row.snoozed_until,
            "snoozed_by": row.snoozed_by,
            "snooze_note": row.snooze_note,
        }
    )
