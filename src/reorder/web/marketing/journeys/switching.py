"""Buttons that switch one journey: on, off, paused, resumed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import journeys
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor


@desk(Ability.EDIT_MARKETING, method="POST")
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Switch one journey; what keeps it from that is said on its page."""
    what = request.POST.get("what", "")
    name, moment = get_actor(request).name, current_moment()
    try:
        if what == "on":
            on_change: journeys.OnChange = "move" if request.POST.get("on_change") == "move" else "finish"
            journeys.switch_on(code=code, decided_by=name, moment=moment, on_change=on_change, translate=_)
            messages.success(request, _("It is on: who it is for comes in from now on."))
        elif what == "pause":
            journeys.pause(code=code, decided_by=name, moment=moment)
            messages.success(request, _("It is paused: everybody in it waits where they are."))
        elif what == "resume":
            journeys.resume(code=code, decided_by=name, moment=moment)
            messages.success(request, _("It goes on."))
        elif what == "off":
            journeys.switch_off(code=code, decided_by=name, moment=moment)
            messages.success(request, _("It is off: everybody left it, and nothing of it is sent any more."))
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    return redirect("journeys:detail", code)
