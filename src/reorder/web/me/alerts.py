"""How a person hears of alerts: by mail or LINE, daily at an hour or at once; and what has gone out to them."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.messaging import queries as messaging
from reorder.domain.planning import alert_people
from reorder.domain.planning.alert_people import DigestRow, Subscription
from reorder.domain.planning.errors import BadSubscription
from reorder.domain.staff import queries as staff
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability
from reorder.flows import alerting
from reorder.kernel import clock
from reorder.web.access import desk, get_actor

_SEE: Final = (Ability.VIEW_BUYING, Ability.VIEW_DEMAND)


@desk(*_SEE)
def show(request: HttpRequest) -> HttpResponse:
    """What the person has chosen."""
    user_id = get_actor(request).user_id or 0
    return render(request, "me/alerts.html", _page(user_id, wants=alert_people.find_subscription(user_id=user_id)))


@desk(*_SEE, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Keep what the person chooses; what cannot be is said above the form, with what they typed."""
    actor, user_id = get_actor(request), get_actor(request).user_id or 0
    wants = _read(request)
    try:
        alert_people.save_subscription(
            user_id=user_id,
            wants=wants,
            has_address=bool(staff.get_user_of_id(user_id=user_id).email),
            moment=clock.current_moment(),
        )
    except BadSubscription as fault:
        said = _(fault.template).format(reason=_(str(fault.parameters["reason"])))
        return render(request, "me/alerts.html", _page(user_id, wants=wants) | {"fault": said}, status=422)
    record_audit(actor=actor.name, action="alerts.subscribe", subject_kind="user", subject_key=actor.name)
    messages.success(request, _("Saved."))
    return redirect("me:alerts")


@desk(*_SEE, method="POST")
def send_again(request: HttpRequest, digest_id: int) -> HttpResponse:
    """Have a digest that LINE refused sent once more."""
    actor = get_actor(request)
    done = alerting.push_again(
        digest_id=min(digest_id, 2**63 - 1),
        user_id=actor.user_id or 0,
        decided_by=actor.name,
        moment=clock.current_moment(),
    )
    if done:
        messages.success(request, _("It is sent once more within a minute."))
    else:
        messages.warning(request, _("There is nothing to send again."))
    return redirect("me:alerts")


def _read(request: HttpRequest) -> Subscription:
    hour = request.POST.get("daily_hour", "")
    return Subscription(
        by_mail="by_mail" in request.POST,
        by_line="by_line" in request.POST,
        line_user_id=request.POST.get("line_user_id", "").replace("\x00", "").strip()[:100],
        daily_hour=int(hour) if hour.isdecimal() and len(hour) < 3 else None,
        is_urgent="is_urgent" in request.POST,
    )


def _page(user_id: int, *, wants: Subscription) -> dict[str, Any]:
    digests = alert_people.list_digests(user_id=user_id)
    return {
        "wants": wants,
        "hours": range(24),
        "address": staff.get_user_of_id(user_id=user_id).email,
        "has_line": bool(settings.REORDER.line_token),
        "holdoff": settings.REORDER.alert_holdoff_minutes,
        "digests": _with_states(digests),
    }


def _with_states(digests: list[DigestRow]) -> list[tuple[DigestRow, str]]:
    """Digests with what came of them: of mail the outbox knows."""
    keys = {one.idempotency_key for one in digests if one.way == "mail"}
    mail = messaging.find_states(idempotency_keys=keys)
    return [(one, mail.get(one.idempotency_key, one.state)) for one in digests]
