"""Signals one by one: what was told, the latest first, and a form to tell one more."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.inventory import queries as inventory
from reorder.domain.planning import signals as books
from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows.shop_calendar import take_signals
from reorder.kernel.clock import current_date, current_moment
from reorder.kernel.errors import explain_error
from reorder.web.access import desk, get_actor
from reorder.web.calendar.forms import SignalForm
from reorder.web.calendar.words import SIGNAL_WORDS

_PAGE_ROWS = 50


@desk(Ability.VIEW_DEMAND)
def index(request: HttpRequest) -> HttpResponse:
    """What was told, version by version."""
    return _show(request)


@desk(Ability.ADJUST_DEMAND, method="POST")
def tell(request: HttpRequest) -> HttpResponse:
    """Record one value; the next night knows it."""
    actor = get_actor(request)
    form = _form(actor=actor, given=request.POST)
    if form.is_valid():
        outcome = take_signals(
            signals=[form.to_signal()],
            source=f"screen:{actor.name}"[:200],
            moment=current_moment(),
            told_by=actor.name,
        )
        if not outcome.faults:
            if outcome.added_count:
                messages.success(request, _("Recorded; the next night knows it."))
            else:
                messages.info(request, _("This stood in the books already; nothing was changed."))
            return redirect("calendar:signals")
        form.add_error(None, explain_error(error=outcome.faults[0], translate=_))
    return _show(request, form=form, status=422)


def _show(request: HttpRequest, *, form: SignalForm | None = None, status: int = 200) -> HttpResponse:
    actor = get_actor(request)
    kind = request.GET.get("kind", "")
    after = request.GET.get("after", "")
    rows = books.list_signals(
        limit=_PAGE_ROWS + 1,
        after_id=int(after) if after.isdecimal() and len(after) < 19 else None,
        kind=kind if kind in SIGNAL_WORDS else None,
    )
    shown = rows[:_PAGE_ROWS]
    may_change = actor.may(Ability.ADJUST_DEMAND)
    context: dict[str, Any] = {
        "rows": [(row, SIGNAL_WORDS.get(row.kind, row.kind)) for row in shown],
        "next_after": shown[-1].id if len(rows) > _PAGE_ROWS else None,
        "kind": kind,
        "kinds": list(SIGNAL_WORDS.items()),
        "form": form or (_form(actor=actor) if may_change else None),
        "everywhere": ALL_PLACES,
    }
    return render(request, "calendar/signals.html", context, status=status)


def _form(*, actor: Actor, given: Any = None) -> SignalForm:
    today = current_date(time_zone=settings.REORDER.time_zone)
    return SignalForm(
        given,
        initial={"date": today, "place": ALL_PLACES},
        places=[(place.code, place.name) for place in inventory.list_places() if actor.may_at(place.code)],
        may_everywhere=not actor.place_codes,
    )
