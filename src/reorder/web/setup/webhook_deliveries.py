"""Deliveries of webhooks: what was sent to whom, what came back, and sending it again."""

import datetime as dt
import json
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.channels.webhook_endpoints import list_endpoints
from reorder.domain.channels.webhook_pages import DeliveryPage, DeliveryRow, get_delivery, list_deliveries
from reorder.domain.staff.rules import Ability
from reorder.flows import webhooks
from reorder.insights.runs import find_work_state
from reorder.kernel import clock
from reorder.kernel.jobs import JobName
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.returning import way_back
from reorder.web.setup.webhook_words import kind_word, say_answer, say_last, say_subject
from reorder.web.templatetags.reorder import moment as said_moment
from reorder.web.templatetags.reorder import state_mark

_see = Ability.VIEW_WEBHOOKS
_STATES: Final = ("waiting", "failed", "given_up", "delivered")
_FILTERS: Final = ("kind", "endpoint", "order")
_LARGEST: Final = 2**63 - 1
_SPEC: Final = lists.ListSpec(
    page="setup.webhook_deliveries",
    columns=(
        lists.Column("event", gettext_lazy("Event type")),
        lists.Column("subject", gettext_lazy("About")),
        lists.Column("when", gettext_lazy("Happened"), "date"),
        lists.Column("endpoint", gettext_lazy("To")),
        lists.Column("state", gettext_lazy("State"), "state"),
        lists.Column("attempts", gettext_lazy("Attempts"), "number"),
        lists.Column("answer", gettext_lazy("Last answer")),
        lists.Column("next", gettext_lazy("Next attempt"), "date"),
        lists.Column("key", gettext_lazy("webhook-id"), is_default=False),
    ),
    tabs=(
        lists.Tab("all", gettext_lazy("All")),
        lists.Tab("waiting", gettext_lazy("Waiting")),
        lists.Tab("failed", gettext_lazy("Failed")),
        lists.Tab("given_up", gettext_lazy("Given up")),
        lists.Tab("delivered", gettext_lazy("Delivered")),
    ),
    has_search=False,
    search_label=gettext_lazy("Webhook deliveries"),
    has_export=False,
    filters=_FILTERS,
)


@desk(_see)
def index(request: HttpRequest) -> HttpResponse:
    state = lists.read_state(request=request, spec=_SPEC)
    order_id = _number(state, "order")
    found = list_deliveries(
        state=state.tab if state.tab in _STATES else "",
        kind=state.filters.get("kind", ""),
        endpoint_id=_number(state, "endpoint"),
        subject=("order", str(order_id)) if order_id else None,
        before_id=lists.read_last_id(state=state),
        limit=lists.PAGE_SIZE + 1,
    )
    page = found[: lists.PAGE_SIZE]
    listed = lists.make_page(
        request=request,
        spec=_SPEC,
        state=state,
        rows=[_row(row, state) for row in page],
        next_after=(page[-1].id,) if len(found) > lists.PAGE_SIZE else None,
    )
    context = {
        "list": listed,
        "filters": state.filters,
        "tab": state.tab,
        "kinds": [(kind, kind_word(kind)) for kind in (*webhooks.KINDS, webhooks.TEST)],
        "endpoints": [(str(row.id), row.description or webhooks.host_of(url=row.url)) for row in list_endpoints()],
    }
    return render(request, "setup/webhook_deliveries.html", context)


@desk(_see)
def show(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """One delivery; the part of it that changes while it waits is the fragment `progress`."""
    return render(request, "setup/webhook_delivery.html", _context(request, get_delivery(delivery_id=delivery_id)))


@desk(_see)
def progress(request: HttpRequest, delivery_id: int) -> HttpResponse:
    return render(request, "setup/_webhook_delivery.html", _context(request, get_delivery(delivery_id=delivery_id)))


@desk(Ability.MANAGE_WEBHOOKS, method="POST")
def replay(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Send it again, or at once."""
    webhooks.replay_delivery(delivery_id=delivery_id, decided_by=get_actor(request).name, moment=clock.current_moment())
    messages.success(request, _("It goes out again, with the same webhook-id."))
    return redirect(way_back(request=request, usual=reverse("setup:webhook_delivery", args=[delivery_id])))


def _number(state: lists.ListState, name: str) -> int | None:
    """A number out of the address; raises BadFilter."""
    text = state.filters.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > _LARGEST:
        raise lists.BadFilter(value=text, name=name, reason="it is not a number")
    return int(text)


def _row(row: DeliveryRow, state: lists.ListState) -> lists.Row:
    cells = {
        "event": lists.Cell(row.kind),
        "subject": lists.Cell(say_subject(row)),
        "when": lists.Cell(said_moment(row.created_at), "date"),
        "endpoint": lists.Cell(webhooks.host_of(url=row.url)),
        "state": lists.Cell(state_mark(row.state)),
        "attempts": lists.Cell(str(row.attempts_count), "number"),
        "answer": lists.Cell(say_last(row)),
        "next": lists.Cell(said_moment(row.next_attempt_at) if row.state == "waiting" else "–", "date"),
        "key": lists.Cell(row.key),
    }
    url = reverse("setup:webhook_delivery", args=[row.id])
    return lists.Row(key=str(row.id), url=url, cells=[cells[column.key] for column in state.columns])


def _context(request: HttpRequest, page: DeliveryPage) -> dict[str, Any]:
    row = page.row
    attempts = [
        {
            **attempt,
            "said": say_answer(
                status=attempt.get("status"),
                error_code=attempt.get("error_code", ""),
                error_parameters=attempt.get("error_parameters") or {},
            ),
        }
        for attempt in reversed(page.attempts)
    ]
    return {
        "row": row,
        "event": kind_word(row.kind),
        "about": say_subject(row),
        "subject_url": reverse("orders:order", args=[row.subject_key]) if row.subject_kind == "order" else "",
        "last": say_last(row),
        "attempts": [{**one, "at": _moment(one.get("at"))} for one in attempts],
        "body": json.dumps(json.loads(page.body), ensure_ascii=False, indent=2),
        "excerpt": page.excerpt,
        "headers": _headers(page),
        "can_replay": row.endpoint_state in {"active", "paused"} and not row.is_claimed,
        "may_manage": get_actor(request).may(Ability.MANAGE_WEBHOOKS),
        "work": find_work_state(job=JobName.SEND_WEBHOOKS) if row.state == "waiting" else None,
    }


def _headers(page: DeliveryPage) -> list[tuple[str, str]]:
    """What the last attempt sent; nothing before the first."""
    if not page.attempts:
        return []
    last = page.attempts[-1]
    at = _moment(last.get("at"))
    headers = webhooks.request_headers(
        message_id=page.row.key, timestamp=int(at.timestamp()) if at else 0, signature=str(last.get("signature", ""))
    )
    return list(headers.items())


def _moment(text: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
