"""Webhook endpoints: who is told what happens here. Secrets are shown once."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from reorder.domain.channels.webhook_endpoints import EndpointRow, get_endpoint, list_endpoints
from reorder.domain.channels.webhook_pages import count_waiting, list_deliveries
from reorder.domain.staff.rules import Ability
from reorder.flows import webhooks
from reorder.kernel import clock
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import shop_moment
from reorder.web.setup.pages import show_form
from reorder.web.setup.webhook_forms import ReplayForm, RotateForm, WebhookForm
from reorder.web.setup.webhook_words import REASON_WORDS, kind_word, say_last, say_subject, state_of

_see = Ability.VIEW_WEBHOOKS
_manage = Ability.MANAGE_WEBHOOKS
_WAITING_COUNTED = 1_000
_LATEST = 10


@desk(_see)
def index(request: HttpRequest) -> HttpResponse:
    waiting = count_waiting(most=_WAITING_COUNTED + 1)
    lines = [(row, state_of(row.state), waiting.get(row.id, 0)) for row in list_endpoints()]
    return render(request, "setup/webhooks.html", {"lines": lines, "most": _WAITING_COUNTED, **_rights(request)})


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, WebhookForm())


@desk(_manage, method="POST")
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """Add the endpoint and show its secret, once."""
    form = WebhookForm(request.POST)
    made = form.make(
        lambda: webhooks.add_endpoint(
            given=form.given(), decided_by=get_actor(request).name, moment=clock.current_moment()
        )
    )
    return _show_secret(request, *made) if made else _show_new(request, form)


@desk(_see)
def show(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    return _draw(request, get_endpoint(endpoint_id=endpoint_id))


@desk(_manage)
def edit(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    row = get_endpoint(endpoint_id=endpoint_id)
    known = {"url": row.url, "description": row.description, "kinds": list(row.kinds)}
    return _show_edit(request, row, WebhookForm(initial=known))


@desk(_manage, method="POST")
def change(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    row = get_endpoint(endpoint_id=endpoint_id)
    form = WebhookForm(request.POST)
    if not form.carry_out(
        lambda: webhooks.change_endpoint(
            endpoint_id=endpoint_id, given=form.given(), decided_by=get_actor(request).name
        )
    ):
        return _show_edit(request, row, form)
    messages.success(request, _("The endpoint is changed."))
    return redirect("setup:webhook", endpoint_id=endpoint_id)


@desk(_manage, method="POST")
def pause(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    webhooks.pause_endpoint(endpoint_id=endpoint_id, decided_by=get_actor(request).name, moment=clock.current_moment())
    messages.success(request, _("Nothing is sent to it. What happens meanwhile waits."))
    return redirect("setup:webhook", endpoint_id=endpoint_id)


@desk(_manage, method="POST")
def resume(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    webhooks.resume_endpoint(endpoint_id=endpoint_id, decided_by=get_actor(request).name, moment=clock.current_moment())
    messages.success(request, _("It is told again what happens."))
    return redirect("setup:webhook", endpoint_id=endpoint_id)


@desk(_manage, method="POST")
def test(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Send a test message, and show how it fares."""
    delivery_id = webhooks.send_test(
        endpoint_id=endpoint_id, decided_by=get_actor(request).name, moment=clock.current_moment()
    )
    return redirect("setup:webhook_delivery", delivery_id=delivery_id)


@desk(_manage, method="POST")
@never_cache
def rotate(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Make a new secret and show it, once."""
    row = get_endpoint(endpoint_id=endpoint_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        return _draw(request, row, rotating=form)
    secret = webhooks.rotate_secret(
        endpoint_id=endpoint_id,
        overlap_hours=form.cleaned_data["overlap_hours"],
        decided_by=get_actor(request).name,
        moment=clock.current_moment(),
    )
    return _show_secret(request, get_endpoint(endpoint_id=endpoint_id), secret)


@desk(_manage, method="POST")
def remove(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    webhooks.remove_endpoint(endpoint_id=endpoint_id, decided_by=get_actor(request).name, moment=clock.current_moment())
    messages.success(request, _("The endpoint is removed. Its deliveries can still be looked at."))
    return redirect("setup:webhooks")


@desk(_manage, method="POST")
def replay(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Send again what failed or was given up in a span."""
    row = get_endpoint(endpoint_id=endpoint_id)
    form = ReplayForm(request.POST)
    count = form.make(
        lambda: webhooks.replay_span(
            endpoint_id=endpoint_id,
            since=form.cleaned_data["since"],
            until=form.cleaned_data["until"],
            decided_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    )
    if count is None:
        return _draw(request, row, replaying=form)
    said = ngettext("{count} delivery goes out again.", "{count} deliveries go out again.", count)
    messages.success(request, said.format(count=f"{count:,}") if count else _("Nothing failed in this span."))
    return redirect("setup:webhook", endpoint_id=endpoint_id)


def _rights(request: HttpRequest) -> dict[str, bool]:
    return {"may_manage": get_actor(request).may(_manage)}


def _draw(
    request: HttpRequest,
    row: EndpointRow,
    *,
    rotating: RotateForm | None = None,
    replaying: ReplayForm | None = None,
) -> HttpResponse:
    moment = clock.current_moment()
    since = row.failing_since or (row.state_at if row.state == "disabled" else moment - dt.timedelta(days=1))
    initial = {
        "since": shop_moment(since - dt.timedelta(minutes=1)),
        "until": shop_moment(moment + dt.timedelta(minutes=1)),
    }
    context = {
        "row": row,
        "mark": state_of(row.state),
        "kinds": [(kind, kind_word(kind)) for kind in row.kinds],
        "reason": REASON_WORDS.get(row.state_reason, ""),
        "waiting": count_waiting(most=_WAITING_COUNTED + 1).get(row.id, 0),
        "most": _WAITING_COUNTED,
        "is_quiet": row.quiet_until is not None and row.quiet_until > moment,
        "is_rotating": row.previous_until is not None and row.previous_until > moment,
        "latest": [
            (one, say_subject(one), say_last(one)) for one in list_deliveries(endpoint_id=row.id, limit=_LATEST)
        ],
        "rotating": rotating or RotateForm(),
        "replaying": replaying or ReplayForm(initial=initial),
        **_rights(request),
    }
    return render(request, "setup/webhook.html", context, status=422 if rotating or replaying else 200)


def _show_new(request: HttpRequest, form: WebhookForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add a webhook endpoint"),
        state=_("The next page shows the secret with which its messages are signed, once."),
        eyebrow=_("Webhooks"),
        back="setup:webhooks",
        action="setup:create_webhook",
        button=_("Add the endpoint"),
    )


def _show_edit(request: HttpRequest, row: EndpointRow, form: WebhookForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Change the endpoint"),
        state=_("The secret stays the same."),
        eyebrow=webhooks.host_of(url=row.url),
        back_url=reverse("setup:webhook", args=[row.id]),
        action_url=reverse("setup:change_webhook", args=[row.id]),
        button=_("Save"),
    )


def _show_secret(request: HttpRequest, row: EndpointRow, secret: str) -> HttpResponse:
    return render(request, "setup/webhook_secret.html", {"row": row, "secret": secret})
