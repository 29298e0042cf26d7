"""What people decide on the desk Messages: one message, several at once, or all of a customer."""

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.messaging.errors import UnknownMessage
from reorder.domain.staff.rules import Ability
from reorder.flows import outbox as flow
from reorder.insights import messages as outbox
from reorder.insights.runs import find_work_state
from reorder.kernel import clock
from reorder.kernel.errors import Conflict
from reorder.kernel.jobs import JobName
from reorder.web.access import desk, get_actor
from reorder.web.returning import way_back

_DECIDE: Final = (Ability.DECIDE_MARKETING_MESSAGES, Ability.DECIDE_SUPPLIER_MESSAGES)
_LAST_DECISION: Final = "outbox_stopped"
_MOST_SELECTED: Final = 1000


class BadDecision(Conflict):
    code = "web.bad_decision"
    template = "Nothing can be done like that: {reason}."


@desk(*_DECIDE, method="POST")
def decide(request: HttpRequest, message_id: int) -> HttpResponse:
    """One decision about one message; what somebody else decided first stands, and the page says so."""
    ids = outbox.list_decidable_ids(actor=get_actor(request), ids=[message_id])
    if not ids:
        raise UnknownMessage(message_id=message_id)
    _act(request, action=request.POST.get("action", ""), ids=ids)
    return redirect("outbox:detail", message_id=message_id)


@desk(*_DECIDE, method="POST")
def decide_selected(request: HttpRequest) -> HttpResponse:
    """The same decision about all selected messages of a list."""
    numbers = [int(text) for text in request.POST.getlist("id") if text.isdecimal() and len(text) < 19]
    if not numbers:
        messages.warning(request, _("Select messages first: nothing was changed."))
        return redirect(_back(request))
    ids = outbox.list_decidable_ids(actor=get_actor(request), ids=numbers[:_MOST_SELECTED])
    _act(request, action=request.POST.get("action", ""), ids=ids, asked_count=len(numbers))
    return redirect(_back(request))


@desk(Ability.DECIDE_MARKETING_MESSAGES, method="POST")
def approve_all(request: HttpRequest) -> HttpResponse:
    """Approve everything that waited when the page was shown, up to a thousand at a time."""
    actor, newest = get_actor(request), request.POST.get("newest", "")
    until_id = int(newest) if newest.isdecimal() and len(newest) < 19 else 0
    found = outbox.list_messages(actor=actor, tab="waiting", limit=_MOST_SELECTED, until_id=until_id)
    changed = flow.approve_messages(
        ids=[row.id for row in found.rows], decided_by=actor.name, moment=clock.current_moment()
    )
    messages.success(request, _approved(len(changed)))
    if found.next_after:
        messages.info(request, _("More are waiting: press the button again to approve the next thousand."))
    return redirect(_back(request))


@desk(Ability.DECIDE_MARKETING_MESSAGES, method="POST")
def stop_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Withdraw all marketing that waits for its moment with one customer."""
    stopped = flow.stop_messages_of_customer(
        customer_id=min(customer_id, 2**63 - 1), decided_by=get_actor(request).name, moment=clock.current_moment()
    )
    _remember(request, stopped)
    messages.success(request, _stopped(len(stopped)))
    return redirect(_back(request))


@desk(*_DECIDE, method="POST")
def undo_last(request: HttpRequest) -> HttpResponse:
    """Take back the stops that this person made last."""
    actor = get_actor(request)
    ids = outbox.list_decidable_ids(actor=actor, ids=request.session.pop(_LAST_DECISION, []))
    changed = flow.undo_stops(ids=ids, decided_by=actor.name, moment=clock.current_moment())
    _say(request, _planned_again(len(changed)), left=len(ids) - len(changed))
    return redirect(_back(request))


def _act(request: HttpRequest, *, action: str, ids: Sequence[int], asked_count: int = 1) -> None:
    by, moment = get_actor(request).name, clock.current_moment()
    if action == "approve":
        changed = flow.approve_messages(ids=ids, decided_by=by, moment=moment)
        sentence = _approved(len(changed))
    elif action == "unapprove":
        changed = flow.take_approval_back(ids=ids, decided_by=by)
        sentence = ngettext("{count} message waits again.", "{count} messages wait again.", len(changed))
    elif action == "stop":
        changed = flow.stop_messages(ids=ids, decided_by=by, moment=moment)
        _remember(request, changed)
        sentence = _stopped(len(changed))
    elif action == "undo":
        changed = flow.undo_stops(ids=ids, decided_by=by, moment=moment)
        sentence = _planned_again(len(changed))
    elif action == "send_now":
        changed = flow.send_messages_now(ids=ids, decided_by=by, moment=moment)
        sentence = _sending(len(changed))
    else:
        _resolve(request, action=action, ids=ids)
        return
    _say(request, sentence.format(count=len(changed)), left=asked_count - len(changed))


def _resolve(request: HttpRequest, *, action: str, ids: Sequence[int]) -> None:
    """Decisions about one parked or failed message; raises MessageNotInState."""
    by, moment = get_actor(request).name, clock.current_moment()
    if action == "arrived" and len(ids) == 1:
        flow.resolve_as_sent(message_id=ids[0], decided_by=by, moment=moment)
        messages.success(request, _("Noted: it arrived. It will not be sent again."))
    elif action == "again" and len(ids) == 1:
        flow.send_again(message_id=ids[0], decided_by=by, moment=moment)
        messages.success(request, _sending(1).format(count=1))
    else:
        raise BadDecision(reason=_("choose one of the buttons"))


def _say(request: HttpRequest, sentence: str, *, left: int) -> None:
    messages.success(request, sentence)
    if left > 0:
        more = ngettext(
            "{count} was left as it is: it has gone out, or somebody decided about it first.",
            "{count} were left as they are: they have gone out, or somebody decided about them first.",
            left,
        )
        messages.warning(request, more.format(count=left))


def _approved(count: int) -> str:
    pattern = ngettext(
        "{count} message approved; it goes out at its hour.",
        "{count} messages approved; they go out at their hour.",
        count,
    )
    return pattern.format(count=count)


def _stopped(count: int) -> str:
    return ngettext("{count} message stopped.", "{count} messages stopped.", count).format(count=count)


def _planned_again(count: int) -> str:
    return ngettext("{count} message is planned again.", "{count} messages are planned again.", count).format(
        count=count
    )


def _sending(count: int) -> str:
    if not find_work_state(job=JobName.SEND_OUTBOX).is_alive:
        return _("It goes out as soon as a worker runs. None is running now; start one with: reorder work")
    return ngettext(
        "{count} message goes out within a minute.", "{count} messages go out within a minute.", count
    ).format(count=count)


def _remember(request: HttpRequest, ids: Sequence[int]) -> None:
    if ids:
        request.session[_LAST_DECISION] = list(ids)


def _back(request: HttpRequest) -> str:
    return way_back(request=request, usual=reverse("outbox:index"))
