"""Tracking: who may send what people do, the piece of code for their pages, and what became of what they sent."""

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from reorder.domain.behaviour.counted import list_outcomes, sum_sources
from reorder.domain.behaviour.sources import SourceRow, get_source, list_sources
from reorder.domain.staff.rules import Ability
from reorder.flows import event_intake
from reorder.flows.shop_links import shop_address
from reorder.kernel import clock
from reorder.web.access import desk, get_actor
from reorder.web.setup.pages import show_form
from reorder.web.setup.tracking_forms import TrackingForm
from reorder.web.setup.tracking_words import BEFORE_WORDS, OUTCOME_WORDS, say_subject

_manage = Ability.MANAGE_CHANNELS
SHOWN_DAYS = 7
_MOST_SUBJECTS = 10
LONGEST_ADDRESS = 2000


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    """All sources, with what they sent lately."""
    sums = sum_sources(since=_since())
    lines = [(row, sums[row.id]) for row in list_sources() if row.id in sums]
    return render(request, "setup/tracking.html", {"lines": lines, "days": SHOWN_DAYS})


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, TrackingForm())


@desk(_manage, method="POST")
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """Make the source and show its secret, once."""
    form = TrackingForm(request.POST)
    made = form.make(
        lambda: event_intake.add_source(
            given=form.given(), decided_by=get_actor(request).name, moment=clock.current_moment()
        )
    )
    return _show(request, made[0], secret=made[1]) if made else _show_new(request, form)


@desk(_manage)
def show(request: HttpRequest, source_id: int) -> HttpResponse:
    return _show(request, get_source(source_id=source_id))


@desk(_manage)
def edit(request: HttpRequest, source_id: int) -> HttpResponse:
    row = get_source(source_id=source_id)
    known = {
        "name": row.name,
        "channel": row.channel,
        "origins": "\n".join(row.origins),
        "before_consent": row.before_consent,
        "address_patterns": "\n".join(row.address_patterns),
        "events_per_second": row.events_per_second,
    }
    return _show_edit(request, row, TrackingForm(initial=known))


@desk(_manage, method="POST")
def change(request: HttpRequest, source_id: int) -> HttpResponse:
    row = get_source(source_id=source_id)
    form = TrackingForm(request.POST)
    if not form.carry_out(
        lambda: event_intake.change_source(source_id=source_id, given=form.given(), decided_by=get_actor(request).name)
    ):
        return _show_edit(request, row, form)
    messages.success(request, _("The source is changed. What is sent from now on goes by it."))
    return redirect("setup:tracking_source", source_id=source_id)


@desk(_manage, method="POST")
def switch_off(request: HttpRequest, source_id: int) -> HttpResponse:
    event_intake.switch_source_off(source_id=source_id, decided_by=get_actor(request).name)
    messages.success(request, _("The source is switched off. What it sends is refused."))
    return redirect("setup:tracking_source", source_id=source_id)


@desk(_manage, method="POST")
def switch_on(request: HttpRequest, source_id: int) -> HttpResponse:
    event_intake.switch_source_on(source_id=source_id, decided_by=get_actor(request).name)
    messages.success(request, _("The source is switched on. What it sends is taken again."))
    return redirect("setup:tracking_source", source_id=source_id)


@desk(_manage, method="POST")
@never_cache
def renew(request: HttpRequest, source_id: int) -> HttpResponse:
    """Make a new secret and show it, once."""
    secret = event_intake.renew_secret(source_id=source_id, decided_by=get_actor(request).name)
    return _show(request, get_source(source_id=source_id), secret=secret)


def _since() -> dt.date:
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    return today - dt.timedelta(days=SHOWN_DAYS - 1)


def _show(request: HttpRequest, row: SourceRow, *, secret: str = "") -> HttpResponse:
    address = request.GET.get("address", "").strip()[:LONGEST_ADDRESS]
    outcomes = list_outcomes(source_id=row.id, since=_since())
    groups = []
    for what, words in OUTCOME_WORDS.items():
        found = [one for one in outcomes if one.what == what]
        subjects = [(say_subject(what=what, subject=one.subject), one.count) for one in found if one.subject]
        if found:
            groups.append((words, sum(one.count for one in found), subjects[:_MOST_SUBJECTS]))
    context = {
        "row": row,
        "secret": secret,
        "groups": groups,
        "before": BEFORE_WORDS[row.before_consent],
        "days": SHOWN_DAYS,
        "snippet": _snippet(row),
        "tried": event_intake.try_address(source=row, address=address) if address else None,
        "refused_count": event_intake.count_refused_today(source_id=row.id, moment=clock.current_moment()),
    }
    return render(request, "setup/tracking_source.html", context)


def _snippet(row: SourceRow) -> str:
    """What stands in the head of the shop's pages; calls made before the script is there wait in a list."""
    before = "" if row.before_consent == "counts" else f' data-before="{row.before_consent}"'
    return (
        "<script>window.reorder=window.reorder||[];"
        '["track","page","identify","consent","reset"].forEach(function(m){'
        "reorder[m]=reorder[m]||function(){reorder.push([m].concat([].slice.call(arguments)))}})</script>\n"
        f'<script async src="{shop_address()}/v1/track.js" data-key="{row.write_key}"{before}></script>'
    )


def _show_new(request: HttpRequest, form: TrackingForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add a source"),
        state=_("The next page shows the code for the shop's pages, and a secret, once."),
        eyebrow=_("Tracking"),
        back="setup:tracking",
        action="setup:create_tracking",
        button=_("Add the source"),
    )


def _show_edit(request: HttpRequest, row: SourceRow, form: TrackingForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Change the source"),
        state=_("The write key and the secret stay the same."),
        eyebrow=row.name,
        back_url=reverse("setup:tracking_source", args=[row.id]),
        action_url=reverse("setup:change_tracking", args=[row.id]),
        button=_("Save"),
    )
