"""What people decide in the inbox: put alerts off until tomorrow, for a week or until a day, and take them back."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.planning.errors import BadSnooze
from reorder.domain.staff.rules import Ability
from reorder.flows import alerting
from reorder.insights import inbox
from reorder.kernel import clock
from reorder.web.access import desk, get_actor
from reorder.web.returning import way_back
from reorder.web.templatetags.reorder import day

_DECIDE: Final = (Ability.DECIDE_PROPOSALS, Ability.ADJUST_DEMAND)
_MOST_SELECTED: Final = 1000
_WEEK: Final = 7
# The hour at which what was put off comes back: before the morning's digest and the working day.
_BACK_AT: Final = dt.time(6)


@desk(*_DECIDE, method="POST")
def snooze(request: HttpRequest) -> HttpResponse:
    """Put the selected alerts off; what is resolved meanwhile is left as it is."""
    actor, asked = get_actor(request), _ids(request)
    if not asked:
        messages.warning(request, _("Select alerts first: nothing was changed."))
        return redirect(_back(request))
    try:
        until = _until(request)
        done = alerting.snooze(
            ids=inbox.list_decidable_ids(actor=actor, ids=asked),
            until=until,
            note=request.POST.get("note", "").replace("\x00", ""),
            decided_by=actor.name,
            moment=clock.current_moment(),
        )
    except BadSnooze as fault:
        messages.error(request, _(fault.template).format(reason=_(str(fault.parameters["reason"]))))
        return redirect(_back(request))
    back_on = day(until.astimezone(ZoneInfo(settings.REORDER.time_zone)).date())
    said = ngettext("{count} alert is put off until {day}.", "{count} alerts are put off until {day}.", len(done))
    messages.success(request, said.format(count=f"{len(done):,}", day=back_on))
    _say_left(request, left=len(asked) - len(done))
    return redirect(_back(request))


@desk(*_DECIDE, method="POST")
def wake(request: HttpRequest) -> HttpResponse:
    """Take the selected alerts back into the inbox."""
    actor, asked = get_actor(request), _ids(request)
    done = alerting.wake(ids=inbox.list_decidable_ids(actor=actor, ids=asked), decided_by=actor.name)
    said = ngettext("{count} alert is back in the inbox.", "{count} alerts are back in the inbox.", len(done))
    messages.success(request, said.format(count=f"{len(done):,}"))
    return redirect(_back(request))


def _ids(request: HttpRequest) -> list[int]:
    texts = request.POST.getlist("id")[:_MOST_SELECTED]
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]


def _until(request: HttpRequest) -> dt.datetime:
    """The moment that the form names: tomorrow, in a week, or a day of its own; raises BadSnooze."""
    zone = ZoneInfo(settings.REORDER.time_zone)
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    match request.POST.get("for", ""):
        case "day":
            until = today + dt.timedelta(days=1)
        case "week":
            until = today + dt.timedelta(days=_WEEK)
        case _:
            try:
                until = dt.date.fromisoformat(request.POST.get("until", ""))
            except ValueError:
                raise BadSnooze(reason="choose a day after today") from None
    if not today < until <= today + dt.timedelta(days=366):
        reason = "choose a day after today" if until <= today else "it reaches further than a year ahead"
        raise BadSnooze(reason=reason)
    return dt.datetime.combine(until, _BACK_AT, tzinfo=zone)


def _say_left(request: HttpRequest, *, left: int) -> None:
    if left > 0:
        more = ngettext(
            "{count} was left as it is: it has ended meanwhile.",
            "{count} were left as they are: they have ended.",
            left,
        )
        messages.warning(request, more.format(count=f"{left:,}"))


def _back(request: HttpRequest) -> str:
    return way_back(request=request, usual=reverse("alerts:index"))
